package storage

import (
	"fmt"
	"slices"
	"strings"

	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// IndexKinds is a set of ways in which an attribute is indexed. For ordinary attributes presence needs
// no kind of its own: it is the union of the equality keys.
type IndexKinds uint8

// The kinds of index.
const (
	IndexEquality  IndexKinds = 1 << iota // (attr=value), and presence
	IndexSubstring                        // (attr=a*b*c) by n-grams
	IndexOrdering                         // (attr>=value) and (attr<=value) by seeks; (attr=value) where nothing better is
	IndexPresence                         // (attr=*) of a reference attribute or memberOf, whose links are no index keys
)

// IndexDefinition says how one attribute type is indexed. Values of its subtypes and values with
// options are in the same index.
type IndexDefinition struct {
	Number    uint16 // names the index in keys, for ever; zero gets the next free one
	Attribute string // name of the attribute type
	Kinds     IndexKinds
}

// DefaultIndexes returns the indexes of a new store. The equality indexes of reference attributes
// hold only the values that are not links: names outside the naming contexts and the like. Links are found from
// their targets, and their sources by IndexPresence.
func DefaultIndexes() []IndexDefinition {
	const (
		eq  = IndexEquality
		sub = IndexSubstring
		ord = IndexOrdering
		pre = IndexPresence
	)
	defs := []IndexDefinition{
		{Attribute: "objectClass", Kinds: eq},
		{Attribute: "uid", Kinds: eq | sub},
		{Attribute: "cn", Kinds: eq | sub},
		{Attribute: "sn", Kinds: eq | sub},
		{Attribute: "givenName", Kinds: eq | sub},
		{Attribute: "mail", Kinds: eq | sub},
		{Attribute: "displayName", Kinds: sub},
		{Attribute: "uidNumber", Kinds: eq | ord},
		{Attribute: "gidNumber", Kinds: eq | ord},
		{Attribute: "memberUid", Kinds: eq},
		{Attribute: "employeeNumber", Kinds: eq},
		{Attribute: "sudoUser", Kinds: eq},
		{Attribute: "sudoHost", Kinds: eq},
		{Attribute: "automountMapName", Kinds: eq},
		{Attribute: "automountKey", Kinds: eq},
		{Attribute: "entryUUID", Kinds: eq},
		{Attribute: "modifyTimestamp", Kinds: ord},
		{Attribute: "createTimestamp", Kinds: ord},
		{Attribute: "entryUSN", Kinds: ord},
		{Attribute: "member", Kinds: eq | pre},
		{Attribute: "uniqueMember", Kinds: eq | pre},
		{Attribute: "manager", Kinds: eq | pre},
		{Attribute: "owner", Kinds: eq | pre},
		{Attribute: "seeAlso", Kinds: eq | pre},
		{Attribute: "secretary", Kinds: eq | pre},
		{Attribute: "roleOccupant", Kinds: eq | pre},
		{Attribute: "memberOf", Kinds: pre},
		{Attribute: "nisMapName", Kinds: eq},
		{Attribute: "nisNetgroupTriple", Kinds: eq},
		{Attribute: "ipHostNumber", Kinds: eq},
		{Attribute: "ipNetworkNumber", Kinds: eq},
		{Attribute: "ipServicePort", Kinds: eq},
		{Attribute: "macAddress", Kinds: eq},
		{Attribute: "krbPrincipalName", Kinds: eq},
	}
	for i := range defs {
		defs[i].Number = uint16(i + 1)
	}
	return defs
}

// An attributeIndex is one index definition with its type found in the schema.
type attributeIndex struct {
	IndexDefinition
	typ    *schema.AttributeType
	source indexSource
}

// indexSource says where the values of an index come from.
type indexSource uint8

const (
	fromEntry      indexSource = iota // the attributes of the entry
	fromModifyTime                    // the stamp's time
	fromCSN                           // the stamp's CSN
	fromMembership                    // the stamp, which knows whether there are links
)

func (a *attributeIndex) has(k IndexKinds) bool { return a.Kinds&k != 0 }

// An indexer knows the indexes of a store under one schema. It is immutable and safe for concurrent
// use.
type indexer struct {
	schema  *schema.Schema
	indexes []*attributeIndex
	links   []*attributeIndex // those with IndexPresence
	ofType  []*attributeIndex // by type number: the index of exactly this type, or nil
	ofValue [][]int           // by type number: the indexes that hold values of this type
}

// newIndexer resolves definitions, which all have a number.
func newIndexer(s *schema.Schema, defs []IndexDefinition) (*indexer, error) {
	ix := &indexer{
		schema:  s,
		ofType:  make([]*attributeIndex, s.TypeCount()),
		ofValue: make([][]int, s.TypeCount()),
	}
	numbers := make(map[uint16]bool)
	for _, def := range defs {
		typ := s.TypeByName(def.Attribute)
		switch {
		case typ == nil:
			return nil, fmt.Errorf("index %s: the schema has no such attribute type", def.Attribute)
		case def.Number == 0 || numbers[def.Number]:
			return nil, fmt.Errorf("index %s: number %d is zero or not its own", def.Attribute, def.Number)
		case ix.ofType[typ.No] != nil:
			return nil, fmt.Errorf("index %s: defined twice", def.Attribute)
		}
		if err := checkIndexKinds(def, typ); err != nil {
			return nil, err
		}
		numbers[def.Number] = true
		ix.add(&attributeIndex{IndexDefinition: def, typ: typ, source: indexSourceOf(typ)})
	}
	return ix, nil
}

// ordersAsItEquals reports whether the ordering key of a value is its equality key, so that equality is a range of one
// value: the two rules of a family prepare values in the same way.
func (a *attributeIndex) ordersAsItEquals() bool {
	if a.typ.Equality == nil || a.typ.Ordering == nil {
		return false
	}
	equality, one := strings.CutSuffix(a.typ.Equality.Name(), "Match")
	ordering, other := strings.CutSuffix(a.typ.Ordering.Name(), "OrderingMatch")
	return one && other && equality == ordering
}

// numbered returns the index with a number; nil when there is none.
func (ix *indexer) numbered(number uint16) *attributeIndex {
	for _, a := range ix.indexes {
		if a.Number == number {
			return a
		}
	}
	return nil
}

func (ix *indexer) add(a *attributeIndex) {
	ix.ofType[a.typ.No] = a
	i := len(ix.indexes)
	ix.indexes = append(ix.indexes, a)
	if a.has(IndexPresence) {
		ix.links = append(ix.links, a)
	}
	if a.source != fromEntry {
		return
	}
	for _, no := range ix.schema.Subtypes(a.typ.No) {
		ix.ofValue[no] = append(ix.ofValue[no], i)
	}
}

func checkIndexKinds(def IndexDefinition, typ *schema.AttributeType) error {
	switch {
	case def.Kinds == 0:
		return fmt.Errorf("index %s: no kind", def.Attribute)
	case def.Kinds&IndexSubstring != 0 && typ.Substr == nil:
		return fmt.Errorf("index %s: the attribute type has no substring rule", def.Attribute)
	case def.Kinds&IndexOrdering != 0 && typ.Ordering == nil:
		return fmt.Errorf("index %s: the attribute type has no ordering rule", def.Attribute)
	case indexSourceOf(typ) == fromMembership:
		if def.Kinds != IndexPresence {
			return fmt.Errorf("index %s: only presence is possible", def.Attribute)
		}
	case indexSourceOf(typ) != fromEntry && def.Kinds != IndexOrdering:
		return fmt.Errorf("index %s: only ordering is possible", def.Attribute)
	case def.Kinds&IndexPresence != 0 && typ.Flags&directory.FlagReference == 0:
		return fmt.Errorf("index %s: presence is that of equality keys", def.Attribute)
	case indexSourceOf(typ) == fromEntry && typ.Flags&directory.FlagComputed != 0:
		return fmt.Errorf("index %s: the attribute is computed", def.Attribute)
	}
	return nil
}

func indexSourceOf(typ *schema.AttributeType) indexSource {
	switch typ.Description().Key {
	case "modifytimestamp":
		return fromModifyTime
	case "entryusn":
		return fromCSN
	case "memberof":
		return fromMembership
	}
	return fromEntry
}

// numberIndexes gives a number to each definition that has none.
func numberIndexes(defs []IndexDefinition) []IndexDefinition {
	defs = slices.Clone(defs)
	top := uint16(0)
	for _, d := range defs {
		top = max(top, d.Number)
	}
	for i := range defs {
		if defs[i].Number == 0 {
			top++
			defs[i].Number = top
		}
	}
	return defs
}
