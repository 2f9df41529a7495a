package ldaptest_test

import (
	"context"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/ldaptest"
)

func newSyncWorld(t testing.TB, opts ...ldaptest.Option) *world {
	t.Helper()
	return newWorld(t, syncPolicy, opts...)
}

// must does changes as the administrator.
func (w *world) must(ops ...[]byte) {
	w.t.Helper()
	c := dialWire(w.t, w.Server, ldaptest.AdminDN, ldaptest.AdminPassword)
	for _, op := range ops {
		if m := c.result(op); m.code != 0 {
			w.t.Fatal(m.reply())
		}
	}
	_ = c.nc.Close()
}

func newPerson(uid string, lines ...string) []byte {
	return addOp("uid="+uid+inPeople, append([]string{"objectClass: inetOrgPerson", "uid: " + uid, "cn: " + uid, "sn: S"}, lines...)...)
}

// TestSyncRefreshOnly polls: after the first time, what has changed is told and nothing else.
func TestSyncRefreshOnly(t *testing.T) {
	t.Parallel()
	w := newSyncWorld(t)
	r := w.follow("helper", "ou=people,"+ldaptest.Base, 2, "(&(objectClass=person)(!(title=gone)))", "uid", "title")
	if got := r.poll(); strings.Count(got, "add ") != strings.Count(got, "\n")+1 || !strings.Contains(got, "add uid=alice"+inPeople+": uid=alice") || r.deletes {
		t.Errorf("at first: %s, delete phase %v", got, r.deletes)
	}
	bob := "uid=bob" + inPeople
	for _, step := range []struct {
		name string
		ops  [][]byte
		want string
	}{
		{"nothing", nil, ""},
		{"a new one", [][]byte{newPerson("new")}, "add uid=new" + inPeople + ": uid=new"},
		{"an attribute that is not asked for", [][]byte{modifyOp(bob, "add description x")}, ""},
		{"one that is", [][]byte{modifyOp(bob, "add title boss")}, "modify " + bob + ": title=boss uid=bob"},
		{"to and fro", [][]byte{modifyOp(bob, "replace title x"), modifyOp(bob, "replace title boss")}, ""},
		{"out of the filter", [][]byte{modifyOp(bob, "replace title gone")}, "gone " + bob},
		{"into it", [][]byte{modifyOp(bob, "replace title back")}, "add " + bob + ": title=back uid=bob"},
		{"deleted", [][]byte{deleteOp("uid=new" + inPeople)}, "gone uid=new" + inPeople},
		{"made and deleted", [][]byte{newPerson("short"), deleteOp("uid=short" + inPeople)}, ""},
		{"deleted and made again", [][]byte{deleteOp("uid=carl" + inPeople), newPerson("carl")}, "add uid=carl" + inPeople + ": uid=carl\ngone uid=carl" + inPeople},
		{"another name", [][]byte{renameOp(bob, "uid=robert", "")}, "modify uid=robert" + inPeople + ": title=back uid=robert"},
		{"moved out", [][]byte{renameOp("uid=robert"+inPeople, "uid=robert", "ou=archive,"+ldaptest.Base)}, "gone uid=robert" + inPeople},
		{"moved in", [][]byte{renameOp("uid=robert,ou=archive,"+ldaptest.Base, "uid=bob", "ou=people,"+ldaptest.Base)}, "add " + bob + ": title=back uid=bob"},
		{"something else", [][]byte{modifyOp("ou=archive,"+ldaptest.Base, "add description x")}, ""},
	} {
		w.must(step.ops...)
		if got := r.poll(); got != step.want || r.code != 0 || !r.deletes {
			t.Errorf("%s: result %d, delete phase %v, got\n%s\nwant\n%s", step.name, r.code, r.deletes, got, step.want)
		}
	}
	w.must(renameOp("ou=team"+inPeople, "ou=crew", "")) // names of others: all of it is sent again
	if got := r.poll(); r.deletes || !strings.Contains(got, "add uid=theo,ou=crew"+inPeople) {
		t.Errorf("after a container has another name: %s", got)
	}
	if got, want := r.has(), r.found(w.Server, "uid=helper"+inPeople, "helper-secret"); got != want {
		t.Errorf("the client has\n%s\na search finds\n%s", got, want)
	}
}

// TestSyncPersist follows every kind of change.
func TestSyncPersist(t *testing.T) {
	t.Parallel()
	w := newSyncWorld(t)
	r := w.follow("helper", ldaptest.Base, 2, "(|(&(objectClass=person)(!(title=gone)))(objectClass=groupOfNames))", "uid", "title", "member", "memberOf")
	r.begin(refreshAndPersist)
	if got := r.until("refreshPresent"); !strings.Contains(got, "add uid=alice"+inPeople+": uid=alice") || r.cookie == "" {
		t.Errorf("the refresh: %s", got)
	}
	alice, plain := "uid=alice"+inPeople, "cn=plain"+inGroups
	for _, step := range []struct {
		name string
		op   []byte
		want []string
	}{
		{"a new one", newPerson("new"), []string{"add uid=new" + inPeople + ": uid=new"}},
		{"an attribute", modifyOp(alice, "add title boss"), []string{"modify " + alice + ": title=boss uid=alice"}},
		{"a membership", modifyOp(plain, "add member "+alice),
			[]string{"modify " + plain + ": member=" + alice + "|uid=carl" + inPeople, "modify " + alice + ": memberOf=" + plain + " title=boss uid=alice"}},
		{"another name of a member", renameOp(alice, "uid=alicia", ""),
			[]string{"modify " + plain + ": member=uid=alicia" + inPeople + "|uid=carl" + inPeople, "modify uid=alicia" + inPeople + ": memberOf=" + plain + " title=boss uid=alicia"}},
		{"another name of the group", renameOp(plain, "cn=simple", ""), []string{
			"modify cn=simple" + inGroups + ": member=uid=alicia" + inPeople + "|uid=carl" + inPeople,
			"modify uid=alicia" + inPeople + ": memberOf=cn=simple" + inGroups + " title=boss uid=alicia",
			"modify uid=carl" + inPeople + ": memberOf=cn=filtered" + inGroups + "|cn=simple" + inGroups + "|cn=viewers" + inGroups + " uid=carl",
		}},
		{"a group in a group", modifyOp("cn=viewers"+inGroups, "add member cn=simple"+inGroups), []string{
			"modify cn=simple" + inGroups + ": member=uid=alicia" + inPeople + "|uid=carl" + inPeople + " memberOf=cn=viewers" + inGroups,
			"modify cn=viewers" + inGroups + ": member=cn=simple" + inGroups + "|uid=carl" + inPeople,
			"modify uid=alicia" + inPeople + ": memberOf=cn=simple" + inGroups + "|cn=viewers" + inGroups + " title=boss uid=alicia",
		}},
		{"out of the filter", modifyOp("uid=alicia"+inPeople, "replace title gone"), []string{"delete uid=alicia" + inPeople + ":"}},
		{"into it", modifyOp("uid=alicia"+inPeople, "delete title"), []string{"add uid=alicia" + inPeople + ": memberOf=cn=simple" + inGroups + "|cn=viewers" + inGroups + " uid=alicia"}},
		{"a member is deleted", deleteOp("uid=alicia" + inPeople), []string{"delete uid=alicia" + inPeople + ":", "modify cn=simple" + inGroups + ": member=uid=carl" + inPeople + " memberOf=cn=viewers" + inGroups}},
		{"a container has another name", renameOp("ou=team"+inPeople, "ou=crew", ""),
			[]string{"modify uid=moritz,ou=nest,ou=crew" + inPeople + ": uid=moritz", "modify uid=theo,ou=crew" + inPeople + ": uid=theo"}},
		{"something that hides it", modifyOp("uid=theo,ou=crew"+inPeople, "add roomNumber 9"), []string{"delete uid=theo,ou=crew" + inPeople + ":"}},
	} {
		w.must(step.op)
		got := strings.Split(r.until("cookie"), "\n")
		if strings.Join(got, "\n") != strings.Join(step.want, "\n") {
			t.Errorf("%s: got\n%s\nwant\n%s", step.name, strings.Join(got, "\n"), strings.Join(step.want, "\n"))
		}
	}
	if got, want := r.has(), r.found(w.Server, "uid=helper"+inPeople, "helper-secret"); got != want {
		t.Errorf("the client has\n%s\na search finds\n%s", got, want)
	}
	// The cookie of the persist stage serves a poll.
	w.must(newPerson("later"))
	r.until("cookie")
	w.must(newPerson("latest"))
	again := &replica{wireConn: w.wire("helper"), op: r.op, cookie: r.cookie, entries: r.entries, names: r.names}
	if got := again.poll(); got != "add uid=latest"+inPeople+": uid=latest" {
		t.Errorf("a poll after it: %s", got)
	}
}

// TestSyncFollowsThePolicy: what the policy takes away is deleted at the client, and what it gives is added, with no change of data.
func TestSyncFollowsThePolicy(t *testing.T) {
	t.Parallel()
	w := newSyncWorld(t)
	r := w.follow("helper", "ou=people,"+ldaptest.Base, 1, "(|(uid=alice)(uid=bob))", "uid", "sn")
	r.begin(refreshAndPersist)
	r.until("refreshPresent")
	alice, bob := "uid=alice"+inPeople, "uid=bob"+inPeople
	hide := deny("hide", everybody, `base: "`+alice+`", scope: base`, "view", `attributes: ["*"]`, "reason: x")
	w.apply(syncPolicy + hide)
	r.expects(t, "hidden", "delete "+alice+":", "cookie")
	w.apply(syncPolicy)
	r.expects(t, "shown", "add "+alice+": sn=Tester uid=alice", "cookie")
	w.apply(syncPolicy + deny("less", everybody, `base: "`+bob+`", scope: base`, "read", "attributes: [sn]", "reason: x"))
	r.expects(t, "an attribute less", "modify "+bob+": uid=bob", "cookie")
	cookie := r.cookie
	w.apply(syncPolicy + hide)
	r.until("cookie")
	// A client that was away while the rights have changed is told all of them.
	away := &replica{wireConn: w.wire("helper"), op: r.op, cookie: cookie, entries: map[string]string{}, names: map[string]string{}}
	if got := away.poll(); got != "add "+bob+": sn=Tester uid=bob" || away.deletes {
		t.Errorf("after the policy has changed: %s, delete phase %v", got, away.deletes)
	}
	// Without the entries below it, the base is the content; without the base there is none.
	one := w.follow("helper", "uid=dan"+inPeople, 0, "(objectClass=*)", "uid")
	one.begin(refreshAndPersist)
	one.expects(t, "the base", "add uid=dan"+inPeople+": uid=dan", "refreshPresent")
	w.must(deleteOp("uid=dan" + inPeople))
	one.expects(t, "the base is deleted", "delete uid=dan"+inPeople+":", "cookie")
	w.must(newPerson("dan"))
	one.expects(t, "another one in its place", "add uid=dan"+inPeople+": uid=dan", "cookie")
}

// TestSyncEnds: how a persistent search comes to its end.
func TestSyncEnds(t *testing.T) {
	t.Parallel()
	w := newSyncWorld(t)
	begin := func() *replica {
		r := w.follow("helper", "ou=people,"+ldaptest.Base, 2, "(uid=alice)", "uid")
		r.begin(refreshAndPersist)
		r.until("refreshPresent")
		return r
	}
	r := begin() // Cancel
	id := r.ask(construct(0x77, octets(0x80, "1.3.6.1.1.8"), octets(0x81, string(sequence([]byte{2, 1, byte(r.id)})))))
	if m := r.next(); m.id != r.id || m.tag != 0x65 || m.code != 118 {
		t.Errorf("the search that is cancelled: %+v", m)
	}
	if m := r.next(); m.id != id || m.tag != 0x78 || m.code != 0 {
		t.Errorf("the Cancel: %+v", m)
	}
	r = begin() // Abandon
	r.ask(octets(0x50, string([]byte{byte(r.id)})))
	w.must(modifyOp("uid=alice"+inPeople, "add title x"))
	if m := r.result(compareOp("uid=alice"+inPeople, "uid", "alice")); m.code != 6 {
		t.Errorf("a compare after the Abandon: %+v", m)
	}
	r = begin() // another bind
	r.bind("uid=helper"+inPeople, "helper-secret")
	if got := r.poll(); got != "" {
		t.Errorf("a poll after a bind: %s", got)
	}
	r = begin() // the right ends
	w.apply(strings.Replace(syncPolicy, "1.3.6.1.4.1.4203.1.9.1.1", "1.2.3", 1))
	if got := r.until("done"); got != "done 50" {
		t.Errorf("without the right: %s", got)
	}
	w.apply(syncPolicy)
	r = begin() // the identity ends
	w.must(modifyOp("uid=helper"+inPeople, "replace userPassword other"))
	w.must(modifyOp("uid=alice"+inPeople, "replace title y"))
	if got := r.until("done"); !strings.HasSuffix(got, "done 8") {
		t.Errorf("after a reset of the password: %s", got)
	}
}

func TestSyncEndsWithTheServer(t *testing.T) {
	t.Parallel()
	w := newSyncWorld(t)
	r := w.follow("helper", "ou=people,"+ldaptest.Base, 2, "(uid=alice)", "uid")
	r.begin(refreshAndPersist)
	r.until("refreshPresent")
	w.Shutdown(context.Background())
	if m := r.next(); m.tag != 0x78 || m.code != 52 {
		t.Errorf("got %+v, want a notice of disconnection", m)
	}
}

// TestSyncRequests: what is asked for in a wrong way, or may not be asked for.
func TestSyncRequests(t *testing.T) {
	t.Parallel()
	w := newSyncWorld(t)
	c := w.wire("helper")
	people := searchOp(t, "ou=people,"+ldaptest.Base, 2, "(uid=alice)", "uid")
	r := w.follow("helper", "ou=people,"+ldaptest.Base, 2, "(uid=alice)", "uid")
	r.poll()
	parts := strings.Split(r.cookie, ".")
	with := func(i int, text string) string {
		other := append([]string{}, parts...)
		other[i] = text
		return strings.Join(other, ".")
	}
	for name, test := range map[string]struct {
		op      []byte
		control ldap.Control
		want    int64
	}{
		"no cookie of ours":         {people, syncControl(refreshOnly, "rid=001,csn=20260101000000Z", false), 4096},
		"the same, with reloadHint": {people, syncControl(refreshOnly, "rid=001,csn=20260101000000Z", true), 0},
		"of another server":         {people, syncControl(refreshOnly, with(1, strings.Repeat("0", 32)), false), 4096},
		"of the future":             {people, syncControl(refreshOnly, with(2, "99999999"), false), 4096},
		"of no change":              {people, syncControl(refreshOnly, with(2, "-1"), false), 4096},
		"of another history":        {people, syncControl(refreshOnly, with(3, strings.Repeat("0", 16)), false), 4096},
		"of another search":         {searchOp(t, "ou=people,"+ldaptest.Base, 2, "(uid=bob)", "uid"), syncControl(refreshOnly, r.cookie, false), 4096},
		"a cookie that is too long": {people, syncControl(refreshOnly, strings.Repeat("x", 2000), false), 2},
		"another mode":              {people, syncControl(2, "", false), 2},
		"no value":                  {people, controlOf(oidSync, true, nil), 2},
		"of the root DSE":           {searchOp(t, "", 0, "(objectClass=*)"), syncControl(refreshOnly, "", false), 53},
		"of nothing":                {searchOp(t, "ou=none,"+ldaptest.Base, 2, "(objectClass=*)"), syncControl(refreshOnly, "", false), 32},
		"with a modify":             {modifyOp("uid=alice"+inPeople, "add title x"), syncControl(refreshOnly, "", false), 12},
	} {
		if m := c.result(test.op, test.control); m.code != test.want {
			t.Errorf("%s: %s, want %d", name, m.reply(), test.want)
		}
	}
	if m := c.result(people, syncControl(refreshOnly, "", false), pageControl(10, "")); m.code != 12 {
		t.Errorf("with pages: %s", m.reply())
	}
	if m := w.wire("alice").result(people, syncControl(refreshOnly, "", false)); m.code != 50 {
		t.Errorf("without the right: %s", m.reply())
	}
	for range 4 {
		r := *r
		r.cookie = ""
		r.begin(refreshAndPersist)
		r.until("refreshPresent")
	}
	r.cookie = ""
	r.begin(refreshAndPersist)
	if got := r.event(); got != "done 11" {
		t.Errorf("a fifth persistent search of one connection: %s", got)
	}
}

// TestLeakSync: a synchronization tells nothing of what is hidden: not that it is there, not that it changes, not that it goes, and
// no secret (L9).
func TestLeakSync(t *testing.T) {
	t.Parallel()
	w := newSyncWorld(t)
	w.must(modifyOp("uid=bob"+inPeople, "add roomNumber 9"), modifyOp("uid=alice"+inPeople, "add objectClass totpUser"))
	r := w.follow("helper", ldaptest.Base, 2, "(|(objectClass=*)(userPassword=*))", "*", "+", "userPassword", "pwdHistory")
	r.begin(refreshAndPersist)
	if got := r.until("refreshPresent"); strings.Contains(got, "add uid=bob") || strings.Contains(got, "userPassword") || strings.Contains(got, "-secret") {
		t.Errorf("the refresh: %s", got)
	}
	poller := w.follow("helper", ldaptest.Base, 2, "(objectClass=*)", "uid", "cn")
	poller.poll()
	w.must(
		modifyOp("uid=bob"+inPeople, "replace title x"), renameOp("uid=bob"+inPeople, "uid=robert", ""),
		modifyOp("uid=robert"+inPeople, "replace title y"), newPerson("hidden", "roomNumber: 9"), deleteOp("uid=hidden"+inPeople),
		modifyOp("uid=alice"+inPeople, "replace userPassword other"), deleteOp("uid=robert"+inPeople), newPerson("marker"))
	got := ""
	for !strings.Contains(got, "add uid=marker") {
		got += r.event() + "\n"
	}
	for _, word := range []string{"bob", "robert", "uid=hidden", "other", "delete", "userPassword="} {
		// Groups print the names of their members, which whoever may read member sees.
		for line := range strings.Lines(got) {
			if strings.Contains(line, word) && !strings.Contains(line, inGroups+":") {
				t.Errorf("%q in %s", word, line)
			}
		}
	}
	if got := poller.poll(); got != "add uid=marker"+inPeople+": cn=marker uid=marker" {
		t.Errorf("a poll after it: %s", got)
	}
	r.until("cookie")
	// One that is hidden is deleted under the name that the client knows, and what happens to it later is not told.
	w.must(modifyOp("uid=carl"+inPeople, "add roomNumber 9"))
	if got := r.until("cookie"); !strings.Contains(got, "delete uid=carl"+inPeople+":") {
		t.Errorf("hidden: %s", got)
	}
	w.must(renameOp("uid=carl"+inPeople, "uid=secret", ""), newPerson("last"))
	got = ""
	for !strings.Contains(got, "add uid=last") {
		got += r.event() + "\n"
	}
	for line := range strings.Lines(got) {
		if strings.Contains(line, "secret") && !strings.Contains(line, inGroups+":") {
			t.Errorf("after it was hidden: %s", line)
		}
	}
}
