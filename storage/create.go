package storage

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"gatehouse/directory"
	"gatehouse/directory/schema"
	"gatehouse/storage/kv"
)

// Names of metadata that the store keeps itself.
const (
	// MetaSchema holds the digest of the schema that the store was last opened with.
	MetaSchema = "schema"
	// MetaIndexes holds the index definitions.
	MetaIndexes = "indexes"
)

// Create makes a store in an empty database and opens it. Its first change, CSN 1, says which store it is.
func Create(db kv.DB, o Options) (*Store, error) {
	o.setDefaults()
	if err := mustBeEmpty(db, o.Dir); err != nil {
		return nil, err
	}
	h := Header{Format: formatVersion, Features: featureLevel}
	var id [16]byte
	for _, b := range [][]byte{h.Incarnation[:], h.Node[:], id[:]} {
		if _, err := io.ReadFull(o.Rand, b); err != nil {
			return nil, fmt.Errorf("identity of a store: %w", err)
		}
	}
	defs := o.Indexes
	if defs == nil {
		defs = DefaultIndexes()
	}
	defs = numberIndexes(defs)
	ix, err := newIndexer(o.Schema, defs)
	if err != nil {
		return nil, err
	}
	digest := o.Schema.Digest()
	first := Change{ID: id, Time: o.Now(), Effects: []Effect{
		createStore{h},
		PutMeta{Key: MetaSchema, Value: digest[:]},
		PutMeta{Key: MetaIndexes, Value: appendIndexDefinitions(nil, defs)},
	}}
	muts, st, err := firstBatch(ix, &first)
	if err != nil {
		return nil, err
	}
	muts = append([]kv.Mutation{{Key: nodeIDKey, Value: seal(append([]byte(nil), h.Node[:]...), 0, nodeIDKey)}}, muts...)
	if o.Dir != "" {
		if err := createSideFile(o.Dir, sideMark{incarnation: h.Incarnation}); err != nil {
			return nil, err
		}
	}
	if err := db.Commit(timestampOf(st.csn), muts); err != nil {
		return nil, err
	}
	return Open(db, o)
}

// firstBatch applies the first change of a store to nothing.
func firstBatch(ix *indexer, c *Change) ([]kv.Mutation, state, error) {
	a := applier{index: ix.updater(), state: state{nextID: 1, nextDesc: 1}}
	a.view.descs = &descriptions{byNo: make([]*directory.AttributeDescription, 1)}
	o := kv.NewOverlay(nil)
	if _, err := a.apply(o, 1, c); err != nil {
		return nil, state{}, err
	}
	logged := loggedChange{time: a.time, encoded: appendChange(nil, c)}
	rec := logRecord{first: 1, last: 1, body: appendLogged(nil, &logged)}
	a.state.hash = putLogRecord(&rec, o.Put)
	o.Put(stateKey, a.state.append(nil))
	return o.Freeze().Mutations(), a.state, nil
}

// mustBeEmpty refuses a database that holds something, and one that has lost what it held.
func mustBeEmpty(db kv.DB, dir string) error {
	if dir != "" {
		side, err := openSideFile(dir)
		if err == nil {
			mark := side.mark
			err = side.close()
			if mark.csn > 0 {
				return fmt.Errorf("the side file in %s knows change %d: %w", dir, mark.csn, ErrNotEmpty)
			}
		}
		if err != nil && !errors.Is(err, ErrNoSideFile) {
			return err
		}
	}
	snap, err := db.SnapshotAt(db.LastTimestamp())
	if err != nil {
		return err
	}
	defer snap.Close()
	it := snap.Scan(kv.ScanOptions{KeysOnly: true, Prefetch: 1})
	if it.Next() {
		return errors.Join(ErrNotEmpty, it.Close())
	}
	return it.Close()
}

// The value of MetaIndexes: for each definition uvarint number, attribute (uvarint length before it), kinds (1).
func appendIndexDefinitions(dst []byte, defs []IndexDefinition) []byte {
	for _, def := range defs {
		dst = binary.AppendUvarint(dst, uint64(def.Number))
		dst = append(appendBytes(dst, def.Attribute), byte(def.Kinds))
	}
	return dst
}

func decodeIndexDefinitions(b []byte) ([]IndexDefinition, error) {
	var defs []IndexDefinition
	d := decoder{b: b}
	for len(d.b) > 0 {
		defs = append(defs, IndexDefinition{Number: uint16(d.uvarint()), Attribute: d.string(), Kinds: IndexKinds(d.byte())})
	}
	if d.bad {
		return nil, corrupt("index definitions")
	}
	return defs, nil
}

// loadIndexes reads the index definitions of a store.
func loadIndexes(r kv.Reader, s *schema.Schema) (*indexer, error) {
	v := view{r: r}
	value, _, err := v.meta(MetaIndexes)
	if err != nil {
		return nil, fmt.Errorf("index definitions: %w", err)
	}
	defs, err := decodeIndexDefinitions(value)
	if err != nil {
		return nil, err
	}
	return newIndexer(s, defs)
}

// AdoptSchema records the digest of the schema that the store was opened with, when it is not the one recorded. So plans that
// read [MetaSchema] notice that the schema changed.
func (s *Store) AdoptSchema(ctx context.Context) (changed bool, err error) {
	sn := s.Snapshot()
	recorded, _, err := sn.Meta(MetaSchema)
	sn.Close()
	digest := s.opt.Schema.Digest()
	if err == nil && string(recorded) == string(digest[:]) {
		return false, nil
	}
	if err != nil && !errors.Is(err, ErrNotFound) {
		return false, err
	}
	_, err = s.Propose(ctx, Proposal{Change: Change{Time: s.opt.Now(), Effects: []Effect{PutMeta{Key: MetaSchema, Value: digest[:]}}}})
	return err == nil, err
}
