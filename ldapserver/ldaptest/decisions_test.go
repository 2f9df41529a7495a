package ldaptest_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/acl"
	"gatehouse/acl/bundle"
	"gatehouse/directory/dit"
	"gatehouse/ldapserver/ldaptest"
)

// offTheWire are the inline tests whose decision no request shows by itself, and why. They are asked of the server's own
// explanation.
var offTheWire = map[string]string{
	"cannot write the attribute directly": "a modify of userPassword asks for password.reset, which the helpdesk has, and never for write",
}

// TestExamplesOverLDAP makes, for every inline test of the worked policies, the requests that show the decision, and holds the
// server's explanation against the same expectation.
func TestExamplesOverLDAP(t *testing.T) {
	t.Parallel()
	x := loadExamples(t)
	asked := 0
	for _, doc := range x.bundle.Documents {
		for _, test := range doc.Tests {
			if doc.Shipped {
				continue
			}
			asked++
			t.Run(doc.Name+"/"+test.Name, func(t *testing.T) {
				t.Parallel()
				d := &decision{t: t, Test: test, s: x.start(t, test)}
				d.explained()
				if offTheWire[test.Name] == "" {
					d.shown()
				}
			})
		}
	}
	if asked != 74 {
		t.Errorf("%d tests were asked", asked)
	}
}

// decision is one inline test on a server of its own.
type decision struct {
	*bundle.Test
	t *testing.T
	s *ldaptest.Server
}

func (d *decision) target() string {
	if strings.HasPrefix(d.Entry.Text, "reqStart=") {
		return auditRecord
	}
	return d.Entry.Text
}

// passwordOf is the password of an entry of the fixture.
func passwordOf(dn string) string {
	rdn, _, _ := strings.Cut(dn, ",")
	_, name, _ := strings.Cut(rdn, "=")
	return name + "-secret"
}

// connect returns a connection as the test describes it: whoever it is, where from, and how sure that is.
func (d *decision) connect() *ldap.Conn {
	d.t.Helper()
	via := ldaptest.Via{TLS: d.Via.TLSBits > 0}
	switch {
	case d.Via.Address.IsValid():
		via.IP = d.Via.Address.String()
	case !via.TLS:
		via.IP = "203.0.113.9" // loopback would count as protected
	}
	certified := d.Via.Level >= 2 || d.Via.Method == bundle.MethodSASLExternal
	if certified {
		via.Certificate = strings.TrimSuffix(passwordOf(d.As.Text), "-secret")
	}
	c := d.s.DialVia(via)
	var err error
	switch {
	case d.As == nil:
	case certified:
		err = c.ExternalBind()
	default:
		err = c.Bind(d.As.Text, passwordOf(d.As.Text))
	}
	if err != nil {
		d.t.Fatalf("bind as %s: %v", d.As.Text, err)
	}
	return c
}

// shown makes the requests and compares their answers with what the test expects: if it is allowed all must succeed, else none.
func (d *decision) shown() {
	d.t.Helper()
	c := d.connect()
	var all []answer
	switch d.Do {
	case bundle.ActionBind:
		all = d.bind(c)
	case bundle.ActionDiscover, bundle.ActionSearch, bundle.ActionRead:
		all = d.see(c)
	case bundle.ActionWrite, bundle.ActionWriteAdd:
		all = d.write(c)
	case bundle.ActionPasswordChange:
		all = d.passwordChange(c)
	case bundle.ActionPasswordReset:
		all = d.passwordReset(c)
	case bundle.ActionAccountUnlock:
		unlock := ldap.NewModifyRequest(d.target(), nil)
		unlock.Delete("pwdAccountLockedTime", nil)
		all = list(outcome("unlock", c.Modify(unlock), refusals...))
	case bundle.ActionDeleteEntry:
		all = list(outcome("delete", remove(c, d.target()), refusals...))
	case bundle.ActionMoveOut, bundle.ActionMoveIn:
		all = d.move(c)
	default:
		d.t.Fatalf("nothing shows %s", d.Do)
	}
	for _, a := range all {
		if a.err != nil {
			d.t.Errorf("%s: %v", a.what, a.err)
		} else if a.done != (d.Expect == bundle.Allow) {
			d.t.Errorf("%s: done is %t", a.what, a.done)
		}
	}
}

// answer is what became of one request: done, or refused. Anything else is an error.
type answer struct {
	what string
	done bool
	err  error
}

func list(a ...answer) []answer { return a }

// refusals are the results of what is not allowed.
var refusals = []uint16{ldap.LDAPResultInsufficientAccessRights, ldap.LDAPResultNoSuchObject}

func outcome(what string, err error, refused ...uint16) answer {
	var le *ldap.Error
	switch {
	case err == nil:
		return answer{what, true, nil}
	case errors.As(err, &le) && slices.Contains(refused, le.ResultCode):
		return answer{what, false, nil}
	default:
		return answer{what, false, err}
	}
}

func (d *decision) bind(c *ldap.Conn) []answer {
	refused := uint16(ldap.LDAPResultInvalidCredentials)
	if d.Via.TLSBits == 0 {
		refused = ldap.LDAPResultConfidentialityRequired
	}
	return list(outcome("bind", c.Bind(d.target(), passwordOf(d.target())), refused))
}

// see shows discover, search and read, on the entry itself and from above it.
func (d *decision) see(c *ldap.Conn) (all []answer) {
	filters := []string{"(objectClass=*)"}
	var names []string
	for _, a := range d.Attributes {
		names = append(names, a.Desc.Name)
	}
	if d.Do == bundle.ActionSearch {
		filters = nil
		for _, name := range names {
			filters = append(filters, fmt.Sprintf("(%s=%s)", name, ldap.EscapeFilter(d.has(name))))
		}
	}
	for _, filter := range filters {
		for _, scope := range []int{ldap.ScopeBaseObject, ldap.ScopeWholeSubtree} {
			base := d.target()
			if _, superior, ok := strings.Cut(base, ","); ok && scope == ldap.ScopeWholeSubtree {
				base = superior
			} else if scope == ldap.ScopeWholeSubtree {
				continue // entries that the server makes are found by their names alone
			}
			found, err := c.Search(ldap.NewSearchRequest(base, scope, 0, 0, 0, false, filter, names, nil))
			what := fmt.Sprintf("scope %d from %q with %s", scope, base, filter)
			if err != nil && !ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject) {
				all = append(all, answer{what, false, err})
				continue
			}
			entry := entryNamed(found, d.target())
			if d.Do != bundle.ActionRead {
				all = append(all, answer{what, entry != nil, nil})
				continue
			}
			for _, name := range names {
				all = append(all, answer{what + " for " + name, entry != nil && len(entry.GetAttributeValues(name)) > 0, nil})
			}
		}
	}
	return all
}

func entryNamed(r *ldap.SearchResult, dn string) *ldap.Entry {
	if r == nil {
		return nil
	}
	for _, e := range r.Entries {
		if strings.EqualFold(e.DN, dn) {
			return e
		}
	}
	return nil
}

// has returns a value that the target has in truth, whoever may see it.
func (d *decision) has(name string) string {
	d.t.Helper()
	found, err := d.s.DialAdmin().Search(ldap.NewSearchRequest(d.target(), ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", []string{name}, nil))
	if err != nil || len(found.Entries) != 1 || found.Entries[0].GetAttributeValue(name) == "" {
		d.t.Fatalf("%s of %s: %v, %v", name, d.target(), found, err)
	}
	return found.Entries[0].GetAttributeValue(name)
}

// fresh are values to write.
var fresh = map[string]string{
	"mobile": "+49 77", "telephoneNumber": "+49 78", "uidNumber": "4711", "manager": "uid=carol" + inPeople, "title": "Head",
	"salaryBand": "Z9", "sudoCommand": "ALL", "member": "uid=bob" + inPeople,
}

// write shows the writing of values: each way by itself, from a state in which it makes sense.
func (d *decision) write(c *ldap.Conn) (all []answer) {
	for _, a := range d.Attributes {
		name, value := a.Desc.Name, fresh[a.Desc.Name]
		changes := []string{"replace " + name + " " + value, "delete " + name + " " + value, "add " + name + " " + value}
		if d.Do == bundle.ActionWriteAdd {
			value = *d.Value
			changes = []string{"add " + name + " " + value}
			answersOK(d.t, modify(d.s.DialAdmin(), d.target(), "replace "+name+" uid=ivan,ou=berlin"+inPeople)) // the value may be there
		} else if d.Expect == bundle.Deny {
			changes = append(changes[:1], "delete "+name, "add "+name+" "+value)
		}
		for _, change := range changes {
			all = append(all, outcome(change, modify(c, d.target(), change), refusals...))
		}
	}
	return all
}

// answersOK is for steps that must succeed.
func answersOK(t testing.TB, err error) {
	t.Helper()
	answers(t, "preparation", err, ldap.LDAPResultSuccess)
}

func (d *decision) passwordChange(c *ldap.Conn) []answer {
	_, err := c.PasswordModify(ldap.NewPasswordModifyRequest("", passwordOf(d.target()), "entirely-new-1"))
	return list(outcome("change", err, refusals...), outcome("bind with the new password", d.binds("entirely-new-1"), ldap.LDAPResultInvalidCredentials))
}

// passwordReset shows it by the extended operation and by a modify.
func (d *decision) passwordReset(c *ldap.Conn) []answer {
	return list(
		outcome("modify", modify(c, d.target(), "replace userPassword entirely-new-1"), refusals...),
		outcome("bind with the new password", d.binds("entirely-new-1"), ldap.LDAPResultInvalidCredentials),
		outcome("extended operation", reset(c, d.target(), "entirely-new-2"), refusals...),
		outcome("bind with the next password", d.binds("entirely-new-2"), ldap.LDAPResultInvalidCredentials),
	)
}

func (d *decision) binds(password string) error {
	return d.s.DialVia(ldaptest.Via{TLS: true}).Bind(d.target(), password)
}

// move shows one end of a move, where the other is allowed: into a container that takes everybody for move-out, of somebody that
// may leave for move-in.
func (d *decision) move(c *ldap.Conn) []answer {
	const munich, berlin = "ou=munich" + inPeople, "ou=berlin" + inPeople
	if d.Do == bundle.ActionMoveIn {
		err := rename(c, "uid=ivan,"+berlin, "uid=ivan", "ou=people,"+ldaptest.Base)
		return list(outcome("move of ivan out of Berlin", err, refusals...))
	}
	before := rename(c, d.target(), "uid=ivan", munich)
	if err := d.s.ApplyPolicy(loadExamples(d.t).source, ldaptest.Policy("policy: munich\n"+statements(
		allow("munich", `dn: "`+d.As.Text+`"`, `base: "`+munich+`", scope: children`, "move-in")))); err != nil {
		d.t.Fatal(err)
	}
	if ldap.IsErrorWithCode(before, ldap.LDAPResultInsufficientAccessRights) {
		before = nil
	}
	return list(outcome("where nobody may come", before), outcome("move into Munich", rename(c, d.target(), "uid=ivan", munich), refusals...))
}

// explained asks the server why, as its operator.
func (d *decision) explained() {
	d.t.Helper()
	req := &dit.ExplainRequest{Do: d.Do.String(), On: d.target()}
	if d.As != nil {
		req.As = d.As.Text
		req.Via.Level, req.Via.Method = &d.Via.Level, d.Via.Method.String()
	}
	if d.Via.Address.IsValid() {
		req.Via.IP = d.Via.Address.String()
	}
	req.Via.TLS = &d.Via.TLSBits
	req.Via.Elevated = d.Via.Elevated
	if d.Value != nil {
		req.Value = *d.Value
	}
	names := []string{""}
	for i, a := range d.Attributes {
		names = append(names[:i], a.Desc.Name)
	}
	operator := acl.Operator(acl.Transport{LocalSocket: true}, noon)
	for _, name := range names {
		req.Attribute = name
		e, err := d.s.Directory.Explain(d.t.Context(), operator, req)
		if err != nil {
			d.t.Fatal(err)
		}
		if e.Allowed != (d.Expect == bundle.Allow) {
			d.t.Errorf("explain %s: allowed is %t: %+v", name, e.Allowed, e.Parts)
		}
	}
}
