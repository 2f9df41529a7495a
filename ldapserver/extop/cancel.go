package extop

// Cancel is RFC 3909. Its value is read by wire.
const Cancel = "1.3.6.1.1.8"
