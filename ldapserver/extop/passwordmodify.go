package extop

// PasswordModify is RFC 3062. Its value is read and made by wire.
const PasswordModify = "1.3.6.1.4.1.4203.1.11.1"
