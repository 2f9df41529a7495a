package acl

import "gatehouse/directory"

// place is a base with a scope.
type place struct {
	base  directory.NDN
	scope directory.Scope
}

func (p place) holds(ndn directory.NDN) bool {
	switch p.scope {
	case directory.ScopeBase:
		return ndn == p.base
	case directory.ScopeOne:
		return ndn != p.base && ndn.Parent() == p.base && ndn != ""
	case directory.ScopeSub:
		return ndn.IsUnder(p.base)
	case directory.ScopeChildren:
		return ndn != p.base && ndn.IsUnder(p.base)
	default:
		return false
	}
}

// zone is a set of names that all statements treat alike as far as bases and scopes go: a base itself, what stands directly below
// it, and what stands deeper, each without what belongs to a base further down. Number 0 is what stands below no base.
type zone struct {
	no      int
	base    directory.NDN
	depth   int // 0 the base, 1 its children, 2 what is deeper
	places  bitset
	virtual bool // holds nothing but an entry that the server makes
}

// layZones makes the zones: three for each base and one for all the rest.
func (p *Policy) layZones() {
	words := (len(p.places) + 63) / 64
	p.zones = []*zone{{places: make(bitset, words)}}
	p.bases = make(map[directory.NDN]int32)
	for _, pl := range p.places {
		if _, ok := p.bases[pl.base]; ok {
			continue
		}
		p.bases[pl.base] = int32(len(p.zones))
		for depth := range 3 {
			p.zones = append(p.zones, &zone{no: len(p.zones), base: pl.base, depth: depth, places: make(bitset, words)})
		}
	}
	for _, z := range p.zones[1:] {
		z.virtual = z.base.IsUnder(SubschemaNDN) && z.base != "" || z.base == "" && z.depth == 0
		for n, pl := range p.places {
			in := false
			switch {
			case pl.base == z.base:
				in = z.depth == 0 && pl.scope == directory.ScopeBase || z.depth == 1 && pl.scope == directory.ScopeOne ||
					pl.scope == directory.ScopeSub || z.depth > 0 && pl.scope == directory.ScopeChildren
			case z.base.IsUnder(pl.base):
				in = pl.scope == directory.ScopeSub || pl.scope == directory.ScopeChildren ||
					pl.scope == directory.ScopeOne && z.depth == 0 && place{pl.base, pl.scope}.holds(z.base)
			}
			if in {
				z.places.add(n)
			}
		}
	}
	p.parents = make(map[directory.NDN]struct{})
	for base := range p.bases {
		if base != "" {
			p.parents[base.Parent()] = struct{}{}
		}
	}
	p.layAreas()
}

// zoneOf finds the zone of a name.
func (p *Policy) zoneOf(ndn directory.NDN) *zone {
	depth := int32(0)
	for at := ndn; ; at = at.Parent() {
		if first, ok := p.bases[at]; ok {
			return p.zones[first+min(depth, 2)]
		}
		if at == "" {
			return p.zones[0]
		}
		depth++
	}
}

// Memo is scratch memory for decisions, for one goroutine at a time; see [Source]. The zero Memo is ready.
type Memo struct {
	policy  *Policy
	search  bool // it is the memo of one who looks at many entries, and not of a write
	parents [parentsKept]parentZone
	tests   bitset
	key     []byte
	work    work
}

// parentZone says that all children of parent are in zone.
type parentZone struct {
	parent directory.EntryID
	zone   *zone
}

const parentsKept = 64

// Reset makes m forget where entries stand.
func (m *Memo) Reset() {
	m.parents = [parentsKept]parentZone{}
	m.policy = nil
}

// use makes m fit the policy.
func (m *Memo) use(p *Policy) {
	if m.policy == p {
		return
	}
	m.parents = [parentsKept]parentZone{}
	if n := (len(p.tests) + 63) / 64; cap(m.tests) < n {
		m.tests = make(bitset, n)
	} else {
		m.tests = m.tests[:n]
		clear(m.tests)
	}
	m.policy = p
}

// locate finds the zone of a target. Siblings share one unless one of them is a base.
func (p *Policy) locate(t Source, m *Memo) (*zone, error) {
	parent, err := t.Parent()
	if err != nil {
		return nil, err
	}
	if parent != 0 {
		if k := &m.parents[parent%parentsKept]; k.parent == parent {
			return k.zone, nil
		}
	}
	ndn, err := t.NDN()
	if err != nil {
		return nil, err
	}
	z := p.zoneOf(ndn)
	if parent != 0 {
		if _, mixed := p.parents[ndn.Parent()]; !mixed {
			m.parents[parent%parentsKept] = parentZone{parent, z}
		}
	}
	return z, nil
}
