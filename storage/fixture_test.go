package storage

import (
	"context"
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"gatehouse/directory"
	"gatehouse/directory/schema"
	"gatehouse/storage/kv"
	"gatehouse/storage/memkv"
)

// A fixture is a store with short words for changes.
type fixture struct {
	*Store
	t       testing.TB
	changes uint64
}

var testTime = time.Date(2031, 5, 6, 7, 8, 9, 123456000, time.UTC)

// testOptions makes stores that are equal as far as they can be: identities come from a counter.
func testOptions() Options {
	return Options{Schema: schema.Standard(), Rand: &countingReader{}, Now: func() time.Time { return testTime }}
}

type countingReader struct{ n byte }

func (r *countingReader) Read(b []byte) (int, error) {
	r.n++
	for i := range b {
		b[i] = r.n
	}
	return len(b), nil
}

func newFixture(t testing.TB, db kv.DB, o Options) *fixture {
	t.Helper()
	s, err := Create(db, o)
	if err != nil {
		t.Fatalf("Create: %v", err)
	}
	return fixtureOf(t, s)
}

func fixtureOf(t testing.TB, s *Store) *fixture {
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return &fixture{Store: s, t: t}
}

func memFixture(t testing.TB) *fixture {
	return newFixture(t, memkv.Open(memkv.Options{}), testOptions())
}

func desc(name string) *directory.AttributeDescription {
	d, err := schema.Standard().Description(name)
	if err != nil {
		panic(err)
	}
	return d
}

func attr(name string, values ...string) directory.Attribute {
	b := make([][]byte, len(values))
	for i, v := range values {
		b[i] = []byte(v)
	}
	return directory.NewAttribute(desc(name), b...)
}

// change returns a Change with an ID and a time that follow from its number.
func (f *fixture) change(effects ...Effect) Change {
	f.changes++
	c := Change{Time: testTime.Add(time.Duration(f.changes) * time.Millisecond), Author: "cn=author,dc=example,dc=com", Effects: effects}
	binary.BigEndian.PutUint64(c.ID[8:], f.changes)
	c.ID[0] = 't'
	return c
}

func (f *fixture) propose(effects ...Effect) (Result, error) {
	return f.Propose(context.Background(), Proposal{Change: f.change(effects...)})
}

func (f *fixture) must(effects ...Effect) Result {
	f.t.Helper()
	r, err := f.propose(effects...)
	if err != nil {
		f.t.Fatalf("propose %T: %v", effects[0], err)
	}
	return r
}

func (f *fixture) create(parent directory.EntryID, rdn string, attrs ...directory.Attribute) directory.EntryID {
	f.t.Helper()
	return f.must(create(parent, rdn, attrs...)).IDs[0]
}

func create(parent directory.EntryID, rdn string, attrs ...directory.Attribute) CreateEntry {
	return CreateEntry{Parent: parent, RDN: rdn, NRDN: directory.NRDN(rdn), Entry: directory.StoredEntry(attrs)}
}

func reference(name, target string) Reference {
	return Reference{Desc: desc(name), Target: directory.NDN(target), Text: target}
}

func (f *fixture) snapshot() *Snapshot {
	f.t.Helper()
	sn := f.Snapshot()
	f.t.Cleanup(sn.Close)
	return sn
}

func wantErr(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want %v", what, err, want)
	}
}

func wantCode(t testing.TB, what string, err error, want directory.ResultCode) {
	t.Helper()
	if got := directory.CodeOf(err); got != want {
		t.Errorf("%s: %v (%v), want %v", what, got, err, want)
	}
}
