package storage

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gatehouse/directory"
	"gatehouse/storage/memkv"
)

// TestItemTable compares the table with a map, under hashes that collide a lot.
func TestItemTable(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for _, homes := range []uint64{1, 7, 1 << 20} {
		var table itemTable
		want := make(map[string]*item)
		hash := func(key string) uint64 {
			n := uint64(0)
			for _, b := range []byte(key) {
				n = n*31 + uint64(b)
			}
			return n % homes << 32
		}
		for range 20_000 {
			key := fmt.Sprint(r.IntN(500))
			h := hash(key)
			got := table.find(h, []byte(key))
			if got != want[key] {
				t.Fatalf("%d homes: key %s is %p, want %p", homes, key, got, want[key])
			}
			switch {
			case got == nil:
				it := newItem([]byte(key), nil, true)
				it.hash = h
				table.add(it)
				want[key] = it
			case r.IntN(2) == 0:
				table.remove(got)
				delete(want, key)
			}
			if table.count != len(want) {
				t.Fatalf("%d homes: count %d, want %d", homes, table.count, len(want))
			}
		}
		for table.count > 0 { // the hand finds them all
			it := table.underHand()
			if want[string(it.key())] != it {
				t.Fatalf("%d homes: the hand is at %q, which is gone", homes, it.key())
			}
			delete(want, string(it.key()))
			table.remove(it)
		}
		if len(want) > 0 {
			t.Errorf("%d homes: the hand missed %d items", homes, len(want))
		}
	}
}

// TestCacheCountsItsMemory fills a cache with what searches and writes leave in it and compares what it counted with what the
// runtime did. It is not parallel: others would allocate meanwhile.
func TestCacheCountsItsMemory(t *testing.T) {
	o := testOptions()
	o.CacheBytes = 1 << 30
	db := memkv.Open(memkv.Options{})
	f := newFixture(t, db, o)
	base := f.create(0, "dc=x", attr("description", "base"))
	const users = 2000
	ids := make([]directory.EntryID, users)
	group := f.create(base, "cn=group", attr("cn", "group"))
	const together = 50
	for i := 0; i < users; i += together {
		var users, members []Effect
		for j := i; j < i+together; j++ {
			rdn := fmt.Sprint("uid=user", j)
			users = append(users, create(base, rdn, typicalAttributes(j)...))
			members = append(members, AddReference{group, reference("member", rdn+",dc=x")})
		}
		copy(ids[i:], f.must(users...).IDs)
		f.must(members...)
	}
	tests := []struct {
		name string
		use  func(sn *Snapshot) error
	}{
		{"entries", func(sn *Snapshot) error {
			for _, id := range ids {
				if _, err := sn.Entry(id); err != nil {
					return err
				}
			}
			return nil
		}},
		{"stamps", func(sn *Snapshot) error {
			for _, id := range ids {
				if _, err := sn.Stamp(id); err != nil {
					return err
				}
			}
			return nil
		}},
		{"names", func(sn *Snapshot) error {
			for i := range ids {
				if _, err := sn.Lookup(directory.NDN(fmt.Sprintf("uid=user%d,dc=x", i))); err != nil {
					return err
				}
			}
			return nil
		}},
		{"names that are not there", func(sn *Snapshot) error {
			for i := range 4 * users {
				_, _ = sn.Lookup(directory.NDN(fmt.Sprintf("uid=nobody%d,dc=x", i)))
			}
			return nil
		}},
		{"members", func(sn *Snapshot) error {
			_, err := sn.ReferenceAttribute(group, desc("member"))
			return err
		}},
		{"referrers", func(sn *Snapshot) error {
			for _, id := range ids {
				for _, err := range sn.Referrers(id) {
					if err != nil {
						return err
					}
				}
			}
			return nil
		}},
	}
	heap := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC() // what the first one finalizes
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	const least = 64 << 10 // of a case that says something
	for _, test := range tests {
		f.cache = newCache(o.CacheBytes, f.current.Load().ts)
		before, counted := heap(), f.cache.size()
		sn := f.Snapshot()
		if err := test.use(sn); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		sn.Close()
		took := heap() - before
		counted = f.cache.size() - counted
		t.Logf("%-26s counted %8d, took %8d: %.2f", test.name, counted, took, float64(counted)/float64(took))
		if counted < least || float64(counted) < 0.8*float64(took) || float64(counted) > 1.25*float64(took) {
			t.Errorf("%s: the cache counts %d bytes, the heap grew by %d", test.name, counted, took)
		}
		runtime.KeepAlive(f.cache)
	}
}

// size is the sum of what the shards count.
func (c *cache) size() (bytes int64) {
	for i := range c.shards {
		bytes += c.shards[i].bytes
	}
	return bytes
}

// typicalAttributes are those of an account: about 20 attributes, 700 bytes.
func typicalAttributes(i int) []directory.Attribute {
	name := fmt.Sprint("user", i)
	return slices.Clip([]directory.Attribute{
		attr("objectClass", "inetOrgPerson", "posixAccount", "shadowAccount"),
		attr("uid", name), attr("cn", "Some "+name), attr("sn", name), attr("givenName", "Some"), attr("displayName", "Some "+name),
		attr("mail", name+"@example.com"), attr("uidNumber", fmt.Sprint(10000+i)), attr("gidNumber", "100"),
		attr("homeDirectory", "/home/"+name), attr("loginShell", "/bin/bash"), attr("telephoneNumber", "+49 30 901820"),
		attr("employeeNumber", fmt.Sprint(i)), attr("l", "Berlin"), attr("street", "Somewhere 17"), attr("postalCode", "10115"),
		attr("description", strings.Repeat("words about a person ", 6)), attr("userPassword", "{SSHA}"+strings.Repeat("x", 40)),
		attr("shadowLastChange", "19000"), attr("entryUUID", fmt.Sprintf("00000000-0000-4000-8000-%012d", i)),
		attr("createTimestamp", "20310506070809Z"), attr("creatorsName", "cn=admin,dc=example,dc=com"),
	})
}

// TestMembersBringNoRecords prints a group and finds the names of its members in the cache, but none of their records.
func TestMembersBringNoRecords(t *testing.T) {
	t.Parallel()
	f := memFixture(t)
	base := f.create(0, "dc=x")
	group := f.create(base, "cn=group")
	var ids []directory.EntryID
	for i := range 20 {
		ids = append(ids, f.create(base, fmt.Sprint("uid=", i), typicalAttributes(i)...))
		f.must(AddReference{group, reference("member", fmt.Sprintf("uid=%d,dc=x", i))})
	}
	f.cache = newCache(1<<20, f.current.Load().ts)
	sn := f.snapshot()
	for range 2 {
		if a, err := sn.ReferenceAttribute(group, desc("member")); err != nil || a.Len() != len(ids) {
			t.Fatalf("%d members, %v", a.Len(), err)
		}
	}
	for _, id := range ids {
		if f.cache.get(idKey(nil, tagNodeItem, id), sn.epoch.ts) == nil {
			t.Errorf("the name of entry %d is not kept", id)
		}
		if f.cache.get(idKey(nil, tagRecord, id), sn.epoch.ts) != nil {
			t.Errorf("the record of entry %d is kept", id)
		}
	}
}
