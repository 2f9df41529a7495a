// Package foreign reads what other directories and systems export, and makes of it records that this server can take: exports
// of 389-DS, FreeIPA and lldap, the configuration of GLAuth, passwd files and CSV. [ReadSlapd] reads the configuration of
// OpenLDAP.
//
// Nothing is lost without a word: what a record had and its entry has not is a [Note] with the reason, a count and the
// first places. The readers are pure: they open no file, look nothing up and keep no secret in a note or an error. All of them
// are bounded, and what is malformed is an [*Error] that names file, line and what to do.
package foreign
