package ldaptest_test

import (
	"regexp"
	"strings"
	"testing"

	"gatehouse/ldapserver/ldaptest"
)

// TestChangeControlsWithOpenLDAP: the clients of OpenLDAP assert, read before and after, and synchronize.
func TestChangeControlsWithOpenLDAP(t *testing.T) {
	t.Parallel()
	w := newSyncWorld(t)
	alice := "uid=alice" + inPeople
	admin := []string{"-D", ldaptest.AdminDN, "-w", ldaptest.AdminPassword}
	helper := []string{"-D", "uid=helper" + inPeople, "-w", "helper-secret"}
	run := func(want int, stdin, name string, args ...string) string {
		t.Helper()
		out, code := w.tool(stdin, name, args...)
		if code != want {
			t.Errorf("%s %q: exit status %d, want %d\n%s", name, args, code, want, out)
		}
		return out
	}
	change := func(title string) string {
		return "dn: " + alice + "\nchangetype: modify\nreplace: title\ntitle: " + title + "\n"
	}
	run(0, change("one"), "ldapmodify", append(admin, "-e", "!assert=(!(title=*))")...)
	run(122, change("two"), "ldapmodify", append(admin, "-e", "!assert=(title=two)")...)
	out := run(0, change("two"), "ldapmodify", append(admin, "-e", "!preread=title,entryUSN", "-e", "!postread=title,entryUSN")...)
	if got := regexp.MustCompile(`(?m)^title: \w+$`).FindAllString(out, -1); strings.Join(got, " ") != "title: one title: two" || strings.Count(out, "entryUSN: ") != 2 {
		t.Errorf("read entries:\n%s", out)
	}
	out = run(0, "", "ldapmodrdn", append(admin, "-e", "!postread=uid", "-r", alice, "uid=alicia")...)
	if !strings.Contains(out, "dn: uid=alicia"+inPeople+"\nuid: alicia\n") {
		t.Errorf("post-read of a rename:\n%s", out)
	}
	run(122, "", "ldapcompare", append(admin, "-e", "!assert=(uid=bob)", "uid=alicia"+inPeople, "title:two")...)
	run(122, "", "ldapsearch", append(helper, "-e", "!assert=(ou=groups)", "-b", "ou=people,"+ldaptest.Base)...)
	out = run(0, "", "ldapdelete", append(admin, "-e", "!preread=title", "uid=alicia"+inPeople)...)
	if !strings.Contains(out, "title: two") {
		t.Errorf("pre-read of a delete:\n%s", out)
	}
	search := append(helper, "-b", "ou=people,"+ldaptest.Base, "-E")
	out = run(0, "", "ldapsearch", append(search, "!sync=ro", "(|(uid=bob)(uid=carl))", "uid")...)
	cookie := regexp.MustCompile(`(?m)^# cookie: (\S+)$`).FindStringSubmatch(out)
	if strings.Count(out, " added\n") != 2 || len(cookie) != 2 {
		t.Fatalf("first refresh:\n%s", out)
	}
	w.must(deleteOp("uid=bob"+inPeople), modifyOp("uid=carl"+inPeople, "add description x"))
	out = run(0, "", "ldapsearch", append(search, "!sync=ro/"+cookie[1], "(|(uid=bob)(uid=carl))", "uid")...)
	if strings.Contains(out, " added\n") || !strings.Contains(out, "following UUIDs no longer match the search") || !strings.Contains(out, "refreshDeletes=1") {
		t.Errorf("second refresh:\n%s", out)
	}
	out = run(0, "", "ldapsearch", append(search, "!sync=ro/"+cookie[1], "(uid=other)", "uid")...) // 4096 is more than an exit status holds
	if !strings.Contains(out, "result: 4096 ") {
		t.Errorf("a cookie of another search:\n%s", out)
	}
}
