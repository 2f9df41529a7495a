package acl

import (
	"strings"
	"sync"

	"gatehouse/directory"
)

// area is the zones that the entries in some scope may be in.
type area struct {
	no    int // of those that are the same set
	zones []*zone
}

// areas finds the area of a scope. Scopes that reach the same zones share one.
type areas struct {
	mu      sync.RWMutex
	byPlace map[place]*area
	byZones map[string]*area
}

const (
	areasMax      = 256  // further ones are as everything
	areaPlacesMax = 4096 // scopes whose areas are kept
)

// areaOf returns the area of a scope. It does not keep base.
func (p *Policy) areaOf(base directory.NDN, scope directory.Scope) *area {
	if base == "" && scope != directory.ScopeBase {
		return p.all
	}
	p.areas.mu.RLock()
	a := p.areas.byPlace[place{base, scope}]
	p.areas.mu.RUnlock()
	if a != nil {
		return a
	}
	a = p.newArea(p.zonesIn(place{base, scope}))
	p.areas.mu.Lock()
	defer p.areas.mu.Unlock()
	if p.areas.byPlace == nil || len(p.areas.byPlace) >= areaPlacesMax {
		p.areas.byPlace = make(map[place]*area)
	}
	p.areas.byPlace[place{directory.NDN(strings.Clone(string(base))), scope}] = a
	return a
}

// newArea returns the area of the zones in a set.
func (p *Policy) newArea(in []bool) *area {
	key := make([]byte, len(p.zones))
	a := &area{}
	_, root := p.bases[""]
	for i, z := range p.zones {
		if in[i] && !z.virtual && !(root && i == 0) {
			key[i] = 1
			a.zones = append(a.zones, z)
		}
	}
	p.areas.mu.Lock()
	defer p.areas.mu.Unlock()
	if known := p.areas.byZones[string(key)]; known != nil {
		return known
	}
	if p.areas.byZones == nil {
		p.areas.byZones = make(map[string]*area)
	}
	if len(p.areas.byZones) >= areasMax {
		return p.everything
	}
	a.no = len(p.areas.byZones)
	p.areas.byZones[string(key)] = a
	return a
}

// zonesIn says which zones entries of a place may be in.
func (p *Policy) zonesIn(pl place) []bool {
	in := make([]bool, len(p.zones))
	z := p.zoneOf(pl.base)
	deeper := func(by int) {
		if z.no == 0 {
			in[0] = true
		} else {
			in[z.no-z.depth+min(z.depth+by, 2)] = true
		}
	}
	below := pl.scope == directory.ScopeSub || pl.scope == directory.ScopeChildren
	if pl.scope == directory.ScopeBase || pl.scope == directory.ScopeSub {
		deeper(0)
	}
	if below || pl.scope == directory.ScopeOne {
		deeper(1)
	}
	if below {
		deeper(2)
	}
	for base, first := range p.bases {
		switch {
		case base == pl.base: // its own zones are there
		case pl.holds(base):
			in[first] = true
		}
		if below && base != pl.base && base.IsUnder(pl.base) {
			in[first], in[first+1], in[first+2] = true, true, true
		}
	}
	return in
}

// layAreas makes the areas that are always asked for: of the naming contexts, or of everything if the program names none.
func (p *Policy) layAreas() {
	all := make([]bool, len(p.zones))
	for i := range all {
		all[i] = true
	}
	p.everything = p.newArea(all)
	if p.all = p.everything; len(p.program.Suffixes) == 0 {
		return
	}
	clear(all)
	for _, suffix := range p.program.Suffixes {
		for i, is := range p.zonesIn(place{suffix, directory.ScopeSub}) {
			all[i] = all[i] || is
		}
	}
	p.all = p.newArea(all)
}
