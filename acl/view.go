package acl

import "gatehouse/directory"

// A View is what one session may see of one entry: the only thing that a server sends. Only [Rights.Reduce] fills
// one. It is made to be reused: what it returns is valid until the next Reduce. Not safe for concurrent use.
type View struct {
	dn        []byte
	attrs     []directory.Attribute
	rights    Rights
	wanted    *Selection
	typesOnly bool
}

// DN returns the entry's name as printed.
func (v *View) DN() []byte { return v.dn }

// Attributes returns the attributes to send. With TypesOnly their values must not be sent.
func (v *View) Attributes() []directory.Attribute { return v.attrs }

// TypesOnly reports whether only the descriptions were asked for.
func (v *View) TypesOnly() bool { return v.typesOnly }

// Reduce starts v anew for an entry named dn and takes over the stored attributes that were asked for and may be read.
// Attributes that are kept elsewhere or made on demand follow with [View.Add]. dn is kept. It does not allocate once v has
// grown.
func (r Rights) Reduce(v *View, dn []byte, wanted *Selection, typesOnly bool, attrs []directory.Attribute) {
	v.dn, v.rights, v.wanted, v.typesOnly = dn, r, wanted, typesOnly
	v.attrs = v.attrs[:0]
	for i := range attrs {
		v.Add(attrs[i])
	}
}

// Wants reports whether the attribute was asked for and may be read, so that it is worth making.
func (v *View) Wants(d *directory.AttributeDescription) bool {
	return v.wanted.Has(d) && v.rights.Read(d)
}

// Add takes an attribute of the same entry into the view if it was asked for and may be read. The attribute is kept.
func (v *View) Add(a directory.Attribute) {
	if a.Len() == 0 || !v.Wants(a.Desc) {
		return
	}
	if v.rights.readsByValue(a.Desc) {
		if a = v.readable(a); a.Len() == 0 {
			return
		}
	}
	v.attrs = append(v.attrs, a)
}

// readable returns the attribute with the values that may be read.
func (v *View) readable(a directory.Attribute) directory.Attribute {
	var set []byte
	n := 0
	for value := range a.Values() {
		if v.rights.ReadValue(a.Desc, value) {
			set = directory.AppendValue(set, value)
			n++
		}
	}
	return directory.AttributeFromSet(a.Desc, set, n)
}

// Keep takes values out of the view for which keep is false (RFC 3876). An attribute without one that is left stays, with an empty
// set. Whoever asks for types alone keeps all.
func (v *View) Keep(keep func(d *directory.AttributeDescription, value []byte) bool) {
	if v.typesOnly {
		return
	}
	for i := range v.attrs {
		a := &v.attrs[i]
		var set []byte
		n := 0
		for value := range a.Values() {
			if keep(a.Desc, value) {
				set = directory.AppendValue(set, value)
				n++
			}
		}
		if n < a.Len() {
			*a = directory.AttributeFromSet(a.Desc, set, n)
		}
	}
}
