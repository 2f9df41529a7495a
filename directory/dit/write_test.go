package dit_test

import (
	"fmt"
	"strings"
	"testing"

	"gatehouse/directory"
	"gatehouse/directory/dit"
)

// writeCase is one write as somebody, its result, and lines that an entry has afterwards.
type writeCase struct {
	name string
	do   func(f *fixture) error
	code directory.ResultCode
	text string // part of the diagnostic
	dn   string // entry to read afterwards
	read []string
	want []string
}

func runWrites(t *testing.T, cases []writeCase) {
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			err := tt.do(f)
			f.wants(err, tt.code)
			if !strings.Contains(diagnostic(err), tt.text) {
				t.Errorf("diagnostic %q lacks %q", diagnostic(err), tt.text)
			}
			if tt.dn != "" {
				f.compareLists(f.read(f.operator(), tt.dn, tt.read...), tt.want...)
			}
			if err := f.d.Verify(t.Context(), func(p dit.Problem) error {
				t.Errorf("%s: %s: %v", p.Hook, p.DN, p.Err)
				return nil
			}); err != nil {
				t.Error(err)
			}
		})
	}
}

const carol = "uid=carol," + people

var carolLines = []string{"objectClass: inetOrgPerson", "uid: carol", "cn: Carol", "sn: Tester"}

func adding(as, dn string, lines ...string) func(*fixture) error {
	return func(f *fixture) error { return f.addAs(f.as(as), dn, lines...) }
}

func TestAdd(t *testing.T) {
	t.Parallel()
	with := func(lines ...string) []string { return append(append([]string{}, carolLines...), lines...) }
	runWrites(t, []writeCase{
		{name: "an entry", do: adding(adminDN, carol, carolLines...), dn: carol, read: []string{"*", "creatorsName", "structuralObjectClass"},
			want: []string{"cn: Carol", "creatorsName: " + adminDN, "objectClass: inetOrgPerson", "sn: Tester", "structuralObjectClass: inetOrgPerson", "uid: carol"}},
		{name: "as a writer", do: adding(writer, carol, carolLines...)},
		{name: "as a reader", do: adding(reader, carol, carolLines...), code: directory.InsufficientAccessRights},
		{name: "as oneself, the parent being hidden", do: adding(alice, "cn=x,"+groups, "objectClass: device", "cn: x"), code: directory.NoSuchObject},
		{name: "anonymous", do: adding("", carol, carolLines...), code: directory.NoSuchObject},
		{name: "name taken", do: adding(adminDN, alice, "objectClass: account", "uid: alice"), code: directory.EntryAlreadyExists},
		{name: "parent missing", do: adding(adminDN, "uid=x,ou=nowhere,"+base, "objectClass: account", "uid: x"), code: directory.NoSuchObject},
		{name: "outside", do: adding(adminDN, "dc=org", "objectClass: domain", "dc: org"), code: directory.NoSuchObject},
		{name: "suffix again", do: adding(adminDN, base, "objectClass: domain", "dc: example"), code: directory.EntryAlreadyExists},
		{name: "root DSE", do: adding(adminDN, "", "objectClass: top"), code: directory.UnwillingToPerform},
		{name: "schema", do: adding(adminDN, "cn=Subschema", "objectClass: device", "cn: Subschema"), code: directory.UnwillingToPerform},
		{name: "naming value left out", do: adding(adminDN, carol, "objectClass: inetOrgPerson", "cn: Carol", "sn: Tester"),
			dn: carol, read: []string{"uid"}, want: []string{"uid: carol"}},
		{name: "another naming value", do: adding(adminDN, "cn=Carol+UID=carol,"+people, "objectClass: inetOrgPerson", "cn: CAROL", "cn: C", "uid: c", "sn: Tester"),
			dn: "cn=carol+uid=carol," + people, read: []string{"cn", "uid"}, want: []string{"cn: C", "cn: CAROL", "uid: c", "uid: carol"}},
		{name: "password in the name", do: adding(adminDN, "userPassword=x,"+people, "objectClass: person", "cn: x", "sn: x"), code: directory.NamingViolation, text: "userPassword"},
		{name: "operational naming value", do: adding(adminDN, "createTimestamp=20200101000000Z,"+people, "objectClass: person", "cn: x", "sn: x"), code: directory.NamingViolation},
		{name: "unknown naming attribute", do: adding(adminDN, "nosuch=x,"+people, "objectClass: person", "cn: x", "sn: x"), code: directory.InvalidDNSyntax},
		{name: "unknown attribute", do: adding(adminDN, carol, with("nosuch: 1")...), code: directory.UndefinedAttributeType, text: "nosuch"},
		{name: "attribute not allowed", do: adding(adminDN, carol, with("uidNumber: 1")...), code: directory.ObjectClassViolation, text: "uidNumber"},
		{name: "required attribute missing", do: adding(adminDN, carol, "objectClass: inetOrgPerson", "uid: carol", "cn: Carol"), code: directory.ObjectClassViolation, text: "sn"},
		{name: "no object class", do: adding(adminDN, carol, "uid: carol"), code: directory.ObjectClassViolation},
		{name: "unknown object class", do: adding(adminDN, carol, with("objectClass: nosuch")...), code: directory.InvalidAttributeSyntax},
		{name: "value twice", do: adding(adminDN, carol, with("mail: a@b", "mail: A@B")...), code: directory.AttributeOrValueExists},
		{name: "member twice", do: adding(adminDN, "cn=g,"+groups, "objectClass: groupOfNames", "cn: g", "member: "+alice, "member: UID=ALICE,"+people), code: directory.AttributeOrValueExists},
		{name: "member that is no name", do: adding(adminDN, "cn=g,"+groups, "objectClass: groupOfNames", "cn: g", "member: alice"), code: directory.InvalidAttributeSyntax},
		{name: "group without member", do: adding(adminDN, "cn=g,"+groups, "objectClass: groupOfNames", "cn: g"), code: directory.ObjectClassViolation, text: "member"},
		{name: "group of itself", do: adding(adminDN, "cn=g,"+groups, "objectClass: groupOfNames", "cn: g", "member: cn=g,"+groups),
			dn: "cn=g," + groups, read: []string{"member", "memberOf"}, want: []string{"member: cn=g," + groups, "memberOf: cn=g," + groups}},
		{name: "member with a bit string", do: adding(adminDN, "cn=u,"+groups, "objectClass: groupOfUniqueNames", "cn: u", "uniqueMember: "+alice, "uniqueMember: "+bob+"#'01'B"),
			dn: "cn=u," + groups, read: []string{"uniqueMember"}, want: []string{"uniqueMember: " + alice, "uniqueMember: " + bob + "#'01'B"}},
		{name: "server-owned", do: adding(adminDN, carol, with("entryUUID: 00000000-0000-4000-8000-000000000000")...), code: directory.ConstraintViolation, text: "no user modification"},
		{name: "memberOf", do: adding(adminDN, carol, with("memberOf: "+staff)...), code: directory.ConstraintViolation},
		{name: "syntax", do: adding(adminDN, carol, with("objectClass: posixAccount", "uidNumber: one", "gidNumber: 1", "homeDirectory: /")...), code: directory.InvalidAttributeSyntax, text: "uidNumber"},
		{name: "hashed password as administrator", do: adding(adminDN, carol, with("userPassword: {SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3")...)},
		{name: "hashed password as writer", do: adding(writer, carol, with("userPassword: {SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3")...), code: directory.ConstraintViolation, text: "clear"},
		{name: "malformed hash", do: adding(adminDN, carol, with("userPassword: {SSHA}x")...), code: directory.ConstraintViolation},
		{name: "empty password", do: adding(adminDN, carol, with("userPassword: ")...), code: directory.ConstraintViolation},
		{name: "values twice", do: func(f *fixture) error {
			attrs := append(attributes(carolLines...), attributes("sn: Again")...)
			return f.d.Add(f.Context(), f.as(adminDN), &directory.AddRequest{DN: carol, Attributes: attrs})
		}, code: directory.AttributeOrValueExists},
		{name: "no values", do: func(f *fixture) error {
			attrs := append(attributes(carolLines...), directory.PartialAttribute{Attr: "mail"})
			return f.d.Add(f.Context(), f.as(adminDN), &directory.AddRequest{DN: carol, Attributes: attrs})
		}, code: directory.ProtocolError},
	})
}

func modifying(as, dn string, lines ...string) func(*fixture) error {
	return func(f *fixture) error { return f.modify(f.as(as), dn, lines...) }
}

func TestModify(t *testing.T) {
	t.Parallel()
	runWrites(t, []writeCase{
		{name: "add, delete, replace in order", do: modifying(adminDN, alice, "add title: a", "add title: b", "delete title: a", "replace mail: x@y", "add mail: z@y"),
			dn: alice, read: []string{"title", "mail"}, want: []string{"mail: x@y", "mail: z@y", "title: b"}},
		{name: "all or nothing", do: modifying(adminDN, alice, "replace title: a", "add mail: ALICE@example.com"), code: directory.AttributeOrValueExists,
			dn: alice, read: []string{"title"}},
		{name: "delete a missing value", do: modifying(adminDN, alice, "delete mail: nobody"), code: directory.NoSuchAttribute},
		{name: "delete a missing attribute", do: modifying(adminDN, alice, "delete title"), code: directory.NoSuchAttribute},
		{name: "delete an attribute", do: modifying(adminDN, alice, "delete mail"), dn: alice, read: []string{"mail"}},
		{name: "delete the last value", do: modifying(adminDN, alice, "delete mail: alice@example.com"), dn: alice, read: []string{"mail"}},
		{name: "replace by nothing", do: modifying(adminDN, alice, "replace mail"), dn: alice, read: []string{"mail"}},
		{name: "replace what is not there by nothing", do: modifying(adminDN, alice, "replace title")},
		{name: "add the same value in one request", do: modifying(adminDN, alice, "add title: a", "add title: A"), code: directory.AttributeOrValueExists},
		{name: "replace by a value twice", do: modifying(adminDN, alice, "replace title: a", "replace title: A"), code: directory.AttributeOrValueExists},
		{name: "increment", do: modifying(adminDN, alice, "increment uidNumber: -2"), dn: alice, read: []string{"uidNumber"}, want: []string{"uidNumber: 9999"}},
		{name: "increment what is not there", do: modifying(adminDN, people, "increment uidNumber: 1"), code: directory.NoSuchAttribute},
		{name: "increment text", do: modifying(adminDN, alice, "increment sn: 1"), code: directory.ConstraintViolation},
		{name: "increment by text", do: modifying(adminDN, alice, "increment uidNumber: x"), code: directory.ConstraintViolation},
		{name: "increment by two values", do: modifying(adminDN, alice, "increment uidNumber: 1", "increment uidNumber: 2"), code: directory.ProtocolError},
		{name: "add no value", do: modifying(adminDN, alice, "add title"), code: directory.ProtocolError},
		{name: "value of the RDN", do: modifying(adminDN, alice, "replace uid: other"), code: directory.NotAllowedOnRDN, text: "uid"},
		{name: "another value beside the RDN", do: modifying(adminDN, alice, "add uid: other"), dn: alice, read: []string{"uid"}, want: []string{"uid: alice", "uid: other"}},
		{name: "structural class", do: modifying(adminDN, alice, "replace objectClass: account", "replace objectClass: posixAccount"), code: directory.ObjectClassModsProhibited},
		{name: "auxiliary class", do: modifying(adminDN, alice, "add objectClass: shadowAccount"), dn: alice, read: []string{"objectClass"},
			want: []string{"objectClass: inetOrgPerson", "objectClass: posixAccount", "objectClass: shadowAccount"}},
		{name: "auxiliary class away, its attributes not", do: modifying(adminDN, alice, "delete objectClass: posixAccount"), code: directory.ObjectClassViolation},
		{name: "single value", do: modifying(adminDN, alice, "add uidNumber: 7"), code: directory.ConstraintViolation},
		{name: "required attribute", do: modifying(adminDN, alice, "delete sn"), code: directory.ObjectClassViolation, text: "sn"},
		{name: "server-owned", do: modifying(adminDN, alice, "replace entryUUID: x"), code: directory.ConstraintViolation, text: "no user modification"},
		{name: "computed", do: modifying(adminDN, alice, "add memberOf: "+staff), code: directory.ConstraintViolation},
		{name: "unknown attribute", do: modifying(adminDN, alice, "add nosuch: 1"), code: directory.UndefinedAttributeType},
		{name: "missing entry", do: modifying(adminDN, carol, "add title: x"), code: directory.NoSuchObject},
		{name: "root DSE", do: modifying(adminDN, "", "add title: x"), code: directory.UnwillingToPerform},
		{name: "reader", do: modifying(reader, alice, "add title: x"), code: directory.InsufficientAccessRights},
		{name: "reader, value that is there", do: modifying(reader, alice, "add mail: alice@example.com"), code: directory.InsufficientAccessRights},
		{name: "reader, value that is not there", do: modifying(reader, alice, "delete mail: x"), code: directory.InsufficientAccessRights},
		{name: "reader, attribute that is not there", do: modifying(reader, alice, "delete title"), code: directory.InsufficientAccessRights},
		{name: "oneself", do: modifying(alice, alice, "add title: x"), code: directory.InsufficientAccessRights},
		{name: "oneself, by what is there", do: modifying(alice, alice, "replace mail: alice@example.com")},
		{name: "another, hidden", do: modifying(alice, bob, "add title: x"), code: directory.NoSuchObject},
		{name: "writer", do: modifying(writer, alice, "add title: x"), dn: alice, read: []string{"title"}, want: []string{"title: x"}},
		{name: "syntax", do: modifying(adminDN, alice, "replace uidNumber: x"), code: directory.InvalidAttributeSyntax},
	})
}

func TestModifyReferences(t *testing.T) {
	t.Parallel()
	read := []string{"member"}
	runWrites(t, []writeCase{
		{name: "add", do: modifying(adminDN, staff, "add member: "+adminDN), dn: staff, read: read, want: []string{"member: " + adminDN, "member: " + alice, "member: " + bob}},
		{name: "add what is there", do: modifying(adminDN, staff, "add member: UID=alice,"+people), code: directory.AttributeOrValueExists},
		{name: "delete", do: modifying(adminDN, staff, "delete member: "+bob), dn: staff, read: read, want: []string{"member: " + alice}},
		{name: "delete what is not there", do: modifying(adminDN, staff, "delete member: "+adminDN), code: directory.NoSuchAttribute},
		{name: "delete the last", do: modifying(adminDN, staff, "delete member: "+bob, "delete member: "+alice), code: directory.ObjectClassViolation, text: "member",
			dn: staff, read: read, want: []string{"member: " + alice, "member: " + bob}},
		{name: "delete all", do: modifying(adminDN, staff, "delete member"), code: directory.ObjectClassViolation},
		{name: "delete all and add", do: modifying(adminDN, staff, "delete member", "add member: "+adminDN), dn: staff, read: read, want: []string{"member: " + adminDN}},
		{name: "delete all, add, delete", do: modifying(adminDN, staff, "delete member", "add member: "+adminDN, "delete member: "+adminDN), code: directory.ObjectClassViolation},
		{name: "add and delete", do: modifying(adminDN, staff, "add member: "+adminDN, "delete member: "+adminDN), dn: staff, read: read, want: []string{"member: " + alice, "member: " + bob}},
		{name: "delete and add", do: modifying(adminDN, staff, "delete member: "+bob, "add member: "+bob), dn: staff, read: read, want: []string{"member: " + alice, "member: " + bob}},
		{name: "replace", do: modifying(adminDN, staff, "replace member: "+bob, "replace member: "+adminDN), dn: staff, read: read, want: []string{"member: " + adminDN, "member: " + bob}},
		{name: "replace twice", do: modifying(adminDN, staff, "replace member: "+adminDN, "replace title", "replace member: "+bob), dn: staff, read: read, want: []string{"member: " + bob}},
		{name: "replace by nothing", do: modifying(adminDN, staff, "replace member"), code: directory.ObjectClassViolation},
		{name: "replace by text alone", do: modifying(adminDN, staff, "replace member: cn=x,dc=elsewhere"), dn: staff, read: read, want: []string{"member: cn=x,dc=elsewhere"}},
		{name: "unresolved away", do: func(f *fixture) error {
			f.ok(f.modify(f.as(adminDN), staff, "add member: "+carol))
			return f.modify(f.as(adminDN), staff, "delete member: UID=Carol,"+people, "delete member: "+bob)
		}, dn: staff, read: read, want: []string{"member: " + alice}},
		{name: "text and links", do: modifying(adminDN, staff, "add member: cn=x,dc=elsewhere", "delete member: "+alice, "delete member: "+bob),
			dn: staff, read: read, want: []string{"member: cn=x,dc=elsewhere"}},
		{name: "not allowed", do: modifying(adminDN, alice, "add member: "+bob), code: directory.ObjectClassViolation, text: "member"},
		{name: "manager", do: modifying(adminDN, bob, "replace manager: "+adminDN), dn: bob, read: []string{"manager"}, want: []string{"manager: " + adminDN}},
		{name: "manager away", do: modifying(adminDN, bob, "delete manager"), dn: bob, read: []string{"manager"}},
		{name: "the attribute that is not there", do: modifying(adminDN, alice, "delete manager"), code: directory.NoSuchAttribute},
		{name: "another class", do: modifying(adminDN, staff, "add objectClass: extensibleObject", "add title: x"), dn: staff, read: []string{"title"}, want: []string{"title: x"}},
		{name: "reader", do: modifying(reader, staff, "add member: "+adminDN), code: directory.InsufficientAccessRights},
		{name: "reader, replace", do: modifying(reader, staff, "replace member: "+adminDN), code: directory.InsufficientAccessRights},
		{name: "reader, delete all", do: modifying(reader, staff, "delete member"), code: directory.InsufficientAccessRights},
	})
}

func deleting(as, dn string) func(*fixture) error {
	return func(f *fixture) error {
		return f.d.Delete(f.Context(), f.as(as), &directory.DeleteRequest{DN: dn})
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	runWrites(t, []writeCase{
		{name: "a person, with the links", do: deleting(adminDN, bob), dn: staff, read: []string{"member"}, want: []string{"member: " + alice}},
		{name: "non-leaf", do: deleting(adminDN, people), code: directory.NotAllowedOnNonLeaf},
		{name: "missing", do: deleting(adminDN, carol), code: directory.NoSuchObject},
		{name: "root DSE", do: deleting(adminDN, ""), code: directory.UnwillingToPerform},
		{name: "schema", do: deleting(adminDN, "cn=Subschema"), code: directory.UnwillingToPerform},
		{name: "reader", do: deleting(reader, bob), code: directory.InsufficientAccessRights},
		{name: "hidden", do: deleting(alice, bob), code: directory.NoSuchObject},
		{name: "the only member of a group", do: deleting(adminDN, staff), dn: nested, read: []string{"member"}},
		{name: "oneself", do: deleting(adminDN, adminDN)},
	})
}

func renaming(as, dn, rdn string, deleteOld bool, superior ...string) func(*fixture) error {
	return func(f *fixture) error {
		req := &directory.ModifyDNRequest{DN: dn, NewRDN: rdn, DeleteOldRDN: deleteOld}
		if len(superior) > 0 {
			req.NewSuperior, req.HasNewSuperior = superior[0], true
		}
		return f.d.ModifyDN(f.Context(), f.as(as), req)
	}
}

func TestModifyDN(t *testing.T) {
	t.Parallel()
	const renamed = "uid=alicia," + people
	runWrites(t, []writeCase{
		{name: "rename", do: renaming(adminDN, alice, "uid=alicia", true), dn: renamed, read: []string{"uid", "memberOf", "entryDN"},
			want: []string{"entryDN: " + renamed, "memberOf: " + nested, "memberOf: " + staff, "uid: alicia"}},
		{name: "rename, old value stays", do: renaming(adminDN, alice, "uid=alicia", false), dn: renamed, read: []string{"uid"}, want: []string{"uid: alice", "uid: alicia"}},
		{name: "links follow", do: renaming(adminDN, alice, "uid=alicia", true), dn: staff, read: []string{"member"}, want: []string{"member: " + renamed, "member: " + bob}},
		{name: "case only", do: renaming(adminDN, alice, "uid=Alice", true), dn: "uid=Alice," + people, read: []string{"entryDN"}, want: []string{"entryDN: uid=Alice," + people}},
		{name: "another attribute", do: renaming(adminDN, alice, "cn=Alice Tester", false), dn: "cn=Alice Tester," + people, read: []string{"uid", "cn"}, want: []string{"cn: Alice Tester", "uid: alice"}},
		{name: "two values", do: renaming(adminDN, alice, "uid=alice+cn=Alice Tester", true), dn: "uid=alice+cn=Alice Tester," + people, read: []string{"uid"}, want: []string{"uid: alice"}},
		{name: "move", do: renaming(adminDN, alice, "uid=alice", true, groups), dn: "uid=alice," + groups, read: []string{"uid"}, want: []string{"uid: alice"}},
		{name: "move a subtree", do: renaming(adminDN, people, "ou=humans", true, groups), dn: "uid=bob,ou=humans," + groups, read: []string{"manager"}, want: []string{"manager: uid=alice,ou=humans," + groups}},
		{name: "below itself", do: renaming(adminDN, people, "ou=people", true, alice), code: directory.UnwillingToPerform},
		{name: "below itself, directly", do: renaming(adminDN, people, "ou=people", true, people), code: directory.UnwillingToPerform},
		{name: "name taken", do: renaming(adminDN, alice, "uid=bob", true), code: directory.EntryAlreadyExists},
		{name: "name taken elsewhere", do: renaming(adminDN, staff, "ou=people", false, base), code: directory.EntryAlreadyExists},
		{name: "superior missing", do: renaming(adminDN, alice, "uid=alice", true, "ou=nowhere,"+base), code: directory.NoSuchObject},
		{name: "entry missing", do: renaming(adminDN, carol, "uid=x", true), code: directory.NoSuchObject},
		{name: "suffix", do: renaming(adminDN, base, "dc=other", true), code: directory.UnwillingToPerform},
		{name: "malformed RDN", do: renaming(adminDN, alice, "alicia", true), code: directory.InvalidDNSyntax},
		{name: "unknown type", do: renaming(adminDN, alice, "nosuch=x", true), code: directory.InvalidDNSyntax},
		{name: "attribute not allowed", do: renaming(adminDN, alice, "dc=alice", false), code: directory.ObjectClassViolation},
		{name: "required attribute away", do: renaming(adminDN, "cn=staff,"+groups, "ou=staff", true), code: directory.ObjectClassViolation},
		{name: "server-owned", do: renaming(adminDN, alice, "entryUUID=00000000-0000-4000-8000-000000000000", false), code: directory.ConstraintViolation},
		{name: "reader", do: renaming(reader, alice, "uid=alicia", true), code: directory.InsufficientAccessRights},
		{name: "reader, name taken", do: renaming(reader, alice, "uid=bob", true), code: directory.InsufficientAccessRights},
		{name: "oneself", do: renaming(alice, alice, "uid=alicia", true), code: directory.InsufficientAccessRights},
		{name: "hidden", do: renaming(alice, bob, "uid=x", true), code: directory.NoSuchObject},
		{name: "below the root DSE", do: renaming(adminDN, alice, "uid=alice", true, ""), code: directory.UnwillingToPerform},
	})
}

func TestSuffixEntries(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(o *dit.Options) { o.Suffixes = append(o.Suffixes, "dc=second,dc=org") })
	f.wants(f.addAs(f.as(reader), "dc=second,dc=org", "objectClass: domain", "dc: second"), directory.InsufficientAccessRights)
	f.ok(f.addAs(f.as(adminDN), "dc=second,dc=org", "objectClass: domain", "dc: second"))
	f.ok(f.addAs(f.as(adminDN), "ou=x,dc=second,dc=org", "objectClass: organizationalUnit", "ou: x"))
	f.compareLists(f.read(f.as(""), "", "namingContexts"), "namingContexts: "+base, "namingContexts: dc=second,dc=org")
	f.ok(f.d.ModifyDN(t.Context(), f.operator(), &directory.ModifyDNRequest{
		DN: alice, NewRDN: "uid=alice", NewSuperior: "ou=x,dc=second,dc=org", HasNewSuperior: true,
	}))
	f.compareLists(f.read(f.operator(), staff, "member"), "member: uid=alice,ou=x,dc=second,dc=org", "member: "+bob)
}

func TestNothingToDoIsNotLogged(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	before := f.store.Published()
	f.ok(f.modify(f.as(adminDN), alice, "replace mail: alice@example.com"))
	if after := f.store.Published(); after != before {
		t.Errorf("CSN %d became %d", before, after)
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, tt := range []struct {
		as, dn, attr, value string
		want                bool
		code                directory.ResultCode
	}{
		{adminDN, alice, "mail", "ALICE@example.com", true, 0},
		{adminDN, alice, "mail", "x", false, 0},
		{adminDN, alice, "title", "x", false, directory.NoSuchAttribute},
		{adminDN, alice, "nosuch", "x", false, directory.UndefinedAttributeType},
		{adminDN, alice, "uidNumber", "x", false, directory.InvalidAttributeSyntax},
		{adminDN, alice, "name", "Tester", true, 0},
		{adminDN, staff, "member", alice, true, 0},
		{adminDN, staff, "member", carol, false, 0},
		{adminDN, staff, "uniqueMember", alice, true, 0}, // as it is seen there
		{adminDN, staff, "uniqueMember", carol, false, 0},
		{adminDN, alice, "uniqueMember", alice, false, directory.NoSuchAttribute},
		{adminDN, alice, "memberOf", nested, true, 0},
		{adminDN, alice, "memberOf", alice, false, 0},
		{adminDN, alice, "entryDN", alice, true, 0},
		{adminDN, carol, "uid", "carol", false, directory.NoSuchObject},
		{adminDN, alice, "userPassword", "secret-alice", false, directory.InsufficientAccessRights},
		{adminDN, people, "userPassword", "x", false, directory.InsufficientAccessRights},
		{alice, alice, "mail", "alice@example.com", true, 0},
		{alice, bob, "mail", "bob@example.com", false, directory.NoSuchObject},
		{"", alice, "mail", "alice@example.com", false, directory.NoSuchObject},
		{"", "", "supportedLDAPVersion", "3", false, directory.InappropriateMatching},
		{"", "", "objectClass", "top", true, 0},
		{"", "cn=Subschema", "objectClass", "subschema", true, 0},
	} {
		t.Run(fmt.Sprintf("%s %s of %s", tt.as, tt.attr, tt.dn), func(t *testing.T) {
			f := &fixture{TB: t, d: f.d, store: f.store}
			got, err := f.d.Compare(t.Context(), f.as(tt.as), &directory.CompareRequest{DN: tt.dn, Attr: tt.attr, Value: []byte(tt.value)})
			f.wants(err, tt.code)
			if got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
}
