package ldaptest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/ldaptest"
)

// pagesOf returns the pages of a search, each as the names on it, and the lengths of the cookies.
func pagesOf(t *testing.T, c *ldap.Conn, filter string, size int) (all []string, lengths []int) {
	t.Helper()
	for cookie := ""; ; {
		r, err := searchWith(c, filter, nil, pageControl(size, cookie))
		if err != nil {
			t.Fatalf("%s by %d: %v", filter, size, err)
		}
		var page []string
		for _, e := range r.Entries {
			page = append(page, e.DN)
		}
		all = append(all, strings.Join(page, " "))
		var estimate int64
		if estimate, cookie = answeredPage(t, r.Controls); estimate != 0 {
			t.Errorf("L8: the result is said to have %d entries", estimate)
		}
		if cookie == "" {
			return all, lengths
		}
		lengths = append(lengths, len(cookie))
	}
}

// TestL8PagesTellNothing: the pages hold what a search in one piece returns, filled to their size whatever is hidden between, with as
// many cookies as there are further pages, all of one length.
func TestL8PagesTellNothing(t *testing.T) {
	t.Parallel()
	w := newLeakWorld(t)
	for i := range 20 {
		if err := addEntry(w.DialAdmin(), person("h"+strings.Repeat("i", i), "roomNumber: 2")); err != nil {
			t.Fatal(err)
		}
	}
	c := w.as("eve")
	for _, filter := range []string{"(objectClass=*)", "(objectClass=person)", "(uid=*)", "(|(uid=seen)(uid=unseen)(title=*))", "(!(uid=seen))", "(memberOf=*)", "(roomNumber=2)", "(sn=Tester)"} {
		plain, err := searchWith(c, filter, nil)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, e := range plain.Entries {
			want = append(want, e.DN)
		}
		for _, size := range []int{1, 2, 3, 100} {
			got, lengths := pagesOf(t, c, filter, size)
			joined := strings.Fields(strings.Join(got, " "))
			if slices.Sort(joined); !slices.Equal(joined, slices.Sorted(slices.Values(want))) {
				t.Errorf("%s by %d: %s, want %s", filter, size, joined, want)
			}
			if pages := max(1, (len(want)+size-1)/size); len(got) != pages || len(slices.Compact(lengths)) > 1 {
				t.Errorf("%s by %d: %d pages, want %d; cookies of %v octets", filter, size, len(got), pages, lengths)
			}
		}
	}
}

// TestPagesHaveTheRightsOfTheirMoment: what was taken away between two pages does not come any more, and what was given comes from there on.
func TestPagesHaveTheRightsOfTheirMoment(t *testing.T) {
	t.Parallel()
	for _, order := range []string{"", "uid"} {
		w := newWorld(t, statements(allow("all", everybody, `base: "ou=people,`+ldaptest.Base+`"`, "view", "attributes: [objectClass, uid, roomNumber, mail]")),
			ldaptest.WithLDIF(strings.Join([]string{
				person("eve"), person("p1", "roomNumber: 1", "mail: p1@x"), person("p2", "roomNumber: 2", "mail: p2@x"), person("p3", "roomNumber: 1", "mail: p3@x"),
				person("p4", "roomNumber: 2", "mail: p4@x"), person("p5", "roomNumber: 1", "mail: p5@x"), person("p6", "roomNumber: 1", "mail: p6@x"),
			}, "\n")))
		c := w.as("eve")
		var more []ldap.Control
		if order != "" {
			more = append(more, sortControl(true, order))
		}
		page := func(cookie string) (*ldap.SearchResult, string) {
			t.Helper()
			r, err := searchWith(c, "(uid=p*)", []string{"mail"}, append(slices.Clip(more), pageControl(2, cookie))...)
			if err != nil {
				t.Fatal(err)
			}
			_, next := answeredPage(t, r.Controls)
			return r, next
		}
		first, cookie := page("")
		w.apply(statements(
			allow("some", everybody, `base: "ou=people,`+ldaptest.Base+`", filter: "(roomNumber=1)"`, "discover, search", "attributes: [objectClass, uid, roomNumber, mail]"),
			allow("read", everybody, `base: "ou=people,`+ldaptest.Base+`"`, "read", "attributes: [uid]")))
		second, last := page(cookie)
		got := strings.Join(slices.Concat(namesOf(first), namesOf(second)), " ")
		if got != "p1 p2 p3 p5" {
			t.Errorf("by %q: %s", order, got)
		}
		if first.Entries[0].GetAttributeValue("mail") != "p1@x" || second.Entries[0].GetAttributeValue("mail") != "" {
			t.Errorf("by %q: mail %q, then %q", order, first.Entries[0].GetAttributeValue("mail"), second.Entries[0].GetAttributeValue("mail"))
		}
		w.apply("")
		if r, err := searchWith(c, "(uid=p*)", []string{"mail"}, append(slices.Clip(more), pageControl(2, last))...); err != nil && code(t, err) != ldap.LDAPResultNoSuchObject || r != nil && len(r.Entries) > 0 {
			t.Errorf("by %q: without any right: %v, %v", order, r, err)
		}
	}
}
