package directory

// Draft is an entry that is being made or changed. It is not safe for concurrent use.
type Draft struct {
	DN    DN
	attrs []DraftAttribute
}

// DraftAttribute is one attribute of a draft. Marked says that the attribute also has values that are not loaded: links
// of a stored group, whose presence satisfies MUST without a million values in memory.
type DraftAttribute struct {
	Desc   *AttributeDescription
	Values [][]byte
	Marked bool
}

// Validator checks a draft against a schema; [gatehouse/directory/schema.Schema] implements it.
type Validator interface {
	// ValidateEntry returns an [*Error] (objectClassViolation, invalidAttributeSyntax, namingViolation, ...) if the draft
	// breaks a rule of the schema.
	ValidateEntry(d *Draft) error
}

// Matcher makes equality keys; [gatehouse/directory/schema.Schema] implements it.
type Matcher interface {
	// EqualityKey returns the value as its attribute's EQUALITY rule compares it: two values are equal exactly if their keys
	// are. Without a rule the key is the value itself. An error means that the value does not fit the syntax.
	EqualityKey(desc *AttributeDescription, value []byte) ([]byte, error)
}

// NewDraft returns an empty draft named dn.
func NewDraft(dn DN) *Draft { return &Draft{DN: dn} }

// DraftOf returns a draft with the attributes of e. The values alias e and are replaced, never written to.
func DraftOf(dn DN, e *Entry) *Draft {
	d := &Draft{DN: dn, attrs: make([]DraftAttribute, 0, len(e.attrs)+2)}
	for _, a := range e.attrs {
		values := make([][]byte, 0, a.Len())
		for v := range a.Values() {
			values = append(values, v)
		}
		d.attrs = append(d.attrs, DraftAttribute{Desc: a.Desc, Values: values})
	}
	return d
}

// Attributes returns the attributes in order. The slice must not be kept across a change of the draft.
func (d *Draft) Attributes() []DraftAttribute { return d.attrs }

// Get returns the values of the attribute with exactly this description.
func (d *Draft) Get(desc *AttributeDescription) [][]byte {
	if a := d.find(desc); a != nil {
		return a.Values
	}
	return nil
}

// Has reports whether the attribute has a value, loaded or marked.
func (d *Draft) Has(desc *AttributeDescription) bool {
	a := d.find(desc)
	return a != nil && (a.Marked || len(a.Values) > 0)
}

// Set replaces the values of an attribute; without values it removes the attribute.
func (d *Draft) Set(desc *AttributeDescription, values ...[]byte) {
	for i := range d.attrs {
		if d.attrs[i].Desc != desc {
			continue
		}
		if len(values) == 0 && !d.attrs[i].Marked {
			d.attrs = append(d.attrs[:i], d.attrs[i+1:]...)
			return
		}
		d.attrs[i].Values = values
		return
	}
	if len(values) > 0 {
		d.attrs = append(d.attrs, DraftAttribute{Desc: desc, Values: values})
	}
}

// Add appends values without comparing them with those present.
func (d *Draft) Add(desc *AttributeDescription, values ...[]byte) {
	if a := d.find(desc); a != nil {
		a.Values = append(a.Values[:len(a.Values):len(a.Values)], values...)
		return
	}
	d.Set(desc, values...)
}

// Mark says that the attribute has values that are not loaded, or no longer has.
func (d *Draft) Mark(desc *AttributeDescription, present bool) {
	a := d.find(desc)
	switch {
	case a != nil:
		a.Marked = present
		if !present && len(a.Values) == 0 {
			d.Set(desc)
		}
	case present:
		d.attrs = append(d.attrs, DraftAttribute{Desc: desc, Marked: true})
	}
}

// Seal validates the draft and returns the entry that it describes. Attributes that are only marked are not in it.
func (d *Draft) Seal(v Validator) (*Entry, error) {
	if err := v.ValidateEntry(d); err != nil {
		return nil, err
	}
	attrs := make([]Attribute, 0, len(d.attrs))
	for _, a := range d.attrs {
		if len(a.Values) > 0 {
			attrs = append(attrs, NewAttribute(a.Desc, a.Values...))
		}
	}
	return StoredEntry(attrs), nil
}

func (d *Draft) find(desc *AttributeDescription) *DraftAttribute {
	for i := range d.attrs {
		if d.attrs[i].Desc == desc {
			return &d.attrs[i]
		}
	}
	return nil
}
