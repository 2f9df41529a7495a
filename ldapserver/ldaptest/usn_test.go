package ldaptest_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/ldaptest"
)

// refresher follows the accounts as SSSD does: the whole once, then what has an entryUSN above the highest one that it has seen.
type refresher struct {
	t    *testing.T
	c    *ldap.Conn
	page uint32
	top  uint64
	has  map[string]string // title by uid
}

func (r *refresher) refresh() {
	filter := "(&(objectClass=inetOrgPerson)(uid=*))"
	if r.top > 0 {
		filter = fmt.Sprintf("(&(objectClass=inetOrgPerson)(uid=*)(entryUSN>=%d)(!(entryUSN=%[1]d)))", r.top)
	}
	result, err := r.c.SearchWithPaging(ldap.NewSearchRequest("ou=people,"+ldaptest.Base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false,
		filter, []string{"uid", "title", "entryUSN"}, nil), r.page)
	if err != nil {
		r.t.Error(err)
		return
	}
	for _, e := range result.Entries {
		r.has[e.GetAttributeValue("uid")] = e.GetAttributeValue("title")
		if n, err := strconv.ParseUint(e.GetAttributeValue("entryUSN"), 10, 64); err != nil {
			r.t.Error(err)
		} else if n > r.top {
			r.top = n
		}
	}
}

// lastUSN reads it from the root DSE.
func lastUSN(t *testing.T, c *ldap.Conn) uint64 {
	t.Helper()
	r, err := c.Search(ldap.NewSearchRequest("", ldap.ScopeBaseObject, ldap.NeverDerefAliases, 0, 0, false, "(objectClass=*)", []string{"lastUSN"}, nil))
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.ParseUint(r.Entries[0].GetAttributeValue("lastUSN"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestIncrementalRefreshMissesNothing: while many write, a client that reads page by page, and then what is above the highest
// entryUSN that it has seen, ends with what everybody wrote last. lastUSN is never below what was seen.
func TestIncrementalRefreshMissesNothing(t *testing.T) {
	t.Parallel()
	const people, writers, each = 120, 4, 150
	var lines []string
	for i := range people {
		lines = append(lines, person(fmt.Sprintf("p%03d", i)))
	}
	w := newWorld(t, statements(allow("root", "anyone: true", `base: "", scope: base`, "view", `attributes: ["*", "+"]`)), ldaptest.WithLDIF(strings.Join(lines, "\n")))
	last := make([]map[string]string, writers)
	var writing sync.WaitGroup
	for n := range writers {
		c := dialWire(t, w.Server, ldaptest.AdminDN, ldaptest.AdminPassword)
		last[n] = make(map[string]string)
		writing.Go(func() {
			for i := range each {
				uid := fmt.Sprintf("p%03d", rand.IntN(people/writers)*writers+n)
				title := fmt.Sprintf("%d.%d", n, i)
				if m := c.result(modifyOp("uid="+uid+inPeople, "replace title "+title)); m.code != 0 {
					t.Errorf("%s", m.reply())
				}
				last[n][uid] = title
			}
		})
	}
	done := make(chan struct{})
	go func() {
		writing.Wait()
		close(done)
	}()
	// One client begins anew all the time, since most pages are read then; each goes on at the end.
	var clients []*refresher
	c := w.DialAdmin()
	for more := true; more; {
		select {
		case <-done:
			more = false
		default:
		}
		r := &refresher{t: t, c: c, page: 10, has: map[string]string{}}
		r.refresh()
		r.refresh()
		if usn := lastUSN(t, c); usn < r.top {
			t.Errorf("lastUSN is %d after an entry with %d", usn, r.top)
		}
		clients = append(clients, r)
	}
	for i, r := range clients {
		r.refresh()
		for n := range last {
			for uid, title := range last[n] {
				if r.has[uid] != title {
					t.Fatalf("client %d of %d has %s=%q, it is %q", i, len(clients), uid, r.has[uid], title)
				}
			}
		}
	}
	t.Logf("%d clients", len(clients))
}

// TestIncrementalRefreshOfNestedGroups: memberUid of a group has who is in the groups in it, so a client that follows entryUSN sees the outer
// group again when the inner one changes.
func TestIncrementalRefreshOfNestedGroups(t *testing.T) {
	t.Parallel()
	w := newWorld(t, statements(allow("root", "anyone: true", `base: "", scope: base`, "view", `attributes: ["*", "+"]`)), ldaptest.WithLDIF(unixLDIF))
	c := w.DialAdmin()
	usn := lastUSN(t, c)
	for _, change := range []struct {
		dn, change, want string
	}{
		{inUnixGroups("new"), "delete member " + inUnixPeople("ann"), "new: ben; outer: ben cat"},
		{inUnixGroups("new"), "add member " + inUnixPeople("Dot"), "new: Dot ben; outer: Dot ben cat"},
		{inUnixGroups("old"), "delete memberUid gone", "around: ann dot eel twin; old: ann dot eel twin"},
		{inUnixGroups("loop2"), "add member " + inUnixPeople("cat"), "loop1: Dot cat; loop2: Dot cat"},
		{inUnixGroups("new"), "replace description x", "new: Dot ben"},
	} {
		if err := modify(c, change.dn, change.change); err != nil {
			t.Fatal(err)
		}
		r, err := searchWith(c, fmt.Sprintf("(&(objectClass=posixGroup)(cn=*)(&(gidNumber=*)(!(gidNumber=0)))(entryUSN>=%d)(!(entryUSN=%[1]d)))", usn),
			[]string{"memberUid"})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i, name := range namesOf(r) {
			members := slices.Sorted(slices.Values(r.Entries[i].GetAttributeValues("memberUid")))
			got = append(got, name+": "+strings.Join(members, " "))
		}
		slices.Sort(got)
		if got := strings.Join(got, "; "); got != change.want {
			t.Errorf("after %s of %s: %s, want %s", change.change, change.dn, got, change.want)
		}
		usn = lastUSN(t, c)
	}
}
