package dit_test

import (
	"strings"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory/dit"
)

// TestExplainMembership: an explanation tells whether a group itself has the member, or another one brings it in.
func TestExplainMembership(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.enforce(statement("staff", acl.Group{NDN: f.ndn(staff)}, acl.ActionsView), operatorReads)
	if got := f.explain(&dit.ExplainRequest{As: alice, Do: "discover", On: bob}).Parts[0].Explanation.Text(); !strings.Contains(got, "via direct membership") {
		t.Errorf("a member:\n%s", got)
	}
	got := f.explain(&dit.ExplainRequest{As: reader, Do: "discover", On: bob}).Parts[0].Explanation.Text()
	if strings.Contains(got, "membership") || !strings.Contains(got, "subject no (not in ") {
		t.Errorf("no member:\n%s", got)
	}
}
