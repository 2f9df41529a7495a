package acl

import (
	"maps"
	"slices"

	"gatehouse/directory"
)

// Guarded is whom and what the automatic guards hold, as far as the program alone says it: the entries follow from a directory.
type Guarded struct {
	Principals []Subject       // whom power statements match, each alternative by itself
	Groups     []directory.NDN // privileged groups that are named
	Attributes []string        // credentials and authority-bearing attributes, by name
	Anchors    []directory.NDN // entries that the policy stands on, and those above
}

// Guarded returns the guarded sets of the policy, sorted.
func (p *Policy) Guarded() (g Guarded) {
	if p == nil || p.program == nil {
		return g
	}
	g.Principals = slices.Clone(p.guardSets.who)
	g.Groups = slices.Sorted(maps.Keys(p.guardSets.groups))
	g.Anchors = slices.Sorted(maps.Keys(p.guardSets.anchors))
	for col, no := range p.columns.typeNos {
		if no >= 0 && (p.authority.has(col) || p.groupAuthority.has(col)) {
			g.Attributes = append(g.Attributes, p.schema.TypeNo(no).Name())
		}
	}
	slices.Sort(g.Attributes)
	g.Attributes = slices.Compact(g.Attributes)
	return g
}

// IsOwn reports whether the subject can only be the target itself.
func IsOwn(s Subject) bool { return isOwn(s) }

// The actions that guards may keep from a statement which does not include what they hold.
const (
	GuardedOnPrincipals = guardPrincipal | makes
	GuardedOnGroups     = takesAway | makes
	GuardedOnAnchors    = takesAway
)
