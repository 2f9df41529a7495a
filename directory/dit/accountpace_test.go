package dit

import (
	"testing"
	"time"
)

// TestPace: the longest is remembered for a while, however many shorter ones come, and for good while none comes; it is bounded.
func TestPace(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var p pace
	for i, step := range []struct {
		at, took, want time.Duration
	}{
		{0, 3 * time.Millisecond, 3 * time.Millisecond},
		{time.Minute, 60 * time.Millisecond, 60 * time.Millisecond},
		{2 * time.Minute, 2 * time.Millisecond, 60 * time.Millisecond},
		{paceWindow, 2 * time.Millisecond, 60 * time.Millisecond},
		{2*paceWindow - 1, 4 * time.Millisecond, 60 * time.Millisecond},
		{2 * paceWindow, 2 * time.Millisecond, 4 * time.Millisecond},
		{100 * paceWindow, time.Hour, paceMax},
	} {
		p.note(step.took, noon.Add(step.at))
		if got := p.target(); got != step.want {
			t.Errorf("step %d: %v, want %v", i, got, step.want)
		}
	}
	for range 10000 {
		p.note(time.Millisecond, noon.Add(100*paceWindow))
	}
	if got := p.target(); got != paceMax {
		t.Errorf("after many short ones: %v", got)
	}
}

// TestEven: a refusal is not answered before it has taken as long as others, beside its hash.
func TestEven(t *testing.T) {
	t.Parallel()
	d := &Directory{}
	d.even(t.Context(), &spent{began: time.Now().Add(time.Hour)}) // nothing was seen, and nothing is written
	d.passwords.pace.note(20*time.Millisecond, time.Now())
	s := &spent{began: time.Now(), hashing: 5 * time.Millisecond}
	d.even(t.Context(), s)
	if took := time.Since(s.began); took < 25*time.Millisecond {
		t.Errorf("answered after %v", took)
	}
	d = &Directory{}
	d.passwords.policies.Store(&passwordPolicies{delays: true})
	s = &spent{began: time.Now()}
	d.even(t.Context(), s)
	if took := time.Since(s.began); took < paceFirst {
		t.Errorf("the first that may be told from a wrong password is answered after %v", took)
	}
}
