package storage

import (
	"fmt"
	"testing"

	"gatehouse/directory"
	"gatehouse/storage/memkv"
)

// TestResolveManyWaiting creates an entry that more references wait for than one change resolves. The rest follows, also
// when the store ends in between.
func TestResolveManyWaiting(t *testing.T) {
	t.Parallel()
	const waiting = 2*resolvedMax + 10
	for _, move := range []bool{false, true} {
		t.Run(fmt.Sprint("move=", move), func(t *testing.T) {
			t.Parallel()
			g := new(gate)
			db := memkv.Open(memkv.Options{BatchKeysMax: 1 << 20, BatchBytesMax: 64 << 20, Hook: g.hook})
			f := newFixture(t, db, testOptions())
			base := f.create(0, "dc=x")
			elsewhere := f.create(base, "ou=elsewhere")
			f.create(elsewhere, "uid=boss")
			for i := 0; i < waiting; i += 500 {
				var effects []Effect
				for j := i; j < min(i+500, waiting); j++ {
					e := create(base, fmt.Sprint("uid=", j))
					e.References = []Reference{reference("manager", "uid=boss,ou=later,dc=x")}
					effects = append(effects, e)
				}
				f.must(effects...)
			}
			g.fail(memkv.NoFault, memkv.FailLost)
			var boss directory.EntryID
			if move {
				f.must(MoveEntry{ID: elsewhere, Parent: base, RDN: "ou=later", NRDN: "ou=later"})
			} else {
				g.fail(memkv.NoFault, memkv.NoFault, memkv.FailLost)
				f.create(f.create(base, "ou=later"), "uid=boss")
			}
			<-f.Failed()
			boss = f.lookup("uid=boss,ou=later,dc=x")
			if n := len(referrersOf(t, f.Store, boss)); n != resolvedMax {
				t.Errorf("%d references are resolved after the first change, want %d", n, resolvedMax)
			}
			s, err := Open(db.Crash(memkv.CrashOptions{}), testOptions())
			if err != nil {
				t.Fatal(err)
			}
			again := fixtureOf(t, s)
			for again.Published() < f.Published()+2 { // two follow-up changes, which nobody asks for
				again.must(put(base))
			}
			if n := len(referrersOf(t, s, boss)); n != waiting {
				t.Errorf("%d references are resolved in the end, want %d", n, waiting)
			}
			if sn := again.snapshot(); sn.state.unresolved != 0 {
				t.Errorf("%d references still wait", sn.state.unresolved)
			}
		})
	}
}

func referrersOf(t *testing.T, s *Store, id directory.EntryID) (ids []directory.EntryID) {
	t.Helper()
	sn := s.Snapshot()
	defer sn.Close()
	for source, err := range sn.Referrers(id) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, source)
	}
	return ids
}
