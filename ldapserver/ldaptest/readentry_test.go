package ldaptest_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/directory/ber"
	"gatehouse/ldapserver/ldaptest"
)

const (
	oidPreRead  = "1.3.6.1.1.13.1"
	oidPostRead = "1.3.6.1.1.13.2"
)

// readControl asks for the entry before (oidPreRead) or after a write.
func readControl(oid string, attrs ...string) ldap.Control {
	var list [][]byte
	for _, a := range attrs {
		list = append(list, octets(ber.OctetString, a))
	}
	return controlOf(oid, true, sequence(list...))
}

// TestReadEntry: each write shows the entry just before and just after it (RFC 4527).
func TestReadEntry(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	c := dialWire(t, w.Server, ldaptest.AdminDN, ldaptest.AdminPassword)
	alice, plain := "uid=alice"+inPeople, "cn=plain"+inGroups
	attrs := []string{"title", "member", "memberOf", "uid"}
	for _, step := range []struct {
		name      string
		op        []byte
		pre, post string
	}{
		{"modify", modifyOp(alice, "add title one"), alice + ": uid=alice", alice + ": title=one uid=alice"},
		{"modify that changes nothing", modifyOp(alice, "replace title one"), alice + ": title=one uid=alice", alice + ": title=one uid=alice"},
		{"of a group", modifyOp(plain, "add member "+alice), plain + ": member=uid=carl" + inPeople, plain + ": member=" + alice + "|uid=carl" + inPeople},
		{"of a member", modifyOp(alice, "replace title two"), alice + ": memberOf=" + plain + " title=one uid=alice", alice + ": memberOf=" + plain + " title=two uid=alice"},
		{"rename", renameOp(alice, "uid=alicia", ""), alice + ": memberOf=" + plain + " title=two uid=alice", "uid=alicia" + inPeople + ": memberOf=" + plain + " title=two uid=alicia"},
		{"of a group whose member has another name", modifyOp(plain, "add description x"), plain + ": member=uid=alicia" + inPeople + "|uid=carl" + inPeople,
			plain + ": member=uid=alicia" + inPeople + "|uid=carl" + inPeople},
		{"move", renameOp("uid=alicia"+inPeople, "uid=alicia", "ou=team"+inPeople), "uid=alicia" + inPeople + ": memberOf=" + plain + " title=two uid=alicia",
			"uid=alicia,ou=team" + inPeople + ": memberOf=" + plain + " title=two uid=alicia"},
	} {
		m := c.result(step.op, readControl(oidPreRead, attrs...), readControl(oidPostRead, attrs...))
		if m.code != 0 || m.read(t, oidPreRead) != step.pre || m.read(t, oidPostRead) != step.post {
			t.Errorf("%s: %s\nbefore %s\n  want %s\nafter  %s\n  want %s", step.name, m.reply(), m.read(t, oidPreRead), step.pre, m.read(t, oidPostRead), step.post)
		}
	}
	m := c.result(deleteOp("uid=alicia,ou=team"+inPeople), readControl(oidPreRead, "memberOf", "title"))
	if want := "uid=alicia,ou=team" + inPeople + ": memberOf=" + plain + " title=two"; m.code != 0 || m.read(t, oidPreRead) != want {
		t.Errorf("delete: %s, before %s", m.reply(), m.read(t, oidPreRead))
	}
	ghost := "uid=ghost" + inPeople // which bosses has as a member already
	m = c.result(addOp(ghost, "objectClass: inetOrgPerson", "uid: ghost", "cn: g", "sn: g"), readControl(oidPostRead, "memberOf", "numSubordinates", "cn"))
	if want := ghost + ": cn=g memberOf=" + bosses + " numSubordinates=0"; m.code != 0 || m.read(t, oidPostRead) != want {
		t.Errorf("add: %s, after %s, want %s", m.reply(), m.read(t, oidPostRead), want)
	}
}

// TestReadEntryIsWhatASearchShows: the computed attributes of what a write shows are those that a search finds before and after it.
func TestReadEntryIsWhatASearchShows(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	c := dialWire(t, w.Server, ldaptest.AdminDN, ldaptest.AdminPassword)
	everything := []string{"*", "+"}
	find := func(dn string) string {
		c.ask(searchOp(t, dn, 0, "(objectClass=*)", everything...))
		m := c.next()
		if m.tag == 0x64 {
			c.next()
		}
		return strings.TrimSuffix(m.dn+": "+m.attrs, " ")
	}
	bob, renamed := "uid=bob"+inPeople, "uid=robert"+inPeople
	for _, step := range []struct {
		from, to string
		op       []byte
	}{
		{bob, bob, modifyOp(bob, "add title x", "delete departmentNumber")},
		{bob, renamed, renameOp(bob, "uid=robert", "")},
		{bosses, bosses, modifyOp(bosses, "add member uid=carl"+inPeople)},
		{bosses, bosses, modifyOp(bosses, "replace member "+renamed)},
		{renamed, renamed, modifyOp(renamed, "replace title y")},
		{"ou=people," + ldaptest.Base, "ou=people," + ldaptest.Base, modifyOp("ou=people,"+ldaptest.Base, "add description x")},
	} {
		before := find(step.from)
		m := c.result(step.op, readControl(oidPreRead, everything...), readControl(oidPostRead, everything...))
		if m.code != 0 {
			t.Fatalf("%s: %s", step.from, m.reply())
		}
		if got := m.read(t, oidPreRead); got != before {
			t.Errorf("before: %s\nsearch: %s", got, before)
		}
		if got, after := m.read(t, oidPostRead), find(step.to); got != after || got == before {
			t.Errorf("after:  %s\nsearch: %s", got, after)
		}
	}
	fresh := "uid=fresh" + inPeople
	m := c.result(addOp(fresh, "objectClass: inetOrgPerson", "uid: fresh", "cn: f", "sn: f", "manager: "+renamed), readControl(oidPostRead, everything...))
	if got, after := m.read(t, oidPostRead), find(fresh); got != after || !strings.Contains(got, "entryUUID=") || !strings.Contains(got, "entryCSN=") {
		t.Errorf("after an add: %s\nsearch: %s", got, after)
	}
	last := find(fresh)
	m = c.result(deleteOp(fresh), readControl(oidPreRead, everything...))
	if got := m.read(t, oidPreRead); got != last {
		t.Errorf("before a delete: %s\nsearch: %s", got, last)
	}
}

// TestPostReadOfManyAtOnce: the number that an increment shows is the one that it made, whoever increments at the same time and
// whatever shares its batch. So a client gets a number of its own in one operation.
func TestPostReadOfManyAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	bob := "uid=bob" + inPeople
	if err := modify(w.DialAdmin(), bob, "add objectClass posixAccount", "add uidNumber 0", "add gidNumber 1", "add homeDirectory /"); err != nil {
		t.Fatal(err)
	}
	const writers, each = 8, 40
	var mu sync.Mutex
	var numbers []int
	var wg sync.WaitGroup
	for range writers {
		c := dialWire(t, w.Server, ldaptest.AdminDN, ldaptest.AdminPassword)
		wg.Go(func() {
			for range each {
				m := c.result(modifyOp(bob, "increment uidNumber 1"), readControl(oidPreRead, "uidNumber"), readControl(oidPostRead, "uidNumber", "entryUSN"))
				var before, after, usn int
				_, err := fmt.Sscanf(m.read(t, oidPreRead), bob+": uidNumber=%d", &before)
				_, err2 := fmt.Sscanf(m.read(t, oidPostRead), bob+": entryUSN=%d uidNumber=%d", &usn, &after)
				if m.code != 0 || err != nil || err2 != nil || after != before+1 {
					t.Errorf("%s: before %s, after %s", m.reply(), m.read(t, oidPreRead), m.read(t, oidPostRead))
					return
				}
				mu.Lock()
				numbers = append(numbers, after)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	slices.Sort(numbers)
	for i, n := range numbers {
		if n != i+1 {
			t.Fatalf("the numbers are %v", numbers)
		}
	}
	if len(numbers) != writers*each {
		t.Errorf("%d numbers", len(numbers))
	}
}

// TestReadEntryOfALargeGroup: what takes long to read does not hold up others, and is shown all the same.
func TestReadEntryOfALargeGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	c := dialWire(t, w.Server, ldaptest.AdminDN, ldaptest.AdminPassword)
	changes := make([]string, 0, 600)
	for i := range 600 {
		changes = append(changes, "add member uid=n"+strconv.Itoa(i)+inPeople)
	}
	plain := "cn=plain" + inGroups
	for _, step := range []struct {
		op        []byte
		pre, post int
	}{
		{modifyOp(plain, changes...), 1, 601}, {modifyOp(plain, "delete member uid=n7"+inPeople), 601, 600}, {renameOp(plain, "cn=simple", ""), 600, 600},
	} {
		m := c.result(step.op, readControl(oidPreRead, "member"), readControl(oidPostRead, "member"))
		pre, post := strings.Count(m.read(t, oidPreRead), "uid="), strings.Count(m.read(t, oidPostRead), "uid=")
		if m.code != 0 || pre != step.pre || post != step.post {
			t.Errorf("%s: %d members before, %d after, want %d and %d", m.reply(), pre, post, step.pre, step.post)
		}
	}
}

func TestReadEntryRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	c := dialWire(t, w.Server, ldaptest.AdminDN, ldaptest.AdminPassword)
	bob := "uid=bob" + inPeople
	for name, test := range map[string]struct {
		op      []byte
		control ldap.Control
		want    int64
	}{
		"pre-read of an add":           {addOp("uid=z"+inPeople, "objectClass: inetOrgPerson", "uid: z", "cn: z", "sn: z"), readControl(oidPreRead), 12},
		"post-read of a delete":        {deleteOp(bob), readControl(oidPostRead), 12},
		"of a search":                  {searchOp(t, bob, 0, "(objectClass=*)"), readControl(oidPostRead), 12},
		"a value that is none":         {modifyOp(bob, "replace sn x"), controlOf(oidPostRead, true, []byte("x")), 2},
		"no value":                     {modifyOp(bob, "replace sn x"), controlOf(oidPreRead, true, nil), 2},
		"too many attributes":          {modifyOp(bob, "replace sn x"), readControl(oidPreRead, slices.Repeat([]string{"cn"}, 300)...), 11},
		"not critical and not for it":  {searchOp(t, bob, 0, "(objectClass=*)"), controlOf(oidPostRead, false, sequence()), 0},
		"an operation that is refused": {modifyOp(bob, "delete sn"), readControl(oidPreRead, "sn"), 65},
	} {
		if m := c.result(test.op, test.control); m.code != test.want || len(m.controls) != 0 {
			t.Errorf("%s: %s with %d controls, want %d", name, m.reply(), len(m.controls), test.want)
		}
	}
}

// TestLeakReadEntry: before and after a write, a client sees what a search would show it, and no secret whatever it asks for (L9).
func TestLeakReadEntry(t *testing.T) {
	t.Parallel()
	w := newLeakWorld(t)
	c := w.wire("eve")
	for _, attrs := range [][]string{{"*", "+"}, nil, {"userPassword", "totpSecret", "title", "@totpUser", "pwdHistory"}, {"memberOf", "title;lang-de", "manager"}} {
		c.ask(searchOp(t, seen, 0, "(objectClass=*)", attrs...))
		found := c.next()
		c.next()
		want := strings.TrimSuffix(found.dn+": "+found.attrs, " ")
		m := c.result(modifyOp(seen, "replace sn Tester"), readControl(oidPreRead, attrs...), readControl(oidPostRead, attrs...))
		if m.code != 0 || m.read(t, oidPreRead) != want || m.read(t, oidPostRead) != want {
			t.Errorf("%q: %s\nbefore %s\nafter  %s\nsearch %s", attrs, m.reply(), m.read(t, oidPreRead), m.read(t, oidPostRead), want)
		}
	}
	// A write that makes the entry invisible shows what was seen, and no more.
	w.apply(leakPolicy + allow("rooms", `dn: "`+eve+`"`, `base: "ou=people,`+ldaptest.Base+`", scope: children`, "write.delete, write.replace", `attributes: [roomNumber]`))
	m := c.result(modifyOp(seen, "replace roomNumber 2"), readControl(oidPreRead, "uid", "title"), readControl(oidPostRead, "uid", "title", "roomNumber"))
	if m.code != 0 || m.read(t, oidPreRead) != seen+": uid=seen" || m.read(t, oidPostRead) != "" {
		t.Errorf("%s: before %s, after %s", m.reply(), m.read(t, oidPreRead), m.read(t, oidPostRead))
	}
	// Of what is hidden, neither the answer nor the controls say anything.
	want := c.result(modifyOp(nobody, "replace sn x"), readControl(oidPreRead, "uid"))
	if got := c.result(modifyOp(unseen, "replace sn x"), readControl(oidPreRead, "uid")); got.reply() != want.reply() || len(got.controls) != 0 {
		t.Errorf("hidden: %s with %d controls, missing: %s", got.reply(), len(got.controls), want.reply())
	}
	// An entry that she may make and not see.
	m = c.result(addOp("uid=made"+inPeople, "objectClass: inetOrgPerson", "uid: made", "cn: m", "sn: m"), readControl(oidPostRead, "*", "+"))
	if m.code != 0 || len(m.controls) != 0 {
		t.Errorf("%s, after %s", m.reply(), m.read(t, oidPostRead))
	}
}
