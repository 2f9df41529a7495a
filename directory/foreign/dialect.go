package foreign

import (
	"errors"
	"io"
	"slices"

	"gatehouse/directory"
	"gatehouse/directory/ldif"
)

// skippedMax bounds the names of skipped entries that are remembered to find what stands below them.
const skippedMax = 100_000

// dialect is an LDIF of another server. change adapts a record in place and says whether to skip it.
type dialect struct {
	c       *converter
	change  func(d draft, at place) (skip bool)
	skipped map[directory.NDN]bool
}

// read reads the records of an LDIF, adapts each and hands it on.
func (x *dialect) read(in Input) error {
	r := ldif.NewReader(in.Data, ldif.Options{})
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if e, ok := errors.AsType[*ldif.Error](err); ok {
			return place{in.Name, e.Line}.errorf("%s", e.Reason)
		}
		if err != nil {
			return err
		}
		at := place{in.Name, rec.Line}
		if rec.Kind != ldif.Content && rec.Kind != ldif.Add {
			return at.errorf("a %s record: an export holds entries alone", rec.Kind)
		}
		rec = rec.Clone()
		rec.Kind = ldif.Content
		if err := x.record(draft{rec}, at); err != nil {
			return err
		}
	}
}

func (x *dialect) record(d draft, at place) error {
	_, ndn, err := x.c.options.Schema.ParseName(d.rec.DN)
	if err == nil {
		for above := ndn.Parent(); above != ""; above = above.Parent() {
			if x.skipped[above] {
				x.c.report.note(Skipped, "entries below a skipped one", "their place is not there", at)
				return nil
			}
		}
	}
	if x.change(d, at) {
		if err == nil && len(x.skipped) < skippedMax {
			if x.skipped == nil {
				x.skipped = make(map[directory.NDN]bool)
			}
			x.skipped[ndn] = true
		}
		return nil
	}
	return x.c.emit(at, d.rec)
}

// readLDIF reads LDIF of no dialect, and leaves out what the schema does not have.
func (c *converter) readLDIF(in []Input) error {
	x := &dialect{c: c, change: c.fit}
	return x.read(in[0])
}

// fit makes an entry fit the schema. It reports whether there is nothing to keep.
func (c *converter) fit(d draft, at place) (skip bool) {
	classes := d.get("objectClass")
	before := [][]byte(nil)
	if classes != nil {
		before = slices.Clone(classes.Values)
	}
	c.dropUnknown(d, at)
	c.emptyGroups(d, at)
	if !c.options.KeepUnknown && !c.oneStructural(d, at) {
		c.report.note(Skipped, "entries of class "+lastClass(before), "the schema has no structural class for them", at)
		return true
	}
	c.missingNames(d, at)
	c.dropNotAllowed(d, at)
	c.dropFurther(d, at)
	return false
}

// lastClass names a class that says what an entry was for.
func lastClass(values [][]byte) string {
	for i := len(values) - 1; i >= 0; i-- {
		switch name := string(values[i]); name {
		case "top", "ipaobject", "ldapsubentry", "extensibleObject":
		default:
			return name
		}
	}
	return "(none)"
}
