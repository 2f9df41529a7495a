package storage

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"gatehouse/directory"
	"gatehouse/storage/kv"
	"gatehouse/storage/memkv"

	"pgregory.net/rapid"
)

// findings runs a check and returns what it finds.
func findings(t interface {
	Helper()
	Fatalf(string, ...any)
}, s *Store) (all []string) {
	t.Helper()
	sn := s.Snapshot()
	defer sn.Close()
	summary, err := Check(context.Background(), sn, func(f Finding) { all = append(all, f.Error()) })
	if err != nil {
		t.Fatalf("check: %v", err)
	}
	if int(summary.Findings) != len(all) || summary.Entries != sn.EntryCount() && len(all) == 0 {
		t.Fatalf("summary %+v of %d findings, %d entries", summary, len(all), sn.EntryCount())
	}
	return all
}

// allKeys returns every key of a snapshot.
func allKeys(t testing.TB, sn *Snapshot) (all []kv.Record) {
	t.Helper()
	r, err := sn.epoch.reader()
	if err != nil {
		t.Fatal(err)
	}
	err = r.Export(context.Background(), func(rec kv.Record) error {
		rec.Key, rec.Value = bytes.Clone(rec.Key), bytes.Clone(rec.Value)
		all = append(all, rec)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// records is the input of a load from a list.
func records(all []kv.Record) iter.Seq2[kv.Record, error] {
	return func(yield func(kv.Record, error) bool) {
		for _, rec := range all {
			if !yield(rec, nil) {
				return
			}
		}
	}
}

// planFixture is a store in which every kind of plan occurs: sets in one key and in chunks, nested groups, references that
// wait, plain text in a reference attribute.
func planFixture(t testing.TB) *fixture {
	f := memFixture(t)
	base := f.create(0, "dc=example,dc=com", attr("objectClass", "top", "domain"), attr("dc", "example"))
	people := f.create(base, "ou=people", attr("objectClass", "top", "organizationalUnit"), attr("ou", "people"))
	groups := f.create(base, "ou=groups", attr("objectClass", "top", "organizationalUnit"), attr("ou", "groups"))
	deep := f.create(people, "ou=deep", attr("objectClass", "top", "organizationalUnit"), attr("ou", "deep"))
	var effects []Effect
	for i := range 200 {
		parent := people
		if i%20 == 0 {
			parent = deep
		}
		effects = append(effects, person(parent, i))
	}
	f.must(effects...)
	name := func(i int) string {
		if i%20 == 0 {
			return fmt.Sprintf("uid=u%03d,ou=deep,ou=people,dc=example,dc=com", i)
		}
		return fmt.Sprintf("uid=u%03d,ou=people,dc=example,dc=com", i)
	}
	for i := range 12 {
		e := create(groups, fmt.Sprintf("cn=g%d", i), attr("objectClass", "top", "groupOfNames"), attr("cn", fmt.Sprint("g", i)))
		for j := range 5 {
			e.References = append(e.References, reference("member", name(i*7+j*3)))
		}
		e.References = append(e.References, reference("owner", name(i)))
		if i > 0 {
			e.References = append(e.References, reference("member", fmt.Sprintf("cn=g%d,ou=groups,dc=example,dc=com", i/2)))
		}
		if i%3 == 0 {
			e.References = append(e.References, reference("member", fmt.Sprintf("uid=later%d,ou=people,dc=example,dc=com", i%2)))
		}
		if i == 5 {
			e.Entry = directory.StoredEntry(append(slices.Clone(e.Entry.Attributes()), attr("member", "cn=outside,dc=other")))
		}
		f.must(e)
	}
	return f
}

var surnames = []string{"Smith", "Sørensen", "O'Neill", "van der Berg", "Li"}

func person(parent directory.EntryID, i int) CreateEntry {
	uid := fmt.Sprintf("u%03d", i)
	attrs := []directory.Attribute{
		attr("objectClass", "top", "person", "inetOrgPerson", "posixAccount"), attr("uid", uid),
		attr("cn", fmt.Sprintf("Person %d %s", i, surnames[i%5])), attr("sn", surnames[i%5]),
		attr("uidNumber", fmt.Sprint(1000+i)), attr("gidNumber", fmt.Sprint(100*(1+i%3))),
		attr("mail", uid+"@example.com", fmt.Sprintf("p%d@example.org", i)),
		attr("description", fmt.Sprint("about ", i%7)), attr("createTimestamp", fmt.Sprintf("2030%02d01000000Z", 1+i%12)),
	}
	if i%4 == 0 {
		attrs = append(attrs, attr("cn;lang-de", fmt.Sprint("Mensch ", i)), attr("employeeNumber", fmt.Sprint(i)))
	}
	return create(parent, "uid="+uid, attrs...)
}

func TestCheckClean(t *testing.T) {
	t.Parallel()
	if all := findings(t, planFixture(t).Store); len(all) > 0 {
		t.Errorf("a sound store has findings:\n%s", strings.Join(all, "\n"))
	}
}

// TestCheckAfterChanges makes random changes of every kind and proves after them that all tables, and the indexes above all,
// are what the entries say.
func TestCheckAfterChanges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, err := Create(memkv.Open(memkv.Options{}), testOptions())
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}()
		c := &changer{fixture: &fixture{Store: s}, T: t}
		c.run(rapid.IntRange(1, 120).Draw(t, "changes"))
		if all := findings(t, s); len(all) > 0 {
			t.Fatalf("after %q:\n%s", c.done, strings.Join(all, "\n"))
		}
	})
}

// A changer proposes random changes. Refusals are part of the game.
type changer struct {
	*fixture
	*rapid.T
	ids  []directory.EntryID
	done []string
}

func (c *changer) run(n int) {
	r, err := c.propose(create(0, "dc=example,dc=com", attr("dc", "example")))
	if err != nil {
		c.Fatal(err)
	}
	c.ids = r.IDs
	for range n {
		effect := c.effect()
		r, err := c.propose(effect)
		c.done = append(c.done, fmt.Sprintf("%T %v: %v", effect, r.IDs, err))
		c.ids = append(c.ids, r.IDs...)
	}
}

func (c *changer) id() directory.EntryID { return rapid.SampledFrom(c.ids).Draw(c.T, "id") }

func (c *changer) name() string {
	return fmt.Sprintf("cn=%s,dc=example,dc=com", rapid.SampledFrom([]string{"a", "b", "c", "x,cn=a", "y,cn=b"}).Draw(c.T, "name"))
}

func (c *changer) attributes() []directory.Attribute {
	var attrs []directory.Attribute
	for _, name := range []string{"cn", "cn;lang-de", "sn", "uid", "uidNumber", "mail", "objectClass", "description", "createTimestamp"} {
		values := []string{"A b", "a  B", "abc", "x"}
		switch name {
		case "uidNumber":
			values = []string{"0", "-5", "700", "12345678901234567890"}
		case "objectClass":
			values = []string{"top", "person", "2.5.6.6", "inetOrgPerson"}
		case "createTimestamp":
			values = []string{"20300101000000Z", "203001010100+0100", "20310101000000.5Z"}
		case "description":
			values = []string{strings.Repeat("long ", 2000), "short"}
		}
		if chosen := rapid.SliceOfNDistinct(rapid.SampledFrom(values), 0, 2, rapid.ID[string]).Draw(c.T, name); len(chosen) > 0 {
			attrs = append(attrs, attr(name, chosen...))
		}
	}
	return attrs
}

func (c *changer) effect() Effect {
	ref := func() Reference {
		return reference(rapid.SampledFrom([]string{"member", "owner", "uniqueMember"}).Draw(c.T, "reference"), c.name())
	}
	rdn := rapid.SampledFrom([]string{"cn=a", "cn=b", "cn=c", "cn=x", "cn=y"}).Draw(c.T, "rdn")
	switch rapid.IntRange(0, 9).Draw(c.T, "effect") {
	case 0, 1, 2:
		e := create(c.id(), rdn, c.attributes()...)
		for range rapid.IntRange(0, 2).Draw(c.T, "references") {
			e.References = append(e.References, ref())
		}
		return e
	case 3, 4:
		e := PutAttributes{ID: c.id(), Set: c.attributes(), Quiet: rapid.Bool().Draw(c.T, "quiet")}
		for _, name := range []string{"cn", "sn", "uid", "description"} {
			if !slices.ContainsFunc(e.Set, func(a directory.Attribute) bool { return a.Desc == desc(name) }) {
				e.Remove = append(e.Remove, desc(name))
			}
		}
		return e
	case 5:
		return DeleteEntry{ID: c.id()}
	case 6:
		return MoveEntry{ID: c.id(), Parent: c.id(), RDN: rdn, NRDN: directory.NRDN(rdn)}
	case 7:
		return AddReference{c.id(), ref()}
	case 8:
		r := ref()
		return RemoveReference{ID: c.id(), Desc: r.Desc, Target: r.Target}
	default:
		return RemoveAllReferences{ID: c.id(), Desc: ref().Desc}
	}
}

// TestCheckFinds breaks a store in every way that the check claims to notice.
func TestCheckFinds(t *testing.T) {
	t.Parallel()
	f := planFixture(t)
	sn := f.snapshot()
	sound := allKeys(t, sn)
	person, err := sn.Lookup("uid=u007,ou=people,dc=example,dc=com")
	if err != nil {
		t.Fatal(err)
	}
	index := func(name string) uint16 { return f.indexes.ofType[desc(name).TypeNo].Number }
	equality := func(name, key string) []byte { return append(appendIndexHead(nil, index(name), kindEquality), key...) }
	firstOf := func(prefix []byte) []byte {
		for _, rec := range sound {
			if bytes.HasPrefix(rec.Key, prefix) {
				return rec.Key
			}
		}
		t.Fatalf("no key begins with %x", prefix)
		return nil
	}
	for _, tt := range []struct {
		name   string
		change func(b *breaker)
		want   string
	}{
		{"record gone", func(b *breaker) { b.drop(idKey(nil, tagRecord, person)) }, "no record"},
		{"record altered", func(b *breaker) { b.flip(idKey(nil, tagRecord, person)) }, "checksum"},
		{"stamp gone", func(b *breaker) { b.drop(idKey(nil, tagStamp, person)) }, "it has none"},
		{"stamp altered", func(b *breaker) { b.flip(idKey(nil, tagStamp, person)) }, "checksum"},
		{"name gone", func(b *breaker) { b.drop(childKey(nil, 2, "uid=u007")) }, "nothing leads to it"},
		{"name of another", func(b *breaker) {
			key := childKey(nil, 2, "uid=u007")
			b.put(key, appendChild(nil, key, person+1, ""))
		}, "two names"},
		{"name of nobody", func(b *breaker) {
			key := childKey(nil, 2, "uid=ghost")
			b.put(key, appendChild(nil, key, 100_000, ""))
		}, "never given"},
		{"counter wrong", func(b *breaker) {
			key := idKey(nil, tagChildCount, 2)
			b.put(key, appendCount(nil, key, 7))
		}, "its counter says 7"},
		{"superior gone", func(b *breaker) { b.drop(idKey(nil, tagRecord, 4)) }, "its superior, entry 4, does not exist"},
		{"forward link gone", func(b *breaker) { b.drop(firstOf([]byte{tagLink})) }, "no other end"},
		{"reverse link gone", func(b *breaker) { b.drop(firstOf([]byte{tagReverse})) }, "no other end"},
		{"waiter gone", func(b *breaker) { b.drop(firstOf([]byte{tagWaiter})) }, "waited for"},
		{"waiting text gone", func(b *breaker) { b.drop(firstOf([]byte{tagUnresolved})) }, "waited for"},
		{"counter of waiters gone", func(b *breaker) { b.drop(firstOf([]byte{tagWaiters})) }, "counter of waiting references"},
		{"unique term gone", func(b *breaker) { b.drop(equality("uid", "u007")) }, `uid: term "u007" is missing`},
		{"stale ID", func(b *breaker) {
			b.put(equality("uid", "u007"), appendInline(nil, idSet{person, person + 1}))
		}, `uid: term "u007" is stale`},
		{"stale term", func(b *breaker) { b.put(equality("uid", "gone"), appendInline(nil, idSet{person})) }, "is stale"},
		{"chunk gone", func(b *breaker) {
			b.drop(firstOf(appendIndexHead(nil, index("objectClass"), kindEquality|chunkKindBit)))
		}, "objectClass"},
		{"marker gone", func(b *breaker) {
			set, _, _ := setKeyOfChunk(nil, firstOf(appendIndexHead(nil, index("objectClass"), kindEquality|chunkKindBit)))
			b.drop(set)
		}, "sets of chunks"},
		{"n-gram gone", func(b *breaker) { b.drop(firstOf(appendIndexHead(nil, index("cn"), kindSubstring))) }, "is missing"},
		{"ordering key gone", func(b *breaker) { b.drop(firstOf(appendIndexHead(nil, index("uidNumber"), kindOrdering))) }, "is missing"},
		{"ordering key of the stamp gone", func(b *breaker) { b.drop(firstOf(appendIndexHead(nil, index("entryUSN"), kindOrdering))) }, "is missing"},
		{"ordering key stale", func(b *breaker) {
			b.put(appendOrderingID(append(appendIndexHead(nil, index("uidNumber"), kindOrdering), "zzz"...), person), nil)
		}, "is stale"},
		{"index of no definition", func(b *breaker) { b.put(append(appendIndexHead(nil, 999, kindEquality), 'a'), nil) }, "is of no index"},
		{"unknown table", func(b *breaker) { b.put([]byte("~"), nil) }, "belongs to no table"},
		{"long value left over", func(b *breaker) { b.put(longKey(nil, person, 1, 0), []byte("x")) }, "parts of long values"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := &breaker{keys: slices.Clone(sound)}
			tt.change(b)
			db := memkv.Open(memkv.Options{})
			if err := db.Load(context.Background(), records(b.keys)); err != nil {
				t.Fatal(err)
			}
			s, err := Open(db, testOptions())
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			all := findings(t, s)
			if !strings.Contains(strings.Join(all, "\n"), tt.want) {
				t.Errorf("want a finding with %q, got:\n%s", tt.want, strings.Join(all, "\n"))
			}
		})
	}
}

// A breaker edits the keys of a store behind its back.
type breaker struct{ keys []kv.Record }

func (b *breaker) find(key []byte) (int, bool) {
	return slices.BinarySearchFunc(b.keys, key, func(r kv.Record, key []byte) int { return bytes.Compare(r.Key, key) })
}

func (b *breaker) drop(key []byte) {
	i, found := b.find(key)
	if !found {
		panic(fmt.Sprintf("key %q is not there", key))
	}
	b.keys = slices.Delete(b.keys, i, i+1)
}

func (b *breaker) put(key, value []byte) {
	i, found := b.find(key)
	if !found {
		b.keys = slices.Insert(b.keys, i, kv.Record{})
	}
	b.keys[i] = kv.Record{Key: key, Value: value, Version: 1}
}

func (b *breaker) flip(key []byte) {
	i, _ := b.find(key)
	b.keys[i].Value = bytes.Clone(b.keys[i].Value)
	b.keys[i].Value[3] ^= 1
}
