package ldapserver

import (
	"gatehouse/directory"
	"gatehouse/ldapserver/control"
	"gatehouse/ldapserver/extop"
	"gatehouse/ldapserver/sasl"
)

// features lists what has an OID of its own and is neither control nor extended operation.
var features = []string{
	"1.3.6.1.1.14",           // Modify-Increment (RFC 4525)
	"1.3.6.1.4.1.4203.1.5.1", // "+" selects all operational attributes (RFC 3673)
	"1.3.6.1.4.1.4203.1.5.2", // "@class" selects the attributes of an object class (RFC 4529)
	"1.3.6.1.4.1.4203.1.5.3", // (&) and (|) are true and false (RFC 4526)
}

// Capabilities returns the attributes of the root DSE that say what the server can do, printed from the tables.
func Capabilities(version string) []directory.PartialAttribute {
	var controls, operations, mechanisms [][]byte
	for _, row := range control.Table {
		controls = append(controls, []byte(row.OID))
	}
	for _, row := range extop.Table {
		operations = append(operations, []byte(row.OID))
	}
	for _, row := range sasl.Table {
		mechanisms = append(mechanisms, []byte(row.Name))
	}
	var feats [][]byte
	for _, oid := range features {
		feats = append(feats, []byte(oid))
	}
	return []directory.PartialAttribute{
		{Attr: "supportedControl", Values: controls},
		{Attr: "supportedExtension", Values: operations},
		{Attr: "supportedFeatures", Values: feats},
		{Attr: "supportedLDAPVersion", Values: [][]byte{[]byte("3")}},
		{Attr: "supportedSASLMechanisms", Values: mechanisms},
		{Attr: "vendorName", Values: [][]byte{[]byte("Gatehouse")}},
		{Attr: "vendorVersion", Values: [][]byte{[]byte(version)}},
	}
}
