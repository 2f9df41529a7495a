package acl_test

import (
	"net/netip"
	"slices"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
)

// entry is a target.
type entry struct {
	id  directory.EntryID
	ndn directory.NDN
}

// fast is an entry that lends its memory.
type fast struct {
	entry
	memo acl.Memo
}

func (f *fast) Parent() (directory.EntryID, error) { return 9, nil }
func (f *fast) Facts() filter.Source               { return nil }
func (f *fast) Directory() acl.Directory           { return nil }
func (f *fast) Memo() *acl.Memo                    { return &f.memo }

func (e entry) ID() directory.EntryID       { return e.id }
func (e entry) NDN() (directory.NDN, error) { return e.ndn, nil }
func (e entry) Entry() *directory.Entry     { return directory.StoredEntry(nil) }

const (
	admin  = "cn=admin,dc=example,dc=com"
	reader = "cn=reader,dc=example,dc=com"
	writer = "cn=writer,dc=example,dc=com"
	user   = "uid=alice,ou=people,dc=example,dc=com"
	other  = "uid=bob,ou=people,dc=example,dc=com"
)

func policy() *acl.Policy {
	return acl.Builtin(acl.BuiltinOptions{
		Administrators: []directory.NDN{admin}, Readers: []directory.NDN{reader}, Writers: []directory.NDN{writer},
	})
}

func session(ndn directory.NDN) *acl.Session {
	s := acl.NewSession(acl.Transport{TLSBits: 256})
	if ndn == "" {
		return s
	}
	return s.Authenticated(acl.Identity{Kind: acl.KindEntry, ID: 7, DN: string(ndn), NDN: ndn})
}

func desc(t testing.TB, name string) *directory.AttributeDescription {
	t.Helper()
	d, err := schema.Standard().Description(name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var everyAction = []acl.Action{
	acl.ActionBind, acl.ActionDiscover, acl.ActionAddEntry, acl.ActionDeleteEntry, acl.ActionRename, acl.ActionMoveOut,
	acl.ActionMoveIn, acl.ActionPasswordChange, acl.ActionPasswordReset, acl.ActionAccountUnlock, acl.ActionMFAEnroll, acl.ActionMFAReset,
	acl.ActionProxy, acl.ActionReplicate, acl.ActionControl, acl.ActionExtOp, acl.ActionPolicyRead, acl.ActionPolicyWrite,
	acl.ActionElevateApprove, acl.ActionSearch, acl.ActionRead, acl.ActionCompare, acl.ActionWriteAdd, acl.ActionWriteDelete,
	acl.ActionWriteReplace, acl.ActionWriteIncrement, acl.ActionManage, acl.ActionSecretRead,
}

// rights prints everything that r allows, on the entry and on a user, an operational and a confidential attribute.
func rights(t testing.TB, r acl.Rights) []string {
	var list []string
	for _, a := range everyAction {
		if r.Allows(a) {
			list = append(list, a.String())
		}
	}
	for _, name := range []string{"cn", "entryUUID", "userPassword"} {
		d := desc(t, name)
		for what, ok := range map[string]bool{
			"search": r.Search(d), "read": r.Read(d), "compare": r.Compare(d), "manage": r.Manage(d),
			"write.add": r.Write(acl.ActionWriteAdd, d, nil), "write.delete": r.Write(acl.ActionWriteDelete, d, nil),
			"write.replace": r.Write(acl.ActionWriteReplace, d, nil), "write.increment": r.Write(acl.ActionWriteIncrement, d, nil),
		} {
			if ok {
				list = append(list, what+" "+name)
			}
		}
	}
	slices.Sort(list)
	return list
}

func TestZeroValuesDeny(t *testing.T) {
	t.Parallel()
	var none *acl.Policy
	for _, p := range []*acl.Policy{none, {}} {
		if got := rights(t, p.Decide(session(admin), entry{id: 1, ndn: other})); got != nil {
			t.Errorf("%q", got)
		}
		if p.MayBind(acl.NewSession(acl.Transport{TLSBits: 256})) || p.SeesAll(session(admin)) || p.IsUnlimited(session(admin)) || p.IsTraversable(session(user), "") {
			t.Error("a zero policy allows something")
		}
		if got := p.Searchable(session(admin), schema.Standard().TypeByName("cn")); got != filter.Never {
			t.Error(got)
		}
	}
	if got := rights(t, acl.Rights{}); got != nil {
		t.Errorf("%q", got)
	}
	if got := rights(t, policy().Decide(nil, entry{id: 1, ndn: other})); got != nil {
		t.Errorf("%q", got)
	}
	if got := rights(t, policy().DecideChange(session(admin), nil, nil)); got != nil {
		t.Errorf("%q", got)
	}
	if a := acl.Action(0); a.String() != "none" || a.OnAttributes() {
		t.Error("the zero action is one")
	}
}

func TestBuiltin(t *testing.T) {
	t.Parallel()
	view := []string{"compare cn", "compare entryUUID", "discover", "read cn", "read entryUUID", "search cn", "search entryUUID"}
	write := []string{"write.add cn", "write.add entryUUID", "write.delete cn", "write.delete entryUUID", "write.increment cn",
		"write.increment entryUUID", "write.replace cn", "write.replace entryUUID"}
	tree := []string{"add-entry", "delete-entry", "rename", "move-in", "move-out"}
	join := func(parts ...[]string) []string {
		all := slices.Concat(parts...)
		slices.Sort(all)
		return slices.Compact(all)
	}
	administrator := join(view, write, tree, []string{"bind", "password.reset", "account.unlock", "mfa.reset", "proxy", "replicate", "control",
		"extop", "policy.read", "policy.write", "elevate.approve", "manage cn", "manage entryUUID", "manage userPassword"})
	operator := acl.Operator(acl.Transport{TLSBits: 256}, session("").Identity().At)
	external := acl.NewSession(acl.Transport{TLSBits: 256}).Authenticated(acl.Identity{Kind: acl.KindExternal, ID: 7, DN: admin, NDN: admin})
	for _, tt := range []struct {
		name string
		s    *acl.Session
		on   entry
		want []string
	}{
		{"anonymous, root DSE", session(""), entry{}, view},
		{"anonymous, schema", session(""), entry{ndn: acl.SubschemaNDN}, view},
		{"anonymous, an entry", session(""), entry{id: 1, ndn: user}, []string{"bind"}},
		{"anonymous, a proposed entry", session(""), entry{ndn: user}, []string{"bind"}},
		{"user, itself", session(user), entry{id: 7, ndn: user}, join(view, []string{"bind", "password.change"})},
		{"user, another", session(user), entry{id: 8, ndn: user}, []string{"bind"}},
		{"user, root DSE", session(user), entry{}, view},
		{"reader", session(reader), entry{id: 1, ndn: other}, join(view, []string{"bind"})},
		{"writer", session(writer), entry{id: 1, ndn: other}, join(view, write, tree, []string{"bind", "password.reset"})},
		{"administrator", session(admin), entry{id: 1, ndn: other}, administrator},
		{"administrator, itself", session(admin), entry{id: 7, ndn: admin}, join(administrator, []string{"password.change"})},
		{"administrator, root DSE", session(admin), entry{}, view},
		{"operator", operator, entry{id: 1, ndn: other}, administrator},
		{"not an entry, with the administrator's name", external, entry{id: 7, ndn: admin}, []string{"bind"}},
	} {
		if got := rights(t, policy().Decide(tt.s, tt.on)); !slices.Equal(got, join(tt.want)) {
			t.Errorf("%s\ngot  %q\nwant %q", tt.name, got, join(tt.want))
		}
	}
}

func TestSearchable(t *testing.T) {
	t.Parallel()
	std := schema.Standard()
	for _, tt := range []struct {
		ndn  directory.NDN
		attr string
		want filter.Searchable
	}{
		{"", "cn", filter.Never}, {user, "cn", filter.Mixed}, {reader, "cn", filter.Always}, {admin, "entryUUID", filter.Always},
		{user, "userPassword", filter.Never}, {admin, "userPassword", filter.Never}, {writer, "totpSecret", filter.Never},
	} {
		if got := policy().Searchable(session(tt.ndn), std.TypeByName(tt.attr)); got != tt.want {
			t.Errorf("%s as %q: %v, want %v", tt.attr, tt.ndn, got, tt.want)
		}
	}
}

func TestProtected(t *testing.T) {
	t.Parallel()
	const lo, lo6, mapped, far = "127.0.0.1:1", "[::1]:1", "[::ffff:127.0.0.1]:1", "192.0.2.1:1"
	at := netip.MustParseAddrPort
	for _, tt := range []struct {
		name string
		t    acl.Transport
		want bool
	}{
		{"zero", acl.Transport{}, false},
		{"loopback", acl.Transport{Peer: at(lo), Local: at(lo)}, true},
		{"loopback, 6", acl.Transport{Peer: at(lo6), Local: at(lo6)}, true},
		{"loopback, 4 in 6", acl.Transport{Peer: at(mapped), Local: at(lo)}, true},
		{"one end only", acl.Transport{Peer: at(lo), Local: at(far)}, false},
		{"other end only", acl.Transport{Peer: at(far), Local: at(lo)}, false},
		{"network", acl.Transport{Peer: at(far), Local: at(far)}, false},
		{"through a proxy", acl.Transport{Peer: at(lo), Local: at(lo), Proxied: true}, false},
		{"distrusted loopback", acl.Transport{Peer: at(lo), Local: at(lo), LoopbackUnprotected: true}, false},
		{"TLS", acl.Transport{Peer: at(far), Local: at(far), TLSBits: 128}, true},
		{"TLS through a proxy", acl.Transport{Peer: at(far), Proxied: true, TLSBits: 128}, true},
		{"local socket", acl.Transport{LocalSocket: true}, true},
	} {
		if got := tt.t.Protected(); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
		if got := policy().MayBind(acl.NewSession(tt.t)); got != tt.want {
			t.Errorf("%s: MayBind %v", tt.name, got)
		}
	}
}

func TestSessionFollowsRename(t *testing.T) {
	t.Parallel()
	s := session(admin)
	p := policy()
	if !p.SeesAll(s) || s.AuthzID() != "dn:"+admin {
		t.Fatal("no administrator")
	}
	s.Refresh(9, 4, 0, "cn=former", "cn=former")
	if s.AuthzID() != "dn:cn=former" || !s.IsChecked(9, 0) || s.IsChecked(10, 0) || s.IsChecked(9, 1) {
		t.Error("the session does not know what it was checked for")
	}
	s.Refresh(8, 3, 0, "cn=older", "cn=older")
	if s.AuthzID() != "dn:cn=former" {
		t.Error("an older state brings an older name back")
	}
	if s.Confirm(10, 5, 0) || s.Confirm(10, 4, 1) || !s.Confirm(10, 4, 0) || !s.IsChecked(10, 0) {
		t.Error("another authority or mark is confirmed, or the same is not")
	}
	if tls := s.WithTransport(acl.Transport{TLSBits: 256}); tls.AuthzID() != s.AuthzID() || !tls.Transport().Protected() {
		t.Error("StartTLS changes the identity")
	}
}

func TestViewHoldsWhatWasAskedAndMayBeRead(t *testing.T) {
	t.Parallel()
	attrs := []directory.Attribute{
		directory.NewAttribute(desc(t, "cn"), []byte("Alice")),
		directory.NewAttribute(desc(t, "cn;lang-de"), []byte("Alicia")),
		directory.NewAttribute(desc(t, "sn"), []byte("Tester")),
		directory.NewAttribute(desc(t, "userPassword"), []byte("{X}y")),
		directory.NewAttribute(desc(t, "entryUUID"), []byte("x")),
		directory.NewAttribute(desc(t, "mail")),
	}
	no := func(name string) int { return desc(t, name).TypeNo }
	for _, tt := range []struct {
		name   string
		as     directory.NDN
		choose func(*acl.Selection)
		want   []string
	}{
		{"all user attributes", admin, (*acl.Selection).All, []string{"cn", "cn;lang-de", "sn"}},
		{"operational ones", admin, (*acl.Selection).Operational, []string{"entryUUID"}},
		{"a type", admin, func(s *acl.Selection) { s.Type(no("cn")) }, []string{"cn", "cn;lang-de"}},
		{"a type with an option", admin, func(s *acl.Selection) { s.Described(no("cn"), []string{"lang-de"}) }, []string{"cn;lang-de"}},
		{"a type with no option", admin, func(s *acl.Selection) { s.Described(no("sn"), nil) }, []string{"sn"}},
		{"a password", admin, func(s *acl.Selection) { s.Type(no("userPassword")) }, nil},
		{"nothing", admin, func(*acl.Selection) {}, nil},
		{"a type far behind", admin, func(s *acl.Selection) { s.Type(100_000) }, nil},
		{"as a stranger", user, (*acl.Selection).All, nil},
	} {
		var sel acl.Selection
		sel.Type(no("mail"))
		sel.Reset()
		tt.choose(&sel)
		var v acl.View
		policy().Decide(session(tt.as), entry{id: 1, ndn: other}).Reduce(&v, []byte("cn=x"), &sel, true, attrs)
		var got []string
		for _, a := range v.Attributes() {
			got = append(got, a.Desc.Name)
		}
		if !slices.Equal(got, tt.want) || string(v.DN()) != "cn=x" || !v.TypesOnly() {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestReduceDoesNotAllocate(t *testing.T) {
	attrs := []directory.Attribute{
		directory.NewAttribute(desc(t, "cn"), []byte("Alice")), directory.NewAttribute(desc(t, "sn"), []byte("Tester")),
		directory.NewAttribute(desc(t, "userPassword"), []byte("{X}y")),
	}
	var sel acl.Selection
	var v acl.View
	p, s := policy(), session(reader)
	dn := []byte("cn=x")
	var target acl.Target = &fast{entry: entry{id: 1, ndn: other}}
	if n := testing.AllocsPerRun(100, func() {
		sel.Reset()
		sel.All()
		p.Decide(s, target).Reduce(&v, dn, &sel, false, attrs)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkDecideAndReduce(b *testing.B) {
	var attrs []directory.Attribute
	for _, name := range []string{"objectClass", "cn", "sn", "uid", "mail", "uidNumber", "gidNumber", "homeDirectory", "userPassword", "entryUUID"} {
		attrs = append(attrs, directory.NewAttribute(desc(b, name), []byte("1")))
	}
	var sel acl.Selection
	sel.All()
	var v acl.View
	p, s := policy(), session(reader)
	dn := []byte("cn=x")
	var target acl.Target = &fast{entry: entry{id: 1, ndn: other}}
	b.ReportAllocs()
	for b.Loop() {
		p.Decide(s, target).Reduce(&v, dn, &sel, false, attrs)
	}
}
