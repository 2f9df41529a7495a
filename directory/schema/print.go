package schema

import "strconv"

// String returns the definition in the form of RFC 4512.
func (d *AttributeTypeDefinition) String() string {
	p := printer("( " + d.OID)
	p.names(d.Names)
	p.quoted("DESC", d.Desc)
	p.flag("OBSOLETE", d.Obsolete)
	p.field("SUP", d.Sup)
	p.field("EQUALITY", d.Equality)
	p.field("ORDERING", d.Ordering)
	p.field("SUBSTR", d.Substr)
	p.field("SYNTAX", d.Syntax)
	if d.SyntaxLen > 0 {
		p = append(p, '{')
		p = strconv.AppendInt(p, int64(d.SyntaxLen), 10)
		p = append(p, '}')
	}
	p.flag("SINGLE-VALUE", d.SingleValue)
	p.flag("COLLECTIVE", d.Collective)
	p.flag("NO-USER-MODIFICATION", d.NoUserMod)
	if d.Usage != UserApplications {
		p.field("USAGE", d.Usage.String())
	}
	return p.end(d.Extensions)
}

// String returns the definition in the form of RFC 4512.
func (d *ObjectClassDefinition) String() string {
	p := printer("( " + d.OID)
	p.names(d.Names)
	p.quoted("DESC", d.Desc)
	p.flag("OBSOLETE", d.Obsolete)
	p.list("SUP", d.Sup)
	p.flag(d.Kind.String(), true)
	p.list("MUST", d.Must)
	p.list("MAY", d.May)
	return p.end(d.Extensions)
}

// String returns the definition in the form of RFC 4512.
func (d *MatchingRuleDefinition) String() string {
	p := printer("( " + d.OID)
	p.names(d.Names)
	p.quoted("DESC", d.Desc)
	p.flag("OBSOLETE", d.Obsolete)
	p.field("SYNTAX", d.Syntax)
	return p.end(d.Extensions)
}

// String returns the definition in the form of RFC 4512.
func (d *MatchingRuleUseDefinition) String() string {
	p := printer("( " + d.OID)
	p.names(d.Names)
	p.quoted("DESC", d.Desc)
	p.flag("OBSOLETE", d.Obsolete)
	p.list("APPLIES", d.Applies)
	return p.end(d.Extensions)
}

// String returns the definition in the form of RFC 4512.
func (d *SyntaxDefinition) String() string {
	p := printer("( " + d.OID)
	p.quoted("DESC", d.Desc)
	return p.end(d.Extensions)
}

// printer collects a definition.
type printer []byte

func (p *printer) flag(name string, set bool) {
	if set {
		*p = append(append(*p, ' '), name...)
	}
}

func (p *printer) field(name, value string) {
	if value != "" {
		p.flag(name, true)
		p.flag(value, true)
	}
}

func (p *printer) quoted(name, value string) {
	if value != "" {
		p.field(name, "'"+qdEscaper.Replace(value)+"'")
	}
}

func (p *printer) names(names []string) {
	if len(names) > 0 {
		p.flag("NAME", true)
		p.strings(names)
	}
}

func (p *printer) strings(values []string) {
	if len(values) != 1 {
		p.flag("(", true)
	}
	for _, v := range values {
		p.flag("'"+qdEscaper.Replace(v)+"'", true)
	}
	if len(values) != 1 {
		p.flag(")", true)
	}
}

func (p *printer) list(name string, values []string) {
	switch len(values) {
	case 0:
	case 1:
		p.field(name, values[0])
	default:
		p.flag(name, true)
		for i, v := range values {
			if i == 0 {
				p.flag("(", true)
			} else {
				p.flag("$", true)
			}
			p.flag(v, true)
		}
		p.flag(")", true)
	}
}

func (p *printer) end(ext []Extension) string {
	for _, x := range ext {
		p.flag(x.Name, true)
		p.strings(x.Values)
	}
	return string(*p) + " )"
}
