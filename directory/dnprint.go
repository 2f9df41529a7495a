package directory

import "unicode/utf8"

// String returns the name in the form of RFC 4514, types and values as they were written.
func (d DN) String() string { return string(AppendDN(nil, d)) }

// String returns the RDN in the form of RFC 4514.
func (r RDN) String() string { return string(AppendRDN(nil, r)) }

// AppendDN appends the name in the form of RFC 4514. Bytes that are not UTF-8 and control characters are written as
// hexadecimal pairs, everything else as it is.
func AppendDN(dst []byte, d DN) []byte {
	for i, rdn := range d.rdns {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendRDN(dst, rdn)
	}
	return dst
}

// AppendRDN appends the RDN in the form of RFC 4514.
func AppendRDN(dst []byte, r RDN) []byte {
	for i, ava := range r {
		if i > 0 {
			dst = append(dst, '+')
		}
		dst = append(dst, ava.Type...)
		dst = append(dst, '=')
		dst = appendDNValue(dst, ava.Value)
	}
	return dst
}

func appendDNValue(dst, value []byte) []byte {
	for i := 0; i < len(value); {
		c := value[i]
		switch {
		case c == '"' || c == '+' || c == ',' || c == ';' || c == '<' || c == '>' || c == '\\',
			c == '#' && i == 0,
			c == ' ' && (i == 0 || i == len(value)-1):
			dst = append(dst, '\\', c)
		case c < ' ' || c == 0x7f:
			dst = appendHexPair(dst, c)
		case c >= utf8.RuneSelf:
			if r, n := utf8.DecodeRune(value[i:]); r != utf8.RuneError || n > 1 {
				dst = append(dst, value[i:i+n]...)
				i += n
				continue
			}
			dst = appendHexPair(dst, c)
		default:
			dst = append(dst, c)
		}
		i++
	}
	return dst
}

func appendHexPair(dst []byte, c byte) []byte {
	const digits = "0123456789abcdef"
	return append(dst, '\\', digits[c>>4], digits[c&15])
}
