package storage

import (
	"errors"
	"slices"

	"gatehouse/directory"
	"gatehouse/directory/filter"
)

// Bounds of planning. They bound work and memory of a search before its first candidate is known.
const (
	planBoundedMax = 64      // candidates of a plan that may run on the connection's own goroutine
	planEnough     = 16      // with so few candidates no further term is read
	planProbeMin   = 64      // with more candidates, large sets are intersected chunk by chunk
	planRangeSome  = 4 << 10 // IDs read of a range or presence term when another term narrows too
	planIDsMax     = 1 << 16 // IDs of one term in memory; beyond that the term narrows nothing
	planTreeMax    = 4 << 10 // entries of a small subtree that is walked instead of the whole store
	planSample     = 8       // chunks read to estimate the size of a large set
	planGramsMax   = 16      // n-grams of one substring term that are looked at
	planSetsMax    = 8       // large sets that are intersected: n-grams of one word say much the same
)

// PlanOptions are the wishes of a search. The zero value is right for most.
type PlanOptions struct {
	// ScopeOnly ignores the filter and proposes every entry of the scope.
	ScopeOnly bool
	// Page is how many candidates are asked for about, if the search goes on with other Plans; zero: all. What a Plan reads before its
	// first candidate is read for each page again.
	Page int
	// LargeScope says that another Plan of the search has found the scope too large to be walked, see [Plan.LargeScope].
	LargeScope bool
}

// A Plan proposes the entries of a scope that may match a filter, each once, in ascending order of ID: a
// superset of those that do. It counts before it walks: small sets are known at once, of large ones only the
// smallest are read, chunk by chunk as Next asks for them.
//
//  1. An entry of the scope for which the filter is True is proposed; the filter decides about all others.
//  2. A node whose Rights are Mixed may narrow, because the filter asks again for each entry. No complement
//     is ever taken, so that Undefined (which Not keeps) cannot become a match or hide one.
//  3. Between calls nothing is open but the Snapshot, which must outlive the Plan. There is nothing to close.
//
// A Plan belongs to one goroutine.
type Plan struct {
	v     *view
	ix    *indexer
	root  *filter.Node
	base  directory.EntryID
	scope directory.Scope
	opt   PlanOptions

	ids      idSet // the candidates, or the next of them
	pos      int
	walk     planWalk
	stream   chunkStream       // for walkChunks
	scanned  directory.EntryID // for walkAll: every entry up to here was in ids
	inScope  bool              // ids are known to be in the scope
	large    bool              // the scope is too large to be walked
	covered  bool
	looked   int
	batchMax int

	key   []byte
	arena []directory.EntryID
	trace *planTrace
	keys  [128]byte
	first [inlineMax]directory.EntryID
}

// planWalk says where the candidates come from when ids is used up.
type planWalk uint8

const (
	walkIDs    planWalk = iota // nowhere: ids is all
	walkChunks                 // from the chunks of large sets
	walkAll                    // from all entries of the store
)

// Plan returns the candidates for a compiled filter below base. A zero base is the root above all naming
// contexts.
func (sn *Snapshot) Plan(root *filter.Node, base directory.EntryID, scope directory.Scope, opt PlanOptions) (*Plan, error) {
	p := &Plan{v: &sn.view, ix: sn.store.indexes, root: root, base: base, scope: scope, opt: opt}
	if err := p.make(); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *Plan) make() error {
	p.key, p.arena = p.keys[:0], p.first[:0]
	p.covered = true
	if p.scope == directory.ScopeBase {
		p.trace.use("the base alone")
		p.useIDs(append(p.arena, p.base), true)
		return nil
	}
	t := term{kind: termAll, covered: true}
	if !p.opt.ScopeOnly {
		var err error
		if t, err = p.node(p.root, planIDsMax); err != nil {
			return err
		}
	}
	p.covered = t.kind != termAll || t.covered
	return p.choose(t)
}

// Next returns the first candidate whose ID is greater than after; false at the end. Between calls after
// only grows; the first call may resume where another Plan for the same filter stopped.
func (p *Plan) Next(after directory.EntryID) (directory.EntryID, bool, error) {
	for {
		if p.pos < len(p.ids) && p.ids[p.pos] <= after {
			if p.pos++; p.pos < len(p.ids) && p.ids[p.pos] <= after {
				p.pos += p.ids[p.pos:].seek(after + 1)
			}
		}
		if p.pos == len(p.ids) {
			if more, err := p.fill(after); !more || err != nil {
				return 0, false, err
			}
			continue
		}
		id := p.ids[p.pos]
		p.pos++
		p.looked++
		in, err := p.isInScope(id)
		if errors.Is(err, ErrNotFound) {
			err = corrupt("an index names entry %d, which does not exist", id)
		}
		if err != nil {
			return 0, false, err
		}
		if in {
			return id, true, nil
		}
	}
}

// Bounded returns the number of candidates if it is known and small enough to be answered at once.
func (p *Plan) Bounded() (n int, ok bool) {
	if p.walk != walkIDs || len(p.ids) > planBoundedMax {
		return 0, false
	}
	return len(p.ids), true
}

// Indexed reports whether an index or the size of the scope limits what is looked at. It is false when every
// entry of a large scope must be looked at because of a term that has no index.
func (p *Plan) Indexed() bool { return p.covered }

// LargeScope reports that the scope was found too large to be walked, which took a while.
func (p *Plan) LargeScope() bool { return p.large }

// LookedAt returns the number of candidates looked at so far, those outside the scope included.
func (p *Plan) LookedAt() int { return p.looked }

// useIDs makes ids all of the candidates.
func (p *Plan) useIDs(ids idSet, inScope bool) {
	p.ids, p.pos, p.walk, p.inScope = ids, 0, walkIDs, inScope
}

// fill reads the next candidates behind after; false when there are none.
func (p *Plan) fill(after directory.EntryID) (bool, error) {
	switch p.walk {
	case walkChunks:
		var c chunk
		from := max(p.scanned, after) + 1
		no, ok, err := p.stream.next(chunkOf(from), &c)
		if !ok || err != nil {
			return false, err
		}
		p.ids, p.pos = c.appendIDs(p.ids[:0], no), 0
		p.pos = p.ids.seek(from)
		p.scanned = directory.EntryID((no+1)<<chunkShift - 1)
		return true, nil
	case walkAll:
		p.batchMax = min(max(64, p.batchMax*4), chunkIDs)
		ids, err := p.v.appendEntryIDs(p.ids[:0], max(p.scanned, after), p.batchMax)
		if err != nil || len(ids) == 0 {
			return false, err
		}
		p.ids, p.pos, p.scanned = ids, 0, ids[len(ids)-1]
		return true, nil
	default:
		return false, nil
	}
}

// A term is what one node of the filter says about the candidates.
type term struct {
	kind    termKind
	covered bool   // of termAll: there is an index, but it names too many
	counted bool   // est is exact
	est     uint64 // how many, about
	ids     idSet  // of termIDs
	set     []byte // of termSet
	parts   []term // of termOr and termAnd
}

type termKind uint8

const (
	termAll termKind = iota // nothing is known
	termIDs                 // IDs in memory
	termSet                 // a set stored in chunks
	termOr                  // the union of the parts
	termAnd                 // the part of the first that is in the others, which are termSets
)

func idsTerm(ids idSet) term {
	return term{kind: termIDs, ids: ids, est: uint64(len(ids)), counted: true}
}

// keep returns what was appended to the arena from a place on.
func (p *Plan) keep(from int) idSet { return idSet(slices.Clip(p.arena[from:])) }
