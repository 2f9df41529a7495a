package acl_test

import (
	"flag"
	"testing"

	"gatehouse/acl"
)

var long = flag.Bool("long", false, "ten times as many tuples in the differential tests: more than a million")

// manyWorlds is how many random programs a differential test reads: ten times as many with -long.
func manyWorlds(n uint64) uint64 {
	if *long {
		return 10 * n
	}
	return n
}

// TestTablesAgreeWithInterpreter holds the tables against the statements, read one after the other.
func TestTablesAgreeWithInterpreter(t *testing.T) {
	t.Parallel()
	tuples, allowed, failed := 0, 0, 0
	for seed := range manyWorlds(1100) {
		w := newWorld(seed)
		p, err := acl.Compile(w.p, w.s)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for range 10 {
			s := w.session()
			in := &interpreter{s: w.s, p: w.p, tree: w.tree, as: s, all: w.all}
			if err := p.Refresh(s, w.tree); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			target := w.tree.Find(pick(w.r, w.all))
			for range 10 {
				q := w.question()
				got, want := p.Decide(s, target).Answer(q), in.decide(target, q)
				tuples++
				if want {
					allowed++
				}
				if got != want && failed < 5 {
					failed++
					ndn, _ := target.NDN()
					t.Errorf("seed %d: %q (%v) may %v %v %q on %q: tables %v, interpreter %v\n%v", seed, s.Identity().NDN, s.Identity().Kind,
						q.Action, q.Attribute, q.Value, ndn, got, want, p.Explain(s, target, nil, q).Reasons)
				}
			}
		}
	}
	t.Logf("%d tuples, %d allowed", tuples, allowed)
	if tuples < 100_000 || allowed < tuples/50 {
		t.Errorf("%d tuples, %d allowed: too few to tell", tuples, allowed)
	}
}
