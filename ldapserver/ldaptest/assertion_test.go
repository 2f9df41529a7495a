package ldaptest_test

import (
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/ldaptest"
)

const oidAssertion = "1.3.6.1.1.12"

func assertControl(t testing.TB, filter string) ldap.Control {
	t.Helper()
	return controlOf(oidAssertion, true, filterBytes(t, filter))
}

// TestAssertion: every operation that has a target is carried out if the filter is true of it (RFC 4528), and else not at all.
func TestAssertion(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	c := dialWire(t, w.Server, ldaptest.AdminDN, ldaptest.AdminPassword)
	alice := "uid=alice" + inPeople
	for _, test := range []struct {
		name, filter string
		op           []byte
		want         int64
	}{
		{"add, of the new entry", "(&(uid=new)(sn=x)(!(sn=y)))", addOp("uid=new"+inPeople, "objectClass: inetOrgPerson", "uid: new", "cn: x", "sn: x"), 0},
		{"add, false", "(sn=y)", addOp("uid=newer"+inPeople, "objectClass: inetOrgPerson", "uid: newer", "cn: x", "sn: x"), 122},
		{"it is not there", "(objectClass=*)", searchOp(t, "uid=newer"+inPeople, 0, "(objectClass=*)"), 32},
		{"search, of the base", "(objectClass=organizationalUnit)", searchOp(t, "ou=people,"+ldaptest.Base, 2, "(uid=alice)"), 0},
		{"search, false", "(objectClass=person)", searchOp(t, "ou=people,"+ldaptest.Base, 2, "(uid=alice)"), 122},
		{"compare", "(uid=alice)", compareOp(alice, "sn", "Tester"), 6},
		{"compare, false", "(uid=bob)", compareOp(alice, "sn", "Tester"), 122},
		{"modify", "(!(title=*))", modifyOp(alice, "add title one"), 0},
		{"modify, false", "(!(title=*))", modifyOp(alice, "add title two"), 122},
		{"modify, by what is computed", "(&(numSubordinates=0)(modifiersName=" + ldaptest.AdminDN + ")(entryDN=" + alice + "))", modifyOp(alice, "replace title two"), 0},
		{"modify, Undefined", "(!(nothingKnown=x))", modifyOp(alice, "replace title three"), 122},
		{"modify, by a reference", "(memberOf=" + bosses + ")", modifyOp("uid=bob"+inPeople, "add title x"), 0},
		{"modify, by a nested group", "(memberOf=" + bosses + ")", modifyOp("uid=nora"+inPeople, "add title x"), 0},
		{"modify, by no group", "(memberOf=" + bosses + ")", modifyOp("uid=carl"+inPeople, "add title x"), 122},
		{"rename, false", "(title=one)", renameOp(alice, "uid=alicia", ""), 122},
		{"rename", "(title=two)", renameOp(alice, "uid=alicia", ""), 0},
		{"delete, false", "(title=one)", deleteOp("uid=alicia" + inPeople), 122},
		{"delete", "(title=two)", deleteOp("uid=alicia" + inPeople), 0},
		{"delete of what is missing", "(title=two)", deleteOp("uid=alicia" + inPeople), 32},
	} {
		if m := c.result(test.op, assertControl(t, test.filter)); m.code != test.want {
			t.Errorf("%s: %s, want %d", test.name, m.reply(), test.want)
		}
	}
	for name, value := range map[string][]byte{"no filter": nil, "half a filter": filterBytes(t, "(a=b)")[:4], "more than a filter": append(filterBytes(t, "(a=b)"), 0)} {
		if m := c.result(deleteOp("uid=bob"+inPeople), controlOf(oidAssertion, true, value)); m.code != 2 {
			t.Errorf("%s: %s", name, m.reply())
		}
	}
}

// TestAssertionsOfManyAtOnce: of changes that stand on the same value, one is made, whatever happens at the same time. Each
// writer raises a number if it is still what he has read.
func TestAssertionsOfManyAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	admin := w.DialAdmin()
	bob := "uid=bob" + inPeople
	if err := modify(admin, bob, "add roomNumber 0"); err != nil {
		t.Fatal(err)
	}
	const writers, each = 8, 25
	var made atomic.Int64
	var wg sync.WaitGroup
	for range writers {
		c := dialWire(t, w.Server, ldaptest.AdminDN, ldaptest.AdminPassword)
		wg.Go(func() {
			for done := 0; done < each; {
				at := made.Load() // a guess, as good as a read
				m := c.result(modifyOp(bob, "replace roomNumber "+strconv.FormatInt(at+1, 10)), assertControl(t, fmt.Sprintf("(roomNumber=%d)", at)))
				switch m.code {
				case 0:
					made.Add(1)
					done++
				case 122:
				default:
					t.Errorf("%s", m.reply())
					return
				}
			}
		})
	}
	wg.Wait()
	if _, e := returned(t, admin, bob, false, "roomNumber"); e.GetAttributeValue("roomNumber") != strconv.Itoa(writers*each) {
		t.Errorf("after %d changes: %s", writers*each, e.GetAttributeValue("roomNumber"))
	}
}

// TestAssertionsAboutMembers: an assertion about links holds at the moment of the change as well.
func TestAssertionsAboutMembers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	plain, carl := "cn=plain"+inGroups, "uid=carl"+inPeople
	if err := modify(w.DialAdmin(), plain, "add member "+bosses); err != nil {
		t.Fatal(err)
	}
	const writers, each = 6, 20
	var wins [each]atomic.Int64
	var start, done [each]sync.WaitGroup
	for i := range each {
		start[i].Add(writers)
		done[i].Add(writers)
	}
	var wg sync.WaitGroup
	for range writers {
		c := dialWire(t, w.Server, ldaptest.AdminDN, ldaptest.AdminPassword)
		wg.Go(func() {
			for i := range each {
				start[i].Done()
				start[i].Wait()
				op, filter := modifyOp(plain, "delete member "+carl), "(memberOf="+plain+")"
				if i%2 == 1 {
					op, filter = modifyOp(plain, "add member "+carl), "(!(memberOf="+plain+"))"
				}
				// About the person, while the group changes.
				if m := c.result(modifyOp(carl, fmt.Sprintf("replace roomNumber %d", i)), assertControl(t, filter)); m.code != 0 && m.code != 122 {
					t.Errorf("%s", m.reply())
				}
				// And about the group: one of them changes it.
				want := "(member=" + carl + ")"
				if i%2 == 1 {
					want = "(!(member=" + carl + "))"
				}
				switch m := c.result(op, assertControl(t, want)); m.code {
				case 0:
					wins[i].Add(1)
				case 122:
				default:
					t.Errorf("%s", m.reply())
				}
				done[i].Done()
				done[i].Wait()
			}
		})
	}
	wg.Wait()
	for i := range wins {
		if wins[i].Load() != 1 {
			t.Errorf("round %d: %d changes were made", i, wins[i].Load())
		}
	}
}

// TestLeakAssertion: an assertion decides by what the session may search; all else is Undefined, and hidden entries are missing.
func TestLeakAssertion(t *testing.T) {
	t.Parallel()
	w := newLeakWorld(t)
	c := w.wire("eve")
	// What she may not search makes no difference, true or false, nor does a value that nobody has.
	for _, alike := range [][]string{
		{"(title=Keeper)", "(title=Baker)", "(!(title=Keeper))", "(!(title=Baker))", "(title=*)", "(!(title=*))", "(employeeType=*)", "(nothing=*)"},
		{"(userPassword=*)", "(!(userPassword=*))", "(userPassword=seen-secret)", "(totpSecret=shared)", "(totpSecret>=a)"},
		{"(memberOf=" + lodge + ")", "(memberOf=cn=none" + inGroups + ")"},
		{"(manager=uid=keeper" + inPeople + ")", "(manager=" + nobody + ")"},
		{"(&(uid=seen)(title=Keeper))", "(&(uid=seen)(title=Baker))"},
	} {
		for _, op := range map[string][]byte{
			"modify": modifyOp(seen, "replace sn Tester"), "delete": deleteOp(seen), "rename": renameOp(seen, "uid=other", ""),
			"compare": compareOp(seen, "uid", "seen"), "search": searchOp(t, seen, 0, "(objectClass=*)"),
		} {
			for _, filter := range alike {
				if m := c.result(op, assertControl(t, filter)); m.reply() != `122, matched "", ""` {
					t.Errorf("%s: %s", filter, m.reply())
				}
			}
		}
	}
	if m := c.result(compareOp(seen, "uid", "seen"), assertControl(t, "(|(title=Baker)(uid=seen))")); m.code != 6 {
		t.Errorf("a branch that she may search: %s", m.reply())
	}
	// A hidden entry answers what a missing one does, whether or not the assertion is true of it.
	for name, op := range map[string]func(dn string) []byte{
		"modify": func(dn string) []byte { return modifyOp(dn, "replace sn Tester") }, "delete": deleteOp,
		"rename":       func(dn string) []byte { return renameOp(dn, "uid=other", "") },
		"compare":      func(dn string) []byte { return compareOp(dn, "uid", "x") },
		"search":       func(dn string) []byte { return searchOp(t, dn, 0, "(objectClass=*)") },
		"search below": func(dn string) []byte { return searchOp(t, dn, 2, "(objectClass=*)") },
	} {
		want := c.result(op(nobody), assertControl(t, "(uid=unseen)")).reply()
		for _, filter := range []string{"(uid=unseen)", "(uid=nobody)", "(objectClass=*)", "(title=Keeper)"} {
			if got := c.result(op(unseen), assertControl(t, filter)).reply(); got != want || got[:2] != "32" {
				t.Errorf("%s of a hidden entry with %s: %s, of a missing one: %s", name, filter, got, want)
			}
		}
	}
	if names, _ := returned(t, w.DialAdmin(), seen, false, "sn"); len(names) == 0 {
		t.Error("the entry is gone")
	}
}
