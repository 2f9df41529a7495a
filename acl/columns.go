package acl

import (
	"errors"
	"fmt"
	"slices"

	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// The columns of the attributes that no statement names.
const (
	columnUser = iota
	columnOperational
	columnSecret
	columnsFixed
)

// optionSetsMax bounds the different combinations of options that statements name for one attribute type; each doubles its columns.
const optionSetsMax = 6

// columns numbers the attributes of a program: one column for each type that a statement names and each of its subtypes, one for
// each combination of options that matters, three for all the others.
type columns struct {
	of       []uint16 // by type number; 0xffff where not named
	optioned map[int]*optioned
	classes  []class // of each column
	typeNos  []int   // of each column; -1 of the fixed ones
	words    int
	relation bitset // member, uniqueMember, memberUid, memberOf
	hasRel   bool
	memberOf int // type number
	schema   *schema.Schema
}

// optioned is a type for which some statement names options: base+n is the column of descriptions that have the options of
// exactly those sets whose bits are in n.
type optioned struct {
	base int
	sets [][]string
}

const unnamed = 0xffff

// membership are the attributes that are one relation.
var membership = []string{"member", "uniqueMember", "memberUid", "memberOf"}

func newColumns(s *schema.Schema) *columns {
	c := &columns{
		schema: s, optioned: make(map[int]*optioned), memberOf: -1,
		classes: []class{classUser, classOperational, classConfidential}, typeNos: []int{-1, -1, -1},
	}
	if s == nil {
		return c
	}
	c.of = make([]uint16, s.TypeCount())
	for i := range c.of {
		c.of[i] = unnamed
	}
	if t := s.TypeByName("memberOf"); t != nil {
		c.memberOf = t.No
	}
	for _, name := range membership {
		if t := s.TypeByName(name); t != nil {
			c.addType(t)
		}
	}
	return c
}

// name makes columns for the attributes of a statement. All names come before the first call of seal.
func (c *columns) name(a *Attributes) error {
	if len(a.Types)+len(a.Described) > 0 && c.schema == nil {
		return errors.New("attributes are named without a schema")
	}
	for _, t := range a.Types {
		c.addType(t)
	}
	for _, d := range a.Described {
		for _, no := range c.schema.Subtypes(d.TypeNo) {
			c.addType(c.schema.TypeNo(no))
			o := c.optioned[no]
			if o == nil {
				o = &optioned{}
				c.optioned[no] = o
			}
			same := func(set []string) bool { return slices.Equal(set, d.Options) }
			if !slices.ContainsFunc(o.sets, same) {
				o.sets = append(o.sets, d.Options)
			}
			if len(o.sets) > optionSetsMax {
				return fmt.Errorf("more than %d sets of options of %s", optionSetsMax, d.Name)
			}
		}
	}
	return nil
}

func (c *columns) addType(t *schema.AttributeType) {
	for _, no := range c.schema.Subtypes(t.No) {
		if c.of[no] == unnamed {
			c.of[no] = uint16(len(c.classes))
			c.add(no)
		}
	}
}

func (c *columns) add(no int) {
	c.classes = append(c.classes, c.classOf(c.schema.TypeNo(no).Description()))
	c.typeNos = append(c.typeNos, no)
}

// seal makes the columns of options and ends the naming.
func (c *columns) seal() {
	for no, o := range c.optioned {
		o.base = len(c.classes)
		for range 1 << len(o.sets) {
			c.add(no)
		}
		c.of[no] = unnamed
	}
	c.words = (len(c.classes) + 63) / 64
	c.relation = make(bitset, c.words)
	if c.schema == nil {
		return
	}
	for _, name := range membership {
		if t := c.schema.TypeByName(name); t != nil {
			c.hasRel = true
			c.setTypes(c.relation, t)
		}
	}
}

// column returns the column of a description.
func (c *columns) column(d *directory.AttributeDescription) int {
	if no := d.TypeNo; no < len(c.of) {
		if col := c.of[no]; col != unnamed {
			return int(col)
		}
		if len(c.optioned) > 0 {
			if o := c.optioned[no]; o != nil {
				n := 0
				for i, set := range o.sets {
					if containsAll(d.Options, set) {
						n |= 1 << i
					}
				}
				return o.base + n
			}
		}
	}
	switch c.classOf(d) {
	case classConfidential:
		return columnSecret
	case classOperational:
		return columnOperational
	default:
		return columnUser
	}
}

// covered reports whether a set has the columns of all descriptions of a type that have these options. The range of languages
// (RFC 3866) that an option may be stands for any.
func (c *columns) covered(b bitset, d *directory.AttributeDescription, options []string) bool {
	if len(c.optioned) == 0 {
		return b.has(c.column(d))
	}
	o := c.optioned[d.TypeNo]
	if o == nil {
		return b.has(c.column(d))
	}
	least := 0
	for i, set := range o.sets {
		if containsAll(options, set) {
			least |= 1 << i
		}
	}
	for n := range 1 << len(o.sets) {
		if n&least == least && !b.has(o.base+n) {
			return false
		}
	}
	return true
}

// classOf is the class of a description. memberOf counts as operational, whatever its definition says.
func (c *columns) classOf(d *directory.AttributeDescription) class {
	if d.TypeNo == c.memberOf && !d.Is(directory.FlagConfidential) {
		return classOperational
	}
	return classOf(d)
}

// set returns the columns that the attributes cover. With relation, one membership attribute stands for all.
func (c *columns) set(a *Attributes, relation bool) bitset {
	b := make(bitset, c.words)
	for col, k := range c.classes {
		if a.User && k == classUser || a.Operational && k == classOperational || a.Secret && k == classConfidential {
			b.add(col)
		}
	}
	for _, t := range a.Types {
		c.setTypes(b, t)
	}
	for _, d := range a.Described {
		for _, no := range c.schema.Subtypes(d.TypeNo) {
			o := c.optioned[no]
			for n := range 1 << len(o.sets) {
				for i, set := range o.sets {
					if n>>i&1 == 1 && containsAll(set, d.Options) {
						b.add(o.base + n)
					}
				}
			}
		}
	}
	if relation && b.overlaps(c.relation) {
		b.or(c.relation)
	}
	return b
}

func (c *columns) setTypes(b bitset, t *schema.AttributeType) {
	for _, no := range c.schema.Subtypes(t.No) {
		if o := c.optioned[no]; o != nil {
			for n := range 1 << len(o.sets) {
				b.add(o.base + n)
			}
		} else {
			b.add(int(c.of[no]))
		}
	}
}

// bitset is a set of small numbers. Sets that meet in one operation have the same length.
type bitset []uint64

func (b bitset) add(n int)      { b[n>>6] |= 1 << (n & 63) }
func (b bitset) drop(n int)     { b[n>>6] &^= 1 << (n & 63) }
func (b bitset) has(n int) bool { return b[n>>6]>>(n&63)&1 == 1 }

func (b bitset) or(c bitset) {
	for i := range b {
		b[i] |= c[i]
	}
}

func (b bitset) and(c bitset) {
	for i := range b {
		b[i] &= c[i]
	}
}

func (b bitset) andNot(c bitset) {
	for i := range b {
		b[i] &^= c[i]
	}
}

func (b bitset) overlaps(c bitset) bool {
	for i := range b {
		if b[i]&c[i] != 0 {
			return true
		}
	}
	return false
}
