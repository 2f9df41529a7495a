package badgerkv

import (
	"testing"

	"gatehouse/storage/kv"
	"gatehouse/storage/kv/kvtest"
)

// open opens a store that is closed at the end of the test.
func open(t testing.TB, opt Options) *DB {
	t.Helper()
	db, err := Open(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// store makes stores with write buffers of the size; small ones turn over often.
func store(memTableBytes int64) kvtest.Store {
	return kvtest.Store{
		New: func(t testing.TB) kv.DB {
			return open(t, Options{Dir: t.TempDir(), memTableBytes: memTableBytes})
		},
		Reopen: func(t testing.TB, old kv.DB) kv.DB {
			t.Helper()
			db := old.(*DB)
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			return open(t, db.opt)
		},
	}
}

func TestConformance(t *testing.T) { kvtest.Run(t, store(1<<20)) }

func BenchmarkBadgerKV(b *testing.B) { kvtest.Bench(b, store(0)) }
