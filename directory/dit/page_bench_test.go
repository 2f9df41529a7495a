package dit_test

import (
	"fmt"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/filter"
)

// crowdMax is how many people the benchmarks of long searches find.
const crowdMax = 5_000

// newCrowd makes a directory with many people and a group of two thousand of them.
func newCrowd(tb testing.TB) *fixture {
	f := newFixture(tb)
	members := []string{"objectClass: groupOfNames", "cn: large"}
	for i := range crowdMax {
		f.person(fmt.Sprintf("crowd%d", i), 20000+i)
		if i < 2000 {
			members = append(members, fmt.Sprintf("member: uid=crowd%d,%s", i, people))
		}
	}
	f.add("cn=large,"+groups, members...)
	return f
}

// scan runs a search to its last page and returns the entries that came, and the dereferenced ones.
func scan(tb testing.TB, f *fixture, s *acl.Session, req directory.SearchRequest) (n, followed int) {
	for {
		x, err := f.d.Search(tb.Context(), s, &req)
		f.ok(err)
		answers := x.Controls()
		f.ok(x.Run(tb.Context(), func(*acl.View) error {
			if n++; answers == nil || answers.Deref == nil {
				return nil
			}
			for _, err := range answers.Deref {
				f.ok(err)
				followed++
			}
			return nil
		}))
		var cookie []byte
		if answers != nil && answers.Page != nil {
			cookie = answers.Page.Cookie
		}
		x.Close()
		if len(cookie) == 0 {
			return n, followed
		}
		next := *req.Controls
		next.Page = &directory.PageRequest{Size: req.Controls.Page.Size, Cookie: cookie}
		req.Controls = &next
	}
}

// BenchmarkScan is a search that finds everybody, in one piece and by pages; ns/entry is what counts.
func BenchmarkScan(b *testing.B) {
	f := newCrowd(b)
	s := f.as(reader)
	page := func(size int) *directory.RequestControls {
		return &directory.RequestControls{Page: &directory.PageRequest{Size: size}}
	}
	sort := func(attr string) []directory.SortKey { return []directory.SortKey{{Attr: attr}} }
	const enumerate = "(&(objectClass=posixAccount)(uid=*)(uidNumber=*)(gidNumber=*))" // of SSSD
	for _, bb := range []struct {
		name, filter string
		controls     *directory.RequestControls
	}{
		{"plain", "(objectClass=posixAccount)", nil}, {"page-126", "(objectClass=posixAccount)", page(126)}, {"page-1000", "(objectClass=posixAccount)", page(1000)},
		{"sssd", enumerate, nil}, {"sssd-page-126", enumerate, page(126)}, {"sssd-page-1000", enumerate, page(1000)},
		{"prefix", "(uid=crowd*)", nil}, {"prefix-page-126", "(uid=crowd*)", page(126)},
		{"no-index-page-126", "(homeDirectory=/home/crowd*)", page(126)},
		{"sort", "(objectClass=posixAccount)", &directory.RequestControls{Sort: sort("uid")}},
		{"sort-page-126", "(objectClass=posixAccount)", &directory.RequestControls{Sort: sort("uid"), Page: &directory.PageRequest{Size: 126}}},
	} {
		parsed, err := filter.Parse(bb.filter)
		f.ok(err)
		req := directory.SearchRequest{Base: base, Scope: directory.ScopeSub, Filter: parsed, Attributes: []string{"uid", "cn", "uidNumber"}, Controls: bb.controls}
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				n, _ = scan(b, f, s, req)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(max(n, 1)), "ns/entry")
		})
	}
}

// BenchmarkDeref is what SSSD asks of a group of 2,000 members.
func BenchmarkDeref(b *testing.B) {
	f := newCrowd(b)
	s := f.as(reader)
	for _, bb := range []struct {
		name  string
		attrs []string
	}{
		{"nslcd", []string{"uid"}},
		{"sssd", []string{"objectClass", "cn", "userPassword", "gidNumber", "member", "modifyTimestamp", "modifyTimestamp", "uid"}},
	} {
		req := directory.SearchRequest{
			Base: "cn=large," + groups, Filter: &directory.Present{Attr: "objectClass"}, Attributes: []string{"cn"},
			Controls: &directory.RequestControls{Deref: []directory.DerefSpec{{Attr: "member", Attributes: bb.attrs}}, DerefCritical: true},
		}
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				if _, n = scan(b, f, s, req); n != 2000 {
					b.Fatal(n)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/entry")
		})
	}
}
