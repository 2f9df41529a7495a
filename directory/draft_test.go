package directory

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

type validatorFunc func(*Draft) error

func (f validatorFunc) ValidateEntry(d *Draft) error { return f(d) }

func texts(values [][]byte) (list []string) {
	for _, v := range values {
		list = append(list, string(v))
	}
	return list
}

// TestDraft: a draft is edited without a trace in the entry that it was made of.
func TestDraft(t *testing.T) {
	t.Parallel()
	cn, sn, member := &AttributeDescription{Name: "cn"}, &AttributeDescription{Name: "sn"}, &AttributeDescription{Name: "member"}
	entry := StoredEntry([]Attribute{NewAttribute(cn, []byte("a"), []byte("b")), NewAttribute(sn, []byte("s"))})
	d := DraftOf(DN{}, entry)
	d.Add(cn, []byte("c"))
	d.Set(sn)
	d.Add(member)
	if d.Has(sn) || d.Has(member) || d.Get(sn) != nil || !slices.Equal(texts(d.Get(cn)), []string{"a", "b", "c"}) {
		t.Errorf("draft: %+v", d.Attributes())
	}
	d.Mark(member, true)
	d.Set(member)
	if !d.Has(member) {
		t.Error("a marked attribute goes with its loaded values")
	}
	sealed, err := d.Seal(validatorFunc(func(d *Draft) error { return nil }))
	if err != nil || len(sealed.Attributes()) != 1 || sealed.Get(cn).Len() != 3 || sealed.Get(member).Len() != 0 {
		t.Errorf("sealed: %+v, %v", sealed, err)
	}
	if d.Mark(member, false); d.Has(member) || len(d.Attributes()) != 1 {
		t.Error("a mark that was taken away leaves the attribute")
	}
	if entry.Get(cn).Len() != 2 || entry.Get(sn).Len() != 1 || string(entry.Get(cn).First()) != "a" {
		t.Errorf("the entry changed: %+v", entry)
	}
	refusal := Errorf(ObjectClassViolation, "no")
	if sealed, err := d.Seal(validatorFunc(func(*Draft) error { return refusal })); sealed != nil || !errors.Is(err, refusal) {
		t.Errorf("a refused draft: %v, %v", sealed, err)
	}
}

// TestResultOf: a client sees the words of an Error alone, whatever it is wrapped in.
func TestResultOf(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk /dev/sda is full")
	e := &Error{Code: NoSuchObject, MatchedDN: "dc=x", Diagnostic: "not there", Cause: cause}
	for name, tt := range map[string]struct {
		err  error
		want Result
	}{
		"nothing": {nil, Result{}},
		"error":   {e, Result{Code: NoSuchObject, MatchedDN: "dc=x", DiagnosticMessage: "not there"}},
		"wrapped": {fmt.Errorf("search: %w", e), Result{Code: NoSuchObject, MatchedDN: "dc=x", DiagnosticMessage: "not there"}},
		"other":   {cause, Result{Code: Other, DiagnosticMessage: "internal error; the server's log says more"}},
	} {
		got := ResultOf(tt.err)
		if got.Code != tt.want.Code || got.MatchedDN != tt.want.MatchedDN || got.DiagnosticMessage != tt.want.DiagnosticMessage || got.Referral != nil {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
		if code := CodeOf(tt.err); code != tt.want.Code {
			t.Errorf("%s: code %v, want %v", name, code, tt.want.Code)
		}
	}
	if !errors.Is(e, cause) || e.Error() != "noSuchObject: not there: disk /dev/sda is full" || ResultCode(4711).String() != "resultCode(4711)" {
		t.Errorf("for the log: %v", e)
	}
}
