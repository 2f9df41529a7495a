package dit

import (
	"fmt"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// attributes holds the descriptions that operations name themselves, found once.
type attributes struct {
	objectClass, userPassword, uid, member, uniqueMember *directory.AttributeDescription

	// Stored operational attributes.
	entryUUID, creatorsName, createTimestamp, structuralObjectClass *directory.AttributeDescription

	// Computed ones; see computed.go.
	entryDN, memberOf, hasSubordinates, numSubordinates, subschemaSubentry *directory.AttributeDescription
	modifyTimestamp, modifiersName, entryCSN, entryUSN                     *directory.AttributeDescription
	computed                                                               []*directory.AttributeDescription

	// Of the root DSE and the subschema entry.
	namingContexts, lastUSN, highestCommittedUSN, cn *directory.AttributeDescription

	account   accountAttributes
	memberURL *directory.AttributeDescription // of dynamic groups; nil where the schema does not know it
	grantee   *directory.AttributeDescription // of grants of elevations; nil likewise

	memberUid *directory.AttributeDescription // of groups of RFC 2307; nil if the schema lacks it
	unix      *unixAttributes                 // likewise

	groupTypes []int                             // attribute types whose values make memberOf
	references []*directory.AttributeDescription // the types with FlagReference
}

// findAttributes returns an error that names the attribute types that the schema lacks.
func findAttributes(s *schema.Schema) (attributes, error) {
	var a attributes
	var missing []string
	find := func(name string) *directory.AttributeDescription {
		if t := s.TypeByName(name); t != nil {
			return t.Description()
		}
		missing = append(missing, name)
		return nil
	}
	a.objectClass, a.userPassword, a.uid = find("objectClass"), find("userPassword"), find("uid")
	a.member, a.uniqueMember = find("member"), find("uniqueMember")
	a.entryUUID, a.creatorsName = find("entryUUID"), find("creatorsName")
	a.createTimestamp, a.structuralObjectClass = find("createTimestamp"), find("structuralObjectClass")
	a.entryDN, a.memberOf = find("entryDN"), find("memberOf")
	a.hasSubordinates, a.numSubordinates = find("hasSubordinates"), find("numSubordinates")
	a.subschemaSubentry = find("subschemaSubentry")
	a.modifyTimestamp, a.modifiersName = find("modifyTimestamp"), find("modifiersName")
	a.entryCSN, a.entryUSN = find("entryCSN"), find("entryUSN")
	a.namingContexts, a.cn = find("namingContexts"), find("cn")
	a.lastUSN, a.highestCommittedUSN = find("lastUSN"), find("highestCommittedUSN")
	if missing != nil {
		return a, fmt.Errorf("dit: the schema lacks %q", missing)
	}
	optional := optionalType(s)
	a.account = findAccountAttributes(optional)
	a.memberUid, a.unix = optional("memberUid"), findUnixAttributes(optional)
	a.memberURL, a.grantee = optional("memberURL"), optional(acl.GranteeAttribute)
	a.computed = []*directory.AttributeDescription{
		a.entryDN, a.subschemaSubentry, a.hasSubordinates, a.numSubordinates, a.memberOf,
		a.modifyTimestamp, a.modifiersName, a.entryCSN, a.entryUSN,
	}
	a.groupTypes = append(append(a.groupTypes, s.Subtypes(a.member.TypeNo)...), s.Subtypes(a.uniqueMember.TypeNo)...)
	for no := range s.TypeCount() {
		if desc := s.TypeNo(no).Description(); desc.Is(directory.FlagReference) {
			a.references = append(a.references, desc)
		}
	}
	return a, nil
}
