package schema

import (
	"bytes"
	"strings"
)

func prepareIgnore(_ *Schema, dst, v []byte) ([]byte, error) {
	if len(v) == 0 {
		return dst, errEmpty
	}
	return appendText(dst, v, true, spacesTrim)
}

func prepareExact(_ *Schema, dst, v []byte) ([]byte, error) {
	if len(v) == 0 {
		return dst, errEmpty
	}
	return appendText(dst, v, false, spacesTrim)
}

func prepareIgnoreIA5(_ *Schema, dst, v []byte) ([]byte, error) {
	if err := checkIA5(nil, v); err != nil {
		return dst, err
	}
	return appendText(dst, v, true, spacesTrim)
}

func prepareExactIA5(_ *Schema, dst, v []byte) ([]byte, error) {
	if err := checkIA5(nil, v); err != nil {
		return dst, err
	}
	return appendText(dst, v, false, spacesTrim)
}

func prepareNumeric(_ *Schema, dst, v []byte) ([]byte, error) {
	if err := checkNumericString(nil, v); err != nil {
		return dst, err
	}
	return appendWithout(dst, v, false), nil
}

func prepareTelephone(_ *Schema, dst, v []byte) ([]byte, error) {
	if err := checkPrintableString(nil, v); err != nil {
		return dst, err
	}
	return appendWithout(dst, v, true), nil
}

func partIgnore(dst, v []byte, sp spaces) ([]byte, error) { return appendText(dst, v, true, sp) }

func partExact(dst, v []byte, sp spaces) ([]byte, error) { return appendText(dst, v, false, sp) }

func partIgnoreIA5(dst, v []byte, sp spaces) ([]byte, error) {
	if err := checkIA5(nil, v); err != nil {
		return dst, err
	}
	return appendText(dst, v, true, sp)
}

func partExactIA5(dst, v []byte, sp spaces) ([]byte, error) {
	if err := checkIA5(nil, v); err != nil {
		return dst, err
	}
	return appendText(dst, v, false, sp)
}

func partNumeric(dst, v []byte, _ spaces) ([]byte, error) {
	for _, c := range v {
		if !isDigit(c) && c != ' ' {
			return dst, errChar
		}
	}
	return appendWithout(dst, v, false), nil
}

func partTelephone(dst, v []byte, _ spaces) ([]byte, error) {
	for _, c := range v {
		if !printable[c] {
			return dst, errChar
		}
	}
	return appendWithout(dst, v, true), nil
}

func partVerbatim(dst, v []byte, _ spaces) ([]byte, error) { return append(dst, v...), nil }

// prepareList is caseIgnoreListMatch (RFC 4517 section 4.2.9): line by line. The key is a postal address itself.
func prepareList(s *Schema, dst, v []byte) ([]byte, error) {
	if err := checkPostalAddress(s, v); err != nil {
		return dst, err
	}
	return appendLines(dst, v, spacesTrim)
}

// partList prepares a whole postal address line by line, and a part, which is plain text, as one line: no part spans two.
func partList(dst, v []byte, sp spaces) ([]byte, error) {
	if sp == spacesWhole {
		return appendLines(dst, v, sp)
	}
	return appendLine(dst, v, sp)
}

// lineUnescaper reads a line from left to right, so that what an escape stands for begins no other.
var lineUnescaper = strings.NewReplacer(`\24`, `$`, `\5C`, `\`, `\5c`, `\`)

func appendLines(dst, v []byte, sp spaces) ([]byte, error) {
	for i := 0; ; i++ {
		line, rest, more := bytes.Cut(v, []byte{'$'})
		if i > 0 {
			dst = append(dst, '$')
		}
		if bytes.IndexByte(line, '\\') >= 0 {
			line = []byte(lineUnescaper.Replace(string(line)))
		}
		var err error
		if dst, err = appendLine(dst, line, sp); err != nil || !more {
			return dst, err
		}
		v = rest
	}
}

func appendLine(dst, line []byte, sp spaces) ([]byte, error) {
	s := getScratch()
	defer s.release()
	var err error
	if s.keys, err = appendText(s.keys[:0], line, true, sp); err != nil {
		return dst, err
	}
	for _, c := range s.keys {
		switch c {
		case '$':
			dst = append(dst, `\24`...)
		case '\\':
			dst = append(dst, `\5c`...)
		default:
			dst = append(dst, c)
		}
	}
	return dst, nil
}

// prepareAuthPassword is RFC 3112 section 3.2: the scheme without regard to case, spaces around the parts ignored.
func prepareAuthPassword(s *Schema, dst, v []byte) ([]byte, error) {
	if err := checkAuthPassword(s, v); err != nil {
		return dst, err
	}
	for i := 0; ; i++ {
		part, rest, more := bytes.Cut(v, []byte{'$'})
		part = bytes.Trim(part, " ")
		if i == 0 {
			dst = append(dst, bytes.ToUpper(part)...)
		} else {
			dst = append(append(dst, '$'), part...)
		}
		if !more {
			return dst, nil
		}
		v = rest
	}
}
