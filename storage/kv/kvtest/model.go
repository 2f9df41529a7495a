package kvtest

import (
	"errors"
	"maps"
	"testing"

	"pgregory.net/rapid"

	"gatehouse/storage/kv"
)

// testModel compares random histories with a list of maps.
func testModel(t *testing.T, s Store) {
	rapid.Check(t, func(rt *rapid.T) {
		m := &machine{t: t, store: s, db: s.New(t), states: []modelState{{}}}
		defer m.closeAll()
		rt.Repeat(map[string]func(*rapid.T){
			"commit":   m.commit,
			"pipeline": m.pipeline,
			"open":     m.open,
			"close":    m.close,
			"read":     m.read,
			"horizon":  m.setHorizon,
			"cut":      m.cutOff,
			"reopen":   m.reopen,
		})
	})
}

// A modelState is the content after one commit.
type modelState struct {
	ts    kv.Timestamp
	pairs map[string]string
}

type machine struct {
	t       testing.TB
	store   Store
	db      kv.DB
	states  []modelState // all, ascending
	horizon kv.Timestamp
	snaps   []kv.Snapshot
}

func (m *machine) last() modelState { return m.states[len(m.states)-1] }

func (m *machine) at(ts kv.Timestamp) modelState {
	found := m.states[0]
	for _, s := range m.states {
		if s.ts <= ts {
			found = s
		}
	}
	return found
}

var (
	keys   = rapid.StringOfN(rapid.SampledFrom([]rune("\x00ab~")), 1, 4, 4)
	values = rapid.StringN(0, 8, 8)
)

func (m *machine) snapshot(rt *rapid.T, ts kv.Timestamp) kv.Snapshot {
	snap, err := m.db.SnapshotAt(ts)
	if err != nil {
		rt.Fatalf("SnapshotAt(%d): %v", ts, err)
	}
	return snap
}

// mutate writes random mutations to o and to pairs, partly through children.
func (m *machine) mutate(rt *rapid.T, o *kv.Overlay, pairs map[string]string, depth int) {
	for range rapid.IntRange(1, 12).Draw(rt, "writes") {
		key := keys.Draw(rt, "key")
		switch rapid.IntRange(0, 9).Draw(rt, "write") {
		case 0, 1, 2:
			o.Delete([]byte(key))
			delete(pairs, key)
		case 3:
			if depth == 2 {
				continue
			}
			child, changed := o.Child(), maps.Clone(pairs)
			m.mutate(rt, child, changed, depth+1)
			if rapid.Bool().Draw(rt, "merge") {
				child.Merge()
				clear(pairs)
				maps.Copy(pairs, changed)
			} else {
				child.Drop()
			}
		default:
			value := values.Draw(rt, "value")
			o.Put([]byte(key), []byte(value))
			pairs[key] = value
		}
		if rapid.IntRange(0, 3).Draw(rt, "look") == 0 {
			m.compare(rt, o, pairs)
		}
	}
}

// compare reads from r what the model has.
func (m *machine) compare(rt *rapid.T, r kv.Reader, pairs map[string]string) {
	key := keys.Draw(rt, "get")
	want, ok := pairs[key]
	if !ok {
		want = absent
	}
	if got := get(r, key); got != want {
		rt.Fatalf("Get(%q) = %q, want %q", key, got, want)
	}
	var opt kv.ScanOptions
	opt.Reverse = rapid.Bool().Draw(rt, "reverse")
	if rapid.Bool().Draw(rt, "bounded") {
		opt.Prefix = []byte(rapid.SampledFrom([]string{"", "a", "b", "ab", "~"}).Draw(rt, "prefix"))
		opt.Lo = []byte(keys.Draw(rt, "lo"))
		if rapid.Bool().Draw(rt, "hi bounded") {
			opt.Hi = []byte(keys.Draw(rt, "hi"))
		}
	}
	ops := make([]scanOp, len(pairs)+1)
	for i := range ops {
		if rapid.IntRange(0, 4).Draw(rt, "seek") == 0 {
			ops[i] = scanOp{seek: true, key: keys.Draw(rt, "to")}
		}
	}
	if err := compareScan(r, pairs, opt, ops); err != nil {
		rt.Fatal(err)
	}
}

func (m *machine) nextTimestamp(rt *rapid.T) kv.Timestamp {
	return m.last().ts + kv.Timestamp(rapid.IntRange(1, 3).Draw(rt, "ts step"))
}

func (m *machine) commitOverlay(rt *rapid.T, ts kv.Timestamp, o *kv.Overlay, pairs map[string]string) {
	muts := o.Freeze().Mutations()
	if len(muts) != o.Len() {
		rt.Fatalf("Len = %d, want %d", o.Len(), len(muts))
	}
	if total, err := kv.CheckMutations(muts); err != nil || total != o.Bytes() {
		rt.Fatalf("Bytes = %d, want %d, %v", o.Bytes(), total, err)
	}
	if len(muts) == 0 {
		return
	}
	if err := m.db.Commit(ts, muts); err != nil {
		rt.Fatalf("Commit(%d): %v", ts, err)
	}
	m.states = append(m.states, modelState{ts, pairs})
}

func (m *machine) commit(rt *rapid.T) {
	snap := m.snapshot(rt, m.last().ts)
	defer snap.Close()
	o, pairs := kv.NewOverlay(snap), maps.Clone(m.last().pairs)
	if pairs == nil {
		pairs = map[string]string{}
	}
	m.mutate(rt, o, pairs, 0)
	m.commitOverlay(rt, m.nextTimestamp(rt), o, pairs)
	after := m.snapshot(rt, m.last().ts)
	defer after.Close()
	m.compare(rt, after, pairs)
}

// pipeline builds a second batch over the first, which is committed meanwhile.
func (m *machine) pipeline(rt *rapid.T) {
	snap := m.snapshot(rt, m.last().ts)
	defer snap.Close()
	o, pairs := kv.NewOverlay(snap), maps.Clone(m.last().pairs)
	if pairs == nil {
		pairs = map[string]string{}
	}
	m.mutate(rt, o, pairs, 0)
	second, secondPairs := kv.NewOverlay(o.Freeze()), maps.Clone(pairs)
	m.mutate(rt, second, secondPairs, 0)
	m.commitOverlay(rt, m.nextTimestamp(rt), o, pairs)
	m.mutate(rt, second, secondPairs, 1)
	between := m.snapshot(rt, m.last().ts)
	defer between.Close()
	m.compare(rt, second.Freeze(), secondPairs)
	m.compare(rt, second.Over(between), secondPairs)
	m.commitOverlay(rt, m.nextTimestamp(rt), second, secondPairs)
}

func (m *machine) open(rt *rapid.T) {
	ts := kv.Timestamp(rapid.Uint64Range(0, uint64(m.last().ts)+1).Draw(rt, "at"))
	snap, err := m.db.SnapshotAt(ts)
	var want error
	switch {
	case ts > m.last().ts:
		want = kv.ErrFuture
	case ts < m.horizon:
		want = kv.ErrSnapshotGone
	}
	if !errors.Is(err, want) {
		rt.Fatalf("SnapshotAt(%d): %v, want %v", ts, err, want)
	}
	if err == nil {
		m.snaps = append(m.snaps, snap)
	}
}

func (m *machine) close(rt *rapid.T) {
	if len(m.snaps) == 0 {
		rt.Skip("no snapshot is open")
	}
	i := rapid.IntRange(0, len(m.snaps)-1).Draw(rt, "snapshot")
	m.snaps[i].Close()
	m.snaps = append(m.snaps[:i], m.snaps[i+1:]...)
}

func (m *machine) read(rt *rapid.T) {
	if len(m.snaps) == 0 {
		rt.Skip("no snapshot is open")
	}
	snap := rapid.SampledFrom(m.snaps).Draw(rt, "snapshot")
	m.compare(rt, snap, m.at(snap.Timestamp()).pairs)
}

func (m *machine) setHorizon(rt *rapid.T) {
	ts := kv.Timestamp(rapid.Uint64Range(0, uint64(m.last().ts)+2).Draw(rt, "horizon"))
	want := min(ts, m.last().ts)
	for _, s := range m.snaps {
		want = min(want, s.Timestamp())
	}
	m.horizon = max(m.horizon, want)
	if got, err := m.db.SetHorizon(ts); err != nil || got != m.horizon {
		rt.Fatalf("SetHorizon(%d) = %d, %v, want %d", ts, got, err, m.horizon)
	}
}

func (m *machine) cutOff(rt *rapid.T) {
	ts := kv.Timestamp(rapid.Uint64Range(0, uint64(m.last().ts)).Draw(rt, "cut"))
	var kept []kv.Snapshot
	want := 0
	defer func() { m.snaps = kept }()
	for _, s := range m.snaps {
		if s.Timestamp() < ts {
			want++
			defer s.Close()
		} else {
			kept = append(kept, s)
		}
	}
	if got := m.db.Cut(ts); got != want {
		rt.Fatalf("Cut(%d) = %d, want %d", ts, got, want)
	}
	for _, s := range m.snaps {
		if _, err := s.Get([]byte("a")); s.Timestamp() < ts && !errors.Is(err, kv.ErrSnapshotGone) {
			rt.Fatalf("Get from a cut snapshot: %v", err)
		}
	}
}

func (m *machine) reopen(rt *rapid.T) {
	if rapid.IntRange(0, 3).Draw(rt, "rarely") > 0 {
		rt.Skip("not now")
	}
	m.closeAll()
	m.db = m.store.Reopen(m.t, m.db)
	if got := m.db.LastTimestamp(); got != m.last().ts {
		rt.Fatalf("LastTimestamp after reopening = %d, want %d", got, m.last().ts)
	}
	if got := m.db.Horizon(); got != m.horizon {
		rt.Fatalf("Horizon after reopening = %d, want %d", got, m.horizon)
	}
}

func (m *machine) closeAll() {
	for _, s := range m.snaps {
		s.Close()
	}
	m.snaps = nil
}
