package ldif

import (
	"bytes"
	"strings"

	"gatehouse/directory"
)

// change reads a change record from its changetype line on.
func (p *parser) change(l line) error {
	word, err := p.text(l)
	if err != nil {
		return err
	}
	switch strings.ToLower(word) {
	case "add":
		p.record.Kind = Add
		return p.entry()
	case "delete":
		p.record.Kind = Delete
		l, ok, err := p.nextLine()
		if ok {
			return p.errorf(l.number, "a record with \"changetype: delete\" ends there")
		}
		return err
	case "modify":
		p.record.Kind = Modify
		return p.modify()
	case "modrdn", "moddn":
		p.record.Kind = ModifyDN
		return p.modifyDN()
	}
	return p.errorf(l.number, "changetype is not one of add, delete, modify, moddn, modrdn")
}

// modify reads changes, each ended by "-".
func (p *parser) modify() error {
	for {
		l, ok, err := p.nextLine()
		if !ok {
			return err
		}
		m := directory.Modification{}
		switch strings.ToLower(l.name) {
		case "add":
			m.Op = directory.ModifyAdd
		case "delete":
			m.Op = directory.ModifyDelete
		case "replace":
			m.Op = directory.ModifyReplace
		case "increment":
			m.Op = directory.ModifyIncrement
		default:
			return p.errorf(l.number, "a change starts with add, delete, replace or increment, not with %s", l.name)
		}
		if m.Attr, err = p.text(l); err != nil {
			return err
		}
		if !isName(m.Attr) {
			return p.errorf(l.number, "want the name of an attribute behind %s", l.name)
		}
		if err := p.counted(l); err != nil {
			return err
		}
		if m.Values, err = p.changeValues(m.Attr); err != nil {
			return err
		}
		p.changes = append(p.changes, m)
	}
}

// changeValues reads the lines of one change, the "-" included. The last change of a record may lack it.
func (p *parser) changeValues(attr string) (values [][]byte, err error) {
	p.first = len(p.values)
	for {
		l, ok, err := p.nextLine()
		if !ok || l.spec == specEnd {
			return values, err
		}
		if !sameName(l.name, attr) {
			return nil, p.errorf(l.number, "%s in the change of %s; is the line \"-\" above it missing?", l.name, attr)
		}
		v, err := p.value(l)
		if err != nil {
			return nil, err
		}
		if err := p.counted(l); err != nil {
			return nil, err
		}
		values = p.put(v)
	}
}

func (p *parser) modifyDN() error {
	r := &p.record
	l, err := p.expect("newrdn")
	if err != nil {
		return err
	}
	if r.NewRDN, err = p.text(l); err != nil {
		return err
	}
	if l, err = p.expect("deleteoldrdn"); err != nil {
		return err
	}
	flag, err := p.text(l)
	if err != nil {
		return err
	}
	if flag != "0" && flag != "1" {
		return p.errorf(l.number, "deleteoldrdn is neither 0 nor 1")
	}
	r.DeleteOldRDN = flag == "1"
	l, ok, err := p.nextLine()
	if ok && strings.EqualFold(l.name, "newsuperior") {
		if r.NewSuperior, err = p.text(l); err != nil {
			return err
		}
		r.HasNewSuperior = true
		l, ok, err = p.nextLine()
	}
	if ok {
		return p.errorf(l.number, "%s does not belong into a rename", l.name)
	}
	return err
}

// expect returns the next line, which must have this name.
func (p *parser) expect(name string) (line, error) {
	l, ok, err := p.nextLine()
	if err != nil {
		return l, err
	}
	if !ok || !strings.EqualFold(l.name, name) {
		return l, p.errorf(p.number, "a rename needs a line %q here", name+":")
	}
	return l, nil
}

// control reads "control: OID [true|false] [value-spec]".
func (p *parser) control(l line) error {
	if l.spec != specText {
		return p.errorf(l.number, "want an OID behind \"control:\"")
	}
	if len(p.controls) >= controlsMax {
		return p.errorf(l.number, "more than %d controls in one record", controlsMax)
	}
	head, value, hasValue := bytes.Cut(l.text, []byte{':'})
	words := bytes.Fields(head)
	if len(words) == 0 || len(words) > 2 || !isName(words[0]) {
		return p.errorf(l.number, "want \"control: OID\", then true or false, then the value behind a colon")
	}
	c := directory.Control{OID: alias(words[0]), HasValue: hasValue}
	if len(words) == 2 {
		switch string(words[1]) {
		case "true":
			c.Criticality = true
		case "false":
		default:
			return p.errorf(l.number, "criticality of a control is neither true nor false")
		}
	}
	if hasValue {
		v := line{number: l.number, name: "control " + c.OID}
		v.spec, v.text = valueSpec(value)
		var err error
		if c.Value, err = p.value(v); err != nil {
			return err
		}
	}
	p.controls = append(p.controls, c)
	return nil
}
