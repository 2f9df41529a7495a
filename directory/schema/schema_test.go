package schema

import (
	"testing"

	"gatehouse/directory"
)

func TestStandardFlags(t *testing.T) {
	t.Parallel()
	const (
		op    = directory.FlagOperational
		ref   = directory.FlagReference
		conf  = directory.FlagConfidential
		one   = directory.FlagSingleValue
		keep  = directory.FlagNoUserMod
		comp  = directory.FlagComputed
		stamp = op | one | keep
	)
	want := map[string]directory.DescriptionFlags{
		"cn": 0, "uidNumber": one, "member": ref, "uniqueMember": ref, "manager": ref, "owner": ref, "seeAlso": ref,
		"secretary": ref, "roleOccupant": ref, "aliasedObjectName": one, "memberOf": keep | comp,
		"userPassword": conf, "authPassword": conf, "totpSecret": conf, "krbPrincipalKey": conf, "sambaNTPassword": conf | one,
		"unicodePwd": conf | one, "pwdHistory": conf | op | keep,
		"entryDN": stamp | comp, "subschemaSubentry": stamp | comp, "hasSubordinates": stamp | comp,
		"numSubordinates": stamp | comp, "modifyTimestamp": stamp | comp, "modifiersName": stamp | comp,
		"entryCSN": stamp | comp, "entryUSN": stamp | comp,
		"entryUUID": stamp, "creatorsName": stamp, "createTimestamp": stamp, "structuralObjectClass": stamp,
		"pwdChangedTime": stamp, "pwdReset": op | one, "nsAccountLock": op | one, "lastUSN": stamp,
	}
	for name, flags := range want {
		d, err := Standard().Description(name)
		if err != nil {
			t.Errorf("Description(%q): %v", name, err)
		} else if d.Flags != flags {
			t.Errorf("%s: flags %07b, want %07b", name, d.Flags, flags)
		}
	}
}

func TestLookups(t *testing.T) {
	t.Parallel()
	s := Standard()
	cn := s.TypeByName("cn")
	for _, name := range []string{"CN", "commonName", "COMMONNAME", "2.5.4.3"} {
		if got := s.TypeByName(name); got != cn {
			t.Errorf("TypeByName(%q) = %v, want cn", name, got)
		}
	}
	if s.TypeNo(cn.No) != cn || s.TypeNo(-1) != nil || s.TypeNo(s.TypeCount()) != nil || s.Type(cn.Description()) != cn {
		t.Error("type numbers do not lead back to their types")
	}
	if s.TypeByName("") != nil || s.TypeByName("nothing") != nil || s.ObjectClass("nothing") != nil {
		t.Error("an unknown name was found")
	}
	if c := s.ObjectClass("INETORGPERSON"); c == nil || c != s.ObjectClass("2.16.840.1.113730.3.2.2") || !c.IsSubclassOf(s.ObjectClass("person")) {
		t.Errorf("inetOrgPerson is found as %v", c)
	}
	if r := s.MatchingRule("caseignorematch"); r == nil || r != s.MatchingRule("2.5.13.2") || r.Name() != "caseIgnoreMatch" {
		t.Errorf("caseIgnoreMatch is found as %v", r)
	}
	subs := map[string]bool{}
	for _, no := range s.Subtypes(s.TypeByName("name").No) {
		subs[s.TypeNo(no).Name()] = true
	}
	for _, name := range []string{"name", "cn", "sn", "givenName", "ou", "c-l"} {
		if !subs[name] {
			t.Errorf("%q is not among the subtypes of name", name)
		}
	}
	if subs["uid"] || len(s.Subtypes(cn.No)) != 1 {
		t.Error("subtypes hold what is none")
	}
}
