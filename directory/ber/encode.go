package ber

// LengthSize returns the number of octets that the length n takes in its shortest form.
func LengthSize(n int) int {
	switch {
	case n < 0x80:
		return 1
	case n <= 0xff:
		return 2
	case n <= 0xffff:
		return 3
	case n <= 0xffffff:
		return 4
	default:
		return 5
	}
}

// Size returns the number of octets of an element with n octets of contents: tag, length and contents.
func Size(n int) int { return 1 + LengthSize(n) + n }

// AppendHeader appends a tag and the length n in its shortest form. n is at most 2^32-1.
func AppendHeader(dst []byte, tag byte, n int) []byte {
	switch {
	case n < 0x80:
		return append(dst, tag, byte(n))
	case n <= 0xff:
		return append(dst, tag, 0x81, byte(n))
	case n <= 0xffff:
		return append(dst, tag, 0x82, byte(n>>8), byte(n))
	case n <= 0xffffff:
		return append(dst, tag, 0x83, byte(n>>16), byte(n>>8), byte(n))
	default:
		return append(dst, tag, 0x84, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
}

// AppendOctets appends an element with the contents v: an OCTET STRING, or a context-specific form of one.
func AppendOctets[T ~string | ~[]byte](dst []byte, tag byte, v T) []byte {
	return append(AppendHeader(dst, tag, len(v)), v...)
}

// AppendBoolean appends a BOOLEAN; true is 0xff (RFC 4511 section 5.1).
func AppendBoolean(dst []byte, tag byte, v bool) []byte {
	if v {
		return append(dst, tag, 1, 0xff)
	}
	return append(dst, tag, 1, 0)
}

// IntegerSize returns the number of octets of contents that an INTEGER or ENUMERATED takes.
func IntegerSize(v int64) int {
	n := 1
	for v > 0x7f || v < -0x80 {
		v >>= 8
		n++
	}
	return n
}

// AppendInteger appends an INTEGER or ENUMERATED in its shortest form.
func AppendInteger(dst []byte, tag byte, v int64) []byte {
	n := IntegerSize(v)
	dst = append(dst, tag, byte(n))
	for shift := 8 * (n - 1); shift >= 0; shift -= 8 {
		dst = append(dst, byte(v>>shift))
	}
	return dst
}
