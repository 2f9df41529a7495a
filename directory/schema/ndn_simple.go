package schema

import (
	"strings"
	"unicode/utf8"
)

// appendSimpleName handles the common forms in one pass, and gives up, with dst unchanged, at anything else: RDNs of several
// attributes, quoted and hexadecimal values, ';', spaces before '=', and all errors, so that [directory.ParseDN] alone
// words them.
func (s *Schema) appendSimpleName(dst []byte, dn string) ([]byte, bool) {
	out := dst
	for i := 0; i < len(dn); {
		eq := i
		for eq < len(dn) && dn[eq] != '=' {
			eq++
		}
		t, ok := s.typeNames.find(dn[i:eq])
		if !ok || eq == len(dn) {
			return dst, false
		}
		out = append(append(out, t.desc.Key...), '=')
		start := len(out)
		end, plain := eq+1, t.plain != plainNone
		if plain {
			out, end, plain = appendPlainValue(out, dn, end, t.plain == plainIgnore)
		}
		if !plain {
			if out, end, ok = s.appendSimpleValue(out[:start], t, dn, eq+1); !ok {
				return dst, false
			}
		}
		if i = end; i < len(dn) {
			out = append(out, ',')
			i++
			for i < len(dn) && dn[i] == ' ' {
				i++
			}
			if i == len(dn) {
				return dst, false
			}
		}
	}
	return out, true
}

// appendPlainValue prepares a value of ASCII without escapes as it reads it. end is where its separator stands.
func appendPlainValue(dst []byte, dn string, i int, fold bool) (out []byte, end int, ok bool) {
	start, pending := len(dst), false
	for ; i < len(dn) && dn[i] != ','; i++ {
		c := dn[i]
		switch {
		case !simpleNameByte[c]:
			return dst, i, false
		case c == ' ':
			pending = len(dst) > start
			continue
		case pending:
			dst = append(dst, ' ')
			pending = false
		}
		if fold && 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		dst = append(dst, c)
	}
	return dst, i, len(dst) > start
}

// appendSimpleValue unescapes a value that is neither quoted nor hexadecimal and prepares it.
func (s *Schema) appendSimpleValue(dst []byte, t *AttributeType, dn string, i int) (out []byte, end int, ok bool) {
	sc := getScratch()
	defer sc.release()
	for i < len(dn) && dn[i] == ' ' {
		i++
	}
	begin, value := i, sc.text[:0]
	keep := 0 // behind it stand only unescaped spaces
	for i < len(dn) && dn[i] != ',' {
		c := dn[i]
		switch {
		case c == '\\' && i+1 < len(dn) && strings.IndexByte(` "#+,;<=>\`, dn[i+1]) >= 0:
			value = append(value, dn[i+1])
			i += 2
			keep = len(value)
			continue
		case c == '\\' && i+2 < len(dn) && isHexDigit(dn[i+1]) && isHexDigit(dn[i+2]):
			value = append(value, hexValue(dn[i+1])<<4|hexValue(dn[i+2]))
			i += 3
			keep = len(value)
			continue
		case c < utf8.RuneSelf && !simpleNameByte[c] && (c != '#' || i == begin):
			return dst, i, false
		}
		value = append(value, c)
		if i++; c != ' ' {
			keep = len(value)
		}
	}
	sc.text = value
	if !utf8.ValidString(dn[begin:i]) {
		return dst, i, false
	}
	var err error
	if sc.keys, err = s.appendNamed(sc.keys[:0], t, value[:keep], 0); err != nil {
		return dst, i, false
	}
	return appendNameValue(dst, sc.keys), i, true
}

// hexValue returns the value of a hexadecimal digit.
func hexValue(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// simpleNameByte holds what stands for itself in a value: printable ASCII but , + \ " ; < > #.
var simpleNameByte = func() (set [256]bool) {
	for c := ' '; c <= '~'; c++ {
		set[c] = true
	}
	for _, c := range []byte(`,+\";<>#`) {
		set[c] = false
	}
	return set
}()
