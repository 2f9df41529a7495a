package ldaptest_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/ldaptest"
)

// TestControlsShowWhatASearchShows: under random policies, pages, orders, dereferenced entries and matched values hold what plain searches
// show the same client, and their order tells what a filter tells.
func TestControlsShowWhatASearchShows(t *testing.T) {
	t.Parallel()
	policies := 150
	if testing.Short() {
		policies = 8
	}
	w := newLeakWorld(t)
	x := &controlsCheck{world: w, counts: map[string]int{}}
	conns := (&comparison{world: w}).connect()
	for seed := range uint64(policies) {
		x.dice = dice{rand.New(rand.NewPCG(seed, 7))}
		text := x.policy()
		w.apply(text)
		for range 12 {
			a := conns[x.IntN(len(conns))]
			if x.where = fmt.Sprintf("seed %d, %q", seed, a.name); a.name != "" && a.Bind(a.name, passwordOf(a.name)) != nil {
				x.must(a.UnauthenticatedBind(""))
			}
			x.conn = a.Conn
			if x.check(); t.Failed() {
				t.Fatalf("%s under\n%s", x.where, text)
			}
		}
	}
	for _, what := range []string{"pages", "present", "missing", "dereferenced", "not to be seen", "matched", "not matched"} {
		if x.counts[what] == 0 && !testing.Short() {
			t.Errorf("%s: never", what)
		}
	}
}

// controlsCheck compares what one client sees with controls and without.
type controlsCheck struct {
	*world
	dice
	conn   *ldap.Conn
	where  string
	counts map[string]int
}

func (x *controlsCheck) must(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

func (x *controlsCheck) check() {
	x.t.Helper()
	filter := x.of("(objectClass=*)", "(objectClass=person)", "(|(roomNumber=1)(title=Keeper))", "(!(title=Keeper))", "(memberOf=*)", "(name=*)", "(description=about)", "(uid=*)")
	base := x.of(ldaptest.Base, "ou=people,"+ldaptest.Base, "ou=groups,"+ldaptest.Base)
	plain, err := x.search(base, filter)
	if err != nil {
		return
	}
	want := linesOf(plain)
	size := 1 + x.IntN(4)
	key := x.of("title", "name", "mail", "manager", "memberOf", "uidNumber", "cn", "description", "userPassword", "entryUUID")
	x.same("pages", x.pages(base, filter, size, len(want)), want)
	ordered := x.pages(base, filter, size, len(want), sortControl(true, key))
	present, err := x.search(base, "(&"+filter+"("+key+"=*))")
	x.must(err)
	for i, e := range ordered {
		has := slices.ContainsFunc(present.Entries, func(p *ldap.Entry) bool { return p.DN == e.DN })
		if x.counts[map[bool]string{true: "present", false: "missing"}[has]]++; has != (i < len(present.Entries)) {
			x.t.Errorf("L7: ordered by %s: %s is at %d, and %d entries are found with one", key, e.DN, i, len(present.Entries))
		}
	}
	x.same("ordered by "+key, ordered, want)
	x.follow(base, filter, x.of("member", "manager", "memberOf"))
	x.match(base, filter, plain)
}

func (x *controlsCheck) search(base, filter string, controls ...ldap.Control) (*ldap.SearchResult, error) {
	return x.conn.Search(ldap.NewSearchRequest(base, ldap.ScopeWholeSubtree, 0, 0, 0, false, filter, []string{"*", "+"}, controls))
}

// linesOf is what entries show, in a fixed order.
func linesOf(r *ldap.SearchResult) (lines []string) {
	for _, e := range r.Entries {
		lines = append(lines, lineOf(e))
	}
	slices.Sort(lines)
	return lines
}

func lineOf(e *ldap.Entry) string {
	line := e.DN
	for _, a := range e.Attributes {
		line += fmt.Sprintf(" %s=%q", a.Name, a.Values)
	}
	return line
}

// pages returns the entries of all pages.
func (x *controlsCheck) pages(base, filter string, size, all int, more ...ldap.Control) (found []*ldap.Entry) {
	x.t.Helper()
	for cookie, n := "", 1; ; n++ {
		r, err := x.search(base, filter, append(slices.Clip(more), pageControl(size, cookie))...)
		x.must(err)
		found = append(found, r.Entries...)
		if _, cookie = answeredPage(x.t, r.Controls); cookie == "" {
			if x.counts["pages"] += n; n != max(1, (all+size-1)/size) {
				x.t.Errorf("%d entries came in %d pages of %d", all, n, size)
			}
			return found
		}
	}
}

func (x *controlsCheck) same(what string, got []*ldap.Entry, want []string) {
	x.t.Helper()
	if lines := linesOf(&ldap.SearchResult{Entries: got}); !slices.Equal(lines, want) {
		x.t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}

// follow compares each dereferenced entry with a search for it, and the values with those that are shown.
func (x *controlsCheck) follow(base, filter, attr string) {
	x.t.Helper()
	all, err := derefs(x.t, x.conn, ldap.NewSearchRequest(base, ldap.ScopeWholeSubtree, 0, 0, 0, false, filter, []string{"1.1"}, []ldap.Control{derefControl(true, attr+":*,+")}))
	x.must(err)
	for dn, lines := range all {
		r, err := x.conn.Search(ldap.NewSearchRequest(dn, 0, 0, 0, 0, false, "(objectClass=*)", []string{attr}, nil))
		x.must(err)
		var want []string
		for _, value := range r.Entries[0].GetAttributeValues(attr) {
			line := attr + " " + value + ":"
			target, err := x.conn.Search(ldap.NewSearchRequest(value, 0, 0, 0, 0, false, "(objectClass=*)", []string{"*", "+"}, nil))
			if err == nil && len(target.Entries) == 1 {
				x.counts["dereferenced"]++
				for _, a := range target.Entries[0].Attributes {
					line += " " + a.Name + "=" + strings.Join(a.Values, "|")
				}
			} else {
				x.counts["not to be seen"]++
			}
			want = append(want, line)
		}
		wantLines(x.t, "dereferenced "+attr+" of "+dn, lines, want...)
	}
}

// match compares matched values with those that are shown.
func (x *controlsCheck) match(base, filter string, plain *ldap.SearchResult) {
	x.t.Helper()
	item := x.of("(title=Keeper)", "(userPassword=*)", "(cn;lang-de=*)", "(name=*)", "(memberOf="+club+")", "(objectClass=inetOrgPerson)", "(uidNumber>=1)", "(description=a*)")
	r, err := x.search(base, filter, matchedControl(x.t, item))
	x.must(err)
	for i, e := range r.Entries {
		for j, a := range e.Attributes {
			shown := plain.Entries[i].Attributes[j]
			if a.Name != shown.Name || slices.ContainsFunc(a.Values, func(v string) bool { return !slices.Contains(shown.Values, v) }) {
				x.t.Errorf("%s shows %s=%q of %s, without it %s=%q", item, a.Name, a.Values, e.DN, shown.Name, shown.Values)
			}
			x.counts[map[bool]string{true: "matched", false: "not matched"}[len(a.Values) > 0]]++
		}
	}
}
