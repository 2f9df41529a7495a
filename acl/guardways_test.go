package acl_test

import (
	"strings"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// realm is a tree with privileged and ordinary groups, and a clerk who may do everything that needs no include.
type realm struct {
	*acl.Tree
	t      *testing.T
	policy *acl.Policy
	clerk  *acl.Session
}

const (
	realmPeople = "ou=people," + suffix
	realmGroups = "ou=groups," + suffix
)

func lines(list ...string) (attrs []directory.PartialAttribute) {
	for _, line := range list {
		name, value, _ := strings.Cut(line, ": ")
		if n := len(attrs) - 1; n >= 0 && attrs[n].Attr == name {
			attrs[n].Values = append(attrs[n].Values, []byte(value))
			continue
		}
		attrs = append(attrs, directory.PartialAttribute{Attr: name, Values: [][]byte{[]byte(value)}})
	}
	return attrs
}

func newRealm(t *testing.T, more ...acl.Statement) *realm {
	t.Helper()
	s := schema.Standard()
	r := &realm{Tree: acl.NewTree(s, at), t: t}
	add := func(dn string, list ...string) {
		t.Helper()
		if err := r.Add(dn, lines(list...)); err != nil {
			t.Fatal(err)
		}
	}
	person := func(uid, under string, more ...string) {
		add("uid="+uid+","+under, append([]string{"objectClass: inetOrgPerson", "userPassword: x", "uid: " + uid}, more...)...)
	}
	add(suffix, "objectClass: domain")
	for _, ou := range []string{"ou=people", "ou=groups", "ou=plain", "ou=vault,ou=plain", "ou=box,ou=plain"} {
		add(ou+","+suffix, "objectClass: organizationalUnit")
	}
	person("clerk", realmPeople)
	person("boss", realmPeople)
	person("low", realmPeople)
	person("eve", realmPeople, "title: none")
	person("mallory", "ou=box,ou=plain,"+suffix)
	add("uid=badge,"+realmPeople, "objectClass: inetOrgPerson", "uid: badge", "employeeType: root")
	add("cn=clerks,"+realmGroups, "objectClass: groupOfNames", "member: uid=clerk,"+realmPeople)
	add("cn=bosses,"+realmGroups, "objectClass: groupOfNames", "member: uid=boss,"+realmPeople, "member: uid=ghost,"+realmPeople,
		"member: uid=mallory,ou=away,"+suffix, "member: cn=team,"+realmGroups, "member: uid=thing,"+realmPeople)
	add("cn=lows,"+realmGroups, "objectClass: groupOfNames", "member: uid=low,"+realmPeople)
	add("cn=team,"+realmGroups, "objectClass: groupOfNames")
	add("cn=plain,"+realmGroups, "objectClass: groupOfNames")
	add("cn=out,"+realmGroups, "objectClass: groupOfNames", "member: uid=eve,"+realmPeople)
	add("uid=thing,"+realmPeople, "objectClass: account", "uid: thing")
	add("cn=urls,"+realmGroups, "objectClass: groupOfURLs", "memberURL: ldap:///"+suffix+"??sub?(title=boss)",
		"memberURL: ldap:///ou=court,"+suffix+"??sub?(objectClass=inetOrgPerson)")
	everything := acl.ActionsView | acl.ActionsWrite | acl.ActionsOf(acl.ActionAddEntry, acl.ActionDeleteEntry, acl.ActionRename,
		acl.ActionMoveIn, acl.ActionMoveOut, acl.ActionPasswordReset, acl.ActionAccountUnlock, acl.ActionProxy, acl.ActionManage)
	allow := func(name string, subject acl.Subject, actions acl.Actions) acl.Statement {
		return acl.Statement{
			Place: acl.Place{Name: name}, Effect: acl.Allow, Subject: subject, Actions: actions,
			Reach:      acl.Reach{Bases: []directory.NDN{suffix}, Scope: directory.ScopeSub},
			Attributes: acl.Attributes{User: true, Operational: true, Secret: true},
		}
	}
	group := func(cn string) acl.Subject { return acl.Group{NDN: directory.NDN("cn=" + cn + "," + realmGroups)} }
	power := func(name string, subject acl.Subject) acl.Statement {
		return allow(name, subject, acl.ActionsOf(acl.ActionAccountUnlock))
	}
	program := &acl.Program{At: at, Suffixes: []directory.NDN{suffix}, Statements: append(more,
		allow("clerks", group("clerks"), everything),
		allow("self", acl.Self{}, acl.ActionsWrite),
		power("bosses", group("bosses")), power("lows", group("lows")), power("urls", group("urls")),
		power("named", acl.Name{NDN: "uid=chief," + realmPeople}),
		power("new", group("new")),
		power("filtered", acl.Matching{Filter: parsed(t, "(employeeType=root)")}),
		power("linked", acl.Matching{Filter: parsed(t, "(manager=uid=king,"+realmPeople+")")}),
		power("vault", acl.All{acl.Subtree{Base: "ou=vault,ou=plain," + suffix}, acl.Matching{Filter: parsed(t, "(objectClass=inetOrgPerson)")}}),
		power("unless", acl.Unless{Subject: acl.Matching{Filter: parsed(t, "(title=none)")}, Except: group("out")}),
	)}
	var err error
	if r.policy, err = acl.Compile(program, s); err != nil {
		t.Fatal(err)
	}
	r.clerk = r.as("clerk")
	return r
}

func (r *realm) as(uid string) *acl.Session {
	r.t.Helper()
	s, err := r.Session(acl.Transport{TLSBits: 256}, acl.Identity{NDN: directory.NDN("uid=" + uid + "," + realmPeople), Level: 1, At: at})
	if err != nil {
		r.t.Fatal(err)
	}
	if err := r.policy.Refresh(s, r); err != nil {
		r.t.Fatal(err)
	}
	return s
}

// becomes proposes an entry in place of the one called dn.
func (r *realm) becomes(dn, as string, list ...string) (before, after acl.Source) {
	r.t.Helper()
	id := directory.EntryID(0)
	if dn != "" {
		before = r.Find(directory.NDN(dn))
		id = before.ID()
		if list == nil {
			for _, a := range before.Entry().Attributes() {
				for v := range a.Values() {
					list = append(list, a.Desc.Name+": "+string(v))
				}
			}
		}
	}
	after, err := r.Propose(id, as, lines(list...))
	if err != nil {
		r.t.Fatal(err)
	}
	return before, after
}

// TestGuardsSeeEveryWay: of every way into a guarded set, the clerk, whose statement includes nothing, can take none; of what looks
// alike and leads nowhere, every one.
func TestGuardsSeeEveryWay(t *testing.T) {
	t.Parallel()
	person := func(more ...string) []string {
		return append([]string{"objectClass: inetOrgPerson", "userPassword: x"}, more...)
	}
	write := func(attr string) acl.Question {
		return acl.Question{Action: acl.ActionWriteReplace, Attribute: desc(t, attr)}
	}
	does := func(a acl.Action) acl.Question { return acl.Question{Action: a} }
	const eve, mallory, box = "uid=eve," + realmPeople, "uid=mallory,ou=box,ou=plain," + suffix, "ou=box,ou=plain," + suffix
	for _, tt := range []struct {
		name     string
		from, to string // names; from is empty for an add
		attrs    []string
		q        acl.Question
		as       string // clerk if empty
		want     bool
	}{
		{"add of a person", "", "uid=new," + realmPeople, person(), does(acl.ActionAddEntry), "", true},
		{"add of who is waited for", "", "uid=ghost," + realmPeople, person(), does(acl.ActionAddEntry), "", false},
		{"add of who is named", "", "uid=chief," + realmPeople, person(), does(acl.ActionAddEntry), "", false},
		{"add of a group that is named", "", "cn=new," + realmGroups, []string{"objectClass: groupOfNames"}, does(acl.ActionAddEntry), "", false},
		{"add of a dynamic member", "", "uid=new," + realmPeople, person("title: boss"), does(acl.ActionAddEntry), "", false},
		{"add of who passes a filter", "", "uid=new," + realmPeople, person("employeeType: root"), does(acl.ActionAddEntry), "", false},
		{"add of who passes a filter and cannot bind", "", "uid=new," + realmPeople, []string{"objectClass: inetOrgPerson", "employeeType: root"},
			does(acl.ActionAddEntry), "", true},
		{"add below a subtree", "", "uid=new,ou=vault,ou=plain," + suffix, person(), does(acl.ActionAddEntry), "", false},
		{"password of an add that is protected", "", "uid=ghost," + realmPeople, person(), does(acl.ActionPasswordReset), "", false},

		{"a title", eve, eve, person("title: x"), write("description"), "", true},
		{"the title of bosses", eve, eve, person("title: boss"), write("title"), "", false},
		{"the title of bosses, of oneself", eve, eve, person("title: boss"), write("title"), "eve", false},
		{"another way for one who is protected already, of oneself", "uid=low," + realmPeople, "uid=low," + realmPeople, person("title: boss"),
			write("title"), "low", false},
		{"no other way for one who is protected already, of oneself", "uid=low," + realmPeople, "uid=low," + realmPeople, person("title: clerk"),
			write("title"), "low", true},
		{"the password policy of somebody", eve, eve, person("title: none"), write("pwdPolicySubentry"), "", true},
		{"the password policy of one who is protected", "uid=low," + realmPeople, "uid=low," + realmPeople, person(), write("pwdPolicySubentry"), "", false},
		{"that one who is protected is disabled", "uid=low," + realmPeople, "uid=low," + realmPeople, person(), write("nsAccountLock"), "", false},
		{"the same by the days of shadow", "uid=low," + realmPeople, "uid=low," + realmPeople, person(), write("shadowExpire"), "", false},
		{"the same by an end", "uid=low," + realmPeople, "uid=low," + realmPeople, person(), write("pwdEndTime"), "", false},
		{"an attribute of a dynamic group, of one who is protected", "uid=low," + realmPeople, "uid=low," + realmPeople, person("title: clerk"),
			write("title"), "", false},
		{"an attribute of no meaning, of one who is protected", "uid=low," + realmPeople, "uid=low," + realmPeople, person("description: x"),
			write("description"), "", true},
		{"a password for one who passes a filter", "uid=badge," + realmPeople, "uid=badge," + realmPeople,
			person("employeeType: root"), does(acl.ActionPasswordReset), "", false},
		{"a link to a name that a filter looks for", eve, eve, person("manager: uid=king," + realmPeople), write("manager"), "", false},

		{"member of a privileged group", "cn=bosses," + realmGroups, "cn=bosses," + realmGroups, []string{"objectClass: groupOfNames"},
			write("member"), "", false},
		{"member of a group in one", "cn=team," + realmGroups, "cn=team," + realmGroups, []string{"objectClass: groupOfNames"},
			write("member"), "", false},
		{"member of another group", "cn=plain," + realmGroups, "cn=plain," + realmGroups, []string{"objectClass: groupOfNames"},
			write("member"), "", true},
		{"member of a group that a statement subtracts", "cn=out," + realmGroups, "cn=out," + realmGroups, []string{"objectClass: groupOfNames"},
			write("member"), "", false},
		{"owner of a privileged group", "cn=bosses," + realmGroups, "cn=bosses," + realmGroups, []string{"objectClass: groupOfNames"},
			write("owner"), "", false},
		{"description of a privileged group", "cn=bosses," + realmGroups, "cn=bosses," + realmGroups, nil, write("description"), "", true},
		{"memberURL of a privileged group", "cn=urls," + realmGroups, "cn=urls," + realmGroups, nil, write("memberURL"), "", false},
		{"a member becomes a group", "uid=thing," + realmPeople, "uid=thing," + realmPeople, []string{"objectClass: groupOfURLs",
			"memberURL: ldap:///" + suffix + "??sub?(uid=eve)"}, write("objectClass"), "", false},
		{"a member that may have any attribute", "uid=thing," + realmPeople, "uid=thing," + realmPeople,
			[]string{"objectClass: account", "objectClass: extensibleObject"}, write("objectClass"), "", false},

		{"rename of a person", eve, "uid=eva," + realmPeople, nil, does(acl.ActionRename), "", true},
		{"rename to a name that is waited for", eve, "uid=ghost," + realmPeople, nil, does(acl.ActionRename), "", false},
		{"rename to a name in a statement", eve, "uid=chief," + realmPeople, nil, does(acl.ActionRename), "", false},
		{"rename to a name that a filter looks for", eve, "uid=king," + realmPeople, nil, does(acl.ActionRename), "", false},
		{"rename of a group to a named one", "cn=plain," + realmGroups, "cn=new," + realmGroups, nil, does(acl.ActionRename), "", false},
		{"move into a subtree", mallory, "uid=mallory,ou=vault,ou=plain," + suffix, nil, does(acl.ActionMoveIn), "", false},
		{"move into a subtree, the source", mallory, "uid=mallory,ou=vault,ou=plain," + suffix, nil, does(acl.ActionMoveOut), "", false},
		{"move to another place", mallory, "uid=mallory," + realmPeople, nil, does(acl.ActionMoveIn), "", true},
		{"rename of a container", box, "ou=crate,ou=plain," + suffix, nil, does(acl.ActionRename), "", true},
		{"rename of a container under whose name somebody is waited for", box, "ou=away," + suffix, nil, does(acl.ActionMoveIn), "", false},
		{"move of a container below a dynamic group's base", box, "ou=court," + suffix, nil, does(acl.ActionMoveIn), "", false},
		{"move of a container below a subtree", box, "ou=box,ou=vault,ou=plain," + suffix, nil, does(acl.ActionMoveIn), "", false},
		{"rename of a container that holds who is protected", realmPeople, "ou=folk," + suffix, nil, does(acl.ActionRename), "", false},
		{"rename of a base", "ou=vault,ou=plain," + suffix, "ou=safe,ou=plain," + suffix, nil, does(acl.ActionRename), "", false},
		{"rename of what is above a base", "ou=plain," + suffix, "ou=other," + suffix, nil, does(acl.ActionRename), "", false},
	} {
		r := newRealm(t)
		as := r.clerk
		if tt.as != "" {
			as = r.as(tt.as)
		}
		before, after := r.becomes(tt.from, tt.to, tt.attrs...)
		var was acl.Target
		if before != nil {
			was = before
		}
		if got := r.policy.DecideChange(as, was, after).Answer(tt.q); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
