package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Bundle is a loaded policy: everything is looked up, sets are expanded, and every element says where it is written. Order
// has no meaning anywhere in it. It is immutable and safe for concurrent use.
type Bundle struct {
	// Documents are sorted: definitions before policies, each by name.
	Documents []*Document
	// Warnings are what is probably a mistake; with [Options.Strict] they are errors and there is no bundle.
	Warnings Problems

	canonical []byte
	sources   []Source
}

// DocumentKind says what a document is. The zero DocumentKind is none.
type DocumentKind uint8

// The kinds of document. The sets of definitions can be used by every document, those of a policy by itself alone, where
// they go before definitions of the same name.
const (
	Definitions DocumentKind = iota + 1
	Policy
)

// String returns the key that starts such a document.
func (k DocumentKind) String() string {
	switch k {
	case Definitions:
		return "definitions"
	case Policy:
		return "policy"
	default:
		return "document"
	}
}

// Enforce says whether something takes effect. The zero Enforce is Live.
type Enforce uint8

// The degrees of enforcement. Of an element and its document, the higher degree holds.
const (
	Live     Enforce = iota
	Shadow           // is evaluated beside what is live, and only differences are logged
	Disabled         // is checked at load and has no effect
)

var enforceNames = []string{"live", "shadow", "disabled"}

// String returns the name that policies use.
func (e Enforce) String() string { return enforceNames[min(int(e), len(enforceNames)-1)] }

// Document is one YAML document of a bundle.
type Document struct {
	Pos                Position
	Kind               DocumentKind
	Name               string
	Description, Owner string
	Enforce            Enforce
	Shipped            bool // it came with [Options.Shipped]

	Statements  []*Statement
	Boundaries  []*Boundary
	Roles       []*Role
	Assignments []*Assignment
	Elevations  []*Elevation
	Tests       []*Test

	node *yaml.Node
}

// Version identifies what the bundle says: the SHA-256 of its canonical form, in hex. It does not depend on file names, the
// order of documents, layout or comments. The tests are part of it.
func (b *Bundle) Version() string {
	sum := sha256.Sum256(b.canonical)
	return hex.EncodeToString(sum[:])
}

// Canonical returns the canonical form: one line of JSON for each document, which loads as a file NAME.json to a bundle of the
// same version. It must not be changed.
func (b *Bundle) Canonical() []byte { return b.canonical }

// Sources returns what was loaded, shipped documents that were replaced included. It must not be changed.
func (b *Bundle) Sources() []Source { return b.sources }

// Role returns the role with this name, nil if there is none.
func (b *Bundle) Role(name string) *Role {
	for _, d := range b.Documents {
		if i := slices.IndexFunc(d.Roles, func(r *Role) bool { return r.Name == name }); i >= 0 {
			return d.Roles[i]
		}
	}
	return nil
}

// HasTests reports whether any document has tests, so that a fixture is needed.
func (b *Bundle) HasTests() bool {
	return slices.ContainsFunc(b.Documents, func(d *Document) bool { return len(d.Tests) > 0 })
}
