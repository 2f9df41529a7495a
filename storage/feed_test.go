package storage

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gatehouse/directory"
	"gatehouse/storage/kv"
	"gatehouse/storage/memkv"
)

// shown is what of an entry may show: its attributes, names and references as printed, the groups that it is in, the number of its
// children. alone leaves out what follows from other entries' names and numbers.
func shown(sn *Snapshot, id directory.EntryID, alone bool) string {
	entry, err := sn.Entry(id)
	if err != nil {
		return err.Error()
	}
	s := ""
	for _, a := range entry.Attributes() {
		s += fmt.Sprintf("%s=%x ", a.Desc, a.Set())
	}
	if !alone {
		dn, _ := sn.DN(id)
		children, _ := sn.ChildCount(id)
		s += fmt.Sprint(dn, children)
	}
	descs, _ := sn.ReferenceDescriptions(id)
	for _, desc := range descs {
		for v, err := range sn.References(id, desc) {
			s += fmt.Sprint(desc, v.Target, v.Text, err)
			if name, err := sn.DN(v.Target); err == nil && !alone {
				s += name
			}
		}
	}
	groups := []directory.EntryID{id}
	for i := 0; i < len(groups); i++ {
		for group := range sn.Referrers(groups[i], desc("member").TypeNo, desc("uniqueMember").TypeNo) {
			if !slices.Contains(groups, group) {
				groups = append(groups, group)
			}
		}
	}
	slices.Sort(groups)
	return s + fmt.Sprint(groups)
}

// TestFeed holds what the feed says of random changes against what has really changed.
func TestFeed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s, err := Create(memkv.Open(memkv.Options{BatchBytesMax: 16 << 20, BatchKeysMax: 100_000}), testOptions())
		if err != nil {
			rt.Fatal(err)
		}
		defer s.Close()
		f := &fixture{Store: s, t: t}
		m := model{}
		var told int
		s.OnPublish(func() { told++ })
		step := func(effect Effect) {
			before := s.Snapshot()
			defer before.Close()
			ids := slices.Collect(maps.Keys(m))
			r, err := f.propose(effect)
			if err != nil {
				return
			}
			created := directory.EntryID(0)
			if len(r.IDs) > 0 {
				created = r.IDs[0]
				ids = append(ids, created)
			}
			m.apply(effect, r.CSN, created)
			after := s.Snapshot()
			defer after.Close()
			touched, known := after.Touched(before.CSN())
			if !known {
				rt.Fatalf("%T: change %d is not known", effect, r.CSN)
			}
			for _, id := range ids {
				if !touched.Wide && !slices.Contains(touched.IDs, id) && shown(before, id, false) != shown(after, id, false) {
					rt.Errorf("%T changed entry %d, the feed says %v", effect, id, touched.IDs)
				}
				if last, err := after.LastTouched(id); err == nil && last <= before.CSN() && shown(before, id, true) != shown(after, id, true) {
					rt.Errorf("%T changed entry %d, which was touched last by %d", effect, id, last)
				}
			}
			if reached, err := after.Reaches(before.Position()); !reached || err != nil {
				rt.Errorf("the log does not reach %d: %v", before.CSN(), err)
			}
		}
		step(create(0, "dc=x", attr("dc", "x")))
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			if len(m) > 0 {
				step(m.draw(rt))
			}
		}
		if told == 0 {
			rt.Error("nobody was told")
		}
	})
}

func TestFeedIsBounded(t *testing.T) {
	t.Parallel()
	f := memFixture(t)
	base := f.create(0, "dc=x")
	first := f.snapshot()
	f.must(put(base))
	if got, known := f.snapshot().Touched(first.CSN()); !known || !slices.Equal(got.IDs, []directory.EntryID{base}) || got.Wide {
		t.Errorf("got %+v, %v", got, known)
	}
	if got, known := first.Touched(first.CSN()); !known || len(got.IDs) > 0 {
		t.Errorf("since itself: got %+v, %v", got, known)
	}
	if _, known := first.Touched(f.Published()); known {
		t.Error("the future is known")
	}
	for i := range 10 {
		ids := make([]directory.EntryID, feedIDsMax/4)
		f.feed.add(fed{last: f.Published() + directory.CSN(i+1), touched: ids})
	}
	if f.feed.ids > feedIDsMax {
		t.Errorf("%d IDs are kept", f.feed.ids)
	}
	if _, known := f.snapshot().Touched(first.CSN()); known {
		t.Error("what was dropped is known")
	}
	f.feed.add(fed{last: f.Published() + 100, touched: make([]directory.EntryID, feedIDsMax+1)})
	if last := f.feed.batches[len(f.feed.batches)-1]; !last.wide || last.touched != nil {
		t.Errorf("a batch that is too large: %v, %d IDs", last.wide, len(last.touched))
	}
}

// TestReaches: a position is of this store alone, and of the end of a batch.
func TestReaches(t *testing.T) {
	t.Parallel()
	db := memkv.Open(memkv.Options{})
	f := newFixture(t, db, testOptions())
	base := f.create(0, "dc=x")
	for range 5 {
		f.must(put(base))
	}
	sn := f.snapshot()
	at := func(csn directory.CSN) Position {
		old, err := f.SnapshotAt(csn)
		if err != nil {
			t.Fatal(err)
		}
		defer old.Close()
		return old.Position()
	}
	other, hash, future := at(3), at(3), sn.Position()
	other.Incarnation[0]++
	hash.Hash = at(4).Hash
	future.CSN++
	for _, test := range []struct {
		name string
		p    Position
		want bool
	}{
		{"now", sn.Position(), true}, {"before", at(3), true}, {"another store", other, false}, {"another history", hash, false},
		{"the future", future, false}, {"nothing", Position{}, false},
	} {
		if got, err := sn.Reaches(test.p); got != test.want || err != nil {
			t.Errorf("%s: %v, %v", test.name, got, err)
		}
	}
	old := at(3)
	if err := f.maintainBetween(t.Context(), func(o *kv.Overlay) error {
		for csn := directory.CSN(1); csn <= 4; csn++ {
			o.Delete(logKey(nil, csn, 0))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if got, err := f.snapshot().Reaches(old); got || err != nil {
		t.Errorf("after trimming: %v, %v", got, err)
	}
}
