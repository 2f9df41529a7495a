package storage

import (
	"testing"

	"gatehouse/directory"
	"gatehouse/storage/kv"
	"gatehouse/storage/memkv"
)

// TestPlanAllocations keeps the price of the search that clients send most.
func TestPlanAllocations(t *testing.T) {
	f := planFixture(t)
	sn := f.snapshot()
	for _, tt := range []struct {
		filter string
		budget float64
	}{
		{"(uid=u007)", 1},
		{"(uid=nobody)", 1},
		{"(&(uid=u007)(objectClass=posixAccount)(&(uidNumber=*)(!(uidNumber=0))))", 1},
	} {
		root := compile(t, tt.filter).Root
		allocs := testing.AllocsPerRun(200, func() {
			p, err := sn.Plan(root, 1, directory.ScopeSub, PlanOptions{})
			if err != nil {
				t.Fatal(err)
			}
			for id, ok, err := p.Next(0); ok || err != nil; id, ok, err = p.Next(id) {
				if err != nil {
					t.Fatal(err)
				}
			}
		})
		if allocs > tt.budget {
			t.Errorf("%s: %v allocations, budget %v", tt.filter, allocs, tt.budget)
		}
	}
}

func BenchmarkPlan(b *testing.B) {
	db := memkv.Open(memkv.Options{})
	o := loadOptions()
	if _, err := LoadInto(b.Context(), db, o, batchesOf(people(20_000), 500)); err != nil {
		b.Fatal(err)
	}
	s, err := Open(db, o.Options)
	if err != nil {
		b.Fatal(err)
	}
	sn := fixtureOf(b, s).snapshot()
	for _, bm := range []struct{ name, filter string }{
		{"uid", "(uid=user0000777)"},
		{"sssd", "(&(uid=user0000777)(objectClass=posixAccount)(&(uidNumber=*)(!(uidNumber=0))))"},
		{"miss", "(uid=nobody)"},
		{"range-20", "(&(objectClass=posixAccount)(uidNumber>=12000)(uidNumber<=12019))"},
		{"substrings", "(cn=Anna Smith1*)"},
	} {
		root := compile(b, bm.filter).Root
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p, err := sn.Plan(root, 1, directory.ScopeSub, PlanOptions{})
				if err != nil {
					b.Fatal(err)
				}
				// What a client with a size limit of 20 looks at.
				after, ok := directory.EntryID(0), true
				for i := 0; i < 20 && ok; i++ {
					if after, ok, err = p.Next(after); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// BenchmarkIndexUpdate is what the indexes cost per add and per change of one indexed and one other attribute, without the
// commit.
func BenchmarkIndexUpdate(b *testing.B) {
	in := people(5000)
	ix, err := newIndexer(testOptions().Schema, DefaultIndexes())
	if err != nil {
		b.Fatal(err)
	}
	stamp := indexStamp{CSN: 1, ModifyTime: testTime}
	b.Run("add", func(b *testing.B) {
		u := ix.updater()
		b.ReportAllocs()
		var o *kv.Overlay
		i := 0
		for b.Loop() {
			if i%4096 == 0 {
				o = kv.NewOverlay(nil)
			}
			id := directory.EntryID(i + 1)
			if err := u.updateEntry(o, id, nil, in[2+i%5000].Entry); err != nil {
				b.Fatal(err)
			}
			if err := u.updateStamp(o, id, indexStamp{}, stamp); err != nil {
				b.Fatal(err)
			}
			i++
		}
	})
	for _, bm := range []struct{ name, attribute string }{{"modify-mail", "mail"}, {"modify-title", "title"}} {
		b.Run(bm.name, func(b *testing.B) {
			u := ix.updater()
			o := kv.NewOverlay(nil)
			entry := in[2].Entry
			changed := directory.DraftOf(directory.DN{}, entry)
			changed.Set(desc(bm.attribute), []byte("new@example.com"))
			var attrs []directory.Attribute
			for _, a := range changed.Attributes() {
				attrs = append(attrs, directory.NewAttribute(a.Desc, a.Values...))
			}
			versions := [2]*directory.Entry{entry, directory.StoredEntry(attrs)}
			if err := u.updateEntry(o, 1, nil, entry); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				before, after := stamp, stamp
				before.CSN, after.CSN = directory.CSN(i+1), directory.CSN(i+2)
				if err := u.updateEntry(o, 1, versions[i%2], versions[(i+1)%2]); err != nil {
					b.Fatal(err)
				}
				if err := u.updateStamp(o, 1, before, after); err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
	}
}
