package schema

import (
	"bytes"
	"errors"
	"unicode/utf8"
)

func checkAny(*Schema, []byte) error { return nil }

func checkNotEmpty(_ *Schema, v []byte) error {
	if len(v) == 0 {
		return errEmpty
	}
	return nil
}

// checkDirectoryString is RFC 4517 section 3.3.6: UTF-8 of at least one character.
func checkDirectoryString(_ *Schema, v []byte) error {
	switch {
	case len(v) == 0:
		return errEmpty
	case !utf8.Valid(v):
		return errNotUTF8
	}
	return nil
}

// checkIA5 is RFC 4517 section 3.3.15. The empty string is one.
func checkIA5(_ *Schema, v []byte) error {
	for _, c := range v {
		if c >= utf8.RuneSelf {
			return errNotIA5
		}
	}
	return nil
}

// printable holds the characters of RFC 4517 section 3.2, PrintableCharacter, and '='.
var printable = func() (set [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'()+,-.=/:? ") {
		set[c] = true
	}
	return set
}()

func checkPrintableString(_ *Schema, v []byte) error {
	if len(v) == 0 {
		return errEmpty
	}
	for _, c := range v {
		if !printable[c] {
			return errChar
		}
	}
	return nil
}

// checkPrintableStrings takes printable strings with '$' between them: the outer form of facsimile and telex numbers and
// teletex identifiers.
func checkPrintableStrings(s *Schema, v []byte) error {
	for part := range bytes.SplitSeq(v, []byte{'$'}) {
		if err := checkPrintableString(s, part); err != nil {
			return err
		}
	}
	return nil
}

func checkCountryString(s *Schema, v []byte) error {
	if len(v) != 2 {
		return errors.New("not two characters")
	}
	return checkPrintableString(s, v)
}

func checkNumericString(_ *Schema, v []byte) error {
	if len(v) == 0 {
		return errEmpty
	}
	for _, c := range v {
		if (c < '0' || c > '9') && c != ' ' {
			return errChar
		}
	}
	return nil
}

// checkPostalAddress is RFC 4517 section 3.3.28: lines with '$' between them, "\24" for a dollar, "\5C" for a backslash.
func checkPostalAddress(_ *Schema, v []byte) error {
	if !utf8.Valid(v) {
		return errNotUTF8
	}
	for {
		i := bytes.IndexByte(v, '\\')
		if i < 0 {
			return nil
		}
		v = v[i+1:]
		if !bytes.HasPrefix(v, []byte("24")) && !bytes.HasPrefix(v, []byte("5C")) && !bytes.HasPrefix(v, []byte("5c")) {
			return errors.New(`a backslash that begins neither \24 nor \5C`)
		}
	}
}

var deliveryMethods = []string{
	"any", "mhs", "physical", "telex", "teletex", "g3fax", "g4fax", "ia5", "videotex", "telephone",
}

// checkDeliveryMethod is RFC 4517 section 3.3.5.
func checkDeliveryMethod(_ *Schema, v []byte) error {
	for part := range bytes.SplitSeq(v, []byte{'$'}) {
		part = bytes.Trim(part, " ")
		known := false
		for _, m := range deliveryMethods {
			known = known || bytes.EqualFold(part, []byte(m))
		}
		if !known {
			return errors.New("an unknown delivery method")
		}
	}
	return nil
}

// checkNetgroupTriple is RFC 2307 section 2.4: "(host,user,domain)", each part possibly empty.
func checkNetgroupTriple(_ *Schema, v []byte) error {
	if len(v) < 2 || v[0] != '(' || v[len(v)-1] != ')' {
		return errors.New("no triple in parentheses")
	}
	if bytes.Count(v, []byte{','}) != 2 {
		return errors.New("not three parts")
	}
	for _, c := range v[1 : len(v)-1] {
		if c <= ' ' || c > '~' || c == '(' || c == ')' {
			return errChar
		}
	}
	return nil
}

// checkBootParameter is RFC 2307 section 2.4: "key=server:path".
func checkBootParameter(s *Schema, v []byte) error {
	_, rest, ok := bytes.Cut(v, []byte{'='})
	if !ok || bytes.IndexByte(rest, ':') < 0 {
		return errors.New("not key=server:path")
	}
	return checkIA5(s, v)
}
