package dit_test

import (
	"slices"
	"strings"
	"testing"

	"gatehouse/directory"
)

func TestSearchScopes(t *testing.T) {
	f := newFixture(t)
	admin := f.as(adminDN)
	for _, tt := range []struct {
		name   string
		q      query
		want   []string
		code   directory.ResultCode
		nearby string // matchedDN
	}{
		{"base", query{base: alice, scope: directory.ScopeBase}, []string{alice}, 0, ""},
		{"base with a filter that fails", query{base: alice, filter: "(uid=bob)"}, nil, 0, ""},
		{"one", query{base: people, scope: directory.ScopeOne}, []string{alice, bob}, 0, ""},
		{"sub", query{base: people, scope: directory.ScopeSub}, []string{people, alice, bob}, 0, ""},
		{"children", query{base: people, scope: directory.ScopeChildren}, []string{alice, bob}, 0, ""},
		{"sub of everything", query{base: "", scope: directory.ScopeSub, filter: "(uid=*)"}, []string{alice, bob}, 0, ""},
		{"one below the root", query{base: "", scope: directory.ScopeOne}, []string{base}, 0, ""},
		{"names are compared normalized", query{base: "UID = Alice , OU=People,dc=EXAMPLE,dc=com"}, []string{alice}, 0, ""},
		{"missing", query{base: "uid=carol," + people}, nil, directory.NoSuchObject, people},
		{"missing parent", query{base: "uid=carol,ou=nowhere," + base, scope: directory.ScopeSub}, nil, directory.NoSuchObject, base},
		{"outside", query{base: "dc=org", scope: directory.ScopeSub}, nil, directory.NoSuchObject, ""},
		{"above the naming context", query{base: "dc=com", scope: directory.ScopeSub}, nil, directory.NoSuchObject, ""},
		{"malformed name", query{base: "alice"}, nil, directory.InvalidDNSyntax, ""},
		{"and", query{base: base, scope: directory.ScopeSub, filter: "(&(objectClass=posixAccount)(uidNumber>=10002))"}, []string{bob}, 0, ""},
		{"not", query{base: people, scope: directory.ScopeOne, filter: "(!(uid=alice))"}, []string{bob}, 0, ""},
		{"unknown attribute", query{base: people, scope: directory.ScopeOne, filter: "(!(nosuch=x))"}, nil, 0, ""},
		{"substring", query{base: base, scope: directory.ScopeSub, filter: "(cn=ali*)"}, []string{alice}, 0, ""},
		{"member", query{base: base, scope: directory.ScopeSub, filter: "(member=" + bob + ")"}, []string{staff}, 0, ""},
		{"member in chain", query{base: base, scope: directory.ScopeSub, filter: "(member:1.2.840.113556.1.4.1941:=" + bob + ")"}, []string{nested, staff}, 0, ""},
		{"memberOf, nested", query{base: people, scope: directory.ScopeOne, filter: "(memberOf=" + nested + ")"}, []string{alice, bob}, 0, ""},
		{"memberOf present", query{base: base, scope: directory.ScopeSub, filter: "(memberOf=*)"}, []string{staff, alice, bob}, 0, ""},
		{"manager", query{base: base, scope: directory.ScopeSub, filter: "(manager=" + alice + ")"}, []string{bob}, 0, ""},
		{"entryDN", query{base: base, scope: directory.ScopeSub, filter: "(entryDN=" + alice + ")"}, []string{alice}, 0, ""},
		{"hasSubordinates", query{base: base, scope: directory.ScopeSub, filter: "(hasSubordinates=TRUE)"}, []string{base, groups, people}, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &fixture{TB: t, d: f.d, store: f.store}
			found, err := f.search(admin, tt.q)
			f.wants(err, tt.code)
			if got := matched(err); got != tt.nearby {
				t.Errorf("matchedDN %q, want %q", got, tt.nearby)
			}
			want := slices.Clone(tt.want)
			slices.Sort(want)
			f.compareLists(found.names(), want...)
		})
	}
}

func TestSearchAttributes(t *testing.T) {
	f := newFixture(t)
	admin := f.as(adminDN)
	for _, tt := range []struct {
		name  string
		attrs []string
		want  []string // names of attributes
	}{
		{"none asked", nil, []string{"cn", "gidNumber", "homeDirectory", "mail", "memberOf", "objectClass", "sn", "uid", "uidNumber"}},
		{"star", []string{"*"}, []string{"cn", "gidNumber", "homeDirectory", "mail", "memberOf", "objectClass", "sn", "uid", "uidNumber"}},
		{"1.1", []string{"1.1"}, nil},
		{"1.1 beside a name", []string{"1.1", "uid"}, []string{"uid"}},
		{"twice", []string{"uid", "UID", "userid"}, []string{"uid"}},
		{"unknown", []string{"uid", "dn", "", "userAccountControl2"}, []string{"uid"}},
		{"supertype", []string{"name"}, []string{"cn", "sn"}},
		{"class", []string{"@posixAccount"}, []string{"cn", "gidNumber", "homeDirectory", "objectClass", "uid", "uidNumber"}},
		{"unknown class", []string{"@nosuch"}, nil},
		{"operational", []string{"+"}, []string{"createTimestamp", "creatorsName", "entryCSN", "entryDN", "entryUSN", "entryUUID",
			"hasSubordinates", "memberOf", "modifiersName", "modifyTimestamp", "numSubordinates", "pwdChangedTime", "structuralObjectClass", "subschemaSubentry"}},
		{"password by name", []string{"userPassword", "uid"}, []string{"uid"}},
		{"password by option", []string{"userPassword;x-a"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &fixture{TB: t, d: f.d, store: f.store}
			found, err := f.search(admin, query{base: alice, attrs: tt.attrs, types: true})
			f.ok(err)
			f.compareLists(found[alice], tt.want...)
		})
	}
}

func TestComputedAttributes(t *testing.T) {
	f := newFixture(t)
	f.clock.Store(90)
	f.ok(f.modify(f.as(adminDN), alice, "replace title: Engineer"))
	f.compareLists(f.read(f.operator(), alice, "entryDN", "memberOf", "modifyTimestamp", "modifiersName", "createTimestamp", "creatorsName",
		"hasSubordinates", "numSubordinates", "subschemaSubentry", "structuralObjectClass"),
		"createTimestamp: 20260301120000Z", "creatorsName: cn=operator,cn=gatehouse", "entryDN: "+alice, "hasSubordinates: FALSE",
		"memberOf: "+nested, "memberOf: "+staff, "modifiersName: "+adminDN, "modifyTimestamp: 20260301120130Z",
		"numSubordinates: 0", "structuralObjectClass: inetOrgPerson", "subschemaSubentry: cn=Subschema")
	f.compareLists(f.read(f.operator(), people, "hasSubordinates", "numSubordinates"), "hasSubordinates: TRUE", "numSubordinates: 2")
	if u := f.one(alice, "entryUUID"); len(u) != 36 || u[14] != '4' {
		t.Errorf("entryUUID %q is no version 4 UUID", u)
	}
	usn := f.one(staff, "entryUSN")
	f.ok(f.modify(f.operator(), staff, "delete member: "+bob))
	if f.one(staff, "entryUSN") == usn {
		t.Error("a membership change does not move the group's entryUSN")
	}
	if got := f.one(staff, "entryCSN"); !strings.HasPrefix(got, "20260301120130.") || !strings.HasSuffix(got, "#000#000000") {
		t.Errorf("entryCSN %q", got)
	}
}

func TestMemberOfEndsInCircles(t *testing.T) {
	f := newFixture(t)
	f.ok(f.modify(f.operator(), staff, "add member: "+nested))
	f.compareLists(f.read(f.operator(), alice, "memberOf"), "memberOf: "+nested, "memberOf: "+staff)
	f.compareLists(f.read(f.operator(), staff, "memberOf"), "memberOf: "+nested, "memberOf: "+staff)
}

func TestReferencesArePrinted(t *testing.T) {
	f := newFixture(t)
	outside := "uid=x,dc=elsewhere"
	f.ok(f.modify(f.operator(), staff, "add member: uid=later,"+people, "add member: "+outside))
	f.compareLists(f.read(f.operator(), staff, "member"),
		"member: "+alice, "member: "+bob, "member: uid=later,"+people, "member: "+outside)
	for _, name := range []string{"uid=later," + people, outside, "UID=Later,ou=people,dc=example,dc=com"} {
		found, err := f.search(f.operator(), query{base: base, scope: directory.ScopeSub, filter: "(member=" + name + ")"})
		f.ok(err)
		f.compareLists(found.names(), staff)
	}
	f.person("later", 10009)
	f.compareLists(f.read(f.operator(), "uid=later,"+people, "memberOf"), "memberOf: "+nested, "memberOf: "+staff)
	f.ok(f.d.Delete(t.Context(), f.operator(), &directory.DeleteRequest{DN: alice}))
	f.compareLists(f.read(f.operator(), staff, "member"),
		"member: "+bob, "member: uid=later,"+people, "member: "+outside)
}

func TestRootDSE(t *testing.T) {
	f := newFixture(t)
	anonymous := f.as("")
	lines := f.read(anonymous, "", "*", "+")
	for _, want := range []string{"namingContexts: " + base, "supportedLDAPVersion: 3", "supportedSASLMechanisms: PLAIN", "subschemaSubentry: cn=Subschema"} {
		if !slices.Contains(lines, want) {
			t.Errorf("the root DSE lacks %q: %q", want, lines)
		}
	}
	usn := f.read(anonymous, "", "lastUSN", "highestCommittedUSN")
	if len(usn) != 2 || usn[0] == "" {
		t.Errorf("%q", usn)
	}
	if found, err := f.search(anonymous, query{base: "", filter: "(objectClass=person)"}); err != nil || len(found) != 0 {
		t.Errorf("a filter that fails: %v %v", found, err)
	}
	if found, err := f.search(anonymous, query{base: "", filter: "(objectClass=top)", attrs: []string{"1.1"}}); err != nil || len(found) != 1 {
		t.Errorf("a filter that matches: %v %v", found, err)
	}
}

func TestSubschema(t *testing.T) {
	f := newFixture(t)
	for _, scope := range []directory.Scope{directory.ScopeBase, directory.ScopeSub} {
		found, err := f.search(f.as(""), query{base: "cn=Subschema", scope: scope, filter: "(objectClass=subschema)", attrs: []string{"attributeTypes", "objectClasses"}})
		f.ok(err)
		if lines := found["cn=Subschema"]; len(lines) < 200 {
			t.Errorf("the schema has %d lines", len(lines))
		}
	}
	found, err := f.search(f.as(""), query{base: "cn=subschema", scope: directory.ScopeOne})
	f.ok(err)
	if len(found) != 0 {
		t.Errorf("entries below the schema: %v", found)
	}
}
