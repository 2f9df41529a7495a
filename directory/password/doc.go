// Package password hashes new passwords, verifies those that were hashed elsewhere, and keeps both within bounds.
//
// New passwords become argon2id (RFC 9106) or bcrypt values. Every scheme that other directories export in userPassword
// (RFC 2307 section 5.3, RFC 3112) is verified and reported as due for an upgrade, so that the caller can hash it anew after a
// successful bind.
//
// Four rules hold whatever is stored:
//
//  1. Work is bounded. A Hasher lets as many goroutines hash as there are workers; Acquire takes a place before the caller knows
//     whose password it is, and refuses at once when too many wait. The bounds on every parameter are in bounds.go.
//  2. A failed verification computes at least one hash of the configured cost, also for an entry that does not exist.
//  3. A value that is malformed, out of bounds or of an unknown scheme never verifies, and nothing that is stored makes this
//     package panic.
//  4. No error, String or log value holds a password or a hash.
//
// The package imports nothing else of the product.
package password
