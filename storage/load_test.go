package storage

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/directory"
	"gatehouse/storage/kv"
	"gatehouse/storage/memkv"
)

// batchesOf cuts entries into batches, as the readers of an input do.
func batchesOf(entries []LoadEntry, size int) iter.Seq2[[]LoadEntry, error] {
	return func(yield func([]LoadEntry, error) bool) {
		for part := range slices.Chunk(entries, size) {
			if !yield(part, nil) {
				return
			}
		}
	}
}

// exported turns a store into the input of a load, by ID.
func exported(t testing.TB, sn *Snapshot) (entries []LoadEntry) {
	t.Helper()
	ids, err := sn.appendEntryIDs(nil, 0, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		e := LoadEntry{Line: int(id)}
		var st Stamp
		var errs [5]error
		e.DN, errs[0] = sn.DN(id)
		e.NDN, errs[1] = sn.NDN(id)
		e.RDN, _, errs[2] = sn.RDN(id)
		e.Entry, errs[3] = sn.Entry(id)
		st, errs[4] = sn.Stamp(id)
		if err := errors.Join(errs[:]...); err != nil {
			t.Fatal(err)
		}
		e.ModifyTime, e.Modifier = st.ModifyTime, st.Modifier
		descs, err := sn.ReferenceDescriptions(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range descs {
			for ref, err := range sn.References(id, d) {
				if err != nil {
					t.Fatal(err)
				}
				if ref.Target != 0 {
					ref.Name, err = sn.NDN(ref.Target)
					ref.Text = string(ref.Name)
				}
				if err != nil {
					t.Fatal(err)
				}
				e.References = append(e.References, Reference{Desc: d, Target: ref.Name, Text: ref.Text})
			}
		}
		entries = append(entries, e)
	}
	return entries
}

func loadOptions() LoadOptions {
	o := LoadOptions{Options: testOptions(), Author: "cn=loader", Workers: 3}
	o.Rand = rand.Reader
	return o
}

// loadedStore loads entries into memory, sorting all but hot equality keys of each index, and opens the store.
func loadedStore(t testing.TB, entries []LoadEntry, batch, hot int, o LoadOptions) (*fixture, LoadReport) {
	t.Helper()
	l, err := newLoader(o)
	if err != nil {
		t.Fatal(err)
	}
	l.hotMax = hot
	db := memkv.Open(memkv.Options{})
	if err := l.into(context.Background(), db, batchesOf(entries, batch)); err != nil {
		t.Fatal(err)
	}
	s, err := Open(db, o.Options)
	if err != nil {
		t.Fatal(err)
	}
	return fixtureOf(t, s), l.report
}

// TestLoadLikeAdds loads what changes have built: the tables that do not depend on CSNs are the same to the byte, the rest
// means the same, and the store goes on from there.
func TestLoadLikeAdds(t *testing.T) {
	t.Parallel()
	f := planFixture(t)
	sn := f.snapshot()
	want := exported(t, sn)
	stamped := func(rec kv.Record) bool {
		if rec.Key[0] != tagIndex {
			return !strings.ContainsRune("acdlmnop", rune(rec.Key[0]))
		}
		a := f.indexes.numbered(uint16(rec.Key[1])<<8 | uint16(rec.Key[2]))
		return a.source != fromEntry
	}
	wantKeys := slices.DeleteFunc(allKeys(t, sn), stamped)
	for _, tt := range []struct{ batch, hot int }{{1000, 4096}, {7, 4096}, {7, 3}, {16, 0}} {
		t.Run(fmt.Sprintf("batches of %d, %d hot", tt.batch, tt.hot), func(t *testing.T) {
			t.Parallel()
			g, report := loadedStore(t, want, tt.batch, tt.hot, loadOptions())
			if int(report.Entries) != len(want) || report.Refused != 0 || report.Unresolved != sn.state.unresolved {
				t.Errorf("report %+v for %d entries", report, len(want))
			}
			if all := findings(t, g.Store); len(all) > 0 {
				t.Fatalf("findings:\n%s", strings.Join(all, "\n"))
			}
			got := exported(t, g.snapshot())
			if err := sameEntries(got, want); err != nil {
				t.Error(err)
			}
			keys := slices.DeleteFunc(allKeys(t, g.snapshot()), stamped)
			for i := range min(len(keys), len(wantKeys)) {
				if !bytes.Equal(keys[i].Key, wantKeys[i].Key) || !bytes.Equal(keys[i].Value, wantKeys[i].Value) {
					t.Fatalf("key %d is %q: %x, want %q: %x", i, keys[i].Key, keys[i].Value, wantKeys[i].Key, wantKeys[i].Value)
				}
			}
			if len(keys) != len(wantKeys) {
				t.Errorf("%d keys, want %d", len(keys), len(wantKeys))
			}
			g.create(2, "uid=later1", attr("uid", "later1")) // references wait for it
			g.must(DeleteEntry{ID: 10})
			if all := findings(t, g.Store); len(all) > 0 {
				t.Errorf("after changes:\n%s", strings.Join(all, "\n"))
			}
		})
	}
}

func sameEntries(got, want []LoadEntry) error {
	if len(got) != len(want) {
		return fmt.Errorf("%d entries, want %d", len(got), len(want))
	}
	for i := range got {
		g, w := &got[i], &want[i]
		if g.DN != w.DN || g.NDN != w.NDN || g.RDN != w.RDN || !g.ModifyTime.Equal(w.ModifyTime) || g.Modifier != w.Modifier {
			return fmt.Errorf("entry %+v, want %+v", g, w)
		}
		same := func(a, b directory.Attribute) bool { return a.Desc == b.Desc && bytes.Equal(a.Set(), b.Set()) }
		if !slices.EqualFunc(g.Entry.Attributes(), w.Entry.Attributes(), same) {
			return fmt.Errorf("%s has other attributes", g.DN)
		}
		if !slices.Equal(g.References, w.References) {
			return fmt.Errorf("%s has references %v, want %v", g.DN, g.References, w.References)
		}
	}
	return nil
}

// TestLoadAnyOrder loads children before their superiors.
func TestLoadAnyOrder(t *testing.T) {
	t.Parallel()
	want := exported(t, planFixture(t).snapshot())
	mixed := slices.Clone(want)
	slices.Reverse(mixed)
	o := loadOptions()
	o.Suffixes = []directory.NDN{"dc=example,dc=com"}
	g, report := loadedStore(t, mixed, 10, 3, o)
	if int(report.Entries) != len(want) {
		t.Errorf("report %+v", report)
	}
	if all := findings(t, g.Store); len(all) > 0 {
		t.Fatalf("findings:\n%s", strings.Join(all, "\n"))
	}
	got := exported(t, g.snapshot())
	byName := func(a, b LoadEntry) int { return strings.Compare(string(a.NDN), string(b.NDN)) }
	for _, list := range [][]LoadEntry{got, want} {
		slices.SortFunc(list, byName)
		for i := range list {
			slices.SortFunc(list[i].References, func(a, b Reference) int {
				return strings.Compare(a.Desc.Key+string(a.Target), b.Desc.Key+string(b.Target))
			})
		}
	}
	if err := sameEntries(got, want); err != nil {
		t.Error(err)
	}
}

// TestLoadRefuses leaves out what has no place, with all that is below it, and says why.
func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	entry := func(dn string, refs ...Reference) LoadEntry {
		rdn, _, _ := strings.Cut(dn, ",")
		return LoadEntry{DN: dn, RDN: rdn, NDN: directory.NDN(dn), Entry: directory.StoredEntry([]directory.Attribute{attr("cn", rdn)}), References: refs}
	}
	long := strings.Repeat("cn=a,", depthNewMax)
	in := []LoadEntry{
		entry("dc=x"),
		entry("cn=below,cn=orphan,dc=x"),
		entry("cn=orphan,cn=missing,dc=x"),
		entry("cn=a,dc=x", reference("member", "cn=below,cn=orphan,dc=x"), reference("member", "cn=late,dc=x"), reference("member", "cn=late,dc=x")),
		entry("cn=a,dc=x"),
		entry("cn=child,cn=late,dc=x"),
		entry("cn=orphan,dc=y"),
		entry(long + "dc=x"),
		entry("cn=late,dc=x"),
	}
	for i := range in {
		in[i].Line = i + 1
	}
	o := loadOptions()
	var refused []string
	o.Refused = func(e *LoadEntry, err error) {
		refused = append(refused, fmt.Sprintf("%d %s", e.Line, directory.CodeOf(err)))
	}
	g, report := loadedStore(t, in, 2, 3, o)
	want := []string{"5 entryAlreadyExists", "8 adminLimitExceeded", "7 noSuchObject", "3 noSuchObject", "2 noSuchObject"}
	slices.Sort(want)
	slices.Sort(refused)
	if !slices.Equal(refused, want) || report.Refused != uint64(len(want)) || report.Entries != 4 {
		t.Errorf("refused %v, want %v; report %+v", refused, want, report)
	}
	if report.Links != 1 || report.Unresolved != 1 {
		t.Errorf("report %+v, want one link to the late entry and one reference that waits for the orphan", report)
	}
	if all := findings(t, g.Store); len(all) > 0 {
		t.Errorf("findings:\n%s", strings.Join(all, "\n"))
	}
}

// TestLoadDir loads into a directory: it appears whole, and not at all after a failure.
func TestLoadDir(t *testing.T) {
	t.Parallel()
	in := exported(t, planFixture(t).snapshot())
	in[3].Entry = directory.StoredEntry(append(slices.Clone(in[3].Entry.Attributes()), attr("description", strings.Repeat("long ", 60_000))))
	dir := filepath.Join(t.TempDir(), "store")
	o := loadOptions()
	o.Meta = []PutMeta{{Key: "policy", Value: []byte("deny all")}}
	bad := errors.New("line 7 is broken")
	failing := func(yield func([]LoadEntry, error) bool) {
		if yield(in[:10], nil) {
			yield(nil, bad)
		}
	}
	if _, err := Load(context.Background(), dir, openBadger, o, failing); !errors.Is(err, bad) {
		t.Errorf("error %v, want %v", err, bad)
	}
	if left, _ := filepath.Glob(dir + "*"); len(left) > 0 {
		t.Errorf("a failed load leaves %v", left)
	}
	report, err := Load(context.Background(), dir, openBadger, o, batchesOf(in, 50))
	if err != nil {
		t.Fatal(err)
	}
	db, err := openBadger(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	o.Dir = dir
	s, err := Open(db, o.Options)
	if err != nil {
		t.Fatal(err)
	}
	f := fixtureOf(t, s)
	sn := f.snapshot()
	if err := sameEntries(exported(t, sn), in); err != nil {
		t.Error(err)
	}
	if value, csn, err := sn.Meta("policy"); string(value) != "deny all" || csn != csnLoaded || err != nil {
		t.Errorf("policy %q of change %d, %v", value, csn, err)
	}
	var logged *Change
	err = scanLog(&sn.view, 0, func(rec *logRecord) bool {
		changes, err := rec.changes()
		if err == nil {
			logged, err = decodeChange(changes[0].encoded, o.Schema)
		}
		if err != nil {
			t.Error(err)
		}
		return true
	})
	if err != nil || logged == nil {
		t.Fatalf("log: %v", err)
	}
	wantBaseline := baseline{report.Entries, report.Links, report.Unresolved, report.Digest}
	if got := logged.Effects[len(logged.Effects)-1]; got != wantBaseline {
		t.Errorf("the log has %+v, want %+v", got, wantBaseline)
	}
}

func TestLoadIntoUsedStore(t *testing.T) {
	t.Parallel()
	db := memkv.Open(memkv.Options{})
	newFixture(t, db, testOptions()).create(0, "dc=x")
	_, err := LoadInto(context.Background(), db, loadOptions(), batchesOf(nil, 1))
	wantErr(t, "load into a store with entries", err, kv.ErrNotEmpty)
}

// people makes entries of about 1.2 KB with 20 attributes, as a real directory has them.
func people(n int) []LoadEntry {
	in := []LoadEntry{
		{DN: "dc=example,dc=com", RDN: "dc=example,dc=com", NDN: "dc=example,dc=com", Entry: directory.StoredEntry([]directory.Attribute{attr("dc", "example")})},
		{DN: "ou=people,dc=example,dc=com", RDN: "ou=people", NDN: "ou=people,dc=example,dc=com", Entry: directory.StoredEntry([]directory.Attribute{attr("ou", "people")})},
	}
	given := []string{"Anna", "Bert", "Carla", "Dieter", "Eva", "Fritz", "Greta", "Hans"}
	for i := range n {
		uid := fmt.Sprintf("user%07d", i)
		name := given[i%len(given)] + " " + surnames[i/8%5] + fmt.Sprint(i/40)
		in = append(in, LoadEntry{
			DN: "uid=" + uid + ",ou=people,dc=example,dc=com", RDN: "uid=" + uid, NDN: directory.NDN("uid=" + uid + ",ou=people,dc=example,dc=com"),
			ModifyTime: testTime.Add(-time.Duration(i) * time.Second), Modifier: "cn=admin,dc=example,dc=com",
			Entry: directory.StoredEntry([]directory.Attribute{
				attr("objectClass", "top", "person", "organizationalPerson", "inetOrgPerson", "posixAccount", "shadowAccount"),
				attr("uid", uid), attr("cn", name), attr("sn", surnames[i/8%5]+fmt.Sprint(i/40)), attr("givenName", given[i%len(given)]),
				attr("displayName", name), attr("mail", uid+"@example.com"), attr("uidNumber", fmt.Sprint(10000+i)),
				attr("gidNumber", fmt.Sprint(100+i%50)), attr("homeDirectory", "/home/"+uid), attr("loginShell", "/bin/bash"),
				attr("employeeNumber", fmt.Sprint(i)), attr("telephoneNumber", fmt.Sprintf("+49 30 %08d", i)), attr("l", "Berlin"),
				attr("title", "Engineer"), attr("description", strings.Repeat("a person of the directory ", 12)),
				attr("userPassword", "{SSHA}"+strings.Repeat("x", 40)),
				attr("entryUUID", fmt.Sprintf("%08x-0000-4000-8000-%012x", i, i)), attr("creatorsName", "cn=admin,dc=example,dc=com"),
				attr("createTimestamp", "20300101000000Z"), attr("structuralObjectClass", "inetOrgPerson"),
			}),
		})
	}
	return in
}

func BenchmarkLoad20k(b *testing.B) {
	in := people(20_000)
	for _, kind := range []string{"badger", "mem"} {
		b.Run(kind, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				o := loadOptions()
				o.Workers = runtime.GOMAXPROCS(0)
				var db kv.DB = memkv.Open(memkv.Options{})
				if kind == "badger" {
					dir, err := os.MkdirTemp(b.TempDir(), "load")
					if err != nil {
						b.Fatal(err)
					}
					if db, err = openBadger(dir); err != nil {
						b.Fatal(err)
					}
				}
				if _, err := LoadInto(context.Background(), db, o, batchesOf(in, 500)); err != nil {
					b.Fatal(err)
				}
				if err := db.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*len(in))/b.Elapsed().Seconds(), "entries/s")
		})
	}
}
