package dit

import (
	"net/netip"
	"strings"

	"gatehouse/acl"
	"gatehouse/directory"
)

// anonymousName is how requests and answers call nobody.
const anonymousName = "anonymous"

// byQuestion answers what a request asks.
func (x *explaining) byQuestion(req *ExplainRequest) error {
	x.at = req.Via.At
	questions, err := x.questions(req)
	if err != nil {
		return err
	}
	if x.session, err = x.as(req); err != nil {
		return err
	}
	on, err := x.d.parseName(req.On)
	if err != nil {
		return directory.Errorf(directory.InvalidDNSyntax, "on: %.200q is not a DN: %v", req.On, err)
	}
	target, err := x.target(on.ndn)
	if err != nil {
		return err
	}
	if x.before = target; questions[0].Action == acl.ActionAddEntry {
		x.before, x.after = nil, target
	}
	x.ask(questions...)
	return nil
}

var explainActions = func() map[string][]acl.Action {
	m := map[string][]acl.Action{
		"view":  {acl.ActionDiscover, acl.ActionSearch, acl.ActionRead, acl.ActionCompare},
		"write": {acl.ActionWriteAdd, acl.ActionWriteDelete, acl.ActionWriteReplace, acl.ActionWriteIncrement},
	}
	for a := acl.Action(1); a.String() != acl.Action(0).String(); a++ {
		m[a.String()] = []acl.Action{a}
	}
	return m
}()

// questions reads what is to be done.
func (x *explaining) questions(req *ExplainRequest) (list []acl.Question, err error) {
	actions := explainActions[req.Do]
	if actions == nil {
		return nil, directory.Errorf(directory.ProtocolError, "do: %.64q is no action of policies", req.Do)
	}
	var desc *directory.AttributeDescription
	if req.Attribute != "" {
		if desc, err = x.d.schema.Description(req.Attribute); err != nil {
			return nil, err
		}
	}
	for _, a := range actions {
		q := acl.Question{Action: a}
		switch {
		case a == acl.ActionControl || a == acl.ActionExtOp:
			if q.OID = req.OID; q.OID == "" {
				return nil, directory.Errorf(directory.ProtocolError, "%s needs an oid", a)
			}
		case a.OnAttributes():
			if q.Attribute = desc; desc == nil {
				return nil, directory.Errorf(directory.ProtocolError, "%s needs an attr", req.Do)
			}
			if req.Value != "" && (acl.ActionsWrite.Has(a) || a == acl.ActionRead || a == acl.ActionSecretRead) {
				q.Value = []byte(req.Value)
			}
		}
		list = append(list, q)
	}
	return list, nil
}

// as makes the session in question, as if the identity had just bound in the way that the request says.
func (x *explaining) as(req *ExplainRequest) (*acl.Session, error) {
	t, err := req.Via.transport()
	if err != nil {
		return nil, err
	}
	id := acl.Identity{At: x.at, Level: 1, Method: acl.MethodSimple}
	if id.At.IsZero() {
		id.At = x.d.policyTime(x.sn)
	}
	if err := x.identify(req.As, &id); err != nil {
		return nil, err
	}
	if id.Kind == acl.KindAnonymous {
		x.out.As = anonymousName
		return acl.NewSession(t).WithElevations(req.Via.Elevated...), nil
	}
	x.out.As = id.DN
	if req.Via.Level != nil {
		if id.Level = *req.Via.Level; id.Level < 0 || id.Level > 3 {
			return nil, directory.Errorf(directory.ProtocolError, "level: %d is not one of 0 to 3", id.Level)
		}
	}
	if req.Via.Method != "" {
		var ok bool
		if id.Method, ok = methodNamed(req.Via.Method); !ok {
			return nil, directory.Errorf(directory.ProtocolError, "auth-method: %.64q is none", req.Via.Method)
		}
	}
	if id.Method == acl.MethodSASLExternal && t.TLSBits > 0 {
		t.ClientCertSubject = id.DN
	}
	return acl.NewSession(t).Authenticated(id).WithElevations(req.Via.Elevated...), nil
}

// identify finds who is meant. A name that no entry has is that of an authenticated identity that is no entry.
func (x *explaining) identify(name string, id *acl.Identity) error {
	if name == "" || strings.EqualFold(name, anonymousName) {
		return nil
	}
	n, err := x.d.parseName(strings.TrimPrefix(name, "dn:"))
	if err != nil {
		return directory.Errorf(directory.InvalidDNSyntax, "as: %.200q is not a DN: %v", name, err)
	}
	id.DN, id.NDN = n.dn.String(), n.ndn
	switch n.ndn {
	case "":
		return nil
	case acl.OperatorDN:
		id.Kind, id.Method = acl.KindOperator, acl.MethodSASLExternal
		return nil
	}
	found, err := x.sn.Lookup(n.ndn)
	switch {
	case isNotFound(err):
		id.Kind = acl.KindExternal
		x.note("%s is no entry: it is taken for an identity from outside", id.DN)
		return nil
	case err != nil:
		return err
	}
	id.Kind, id.ID, id.CSN = acl.KindEntry, found, x.sn.CSN()
	entry, err := x.sn.Entry(found)
	if err != nil {
		return err
	}
	if !x.d.isUsable(x.sn, entry) {
		x.note("%s may not be used now: it is disabled, not valid yet, or has ended", id.DN)
	}
	id.DN, err = x.sn.DN(found)
	return err
}

func methodNamed(name string) (acl.AuthMethod, bool) {
	for m := acl.MethodAnonymous; m <= acl.MethodSASLExternal; m++ {
		if m.String() == name {
			return m, true
		}
	}
	return 0, false
}

// transport makes the connection in question. A client with a loopback address speaks to one.
func (v *ExplainVia) transport() (acl.Transport, error) {
	t := acl.Transport{TLSBits: 256}
	if v.TLS != nil {
		if t.TLSBits = *v.TLS; t.TLSBits < 0 || t.TLSBits > 1<<16 {
			return t, directory.Errorf(directory.ProtocolError, "tls: %d is no number of bits", t.TLSBits)
		}
	}
	if v.IP == "" {
		return t, nil
	}
	addr, err := netip.ParseAddr(v.IP)
	if err != nil {
		return t, directory.Errorf(directory.ProtocolError, "ip: %.64q is no address", v.IP)
	}
	t.Peer = netip.AddrPortFrom(addr, 0)
	if addr.Unmap().IsLoopback() {
		t.Local = t.Peer
	}
	return t, nil
}
