package ldaptest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/directory/dit"
	"gatehouse/ldapserver/ldaptest"
)

// sortLDIF has people whose values do not sort like their bytes.
var sortLDIF = strings.Join([]string{
	person("reader"),
	person("b", "objectClass: posixAccount", "uidNumber: 9", "gidNumber: 2", "homeDirectory: /Z", "employeeNumber: 30", "manager: uid=z"+inPeople),
	person("A", "objectClass: posixAccount", "uidNumber: 10", "gidNumber: 1", "homeDirectory: /a", "employeeNumber: 4", "description: zeta", "description: alpha"),
	person("c", "objectClass: posixAccount", "uidNumber: 100", "gidNumber: 1", "homeDirectory: /b", "description: beta", "manager: uid=reader"+inPeople),
	person("D", "objectClass: posixAccount", "uidNumber: 99", "gidNumber: 2", "homeDirectory: /c", "employeeNumber: 200", "cn;lang-de: aaa"),
	group("g1", "uid=b"+inPeople, "uid=c"+inPeople), group("g2", "uid=A"+inPeople),
}, "\n")

func newSortServer(t *testing.T, opts ...ldaptest.Option) *ldaptest.Server {
	t.Helper()
	return ldaptest.NewServer(t, append([]ldaptest.Option{ldaptest.WithLDIF(sortLDIF), ldaptest.WithReader(readerDN)}, opts...)...)
}

// TestSort: by rules that the attribute has, and by what is derived where it has none; several keys, reverse, missing values; in one
// piece and by pages.
func TestSort(t *testing.T) {
	t.Parallel()
	s := newSortServer(t)
	c := asReader(s)
	for _, tt := range []struct{ keys, want string }{
		{"uid", "A b c D"}, {"-uid", "D c b A"}, {"0.9.2342.19200300.100.1.1", "A b c D"}, {"userid", "A b c D"},
		{"uidNumber", "b A D c"}, {"-uidNumber", "c D A b"}, {"uidNumber:integerOrderingMatch", "b A D c"},
		{"homeDirectory", "b A c D"}, // no ordering rule, and case counts
		{"gidNumber -uid", "c A D b"}, {"-gidNumber uid", "b D A c"}, {"uid:caseExactOrderingMatch", "A D b c"},
		{"uid:2.5.13.3", "A b c D"}, {"uid:caseIgnoreMatch", "A b c D"},
		{"employeeNumber uid", "D b A c"},                // text, and a missing value is the largest
		{"-employeeNumber uid", "c A b D"},               // RFC 2891: in reverse, too
		{"description uid", "A c b D"},                   // the least of many values counts
		{"manager uid", "c b A D"},                       // a link
		{"memberOf uid", "b c A D"},                      // made on read
		{"cn;lang-de uid", "D A b c"},                    // an option
		{"name -uid", "A D b c"}, {"entryDN", "A b c D"}, // a supertype, of which D has "aaa"
		{"userPassword -uid", "D c b A"}, // must not be searched: as if nobody had one
	} {
		for _, size := range []int{0, 1, 2, 3, 50} {
			controls := []ldap.Control{sortControl(true, strings.Fields(tt.keys)...)}
			var got []string
			if size == 0 {
				r, err := searchWith(c, "(objectClass=posixAccount)", nil, controls...)
				if err != nil {
					t.Errorf("%s: %v", tt.keys, err)
					continue
				}
				got = namesOf(r)
			} else {
				got, _ = pages(t, c, "(objectClass=posixAccount)", size, nil, controls...)
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("%s by %d: %s, want %s", tt.keys, size, got, tt.want)
			}
		}
	}
}

// TestCannotSort: why is in the answer, and what is critical decides about the rest.
func TestCannotSort(t *testing.T) {
	t.Parallel()
	s := newSortServer(t)
	c := asReader(s)
	nine := strings.Fields("uid cn sn mail title ou o l st")
	for _, tt := range []struct {
		keys []string
		want int64
	}{
		{[]string{"nosuch"}, 16}, {[]string{"uid", "nosuch"}, 16}, {[]string{"uid;binary"}, 16}, {[]string{"uid:nosuchMatch"}, 18},
		{[]string{"uid:integerOrderingMatch"}, 18}, {[]string{"uid:caseIgnoreSubstringsMatch"}, 18}, {[]string{"uid", "-userid"}, 53}, {nine, 53},
	} {
		n, code, controls := searchRaw(t, s, "(objectClass=posixAccount)", sortControl(false, tt.keys...))
		if code != 0 || n != 4 || sortedAs(t, controls) != tt.want {
			t.Errorf("%s: %d entries, %d, sorted as %d, want %d and all entries", tt.keys, n, code, sortedAs(t, controls), tt.want)
		}
		n, code, controls = searchRaw(t, s, "(objectClass=posixAccount)", sortControl(true, tt.keys...))
		if code != ldap.LDAPResultUnavailableCriticalExtension || n != 0 || sortedAs(t, controls) != tt.want {
			t.Errorf("%s, critical: %d entries, %d, sorted as %d", tt.keys, n, code, sortedAs(t, controls))
		}
	}
	if n, code, controls := searchRaw(t, s, "(objectClass=posixAccount)", sortControl(true, "uid")); n != 4 || code != 0 || sortedAs(t, controls) != 0 {
		t.Errorf("by uid: %d entries, %d, sorted as %d", n, code, sortedAs(t, controls))
	}
	r, err := c.Search(ldap.NewSearchRequest("uid=b"+inPeople, 0, 0, 0, 0, false, "(objectClass=*)", nil, []ldap.Control{sortControl(true, "uid")}))
	if err != nil || len(r.Entries) != 1 {
		t.Errorf("a single entry: %v, %v", r, err)
	}
	for name, value := range map[string][]byte{"no key": sequence(), "no value": nil, "nonsense": []byte("x"), "more": append(sequence(sequence(octets(4, "uid"))), 0)} {
		if _, err := searchWith(c, "(uid=b)", nil, controlOf(oidSort, true, value)); code(t, err) != ldap.LDAPResultProtocolError {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSortAndLimits: the first entries of the order are returned, not the first that were found, in pages and where a limit ends it.
func TestSortAndLimits(t *testing.T) {
	t.Parallel()
	s := newPagingServer(t, 300, ldaptest.WithSearchLimits(dit.Limits{Bound: &dit.Limit{SizeEntries: 100}}))
	c := asReader(s)
	r, err := searchWith(c, "(uid=u*)", []string{"uid"}, sortControl(true, "-uid"))
	got := namesOf(r)
	if code(t, err) != ldap.LDAPResultSizeLimitExceeded || len(got) != 100 || got[0] != "u299" || got[99] != "u200" {
		t.Errorf("the last hundred: %v, %v", got, err)
	}
	all, count := pages(t, c, "(uid=u*)", 126, nil, sortControl(true, "-uidNumber"))
	var want []string
	for i := range 300 {
		want = append(want, fmt.Sprintf("u%03d", 299-i))
	}
	if !slices.Equal(all, want) || count != 3 {
		t.Errorf("%d pages of what a limit cuts: %v", count, all)
	}
	r, err = c.Search(ldap.NewSearchRequest(ldaptest.Base, 2, 0, 5, 0, false, "(uid=u*)", nil, []ldap.Control{sortControl(false, "uidNumber")}))
	if code(t, err) != ldap.LDAPResultSizeLimitExceeded || strings.Join(namesOf(r), " ") != "u000 u001 u002 u003 u004" {
		t.Errorf("five: %v, %v", namesOf(r), err)
	}
}

// TestL7OrderTellsNothing: an attribute that may not be searched sorts as if nobody had it, whether or not it may be read, and what may
// be searched in some entries alone counts in those.
func TestL7OrderTellsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, statements(
		allow("people", everybody, `base: "ou=people,`+ldaptest.Base+`"`, "discover, read", "attributes: [objectClass, uid, title, description]"),
		allow("filter", everybody, `base: "ou=people,`+ldaptest.Base+`"`, "search", "attributes: [uid, objectClass, sn]"),
		allow("some", everybody, `base: "ou=people,`+ldaptest.Base+`", filter: "(roomNumber=1)"`, "search", "attributes: [description]"),
	), ldaptest.WithLDIF(strings.Join([]string{
		person("eve"), person("s1", "title: Z", "description: c", "roomNumber: 1", "mail: z@x"), person("s2", "title: Y", "description: b", "mail: y@x"),
		person("s3", "title: X", "description: a", "roomNumber: 1", "mail: x@x"), person("s4", "mail: a@x", "title: A", "roomNumber: 1", "description: aa"),
	}, "\n")))
	c := w.as("eve")
	for _, tt := range []struct{ keys, want string }{
		{"uid", "s1 s2 s3 s4"},
		{"title uid", "s1 s2 s3 s4"}, {"-title uid", "s1 s2 s3 s4"}, {"mail uid", "s1 s2 s3 s4"}, {"userPassword uid", "s1 s2 s3 s4"},
		{"name -uid", "s4 s3 s2 s1"}, // of the subtypes, sn alone counts, which is the same in all
		{"modifyTimestamp -uid", "s4 s3 s2 s1"}, {"entryUUID -uid", "s4 s3 s2 s1"}, {"memberOf -uid", "s4 s3 s2 s1"},
		{"description uid", "s3 s4 s1 s2"}, // s2 has one that may not be searched
	} {
		for _, size := range []int{1, 3, 10} {
			got, _ := pages(t, c, "(uid=s*)", size, nil, sortControl(true, strings.Fields(tt.keys)...))
			if strings.Join(got, " ") != tt.want {
				t.Errorf("%s by %d: %s, want %s", tt.keys, size, got, tt.want)
			}
		}
	}
}

// TestSortedPagesWhileTheTreeChanges: who is there all the time comes once, even if the order would be another by now; and where the
// server keeps no order any more, pages go on all the same.
func TestSortedPagesWhileTheTreeChanges(t *testing.T) {
	t.Parallel()
	s := newPagingServer(t, 60, ldaptest.WithWriter(ldaptest.AdminDN))
	c, admin := asReader(s), s.DialAdmin()
	all, count := pages(t, c, "(uid=u*)", 10, func(n int) {
		var err error
		switch n {
		case 1:
			err = modify(admin, "uid=u005"+inPeople, "replace employeeNumber 9") // came already
			if err == nil {
				err = modify(admin, "uid=u055"+inPeople, "replace employeeNumber 0")
			}
		case 2:
			err = remove(admin, "uid=u050"+inPeople)
		case 3:
			err = addEntry(admin, person("u999"))
		}
		if err != nil {
			t.Fatal(err)
		}
	}, sortControl(true, "employeeNumber", "uid"))
	if len(all) != 59 || count != 6 || all[58] != "u059" || slices.Contains(all, "u050") || len(slices.Compact(slices.Sorted(slices.Values(all)))) != 59 {
		t.Errorf("%d entries in %d pages: %v", len(all), count, all)
	}

	var cookies []string
	for cookie := ""; ; {
		r, err := searchWith(c, "(uid=u*)", []string{"uid"}, sortControl(true, "-uid"), pageControl(10, cookie))
		if err != nil {
			t.Fatal(err)
		}
		if _, cookie = answeredPage(t, r.Controls); cookie == "" {
			break
		}
		cookies = append(cookies, cookie)
	}
	for i, cookie := range cookies { // the last page was made: the order is gone
		r, err := searchWith(c, "(uid=u*)", []string{"uid"}, sortControl(true, "-uid"), pageControl(1, cookie))
		if want := fmt.Sprintf("[u%03d]", 49-10*i); err != nil || fmt.Sprint(namesOf(r)) != want {
			t.Errorf("page %d again: %v, %v, want %s", i+2, namesOf(r), err, want)
		}
	}
}
