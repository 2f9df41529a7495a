package dit

import (
	"context"
	"fmt"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/storage"
)

// ExplainRequest asks why somebody may do something or not: by the reference of a refusal, or by a question. Its JSON form is the
// value of the extended operation.
type ExplainRequest struct {
	Ref       string     `json:"ref,omitempty"` // of a refusal; then nothing else counts
	As        string     `json:"as,omitempty"`  // DN; empty or "anonymous" for nobody
	Do        string     `json:"do,omitempty"`  // an action of policies, or view or write
	On        string     `json:"on,omitempty"`  // DN; empty for the root DSE
	Attribute string     `json:"attr,omitempty"`
	Value     string     `json:"value,omitempty"` // empty: every value; for read: some value
	OID       string     `json:"oid,omitempty"`   // for control and extop
	Via       ExplainVia `json:"via,omitzero"`
}

// ExplainVia is how the session in question is connected and authenticated. The zero ExplainVia is TLS of 256 bits, a simple bind
// just now, and no address.
type ExplainVia struct {
	IP       string    `json:"ip,omitempty"`
	TLS      *int      `json:"tls,omitempty"` // bits; 0 for none
	Level    *int      `json:"level,omitempty"`
	Method   string    `json:"auth-method,omitempty"`
	At       time.Time `json:"at,omitzero"`
	Elevated []string  `json:"elevated,omitempty"`
}

// Explained is the answer: one part for each action that was asked about.
type Explained struct {
	Allowed bool              `json:"allowed"` // all of it; of what was refused because there is no such entry, false
	Version string            `json:"version"` // of the policy in force, which is what is explained
	As      string            `json:"as"`      // "anonymous" or a DN
	On      string            `json:"on"`
	Exists  bool              `json:"exists"` // the entry
	Refusal *ExplainedRefusal `json:"refusal,omitempty"`
	Notes   []string          `json:"notes,omitempty"`
	Parts   []ExplainedPart   `json:"parts"`
}

// ExplainedRefusal is what is known of the refusal that was asked about.
type ExplainedRefusal struct {
	Ref     string        `json:"ref"`
	Code    string        `json:"code"`
	Time    time.Time     `json:"time"`
	CSN     directory.CSN `json:"csn"`
	Version string        `json:"version"` // of the policy that refused
}

// ExplainedPart is the answer about one action.
type ExplainedPart struct {
	Do          string          `json:"do"`
	Attribute   string          `json:"attr,omitempty"`
	Value       string          `json:"value,omitempty"`
	OID         string          `json:"oid,omitempty"`
	Explanation acl.Explanation `json:"explanation"`
}

var (
	errNoReference  = directory.Errorf(directory.NoSuchAttribute, "no refusal with this reference is remembered; the server keeps the newest ones, until it stops")
	errBadReference = directory.Errorf(directory.ProtocolError, "a reference has 16 hexadecimal digits")
)

// Explain says what decides, by the policy in force: the evaluator that decides also gives the reasons. It needs policy.read on
// [acl.ServerNDN]. Entries that are missing, or hidden from whoever asks, are explained like others.
func (d *Directory) Explain(_ context.Context, s *acl.Session, req *ExplainRequest) (*Explained, error) {
	sn := d.store.Snapshot()
	defer sn.Close()
	p := d.Policy()
	if err := d.begin(p, s, sn); err != nil {
		return nil, err
	}
	if !d.mayServer(p, s, sn, acl.ActionPolicyRead) {
		return nil, d.refuse(s, p, sn.CSN(), directory.InsufficientAccessRights, question{action: acl.ActionPolicyRead, on: acl.ServerNDN})
	}
	x := &explaining{d: d, sn: sn, policy: p, out: &Explained{Allowed: true, Version: p.Version(), Parts: []ExplainedPart{}}}
	var err error
	if req.Ref != "" {
		err = x.byReference(req.Ref)
	} else {
		err = x.byQuestion(req)
	}
	if err != nil {
		return nil, err
	}
	return x.out, nil
}

// explaining is one request to explain.
type explaining struct {
	d             *Directory
	sn            *storage.Snapshot
	policy        *acl.Policy
	at            time.Time // when, if not now
	session       *acl.Session
	before, after acl.Source // after is nil for what changes nothing; before for an add
	out           *Explained
}

func (x *explaining) note(format string, args ...any) {
	x.out.Notes = append(x.out.Notes, fmt.Sprintf(format, args...))
}

// directory is the state that is asked, at the moment in question.
func (x *explaining) directory() acl.Directory {
	st := state{d: x.d, sn: x.sn}
	if x.at.IsZero() {
		return st
	}
	return moment{st, x.at}
}

// ask answers one question after the other.
func (x *explaining) ask(list ...acl.Question) {
	if err := x.policy.Refresh(x.session, x.directory()); err != nil {
		x.note("the rights of the identity cannot be found out, so everything is denied: %v", err)
	}
	var before, after acl.Target
	if x.before != nil {
		before = x.before
	}
	if x.after != nil {
		after = x.after
	}
	for _, q := range list {
		part := ExplainedPart{Do: q.Action.String(), Value: string(q.Value), OID: q.OID}
		if q.Attribute != nil {
			part.Attribute = q.Attribute.Name
		}
		part.Explanation = x.policy.Explain(x.session, before, after, q)
		x.out.Allowed = x.out.Allowed && part.Explanation.Allowed
		x.out.Parts = append(x.out.Parts, part)
	}
}

// target finds an entry: a stored one, one that the server makes, or one with nothing but a name.
func (x *explaining) target(ndn directory.NDN) (acl.Source, error) {
	c := &candidate{d: x.d, sn: x.sn}
	x.out.On, x.out.Exists = string(ndn), true
	switch ndn {
	case "":
		root, err := x.d.rootEntry(x.sn)
		if err != nil {
			return nil, err
		}
		c.made, c.entry = x.d.rootDSE, root
	case acl.SubschemaNDN:
		c.made, c.entry = x.d.subschema, x.d.subschema.entry
	case acl.ServerNDN:
		c.made, c.entry = x.d.server, x.d.server.entry
	default:
		id, err := x.sn.Lookup(ndn)
		switch {
		case isNotFound(err):
			x.out.Exists = false
			c.made, c.entry = &virtual{dn: []byte(ndn), ndn: ndn, entry: emptyEntry}, emptyEntry
		case err != nil:
			return nil, err
		default:
			if x.out.On, err = x.sn.DN(id); err != nil {
				return nil, err
			}
			if c.id = id; c.load() != nil {
				return nil, c.load()
			}
		}
	}
	if x.at.IsZero() {
		return c, nil
	}
	return dated{c, x.at}, nil
}

// moment is a state of the directory at another time than its own.
type moment struct {
	state
	now time.Time
}

// Now implements [acl.Directory].
func (m moment) Now() time.Time { return m.now }

// dated is an entry at another time than its own.
type dated struct {
	*candidate
	at time.Time
}

// Directory implements [acl.Source].
func (t dated) Directory() acl.Directory { return moment{state{d: t.d, sn: t.sn}, t.at} }
