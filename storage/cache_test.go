package storage

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"gatehouse/directory"
	"gatehouse/storage/kv"
	"gatehouse/storage/memkv"
)

// A yieldingDB lets others run after each read, which is between a miss in the cache and the fill.
type yieldingDB struct{ kv.DB }

type yieldingSnapshot struct{ kv.Snapshot }

func (db yieldingDB) SnapshotAt(ts kv.Timestamp) (kv.Snapshot, error) {
	snap, err := db.DB.SnapshotAt(ts)
	return yieldingSnapshot{snap}, err
}

func (s yieldingSnapshot) Get(key []byte) ([]byte, error) {
	value, err := s.Snapshot.Get(key)
	for range rand.IntN(20) {
		runtime.Gosched()
	}
	return value, err
}

func (s yieldingSnapshot) Scan(opt kv.ScanOptions) kv.Iterator {
	it := s.Snapshot.Scan(opt)
	for range rand.IntN(20) {
		runtime.Gosched()
	}
	return it
}

// TestCacheAgreesWithStore reads through the cache and past it, in snapshots of many ages, while writers change what is
// read and the cache is too small for all of it.
func TestCacheAgreesWithStore(t *testing.T) {
	t.Parallel()
	o := testOptions()
	o.CacheBytes = 200_000
	f := newFixture(t, yieldingDB{memkv.Open(memkv.Options{})}, o)
	base := f.create(0, "dc=x")
	const entries = 40
	ids := make([]directory.EntryID, entries)
	for i := range ids {
		ids[i] = f.create(base, fmt.Sprint("uid=", i), attr("description", "0"))
	}
	name := func(i int) directory.NDN { return directory.NDN(fmt.Sprintf("uid=%d,dc=x", i)) }
	var writers, readers sync.WaitGroup
	var stop atomic.Bool
	var compared atomic.Int64
	const comparisons = 2000
	for w := range 4 {
		writers.Go(func() {
			own := fixture{Store: f.Store, t: t, changes: uint64(w+1) << 32}
			r := rand.New(rand.NewPCG(uint64(w), 1))
			for compared.Load() < comparisons {
				i, j := r.IntN(entries), r.IntN(entries)
				var effect Effect
				switch r.IntN(5) {
				case 0:
					effect = put(ids[i])
				case 1:
					effect = AddReference{ids[i], reference("member", string(name(j)))}
				case 2:
					effect = RemoveReference{ids[i], desc("member"), name(j)}
				case 3:
					effect = move(ids[i], base, fmt.Sprint("uid=", i, "-", r.IntN(3)))
				case 4:
					effect = move(ids[i], base, fmt.Sprint("uid=", i))
				}
				if _, err := own.propose(effect); err != nil && directory.CodeOf(err) != directory.EntryAlreadyExists {
					t.Errorf("%T: %v", effect, err)
				}
			}
		})
	}
	for w := range 4 {
		readers.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 2))
			var kept []*Snapshot
			for !stop.Load() {
				kept = append(kept, f.Snapshot())
				sn := kept[r.IntN(len(kept))]
				snap, err := f.db.SnapshotAt(sn.epoch.ts)
				if err != nil {
					t.Error(err)
					return
				}
				twin := view{store: f.Store, descs: sn.descs, state: sn.state, r: snap}
				for range 20 {
					id, other, ndn := ids[r.IntN(entries)], ids[r.IntN(entries)], name(r.IntN(entries))
					if got, want := describe(&sn.view, id, other, ndn), describe(&twin, id, other, ndn); got != want {
						t.Errorf("in change %d the cache says %s, the store %s", sn.CSN(), got, want)
					}
					compared.Add(1)
				}
				snap.Close()
				if len(kept) > 5 {
					i := r.IntN(len(kept))
					kept[i].Close()
					kept = slices.Delete(kept, i, i+1)
				}
			}
			for _, sn := range kept {
				sn.Close()
			}
		})
	}
	writers.Wait()
	stop.Store(true)
	readers.Wait()
	for i := range f.cache.shards {
		if sh := &f.cache.shards[i]; sh.bytes > sh.bytesMax || len(sh.ring) != len(sh.items) {
			t.Errorf("shard %d holds %d bytes of %d, %d items in a ring of %d", i, sh.bytes, sh.bytesMax, len(sh.items), len(sh.ring))
		}
	}
}

// describe reads an entry in every way that has cache items of its own.
func describe(v *view, id, other directory.EntryID, name directory.NDN) string {
	rec, err := v.record(id)
	if err != nil {
		return err.Error()
	}
	st, err := v.stamp(id)
	if err != nil {
		return err.Error()
	}
	n, err := v.node(id)
	if err != nil {
		return err.Error()
	}
	member := v.descs.number(desc("member"))
	list, err := v.references(id, member)
	if err != nil {
		return err.Error()
	}
	refs, err := v.referrers(id)
	if err != nil {
		return err.Error()
	}
	has, err := v.hasLink(id, member, other)
	if err != nil {
		return err.Error()
	}
	found, _, err := v.lookup(name)
	count, countErr := v.childCount(id)
	nesting, nestingErr := v.nesting()
	return fmt.Sprint(rec.csn, rec.rdn, *st, *n, list.ids, list.waiting, refs, has, found, err, count, countErr, nesting, nestingErr)
}
