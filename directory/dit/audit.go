package dit

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
)

const (
	// auditBurst and auditInterval bound the lines about refused changes: anybody who may bind can cause them.
	auditBurst    = 100
	auditInterval = time.Second
)

// auditLines is a bucket of lines; what finds it empty is counted. The zero value is full.
type auditLines struct {
	mu      sync.Mutex
	used    int
	since   time.Time
	omitted int
}

// take uses up a line and returns how many refusals had none before it.
func (l *auditLines) take(now time.Time) (omitted int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := int(now.Sub(l.since) / auditInterval); n > 0 {
		l.used = max(0, l.used-n)
		l.since = now
	}
	if l.used == auditBurst {
		l.omitted++
		return 0, false
	}
	l.used++
	omitted, l.omitted = l.omitted, 0
	return omitted, true
}

// auditRefusal writes a change that the policy has refused to the log: who, what, and the statements that decided. Changes that are
// made stand in the change log, with author and time, beside the policies that were in force.
func (d *Directory) auditRefusal(ctx context.Context, err error) {
	var e *directory.Error
	if !errors.As(err, &e) || e.Code != directory.InsufficientAccessRights {
		return
	}
	ref, ok := parseReference(e.Diagnostic)
	if !ok {
		return
	}
	omitted, ok := d.audit.take(d.now())
	if !ok {
		return
	}
	r := d.refusals.find(ref)
	if r == nil {
		return
	}
	args := []slog.Attr{
		slog.String("dn", nameOf(r.session)), slog.String("do", r.action.String()), slog.String("on", string(r.on)),
		slog.String("policy", r.version), slog.Any("because", d.decidedBy(e.Diagnostic)), slog.String("reference", e.Diagnostic[len(referenceText):]),
	}
	if t := r.session.Transport(); !t.LocalSocket {
		args = append(args, slog.String("peer", t.Peer.String()))
	}
	if r.desc != nil {
		args = append(args, slog.String("attribute", r.desc.Name))
	}
	if real := r.session.Real(); real != nil {
		args = append(args, slog.String("by", nameOf(real)))
	}
	if omitted > 0 {
		args = append(args, slog.Int("omitted", omitted))
	}
	d.log.LogAttrs(ctx, slog.LevelInfo, "change refused", args...)
}

func nameOf(s *acl.Session) string {
	if s.IsAnonymous() {
		return anonymousName
	}
	return s.Identity().DN
}

// decidedBy lists the statements because of which a change was refused; where none denies it or is held back, none allows it.
func (d *Directory) decidedBy(reference string) []string {
	sn := d.store.Snapshot()
	defer sn.Close()
	p := d.Policy()
	x := &explaining{d: d, sn: sn, policy: p, out: &Explained{Allowed: true, Version: p.Version()}}
	if x.byReference(reference) != nil {
		return nil
	}
	list := []string{}
	for _, part := range x.out.Parts {
		for _, reason := range part.Explanation.Reasons {
			switch reason.Verdict {
			case acl.Blocked, acl.Denies, acl.Limits:
				list = append(list, reason.Name+" "+reason.Verdict.String())
			}
		}
	}
	if len(list) == 0 {
		list = append(list, "no statement allows it")
	}
	return list
}
