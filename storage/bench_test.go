package storage

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/directory"
	"gatehouse/storage/badgerkv"
	"gatehouse/storage/kv"
	"gatehouse/storage/memkv"
)

func badgerFixture(t testing.TB) *fixture {
	dir := t.TempDir()
	db, err := badgerkv.Open(badgerkv.Options{Dir: dir + "/db"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	o := testOptions()
	o.Dir, o.Rand = dir, rand.Reader
	return newFixture(t, db, o)
}

// fill makes a base entry, people and one group.
func (f *fixture) fill(people int) (group directory.EntryID, ids []directory.EntryID) {
	f.t.Helper()
	base := f.create(0, "dc=example,dc=com", attr("dc", "example"))
	ou := f.create(base, "ou=people", attr("ou", "people"))
	group = f.create(base, "cn=staff", attr("cn", "staff"))
	for i := 0; i < people; i += 100 {
		var effects []Effect
		for j := i; j < min(i+100, people); j++ {
			name := fmt.Sprintf("user%06d", j)
			effects = append(effects, create(ou, "uid="+name,
				attr("objectClass", "top", "person", "organizationalPerson", "inetOrgPerson", "posixAccount"),
				attr("uid", name), attr("cn", "User "+name), attr("sn", name), attr("mail", name+"@example.com"),
				attr("uidNumber", fmt.Sprint(10000+j)), attr("gidNumber", "100"), attr("homeDirectory", "/home/"+name),
				attr("loginShell", "/bin/bash"), attr("description", "a person")))
		}
		ids = append(ids, f.must(effects...).IDs...)
	}
	return group, ids
}

func BenchmarkPropose64(b *testing.B) {
	for _, kind := range []string{"badger", "mem"} {
		open := badgerFixture
		if kind == "mem" {
			open = func(t testing.TB) *fixture {
				o := testOptions()
				o.Rand = rand.Reader
				return newFixture(t, memkv.Open(memkv.Options{}), o)
			}
		}
		b.Run("modify/"+kind, func(b *testing.B) {
			f := open(b)
			_, ids := f.fill(2000)
			b.ReportAllocs()
			b.SetParallelism(32)
			b.ResetTimer()
			var n atomic.Int64
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					i := n.Add(1)
					id := ids[i%int64(len(ids))]
					err := f.modify(id, fmt.Sprint("value ", i))
					if err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "changes/s")
		})
	}
}

// modify changes one attribute as an operation does: it plans on a snapshot with guards and tries again when one fails.
func (f *fixture) modify(id directory.EntryID, value string) error {
	plan := func(sn *Snapshot) (Change, error) {
		rs := sn.ReadSet()
		if _, err := rs.Entry(id); err != nil {
			return Change{}, err
		}
		if err := rs.Position(id); err != nil {
			return Change{}, err
		}
		return Change{Time: time.Now(), Author: "cn=admin,dc=example,dc=com", Guards: rs.Guards(),
			Effects: []Effect{PutAttributes{ID: id, Set: []directory.Attribute{attr("description", value)}}}}, nil
	}
	sn := f.Snapshot()
	c, err := plan(sn)
	sn.Close()
	if err != nil {
		return err
	}
	_, err = f.Propose(context.Background(), Proposal{Change: c, Replan: plan})
	return err
}

func BenchmarkLookup(b *testing.B) {
	f := memFixture(b)
	group, ids := f.fill(2000)
	f.must(addMembers(group, ids, 0)...)
	name := directory.NDN("uid=user000777,ou=people,dc=example,dc=com")
	b.Run("entry", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sn := f.Snapshot()
			id, err := sn.Lookup(name)
			if err == nil {
				_, err = sn.Entry(id)
			}
			if err == nil {
				_, err = sn.Stamp(id)
			}
			if err != nil {
				b.Fatal(err)
			}
			sn.Close()
		}
	})
	b.Run("members-2000", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sn := f.Snapshot()
			a, err := sn.ReferenceAttribute(group, desc("member"))
			if err != nil || a.Len() != len(ids) {
				b.Fatal(a.Len(), err)
			}
			b.SetBytes(int64(len(a.Set())))
			sn.Close()
		}
	})
}

func addMembers(group directory.EntryID, ids []directory.EntryID, from int) (effects []Effect) {
	for i := range ids {
		effects = append(effects, AddReference{group, reference("member", fmt.Sprintf("uid=user%06d,ou=people,dc=example,dc=com", from+i))})
	}
	return effects
}

// BenchmarkMembers adds and removes members from 64 goroutines: all in one large group, and each in a group of its own. A
// membership change neither reads nor writes the group's record or its other members, so both cost the same.
func BenchmarkMembers(b *testing.B) {
	const members = 100_000
	f := badgerFixture(b)
	group, ids := f.fill(members)
	for i := 0; i < members; i += 1000 {
		f.must(addMembers(group, ids[i:i+1000], i)...)
	}
	groups := make([]directory.EntryID, 64)
	for i := range groups {
		groups[i] = f.create(0, fmt.Sprint("o=", i))
	}
	for name, of := range map[string]func(i int64) directory.EntryID{
		"one-group":   func(int64) directory.EntryID { return group },
		"many-groups": func(i int64) directory.EntryID { return groups[i%64] },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetParallelism(32)
			var n atomic.Int64
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					i := n.Add(1)
					if err := f.toggle(of(i), directory.NDN(fmt.Sprintf("uid=user%06d,ou=people,dc=example,dc=com", i*7919%members))); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "changes/s")
		})
	}
}

// toggle adds a member, or removes it when it is one.
func (f *fixture) toggle(group directory.EntryID, member directory.NDN) error {
	plan := func(sn *Snapshot) (Change, error) {
		rs := sn.ReadSet()
		has, err := rs.HasReference(group, desc("member"), member)
		if err != nil {
			return Change{}, err
		}
		c := Change{Time: time.Now(), Author: "cn=admin,dc=example,dc=com", Guards: rs.Guards()}
		if has {
			c.Effects = []Effect{RemoveReference{group, desc("member"), member}}
		} else {
			c.Effects = []Effect{AddReference{group, reference("member", string(member))}}
		}
		return c, nil
	}
	sn := f.Snapshot()
	c, err := plan(sn)
	sn.Close()
	if err != nil {
		return err
	}
	_, err = f.Propose(context.Background(), Proposal{Change: c, Replan: plan})
	return err
}

// BenchmarkSlowSync shows how proposals share the syncs of a slow disk.
func BenchmarkSlowSync(b *testing.B) {
	for _, parallelism := range []int{1, 4, 32} {
		b.Run(fmt.Sprint("proposers-per-core-", parallelism), func(b *testing.B) {
			var commits atomic.Int64
			o := testOptions()
			o.Rand = rand.Reader
			f := newFixture(b, memkv.Open(memkv.Options{Hook: func(int, kv.Timestamp) memkv.Fault {
				commits.Add(1)
				time.Sleep(time.Millisecond)
				return memkv.NoFault
			}}), o)
			_, ids := f.fill(200)
			b.SetParallelism(parallelism)
			b.ResetTimer()
			commits.Store(0)
			var n atomic.Int64
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					i := n.Add(1)
					if err := f.modify(ids[i%int64(len(ids))], fmt.Sprint(i)); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/float64(commits.Load()), "changes/commit")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "changes/s")
		})
	}
}
