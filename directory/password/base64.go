package password

import (
	"bytes"
	"encoding/base64"
)

var strictBase64 = base64.RawStdEncoding.Strict()

// decodeBase64 decodes src into dst and returns the part that was written. Padding may be there or not, because exporters
// differ; line ends, which package base64 skips, are refused. It reports false if src is malformed or dst too short.
func decodeBase64(dst, src []byte) ([]byte, bool) {
	trimmed := bytes.TrimSuffix(bytes.TrimSuffix(src, []byte("=")), []byte("="))
	if len(trimmed) != len(src) && len(src)%4 != 0 {
		return nil, false
	}
	if strictBase64.DecodedLen(len(trimmed)) > len(dst) || bytes.IndexByte(trimmed, '\n') >= 0 || bytes.IndexByte(trimmed, '\r') >= 0 {
		return nil, false
	}
	n, err := strictBase64.Decode(dst, trimmed)
	return dst[:n], err == nil
}

// decodeAdaptedBase64 is decodeBase64 for the alphabet with '.' in place of '+' that passlib and OpenLDAP use in PBKDF2
// values. It takes '+' too, as 389-DS writes it.
func decodeAdaptedBase64(dst, src []byte) ([]byte, bool) {
	var plain [2 * MaxStoredBytes]byte
	n := copy(plain[:], src)
	if n != len(src) {
		return nil, false
	}
	for i, c := range plain[:n] {
		if c == '.' {
			plain[i] = '+'
		}
	}
	return decodeBase64(dst, plain[:n])
}

// parseDecimal reads an unsigned number without sign, space or leading zero; it reports false above maximum.
func parseDecimal(digits []byte, maximum int) (n int, ok bool) {
	if len(digits) == 0 || len(digits) > 1 && digits[0] == '0' {
		return 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' || n > maximum {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, n <= maximum
}
