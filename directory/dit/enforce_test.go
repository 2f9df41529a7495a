package dit_test

import (
	"strings"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/schema"
)

// only narrows a statement to some attributes.
func only(st acl.Statement, names ...string) acl.Statement {
	st.Attributes = acl.Attributes{}
	for _, name := range names {
		st.Attributes.Types = append(st.Attributes.Types, schema.Standard().TypeByName(name))
	}
	return st
}

func deny(st acl.Statement) acl.Statement {
	st.Effect = acl.Deny
	return st
}

// TestModifyIsJudgedByWhatDiffers: a replacement needs write.replace, or the rights to what appears and what disappears.
func TestModifyIsJudgedByWhatDiffers(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.ok(f.modify(f.operator(), bob, "replace description: one", "add description: two"))
	f.ok(f.modify(f.operator(), bob, "replace employeeNumber: 7"))
	s := f.as(alice)
	discover := statement("discover", acl.Name{NDN: f.ndn(alice)}, acl.ActionsOf(acl.ActionDiscover))
	may := func(actions ...acl.Action) acl.Statement {
		return statement("may", acl.Name{NDN: f.ndn(alice)}, acl.ActionsOf(actions...))
	}
	const add, remove, replace, increment, read = acl.ActionWriteAdd, acl.ActionWriteDelete, acl.ActionWriteReplace, acl.ActionWriteIncrement, acl.ActionRead
	for _, tt := range []struct {
		name    string
		rights  []acl.Action
		changes []string
		want    directory.ResultCode
	}{
		{"replace, by write.replace", []acl.Action{replace}, []string{"replace description: one", "replace description: x"}, directory.Success},
		{"replace, by add and delete", []acl.Action{add, remove}, []string{"replace description: x"}, directory.Success},
		{"replace that adds, by add", []acl.Action{add}, []string{"replace title: x"}, directory.Success},
		{"replace that removes, by add", []acl.Action{add}, []string{"replace description: one"}, directory.InsufficientAccessRights},
		{"replace that removes, by delete", []acl.Action{remove}, []string{"replace description"}, directory.Success},
		{"replace that exchanges, by delete", []acl.Action{remove}, []string{"replace description: x"}, directory.InsufficientAccessRights},
		{"replace by the same, readable", []acl.Action{read}, []string{"replace employeeNumber: 7"}, directory.Success},
		{"replace by the same, hidden", nil, []string{"replace employeeNumber: 7"}, directory.InsufficientAccessRights},
		{"replace by the same, hidden, writable", []acl.Action{replace}, []string{"replace employeeNumber: 7"}, directory.Success},
		{"replace of nothing by nothing, hidden", nil, []string{"replace title"}, directory.InsufficientAccessRights},
		{"increment", []acl.Action{increment}, []string{"increment uidNumber: 1"}, directory.Success},
		{"increment, by other rights", []acl.Action{add, remove, replace}, []string{"increment uidNumber: 1"}, directory.InsufficientAccessRights},
		{"add of a value that is there, without the right", []acl.Action{remove}, []string{"add employeeNumber: 7"}, directory.InsufficientAccessRights},
		{"add of a value that is there", []acl.Action{add}, []string{"add description: one"}, directory.AttributeOrValueExists},
		{"delete of what is not there, without the right", []acl.Action{add}, []string{"delete title"}, directory.InsufficientAccessRights},
		{"delete of what is not there", []acl.Action{remove}, []string{"delete title"}, directory.NoSuchAttribute},
		{"all or nothing", []acl.Action{add}, []string{"add title: x", "delete mail"}, directory.InsufficientAccessRights},
	} {
		list := []acl.Statement{discover}
		if tt.rights != nil {
			list = append(list, may(tt.rights...))
		}
		f.enforce(list...)
		before := f.read(f.operator(), bob, "*")
		if err := f.modify(s, bob, tt.changes...); directory.CodeOf(err) != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		if after := f.read(f.operator(), bob, "*"); tt.want != directory.Success && strings.Join(before, "\n") != strings.Join(after, "\n") {
			t.Errorf("%s: refused, but changed to %q", tt.name, after)
		}
		f.ok(f.modify(f.operator(), bob, "replace description: one", "add description: two", "replace title", "replace uidNumber: 10002"))
	}
}

// TestSchemaRefusalsNameNoHiddenAttribute (L10).
func TestSchemaRefusalsNameNoHiddenAttribute(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	s := f.as(alice)
	writes := only(statement("writes", acl.Name{NDN: f.ndn(alice)}, acl.ActionsOf(acl.ActionDiscover)|acl.ActionsWrite), "objectClass", "title")
	f.enforce(writes)
	err := f.modify(s, bob, "delete objectClass: posixAccount")
	f.wants(err, directory.ObjectClassViolation)
	for _, name := range []string{"uidNumber", "gidNumber", "homeDirectory"} {
		if strings.Contains(err.Error(), name) {
			t.Errorf("%v names %s", err, name)
		}
	}
	f.enforce(writes, statement("reads", acl.Name{NDN: f.ndn(alice)}, acl.ActionsView))
	if err := f.modify(s, bob, "delete objectClass: posixAccount"); !strings.Contains(err.Error(), "Number") && !strings.Contains(err.Error(), "homeDirectory") {
		t.Errorf("%v does not say what is wrong", err)
	}
}

// TestRenameDoesNotTellValues: whether the entry has the value of the new RDN already is for those who may read it.
func TestRenameDoesNotTellValues(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	s := f.as(alice)
	renames := statement("renames", acl.Name{NDN: f.ndn(alice)}, acl.ActionsOf(acl.ActionDiscover, acl.ActionRename))
	renames.Reach.Protected = true
	rename := func(rdn string) error {
		return f.d.ModifyDN(t.Context(), s, &directory.ModifyDNRequest{DN: bob, NewRDN: rdn})
	}
	f.enforce(renames)
	has, hasNot := rename("mail=bob@example.com"), rename("mail=x@example.com")
	if f.wants(has, directory.InsufficientAccessRights); !alike(has, hasNot) {
		t.Errorf("has %v, has not %v", has, hasNot)
	}
	f.enforce(renames, only(statement("reads", acl.Name{NDN: f.ndn(alice)}, acl.ActionsOf(acl.ActionRead)), "mail"))
	f.wants(rename("mail=x@example.com"), directory.InsufficientAccessRights)
	f.ok(rename("mail=bob@example.com"))
}

// TestMoveNeedsBothEnds, and a deny at the destination counts.
func TestMoveNeedsBothEnds(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const other = "ou=other," + base
	f.add(other, "objectClass: organizationalUnit", "ou: other")
	s := f.as(alice)
	at := func(st acl.Statement, dn string) acl.Statement {
		st.Reach.Bases = []directory.NDN{f.ndn(dn)}
		return st
	}
	out := at(statement("out", acl.Name{NDN: f.ndn(alice)}, acl.ActionsOf(acl.ActionDiscover, acl.ActionMoveOut)), people)
	in := at(statement("in", acl.Name{NDN: f.ndn(alice)}, acl.ActionsOf(acl.ActionDiscover, acl.ActionMoveIn)), other)
	noIn := deny(at(statement("no-in", acl.Anyone{}, acl.ActionsOf(acl.ActionMoveIn)), other))
	noIn.Attributes = acl.Attributes{}
	move := func() error {
		return f.d.ModifyDN(t.Context(), s, &directory.ModifyDNRequest{DN: bob, NewRDN: "uid=bob", HasNewSuperior: true, NewSuperior: other})
	}
	see := at(statement("see", acl.Name{NDN: f.ndn(alice)}, acl.ActionsOf(acl.ActionDiscover)), base)
	for name, list := range map[string][]acl.Statement{
		"out alone": {see, out}, "in alone": {see, in}, "denied": {see, out, in, noIn},
		"rename alone": {see, statement("rename", acl.Name{NDN: f.ndn(alice)}, acl.ActionsOf(acl.ActionRename))},
	} {
		f.enforce(list...)
		if err := move(); directory.CodeOf(err) != directory.InsufficientAccessRights {
			t.Errorf("%s: %v", name, err)
		}
	}
	f.enforce(out)
	f.wants(move(), directory.NoSuchObject) // the destination is hidden
	f.enforce(see, out, in)
	f.ok(move())
}

// TestAddIsJudgedByItsValues: every value counts, and a password is a reset.
func TestAddIsJudgedByItsValues(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	s := f.as(alice)
	const fresh = "uid=new," + people
	person := []string{"objectClass: inetOrgPerson", "uid: new", "cn: New", "sn: New"}
	me := acl.Name{NDN: f.ndn(alice)}
	adds := statement("adds", me, acl.ActionsOf(acl.ActionAddEntry, acl.ActionDiscover))
	values := only(statement("values", me, acl.ActionsOf(acl.ActionWriteAdd)), "objectClass", "uid", "cn", "sn")
	resets := statement("resets", me, acl.ActionsOf(acl.ActionPasswordReset))
	manages := only(statement("manages", me, acl.ActionsOf(acl.ActionManage)), "userPassword")
	const hash = "userPassword: {SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3"
	for _, tt := range []struct {
		name string
		list []acl.Statement
		more string
		want directory.ResultCode
	}{
		{"nothing", nil, "", directory.NoSuchObject},
		{"values alone", []acl.Statement{values, statement("see", me, acl.ActionsOf(acl.ActionDiscover))}, "", directory.InsufficientAccessRights},
		{"add-entry alone", []acl.Statement{adds}, "", directory.InsufficientAccessRights},
		{"one value too many", []acl.Statement{adds, values}, "title: x", directory.InsufficientAccessRights},
		{"a password without the right", []acl.Statement{adds, values}, "userPassword: something-new", directory.InsufficientAccessRights},
		{"a hash", []acl.Statement{adds, values, resets}, hash, directory.ConstraintViolation},
		{"both", []acl.Statement{adds, values}, "", directory.Success},
		{"a password", []acl.Statement{adds, values, resets}, "userPassword: something-new", directory.Success},
		{"a hash by who manages it", []acl.Statement{adds, values, resets, manages}, hash, directory.Success},
	} {
		f.enforce(tt.list...)
		lines := person
		if tt.more != "" {
			lines = append(lines[:len(lines):len(lines)], tt.more)
		}
		if err := f.addAs(s, fresh, lines...); directory.CodeOf(err) != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		if tt.want == directory.Success {
			f.ok(f.d.Delete(t.Context(), f.operator(), &directory.DeleteRequest{DN: fresh}))
		}
	}
	// A name that is taken is told to those who may know the entry.
	hides := deny(statement("hides", me, acl.ActionsOf(acl.ActionDiscover)))
	hides.Attributes, hides.Reach.Filter = acl.Attributes{}, &directory.EqualityMatch{Attr: "mail", Value: []byte("bob@example.com")}
	bobAgain := []string{"objectClass: inetOrgPerson", "uid: bob", "cn: New", "sn: New"}
	f.enforce(adds, values)
	f.wants(f.addAs(s, bob, bobAgain...), directory.EntryAlreadyExists)
	f.enforce(adds, values, hides)
	f.wants(f.addAs(s, bob, bobAgain...), directory.InsufficientAccessRights)
	// A parent that is only on the way to what may be seen is enough.
	below := adds
	below.Reach.Bases, below.Reach.Scope = []directory.NDN{people}, directory.ScopeChildren
	f.enforce(below, values)
	f.ok(f.addAs(s, fresh, person...))
}

// TestOwnPassword: it is password.change, never a reset, and needs the old one unless this connection proved it.
func TestOwnPassword(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(o *dit.Options) {
		o.Identity = append(o.Identity, dit.IdentityRule{Name: "cn=token", To: bob})
	})
	change := statement("change", acl.Self{}, acl.ActionsOf(acl.ActionPasswordChange, acl.ActionDiscover))
	reset := statement("reset", acl.Any{acl.Name{NDN: f.ndn(alice)}, acl.Name{NDN: f.ndn(bob)}}, acl.ActionsOf(acl.ActionPasswordReset, acl.ActionDiscover))
	reset.Reach.Protected = true
	set := func(s *acl.Session, who, old string) error {
		req := &directory.PasswordModifyRequest{UserIdentity: who, HasUserIdentity: who != "", NewPassword: []byte("secret-alice2")}
		if old != "" {
			req.OldPassword = []byte(old)
		}
		_, err := f.d.ModifyPassword(t.Context(), s, req)
		return err
	}
	token, _, err := f.d.Bind(t.Context(), acl.NewSession(acl.Transport{TLSBits: 256, ClientCertSubject: "cn=token"}), &directory.BindRequest{Version: 3, Mechanism: "EXTERNAL"})
	f.ok(err)
	a, b := f.as(alice), f.as(bob)

	f.enforce(reset)
	f.wants(set(a, "", ""), directory.InsufficientAccessRights)
	f.wants(set(a, "", "secret-alice"), directory.InsufficientAccessRights)
	f.wants(f.modify(a, alice, "replace userPassword: other-secret"), directory.InsufficientAccessRights)

	f.enforce(change)
	f.wants(set(a, "", "wrong"), directory.InvalidCredentials)
	f.wants(set(token, "", ""), directory.UnwillingToPerform)
	f.wants(f.modify(token, bob, "replace userPassword: other-secret"), directory.UnwillingToPerform)
	f.wants(f.modify(token, bob, "delete userPassword: wrong", "add userPassword: other-secret"), directory.InvalidCredentials)
	f.ok(f.modify(token, bob, "delete userPassword: secret-bob", "add userPassword: other-secret"))
	f.wants(set(b.Proxy(a), "", ""), directory.InsufficientAccessRights)
	f.wants(set(b, alice, "secret-alice"), directory.NoSuchObject) // the old password of another opens nothing
	f.ok(set(a, "", ""))
	if !f.canBind(alice, "secret-alice2") {
		t.Error("the password was not set")
	}
}

// TestPasswordOfAHiddenEntry: who may reset it need not see it.
func TestPasswordOfAHiddenEntry(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	s := f.as(alice)
	reset := statement("reset", acl.Name{NDN: f.ndn(alice)}, acl.ActionsOf(acl.ActionPasswordReset))
	set := func(who string) error {
		_, err := f.d.ModifyPassword(t.Context(), s, &directory.PasswordModifyRequest{UserIdentity: who, HasUserIdentity: true, NewPassword: []byte("something new")})
		return err
	}
	f.enforce()
	for _, pair := range [][2]string{{bob, "uid=zzz," + people}, {"u:bob", "u:zzz"}, {"bob", "zzz"}} {
		hidden, missing := set(pair[0]), set(pair[1])
		if f.wants(hidden, directory.NoSuchObject); !alike(hidden, missing) {
			t.Errorf("%s: %v, %s: %v", pair[0], hidden, pair[1], missing)
		}
	}
	f.enforce(reset)
	f.ok(set(bob))
	f.ok(set("u:bob"))
	f.wants(f.modify(s, bob, "replace userPassword: other-secret"), directory.NoSuchObject)
}

// TestBindByTransport: what the transport alone refuses is told before anything is looked up; everything else is 49.
func TestBindByTransport(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	noClear := deny(statement("needs-tls", acl.Anyone{}, acl.ActionsOf(acl.ActionBind, acl.ActionPasswordChange)))
	noClear.Attributes, noClear.When = acl.Attributes{}, []acl.Conditions{{TLS: acl.TLSNone}}
	noBob := deny(statement("no-bob", acl.Anyone{}, acl.ActionsOf(acl.ActionBind)))
	noBob.Attributes, noBob.Reach.Bases, noBob.Reach.Scope = acl.Attributes{}, []directory.NDN{f.ndn(bob)}, directory.ScopeBase
	f.enforce(noClear, noBob)
	bind := func(tr acl.Transport, dn, pw string) error {
		_, _, err := f.d.Bind(t.Context(), acl.NewSession(tr), simple(dn, pw))
		return err
	}
	for _, dn := range []string{alice, bob, "uid=zzz," + people} {
		f.wants(bind(remote, dn, "secret-alice"), directory.ConfidentialityRequired)
	}
	f.wants(bind(loopback, bob, "secret-bob"), directory.InvalidCredentials)
	f.wants(bind(loopback, alice, "secret-bob"), directory.InvalidCredentials)
	f.wants(bind(loopback, "uid=zzz,"+people, "secret-bob"), directory.InvalidCredentials)
	f.ok(bind(loopback, alice, "secret-alice"))
	_, err := f.d.ModifyPassword(t.Context(), acl.NewSession(remote), &directory.PasswordModifyRequest{})
	f.wants(err, directory.ConfidentialityRequired)
	_, err = f.d.ModifyPassword(t.Context(), acl.NewSession(loopback), &directory.PasswordModifyRequest{
		UserIdentity: bob, HasUserIdentity: true, OldPassword: []byte("secret-bob"), NewPassword: []byte("something new")})
	f.wants(err, directory.InvalidCredentials)
}

// TestSearchShowsByValue: values that a statement is not about are left out, and an attribute without any is not named.
func TestSearchShowsByValue(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.ok(f.modify(f.operator(), bob, "add description: public", "add description: private"))
	f.ok(f.modify(f.operator(), alice, "add description: private"))
	me := acl.Name{NDN: f.ndn(reader)}
	some := only(statement("some", me, acl.ActionsOf(acl.ActionRead)), "description")
	some.Values = &acl.Values{AnyOf: []string{"public"}}
	f.enforce(statement("discover", me, acl.ActionsOf(acl.ActionDiscover)), some)
	s := f.as(reader)
	f.compareLists(f.read(s, bob, "description"), "description: public")
	f.compareLists(f.read(s, alice, "description"))
	for dn, want := range map[string][]string{bob: {"description"}, alice: nil} {
		found, err := f.search(s, query{base: dn, types: true})
		f.ok(err)
		f.compareLists(found[dn], want...)
		found, err = f.search(s, query{base: dn, attrs: []string{"1.1"}})
		f.ok(err)
		if lines, is := found[dn]; !is || len(lines) != 0 {
			t.Errorf("1.1 of %s: %q", dn, found)
		}
	}
	// Without the right to search, no filter finds what may be read.
	for _, filter := range []string{"(description=public)", "(description=*)", "(!(description=x))", "(|(description=*)(description=public))"} {
		found, err := f.search(s, query{base: base, scope: directory.ScopeSub, filter: filter})
		f.ok(err)
		f.compareLists(found.names())
	}
	found, err := f.search(s, query{base: people, scope: directory.ScopeOne, filter: "(|(description=public)(objectClass=*))"})
	f.ok(err)
	f.compareLists(found.names(), alice, bob)
}

// TestMemberOfShowsGroupsThatMayBeKnown, in values and in filters.
func TestMemberOfShowsGroupsThatMayBeKnown(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	me := acl.Name{NDN: f.ndn(reader)}
	hides := deny(statement("hides", acl.Anyone{}, acl.ActionsOf(acl.ActionDiscover)))
	hides.Attributes, hides.Reach.Bases, hides.Reach.Scope = acl.Attributes{}, []directory.NDN{f.ndn(nested)}, directory.ScopeBase
	f.enforce(statement("views", me, acl.ActionsView), hides)
	s := f.as(reader)
	f.compareLists(f.read(s, bob, "memberOf"), "memberOf: "+staff)
	for filter, want := range map[string][]string{"(memberOf=" + staff + ")": {alice, bob}, "(memberOf=" + nested + ")": nil} {
		found, err := f.search(s, query{base: people, scope: directory.ScopeOne, filter: filter})
		f.ok(err)
		f.compareLists(found.names(), want...)
	}
	is, err := f.d.Compare(t.Context(), s, &directory.CompareRequest{DN: bob, Attr: "memberOf", Value: []byte(nested)})
	if f.ok(err); is {
		t.Error("a hidden group is compared")
	}
	f.compareLists(f.read(s, groups, "numSubordinates"), "numSubordinates: 1")
}
