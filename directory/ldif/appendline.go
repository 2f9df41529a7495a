package ldif

import (
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"

	"gatehouse/directory"
)

// foldColumns is the width of a written line, the customary one.
const foldColumns = 76

// AppendLine appends "name: value", in base64 where RFC 2849 wants it and where a control character would reach a terminal, folded
// at 76 columns.
func AppendLine[T ~string | ~[]byte](dst []byte, name string, value T) []byte {
	start := len(dst)
	dst = append(dst, name...)
	switch {
	case len(value) == 0:
		dst = append(dst, ':')
	case needsBase64(value):
		dst = append(dst, ":: "...)
		dst = base64.StdEncoding.AppendEncode(dst, []byte(value))
	default:
		dst = append(dst, ": "...)
		dst = append(dst, value...)
	}
	return append(fold(dst, start), '\n')
}

// fold breaks the line that starts at start into lines of foldColumns, moving it from the end.
func fold(dst []byte, start int) []byte {
	n := len(dst) - start
	if n <= foldColumns {
		return dst
	}
	const width = foldColumns - 1 // behind the space of a continuation
	breaks := (n - foldColumns + width - 1) / width
	from := len(dst)
	for range breaks {
		dst = append(dst, "\n "...)
	}
	to := len(dst)
	for b := breaks; b > 0; b-- {
		at := start + foldColumns + (b-1)*width
		to -= copy(dst[to-(from-at):], dst[at:from])
		to -= 2
		dst[to], dst[to+1] = '\n', ' '
		from = at
	}
	return dst
}

// appendControl appends a control line (RFC 2849), whose value follows the criticality as in a line of its own.
func appendControl(dst []byte, c directory.Control) []byte {
	head := "control: " + c.OID
	if c.Criticality {
		head += " true"
	}
	if c.HasValue {
		return AppendLine(dst, head, c.Value)
	}
	start := len(dst)
	return append(fold(append(dst, head...), start), '\n')
}

func appendComment(dst []byte, text string) []byte {
	dst = append(dst, "# "...)
	return append(append(dst, text...), '\n')
}

// needsBase64 reports whether v is no SAFE-STRING, ends with a space, or holds a control character.
func needsBase64[T ~string | ~[]byte](v T) bool {
	if len(v) == 0 {
		return false
	}
	switch v[0] {
	case ' ', ':', '<':
		return true
	}
	for i := range len(v) {
		if v[i] < ' ' || v[i] >= 0x7f {
			return true
		}
	}
	return v[len(v)-1] == ' '
}

// isPrintable reports whether s can stand in a comment: nothing in it ends the line or moves the cursor.
func isPrintable(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}
