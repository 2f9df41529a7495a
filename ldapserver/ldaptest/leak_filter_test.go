package ldaptest_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/ldaptest"
)

// guesses are assertions about the person whom eve sees, on attributes that she may not search: one that is true and one that is
// not, alike in every other way.
var guesses = []struct{ name, right, wrong string }{
	{"equality", "(title=Keeper)", "(title=Baker)"},
	{"equality with an index", "(employeeNumber=77)", "(employeeNumber=78)"},
	{"substring with an index", "(mail=g@ex*)", "(mail=h@ex*)"},
	{"substring", "(title=Kee*)", "(title=Bak*)"},
	{"substring in the middle", "(title=*eep*)", "(title=*zzz*)"},
	{"presence", "(title=*)", "(employeeType=*)"},
	{"greater or equal", "(uidNumber>=4711)", "(uidNumber>=4712)"},
	{"less or equal", "(uidNumber<=4711)", "(uidNumber<=4710)"},
	{"approximate", "(title~=Keeper)", "(title~=Baker)"},
	{"extensible", "(title:caseIgnoreMatch:=Keeper)", "(title:caseIgnoreMatch:=Baker)"},
	{"extensible with the name", "(title:dn:caseIgnoreMatch:=Keeper)", "(title:dn:caseIgnoreMatch:=Baker)"},
	{"OID", "(2.5.4.12=Keeper)", "(2.5.4.12=Baker)"},
	{"option", "(title;lang-de=Hueter)", "(title;lang-de=Baecker)"},
	{"naming attribute with an option", "(cn;lang-de=Geheim)", "(cn;lang-de=Offen)"},
	{"other name", "(commonName=seen)", "(commonName=unknown)"},
	{"supertype", "(name=Gordon)", "(name=Goldie)"},
	{"presence of a supertype's subtype", "(givenName=*)", "(initials=*)"},
	{"DN", "(manager=uid=keeper" + inPeople + ")", "(manager=" + nobody + ")"},
	{"authority", "(roomNumber=1)", "(roomNumber=2)"},
	{"time", "(createTimestamp>=20000101000000Z)", "(createTimestamp>=20900101000000Z)"},
	{"operational", "(creatorsName=cn=operator,cn=gatehouse)", "(creatorsName=" + nobody + ")"},
	{"hidden group", "(memberOf=" + lodge + ")", "(memberOf=cn=none" + inGroups + ")"},
	{"password", "(userPassword=*)", "(pwdHistory=*)"},
	{"password by value", "(userPassword={ARGON2}*)", "(userPassword={CRYPT}*)"},
	{"secret", "(totpSecret=shared)", "(totpSecret=other)"},
}

// contexts are the places where an assertion may stand, and whether what eve sees there is the person whatever the assertion says.
var contexts = []struct {
	around string
	finds  bool
}{
	{"?", false}, {"(!?)", false}, {"(!(!?))", false},
	{"(&(uid=seen)?)", false}, {"(&(uid=seen)(!?))", false}, {"(&(!?)(uid=seen))", false},
	{"(|(uid=seen)?)", true}, {"(|(uid=seen)(!?))", true}, {"(|?(uid=seen))", true}, // L6
	{"(!(&(uid=seen)?))", false}, {"(!(|(uid=unheard)?))", false}, {"(&(uid=seen)(|?(!?)))", false},
	{"(|(&(uid=seen)?)(&(uid=seen)(!?)))", false}, {"(!(&?(!?)))", false},
}

// TestL3L5L6FiltersDoNotTell: an assertion on an attribute that may not be searched is neither true nor false, wherever it stands,
// and nothing that comes back depends on it: no entry, count, code or text, however little of the entries is asked for.
func TestL3L5L6FiltersDoNotTell(t *testing.T) {
	t.Parallel()
	w := newLeakWorld(t)
	c, admin := w.as("eve"), w.DialAdmin()
	for _, g := range guesses {
		if secret := strings.Contains(g.right, "Password") || strings.Contains(g.right, "totpSecret"); !secret && !strings.Contains(finds(t, admin, seen, g.right), seen) {
			t.Errorf("%s: %s is not true of the person", g.name, g.right)
		}
		memberOf := strings.HasPrefix(g.right, "(memberOf=") // searchable: eve may ask, and the answer is no
		for _, x := range contexts {
			right, wrong := strings.ReplaceAll(x.around, "?", g.right), strings.ReplaceAll(x.around, "?", g.wrong)
			for _, q := range []query{
				{base: ldaptest.Base, scope: 2, attrs: []string{"*", "+"}}, {base: "ou=people," + ldaptest.Base, scope: 1, attrs: []string{"1.1"}},
				{base: seen, scope: 0, attrs: []string{"*"}, typesOnly: true}, {base: ldaptest.Base, scope: 2, attrs: []string{"title", "sn"}, size: 1},
			} {
				q.filter = right
				one := ask(t, c, q)
				q.filter = wrong
				if other := ask(t, c, q); one != other {
					t.Errorf("%s: %s answers\n%s\n%s answers\n%s", g.name, right, one, wrong, other)
				}
			}
			if got := strings.Contains(finds(t, c, ldaptest.Base, right), seen); got != x.finds && !memberOf {
				t.Errorf("%s: %s finds the person: %t", g.name, right, got)
			}
		}
	}
}

// TestL3SearchableIsSearchable is the other side: what eve may search she finds by, in the same places.
func TestL3SearchableIsSearchable(t *testing.T) {
	t.Parallel()
	w := newLeakWorld(t)
	c := w.as("eve")
	for filter, want := range map[string]bool{
		"(sn=Tester)": true, "(2.5.4.4=tester)": true, "(surname=T*r)": true, "(name=Tester)": true, "(!(sn=Tester))": false,
		"(&(uid=seen)(!(sn=Other)))": true, "(:caseIgnoreMatch:=Tester)": true, "(:caseIgnoreMatch:=Keeper)": false, "(:dn:2.5.13.2:=seen)": true,
		"(memberOf=" + club + ")": true, "(!(memberOf=" + lodge + "))": true, "(memberOf=*)": true, "(objectClass=*)": true, "(objectClass=totpUser)": true,
	} {
		if got := strings.Contains(finds(t, c, "ou=people,"+ldaptest.Base, filter), seen); got != want {
			t.Errorf("%s finds the person: %t", filter, got)
		}
	}
}

// TestL3ThroughHiddenEntries: nothing that eve may search finds, counts or limits by entries that she does not see.
func TestL3ThroughHiddenEntries(t *testing.T) {
	t.Parallel()
	w := newLeakWorld(t)
	c := w.as("eve")
	visible := "uid=lonely" + inPeople + " " + seen
	for filter, want := range map[string]string{
		"(uid=unseen)": "", "(!(uid=seen))": "uid=lonely" + inPeople, "(sn=Tester)": visible, "(objectClass=inetOrgPerson)": visible,
		"(|(uid=unseen)(uid=seen))": seen, "(entryDN=" + unseen + ")": "", "(cn=child)": "", "(objectClass=device)": "",
	} {
		if got := finds(t, c, "ou=people,"+ldaptest.Base, "(&(!(objectClass=organizationalUnit))"+filter+")"); got != want {
			t.Errorf("%s finds %q, want %q", filter, got, want)
		}
	}
	for size, want := range map[int]string{1: "4", 2: "success"} {
		got := ask(t, c, query{base: "ou=people," + ldaptest.Base, scope: 2, filter: "(sn=Tester)", attrs: []string{"1.1"}, size: size})
		if !strings.Contains(got[strings.LastIndex(got, "\n")+1:], want) {
			t.Errorf("two are seen, the limit is %d: %s", size, got)
		}
	}
}

// reads notes which keys of the store are read.
type reads struct {
	mu   sync.Mutex
	keys []string
}

func (r *reads) note(key []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = append(r.keys, string(key))
}

// of returns what f reads, and how many of the reads are of indexes.
func (r *reads) of(f func()) (all []string, indexes int) {
	r.mu.Lock()
	r.keys = nil
	r.mu.Unlock()
	f()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range r.keys {
		if strings.HasPrefix(k, "x") {
			indexes++
		}
	}
	return r.keys, indexes
}

// TestL4L15NoIndexIsOpened: a filter on an attribute that may be searched nowhere costs what one on an unknown attribute costs, and
// no index is looked at, whatever is in it.
func TestL4L15NoIndexIsOpened(t *testing.T) {
	t.Parallel()
	r := new(reads)
	w := newLeakWorld(t, ldaptest.WithReads(r.note))
	c, admin := w.as("eve"), w.DialAdmin()
	ask := func(c *ldap.Conn, filter string) (first, second string, indexes int) {
		cold, indexes := r.of(func() { finds(t, c, ldaptest.Base, filter) })
		warm, _ := r.of(func() { finds(t, c, ldaptest.Base, filter) })
		return strings.Join(cold, "\n"), strings.Join(warm, "\n"), indexes
	}
	for _, around := range []string{"?", "(!?)", "(&(uid=seen)?)", "(&?(!(uid=seen)))", "(|(uid=seen)?)"} {
		unknown := strings.ReplaceAll(around, "?", "(nosuchattribute=x)")
		_, want, _ := ask(c, unknown)
		for _, g := range guesses {
			if slices.Contains(searchedSomewhere, g.name) {
				continue
			}
			for _, assertion := range []string{g.right, g.wrong} {
				filter := strings.ReplaceAll(around, "?", assertion)
				first, second, indexes := ask(c, filter)
				if first != want || second != want || indexes > 0 {
					t.Errorf("%s: %s reads %q, then %q; with an unknown attribute %q", g.name, filter, first, second, want)
				}
			}
		}
	}
	if _, _, indexes := ask(admin, "(employeeNumber=78)"); indexes == 0 { // what was just written is in a cache, what is nowhere is not
		t.Error("nothing would tell that an index was looked at")
	}
}

// searchedSomewhere are the guesses that an index may propose candidates for: the attribute, or a subtype, or the name of the entry may
// be searched in some entry.
var searchedSomewhere = []string{"hidden group", "supertype", "other name", "naming attribute with an option", "extensible with the name"}

// TestL3OptionsDoNotTell: where a policy tells descriptions of one type apart, an assertion does not tell which of them an entry has.
func TestL3OptionsDoNotTell(t *testing.T) {
	t.Parallel()
	w := newLeakWorld(t)
	c := w.as("eve")
	room := `base: "ou=people,` + ldaptest.Base + `", scope: children, filter: "(roomNumber=1)"`
	both := "uid=lonely" + inPeople + " " + seen
	for _, tt := range []struct {
		name, policy string
		finds        map[string]string
	}{
		{"a description is denied", allow("cn", everybody, room, "view", "attributes: [cn]") + deny("de", everybody, room, "search, read", `attributes: ["cn;lang-de"]`), map[string]string{
			"(cn=seen)": seen, "(cn=*)": both, "(cn;lang-de=*)": "", "(cn=Geheim)": "", "(!(cn=Geheim))": "", "(!(cn=Offen))": "", "(!(cn;lang-de=*))": "", "(!(cn;lang-de=Offen))": "",
			"(!(cn;x-other=*))": "", "(|(cn=Geheim)(uid=lonely))": "uid=lonely" + inPeople, "(cn;lang-=Geheim)": "", "(!(cn;lang-=Geheim))": "",
		}},
		{"a description alone is allowed", allow("de", everybody, room, "view", `attributes: ["cn;lang-de"]`), map[string]string{
			"(cn;lang-de=Geheim)": seen, "(!(cn;lang-de=Geheim))": "uid=lonely" + inPeople, "(!(cn;lang-de=Offen))": both, "(cn=Geheim)": seen, "(cn=seen)": "", "(!(cn=seen))": "",
			"(!(cn=unknown))": "", "(cn;lang-de;x-more=*)": "", "(!(cn;lang-de;x-more=*))": both,
		}},
	} {
		w.apply(statements(allow("uid", everybody, room, "view", "attributes: [uid]"), tt.policy))
		for filter, want := range tt.finds {
			if got := finds(t, c, "ou=people,"+ldaptest.Base, filter); got != want {
				t.Errorf("%s: %s finds %q, want %q", tt.name, filter, got, want)
			}
		}
	}
}
