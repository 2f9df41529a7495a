package storage

import (
	"errors"
	"fmt"
	"testing"

	"gatehouse/directory"
)

// TestGreatest finds the greatest of the values in a range, and whether a value is there, through changes.
func TestGreatest(t *testing.T) {
	t.Parallel()
	f := memFixture(t)
	base := f.create(0, "dc=x")
	number := desc("uidNumber")
	entries := map[string]directory.EntryID{}
	for _, n := range []string{"5", "10", "99", "100", "1000"} {
		entries[n] = f.create(base, "cn=n"+n, attr("uidNumber", n))
	}
	for _, test := range []struct{ least, most, want string }{
		{"0", "4", ""}, {"0", "5", "5"}, {"6", "9", ""}, {"6", "99", "99"}, {"6", "98", "10"}, {"100", "100", "100"}, {"0", "5000", "1000"},
		{"-5", "5000", "1000"}, {"1001", "5000", ""},
	} {
		got, err := f.snapshot().Greatest(number, []byte(test.least), []byte(test.most))
		if err != nil || got != entries[test.want] {
			t.Errorf("%s to %s: entry %d, %v; want %d", test.least, test.most, got, err, entries[test.want])
		}
	}
	has := func(n string) bool {
		is, err := f.snapshot().ReadSet().HasValue(number, []byte(n))
		if err != nil {
			t.Fatal(err)
		}
		return is
	}
	if !has("99") || has("98") {
		t.Error("99 is there, 98 is not")
	}
	f.must(DeleteEntry{entries["99"]})
	if has("99") {
		t.Error("99 is gone")
	}
	for i := range 3 * inlineMax { // so many that they are kept in chunks
		f.create(base, fmt.Sprintf("cn=many%d", i), attr("uidNumber", "98"))
	}
	if !has("98") {
		t.Error("98 is there many times")
	}
	if _, err := f.snapshot().ReadSet().HasValue(desc("description"), []byte("x")); !errors.Is(err, errNoIndex) {
		t.Errorf("an attribute without an index: %v", err)
	}
	if _, err := f.snapshot().Greatest(desc("uid"), []byte("a"), []byte("b")); !errors.Is(err, errNoIndex) {
		t.Errorf("an attribute without an ordering index: %v", err)
	}
}
