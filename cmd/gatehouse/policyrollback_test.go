package main

import (
	"strings"
	"testing"

	"gatehouse/directory/dit"
)

// history makes revisions of a text: versions, newest first, with a star on those that were brought back.
func history(text string) (list []dit.PolicyRevision) {
	for version := range strings.FieldsSeq(text) {
		plain, star := strings.CutSuffix(version, "*")
		list = append(list, dit.PolicyRevision{Version: plain, Recovery: star})
	}
	return list
}

// TestVersionBefore goes back as an undo does.
func TestVersionBefore(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, want, problem string }{
		{"a", shippedAlone, ""},
		{"b a", "a", ""},
		{"a* b a", shippedAlone, ""},
		{"c a* b a", "a", ""},
		{"a* c a* b a", shippedAlone, ""},
		{"b* c b a", "a", ""},
		{"a b a", "b", ""}, // applied again, not brought back
		{"a* b* c b a", shippedAlone, ""},
		{"", "", "no policy was ever applied"},
		{"s* b a", "", "name a version"}, // what was shipped has nothing before it
		{strings.Repeat("x ", dit.PoliciesKept-1) + "y", "x", ""},
		{"x* " + strings.Repeat("y ", dit.PoliciesKept-2) + "x", "", "not kept any more"},
	} {
		got, err := versionBefore(history(tt.text))
		switch {
		case tt.problem != "" && (err == nil || !strings.Contains(err.Error(), tt.problem)):
			t.Errorf("%q: got %q, %v; want %q", tt.text, got, err, tt.problem)
		case tt.problem == "" && (err != nil || got != tt.want):
			t.Errorf("%q: got %q, %v; want %q", tt.text, got, err, tt.want)
		}
	}
}
