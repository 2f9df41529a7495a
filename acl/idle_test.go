package acl_test

import (
	"testing"

	"gatehouse/acl"
)

// remembered is a target whose memo is that of a long search.
type remembered struct {
	acl.Source
	memo *acl.Memo
}

func (r remembered) Memo() *acl.Memo { return r.memo }

// TestMemoDecidesTheSame: what a long search remembers of the entries before decides about the next one as a look at it alone does.
func TestMemoDecidesTheSame(t *testing.T) {
	t.Parallel()
	asked, allowed := 0, 0
	for seed := range manyWorlds(150) {
		w := newWorld(seed)
		p, err := acl.Compile(w.p, w.s)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		memo := new(acl.Memo)
		for range 4 {
			s := w.session()
			if err := p.Refresh(s, w.tree); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			for range 300 {
				target := w.tree.Find(pick(w.r, w.all))
				q := w.question()
				got, want := p.Decide(s, remembered{target, memo}).Answer(q), p.Decide(s, target).Answer(q)
				if asked++; want {
					allowed++
				}
				if got != want {
					ndn, _ := target.NDN()
					t.Fatalf("seed %d: %q may %v %v %q on %q: %v with a memo, %v without", seed, s.Identity().NDN, q.Action, q.Attribute, q.Value, ndn, got, want)
				}
			}
		}
	}
	if allowed < asked/50 {
		t.Errorf("%d of %d allowed: too few to tell", allowed, asked)
	}
}
