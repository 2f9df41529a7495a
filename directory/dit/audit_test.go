package dit_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory/dit"
)

// TestRefusedChangesAreLogged: who wanted what, and the statements that decided; no value, and no more lines than the bound.
func TestRefusedChangesAreLogged(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	f := newFixture(t, func(o *dit.Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	deny := statement("no-titles", acl.Name{NDN: f.ndn(alice)}, acl.ActionsWrite)
	deny.Effect = acl.Deny
	f.enforce(statement("view", acl.Authenticated{}, acl.ActionsView), deny)
	s := f.as(alice)
	line := func(err error) string {
		t.Helper()
		if err == nil {
			t.Fatal("allowed")
		}
		defer log.Reset()
		return log.String()
	}
	got := line(f.modify(s, bob, "replace title: my-secret-title"))
	for _, want := range []string{`msg="change refused"`, "dn=\"" + alice, "do=write.add", "on=\"" + bob, "attribute=title", `because="[no-titles denies]"`, "reference="} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if strings.Contains(got, "my-secret-title") {
		t.Errorf("the value is in the log: %s", got)
	}
	if got := line(f.addAs(f.as(bob), "cn=x,"+groups, "objectClass: groupOfNames", "cn: x", "member: "+bob)); !strings.Contains(got, `because="[no statement allows it]"`) {
		t.Errorf("%s", got)
	}
	for i := range 300 {
		if f.modify(s, bob, fmt.Sprintf("replace title: %d", i)) == nil {
			t.Fatal("allowed")
		}
	}
	if n := strings.Count(log.String(), "\n"); n < 50 || n > 150 {
		t.Errorf("%d lines for 300 refusals", n)
	}
}
