// Package wire is the codec of LDAP messages (RFC 4511): framing and decoding of what clients send, appending of what a
// server answers. It knows bytes and bounds; what a request may do is decided elsewhere.
//
// Decoding copies nothing. Strings and byte slices of a [Message] alias the buffer that was decoded, and its slices
// and filters live in storage that the Message uses again: all of it is valid until the buffer is written to or the
// Message is decoded into again, whichever comes first. Who keeps a part clones it.
package wire
