package filter

import "gatehouse/directory"

// Parse reads the string form of a filter (RFC 4515).
func Parse(s string) (directory.Filter, error) { return directory.And{}, nil }
