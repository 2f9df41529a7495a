package dit

import (
	"context"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/account"
	"gatehouse/directory/password"
	"gatehouse/storage"
)

// attempt is one password that is tried at one account. The zero attempt is at an account that does not exist, or that nobody may
// bind as: whatever is tried at it is wrong.
type attempt struct {
	id      directory.EntryID
	stored  [][]byte // its passwords; none while it may not be used
	policy  *account.Policy
	state   account.State
	look    account.Decision // before the password is tried
	verdict password.Verdict
	spent
}

// read takes in an entry in its newest state.
func (a *attempt) read(d *Directory, sn *storage.Snapshot, id directory.EntryID, entry *directory.Entry) (err error) {
	if a.policy, err = d.policyFor(sn, id, entry); err != nil {
		return err
	}
	a.id, a.stored = id, nil
	a.state = d.attr.account.stateOf(entry)
	a.look = account.Decide(a.policy, a.state, d.policyTime(sn), account.Look)
	if a.look.Reason == account.Granted {
		a.stored = valuesIn(entry, d.attr.userPassword)
	}
	return nil
}

// attemptAt reads an entry of whom it is known that its password may be tried.
func (d *Directory) attemptAt(id directory.EntryID) (*attempt, error) {
	a := &attempt{spent: spent{began: time.Now()}}
	return a, a.again(d, id)
}

func (a *attempt) again(d *Directory, id directory.EntryID) error {
	sn := d.store.Snapshot()
	defer sn.Close()
	entry, err := sn.Entry(id)
	if isNotFound(err) {
		*a = attempt{spent: a.spent}
		return nil
	}
	if err != nil {
		return err
	}
	return a.read(d, sn, id, entry)
}

// try tries a password and returns what the policy decides about what came out. It costs one hash of the configured cost if the
// answer is no, and as much time as any other no, whatever the reason. Of a password that is wrong, the account has it written down
// before try returns.
func (d *Directory) try(ctx context.Context, a *attempt, clear []byte, right account.Event) (account.Decision, error) {
	decided, err := d.guess(ctx, a, clear, right)
	if err == nil && decided.Reason != account.Granted {
		d.even(ctx, &a.spent)
	}
	return decided, err
}

func (d *Directory) guess(ctx context.Context, a *attempt, clear []byte, right account.Event) (account.Decision, error) {
	leave, err := d.enter(ctx, a, clear)
	if err != nil {
		return account.Decision{}, err
	}
	outcome := unneeded
	defer func() { leave(outcome) }()
	if a.verdict = d.hasher.Recall(uint64(a.id), a.stored, clear); !a.verdict.OK && (len(a.stored) > 0 || !a.paid) {
		if a.verdict, err = d.hash(ctx, a, a.stored, clear); err != nil {
			return account.Decision{}, err
		}
	}
	if a.verdict.OK {
		return d.succeeded(ctx, a, right, &outcome)
	}
	decided, err := d.failed(ctx, a, &outcome)
	if a.verdict.Unusable > 0 { // for the log, whose lines about refused binds are bounded
		decided.Told.Reason += unverifiable
	}
	return decided, err
}

// unverifiable goes behind the reason of a refusal where it may be that the password is right.
const unverifiable = "; a stored password cannot be verified"

// hash holds a password against stored ones, or against none.
func (d *Directory) hash(ctx context.Context, a *attempt, stored [][]byte, clear []byte) (password.Verdict, error) {
	began := time.Now()
	slot, err := d.acquire(ctx)
	if err != nil {
		return password.Verdict{}, err
	}
	v := slot.VerifyEntry(uint64(a.id), stored, clear)
	slot.Release()
	a.paid = true
	a.hashing += time.Since(began) - v.Extra
	if v.Extra > 0 {
		d.passwords.pace.note(v.Extra, time.Now())
	}
	return v, nil
}

// enter takes a guess where the policy limits them. Whoever has to wait for one pays for the hash meanwhile: those that come at the same
// time for an account that is not there do not wait.
func (d *Directory) enter(ctx context.Context, a *attempt, clear []byte) (leave func(recording), err error) {
	free := func(recording) {}
	if len(a.stored) == 0 || a.look.Guesses < 0 {
		return free, nil
	}
	id := a.id
	g := d.passwords.gates.of(id)
	is, err := g.enter(ctx, id, func() (int, error) {
		if err := a.again(d, id); err != nil {
			return 0, err
		}
		if len(a.stored) == 0 {
			return 0, nil
		}
		return a.look.Guesses, nil
	}, func() error {
		if d.hasher.Recall(uint64(id), a.stored, clear).OK {
			return nil
		}
		_, err := d.hash(ctx, a, nil, clear)
		return err
	})
	if err != nil {
		return nil, err
	}
	if !is {
		if a.stored = nil; a.id != 0 && a.look.Reason == account.Granted {
			a.look = account.Refuse(account.Delayed)
		}
		return free, nil
	}
	return func(o recording) { g.leave(id, o) }, nil
}

func (d *Directory) failed(ctx context.Context, a *attempt, outcome *recording) (account.Decision, error) {
	decided := account.Refuse(account.WrongPassword)
	switch {
	case a.id == 0:
		decided = account.Refuse(account.NoAccount)
	case a.look.Reason != account.Granted:
		decided = a.look
	case len(a.stored) == 0:
		decided = account.Refuse(account.NoPassword)
	}
	if len(a.stored) == 0 || a.policy == nil || !a.policy.Counts() {
		return decided, nil
	}
	began := time.Now()
	noted, err := d.note(context.WithoutCancel(ctx), a.id, account.Wrong) // nobody takes a guess back by going away
	if err != nil {
		*outcome = lost
		return decided, err
	}
	*outcome = recorded
	d.passwords.pace.note(time.Since(began)+a.verdict.Extra, time.Now())
	return noted, nil
}

func (d *Directory) succeeded(ctx context.Context, a *attempt, right account.Event, outcome *recording) (account.Decision, error) {
	sn := d.store.Snapshot()
	now := d.policyTime(sn)
	sn.Close()
	decided := account.Decide(a.policy, a.state, now, right)
	if decided.Write {
		noted, err := d.note(context.WithoutCancel(ctx), a.id, right)
		if err != nil {
			return decided, err
		}
		*outcome, decided = recorded, noted
	}
	return decided, nil
}

// note has the policy decide about an event on the newest state, and writes down what follows.
func (d *Directory) note(ctx context.Context, id directory.EntryID, e account.Event) (account.Decision, error) {
	op := &accountNote{id: id, event: e}
	_, err := d.write(ctx, acl.Operator(acl.Transport{LocalSocket: true}, d.now()), op)
	if op.gone {
		return account.Refuse(account.NoAccount), nil
	}
	return op.decided, err
}

// accountNote writes down what happened at a bind. It is the server's own bookkeeping: the entry counts as unmodified.
type accountNote struct {
	id    directory.EntryID
	event account.Event

	decided account.Decision
	gone    bool
}

func (op *accountNote) isCheap() bool { return true }

func (op *accountNote) plan(w *Write) error {
	w.Kind, w.ID = KindModify, op.id
	entry, err := w.Reads.Entry(op.id)
	if op.gone = isNotFound(err); op.gone {
		return errUnchanged
	}
	if err != nil {
		return err
	}
	policy, err := w.d.policyFor(w.Snapshot, op.id, entry)
	if err != nil {
		return err
	}
	state := w.d.attr.account.stateOf(entry)
	op.decided = account.Decide(policy, state, w.policyTime(), op.event)
	if !op.decided.Write {
		return errUnchanged
	}
	put := storage.PutAttributes{ID: op.id, Quiet: true}
	for _, v := range w.d.attr.account.differing(&state, &op.decided.Next) {
		switch {
		case len(v.values) > 0:
			put.Set = append(put.Set, directory.NewAttribute(v.desc, v.values...))
		case entry.Get(v.desc).Len() > 0:
			put.Remove = append(put.Remove, v.desc)
		}
	}
	if put.Set == nil && put.Remove == nil {
		return errUnchanged
	}
	w.effects = append(w.effects, put)
	return nil
}

// policyTime is the time of the write, or that of the newest change if the clock was set back.
func (w *Write) policyTime() time.Time {
	if last := w.Snapshot.Time(); last.After(w.Now) {
		return last
	}
	return w.Now
}

// refusedBind is the answer to a bind that the policy refuses, the same whatever the reason; what it carries besides is for those
// who ask for the control of the password policy, and for the log.
func refusedBind(told directory.PasswordState) error {
	e := *errCredentials
	e.Password = &told
	return &e
}
