package filter

import (
	"fmt"
	"unicode/utf8"

	"gatehouse/directory"
)

// Append appends the string form of f (RFC 4515). Everything that could be mistaken for syntax, control characters and
// bytes that are no UTF-8 are escaped, in names as well, so that a filter from the wire cannot forge the text of
// another. A missing filter prints as (?).
func Append(dst []byte, f directory.Filter) []byte {
	switch f := f.(type) {
	case directory.And:
		return appendList(dst, '&', f)
	case directory.Or:
		return appendList(dst, '|', f)
	case *directory.Not:
		dst = append(dst, "(!"...)
		dst = Append(dst, f.Filter)
		return append(dst, ')')
	case *directory.EqualityMatch:
		return appendItem(dst, f.Attr, "=", f.Value)
	case *directory.GreaterOrEqual:
		return appendItem(dst, f.Attr, ">=", f.Value)
	case *directory.LessOrEqual:
		return appendItem(dst, f.Attr, "<=", f.Value)
	case *directory.ApproxMatch:
		return appendItem(dst, f.Attr, "~=", f.Value)
	case *directory.Present:
		dst = appendName(append(dst, '('), f.Attr)
		return append(dst, "=*)"...)
	case *directory.Substrings:
		dst = appendName(append(dst, '('), f.Attr)
		dst = append(dst, '=')
		dst = appendSubstrings(dst, f.Initial, f.Any, f.Final)
		return append(dst, ')')
	case *directory.ExtensibleMatch:
		return appendExtensible(dst, f)
	case nil:
		return append(dst, "(?)"...)
	default:
		panic(fmt.Sprintf("filter: unknown form %T", f))
	}
}

// String returns the string form of f (RFC 4515) as Append makes it.
func String(f directory.Filter) string { return string(Append(nil, f)) }

func appendList(dst []byte, op byte, list []directory.Filter) []byte {
	dst = append(dst, '(', op)
	for _, f := range list {
		dst = Append(dst, f)
	}
	return append(dst, ')')
}

func appendItem(dst []byte, attr, op string, value []byte) []byte {
	dst = appendName(append(dst, '('), attr)
	dst = append(dst, op...)
	dst = appendValue(dst, value)
	return append(dst, ')')
}

func appendSubstrings(dst, initial []byte, middle [][]byte, final []byte) []byte {
	dst = append(appendValue(dst, initial), '*')
	for _, part := range middle {
		dst = append(appendValue(dst, part), '*')
	}
	return appendValue(dst, final)
}

func appendExtensible(dst []byte, f *directory.ExtensibleMatch) []byte {
	dst = appendName(append(dst, '('), f.Attr)
	if f.DNAttributes {
		dst = append(dst, ":dn"...)
	}
	if f.Rule != "" {
		dst = appendName(append(dst, ':'), f.Rule)
	}
	dst = append(dst, ":="...)
	dst = appendValue(dst, f.Value)
	return append(dst, ')')
}

func appendName(dst []byte, name string) []byte {
	for i := range len(name) {
		if c := name[i]; isDescription(c) {
			dst = append(dst, c)
		} else {
			dst = appendHex(dst, c)
		}
	}
	return dst
}

func appendValue(dst, v []byte) []byte {
	for i := 0; i < len(v); {
		c := v[i]
		switch {
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRune(v[i:])
			if r == utf8.RuneError && size == 1 {
				dst = appendHex(dst, c)
			} else {
				dst = append(dst, v[i:i+size]...)
			}
			i += size
			continue
		case c < 0x20, c == 0x7f, c == '(', c == ')', c == '*', c == '\\':
			dst = appendHex(dst, c)
		default:
			dst = append(dst, c)
		}
		i++
	}
	return dst
}

func appendHex(dst []byte, c byte) []byte {
	const digits = "0123456789abcdef"
	return append(dst, '\\', digits[c>>4], digits[c&15])
}
