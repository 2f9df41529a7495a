// Package ldif reads and writes the LDAP Data Interchange Format (RFC 2849) with the increment of RFC 4525: content records as
// an export holds them, and change records as ldapmodify takes them.
//
// Reading is streamed and does not copy: a [Record] aliases the reader's buffer and is valid until the next one is
// asked for. [Splitter] cuts an input at record boundaries, so that several goroutines may parse one file.
//
// Beyond the letter of the RFC the reader takes what is found in the field: UTF-8 that is not in base64, CRLF, a byte order
// mark, a "version: 1" line before any record, no "-" behind the last change of a record, values of one attribute in
// several places of an entry.
package ldif
