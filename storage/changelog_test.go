package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/directory"
	"gatehouse/storage/kv"
	"gatehouse/storage/memkv"
)

// dump returns all keys of a database.
func dump(t *testing.T, db kv.DB) (records []kv.Record) {
	t.Helper()
	snap, err := db.SnapshotAt(db.LastTimestamp())
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	err = snap.Export(context.Background(), func(r kv.Record) error {
		records = append(records, kv.Record{Key: bytes.Clone(r.Key), Value: bytes.Clone(r.Value), Version: r.Version})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func databaseOf(t *testing.T, records []kv.Record) kv.DB {
	t.Helper()
	db := memkv.Open(memkv.Options{})
	err := db.Load(context.Background(), func(yield func(kv.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// wantLogError opens a store that must be refused with the changes named.
func wantLogError(t *testing.T, what string, db kv.DB, o Options, from, to directory.CSN) {
	t.Helper()
	s, err := Open(db, o)
	if err == nil {
		_ = s.Close()
	}
	var got *LogError
	if !errors.As(err, &got) || !errors.Is(err, ErrCorrupt) {
		t.Errorf("%s: %v, want a LogError", what, err)
	} else if got.From != from || got.To != to {
		t.Errorf("%s: %v, want changes %d to %d", what, err, from, to)
	}
}

// TestDamagedLog changes one thing of a log at a time. The store must not open, and must name the changes.
func TestDamagedLog(t *testing.T) {
	t.Parallel()
	o := testOptions()
	o.Dir = t.TempDir()
	db := memkv.Open(memkv.Options{})
	f := newFixture(t, db, o)
	base := f.create(0, "dc=x")
	for range 5 {
		f.must(put(base))
	}
	f.must(PutAttributes{ID: base, Set: []directory.Attribute{attr("description", strings.Repeat("long", 100_000))}}) // two parts
	f.must(put(base))
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	records := dump(t, db)
	last := f.Published()
	index := func(csn directory.CSN, part int) int {
		i := slices.IndexFunc(records, func(r kv.Record) bool { return bytes.Equal(r.Key, logKey(nil, csn, part)) })
		if i < 0 {
			t.Fatalf("log record %d.%d is missing", csn, part)
		}
		return i
	}
	with := func(change func(all []kv.Record) []kv.Record) kv.DB {
		return databaseOf(t, change(slices.Clone(records)))
	}
	if s, err := Open(databaseOf(t, records), o); err != nil {
		t.Fatalf("Open of the whole log: %v", err)
	} else if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	middle := index(4, 0)
	for at := range records[middle].Value {
		db := with(func(all []kv.Record) []kv.Record {
			all[middle].Value = bytes.Clone(all[middle].Value)
			all[middle].Value[at] ^= 0x10
			return all
		})
		wantLogError(t, fmt.Sprint("flipped byte ", at), db, o, 4, 4)
	}
	remove := func(indexes ...int) kv.DB {
		return with(func(all []kv.Record) []kv.Record {
			for _, i := range indexes {
				all[i].Key = nil
			}
			return slices.DeleteFunc(all, func(r kv.Record) bool { return r.Key == nil })
		})
	}
	wantLogError(t, "one missing", remove(middle), o, 4, 4)
	wantLogError(t, "two missing", remove(middle, index(5, 0)), o, 4, 5)
	wantLogError(t, "the first missing", remove(index(1, 0)), o, 1, 1)
	wantLogError(t, "the last missing", remove(index(last, 0)), o, last, last)
	wantLogError(t, "the first part missing", remove(index(last-1, 0)), o, last-1, last-1)
	wantLogError(t, "the second part missing", remove(index(last-1, 1)), o, last-1, last-1)

	// A record that is right in itself but not the one that was written.
	forge := func(csn directory.CSN, edit func(*logRecord)) kv.DB {
		return with(func(all []kv.Record) []kv.Record {
			rec := decodeLogRecord(all[index(csn, 0)].Value[:len(all[index(csn, 0)].Value)-sealBytes])
			rec.body = bytes.Clone(rec.body)
			edit(rec)
			putLogRecord(rec, func(key, value []byte) { all[index(csn, 0)].Value = value })
			return all
		})
	}
	body := func(rec *logRecord) { rec.body[bytes.Index(rec.body, []byte("author"))] = 'A' }
	wantLogError(t, "another body", forge(4, body), o, 5, 5)
	wantLogError(t, "half a change", forge(4, func(rec *logRecord) { rec.body[len(rec.body)-1] ^= 1 }), o, 4, 4)
	wantLogError(t, "another predecessor", forge(4, func(rec *logRecord) { rec.prev[0]++ }), o, 4, 4)
	wantLogError(t, "another beginning", forge(4, func(rec *logRecord) { rec.first-- }), o, 3, 4)
	wantLogError(t, "no changes", forge(4, func(rec *logRecord) { rec.body = nil }), o, 4, 4)
	wantLogError(t, "another last body", forge(last, body), o, last, last)

	// Without the last batch the store is whole in itself: only the mark knows better.
	older := memkv.Open(memkv.Options{})
	twin := newFixture(t, older, testOptions())
	twin.create(0, "dc=x")
	wantLogError(t, "rolled back", older, o, twin.Published()+1, last)

	noMark := testOptions()
	if s, err := Open(older.Reopen(), noMark); err != nil {
		t.Errorf("Open without a side file: %v", err)
	} else if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestLostCommits lets a database lose commits in a crash, as a damaged write-ahead file does.
func TestLostCommits(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		flushed  int // changes before the last flush
		drop     []directory.CSN
		after    directory.CSN // drop all after
		from, to directory.CSN // of the error; 0 is none
	}{
		{name: "nothing"},
		{name: "in the middle", drop: []directory.CSN{5, 6}, from: 5, to: 6},
		{name: "at the end", after: 6, from: 7, to: 10},
		{name: "the newest", drop: []directory.CSN{10}, from: 10, to: 10},
		{name: "all after the flush", flushed: 4, after: 1, from: 5, to: 10},
		{name: "everything", drop: []directory.CSN{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, from: 1, to: 10},
		{name: "the first", drop: []directory.CSN{1}, from: 1, to: 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := testOptions()
			o.Dir = t.TempDir()
			db := memkv.Open(memkv.Options{})
			f := newFixture(t, db, o)
			base := f.create(0, "dc=x")
			for f.Published() < 10 {
				if int(f.Published()) == test.flushed {
					db.Flush()
					if err := f.side.sync(db.FlushedTimestamp()); err != nil {
						t.Fatal(err)
					}
				}
				f.must(put(base))
			}
			crash := memkv.CrashOptions{DropAfter: timestampOf(test.after)}
			for _, csn := range test.drop {
				crash.Drop = append(crash.Drop, timestampOf(csn))
			}
			after := db.Crash(crash)
			if test.to > 0 {
				wantLogError(t, "Open", after, o, test.from, test.to)
				wantLogError(t, "Open again", after, o, test.from, test.to)
				_, err := Create(after, o)
				wantErr(t, "Create", err, ErrNotEmpty)
				return
			}
			s, err := Open(after, o)
			if err != nil {
				t.Fatalf("Open: %v", err)
			}
			again := fixtureOf(t, s)
			again.changes = 100
			if r := again.must(put(base)); r.CSN != 11 {
				t.Errorf("next change is %d, want 11", r.CSN)
			}
		})
	}
}

func TestSideFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, sideFileName)
	_, err := openSideFile(dir)
	wantErr(t, "no file", err, ErrNoSideFile)
	mark := sideMark{incarnation: [16]byte{1, 2, 3}}
	if err := createSideFile(dir, mark); err != nil {
		t.Fatal(err)
	}
	s, err := openSideFile(dir)
	if err != nil {
		t.Fatal(err)
	}
	if s.mark != mark {
		t.Errorf("mark = %+v, want %+v", s.mark, mark)
	}
	for csn := directory.CSN(1); csn <= 3; csn++ {
		if err := s.acknowledge(csn, logHash{byte(csn)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(s.sync(77), s.sync(5), s.close()); err != nil {
		t.Fatal(err)
	}
	want := sideMark{incarnation: mark.incarnation, csn: 3, hash: logHash{3}, floor: 77}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	read := func(content []byte) (sideMark, error) {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := openSideFile(dir)
		if err != nil {
			return sideMark{}, err
		}
		return s.mark, s.close()
	}
	if got, err := read(good); got != want || err != nil {
		t.Errorf("mark = %+v, %v, want %+v", got, err, want)
	}
	before := want
	before.floor = 0
	const used = len(sideMagic) + 8 + 16 + 8 + 32 + 8 + sealBytes
	for slot, rest := range map[int]sideMark{0: before, 1: want} { // generation 5, the newest, is in slot 1
		newest := 1 - slot
		for at := range used {
			torn := bytes.Clone(good)
			torn[newest*sideSlotBytes+at] ^= 0x40
			expect := rest
			if newest == 0 {
				expect = want
			}
			if got, err := read(torn); got != expect || err != nil {
				t.Fatalf("slot %d, byte %d flipped: %+v, %v, want %+v", newest, at, got, err, expect)
			}
		}
	}
	for _, size := range []int{0, 100, sideSlotBytes} {
		got, err := read(good[:size])
		if size < sideSlotBytes {
			wantErr(t, fmt.Sprint("cut to ", size), err, ErrCorrupt)
		} else if got != before || err != nil {
			t.Errorf("cut to %d: %+v, %v, want %+v", size, got, err, before)
		}
	}

	// Another store's file, and none at all.
	o := testOptions()
	o.Dir = t.TempDir()
	db := memkv.Open(memkv.Options{})
	f := newFixture(t, db, o)
	f.create(0, "dc=x")
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := createSideFile(o.Dir, sideMark{incarnation: [16]byte{9}}); err != nil {
		t.Fatal(err)
	}
	_, err = Open(db, o)
	wantErr(t, "another store's side file", err, ErrCorrupt)
	if err := os.Remove(filepath.Join(o.Dir, sideFileName)); err != nil {
		t.Fatal(err)
	}
	_, err = Open(db, o)
	wantErr(t, "no side file", err, ErrNoSideFile)
}

func TestTrimLog(t *testing.T) {
	t.Parallel()
	o := testOptions()
	o.Dir = t.TempDir()
	clock := testTime
	o.Now = func() time.Time { return clock }
	db := memkv.Open(memkv.Options{})
	f := newFixture(t, db, o)
	base := f.create(0, "dc=x")
	for f.Published() < windowChanges+3000 {
		var group sync.WaitGroup
		for i := range 64 {
			c := f.change(put(base))
			c.Author = fmt.Sprint(i)
			group.Go(func() {
				if _, err := f.Propose(t.Context(), Proposal{Change: c}); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	}
	trim := func() directory.CSN {
		t.Helper()
		gone, err := f.TrimLog(t.Context(), 2000)
		if err != nil {
			t.Fatal(err)
		}
		return gone
	}
	if gone := trim(); gone != 0 {
		t.Errorf("trimmed to %d, though all of it is needed at open", gone)
	}
	db.Flush()
	if err := f.side.sync(db.FlushedTimestamp()); err != nil {
		t.Fatal(err)
	}
	f.retain()
	clock = clock.Add(time.Hour)
	f.retain()
	gone := trim()
	if gone < 1900 || gone > 2000 {
		t.Errorf("trimmed to %d, want the last batch end up to 2000", gone)
	}
	if again := trim(); again != gone {
		t.Errorf("trimmed again to %d, want %d", again, gone)
	}
	f.must(put(base))
	_, err := f.SnapshotAt(5)
	wantErr(t, "SnapshotAt of what is trimmed", err, ErrSnapshotGone)
	s, err := Open(db.Reopen(), o)
	if err != nil {
		t.Fatalf("Open of a trimmed log: %v", err)
	}
	again := fixtureOf(t, s)
	again.changes = f.changes
	again.must(put(base))
}
