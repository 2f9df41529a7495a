package dit_test

import (
	"strings"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/schema"
)

// TestQualityTellsNothingHidden: whoever may reset a password finds out nothing by it of the attributes that they may not read.
func TestQualityTellsNothingHidden(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(o *dit.Options) {
		policy, err := roles{
			writers: []directory.NDN{writer},
			more: []acl.Statement{{
				Place: acl.Place{Name: "hidden"}, Effect: acl.Deny, Subject: acl.Name{NDN: writer}, Actions: acl.ActionsOf(acl.ActionRead, acl.ActionSearch, acl.ActionCompare),
				Reach:      acl.Reach{Bases: []directory.NDN{people}, Scope: directory.ScopeChildren},
				Attributes: acl.Attributes{Types: []*schema.AttributeType{schema.Standard().TypeByName("roomNumber")}},
			}},
		}.policy()
		if err != nil {
			t.Fatal(err)
		}
		o.Policy = policy
	})
	f.policy("default", "gatehousePwdMinScore: 4")
	f.person("carla", 10009, "roomNumber: wkxqzvjph", "title: matterhorn")
	const carla = "uid=carla," + people
	reasons := func(s *acl.Session, user, fresh string) string {
		err := f.passwd(s, user, "", fresh)
		f.wants(err, directory.ConstraintViolation)
		return diagnostic(err)
	}
	found := reasons(f.as(writer), carla, "matterhorn")
	if !strings.Contains(found, "own account") {
		t.Fatalf("what may be read: %s", found)
	}
	if got, want := reasons(f.as(writer), carla, "wkxqzvjph"), reasons(f.as(writer), carla, "wkxqzvjpk"); got != want {
		t.Errorf("hidden: %s\nanother: %s", got, want)
	}
	if got := reasons(f.as(carla), "", "wkxqzvjph"); got != found {
		t.Errorf("one's own: %s", got)
	}
}
