package storage

import (
	"bytes"
	"strings"
	"testing"

	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// everyEffect is a change with one effect of each kind.
func everyEffect() *Change {
	e := create(1, "cn=staff", attr("cn", "staff", "crew"), attr("description;lang-en", "people"))
	e.References = []Reference{{Desc: desc("member"), Target: "uid=ann,dc=x", Text: "UID=Ann,dc=x"}}
	return &Change{
		ID: [16]byte{1, 2, 3}, Time: testTime, Author: "cn=admin,dc=x", AuthorID: 7,
		Effects: []Effect{
			e,
			PutAttributes{ID: 2, Set: []directory.Attribute{attr("sn", "x")}, Remove: []*directory.AttributeDescription{desc("cn")}, Quiet: true},
			DeleteEntry{3},
			MoveEntry{ID: 4, Parent: 5, RDN: "CN=A", NRDN: "cn=a"},
			AddReference{6, reference("owner", "dc=x")},
			RemoveReference{7, desc("manager"), "dc=x"},
			RemoveAllReferences{8, desc("member")},
			PutMeta{Key: "policy", Value: []byte("x")},
			PutMeta{Key: "policy", Value: []byte{}},
			PutMeta{Key: "policy"},
			resolveWaiting{9},
			createStore{Header{Incarnation: [16]byte{4}, Format: 1, Features: 1}},
		},
	}
}

// FuzzChange holds that a change that decodes is the change that it encodes to.
func FuzzChange(f *testing.F) {
	f.Add(appendChange(nil, everyEffect()))
	f.Add(appendChange(nil, &Change{Effects: []Effect{DeleteEntry{1}}}))
	f.Add([]byte{2})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := decodeChange(b, schema.Standard())
		if err != nil {
			return
		}
		once := appendChange(nil, c)
		again, err := decodeChange(once, schema.Standard())
		if err != nil {
			t.Fatalf("what was encoded does not decode: %v", err)
		}
		if twice := appendChange(nil, again); !bytes.Equal(once, twice) {
			t.Errorf("encoded %x, then %x", once, twice)
		}
	})
}

// FuzzRecord holds the same of records, and that no other record is under another key.
func FuzzRecord(f *testing.F) {
	names := []string{"cn", "member", "description;lang-en", "jpegPhoto"}
	table := &descriptions{byNo: make([]*directory.AttributeDescription, 1), noOf: map[*directory.AttributeDescription]uint32{}}
	for _, name := range names {
		table = table.with(desc(name))
	}
	key := idKey(nil, tagRecord, 5)
	stored := map[uint32][]byte{}
	encode := func(rec *record) []byte {
		return appendRecord(nil, key, rec, table, func(no uint32, set []byte) []byte {
			stored[no] = bytes.Clone(set)
			return longDigest(set)
		})
	}
	fetch := func(no uint32, length int, digest []byte) ([]byte, error) {
		set := stored[no]
		if len(set) != length || !bytes.Equal(longDigest(set), digest) {
			return nil, ErrCorrupt
		}
		return set, nil
	}
	whole := &record{csn: 9, parent: 4, rdn: "CN=Ann", nrdn: "cn=ann", entry: directory.StoredEntry([]directory.Attribute{
		attr("cn", "Ann", "Anna"), attr("description;lang-en", ""), attr("jpegPhoto", strings.Repeat("photo", 1000)),
	})}
	value := encode(whole)
	f.Add(value[:len(value)-sealBytes])
	f.Add(encode(&record{rdn: "a", nrdn: "a", entry: directory.StoredEntry(nil)}))
	f.Fuzz(func(t *testing.T, body []byte) {
		value := seal(bytes.Clone(body), 0, key)
		rec, err := decodeRecord(value, key, table, fetch)
		if err != nil {
			return
		}
		if _, err := decodeRecord(value, idKey(nil, tagRecord, 6), table, fetch); err == nil {
			t.Error("the record decodes under another key")
		}
		once := encode(rec)
		again, err := decodeRecord(once, key, table, fetch)
		if err != nil {
			t.Fatalf("what was encoded does not decode: %v", err)
		}
		if twice := encode(again); !bytes.Equal(once, twice) {
			t.Errorf("encoded %x, then %x", once, twice)
		}
	})
}

// FuzzDecoders feeds the other stored values with anything: they return errors and do not panic.
func FuzzDecoders(f *testing.F) {
	st := Stamp{CSN: 5, ModifyTime: testTime, Modifier: "cn=admin", refs: []uint32{1, 2}, linked: true}
	key := idKey(nil, tagStamp, 1)
	f.Add(appendStamp(nil, key, &st)[:20])
	f.Add((&state{csn: 4, nextID: 9}).append(nil))
	f.Add(appendIndexDefinitions(nil, DefaultIndexes()))
	var logged []byte
	putLogRecord(&logRecord{first: 1, last: 1, body: appendLogged(nil, &loggedChange{encoded: []byte("x")})}, func(_, value []byte) { logged = value })
	f.Add(logged[:len(logged)-sealBytes])
	f.Fuzz(func(t *testing.T, body []byte) {
		if st, err := decodeStamp(seal(bytes.Clone(body), 0, key), key); err == nil {
			once := appendStamp(nil, key, st)
			if again, err := decodeStamp(once, key); err != nil || !bytes.Equal(appendStamp(nil, key, again), once) {
				t.Errorf("stamp %+v became %+v, %v", st, again, err)
			}
		}
		if st, err := decodeState(seal(bytes.Clone(body), 0, stateKey)); err == nil {
			if again, err := decodeState(st.append(nil)); err != nil || again != st {
				t.Errorf("state %+v became %+v, %v", st, again, err)
			}
		}
		if defs, err := decodeIndexDefinitions(body); err == nil {
			once := appendIndexDefinitions(nil, defs)
			if again, err := decodeIndexDefinitions(once); err != nil || !bytes.Equal(appendIndexDefinitions(nil, again), once) {
				t.Errorf("definitions %+v became %+v, %v", defs, again, err)
			}
		}
		if rec := decodeLogRecord(body); rec != nil && rec.first <= rec.last && rec.last-rec.first < 1000 {
			_, _ = rec.changes()
		}
		_, _ = decodeUnresolved(seal(bytes.Clone(body), 0, key), append(key, 1, 2, 3, 4))
	})
}

// TestEveryEffect decodes what was encoded and compares field by field through the encoding, which names every field.
func TestEveryEffect(t *testing.T) {
	t.Parallel()
	want := appendChange(nil, everyEffect())
	c, err := decodeChange(want, schema.Standard())
	if err != nil {
		t.Fatal(err)
	}
	if got := appendChange(nil, c); !bytes.Equal(got, want) {
		t.Errorf("encoded again: %x, want %x", got, want)
	}
	for n := range want {
		if _, err := decodeChange(want[:n], schema.Standard()); err == nil {
			t.Errorf("the first %d bytes decode", n)
		}
	}
	unknown := bytes.Clone(want)
	unknown[0]++
	_, err = decodeChange(unknown, schema.Standard())
	wantErr(t, "an unknown version", err, ErrFormat)
	one := appendChange(nil, &Change{Effects: []Effect{DeleteEntry{1}}})
	one[len(one)-2] = 200
	_, err = decodeChange(one, schema.Standard())
	wantErr(t, "an unknown effect", err, ErrFormat)
}
