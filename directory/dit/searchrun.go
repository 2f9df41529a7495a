package dit

import (
	"context"
	"fmt"

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
	switch {
	case x.controls.refused != nil:
		return x.controls.refused
	case x.nothing:
		return nil
	case x.controls.sort != nil && x.controls.sort.err == nil && !x.single:
		return x.runSorted(ctx, emit)
	default:
		return x.runUnsorted(ctx, emit)
	}
}

// runUnsorted sends the entries in the order of their IDs.
func (x *Search) runUnsorted(ctx context.Context, emit func(*acl.View) error) error {
	if x.controls.page != nil {
		return x.runPage(ctx, emit)
	}
	return x.each(ctx, 0, func() error {
		if most := least(x.sizeAsked, x.limit.SizeEntries); most > 0 && x.sent == most {
			return errSizeLimit
		}
		return x.send(emit)
	})
}

// each visits the candidates behind an ID that match, in the order of their IDs.
func (x *Search) each(ctx context.Context, after directory.EntryID, visit func() error) error {
	if x.single {
		if x.c.made == nil {
			x.c.reset(x.base)
		}
		return x.consider(visit)
	}
	for x.after = after; ; {
		id, more, err := x.plan.Next(x.after)
		if err != nil {
			return fmt.Errorf("candidates of a search: %w", err)
		}
		if !more {
			return nil
		}
		x.after = id
		if err := x.pause(ctx); err != nil {
			return err
		}
		x.c.reset(id)
		if err := x.consider(visit); err != nil {
			return err
		}
	}
}

// consider visits the candidate if it is an answer.
func (x *Search) consider(visit func() error) error {
	is, err := x.matches()
	if !is || err != nil {
		return err
	}
	return visit()
}

// send sends the candidate, which is an answer.
func (x *Search) send(emit func(*acl.View) error) error {
	x.sent++
	if err := x.c.fill(&x.view, &x.wanted, x.typesOnly); err != nil {
		return err
	}
	if x.controls.values != nil {
		x.view.Keep(x.controls.values.Match)
	}
	return emit(&x.view)
}

// pause holds the search against its limits before each candidate.
func (x *Search) pause(ctx context.Context) error {
	if most := x.limit.LookThroughCandidates; most > 0 && x.plan.LookedAt() > most {
		return errLookThrough
	}
	if x.looked%clockEvery == 0 && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return x.tick()
}

// tick counts what was looked at, and looks at the clock and at the policy now and then.
func (x *Search) tick() error {
	x.looked++
	if x.looked%clockEvery == 0 && !x.deadline.IsZero() && x.d.now().After(x.deadline) {
		return errTimeLimit
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

// matches reports whether the candidate is an answer. If the whole filter may be searched everywhere, it is asked first, since most
// candidates of a long search fail it; otherwise the entry's rights are part of the question.
func (x *Search) matches() (bool, error) {
	c := &x.c
	if err := c.load(); err != nil {
		return false, fmt.Errorf("entry %d, which an index names: %w", c.id, err)
	}
	if x.mixed {
		if c.rights = c.decide(x.policy); !c.rights.Discover() {
			return false, c.err
		}
	}
	truth, err := x.compiled.MatchWith(c, &x.scratch)
	if err != nil || truth != filter.True {
		return false, err
	}
	if !x.mixed {
		c.rights = c.decide(x.policy)
	}
	return c.rights.Discover(), c.err
}
