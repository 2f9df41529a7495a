package ldaptest_test

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/acl"
	"gatehouse/directory/dit"
	"gatehouse/ldapserver/ldaptest"
)

// asker is a connection with what explain must be told of it.
type asker struct {
	*ldap.Conn
	name string // DN, empty for nobody
	via  dit.ExplainVia
}

// TestExplainAgreesWithTheWire: under random policies, what explain says of a question is what the server does when the request is
// made, and what it says of a refusal's reference is not that all is allowed.
func TestExplainAgreesWithTheWire(t *testing.T) {
	t.Parallel()
	policies, questions := 60, 80
	if testing.Short() {
		policies = 10
	}
	w := newLeakWorld(t)
	x := &comparison{world: w, operator: w.dialOperator(), admin: w.DialAdmin(), plain: w.Directory.Policy(), seen: map[string]int{}}
	x.askers = x.connect()
	for seed := range uint64(policies) {
		x.dice = dice{rand.New(rand.NewPCG(seed, 42))}
		x.policy = x.dice.policy()
		x.apply(x.policy)
		x.current = w.Directory.Policy()
		for i := range questions {
			x.where = fmt.Sprintf("seed %d, question %d", seed, i)
			x.one()
			if t.Failed() {
				t.Fatalf("%s under\n%s", x.where, x.policy)
			}
		}
	}
	for _, do := range []string{"discover", "read", "search", "compare", "write.add", "write.delete", "delete-entry", "password.reset", "password.change", "bind", "policy.read"} {
		if x.seen[do+" true"] == 0 || x.seen[do+" false"] == 0 {
			t.Errorf("%s was allowed %d times, refused %d times", do, x.seen[do+" true"], x.seen[do+" false"])
		}
	}
}

// comparison asks the same question of explain and of the wire.
type comparison struct {
	*world
	dice
	operator       *ldap.Conn
	admin          *ldap.Conn
	plain, current *acl.Policy
	askers         []asker
	policy, where  string
	seen           map[string]int
}

// connect makes connections of everybody in every way: over loopback, over TLS, and from another network with and without TLS.
func (x *comparison) connect() (list []asker) {
	for _, dn := range append([]string{""}, who...) {
		for _, via := range []ldaptest.Via{{}, {TLS: true}, {IP: "10.1.2.3", TLS: true}, {IP: "192.0.2.7"}} {
			a := asker{Conn: x.DialVia(via), name: dn, via: dit.ExplainVia{IP: via.IP, TLS: new(int)}}
			if via.TLS {
				state, _ := a.TLSConnectionState()
				*a.via.TLS = 256
				if strings.Contains(tls.CipherSuiteName(state.CipherSuite), "AES_128") {
					*a.via.TLS = 128
				}
			}
			if via.IP == "" {
				a.via.IP = "127.0.0.1"
			}
			if dn != "" {
				if err := a.Bind(dn, passwordOf(dn)); err != nil {
					x.t.Fatal(err)
				}
			}
			list = append(list, a)
		}
	}
	return list
}

// explains asks the explain operation whether all of it is allowed.
func (x *comparison) explains(req dit.ExplainRequest) *dit.Explained {
	x.t.Helper()
	text, err := json.Marshal(req)
	if err != nil {
		x.t.Fatal(err)
	}
	answer, err := explainOperation(x.operator, string(text))
	e := new(dit.Explained)
	if err == nil {
		err = json.Unmarshal([]byte(answer), e)
	}
	if err != nil {
		x.t.Fatalf("%s: explain %s: %v", x.where, text, err)
	}
	return e
}

// may reports whether explain says that an asker may do all of this.
func (x *comparison) may(a asker, on string, do ...string) bool {
	x.t.Helper()
	for _, action := range do {
		words := strings.SplitN(action, " ", 3)
		req := dit.ExplainRequest{As: a.name, Do: words[0], On: on, Via: a.via}
		if len(words) > 1 {
			req.Attribute = words[1]
		}
		if len(words) > 2 {
			req.Value = words[2]
		}
		if !x.explains(req).Allowed {
			return false
		}
	}
	return true
}

// agree holds what explain said against what came of the request.
func (x *comparison) agree(a asker, what string, says, does bool, err error) {
	x.t.Helper()
	action, _, _ := strings.Cut(what, " ")
	x.seen[fmt.Sprint(action, " ", does)]++
	if says != does {
		x.t.Errorf("%s: %s as %q from %s, TLS %d: explain says %t, the wire does %t, %v", x.where, what, a.name, a.via.IP, *a.via.TLS, says, does, err)
	}
	x.refused(what, err)
}

// refused resolves the reference of a refusal: by the same policy, on the same directory, something must be missing.
func (x *comparison) refused(what string, err error) {
	x.t.Helper()
	var le *ldap.Error
	if !errors.As(err, &le) {
		return
	}
	_, ref, has := strings.Cut(le.Err.Error(), "reference ")
	if need := le.ResultCode == ldap.LDAPResultInsufficientAccessRights || le.ResultCode == ldap.LDAPResultNoSuchObject; has != need {
		x.t.Errorf("%s: %s: reference: %t: %v", x.where, what, has, err)
	}
	if !has {
		return
	}
	if e := x.explains(dit.ExplainRequest{Ref: ref}); e.Allowed || e.Refusal == nil {
		x.t.Errorf("%s: %s is refused: %v; and explained as allowed: %+v", x.where, what, err, e)
	}
}

// undo makes changes under a policy that allows them to the administrator, and goes back.
func (x *comparison) undo(change func(admin *ldap.Conn) error) {
	x.t.Helper()
	x.Directory.SetPolicy(x.plain)
	defer x.Directory.SetPolicy(x.current)
	if err := change(x.admin); err != nil {
		x.t.Fatalf("%s: %v", x.where, err)
	}
}

// one asks one random question.
func (x *comparison) one() {
	x.t.Helper()
	a := x.askers[x.IntN(len(x.askers))]
	on := x.of(append([]string{club, lodge, "ou=people," + ldaptest.Base, "cn=child," + seen}, who...)...)
	switch x.IntN(10) {
	case 0:
		found, err := search(a.Conn, on, "(objectClass=*)")
		x.agree(a, "discover "+on, x.may(a, on, "discover"), len(found) > 0 && contains(found, on), nil)
		x.refused("search of "+on, err)
	case 1, 2:
		x.reads(a, on)
	case 3:
		x.compares(a, on)
	case 4, 5:
		x.writes(a, on)
	case 6:
		x.deletes(a)
	case 7:
		x.passwords(a)
	case 8:
		x.binds(a)
	default:
		_, err := explainOperation(a.Conn, `{"do": "discover", "on": "dc=example,dc=com"}`)
		x.agree(a, "policy.read", x.may(a, "cn=gatehouse", "policy.read"), err == nil, err)
		x.others(a, on)
	}
}

func contains(list []string, dn string) bool {
	for _, have := range list {
		if strings.EqualFold(have, dn) {
			return true
		}
	}
	return false
}

// valuesOf are what questions are asked about; all people that policies name have them, but not all attributes.
var valuesOf = map[string]string{
	"cn;lang-de": "Geheim", "sn": "Tester", "title": "Keeper", "description": "about", "mail": "g@example.com", "uidNumber": "4711", "givenName": "Gordon",
	"roomNumber": "1", "objectClass": "top",
}

// has returns a random attribute of valuesOf that an entry has.
func (x *comparison) has(on string) (name, value string, ok bool) {
	x.t.Helper()
	name = x.of("cn;lang-de", "sn", "title", "description", "mail", "uidNumber", "givenName", "roomNumber")
	x.undo(func(admin *ldap.Conn) error {
		r, err := admin.Search(ldap.NewSearchRequest(on, ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", []string{name}, nil))
		ok = err == nil && len(r.Entries) == 1 && r.Entries[0].GetAttributeValue(name) == valuesOf[name]
		return err
	})
	return name, valuesOf[name], ok
}

func (x *comparison) reads(a asker, on string) {
	x.t.Helper()
	name, value, ok := x.has(on)
	if !ok {
		return
	}
	r, err := a.Search(ldap.NewSearchRequest(on, ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", []string{name}, nil))
	does := err == nil && len(r.Entries) == 1 && r.Entries[0].GetAttributeValue(name) == value
	x.agree(a, "read "+name+" of "+on, x.may(a, on, "discover", "read "+name+" "+value), does, err)

	found, err := search(a.Conn, ldaptest.Base, fmt.Sprintf("(%s=%s)", name, value))
	if strings.Contains(on, "ou=people") {
		x.agree(a, "search "+name+" of "+on, x.may(a, on, "discover", "search "+name), contains(found, on), err)
		notFound, err := search(a.Conn, ldaptest.Base, fmt.Sprintf("(!(%s=%s9))", name, value))
		x.agree(a, "search by the opposite of "+name+" of "+on, x.may(a, on, "discover", "search "+name), contains(notFound, on), err)
	}
}

func (x *comparison) compares(a asker, on string) {
	x.t.Helper()
	name, value, ok := x.has(on)
	if !ok {
		return
	}
	is, err := a.Compare(on, name, value)
	if err == nil && !is {
		x.t.Errorf("%s: compare of %s is false", x.where, name)
	}
	x.agree(a, "compare "+name+" of "+on, x.may(a, on, "discover", "compare "+name), err == nil, err)
}

// writes changes what no rule depends on.
func (x *comparison) writes(a asker, on string) {
	x.t.Helper()
	if !strings.HasPrefix(on, "uid=") {
		return
	}
	value := x.of("fresh", "other", "free")
	err := modify(a.Conn, on, "add description "+value)
	x.agree(a, "write.add of "+value+" to "+on, x.may(a, on, "discover", "write.add description "+value), err == nil, err)
	if err != nil {
		x.undo(func(admin *ldap.Conn) error { return modify(admin, on, "add description "+value) })
	}
	err = modify(a.Conn, on, "delete description "+value)
	x.agree(a, "write.delete of "+value+" of "+on, x.may(a, on, "discover", "write.delete description "+value), err == nil, err)
	if err != nil {
		x.undo(func(admin *ldap.Conn) error { return modify(admin, on, "delete description "+value) })
	}
}

// deletes tries it on somebody made for that.
func (x *comparison) deletes(a asker) {
	x.t.Helper()
	dn := "uid=victim" + inPeople
	x.undo(func(admin *ldap.Conn) error {
		return addEntry(admin, person("victim", x.of("roomNumber: 1", "title: Keeper", "title: Baker", "manager: "+eve)))
	})
	says := x.may(a, dn, "discover", "delete-entry")
	err := remove(a.Conn, dn)
	x.agree(a, "delete-entry of "+dn, says, err == nil, err)
	if err != nil {
		x.undo(func(admin *ldap.Conn) error { return remove(admin, dn) })
	}
}

// passwords resets that of somebody made for that, and changes the own one.
func (x *comparison) passwords(a asker) {
	x.t.Helper()
	dn := "uid=victim" + inPeople
	x.undo(func(admin *ldap.Conn) error {
		return addEntry(admin, person("victim", x.of("roomNumber: 1", "title: Keeper")))
	})
	if a.name != "" {
		says := x.may(a, dn, "password.reset")
		err := reset(a.Conn, dn, "fresh-secret")
		x.agree(a, "password.reset of "+dn, says, err == nil, err)
		_, err = a.PasswordModify(ldap.NewPasswordModifyRequest("", passwordOf(a.name), passwordOf(a.name)))
		x.agree(a, "password.change of "+a.name, x.may(a, a.name, "password.change"), err == nil, err)
	}
	x.undo(func(admin *ldap.Conn) error { return remove(admin, dn) })
}

// binds tries it from where the asker is, on a connection of its own.
func (x *comparison) binds(a asker) {
	x.t.Helper()
	as, via := x.of(who...), ldaptest.Via{IP: a.via.IP, TLS: *a.via.TLS > 0}
	if via.IP == "127.0.0.1" {
		via.IP = ""
	}
	c := x.DialVia(via)
	err := c.Bind(as, passwordOf(as))
	x.agree(asker{c, "", a.via}, "bind as "+as, x.may(asker{c, "", a.via}, as, "bind"), err == nil, nil)
	_ = c.Close()
}

// others tries changes of which explain cannot be asked beforehand; their refusals it must explain.
func (x *comparison) others(a asker, on string) {
	x.t.Helper()
	switch x.IntN(4) {
	case 0:
		dn := "uid=made" + inPeople
		err := addEntry(a.Conn, strings.Replace(person("made", x.of("roomNumber: 1", "title: Keeper", "title: Baker")), "userPassword: made-secret\n", "", 1))
		x.refused("add of "+dn, err)
		if err == nil {
			x.undo(func(admin *ldap.Conn) error { return remove(admin, dn) })
		}
	case 1:
		rdn, superior, _ := strings.Cut(on, ",")
		err := rename(a.Conn, on, "cn=renamed", "")
		x.refused("rename of "+on, err)
		if err == nil {
			x.undo(func(admin *ldap.Conn) error {
				return admin.ModifyDN(ldap.NewModifyDNRequest("cn=renamed,"+superior, rdn, !strings.HasPrefix(rdn, "cn="), ""))
			})
		}
	case 2:
		group, member := x.of(club, lodge), "cn=x"+inGroups
		err := modify(a.Conn, group, "add member "+member)
		x.refused("a new member of "+group, err)
		if err == nil {
			x.undo(func(admin *ldap.Conn) error { return modify(admin, group, "delete member "+member) })
		}
	default:
		err := modify(a.Conn, on, "add title Baker", "replace description x")
		x.refused("two changes of "+on, err)
		if err == nil {
			x.undo(func(admin *ldap.Conn) error {
				return modify(admin, on, "delete title Baker", "replace description about")
			})
		}
	}
}
