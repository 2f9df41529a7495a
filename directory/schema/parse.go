package schema

import (
	"strconv"
	"strings"
)

// ParseAttributeType parses an AttributeTypeDescription (RFC 4512 section 4.1.2). An error is a [*DefinitionError].
func ParseAttributeType(s string) (*AttributeTypeDefinition, error) {
	d := &AttributeTypeDefinition{}
	err := parseDefinition(s, &d.OID, &d.Extensions, func(sc *scanner, field string) (bool, error) {
		var err error
		switch field {
		case "NAME":
			d.Names, err = sc.names()
		case "DESC":
			d.Desc, err = sc.desc()
		case "OBSOLETE":
			d.Obsolete = true
		case "SUP":
			d.Sup, err = sc.word("an attribute type")
		case "EQUALITY":
			d.Equality, err = sc.word("a matching rule")
		case "ORDERING":
			d.Ordering, err = sc.word("a matching rule")
		case "SUBSTR":
			d.Substr, err = sc.word("a matching rule")
		case "SYNTAX":
			d.Syntax, d.SyntaxLen, err = sc.noidlen()
		case "SINGLE-VALUE":
			d.SingleValue = true
		case "COLLECTIVE":
			d.Collective = true
		case "NO-USER-MODIFICATION":
			d.NoUserMod = true
		case "USAGE":
			d.Usage, err = sc.usage()
		default:
			return false, nil
		}
		return true, err
	})
	if err == nil && d.Sup == "" && d.Syntax == "" {
		err = &DefinitionError{Offset: len(s), Reason: "an attribute type needs SUP or SYNTAX"}
	}
	return d, err
}

// ParseObjectClass parses an ObjectClassDescription (RFC 4512 section 4.1.1). An error is a [*DefinitionError].
func ParseObjectClass(s string) (*ObjectClassDefinition, error) {
	d := &ObjectClassDefinition{}
	kinds := 0
	err := parseDefinition(s, &d.OID, &d.Extensions, func(sc *scanner, field string) (bool, error) {
		var err error
		switch field {
		case "NAME":
			d.Names, err = sc.names()
		case "DESC":
			d.Desc, err = sc.desc()
		case "OBSOLETE":
			d.Obsolete = true
		case "SUP":
			d.Sup, err = sc.words("an object class")
		case "MUST":
			d.Must, err = sc.words("an attribute type")
		case "MAY":
			d.May, err = sc.words("an attribute type")
		case "STRUCTURAL":
			d.Kind, kinds = Structural, kinds+1
		case "ABSTRACT":
			d.Kind, kinds = Abstract, kinds+1
		case "AUXILIARY":
			d.Kind, kinds = Auxiliary, kinds+1
		default:
			return false, nil
		}
		return true, err
	})
	if err == nil && kinds > 1 {
		err = &DefinitionError{Offset: len(s), Reason: "an object class has one kind"}
	}
	return d, err
}

// ParseMatchingRule parses a MatchingRuleDescription (RFC 4512 section 4.1.3). An error is a [*DefinitionError].
func ParseMatchingRule(s string) (*MatchingRuleDefinition, error) {
	d := &MatchingRuleDefinition{}
	err := parseDefinition(s, &d.OID, &d.Extensions, func(sc *scanner, field string) (bool, error) {
		var err error
		switch field {
		case "NAME":
			d.Names, err = sc.names()
		case "DESC":
			d.Desc, err = sc.desc()
		case "OBSOLETE":
			d.Obsolete = true
		case "SYNTAX":
			d.Syntax, err = sc.word("a syntax")
		default:
			return false, nil
		}
		return true, err
	})
	if err == nil && d.Syntax == "" {
		err = &DefinitionError{Offset: len(s), Reason: "a matching rule needs SYNTAX"}
	}
	return d, err
}

// ParseMatchingRuleUse parses a MatchingRuleUseDescription (RFC 4512 section 4.1.4). An error is a [*DefinitionError].
func ParseMatchingRuleUse(s string) (*MatchingRuleUseDefinition, error) {
	d := &MatchingRuleUseDefinition{}
	err := parseDefinition(s, &d.OID, &d.Extensions, func(sc *scanner, field string) (bool, error) {
		var err error
		switch field {
		case "NAME":
			d.Names, err = sc.names()
		case "DESC":
			d.Desc, err = sc.desc()
		case "OBSOLETE":
			d.Obsolete = true
		case "APPLIES":
			d.Applies, err = sc.words("an attribute type")
		default:
			return false, nil
		}
		return true, err
	})
	if err == nil && len(d.Applies) == 0 {
		err = &DefinitionError{Offset: len(s), Reason: "a matching rule use needs APPLIES"}
	}
	return d, err
}

// ParseSyntax parses a SyntaxDescription (RFC 4512 section 4.1.5). A NAME, which the RFC does not have and files of OpenLDAP
// do, is passed over. An error is a [*DefinitionError].
func ParseSyntax(s string) (*SyntaxDefinition, error) {
	d := &SyntaxDefinition{}
	err := parseDefinition(s, &d.OID, &d.Extensions, func(sc *scanner, field string) (bool, error) {
		var err error
		switch field {
		case "DESC":
			d.Desc, err = sc.desc()
		case "NAME":
			_, err = sc.names()
		default:
			return false, nil
		}
		return true, err
	})
	return d, err
}

// parseDefinition reads what all definitions share: parentheses, the OID, fields in any order and at most once each, and
// extensions. field reads one field; false means that it does not know it.
func parseDefinition(s string, oid *string, ext *[]Extension, field func(*scanner, string) (bool, error)) error {
	sc, err := newScanner(s)
	if err != nil {
		return err
	}
	if open, err := sc.take(); err != nil || open.kind != tokenOpen {
		return firstError(err, sc.errorf(open.at, "expected '(', found %s", open))
	}
	if *oid, err = sc.word("an OID"); err != nil {
		return err
	}
	seen := map[string]bool{}
	for {
		t, err := sc.take()
		if err != nil {
			return err
		}
		if t.kind == tokenClose {
			break
		}
		if t.kind != tokenWord {
			return sc.errorf(t.at, "expected a field or ')', found %s", t)
		}
		name := strings.ToUpper(t.text)
		if seen[name] {
			return sc.errorf(t.at, "%s is given twice", name)
		}
		seen[name] = true
		if strings.HasPrefix(name, "X-") {
			values, err := sc.strings()
			if err != nil {
				return err
			}
			*ext = append(*ext, Extension{Name: name, Values: values})
			continue
		}
		if known, err := field(sc, name); err != nil || !known {
			return firstError(err, sc.errorf(t.at, "unknown field %s", t))
		}
	}
	if sc.next.kind != tokenEnd {
		return sc.errorf(sc.next.at, "expected the end, found %s", sc.next)
	}
	return nil
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

func (sc *scanner) names() ([]string, error) {
	at := sc.next.at
	names, err := sc.strings()
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		if !isDescr(n) {
			return nil, sc.errorf(at, "%q is no name", n)
		}
	}
	return names, nil
}

func (sc *scanner) desc() (string, error) {
	t, err := sc.take()
	if err == nil && t.kind != tokenQuoted {
		err = sc.errorf(t.at, "expected a quoted string, found %s", t)
	}
	return t.text, err
}

// noidlen reads an OID with a length hint, "1.2.3{64}".
func (sc *scanner) noidlen() (oid string, length int, err error) {
	at := sc.next.at
	if oid, err = sc.word("a syntax"); err != nil {
		return "", 0, err
	}
	oid, hint, ok := strings.Cut(oid, "{")
	if !ok {
		return oid, 0, nil
	}
	hint, closed := strings.CutSuffix(hint, "}")
	length, err = strconv.Atoi(hint)
	if err != nil || !closed || length < 0 || oid == "" {
		return "", 0, sc.errorf(at, "bad length of a syntax")
	}
	return oid, length, nil
}

func (sc *scanner) usage() (Usage, error) {
	t, err := sc.take()
	if err != nil {
		return 0, err
	}
	for i, name := range usageNames {
		if strings.EqualFold(t.text, name) {
			return Usage(i), nil
		}
	}
	return 0, sc.errorf(t.at, "unknown usage %s", t)
}

// isDescr reports whether s is a descr (RFC 4512 section 1.4). Underscores are taken as well: deployed schemas use them.
func isDescr(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '-' && c != '_') {
			return false
		}
	}
	return s != ""
}

// isNumericOID reports whether s is a numericoid (RFC 4512 section 1.4).
func isNumericOID(s string) bool {
	arcs := 0
	for part := range strings.SplitSeq(s, ".") {
		arcs++
		if part == "" || len(part) > 1 && part[0] == '0' {
			return false
		}
		for i := range len(part) {
			if part[i] < '0' || part[i] > '9' {
				return false
			}
		}
	}
	return arcs > 1
}
