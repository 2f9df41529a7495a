package bundle

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/directory"
	"gatehouse/directory/schema"

	"go.yaml.in/yaml/v3"
)

// Options says against what a bundle is loaded. The zero Options is the standard schema and nothing known of the server.
type Options struct {
	// Schema knows the attributes and object classes. nil is the standard schema.
	Schema *schema.Schema
	// Shipped is what the server brings. A document of the bundle with the kind and name of a shipped one replaces it.
	Shipped []Source
	// NamingContexts are those of the server, for finding targets that lie outside. nil: not known, nothing is said.
	NamingContexts []directory.NDN
	// Now is the time at which statements that are over are told. Zero: not known, nothing is said.
	Now time.Time
	// Strict makes every warning an error.
	Strict bool
}

// Load reads, checks and resolves a bundle. The error is a [Problems] with every mistake that was found; then there is no
// bundle. Load does not look at the directory: that somebody who can bind holds policy.write (V6), and that the groups and
// entries named in it are there (V5), is for the caller to see to, with [Bundle.Grants] and [Bundle.Names].
func Load(sources []Source, o Options) (*Bundle, error) {
	if o.Schema == nil {
		o.Schema = schema.Standard()
	}
	l := &loader{
		Options: o, shared: map[setKey]*set{}, ids: map[string]Position{}, roles: map[string]*Role{}, elevations: map[string]*Elevation{},
	}
	l.read(o.Shipped, true)
	l.read(sources, false)
	l.bound()
	l.index()
	for _, d := range l.docs {
		l.document(d)
	}
	for _, finish := range l.later {
		finish()
	}
	for _, check := range l.last {
		check()
	}
	l.validate()
	if o.Strict {
		l.problems = append(l.problems, l.warnings...)
	}
	if len(l.problems) > 0 {
		return nil, l.found()
	}
	b := &Bundle{Warnings: l.warnings.sort(), sources: slices.Concat(o.Shipped, sources)}
	for _, d := range l.docs {
		b.Documents = append(b.Documents, d.Document)
	}
	b.canonical = canonical(b.Documents)
	return b, nil
}

// found returns the problems, as many as a person reads.
func (l *loader) found() Problems {
	ps := l.problems.sort()
	if more := len(ps) - problemsMax; more > 0 {
		ps = append(ps[:problemsMax:problemsMax], Problem{Message: fmt.Sprintf("%d more problems", more)})
	}
	return ps
}

// loader is the state of one Load.
type loader struct {
	Options
	problems, warnings Problems
	docs               []*document
	shared             map[setKey]*set     // of definitions
	ids                map[string]Position // of statements, boundaries, assignments and elevations
	roles              map[string]*Role
	elevations         map[string]*Elevation
	later              []func()        // what needs every document to be read
	last               []func()        // what needs every role to be known, too
	deciders           map[string]bool // ids that can decide a test
}

// document is a document that is being read.
type document struct {
	*Document
	*checker
	sets map[setKey]*set
	l    *loader
}

// read parses files, checks their form and takes over their documents.
func (l *loader) read(sources []Source, shipped bool) {
	bytes := 0
	for i, s := range sources {
		bytes += len(s.Text)
		if i >= filesMax || bytes > bundleBytesMax {
			l.problem(Position{File: s.Name, Line: 1, Column: 1}, "", "more than %d files, or %d bytes in all", filesMax, bundleBytesMax)
			return
		}
		nodes, p := parse(s)
		if p != nil {
			l.problems = append(l.problems, *p)
			continue
		}
		for _, n := range nodes {
			d := newDocument(l, s.Name, n, shipped)
			l.docs = append(l.docs, d)
		}
	}
}

// newDocument checks the form of a document.
func newDocument(l *loader, file string, n *yaml.Node, shipped bool) *document {
	c := &checker{file: file, problems: &l.problems, bad: map[*yaml.Node]bool{}}
	root := n.Content[0]
	d := &document{Document: &Document{Pos: c.at(root), Shipped: shipped, node: root}, checker: c, sets: map[setKey]*set{}, l: l}
	if c.general(root, 1) {
		c.check(root, grammar)
	} else {
		c.bad[root] = true
	}
	if root.Kind != yaml.MappingNode || c.bad[root] {
		return d
	}
	policy, isPolicy := d.text(root, "policy")
	definitions, isDefinitions := d.text(root, "definitions")
	switch {
	case isPolicy && isDefinitions:
		c.fail(root, "a document is either a policy or definitions, not both")
	case isPolicy:
		d.Kind, d.Name = Policy, policy
	case isDefinitions:
		d.Kind, d.Name = Definitions, definitions
	case key(root, "policy") == nil && key(root, "definitions") == nil:
		c.fail(root, "a policy document needs the key %q or %q", "policy", "definitions")
	}
	return d
}

// bound takes out shipped documents that are replaced, and refuses what is too much or there twice.
func (l *loader) bound() {
	type id struct {
		kind DocumentKind
		name string
	}
	given := map[id]Position{}
	for _, d := range l.docs {
		at, twice := given[id{d.Kind, d.Name}]
		switch {
		case d.Kind == 0 || d.Shipped:
		case twice:
			l.problem(d.Pos, "", "there are two documents of the name %s %s; the other is at %s", d.Kind, d.Name, at)
		default:
			given[id{d.Kind, d.Name}] = d.Pos
		}
	}
	l.docs = slices.DeleteFunc(l.docs, func(d *document) bool {
		_, replaced := given[id{d.Kind, d.Name}]
		return d.Shipped && replaced
	})
	if len(l.docs) > documentsMax {
		l.problem(l.docs[documentsMax].Pos, "", "more than %d documents", documentsMax)
		l.docs = l.docs[:documentsMax]
	}
	slices.SortStableFunc(l.docs, func(a, b *document) int {
		if a.Kind != b.Kind {
			return int(a.Kind) - int(b.Kind)
		}
		return strings.Compare(a.Name, b.Name)
	})
}

func (l *loader) problem(at Position, rule Rule, format string, args ...any) {
	l.problems = append(l.problems, Problem{Position: at, Rule: rule, Message: fmt.Sprintf(format, args...)})
}

func (l *loader) warn(at Position, format string, args ...any) {
	l.warnings = append(l.warnings, Problem{Position: at, Rule: V5, Message: fmt.Sprintf(format, args...)})
}
