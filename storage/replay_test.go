package storage

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"gatehouse/directory"
	"gatehouse/storage/badgerkv"
	"gatehouse/storage/kv"
	"gatehouse/storage/memkv"
)

// replay makes a second store by applying the log of one, batch by batch.
func replay(t *testing.T, from *Store, db kv.DB) *Store {
	t.Helper()
	first, err := Create(db, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	s, w, err := load(db, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	q := newSequencer(s, w)
	sn := from.Snapshot()
	defer sn.Close()
	err = scanLog(sn, 2, func(rec *logRecord) bool {
		changes, err := rec.changes()
		if err != nil {
			t.Fatal(err)
		}
		b := q.begin()
		for _, logged := range changes {
			c, err := decodeChange(logged.encoded, s.opt.Schema)
			if err != nil {
				t.Fatal(err)
			}
			p := &pending{change: *c, done: make(chan outcome, 1)}
			p.encoded = appendChange(nil, c)
			if !q.add(b, p) || len(p.done) > 0 {
				t.Fatalf("change %d was refused: %v", logged.csn, <-p.done)
			}
		}
		q.seal(b)
		if b.state.hash != rec.hash() {
			t.Fatalf("running hash after change %d differs", rec.last)
		}
		if err := s.commit(b); err != nil {
			t.Fatal(err)
		}
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// contents returns all keys of a state that are not node-local.
func contents(t *testing.T, s *Store) (records []kv.Record) {
	t.Helper()
	snap, err := s.db.SnapshotAt(s.current.Load().ts)
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	err = snap.Export(context.Background(), func(r kv.Record) error {
		if !isNodeLocal(r.Key) {
			records = append(records, kv.Record{Key: append([]byte(nil), r.Key...), Value: append([]byte(nil), r.Value...), Version: r.Version})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// TestDeterminism writes from many goroutines, so that batches are what chance makes them, and applies the log to an empty
// store of another kind: keys, values and versions are the same.
func TestDeterminism(t *testing.T) {
	t.Parallel()
	f := memFixture(t)
	base := f.create(0, "dc=x", attr("dc", "x"))
	f.must(PutMeta{Key: "policy", Value: []byte("allow nothing")})
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			own := fixture{Store: f.Store, t: t, changes: uint64(worker+1) << 32}
			try := func(effects ...Effect) directory.EntryID {
				r, err := own.propose(effects...)
				if err != nil {
					t.Errorf("worker %d: %v", worker, err)
					return 0
				}
				if len(r.IDs) > 0 {
					return r.IDs[0]
				}
				return 0
			}
			ou := try(create(base, fmt.Sprint("ou=", worker), attr("ou", fmt.Sprint(worker)), attr("description;lang-en", "x")))
			for i := range 20 {
				rdn := fmt.Sprintf("uid=%d", i)
				e := create(ou, rdn, attr("uid", fmt.Sprint(i)), attr("cn", fmt.Sprint("name ", i)))
				e.References = []Reference{
					reference("manager", fmt.Sprintf("uid=%d,ou=%d,dc=x", i+1, worker)),
					reference("seeAlso", fmt.Sprintf("uid=%d,ou=%d,dc=x", i, (worker+1)%8)),
				}
				id := try(e)
				try(put(id), AddReference{ou, reference("member", rdn+fmt.Sprintf(",ou=%d,dc=x", worker))})
				switch i % 5 {
				case 1:
					try(move(id, base, fmt.Sprintf("uid=%d-%d", worker, i)))
				case 2:
					try(DeleteEntry{id})
				case 3:
					try(RemoveAllReferences{id, desc("manager")})
				case 4:
					try(RemoveReference{ou, desc("member"), directory.NDN(rdn + fmt.Sprintf(",ou=%d,dc=x", worker))})
				}
			}
		})
	}
	group.Wait()
	for name, open := range map[string]func() kv.DB{
		"mem": func() kv.DB { return memkv.Open(memkv.Options{}) },
		"badger": func() kv.DB {
			db, err := badgerkv.Open(badgerkv.Options{Dir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			return db
		},
	} {
		twin := replay(t, f.Store, open())
		got, want := contents(t, twin), contents(t, f.Store)
		if len(got) != len(want) {
			t.Errorf("%s: %d keys, want %d", name, len(got), len(want))
		}
		for i := range min(len(got), len(want)) {
			g, w := got[i], want[i]
			if string(g.Key) != string(w.Key) || string(g.Value) != string(w.Value) || g.Version != w.Version {
				t.Fatalf("%s: key %x = %x at %d, want key %x = %x at %d", name, g.Key, g.Value, g.Version, w.Key, w.Value, w.Version)
			}
		}
		twin.current.Load().release()
	}
}
