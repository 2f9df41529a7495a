package storage

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"gatehouse/directory"
	"gatehouse/storage/kv"
	"gatehouse/storage/memkv"
)

// A gate is a memkv.Hook that can hold up or fail the next commits.
type gate struct {
	mu      sync.Mutex
	faults  []memkv.Fault // of the next commits
	hold    chan struct{} // commits wait for it, when set
	arrived chan struct{} // gets one for each commit that waits
}

func (g *gate) hook(int, kv.Timestamp) memkv.Fault {
	g.mu.Lock()
	hold := g.hold
	g.mu.Unlock()
	if hold != nil {
		g.arrived <- struct{}{}
		<-hold
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.faults) == 0 {
		return memkv.NoFault
	}
	fault := g.faults[0]
	g.faults = g.faults[1:]
	return fault
}

func (g *gate) fail(faults ...memkv.Fault) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.faults = faults
}

// shut makes commits wait until the function that it returns is called.
func (g *gate) shut() (open func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	hold := make(chan struct{})
	g.hold, g.arrived = hold, make(chan struct{}, 100)
	return func() {
		g.mu.Lock()
		g.hold = nil
		g.mu.Unlock()
		close(hold)
	}
}

func gatedFixture(t *testing.T, o memkv.Options) (*fixture, *gate, *memkv.DB) {
	g := new(gate)
	o.Hook = g.hook
	db := memkv.Open(o)
	return newFixture(t, db, testOptions()), g, db
}

// start proposes in the background.
func (f *fixture) start(ctx context.Context, c Change) <-chan outcome {
	done := make(chan outcome, 1)
	go func() {
		r, err := f.Propose(ctx, Proposal{Change: c})
		done <- outcome{r, err}
	}()
	return done
}

// TestPipelining holds up the sync of one batch. The next one is built on it meanwhile, and readers see neither.
func TestPipelining(t *testing.T) {
	t.Parallel()
	f, g, _ := gatedFixture(t, memkv.Options{})
	base := f.create(0, "dc=x")
	before := f.Published()
	open := g.shut()
	first := f.start(t.Context(), f.change(create(base, "ou=a", attr("ou", "a"))))
	<-g.arrived // the first batch is being synced
	planned := make(chan struct{})
	second := make(chan outcome, 1)
	go func() {
		c := f.change(put(base))
		c.Guards = []Guard{NameFree{base, "ou=a"}}
		r, err := f.Propose(t.Context(), Proposal{Change: c, Replan: func(sn *Snapshot) (Change, error) {
			defer close(planned)
			id, err := sn.Lookup("ou=a,dc=x")
			return Change{Effects: []Effect{create(id, "ou=b")}}, err
		}})
		second <- outcome{r, err}
	}()
	<-planned // it was planned on the batch that is not durable yet
	if f.Published() != before {
		t.Errorf("published %d while change %d is being synced", f.Published(), before+1)
	}
	if _, err := f.snapshot().Lookup("ou=a,dc=x"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a reader sees a change that is not durable: %v", err)
	}
	select {
	case o := <-first:
		t.Errorf("answered before the sync: %+v", o)
	default:
	}
	open()
	a, b := <-first, <-second
	if a.err != nil || b.err != nil || a.result.CSN != before+1 || b.result.CSN != before+2 {
		t.Errorf("results %+v and %+v, want changes %d and %d", a, b, before+1, before+2)
	}
	if id := f.lookup("ou=b,ou=a,dc=x"); id != b.result.IDs[0] {
		t.Errorf("Lookup = %d, want %d", id, b.result.IDs[0])
	}
}

// TestNoSpace refuses a batch, and with it the one that was built on it. The store goes on, with dense CSNs, and the same
// changes can be proposed again.
func TestNoSpace(t *testing.T) {
	t.Parallel()
	f, g, _ := gatedFixture(t, memkv.Options{})
	base := f.create(0, "dc=x")
	before := f.Published()
	open := g.shut()
	g.fail(memkv.NoSpace)
	c1 := f.change(create(base, "ou=a"))
	first := f.start(t.Context(), c1)
	<-g.arrived
	planned := make(chan struct{})
	c2 := f.change(put(base))
	second := make(chan outcome, 1)
	go func() {
		p := Proposal{Change: c2, Replan: func(sn *Snapshot) (Change, error) {
			defer close(planned)
			id, err := sn.Lookup("ou=a,dc=x")
			return Change{Effects: []Effect{create(id, "ou=b")}}, err
		}}
		p.Change.Guards = []Guard{NameFree{base, "ou=a"}}
		r, err := f.Propose(t.Context(), p)
		second <- outcome{r, err}
	}()
	<-planned
	open()
	for i, done := range []<-chan outcome{first, second} {
		o := <-done
		wantCode(t, fmt.Sprint("batch ", i), o.err, directory.Unavailable)
		wantErr(t, fmt.Sprint("batch ", i), o.err, kv.ErrNoSpace)
	}
	for i, c := range []Change{c1, c2} {
		r, err := f.Propose(t.Context(), Proposal{Change: c})
		if want := before + 1 + directory.CSN(i); err != nil || r.CSN != want {
			t.Errorf("again: %+v, %v, want change %d", r, err, want)
		}
	}
	select {
	case err := <-f.Failed():
		t.Errorf("the store failed: %v", err)
	default:
	}
}

func TestFailedSync(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fault memkv.Fault
		kept  bool
	}{{"lost", memkv.FailLost, false}, {"kept", memkv.FailKept, true}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := testOptions()
			o.Dir = t.TempDir()
			g := new(gate)
			db := memkv.Open(memkv.Options{Hook: g.hook})
			f := newFixture(t, db, o)
			base := f.create(0, "dc=x")
			g.fail(test.fault)
			c := f.change(create(base, "ou=a"))
			_, err := f.Propose(t.Context(), Proposal{Change: c})
			wantCode(t, "the failed sync", err, directory.Unavailable)
			_, err = f.propose(put(base))
			wantCode(t, "after it", err, directory.Unavailable)
			if err := <-f.Failed(); !errors.Is(err, kv.ErrBroken) {
				t.Errorf("Failed gets %v, want ErrBroken", err)
			}
			if _, err := f.snapshot().Entry(base); err != nil {
				t.Errorf("reading on: %v", err)
			}
			s, err := Open(db.Crash(memkv.CrashOptions{}), o)
			if err != nil {
				t.Fatalf("Open after the crash: %v", err)
			}
			again := fixtureOf(t, s)
			_, err = again.snapshot().Lookup("ou=a,dc=x")
			if kept := err == nil; kept != test.kept {
				t.Errorf("the change is there: %v, want %v", kept, test.kept)
			}
			r, err := again.Propose(t.Context(), Proposal{Change: c})
			if err != nil || r.CSN != 3 || len(r.IDs) != 1 {
				t.Errorf("the change again: %+v, %v, want CSN 3 and one ID", r, err)
			}
			if got := again.Published(); got != 3 {
				t.Errorf("published %d, want 3", got)
			}
		})
	}
}

// TestRepeatedChange proposes a change twice: one after the other, in one batch, and after a restart.
func TestRepeatedChange(t *testing.T) {
	t.Parallel()
	f, g, db := gatedFixture(t, memkv.Options{})
	base := f.create(0, "dc=x")
	c := f.change(create(base, "ou=a"), create(base, "ou=b"))
	want, err := f.Propose(t.Context(), Proposal{Change: c})
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, r Result, err error, want Result) {
		t.Helper()
		if fmt.Sprint(r, err) != fmt.Sprint(want, error(nil)) {
			t.Errorf("%s: %+v, %v, want %+v", what, r, err, want)
		}
	}
	r, err := f.Propose(t.Context(), Proposal{Change: c})
	check("again", r, err, want)

	open := g.shut()
	blocked := f.start(t.Context(), f.change(put(base)))
	<-g.arrived
	twice := f.change(create(base, "ou=c"))
	x, y := f.start(t.Context(), twice), f.start(t.Context(), twice)
	open()
	<-blocked
	a, b := <-x, <-y
	check("in one batch", a.result, errors.Join(a.err, b.err), b.result)

	s, err := Open(db.Reopen(), testOptions())
	if err != nil {
		t.Fatal(err)
	}
	again := fixtureOf(t, s)
	r, err = again.Propose(t.Context(), Proposal{Change: c})
	check("after a restart", r, err, want)
}

// TestCancel ends the context of a proposal that the full batch has no room for.
func TestCancel(t *testing.T) {
	t.Parallel()
	f, g, _ := gatedFixture(t, memkv.Options{BatchKeysMax: batchReserveKeys + 40})
	base := f.create(0, "dc=x")
	ended, end := context.WithCancel(t.Context())
	end()
	_, err := f.Propose(ended, Proposal{Change: f.change(put(base))})
	wantErr(t, "a context that has ended", err, context.Canceled)

	open := g.shut()
	answers := []<-chan outcome{f.start(t.Context(), f.change(put(base)))}
	<-g.arrived
	for i := range 40 {
		answers = append(answers, f.start(t.Context(), f.change(create(base, fmt.Sprint("ou=", i)))))
	}
	ctx, cancel := context.WithCancel(t.Context())
	for len(f.queue) < 20 { // the next batch is full and one more waits
		runtime.Gosched()
	}
	late := f.start(ctx, f.change(create(base, "ou=late")))
	for len(f.queue) < 21 {
		runtime.Gosched()
	}
	cancel()
	o := <-late
	wantErr(t, "a proposal that waited", o.err, context.Canceled)
	open()
	for i, done := range answers {
		if o := <-done; o.err != nil {
			t.Errorf("proposal %d: %v", i, o.err)
		}
	}
	f.must(put(base)) // everything before it has been taken
	_, err = f.snapshot().Lookup("ou=late,dc=x")
	wantErr(t, "Lookup of what was cancelled", err, ErrNotFound)
}

func TestClose(t *testing.T) {
	t.Parallel()
	f := memFixture(t)
	base := f.create(0, "dc=x")
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			own := fixture{Store: f.Store, t: t, changes: uint64(i+1) << 32}
			for {
				if _, err := own.propose(put(base)); err != nil {
					wantErr(t, "Propose during Close", err, ErrClosed)
					return
				}
			}
		})
	}
	f.must(put(base))
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	group.Wait()
	_, err := f.propose(put(base))
	wantErr(t, "Propose after Close", err, ErrClosed)
}

func TestMalformedChange(t *testing.T) {
	t.Parallel()
	f := memFixture(t)
	base := f.create(0, "dc=x")
	for name, effects := range map[string][]Effect{
		"none":              nil,
		"no entry":          {CreateEntry{Parent: base, RDN: "a", NRDN: "a"}},
		"no name":           {CreateEntry{Parent: base, Entry: directory.StoredEntry(nil)}},
		"computed":          {PutAttributes{ID: base, Set: []directory.Attribute{attr("entryDN", "x")}}},
		"empty":             {PutAttributes{ID: base, Set: []directory.Attribute{attr("cn")}}},
		"twice":             {PutAttributes{ID: base, Set: []directory.Attribute{attr("cn", "a"), attr("cn", "b")}}},
		"nil effect":        {nil},
		"create of a store": {createStore{}},
		"no description":    {AddReference{ID: base, Reference: Reference{Target: "dc=x"}}},
	} {
		_, err := f.propose(effects...)
		wantErr(t, name, err, ErrChange)
	}
	for name, effect := range map[string]Effect{
		"put":    put(99),
		"delete": DeleteEntry{99},
		"move":   move(99, base, "ou=a"),
		"add":    AddReference{99, reference("member", "dc=x")},
		"below":  create(99, "ou=a"),
		"into":   move(base, 99, "ou=a"),
	} {
		_, err := f.propose(effect)
		wantCode(t, name+" of an entry that is not there", err, directory.NoSuchObject)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	f := newFixture(t, memkv.Open(memkv.Options{BatchKeysMax: 600}), testOptions())
	base := f.create(0, "dc=x")
	large := string(make([]byte, valueBytesMax+1))
	var many []Effect
	for i := range 200 {
		many = append(many, create(base, fmt.Sprint("ou=many-", i), attr("cn", fmt.Sprint(i))))
	}
	deep := base
	for i := range depthNewMax - 1 {
		deep = f.create(deep, fmt.Sprint("ou=", i))
	}
	values := make([]string, 5)
	for i := range values {
		values[i] = large[:valueBytesMax]
	}
	for name, effects := range map[string][]Effect{
		"a large value":     {PutAttributes{ID: base, Set: []directory.Attribute{attr("description", large)}}},
		"many large values": {PutAttributes{ID: base, Set: []directory.Attribute{attr("description", values...)}}},
		"many keys":         many,
		"depth":             {create(deep, "ou=one-more")},
		"metadata":          {PutMeta{Key: "x", Value: []byte(large)}},
	} {
		_, err := f.propose(effects...)
		wantCode(t, name, err, directory.AdminLimitExceeded)
	}
	// What just fits is read back whole, and is gone when it is replaced.
	value := large[:valueBytesMax-100]
	f.must(PutAttributes{ID: base, Set: []directory.Attribute{attr("description", value)}})
	e, err := f.snapshot().Entry(base)
	if err != nil || string(e.Get(desc("description")).First()) != value {
		t.Errorf("a long value is not what was written: %v", err)
	}
}
