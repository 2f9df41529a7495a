package dit_test

import (
	"context"
	"iter"
	"strings"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/hook"
	"gatehouse/directory/ldif"
	"gatehouse/directory/schema"
	"gatehouse/storage"
	"gatehouse/storage/memkv"
)

const slapcat = `dn: uid=erin,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: erin
cn: Erin
sn: Tester
manager: uid=alice,ou=people,dc=example,dc=com
userPassword: {SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3
structuralObjectClass: inetOrgPerson
entryUUID: 6b9ef7b2-6f1c-103f-8d9e-1f2a3b4c5d6e
creatorsName: cn=Manager,dc=example,dc=com
createTimestamp: 20200102030405Z
entryCSN: 20210102030405.000000Z#000000#000#000000
modifiersName: cn=Manager,dc=example,dc=com
modifyTimestamp: 20210102030405Z
memberOf: cn=old,ou=groups,dc=example,dc=com
contextCSN: 20210102030405.000000Z#000000#000#000000
`

const erin = "uid=erin," + people

func records(tb testing.TB, text string) []*ldif.Record {
	tb.Helper()
	var list []*ldif.Record
	for rec, err := range ldif.NewReader(strings.NewReader(text), ldif.Options{}).All() {
		if err != nil {
			tb.Fatal(err)
		}
		list = append(list, rec.Clone())
	}
	return list
}

var kept = []string{"cn", "createTimestamp", "creatorsName", "entryUUID", "manager", "memberOf", "structuralObjectClass"}

var keptWant = []string{"cn: Erin", "createTimestamp: 20200102030405Z", "creatorsName: cn=Manager,dc=example,dc=com",
	"entryUUID: 6b9ef7b2-6f1c-103f-8d9e-1f2a3b4c5d6e", "manager: " + alice, "structuralObjectClass: inetOrgPerson"}

func (f *fixture) imports(s *acl.Session, text string, c dit.Conflict) (dit.Imported, error) {
	f.Helper()
	return f.d.Import(f.Context(), s, records(f, text)[0], c)
}

func TestImport(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	op := f.operator()
	_, err := f.imports(op, slapcat, dit.ConflictFail)
	f.ok(err)
	f.compareLists(f.read(op, erin, kept...), keptWant...)
	if !f.canBind(erin, "secret") {
		t.Error("the hash of the record does not verify")
	}

	_, err = f.imports(op, slapcat, dit.ConflictFail)
	f.wants(err, directory.EntryAlreadyExists)
	changed := strings.Replace(slapcat, "cn: Erin", "cn: Erna", 1)
	done, err := f.imports(op, changed, dit.ConflictSkip)
	f.ok(err)
	if !done.Skipped || f.one(erin, "cn") != "Erin" {
		t.Errorf("%+v", done)
	}
	short := "dn: " + erin + "\nobjectClass: inetOrgPerson\nuid: erin\ncn: Erna\nsn: Tester\nuserPassword: in the clear\n"
	done, err = f.imports(op, short, dit.ConflictReplace)
	f.ok(err)
	if !done.Replaced || done.CheapHashes != 1 {
		t.Errorf("%+v", done)
	}
	f.compareLists(f.read(op, erin, kept...), "cn: Erna", "createTimestamp: 20200102030405Z", "creatorsName: cn=Manager,dc=example,dc=com",
		"entryUUID: 6b9ef7b2-6f1c-103f-8d9e-1f2a3b4c5d6e", "structuralObjectClass: inetOrgPerson")
	if !f.canBind(erin, "in the clear") {
		t.Error("a clear password was not hashed")
	}

	for _, text := range []string{
		"dn: " + erin + "\nchangetype: modify\nreplace: title\ntitle: x\n-\nreplace: entryUUID\nentryUUID: 00000000-0000-4000-8000-000000000000\n-\nreplace: modifyTimestamp\nmodifyTimestamp: 20210102030405Z\n-\n",
		"dn: " + erin + "\nchangetype: modrdn\nnewrdn: uid=erna\ndeleteoldrdn: 1\n",
	} {
		_, err = f.imports(op, text, dit.ConflictFail)
		f.ok(err)
	}
	f.compareLists(f.read(op, "uid=erna,"+people, "entryUUID", "title", "uid"), "entryUUID: 00000000-0000-4000-8000-000000000000", "title: x", "uid: erna")
	_, err = f.imports(op, "dn: uid=erna,"+people+"\nchangetype: delete\n", dit.ConflictFail)
	f.ok(err)
}

func TestImportNeedsManage(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, who := range []string{writer, reader} {
		withoutPassword := strings.Replace(slapcat, "userPassword: ", "description: ", 1)
		_, err := f.imports(f.as(who), withoutPassword, dit.ConflictFail)
		f.wants(err, directory.InsufficientAccessRights)
		_, err = f.imports(f.as(who), "dn: "+alice+"\nchangetype: modify\nreplace: entryUUID\nentryUUID: 00000000-0000-4000-8000-000000000000\n-\n", dit.ConflictFail)
		f.wants(err, directory.ConstraintViolation)
	}
}

// TestSealedLoad seals records for a bulk load, loads them, and finds in the new store what an add would have made.
func TestSealedLoad(t *testing.T) {
	t.Parallel()
	std := schema.Standard()
	suffixes, err := dit.NewSuffixes(std, base)
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := dit.NewSealer(dit.SealerOptions{Schema: std, Suffixes: suffixes, Hooks: hook.Standard(), Now: start})
	if err != nil {
		t.Fatal(err)
	}
	text := "dn: " + base + "\nobjectClass: domain\ndc: example\n\ndn: " + people + "\nobjectClass: organizationalUnit\nou: people\n\n" +
		"dn: " + alice + "\nobjectClass: inetOrgPerson\nuid: alice\ncn: Alice\nsn: Tester\nuserPassword: secret-alice\n\n" + slapcat +
		"\ndn: cn=g," + people + "\nobjectClass: groupOfNames\ncn: g\nmember: " + erin + "\nmember: uid=x,dc=elsewhere\nmember: " + carol + "\n"
	var batch []storage.LoadEntry
	for _, rec := range records(t, text) {
		e, err := sealer.Seal(rec)
		if err != nil {
			t.Fatal(err)
		}
		batch = append(batch, e)
	}
	if n := sealer.CheapHashes(); n != 1 {
		t.Errorf("%d cheap hashes", n)
	}
	db := memkv.Open(memkv.Options{})
	options := storage.Options{Schema: std}
	batches := func(yield func([]storage.LoadEntry, error) bool) { yield(batch, nil) }
	report, err := storage.LoadInto(context.Background(), db, storage.LoadOptions{Options: options, Suffixes: suffixes}, iter.Seq2[[]storage.LoadEntry, error](batches))
	if err != nil || report.Entries != uint64(len(batch)) {
		t.Fatalf("%+v %v", report, err)
	}
	store, err := storage.Open(db, options)
	if err != nil {
		t.Fatal(err)
	}
	model := newFixture(t)
	f := &fixture{TB: t, store: store, hasher: model.hasher}
	f.d.Directory, err = dit.New(dit.Options{Store: store, Schema: std, Policy: model.d.Policy(), Hasher: f.hasher, Hooks: hook.Standard()})
	f.ok(err)
	t.Cleanup(func() { f.ok(store.Close()) })
	op := f.operator()
	f.compareLists(f.read(op, erin, append(kept, "modifyTimestamp", "modifiersName")...), append(append([]string{}, keptWant[:5]...),
		"memberOf: cn=g,"+people, "modifiersName: cn=Manager,dc=example,dc=com", "modifyTimestamp: 20210102030405Z", "structuralObjectClass: inetOrgPerson")...)
	f.compareLists(f.read(op, "cn=g,"+people, "member"), "member: "+carol, "member: "+erin, "member: uid=x,dc=elsewhere")
	if !f.canBind(alice, "secret-alice") || !f.canBind(erin, "secret") {
		t.Error("loaded passwords do not verify")
	}
	f.ok(f.d.Verify(t.Context(), func(p dit.Problem) error { return p.Err }))
}

func TestSealRefuses(t *testing.T) {
	t.Parallel()
	std := schema.Standard()
	suffixes, err := dit.NewSuffixes(std, base)
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := dit.NewSealer(dit.SealerOptions{Schema: std, Suffixes: suffixes, Hooks: hook.Standard(), Now: start})
	if err != nil {
		t.Fatal(err)
	}
	for text, code := range map[string]directory.ResultCode{
		"dn: cn=x,dc=org\nobjectClass: device\ncn: x\n":                                                 directory.NoSuchObject,
		"dn: userPassword=x," + base + "\nobjectClass: person\ncn: y\nsn: y\n":                          directory.NamingViolation,
		"dn: cn=x," + base + "\nobjectClass: device\ncn: x\nnosuch: y\n":                                directory.UndefinedAttributeType,
		"dn: cn=x," + base + "\nobjectClass: person\ncn: x\n":                                           directory.ObjectClassViolation,
		"dn: cn=x," + base + "\nobjectClass: device\ncn: x\nowner: nobody\n":                            directory.InvalidAttributeSyntax,
		"dn: cn=x," + base + "\nobjectClass: device\ncn: x\nmodifyTimestamp: yesterday\n":               directory.InvalidAttributeSyntax,
		"dn: nobody\nobjectClass: device\ncn: x\n":                                                      directory.InvalidDNSyntax,
		"dn: cn=x," + base + "\nobjectClass: device\ncn: x\nowner: " + base + "\nowner: " + base + "\n": directory.AttributeOrValueExists,
	} {
		if _, err := sealer.Seal(records(t, text)[0]); directory.CodeOf(err) != code {
			t.Errorf("%q: %v, want %v", text, err, code)
		}
	}
}
