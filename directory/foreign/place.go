package foreign

import (
	"errors"
	"strings"

	"gatehouse/directory"
)

// errNoBase says that a format has no names of its own.
var errNoBase = errors.New("below which entry? Give --base DN, such as --base dc=example,dc=com")

// containers are where the entries of a format without names of its own go.
type containers struct{ people, groups string }

// containers finds the containers and hands on an entry for each that the reader makes itself.
func (c *converter) containers(at place) (containers, error) {
	o := &c.options
	k := containers{o.People, o.Groups}
	if o.Base == "" {
		return k, errNoBase
	}
	if _, _, err := o.Schema.ParseName(o.Base); err != nil {
		return k, err
	}
	if err := c.scaffold(at, o.Base); err != nil {
		return k, err
	}
	for _, x := range []struct {
		dn *string
		ou string
	}{{&k.people, "people"}, {&k.groups, "groups"}} {
		if *x.dn == "" {
			*x.dn = "ou=" + x.ou + "," + o.Base
		}
		if err := c.scaffold(at, *x.dn); err != nil {
			return k, err
		}
	}
	return k, nil
}

// scaffold hands on an entry of a name that begins with dc, o or ou, so that others may stand below it.
func (c *converter) scaffold(at place, dn string) error {
	parsed, _, err := c.options.Schema.ParseName(dn)
	if err != nil {
		return err
	}
	if parsed.IsZero() || len(parsed.RDNs()[0]) != 1 {
		return errors.New(dn + ": a name with one value in its first part is needed")
	}
	first := parsed.RDNs()[0][0]
	kind, value := strings.ToLower(first.Type), string(first.Value)
	var d draft
	switch kind {
	case "dc":
		d = newDraft(dn, "top", "dcObject", "organization")
		d.add("o", value)
	case "o":
		d = newDraft(dn, "top", "organization")
	case "ou":
		d = newDraft(dn, "top", "organizationalUnit")
	default:
		return nil // of another kind, and so there already, or the import says that it is missing
	}
	d.add(kind, value)
	return c.emitTo(&Entry{File: at.file, Line: at.line, Scaffold: true, Record: d.rec})
}

// childDN returns the name of an entry below parent.
func childDN(attr, value, parent string) string {
	rdn := directory.RDN{{Type: attr, Value: []byte(value)}}
	return rdn.String() + "," + parent
}

// person returns the beginning of an entry for a person, with what inetOrgPerson requires.
func person(dn, uid, cn, sn string) draft {
	if cn == "" {
		cn = uid
	}
	if sn == "" {
		sn = surname(cn)
	}
	if sn == "" {
		sn = uid
	}
	d := newDraft(dn, "top", "person", "organizationalPerson", "inetOrgPerson")
	d.add("uid", uid)
	d.add("cn", cn)
	d.add("sn", sn)
	return d
}

// surname returns the last word of a name, or what stands before its comma.
func surname(cn string) string {
	if last, _, comma := strings.Cut(cn, ","); comma && strings.TrimSpace(last) != "" {
		return strings.TrimSpace(last)
	}
	fields := strings.Fields(cn)
	if len(fields) == 0 {
		return ""
	}
	return fields[len(fields)-1]
}
