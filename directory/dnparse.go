package directory

// ParseDN parses a distinguished name (RFC 4514).
func ParseDN(s string) (DN, error) { return DN{}, Errorf(InvalidDNSyntax, "invalid DN") }

// ParseRDN parses a relative distinguished name (RFC 4514).
func ParseRDN(s string) (RDN, error) { return nil, Errorf(InvalidDNSyntax, "invalid RDN") }

// String returns the name in the form of RFC 4514.
func (d DN) String() string { return string(AppendDN(nil, d)) }

// String returns the RDN in the form of RFC 4514.
func (r RDN) String() string { return "" }

// AppendDN appends the name in the form of RFC 4514.
func AppendDN(dst []byte, d DN) []byte { return dst }
