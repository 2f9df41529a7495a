package ldif

import (
	"strings"

	"gatehouse/directory"
)

// parser turns the bytes of one record into a Record. Its slices are used again for the next one.
type parser struct {
	options *Options

	block   []byte
	pos     int
	number  int  // of the line at pos
	line    line // the last one
	held    bool // the last one is to be returned again
	fetched int  // bytes of ":<" values
	scratch []byte

	record     Record
	attributes []directory.PartialAttribute
	changes    []directory.Modification
	controls   []directory.Control
	values     [][]byte // of all attributes and changes, one behind the other
	first      int      // where the values of the last attribute or change start
	count      int      // of values, also those that are not in values
}

// parse returns the record in block, whose first line has the number given; nil if there are only comments.
func (p *parser) parse(block []byte, number int) (*Record, error) {
	p.block, p.pos, p.number, p.held, p.fetched, p.count = block, 0, number, false, 0, 0
	p.scratch, p.values = p.scratch[:0], p.values[:0]
	p.attributes, p.changes, p.controls = p.attributes[:0], p.changes[:0], p.controls[:0]
	p.record = Record{}
	l, ok, err := p.nextLine()
	if ok && l.name == "version" {
		if l.spec != specText || string(l.text) != "1" {
			return nil, p.errorf(l.number, "version of LDIF is not 1")
		}
		l, ok, err = p.nextLine()
	}
	if !ok {
		return nil, err
	}
	if !strings.EqualFold(l.name, "dn") {
		return nil, p.errorf(l.number, "a record starts with \"dn:\", not with %s; is there a blank line too much above?", l.name)
	}
	p.record.Line = l.number
	if p.record.DN, err = p.text(l); err != nil {
		return nil, err
	}
	if err := p.body(); err != nil {
		return nil, err
	}
	r := &p.record
	r.Attributes, r.Changes, r.Controls = p.attributes, p.changes, p.controls
	return r, nil
}

// body reads what follows the dn line.
func (p *parser) body() error {
	l, ok, err := p.nextLine()
	for ok && strings.EqualFold(l.name, "control") {
		if err := p.control(l); err != nil {
			return err
		}
		l, ok, err = p.nextLine()
	}
	switch {
	case err != nil:
		return err
	case ok && strings.EqualFold(l.name, "changetype"):
		return p.change(l)
	case len(p.controls) > 0:
		return p.errorf(p.record.Line, "a record with a control line needs a changetype line behind it")
	case ok:
		p.hold()
	}
	return p.entry()
}

// entry reads the attributes of a content or add record.
func (p *parser) entry() error {
	for {
		l, ok, err := p.nextLine()
		if !ok {
			return err
		}
		if len(l.name) == 2 && strings.EqualFold(l.name, "dn") {
			return p.errorf(l.number, "second dn line; is the blank line above it missing?")
		}
		value, err := p.value(l)
		if err != nil {
			return err
		}
		if err := p.add(l, value); err != nil {
			return err
		}
	}
}

// add gives a value to its attribute, nearly always the last one.
func (p *parser) add(l line, value []byte) error {
	if err := p.counted(l); err != nil {
		return err
	}
	for i := len(p.attributes) - 1; i >= 0; i-- {
		a := &p.attributes[i]
		if !sameName(a.Attr, l.name) {
			continue
		}
		if i < len(p.attributes)-1 {
			a.Values = append(a.Values, value)
			return nil
		}
		a.Values = p.put(value)
		return nil
	}
	if len(p.attributes) >= p.options.AttributesMax {
		return p.errorf(l.number, "more than %d attributes in one record", p.options.AttributesMax)
	}
	p.first = len(p.values)
	p.attributes = append(p.attributes, directory.PartialAttribute{Attr: l.name, Values: p.put(value)})
	return nil
}

// put appends a value of the last attribute or change and returns all of them.
func (p *parser) put(value []byte) [][]byte {
	p.values = append(p.values, value)
	return p.values[p.first:len(p.values):len(p.values)]
}

func (p *parser) counted(l line) error {
	if p.count++; p.count > p.options.ValuesMax {
		return p.errorf(l.number, "more than %d values in one record", p.options.ValuesMax)
	}
	return nil
}

// text returns the value of a line that is a name or a word of the format as a string. RFC 2849 has no URL there.
func (p *parser) text(l line) (string, error) {
	if l.spec == specURL {
		return "", p.errorf(l.number, "%s takes no value from a URL", l.name)
	}
	v, err := p.value(l)
	return alias(v), err
}

func sameName(a, b string) bool {
	return len(a) == len(b) && (a == b || strings.EqualFold(a, b))
}
