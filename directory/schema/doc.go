// Package schema knows attribute types, object classes, syntaxes and matching rules (RFC 4512, RFC 4517, RFC 4518): it
// validates entries, makes the keys by which values are compared, and normalizes names.
//
// A [Schema] is immutable and safe for concurrent use. [Standard] is the embedded one; a [Builder] adds definitions from
// files in the forms that OpenLDAP uses.
package schema
