package storage

import (
	"slices"
	"testing"
	"time"

	"gatehouse/directory"
	"gatehouse/storage/kv"
	"gatehouse/storage/memkv"
)

func TestRetention(t *testing.T) {
	t.Parallel()
	clock := testTime
	o := testOptions()
	o.Now = func() time.Time { return clock }
	o.Retention, o.SnapshotAgeMax = time.Minute, time.Hour
	f := newFixture(t, memkv.Open(memkv.Options{}), o)
	base := f.create(0, "dc=x", attr("description", "first"))
	first := f.Published()
	value := func(csn directory.CSN) (string, error) {
		sn, err := f.SnapshotAt(csn)
		if err != nil {
			return "", err
		}
		defer sn.Close()
		if sn.CSN() != csn {
			t.Errorf("SnapshotAt(%d) is at %d", csn, sn.CSN())
		}
		e, err := sn.Entry(base)
		if err != nil {
			return "", err
		}
		return string(e.Get(desc("description")).First()), nil
	}
	f.retain()
	held := f.Snapshot()
	f.must(put(base))
	second := f.Published()
	clock = clock.Add(30 * time.Second)
	f.retain()
	for csn, want := range map[directory.CSN]string{first: "first", second: "changed"} {
		if got, err := value(csn); got != want || err != nil {
			t.Errorf("in the window: %q, %v, want %q", got, err, want)
		}
	}
	_, err := f.SnapshotAt(second + 1)
	wantErr(t, "SnapshotAt of the future", err, kv.ErrFuture)

	f.must(put(base))
	clock = clock.Add(31 * time.Second)
	f.retain()
	clock = clock.Add(time.Minute)
	f.retain() // the window has passed, but the snapshot holds its state
	if got, err := value(first); got != "first" || err != nil {
		t.Errorf("a held state: %q, %v", got, err)
	}
	if e, err := held.Entry(base); err != nil || string(e.Get(desc("description")).First()) != "first" {
		t.Errorf("the held snapshot: %v", err)
	}
	held.Close()
	f.retain()
	_, err = value(first)
	wantErr(t, "after the window", err, ErrSnapshotGone)
	if _, err := value(f.Published()); err != nil {
		t.Errorf("the newest state: %v", err)
	}

	// A snapshot that is open for too long is cut off, whether or not it has read anything.
	idle, busy := f.Snapshot(), f.Snapshot()
	defer idle.Close()
	defer busy.Close()
	f.must(put(base))
	clock = clock.Add(time.Hour + time.Second)
	f.retain()
	for name, sn := range map[string]*Snapshot{"idle": idle, "busy": busy} {
		_, err := sn.getOnce(idKey(nil, tagRecord, base))
		wantErr(t, name, err, ErrSnapshotGone)
	}
}

// TestSnapshotInBatch asks for a change inside a batch: the state is that of the last batch end before it.
func TestSnapshotInBatch(t *testing.T) {
	t.Parallel()
	db := memkv.Open(memkv.Options{})
	f := newFixture(t, db, testOptions())
	base := f.create(0, "dc=x")
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	s, w, err := load(db, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	q := newSequencer(s, w)
	ends := []directory.CSN{1, 2} // the creation of the store and of the entry
	for _, n := range []int{5, 1, 3} {
		b := q.begin()
		for range n {
			c := f.change(put(base))
			if !q.add(b, &pending{change: c, encoded: appendChange(nil, &c), done: make(chan outcome, 1)}) {
				t.Fatal("the batch is full")
			}
		}
		q.seal(b)
		if err := s.commit(b); err != nil {
			t.Fatal(err)
		}
		ends = append(ends, s.Published())
	}
	if want := []directory.CSN{1, 2, 7, 8, 11}; !slices.Equal(ends, want) {
		t.Fatalf("batches end at %d, want %d", ends, want)
	}
	for csn := directory.CSN(1); csn <= 11; csn++ {
		want := directory.CSN(0)
		for _, end := range ends {
			if end <= csn {
				want = end
			}
		}
		sn, err := s.SnapshotAt(csn)
		if err != nil {
			t.Fatal(err)
		}
		if sn.CSN() != want {
			t.Errorf("SnapshotAt(%d) is at %d, want %d", csn, sn.CSN(), want)
		}
		sn.Close()
	}
	s.current.Load().release()
}
