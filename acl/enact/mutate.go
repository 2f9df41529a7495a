package enact

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"gatehouse/acl"
	"gatehouse/acl/bundle"
)

// MutationReport says which changes of a bundle its tests do not notice.
type MutationReport struct {
	Mutants    int        `json:"mutants"`    // that were tried; those that mean the same as the bundle are not among them
	Equivalent int        `json:"equivalent"` // that mean the same
	Survivors  []Survivor `json:"survivors"`  // sorted by file and line
}

// Survivor is a change that no test notices.
type Survivor struct {
	ID       string `json:"id"` // of the statement, boundary, assignment or elevation
	Document string `json:"document"`
	Change   string `json:"change"`
	File     string `json:"file"`
	Line     int    `json:"line"`
}

// ErrTestsFail says that mutation makes no sense: the tests fail without a change already.
var ErrTestsFail = errors.New("the tests fail without any change")

// Mutate removes or weakens every statement, boundary, permit, assignment and elevation in turn and runs the inline tests, as [Test]
// does. What nobody can tell from the bundle as it is, however it is asked, is no survivor.
func Mutate(ctx context.Context, given []bundle.Source, fixture bundle.Source, o Settings) (MutationReport, error) {
	report := MutationReport{Survivors: []Survivor{}}
	s, err := newSuite(given, fixture, o)
	if err != nil {
		return report, err
	}
	if name, err := s.failing(); err != nil || name != "" {
		return report, errors.Join(err, fmt.Errorf("%w: %s", ErrTestsFail, name))
	}
	list := mutants(s.loaded.Bundle, s.tested)
	fates := make([]fate, len(list))
	if err := s.tryAll(ctx, list, fates); err != nil {
		return report, err
	}
	for i, f := range fates {
		switch f {
		case equivalent:
			report.Equivalent++
			continue
		case survived:
			report.Survivors = append(report.Survivors, list[i].Survivor)
		}
		report.Mutants++
	}
	slices.SortFunc(report.Survivors, func(a, b Survivor) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), strings.Compare(a.ID, b.ID), strings.Compare(a.Change, b.Change))
	})
	return report, nil
}

// fate is what became of a mutant.
type fate uint8

const (
	noticed fate = iota // by a test, or because it cannot be compiled
	survived
	equivalent
)

// failing returns the name of a test that fails without a change.
func (s *suite) failing() (string, error) {
	t, err := s.tester()
	if err != nil {
		return "", err
	}
	for _, d := range s.loaded.Bundle.Documents {
		for _, test := range d.Tests {
			if s.tested(d) && !t.passes(test) {
				return d.Name + ": " + test.Name, nil
			}
		}
	}
	return "", nil
}

// tryAll tries the mutants on every processor. Each worker has a tester, and with it a directory, of its own.
func (s *suite) tryAll(ctx context.Context, list []mutant, fates []fate) error {
	next := make(chan int)
	workers := min(runtime.GOMAXPROCS(0), len(list))
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			t, err := s.tester()
			for i := range next {
				if err == nil {
					fates[i], err = s.try(t, &list[i])
				}
			}
			errs[w] = err
		})
	}
	for i := range list {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	wg.Wait()
	return errors.Join(append(errs, ctx.Err())...)
}

// try asks the tests of a mutant until one fails, those that its statement is named in first.
func (s *suite) try(t *Tester, m *mutant) (fate, error) {
	b := *s.loaded.Bundle
	b.Documents = m.documents
	p, err := acl.Compile(Program(&b, s.o.Schema, s.o.Contexts, s.o.Now), s.o.Schema)
	if err != nil {
		return noticed, nil // a bundle that cannot be loaded is noticed
	}
	one := *t
	one.bundle, one.policy = &b, p
	for _, test := range s.order(m) {
		if !one.passes(test) {
			return noticed, nil
		}
	}
	if _, same := compare(s.loaded, &Loaded{Bundle: &b, Policy: p, Schema: s.o.Schema}); same {
		return equivalent, nil
	}
	return survived, nil
}

// order returns the tests, those first that are likely to notice.
func (s *suite) order(m *mutant) []*bundle.Test {
	_, id, _ := strings.Cut("/"+m.ID, "/")
	var named, near, far []*bundle.Test
	for _, d := range s.loaded.Bundle.Documents {
		if !s.tested(d) {
			continue
		}
		for _, test := range d.Tests {
			switch {
			case test.By != "" && strings.HasSuffix(test.By, id):
				named = append(named, test)
			case d.Name == m.Document:
				near = append(near, test)
			default:
				far = append(far, test)
			}
		}
	}
	return slices.Concat(named, near, far)
}
