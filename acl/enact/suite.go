package enact

import (
	"errors"
	"slices"
	"time"

	"gatehouse/acl/bundle"
	"gatehouse/acl/shipped"
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// Report is what became of the inline tests of a bundle.
type Report struct {
	Version string   `json:"version"` // of the bundle
	Results []Result `json:"results"`

	bundle *bundle.Bundle
	tested func(*bundle.Document) bool
}

// OK reports whether every test passed.
func (r *Report) OK() bool {
	return !slices.ContainsFunc(r.Results, func(one Result) bool { return !one.OK })
}

// Test loads a bundle as [Load] does and runs its inline tests: those of the documents that are given on the fixture given, or, if none
// are given, those of the shipped documents on theirs. Without [Settings.Contexts] the fixture says what ${suffix} stands for.
func Test(given []bundle.Source, fixture bundle.Source, o Settings) (*Report, error) {
	s, err := newSuite(given, fixture, o)
	if err != nil {
		return nil, err
	}
	t, err := s.tester()
	if err != nil {
		return nil, err
	}
	r := &Report{Version: s.loaded.Bundle.Version(), Results: []Result{}, bundle: s.loaded.Bundle, tested: s.tested}
	for _, d := range s.loaded.Bundle.Documents {
		if !s.tested(d) {
			continue
		}
		for _, test := range d.Tests {
			result := t.Run(test)
			result.Document = d.Name
			r.Results = append(r.Results, result)
		}
	}
	return r, nil
}

// suite is a bundle with the fixture that its tests run on.
type suite struct {
	loaded  *Loaded
	fixture *bundle.Fixture
	o       Settings
	own     bool // the shipped documents are what is tested
}

var errNoFixture = errors.New("the bundle has tests and no fixture: put fixture.yaml beside it, or name one")

func newSuite(given []bundle.Source, fixture bundle.Source, o Settings) (*suite, error) {
	if o.Schema == nil {
		o.Schema = schema.Standard()
	}
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	s := &suite{own: len(given) == 0}
	if s.own && len(fixture.Text) == 0 {
		fixture = shipped.Fixture()
	}
	s.fixture = new(bundle.Fixture)
	if len(fixture.Text) > 0 {
		var err error
		if s.fixture, err = bundle.LoadFixture(fixture, o.Schema); err != nil {
			return nil, err
		}
	}
	if len(o.Contexts) == 0 {
		o.Contexts = Contexts(s.fixture)
	}
	var err error
	if s.loaded, err = Load(given, o); err != nil {
		return nil, err
	}
	s.o = o
	if len(fixture.Text) == 0 && slices.ContainsFunc(s.loaded.Bundle.Documents, func(d *bundle.Document) bool { return s.tested(d) && len(d.Tests) > 0 }) {
		return nil, errNoFixture
	}
	return s, nil
}

// tested reports whether the document is one of those whose tests run and whose statements they have to cover.
func (s *suite) tested(d *bundle.Document) bool { return s.own || !d.Shipped }

func (s *suite) tester() (*Tester, error) {
	return NewTester(s.loaded.Bundle, s.fixture, s.o.Schema, s.o.Contexts, s.o.Now)
}

// serverNames are the entries that the server makes: no naming contexts.
var serverNames = []directory.NDN{"", "cn=subschema", "cn=monitor", "cn=gatehouse"}

// Contexts returns the naming contexts of a fixture: its entries that stand below no other one, those apart that a server makes.
func Contexts(f *bundle.Fixture) (list []directory.NDN) {
	for _, e := range f.Entries {
		made := slices.ContainsFunc(serverNames, func(n directory.NDN) bool { return e.NDN == n || n != "" && e.NDN.IsUnder(n) })
		below := slices.ContainsFunc(f.Entries, func(o *bundle.FixtureEntry) bool { return o.NDN != e.NDN && o.NDN != "" && e.NDN.IsUnder(o.NDN) })
		if !made && !below {
			list = append(list, e.NDN)
		}
	}
	return list
}
