package enact

import (
	"fmt"
	"slices"

	"gatehouse/acl/bundle"
	"gatehouse/directory"
)

// option is one way to change something.
type option[T any] struct {
	change string
	value  T
}

// suffixName is every naming context.
func suffixName(n *bundle.Name) *bundle.Name {
	return &bundle.Name{Pos: n.Pos, Text: "${suffix}", Anchor: bundle.AnchorSuffix}
}

// widerSubjects drops what is subtracted, one term after the other, and all that a subject says.
func widerSubjects(s *bundle.Subject) (list []option[*bundle.Subject]) {
	if s == nil {
		return nil
	}
	if s.Unless != nil {
		now := *s
		now.Unless = nil
		list = append(list, option[*bundle.Subject]{"without unless", &now})
	}
	for i := range s.Terms {
		now := *s
		if now.Terms = slices.Delete(slices.Clone(s.Terms), i, i+1); len(now.Terms) > 0 {
			list = append(list, option[*bundle.Subject]{fmt.Sprintf("without term %d of the subject", i+1), &now})
		}
	}
	return append(list, option[*bundle.Subject]{"for anyone", &bundle.Subject{Pos: s.Pos, Terms: []bundle.SubjectTerm{bundle.Anyone{}}}})
}

// lessGuarded drops what a target includes and excludes.
func lessGuarded(t *bundle.Target) (list []option[*bundle.Target]) {
	if t == nil {
		return nil
	}
	with := func(change string, edit func(*bundle.Target)) {
		now := *t
		edit(&now)
		list = append(list, option[*bundle.Target]{change, &now})
	}
	if t.Protected || t.Privileged {
		with("without include", func(t *bundle.Target) { t.Protected, t.Privileged = false, false })
	}
	for i := range t.Exclude {
		with(fmt.Sprintf("without exclude %d", i+1), func(t *bundle.Target) { t.Exclude = replace(t.Exclude, i, nil) })
	}
	return list
}

// widerTargets drops the filter and the base.
func widerTargets(t *bundle.Target) (list []option[*bundle.Target]) {
	if t == nil {
		return nil
	}
	if t.Filter != nil {
		now := *t
		now.Filter = nil
		list = append(list, option[*bundle.Target]{"without filter", &now})
	}
	now := *t
	now.Base, now.Scope = suffixName(t.Base), directory.ScopeSub
	return append(list, option[*bundle.Target]{"with base ${suffix}", &now})
}

func fewerAttributes(attributes []bundle.Attribute) (list []option[[]bundle.Attribute]) {
	if len(attributes) < 2 {
		return nil
	}
	for i, a := range attributes {
		list = append(list, option[[]bundle.Attribute]{"without " + a.Text, slices.Delete(slices.Clone(attributes), i, i+1)})
	}
	return list
}
