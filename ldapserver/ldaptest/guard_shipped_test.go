package ldaptest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/ldaptest"
)

const inRoles = ",ou=roles," + ldaptest.Base

// roleNames are the groups of the shipped roles, and who is in them.
var roleNames = map[string]string{
	"app-lookup": "cn=app,ou=services," + ldaptest.Base, "helpdesk": "uid=dave" + inPeople, "hr": "uid=carol" + inPeople,
	"branch-admins": "uid=erin" + inPeople, "auditors": "uid=grace" + inPeople, "sssd-hosts": "cn=sssd,ou=services," + ldaptest.Base, "replicas": "cn=replica,ou=services," + ldaptest.Base,
}

// shippedLDIF is what stands below a new server, with somebody in each role. A role waits for uid=ghost.
func shippedLDIF() string {
	list := []string{unit("ou=roles," + ldaptest.Base), unit("ou=services," + ldaptest.Base)}
	for _, cn := range []string{"app", "sssd", "replica"} {
		list = append(list, "dn: cn="+cn+",ou=services,"+ldaptest.Base+"\nobjectClass: applicationProcess\nobjectClass: simpleSecurityObject\ncn: "+cn+
			"\nuserPassword: "+cn+"-secret\n")
	}
	for _, uid := range []string{"dave", "carol", "erin", "grace", "mia"} {
		list = append(list, person(uid))
	}
	for cn, member := range roleNames {
		list = append(list, "dn: cn="+cn+inRoles+"\nobjectClass: groupOfMembers\ncn: "+cn+"\nmember: "+member+"\nmember: uid=ghost"+inPeople+"\n")
	}
	return strings.Join(list, "\n")
}

// newShipped is a server under the shipped policies and nothing else.
func newShipped(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, "", ldaptest.WithLDIF(shippedLDIF()))
	if err := w.ApplyPolicy(); err != nil {
		t.Fatal(err)
	}
	return w
}

// attackers are connections of everybody but the administrator.
func (w *world) attackers() map[string]*ldap.Conn {
	list := map[string]*ldap.Conn{"anonymous": w.Dial(), "alice": w.as("alice")}
	for cn, dn := range roleNames {
		rdn, _, _ := strings.Cut(dn, ",")
		_, name, _ := strings.Cut(rdn, "=")
		list[cn] = w.DialAs(dn, name+"-secret")
	}
	return list
}

// attacks are what nobody but the administrator may do under the shipped policies, whoever they are.
func attacks(me string) map[string]func(c *ldap.Conn) error {
	mod := func(dn string, changes ...string) func(*ldap.Conn) error {
		return func(c *ldap.Conn) error { return modify(c, dn, changes...) }
	}
	add := func(text string) func(*ldap.Conn) error { return func(c *ldap.Conn) error { return addEntry(c, text) } }
	admin := ldaptest.AdminDN
	list := map[string]func(c *ldap.Conn) error{
		"the administrator's password":           func(c *ldap.Conn) error { return reset(c, admin, "fresh-secret") },
		"the administrator's password, modified": mod(admin, "replace userPassword fresh-secret"),
		"the administrator's password, replaced": mod(admin, "delete userPassword", "add userPassword fresh-secret"),
		"the administrator deleted":              func(c *ldap.Conn) error { return remove(c, admin) },
		"the administrator renamed":              func(c *ldap.Conn) error { return rename(c, admin, "cn=former", "") },
		"the administrator's description":        mod(admin, "add description x"),
		"a role made":                            add("dn: cn=more" + inRoles + "\nobjectClass: groupOfMembers\ncn: more"),
		"an operator made":                       add("dn: cn=operator,cn=gatehouse\nobjectClass: organizationalRole\ncn: operator"),
		"a sudo rule made":                       add("dn: cn=all,ou=people," + ldaptest.Base + "\nobjectClass: sudoRole\ncn: all\nsudoUser: ALL"),
		"an account of root made": add(person("toor", "objectClass: posixAccount", "uidNumber: 0", "gidNumber: 0",
			"homeDirectory: /root")),
		"a group made":                     add(group("new", me)),
		"a dynamic group made":             add(urlGroup("new", "(uid=alice)")),
		"a person among the services made": add("dn: cn=evil,ou=services," + ldaptest.Base + "\nobjectClass: person\ncn: evil\nsn: Evil\nuserPassword: evil-secret"),
		"a person that a role waits for":   add(person("ghost")),
		"a person renamed to that":         func(c *ldap.Conn) error { return rename(c, "uid=mia"+inPeople, "uid=ghost", "") },
		"roles renamed":                    func(c *ldap.Conn) error { return rename(c, "ou=roles,"+ldaptest.Base, "ou=former", "") },
		"people renamed":                   func(c *ldap.Conn) error { return rename(c, "ou=people,"+ldaptest.Base, "ou=former", "") },
		"the schema":                       mod("cn=Subschema", "add objectClasses ( 1.2.3 NAME 'x' )"),
		"the root DSE":                     mod("", "add description x"),
		"what the server makes":            mod(me, "replace entryUUID 597ae2f6-16a6-1027-98f4-d28b5365dc14"),
		"who made it":                      mod(me, "replace creatorsName "+admin),
		"memberships":                      mod(me, "add memberOf cn=helpdesk"+inRoles),
		"own object class":                 mod(me, "add objectClass posixAccount"),
		"own uid":                          mod(me, "replace uid admin"),
		"own name":                         func(c *ldap.Conn) error { return rename(c, me, "cn=admin2", "") },
		"a hash of one's own choice":       mod(me, "replace userPassword {SSHA}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
		"another's key":                    mod("uid=mia"+inPeople, "add sshPublicKey ssh-ed25519 AAAA"),
		"another's certificate":            mod("uid=mia"+inPeople, "add userCertificate;binary "+certificateText),
		"another moved out of people":      func(c *ldap.Conn) error { return rename(c, "uid=mia"+inPeople, "uid=mia", "ou=roles,"+ldaptest.Base) },
		"another's numbers":                mod("uid=mia"+inPeople, "add objectClass posixAccount", "add uidNumber 0", "add gidNumber 0", "add homeDirectory /"),
		"the server itself":                mod("cn=gatehouse", "add description x"),
	}
	if me != roleNames["hr"] && me != roleNames["branch-admins"] { // who maintain people, themselves included
		list["own description"] = mod(me, "add description x")
	}
	for cn := range roleNames {
		dn := "cn=" + cn + inRoles
		list["member of "+cn] = mod(dn, "add member "+me)
		list["alone in "+cn] = mod(dn, "replace member "+me)
		list["owner of "+cn] = mod(dn, "add owner "+me)
		list["class of "+cn] = mod(dn, "add objectClass extensibleObject", "add memberURL ldap:///??sub?(uid=*)")
		list["delete of "+cn] = func(c *ldap.Conn) error { return remove(c, dn) }
		list["rename of "+cn] = func(c *ldap.Conn) error { return rename(c, dn, "cn=former", "") }
	}
	for _, member := range roleNames {
		if member == me {
			continue
		}
		list["password of "+member] = func(c *ldap.Conn) error { return reset(c, member, "fresh-secret") }
		list["password by modify of "+member] = mod(member, "replace userPassword fresh-secret")
		list["key of "+member] = mod(member, "add sshPublicKey ssh-ed25519 AAAA")
		list["delete of "+member] = func(c *ldap.Conn) error { return remove(c, member) }
	}
	return list
}

// powerless are the members of roles that give no power over others, so that the helpdesk resets them like everybody.
var powerless = []string{roleNames["app-lookup"], roleNames["sssd-hosts"]}

// TestGuardShippedAttacks: under the shipped policies nobody comes to more than they have. Everything is refused, and nothing has changed.
func TestGuardShippedAttacks(t *testing.T) {
	t.Parallel()
	w := newShipped(t)
	admin := w.DialAdmin()
	before := everything(t, admin)
	for who, c := range w.attackers() {
		me := "uid=alice" + inPeople
		if dn, is := roleNames[who]; is {
			me = dn
		}
		for name, attack := range attacks(me) {
			if got := code(t, attack(c)); got == done {
				t.Errorf("%s: %s: done", who, name)
			}
		}
	}
	if after := everything(t, admin); !slices.Equal(before, after) {
		for i := range min(len(before), len(after)) {
			if before[i] != after[i] {
				t.Errorf("was %s\nis %s", before[i], after[i])
				break
			}
		}
	}
}

// TestGuardShippedSecrets: nobody reads, finds or compares a password, the administrator and auditors included.
func TestGuardShippedSecrets(t *testing.T) {
	t.Parallel()
	w := newShipped(t)
	people := w.attackers()
	people["administrator"] = w.DialAdmin()
	for who, c := range people {
		for _, filter := range []string{"(objectClass=*)", "(userPassword=*)", "(userPassword=alice-secret)", "(userPassword:octetStringMatch:=x)",
			"(!(userPassword=x))", "(|(uid=mia)(userPassword=*))", "(userPassword>=a)", "(userPassword=*a*)"} {
			for _, attrs := range [][]string{{"userPassword"}, {"*", "+"}, {"*", "+", "userPassword", "userPassword;x"}, nil} {
				r, err := c.Search(ldap.NewSearchRequest(ldaptest.Base, ldap.ScopeWholeSubtree, 0, 0, 0, false, filter, attrs, nil))
				if err != nil {
					continue
				}
				for _, e := range r.Entries {
					if strings.Contains(filter, "userPassword") && !strings.Contains(filter, "uid=mia") {
						t.Errorf("%s: %s finds %s", who, filter, e.DN)
					}
					for _, a := range e.Attributes {
						if strings.Contains(strings.ToLower(a.Name), "password") {
							t.Errorf("%s reads %s of %s", who, a.Name, e.DN)
						}
					}
				}
			}
		}
		for _, dn := range []string{"uid=alice" + inPeople, ldaptest.AdminDN} {
			if is, err := c.Compare(dn, "userPassword", "alice-secret"); err == nil || is {
				t.Errorf("%s compares the password of %s", who, dn)
			}
		}
	}
}

// TestGuardShippedSees: who sees what. Anonymous sees nothing, people see the containers and themselves, roles what they are for.
func TestGuardShippedSees(t *testing.T) {
	t.Parallel()
	w := newShipped(t)
	count := func(c *ldap.Conn, filter string) int {
		names, err := search(c, ldaptest.Base, filter)
		if err != nil && code(t, err) != hidden {
			t.Fatal(err)
		}
		return len(names)
	}
	a := w.attackers()
	for _, tt := range []struct {
		who, filter string
		atLeast     int
		atMost      int
	}{
		{"anonymous", "(objectClass=*)", 0, 0},
		{"alice", "(objectClass=inetOrgPerson)", 1, 1},
		{"alice", "(objectClass=groupOfNames)", 0, 0},
		{"alice", "(objectClass=organizationalUnit)", 8, 20},
		{"alice", "(mail=*)", 0, 0},
		{"app-lookup", "(objectClass=inetOrgPerson)", 10, 30},
		{"app-lookup", "(objectClass=groupOfMembers)", 0, 0},
		{"app-lookup", "(objectClass=organizationalRole)", 0, 0},
		{"app-lookup", "(memberOf=cn=helpdesk,ou=roles,dc=example,dc=com)", 0, 0},
		{"helpdesk", "(objectClass=inetOrgPerson)", 10, 30},
		{"helpdesk", "(memberOf=cn=helpdesk,ou=roles,dc=example,dc=com)", 0, 0},
		{"hr", "(objectClass=groupOfMembers)", 0, 0},
		{"sssd-hosts", "(objectClass=inetOrgPerson)", 0, 0},
		{"sssd-hosts", "(objectClass=groupOfNames)", 3, 30},
		{"auditors", "(objectClass=groupOfMembers)", 7, 7},
		{"auditors", "(objectClass=inetOrgPerson)", 10, 30},
	} {
		if n := count(a[tt.who], tt.filter); n < tt.atLeast || n > tt.atMost {
			t.Errorf("%s finds %d entries with %s, want %d to %d", tt.who, n, tt.filter, tt.atLeast, tt.atMost)
		}
	}
}

// TestGuardShippedWorks: what the roles are for is done.
func TestGuardShippedWorks(t *testing.T) {
	t.Parallel()
	w := newShipped(t)
	a := w.attackers()
	in := func(uid string) string { return "uid=" + uid + inPeople }
	answers(t, "own password", reset(a["alice"], "", "fresh-secret"), done)
	answers(t, "own number and key", modify(a["alice"], in("alice"), "replace mobile 1", "add sshPublicKey ssh-ed25519 AAAA"), done)
	answers(t, "helpdesk", reset(a["helpdesk"], in("mia"), "fresh-secret"), done)
	answers(t, "hr makes a person with a first password", addEntry(a["hr"], "dn: uid=new"+inPeople+
		"\nobjectClass: inetOrgPerson\nuid: new\ncn: new\nsn: New\nuserPassword: new-secret"), done)
	w.wantPassword("hr", "new", "new-secret", "")
	answers(t, "hr does not set a later one", reset(a["hr"], in("new"), "fresh-secret"), refused)
	answers(t, "hr maintains", modify(a["hr"], in("mia"), "replace title x", "replace departmentNumber 1"), done)
	answers(t, "hr deletes nobody", remove(a["hr"], in("mia")), refused)
	answers(t, "branch", addEntry(a["branch-admins"], "dn: uid=newer"+inPeople+
		"\nobjectClass: inetOrgPerson\nuid: newer\ncn: newer\nsn: New\nuserPassword: newer-secret"), done)
	answers(t, "branch resets", reset(a["branch-admins"], in("new"), "fresh-secret"), done)
	answers(t, "branch deletes", remove(a["branch-admins"], in("newer")), done)
	answers(t, "branch is no way out", rename(a["branch-admins"], in("new"), "uid=new", "ou=services,"+ldaptest.Base), refused)
	answers(t, "the administrator", modify(w.DialAdmin(), "cn=helpdesk"+inRoles, "add member "+in("alice")), done)
	answers(t, "at once", reset(a["alice"], in("mia"), "another-secret"), done)
	for _, member := range powerless {
		answers(t, "no person", reset(a["helpdesk"], member, "fresh-secret"), hidden)
	}
}
