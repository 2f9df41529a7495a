package dit

import (
	"sync"
	"sync/atomic"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/account"
	"gatehouse/storage"
)

// errSessionEnded is what an operation of a session gets whose identity is no longer valid: its entry was deleted or
// disabled, or somebody else has set its password. A server closes the connection with it (RFC 4511 section 4.4.1).
var errSessionEnded = directory.Errorf(directory.StrongerAuthRequired, "the identity of this connection is no longer valid")

// Check returns an error if the session must end. It costs next to nothing while nothing happens to the session's entry.
func (d *Directory) Check(s *acl.Session) error {
	published := d.store.Published()
	if d.isChecked(s, published) && d.Policy().IsCurrent(s, published, d.now()) {
		return nil
	}
	sn := d.store.Snapshot()
	defer sn.Close()
	return d.check(s, sn)
}

func (d *Directory) isChecked(s *acl.Session, csn directory.CSN) bool {
	if real := s.Real(); real != nil && !d.isChecked(real, csn) {
		return false
	}
	return s.Identity().Kind != acl.KindEntry || csn != 0 && s.IsChecked(csn, d.resets.mark.Load()) && !s.HasEnded(d.now)
}

// check is Check on a snapshot that the caller has. It also brings the name of the session's entry up to date, and what the
// policy makes of the session.
func (d *Directory) check(s *acl.Session, sn *storage.Snapshot) error {
	return d.checkWith(d.Policy(), s, sn)
}

func (d *Directory) checkWith(p *acl.Policy, s *acl.Session, sn *storage.Snapshot) error {
	if real := s.Real(); real != nil {
		if err := d.checkEntry(real, sn); err != nil {
			return err
		}
	}
	if err := d.checkEntry(s, sn); err != nil {
		return err
	}
	if p.IsCurrent(s, sn.CSN(), d.policyTime(sn)) {
		return nil
	}
	return p.Refresh(s, state{d: d, sn: sn})
}

// checkEntry looks at the session's own entry, unless nothing has happened to it since it was last looked at.
func (d *Directory) checkEntry(s *acl.Session, sn *storage.Snapshot) error {
	id := s.Identity()
	if id.Kind != acl.KindEntry {
		return nil
	}
	if s.HasEnded(d.now) {
		return errSessionEnded
	}
	csn, mark := sn.CSN(), d.resets.mark.Load() // before the resets are asked
	if csn != 0 && s.IsChecked(csn, mark) {
		return nil
	}
	authority, err := sn.Authority(id.ID)
	switch {
	case isNotFound(err):
		return errSessionEnded
	case err != nil:
		return err
	case csn != 0 && s.Confirm(csn, uint64(authority), mark):
		return nil
	}
	entry, err := sn.Entry(id.ID)
	if err != nil {
		return err
	}
	state := d.attr.account.stateOf(entry)
	if state.Usable(d.policyTime(sn)) != account.Granted || d.resets.since(id.ID, id.CSN) {
		return errSessionEnded
	}
	ndn, err := sn.NDN(id.ID)
	if err != nil {
		return err
	}
	dn := id.DN
	if ndn != id.NDN {
		if dn, err = sn.DN(id.ID); err != nil {
			return err
		}
	}
	s.RestrictToPassword(id.Method.WithPassword() && state.Reset)
	s.EndAt(state.End)
	s.Refresh(csn, uint64(authority), mark, dn, ndn)
	return nil
}

// resetsMax bounds the resets that are remembered; when they are more, every older session ends.
const resetsMax = 1 << 16

// resets remembers whose password somebody else has set, so that sessions from before end. The zero value is ready.
type resets struct {
	mark  atomic.Uint64 // moves with every reset that is noted
	mu    sync.Mutex
	floor directory.CSN // all sessions from before it end
	at    map[directory.EntryID]directory.CSN
}

// note remembers a reset that the change csn has made; zero is none. The mark moves last: a session that was checked after the change
// and before it is noted is checked again.
func (r *resets) note(id directory.EntryID, csn directory.CSN) {
	if csn == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.at == nil || len(r.at) >= resetsMax {
		for _, at := range r.at {
			r.floor = max(r.floor, at)
		}
		r.at = make(map[directory.EntryID]directory.CSN)
	}
	r.at[id] = max(r.at[id], csn)
	r.mark.Add(1)
}

// since reports whether the password of id was set by somebody else after the state at csn.
func (r *resets) since(id directory.EntryID, csn directory.CSN) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return csn < r.floor || csn < r.at[id]
}
