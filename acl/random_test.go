package acl_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
)

// world is a random directory with a random program for it.
type world struct {
	r    *rand.Rand
	s    *schema.Schema
	tree *acl.Tree
	all  []directory.NDN
	p    *acl.Program
}

const suffix = "dc=example,dc=com"

var (
	people = []string{
		"uid=p0,ou=people," + suffix, "uid=p1,ou=people," + suffix, "uid=p2,ou=people," + suffix, "uid=p3,ou=berlin,ou=people," + suffix,
		"uid=p4,ou=berlin,ou=people," + suffix, "cn=app,uid=p0,ou=people," + suffix,
	}
	groupNames = []string{"cn=g0,ou=groups," + suffix, "cn=g1,ou=groups," + suffix, "cn=g2,ou=groups," + suffix}
	containers = []string{suffix, "ou=people," + suffix, "ou=berlin,ou=people," + suffix, "ou=groups," + suffix}
	filters    = []string{
		"(objectClass=inetOrgPerson)", "(departmentNumber=d1)", "(!(departmentNumber=d1))", "(memberOf=cn=g1,ou=groups," + suffix + ")",
		"(manager=uid=p1,ou=people," + suffix + ")", "(|(employeeType=t1)(departmentNumber=d2))", "(&(objectClass=inetOrgPerson)(employeeType=t0))",
		"(departmentNumber=*)", "(objectClass=groupOfNames)",
	}
	attributeNames = []string{
		"cn", "sn", "name", "mail", "departmentNumber", "employeeType", "manager", "member", "memberOf", "owner", "userPassword", "totpSecret",
		"entryUUID", "description", "title", "objectClass", "sshPublicKey", "memberUid",
	}
	descriptions = []string{"description;lang-de", "description;lang-de;lang-fr", "cn;lang-fr", "description;lang-fr"}
	at           = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) // a Tuesday
)

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func some[T any](r *rand.Rand, list []T, most int) (out []T) {
	for range 1 + r.IntN(most) {
		out = append(out, pick(r, list))
	}
	return out
}

func newWorld(seed uint64) *world {
	w := &world{r: rand.New(rand.NewPCG(seed, 1)), s: schema.Standard()}
	w.tree = acl.NewTree(w.s, at)
	add := func(dn string, attrs ...string) {
		var list []directory.PartialAttribute
		for i := 0; i < len(attrs); i += 2 {
			list = append(list, directory.PartialAttribute{Attr: attrs[i], Values: [][]byte{[]byte(attrs[i+1])}})
		}
		if err := w.tree.Add(dn, list); err != nil {
			panic(err)
		}
		_, ndn, _ := w.s.ParseName(dn)
		w.all = append(w.all, ndn)
	}
	for _, dn := range containers {
		add(dn, "objectClass", "organizationalUnit")
	}
	for _, dn := range people {
		attrs := []string{"objectClass", "inetOrgPerson"}
		for _, maybe := range [][]string{
			{"departmentNumber", fmt.Sprint("d", w.r.IntN(3))}, {"employeeType", fmt.Sprint("t", w.r.IntN(2))}, {"userPassword", "x"},
			{"manager", pick(w.r, people)}, {"owner", pick(w.r, people)}, {"seeAlso", pick(w.r, groupNames)},
		} {
			if w.r.IntN(2) == 0 {
				attrs = append(attrs, maybe...)
			}
		}
		add(dn, attrs...)
	}
	for _, dn := range groupNames {
		attrs := []string{"objectClass", "groupOfNames"}
		members := directory.PartialAttribute{Attr: "member"}
		for range w.r.IntN(3) {
			members.Values = append(members.Values, []byte(pick(w.r, append(people, groupNames...))))
		}
		if w.r.IntN(2) == 0 {
			attrs = append(attrs, "owner", pick(w.r, append(people, groupNames...)))
		}
		if w.r.IntN(2) == 0 {
			attrs = append(attrs, "departmentNumber", fmt.Sprint("d", w.r.IntN(3)))
		}
		var list []directory.PartialAttribute
		for i := 0; i < len(attrs); i += 2 {
			list = append(list, directory.PartialAttribute{Attr: attrs[i], Values: [][]byte{[]byte(attrs[i+1])}})
		}
		if err := w.tree.Add(dn, append(list, dedupe(members))); err != nil {
			panic(err)
		}
		_, ndn, _ := w.s.ParseName(dn)
		w.all = append(w.all, ndn)
	}
	w.p = w.program()
	return w
}

func dedupe(a directory.PartialAttribute) directory.PartialAttribute {
	seen := make(map[string]bool)
	var values [][]byte
	for _, v := range a.Values {
		if !seen[string(v)] {
			seen[string(v)] = true
			values = append(values, v)
		}
	}
	a.Values = values
	return a
}

func (w *world) ndn(dn string) directory.NDN {
	_, n, err := w.s.ParseName(dn)
	if err != nil {
		panic(err)
	}
	return n
}

func (w *world) filter() directory.Filter {
	f, err := filter.Parse(pick(w.r, filters))
	if err != nil {
		panic(err)
	}
	return f
}

func (w *world) types(names ...string) (list []*schema.AttributeType) {
	for _, n := range names {
		list = append(list, w.s.TypeByName(n))
	}
	return list
}

func (w *world) subject(depth int) acl.Subject {
	switch n := w.r.IntN(20); {
	case n < 2:
		return acl.Anyone{}
	case n < 3:
		return acl.Anonymous{}
	case n < 5:
		return acl.Authenticated{}
	case n < 6:
		return acl.Name{NDN: w.ndn(pick(w.r, people))}
	case n < 7:
		return acl.Subtree{Base: w.ndn(pick(w.r, containers))}
	case n < 10:
		return acl.Group{NDN: w.ndn(pick(w.r, groupNames))}
	case n < 11:
		return acl.Role{Name: pick(w.r, []string{"r0", "r1", "nobody"})}
	case n < 12:
		return acl.Matching{Filter: w.filter()}
	case n < 13:
		return acl.Self{}
	case n < 14:
		return acl.Ancestor{}
	case n < 15:
		return acl.NamedIn{Types: w.types(pick(w.r, []string{"manager", "owner"}))}
	case n < 16:
		return acl.GroupIn{Types: w.types(pick(w.r, []string{"owner"}))}
	case n < 17:
		return acl.Same{Types: w.types(pick(w.r, []string{"departmentNumber", "manager", "employeeType"}))}
	case depth > 2:
		return acl.Authenticated{}
	case n < 18:
		return acl.All{w.subject(depth + 1), w.subject(depth + 1)}
	case n < 19:
		return acl.Any{w.subject(depth + 1), w.subject(depth + 1)}
	default:
		return acl.Unless{Subject: w.subject(depth + 1), Except: w.subject(depth + 1)}
	}
}

func (w *world) reach(depth int) acl.Reach {
	r := acl.Reach{Scope: directory.Scope(w.r.IntN(4)), Protected: w.r.IntN(3) == 0, Privileged: w.r.IntN(3) == 0}
	if w.r.IntN(2) == 0 {
		r.Scope = directory.ScopeSub
	}
	for _, dn := range some(w.r, append(containers, pick(w.r, people), pick(w.r, groupNames), ""), 2) {
		r.Bases = append(r.Bases, w.ndn(dn))
	}
	if w.r.IntN(2) == 0 {
		r.Filter = w.filter()
	}
	if depth < 2 && w.r.IntN(5) == 0 {
		r.Exclude = []acl.Reach{w.reach(depth + 1)}
	}
	return r
}

func (w *world) attributes() (a acl.Attributes) {
	for range w.r.IntN(5) {
		a.Types = append(a.Types, w.s.TypeByName(pick(w.r, attributeNames)))
	}
	if w.r.IntN(6) == 0 {
		d, err := w.s.Description(pick(w.r, descriptions))
		if err != nil {
			panic(err)
		}
		a.Described = append(a.Described, d)
	}
	a.User, a.Operational, a.Secret = w.r.IntN(2) == 0, w.r.IntN(4) == 0, w.r.IntN(8) == 0
	return a
}

func (w *world) actions() (set acl.Actions) {
	switch w.r.IntN(4) {
	case 0:
		set = acl.ActionsView
	case 1:
		set = acl.ActionsWrite
	}
	for range w.r.IntN(8) {
		set |= acl.ActionsOf(pick(w.r, everyAction))
	}
	return set
}

// values is a condition, or nil; it takes the actions away that cannot have one.
func (w *world) values(actions *acl.Actions) *acl.Values {
	if w.r.IntN(5) > 0 {
		return nil
	}
	*actions &^= acl.ActionsOf(acl.ActionSearch, acl.ActionCompare)
	switch w.r.IntN(4) {
	case 0:
		return &acl.Values{Self: true}
	case 1:
		return &acl.Values{AnyOf: some(w.r, valuePool, 3)}
	case 2:
		under := w.ndn(pick(w.r, containers))
		return &acl.Values{Under: []directory.NDN{under}}
	default:
		pattern := pick(w.r, []string{"a*", "*b", "*", "ab?", "uid=p1*"})
		return &acl.Values{Pattern: pattern}
	}
}

var valuePool = []string{"ab", "abc", "b", "uid=p1,ou=people," + suffix, "uid=p3,ou=berlin,ou=people," + suffix, "zz"}

func (w *world) conditions() (c acl.Conditions) {
	if w.r.IntN(4) > 0 {
		return c
	}
	switch w.r.IntN(8) {
	case 0:
		c.Networks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	case 1:
		c.NotNetworks = []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}
	case 2:
		c.TLS = acl.TLSCondition(1 + w.r.IntN(3))
	case 3:
		c.TLSBits = 128
	case 4:
		c.Methods = []acl.AuthMethod{acl.MethodSimple}
	case 5:
		c.Level = 1 + w.r.IntN(2)
	case 6:
		c.MaxAge = time.Duration(1+w.r.IntN(2)) * time.Hour
	default:
		c.Time = w.time()
	}
	return c
}

func (w *world) time() (t acl.TimeCondition) {
	hours := func() time.Duration { return time.Duration(w.r.IntN(24)) * time.Hour }
	window := &acl.Window{HasHours: w.r.IntN(2) == 0, From: hours(), To: hours(), Zone: time.UTC}
	for i := range window.Days {
		window.Days[i] = w.r.IntN(2) == 0
	}
	switch w.r.IntN(4) {
	case 0:
		t.NotBefore = at.Add(time.Duration(w.r.IntN(3)-1) * time.Hour)
	case 1:
		t.NotAfter = at.Add(time.Duration(w.r.IntN(3)-1) * time.Hour)
	case 2:
		t.Within = window
	default:
		t.Outside = window
	}
	return t
}

func (w *world) program() *acl.Program {
	p := &acl.Program{At: at, Suffixes: []directory.NDN{suffix}}
	for i := range 4 + w.r.IntN(7) {
		p.Statements = append(p.Statements, w.statement(i))
	}
	for i := range w.r.IntN(3) {
		p.Boundaries = append(p.Boundaries, w.boundary(i))
	}
	for range w.r.IntN(3) {
		p.Roles = append(p.Roles, acl.RoleHolder{
			Role: pick(w.r, []string{"r0", "r1"}), Subject: acl.Group{NDN: w.ndn(pick(w.r, groupNames))}, When: w.conditions(),
		})
	}
	return p
}

func (w *world) statement(i int) acl.Statement {
	st := acl.Statement{
		Place: acl.Place{Name: fmt.Sprint("s", i)}, Effect: acl.Allow, Subject: w.subject(0), Reach: w.reach(0), Actions: w.actions(),
		Attributes: w.attributes(), When: []acl.Conditions{w.conditions()},
	}
	if i > 3 && w.r.IntN(2) == 0 {
		st.Effect = acl.Deny
	}
	st.Values = w.values(&st.Actions)
	if w.r.IntN(10) == 0 {
		st.Expires = at.Add(time.Duration(w.r.IntN(3)-1) * time.Hour)
	}
	return st
}

func (w *world) boundary(i int) acl.Boundary {
	b := acl.Boundary{Place: acl.Place{Name: fmt.Sprint("b", i)}, Subject: w.subject(1), When: w.conditions()}
	for range 1 + w.r.IntN(3) {
		p := acl.Permit{Reach: w.reach(0), Actions: w.actions(), Attributes: w.attributes(), When: w.conditions()}
		p.Values = w.values(&p.Actions)
		b.Permit = append(b.Permit, p)
	}
	return b
}

func (w *world) session() *acl.Session {
	var t acl.Transport
	switch w.r.IntN(4) {
	case 0:
		t.Peer, t.TLSBits = netip.MustParseAddrPort("10.1.0.1:1"), 256
	case 1:
		t.Peer = netip.MustParseAddrPort("10.2.0.1:1")
	case 2:
		t.LocalSocket = true
	default:
		t.TLSBits, t.ClientCertSubject = 112, "cn=x"
	}
	switch w.r.IntN(8) {
	case 0:
		return acl.NewSession(t)
	case 1:
		return acl.Operator(t, at)
	case 2:
		n := w.ndn(pick(w.r, people))
		return acl.NewSession(t).Authenticated(acl.Identity{Kind: acl.KindExternal, DN: string(n), NDN: n, Level: 1, At: at})
	}
	s, err := w.tree.Session(t, acl.Identity{
		NDN: w.ndn(pick(w.r, people)), Method: acl.AuthMethod(1 + w.r.IntN(4)), Level: 1 + w.r.IntN(2), At: at.Add(-time.Duration(w.r.IntN(3)) * 30 * time.Minute),
	})
	if err != nil {
		panic(err)
	}
	return s
}

func (w *world) question() acl.Question {
	q := acl.Question{Action: pick(w.r, everyAction)}
	if w.r.IntN(3) > 0 {
		q.Action = pick(w.r, everyAction[19:])
	}
	if q.Action.OnAttributes() {
		name := pick(w.r, append(attributeNames, "givenName", "modifyTimestamp", "authPassword"))
		if w.r.IntN(5) == 0 {
			name = pick(w.r, descriptions)
		}
		d, err := w.s.Description(name)
		if err != nil {
			panic(err)
		}
		q.Attribute = d
		if w.r.IntN(2) == 0 && q.Action != acl.ActionSearch && q.Action != acl.ActionCompare && q.Action != acl.ActionManage {
			q.Value = []byte(pick(w.r, valuePool))
		}
	}
	return q
}
