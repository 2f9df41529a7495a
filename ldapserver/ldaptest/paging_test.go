package ldaptest_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/ldapserver/ldaptest"
)

// crowd is LDIF of people u0, u1 and so on.
func crowd(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%s\n", person(fmt.Sprintf("u%03d", i), "uidNumber: "+fmt.Sprint(10000+i), "gidNumber: 1", "homeDirectory: /h", "objectClass: posixAccount"))
	}
	return b.String()
}

const readerDN directory.NDN = "uid=reader,ou=people,dc=example,dc=com"

func newPagingServer(t testing.TB, n int, opts ...ldaptest.Option) *ldaptest.Server {
	t.Helper()
	return ldaptest.NewServer(t, append([]ldaptest.Option{
		ldaptest.WithLDIF(person("reader") + "\n" + person("other") + "\n" + crowd(n)), ldaptest.WithReader(readerDN),
		ldaptest.WithReader("uid=other,ou=people,dc=example,dc=com"),
	}, opts...)...)
}

func asReader(s *ldaptest.Server) *ldap.Conn { return s.DialAs(string(readerDN), "reader-secret") }

// pages follows the cookies of one search to the end and returns the names of all pages. between is called before each further page.
func pages(t *testing.T, c *ldap.Conn, filter string, size int, between func(n int), more ...ldap.Control) (all []string, count int) {
	t.Helper()
	for cookie := ""; ; {
		r, err := searchWith(c, filter, []string{"uid"}, append(more[:len(more):len(more)], pageControl(size, cookie))...)
		if err != nil {
			t.Fatalf("page %d: %v", count+1, err)
		}
		count++
		if len(r.Entries) > size {
			t.Fatalf("page %d has %d entries, %d were asked for", count, len(r.Entries), size)
		}
		all = append(all, namesOf(r)...)
		var estimate int64
		if estimate, cookie = answeredPage(t, r.Controls); estimate != 0 {
			t.Fatalf("L8: page %d: the size of the result is said to be %d", count, estimate)
		}
		if cookie == "" {
			return all, count
		}
		if between != nil {
			between(count)
		}
	}
}

func wantCrowd(t *testing.T, what string, got []string, n int) {
	t.Helper()
	got = slices.Sorted(slices.Values(got))
	var want []string
	for i := range n {
		want = append(want, fmt.Sprintf("u%03d", i))
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: %d entries, want %d, each once", what, len(got), n)
	}
}

// TestPagedResults: whatever the size of the pages and the plan of the search, the pages are the whole, each entry once, and the last
// page has no cookie.
func TestPagedResults(t *testing.T) {
	t.Parallel()
	s := newPagingServer(t, 200)
	c := asReader(s)
	for _, filter := range []string{"(uid=u*)", "(&(objectClass=posixAccount)(uidNumber=*))", "(uidNumber>=10000)", "(&(objectClass=person)(homeDirectory=/h))"} {
		for _, size := range []int{1, 7, 50, 126, 199, 200, 201, 1000} {
			if size == 1 && filter != "(uid=u*)" {
				continue
			}
			all, count := pages(t, c, filter, size, nil)
			wantCrowd(t, fmt.Sprintf("%s by %d", filter, size), all, 200)
			if want := (200 + size - 1) / size; count != want {
				t.Errorf("%s by %d: %d pages, want %d", filter, size, count, want)
			}
		}
	}
	all, count := pages(t, c, "(uid=nobody)", 10, nil)
	if len(all) != 0 || count != 1 {
		t.Errorf("of nothing: %q in %d pages", all, count)
	}
	r, err := c.Search(ldap.NewSearchRequest("uid=u001"+inPeople, ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", nil, []ldap.Control{pageControl(10, "")}))
	if err != nil || len(r.Entries) != 1 {
		t.Fatal(r, err)
	}
	if _, cookie := answeredPage(t, r.Controls); cookie != "" {
		t.Error("there is a page behind the base object")
	}
	r, err = c.Search(ldap.NewSearchRequest("", ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", []string{"supportedControl"}, []ldap.Control{pageControl(10, "")}))
	if err != nil || len(r.Entries) != 1 || !slices.Contains(r.Entries[0].GetAttributeValues("supportedControl"), oidPage) {
		t.Errorf("the root DSE as a page: %v, %v", r, err)
	}
}

// TestPagesWhileTheTreeChanges: all pages are of the state of the first one, so who is there all the time comes once, whatever is
// renamed, moved, deleted, added or changed between two of them. What is gone by now is not shown any more.
func TestPagesWhileTheTreeChanges(t *testing.T) {
	t.Parallel()
	s := newPagingServer(t, 60, ldaptest.WithWriter(ldaptest.AdminDN), ldaptest.WithLDIF(unit("ou=elsewhere,"+ldaptest.Base)+"\n"+unit("ou=zoo"+inPeople)+"\n"+
		personAt("uid=u060,ou=zoo"+inPeople, "u060", "uidNumber: 3", "gidNumber: 1", "homeDirectory: /h", "objectClass: posixAccount")))
	c, admin := asReader(s), s.DialAdmin()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	all, _ := pages(t, c, "(objectClass=posixAccount)", 10, func(n int) {
		switch n {
		case 1:
			must(remove(admin, "uid=u002"+inPeople)) // came already
			must(remove(admin, "uid=u055"+inPeople)) // has not
			must(addEntry(admin, person("new1", "uidNumber: 1", "gidNumber: 1", "homeDirectory: /h", "objectClass: posixAccount")))
		case 2:
			must(rename(admin, "uid=u003"+inPeople, "uid=zz3", ""))
			must(rename(admin, "uid=u050"+inPeople, "uid=aa50", ""))
			must(rename(admin, "uid=u040"+inPeople, "uid=u040", "ou=elsewhere,"+ldaptest.Base))
		case 3:
			must(rename(admin, "ou=zoo"+inPeople, "ou=park", ""))
		}
	})
	for _, tt := range []struct {
		name string
		want int
	}{{"u002", 1}, {"u055", 0}, {"u003", 1}, {"zz3", 0}, {"u050", 1}, {"aa50", 0}, {"u040", 1}, {"new1", 0}, {"u000", 1}, {"u059", 1}, {"u060", 1}} {
		n := 0
		for _, name := range all {
			if name == tt.name {
				n++
			}
		}
		if n != tt.want {
			t.Errorf("%s came %d times, want %d", tt.name, n, tt.want)
		}
	}
	if len(all) != 60 {
		t.Errorf("%d entries came, want 60", len(all))
	}
}

// TestInterleavedPages: pages of three searches on one connection, and the page of one on another connection of the same identity.
func TestInterleavedPages(t *testing.T) {
	t.Parallel()
	s := newPagingServer(t, 100)
	conns := []*ldap.Conn{asReader(s), asReader(s)}
	filters := []string{"(uid=u*)", "(objectClass=posixAccount)", "(&(uidNumber>=10000)(gidNumber=1))"}
	cookies, got := make([]string, 3), make([][]string, 3)
	for round := 0; round == 0 || strings.Join(cookies, "") != ""; round++ {
		for i, filter := range filters {
			if round > 0 && cookies[i] == "" {
				continue
			}
			r, err := searchWith(conns[round/3%2], filter, []string{"uid"}, pageControl(7+i, cookies[i]))
			if err != nil {
				t.Fatalf("round %d, search %d: %v", round, i, err)
			}
			got[i] = append(got[i], namesOf(r)...)
			_, cookies[i] = answeredPage(t, r.Controls)
		}
	}
	for i := range got {
		wantCrowd(t, filters[i], got[i], 100)
	}
}

// TestPagesInParallel: what SSSD does in its first refresh, searches by pages at the same time on one connection.
func TestPagesInParallel(t *testing.T) {
	t.Parallel()
	s := newPagingServer(t, 100)
	c := asReader(s)
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			var all []string
			for cookie := ""; ; {
				r, err := searchWith(c, "(objectClass=posixAccount)", nil, pageControl(9+i, cookie))
				if err != nil {
					t.Errorf("search %d: %v", i, err)
					return
				}
				all = append(all, namesOf(r)...)
				if _, cookie = answeredPage(t, r.Controls); cookie == "" {
					break
				}
			}
			wantCrowd(t, fmt.Sprintf("search %d", i), all, 100)
		})
	}
	wg.Wait()
}

// TestCookiesAreRefused: one of another search, identity or server, and one that was tampered with, is told so; the connection goes on.
func TestCookiesAreRefused(t *testing.T) {
	t.Parallel()
	s := newPagingServer(t, 30)
	c, other := asReader(s), s.DialAs("uid=other"+inPeople, "other-secret")
	first := func(c *ldap.Conn, filter string) string {
		r, err := searchWith(c, filter, []string{"uid"}, pageControl(5, ""))
		if err != nil {
			t.Fatal(err)
		}
		_, cookie := answeredPage(t, r.Controls)
		return cookie
	}
	cookie := first(c, "(uid=u*)")
	flipped := []byte(cookie)
	flipped[len(flipped)/2] ^= 1
	foreign := first(asReader(newPagingServer(t, 30)), "(uid=u*)")
	search := func(c *ldap.Conn, base string, scope int, filter string, attrs []string, cookie string) error {
		_, err := c.Search(ldap.NewSearchRequest(base, scope, 0, 0, 0, false, filter, attrs, []ldap.Control{pageControl(5, cookie)}))
		return err
	}
	base, uid := ldaptest.Base, []string{"uid"}
	for _, tt := range []struct {
		name string
		err  error
		want uint16
	}{
		{"the right one", search(c, base, ldap.ScopeWholeSubtree, "(uid=u*)", uid, cookie), ldap.LDAPResultSuccess},
		{"again", search(c, base, ldap.ScopeWholeSubtree, "(uid=u*)", uid, cookie), ldap.LDAPResultSuccess},
		{"another filter", search(c, base, ldap.ScopeWholeSubtree, "(uid=u1*)", uid, cookie), ldap.LDAPResultUnwillingToPerform},
		{"another base", search(c, "ou=people,"+base, ldap.ScopeWholeSubtree, "(uid=u*)", uid, cookie), ldap.LDAPResultUnwillingToPerform},
		{"another scope", search(c, base, ldap.ScopeSingleLevel, "(uid=u*)", uid, cookie), ldap.LDAPResultUnwillingToPerform},
		{"other attributes", search(c, base, ldap.ScopeWholeSubtree, "(uid=u*)", []string{"cn"}, cookie), ldap.LDAPResultUnwillingToPerform},
		{"another identity", search(other, base, ldap.ScopeWholeSubtree, "(uid=u*)", uid, cookie), ldap.LDAPResultUnwillingToPerform},
		{"anonymous", search(s.Dial(), base, ldap.ScopeWholeSubtree, "(uid=u*)", uid, cookie), ldap.LDAPResultUnwillingToPerform},
		{"tampered", search(c, base, ldap.ScopeWholeSubtree, "(uid=u*)", uid, string(flipped)), ldap.LDAPResultUnwillingToPerform},
		{"cut", search(c, base, ldap.ScopeWholeSubtree, "(uid=u*)", uid, cookie[:10]), ldap.LDAPResultUnwillingToPerform},
		{"nonsense", search(c, base, ldap.ScopeWholeSubtree, "(uid=u*)", uid, "x"), ldap.LDAPResultUnwillingToPerform},
		{"large", search(c, base, ldap.ScopeWholeSubtree, "(uid=u*)", uid, strings.Repeat("x", 50_000)), ldap.LDAPResultUnwillingToPerform},
		{"of another server", search(c, base, ldap.ScopeWholeSubtree, "(uid=u*)", uid, foreign), ldap.LDAPResultUnwillingToPerform},
		{"the right one after all", search(c, base, ldap.ScopeWholeSubtree, "(uid=u*)", uid, cookie), ldap.LDAPResultSuccess},
	} {
		if got := code(t, tt.err); got != tt.want {
			t.Errorf("%s: %v, want %d", tt.name, tt.err, tt.want)
		}
	}
	if len(cookie) > 100 {
		t.Errorf("a cookie has %d octets", len(cookie))
	}
}

// TestPageSizes: zero ends a search; the size limit of the request counts all pages, that of the server each.
func TestPageSizes(t *testing.T) {
	t.Parallel()
	s := newPagingServer(t, 40, ldaptest.WithSearchLimits(dit.Limits{Bound: &dit.Limit{SizeEntries: 15}}))
	c := asReader(s)
	search := func(size, limit int, cookie string) (*ldap.SearchResult, error) {
		return c.Search(ldap.NewSearchRequest(ldaptest.Base, ldap.ScopeWholeSubtree, 0, limit, 0, false, "(uid=u*)", nil, []ldap.Control{pageControl(size, cookie)}))
	}
	r, err := search(10, 0, "")
	if err != nil || len(r.Entries) != 10 {
		t.Fatal(r, err)
	}
	_, cookie := answeredPage(t, r.Controls)
	r, err = search(0, 0, cookie)
	if err != nil || len(r.Entries) != 0 {
		t.Fatalf("size 0: %v, %v", r, err)
	}
	if _, end := answeredPage(t, r.Controls); end != "" {
		t.Error("size 0 does not end the search")
	}
	if r, err = search(0, 0, ""); err != nil || len(r.Entries) != 0 {
		t.Errorf("size 0 to begin with: %v, %v", r, err)
	} else if estimate, end := answeredPage(t, r.Controls); estimate != 0 || end != "" {
		t.Errorf("size 0 to begin with: %d, %q", estimate, end)
	}

	all, count := pages(t, c, "(uid=u*)", 1000, nil) // the server gives 15 at a time
	wantCrowd(t, "pages larger than the server's limit", all, 40)
	if count != 3 {
		t.Errorf("%d pages, want 3", count)
	}

	r, err = search(10, 25, "")
	var got []string
	for n := 1; ; n++ {
		got = append(got, namesOf(r)...)
		if err != nil {
			break
		}
		if _, cookie = answeredPage(t, r.Controls); cookie == "" || n > 5 {
			t.Fatalf("the limit of the request was not told after %d entries", len(got))
		}
		r, err = search(10, 25, cookie)
	}
	if code(t, err) != ldap.LDAPResultSizeLimitExceeded || len(got) != 25 {
		t.Errorf("with a size limit of 25: %d entries, %v", len(got), err)
	}
}
