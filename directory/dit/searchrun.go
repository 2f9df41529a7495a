package dit

import (
	"context"
	"fmt"
	"slices"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/filter"
)

var (
	errLookThrough = directory.Errorf(directory.AdminLimitExceeded, "the search would look at too many entries; use an indexed attribute")
	errSizeLimit   = &directory.Error{Code: directory.SizeLimitExceeded}
	errTimeLimit   = &directory.Error{Code: directory.TimeLimitExceeded}
)

// Run sends each entry to emit, whose argument is valid during the call alone. An error of emit ends the search.
func (x *Search) Run(ctx context.Context, emit func(*acl.View) error) error {
	if x.nothing {
		return nil
	}
	if x.single {
		if x.c.made == nil {
			x.c.reset(x.base)
		}
		return x.consider(emit)
	}
	for after := directory.EntryID(0); ; {
		id, more, err := x.plan.Next(after)
		if err != nil {
			return fmt.Errorf("candidates of a search: %w", err)
		}
		if !more {
			return nil
		}
		after = id
		if err := x.pause(ctx); err != nil {
			return err
		}
		x.c.reset(id)
		if err := x.consider(emit); err != nil {
			return err
		}
	}
}

// pause holds the search against its limits before each candidate.
func (x *Search) pause(ctx context.Context) error {
	x.looked++
	if most := x.limit.LookThroughCandidates; most > 0 && x.plan.LookedAt() > most {
		return errLookThrough
	}
	if x.looked%clockEvery == 0 {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		if !x.deadline.IsZero() && x.d.now().After(x.deadline) {
			return errTimeLimit
		}
	}
	if x.looked%policyEvery == 0 {
		return x.lookAgain()
	}
	return nil
}

// lookAgain takes over the policy and the rights of the moment. If these are others, what the filter was compiled for is no longer
// true: then the rights of each entry decide.
func (x *Search) lookAgain() error {
	x.policy = x.d.Policy()
	if err := x.d.Check(x.c.s); err != nil {
		return err
	}
	if now := x.policy.Standing(x.c.s); now != x.standing {
		x.standing, x.mixed, x.compiled = now, true, x.compiled.Restricted()
		x.visible.forget()
	}
	return nil
}

// consider sends the candidate if it matches and the session may discover it.
func (x *Search) consider(emit func(*acl.View) error) error {
	is, err := x.matches()
	if !is || err != nil {
		return err
	}
	if most := least(x.sizeAsked, x.limit.SizeEntries); most > 0 && x.sent == most {
		return errSizeLimit
	}
	x.sent++
	if err := x.fill(); err != nil {
		return err
	}
	return emit(&x.view)
}

// matches reports whether the candidate is an answer. If the whole filter may be searched everywhere, it is asked first, since most
// candidates of a long search fail it; otherwise the entry's rights are part of the question.
func (x *Search) matches() (bool, error) {
	c := &x.c
	if err := c.load(); err != nil {
		return false, fmt.Errorf("entry %d, which an index names: %w", c.id, err)
	}
	if x.mixed {
		if c.rights = x.policy.Decide(c.s, c); !c.rights.Discover() {
			return false, c.err
		}
	}
	truth, err := x.compiled.MatchWith(c, &x.scratch)
	if err != nil || truth != filter.True {
		return false, err
	}
	if !x.mixed {
		c.rights = x.policy.Decide(c.s, c)
	}
	return c.rights.Discover(), c.err
}

// fill makes the view of the candidate: what was asked for and may be read.
func (x *Search) fill() error {
	c, v := &x.c, &x.view
	dn, err := c.name()
	if err != nil {
		return err
	}
	var references []*directory.AttributeDescription
	if x.wantReference && c.made == nil {
		if references, err = c.sn.ReferenceDescriptions(c.id); err != nil {
			return err
		}
	}
	stored := c.entry.Attributes()
	if len(references) == 0 {
		c.rights.Reduce(v, dn, &x.wanted, x.typesOnly, stored)
	} else if err := x.fillReferences(dn, stored, references); err != nil {
		return err
	}
	if c.made != nil {
		return nil
	}
	for _, desc := range x.wantComputed {
		if v.Wants(desc) {
			a, err := c.computed(desc)
			if err != nil {
				return fmt.Errorf("%s of entry %d: %w", desc, c.id, err)
			}
			v.Add(a)
		}
	}
	return nil
}

// fillReferences makes the view of an entry with links. Values of a reference attribute that are kept as text follow the links.
func (x *Search) fillReferences(dn []byte, stored []directory.Attribute, references []*directory.AttributeDescription) error {
	c, v := &x.c, &x.view
	c.rights.Reduce(v, dn, &x.wanted, x.typesOnly, nil)
	for _, a := range stored {
		if !a.Desc.Is(directory.FlagReference) || !slices.Contains(references, a.Desc) {
			v.Add(a)
		}
	}
	for _, desc := range references {
		if !v.Wants(desc) {
			continue
		}
		a, err := c.sn.ReferenceAttribute(c.id, desc)
		if err != nil {
			return fmt.Errorf("%s of entry %d: %w", desc, c.id, err)
		}
		if text := c.entry.Get(desc); text.Len() > 0 {
			from := len(c.scratch)
			c.scratch = append(append(c.scratch, a.Set()...), text.Set()...)
			a = directory.AttributeFromSet(desc, c.scratch[from:len(c.scratch):len(c.scratch)], a.Len()+text.Len())
		}
		v.Add(a)
	}
	return nil
}
