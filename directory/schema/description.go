package schema

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
	"weak"

	"gatehouse/directory"
)

// Bounds of the descriptions with options that are in use at the same time. Those that nothing refers to any more are
// forgotten with the next garbage collection, so that requests which are refused in the end do not use up the bound.
const (
	optionsPerTypeMax    = 64 // an organization with sixty languages fits
	optionBytesMax       = 64
	optionsPerDescMax    = 8
	binaryOption         = "binary"
	languageOptionPrefix = "lang-"
	privateOptionPrefix  = "x-"
	phoneticOption       = "phonetic" // of directories with Japanese names
)

// Description returns the interned description for a name as clients write it: any name of the type or its OID, in any
// case, with options. Unknown types and options are undefinedAttributeType. A description that was seen before costs no
// allocation. A new combination of options is interned, up to a bound per type (then adminLimitExceeded).
func (s *Schema) Description(name string) (*directory.AttributeDescription, error) {
	base, options, hasOptions := strings.Cut(name, ";")
	t, ok := s.typeNames.find(base)
	switch {
	case !ok:
		return nil, directory.Errorf(directory.UndefinedAttributeType, "%s: attribute type undefined", clip(name))
	case !hasOptions:
		return t.desc, nil
	}
	if d := t.findOptions(options); d != nil {
		return d, nil
	}
	list, err := t.AssertedOptions(options)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(list, isLanguageRange); i >= 0 {
		return nil, directory.Errorf(directory.UndefinedAttributeType, "%s: the range %q names no language", t.Name(), list[i])
	}
	return s.intern(t, list)
}

// isLanguageRange reports whether an option may stand in an assertion alone (RFC 3866 section 3.2).
func isLanguageRange(option string) bool {
	return strings.HasPrefix(option, languageOptionPrefix) && strings.HasSuffix(option, "-")
}

// Lookup is Description for names that may well be unknown, such as those of a search: nil for an unknown name or a
// combination of options that no entry has had, and it never interns.
func (s *Schema) Lookup(name string) *directory.AttributeDescription {
	i := strings.IndexByte(name, ';')
	if i < 0 {
		if t, ok := s.typeNames.find(name); ok {
			return t.desc
		}
		return nil
	}
	if t, ok := s.typeNames.find(name[:i]); ok {
		return t.findOptions(name[i+1:])
	}
	return nil
}

// findOptions returns the interned description with these options, nil if there is none.
func (t *AttributeType) findOptions(options string) *directory.AttributeDescription {
	known := t.options.Load()
	if known == nil {
		return nil
	}
	for _, w := range *known {
		if d := w.Value(); d != nil && foldEqual(options, d.Key[len(t.desc.Key)+1:]) {
			return d
		}
	}
	if strings.IndexByte(options, ';') < 0 {
		return nil
	}
	list, err := t.AssertedOptions(options)
	if err != nil {
		return nil
	}
	for _, w := range *known {
		if d := w.Value(); d != nil && slices.Equal(d.Options, list) {
			return d
		}
	}
	return nil
}

// AssertedOptions takes apart the options of a name that a filter asserts, what stands behind the first semicolon, and returns
// them in lower case, sorted, each once (RFC 4512 section 2.5). Language tags and ranges (RFC 3866), private ones (x-) and, for
// octets, binary (RFC 4522) are known; everything else is undefinedAttributeType, as with slapd. The result may alias options.
func (t *AttributeType) AssertedOptions(options string) ([]string, error) {
	if strings.Count(options, ";") >= optionsPerDescMax {
		return nil, directory.Errorf(directory.UndefinedAttributeType, "%s: more than %d options", t.Name(), optionsPerDescMax)
	}
	var list []string
	for option := range strings.SplitSeq(strings.ToLower(options), ";") {
		switch {
		case option == "" || len(option) > optionBytesMax || !isOption(option):
			return nil, directory.Errorf(directory.UndefinedAttributeType, "%s: malformed option", t.Name())
		case option == binaryOption:
			if t.Syntax.IsHumanReadable() {
				return nil, directory.Errorf(directory.UndefinedAttributeType, `%s: option "binary" not supported with type`, t.Name())
			}
		case option != phoneticOption && !strings.HasPrefix(option, languageOptionPrefix) && !strings.HasPrefix(option, privateOptionPrefix):
			return nil, directory.Errorf(directory.UndefinedAttributeType, "%s: unrecognized option %q", t.Name(), option)
		}
		list = append(list, option)
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

func isOption(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isDigit(c) && c != '-' && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

func (s *Schema) intern(t *AttributeType, options []string) (*directory.AttributeDescription, error) {
	s.optionsLock.Lock()
	defer s.optionsLock.Unlock()
	var alive []weak.Pointer[directory.AttributeDescription]
	if known := t.options.Load(); known != nil {
		for _, w := range *known {
			d := w.Value()
			switch {
			case d == nil:
				continue
			case slices.Equal(d.Options, options):
				return d, nil
			}
			alive = append(alive, w)
		}
	}
	if len(alive) >= optionsPerTypeMax {
		return nil, directory.Errorf(directory.AdminLimitExceeded, "%s: more than %d combinations of options", t.Name(), optionsPerTypeMax)
	}
	for i, o := range options {
		options[i] = strings.Clone(o) // of a request's buffer
	}
	suffix := ";" + strings.Join(options, ";")
	d := &directory.AttributeDescription{
		Name: t.desc.Name + suffix, Key: t.desc.Key + suffix, TypeNo: t.No, Options: options, Flags: t.Flags,
	}
	alive = append(alive, weak.Make(d))
	t.options.Store(&alive)
	return d, nil
}

// clip shortens what a client sent for a message, and makes it printable: a message may end in a log or on a terminal.
func clip(name string) string {
	const nameBytesMax = 64
	if len(name) > nameBytesMax {
		name = name[:nameBytesMax] + "..."
	}
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, name)
}
