package filter

import "gatehouse/directory"

// Append appends the string form of f (RFC 4515).
func Append(dst []byte, f directory.Filter) []byte { return dst }

// String returns the string form of f (RFC 4515).
func String(f directory.Filter) string { return string(Append(nil, f)) }
