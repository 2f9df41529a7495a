package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"os"
	"strings"
	"time"

	"gatehouse/config"
	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/hook"
	"gatehouse/directory/schema"
	"gatehouse/storage"
)

// newSealer returns what turns records into entries of a new store.
func newSealer(s *schema.Schema, suffixes dit.Suffixes) (*dit.Sealer, error) {
	return dit.NewSealer(dit.SealerOptions{
		Schema: s, Suffixes: suffixes, Hooks: hook.Standard(), Rand: rand.Reader, Now: time.Now(),
	})
}

// loadOptions configures the bulk load of a new store.
func loadOptions(dir dataDir, cfg *config.Config, s *schema.Schema, suffixes dit.Suffixes) storage.LoadOptions {
	return storage.LoadOptions{Options: storeOptions(dir, cfg, s, quiet()), Suffixes: suffixes, Author: operatorName}
}

// loadRecords makes the store of a data directory that has none from a few records.
func loadRecords(ctx context.Context, cfg *config.Config, dir dataDir, p *initPlan) (storage.LoadReport, error) {
	var none storage.LoadReport
	suffixes, err := dit.NewSuffixes(p.schema, p.base)
	if err != nil {
		return none, err
	}
	sealer, err := newSealer(p.schema, suffixes)
	if err != nil {
		return none, err
	}
	var batch []storage.LoadEntry
	for _, r := range p.records {
		e, err := sealer.Seal(r)
		if err != nil {
			return none, fmt.Errorf("entry %s: %w", r.DN, err)
		}
		batch = append(batch, e)
	}
	o := loadOptions(dir, cfg, p.schema, suffixes)
	o.Meta = []storage.PutMeta{{Key: metaAdministrators, Value: []byte(p.admin + "\n")}}
	if p.made {
		o.Meta = append(o.Meta, storage.PutMeta{Key: metaMade, Value: identities(p.schema, batch)})
	}
	var refused error
	o.Refused = func(e *storage.LoadEntry, err error) { refused = fmt.Errorf("entry %s: %w", e.DN, err) }
	all := iter.Seq2[[]storage.LoadEntry, error](func(yield func([]storage.LoadEntry, error) bool) { yield(batch, nil) })
	report, err := storage.Load(ctx, dir.store(), openDB(cfg, quiet()), o, all)
	if err == nil && refused != nil {
		err = errors.Join(refused, os.RemoveAll(dir.store()))
	}
	return report, err
}

// identities lists the entryUUIDs of entries, one a line.
func identities(s *schema.Schema, entries []storage.LoadEntry) []byte {
	desc := s.TypeByName("entryUUID").Description()
	var list []byte
	for _, e := range entries {
		list = append(append(list, e.Entry.Get(desc).First()...), '\n')
	}
	return list
}

// madeByInit returns the entries that init made, by name, if the store holds nothing else; otherwise nil.
func madeByInit(s *schema.Schema, sn *storage.Snapshot) (map[directory.NDN]directory.EntryID, error) {
	made, err := identitiesOfInit(sn)
	if err != nil || sn.EntryCount() > uint64(len(made)) {
		return nil, err
	}
	found, err := withIdentities(s, sn, made)
	if err != nil || uint64(len(found)) < sn.EntryCount() {
		return nil, err
	}
	return found, nil
}

// identitiesOfInit returns the entryUUIDs of what init made; none if the store comes from elsewhere.
func identitiesOfInit(sn *storage.Snapshot) (map[string]bool, error) {
	text, _, err := sn.Meta(metaMade)
	if err != nil && !isNotFound(err) {
		return nil, err
	}
	made := make(map[string]bool)
	for uuid := range strings.FieldsSeq(string(text)) {
		made[uuid] = true
	}
	return made, nil
}

// withIdentities returns the entries, by name, whose entryUUID is one of those given.
func withIdentities(s *schema.Schema, sn *storage.Snapshot, uuids map[string]bool) (map[directory.NDN]directory.EntryID, error) {
	desc := s.TypeByName("entryUUID").Description()
	found := make(map[directory.NDN]directory.EntryID)
	for id, err := range walk(sn) {
		if err != nil {
			return nil, err
		}
		entry, err := sn.Entry(id)
		if err != nil {
			return nil, err
		}
		if !uuids[string(entry.Get(desc).First())] {
			continue
		}
		ndn, err := sn.NDN(id)
		if err != nil {
			return nil, err
		}
		found[ndn] = id
	}
	return found, nil
}
