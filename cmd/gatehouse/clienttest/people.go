package clienttest

import (
	_ "embed"
)

// People is LDIF with a few people, groups in groups, sudo rules, netgroups, services and maps of the automounter, for
// ServerOptions. The password of each person is the name and "-Secret-1".
//
//go:embed testdata/people.ldif
var People string

// Accounts is LDIF with password policies and with people whose accounts are expired, locked and so on, beside People.
//
//go:embed testdata/accounts.ldif
var Accounts string
