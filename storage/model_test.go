package storage

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"gatehouse/directory"
	"gatehouse/storage/kv"
	"gatehouse/storage/memkv"
)

// model is the slow and obvious directory: maps, and scans of all entries.
type model map[directory.EntryID]*modelEntry

type modelEntry struct {
	parent directory.EntryID
	rdn    string
	attrs  map[string]string
	refs   map[modelRef]bool
	csn    directory.CSN
}

// A modelRef is a value of a reference attribute: a link or, with target 0, a name.
type modelRef struct {
	desc   string
	target directory.EntryID
	name   directory.NDN
}

func (m model) name(id directory.EntryID) directory.NDN {
	e := m[id]
	if e == nil {
		return ""
	}
	return m.name(e.parent).Child(directory.NRDN(e.rdn))
}

func (m model) find(name directory.NDN) directory.EntryID {
	for id := range m {
		if m.name(id) == name {
			return id
		}
	}
	return 0
}

func (m model) children(id directory.EntryID) (ids []directory.EntryID) {
	for child, e := range m {
		if e.parent == id {
			ids = append(ids, child)
		}
	}
	slices.SortFunc(ids, func(a, b directory.EntryID) int { return strings.Compare(m[a].rdn, m[b].rdn) })
	return ids
}

// resolve turns names that entries have into links.
func (m model) resolve(csn directory.CSN) {
	for _, e := range m {
		for ref := range maps.Clone(e.refs) {
			if target := m.find(ref.name); ref.target == 0 && target != 0 {
				delete(e.refs, ref)
				e.refs[modelRef{desc: ref.desc, target: target}] = true
				e.csn = csn
			}
		}
	}
}

func (m model) ref(desc string, name directory.NDN) modelRef {
	if target := m.find(name); target != 0 {
		return modelRef{desc: desc, target: target}
	}
	return modelRef{desc: desc, name: name}
}

// members returns the links by which entries are groups.
func (m model) members() map[directory.EntryID]map[modelRef]bool {
	all := make(map[directory.EntryID]map[modelRef]bool)
	for id, e := range m {
		all[id] = make(map[modelRef]bool)
		for ref := range e.refs {
			if ref.target != 0 && ref.desc != "manager" {
				all[id][ref] = true
			}
		}
	}
	return all
}

// moveAbove moves the groups that have those as members whose own are others than before.
func (m model) moveAbove(before map[directory.EntryID]map[modelRef]bool, csn directory.CSN) {
	now := m.members()
	moved := make(map[directory.EntryID]bool)
	var move func(id directory.EntryID)
	move = func(id directory.EntryID) {
		for group, links := range now {
			for ref := range links {
				if ref.target == id && !moved[group] {
					moved[group], m[group].csn = true, csn
					move(group)
				}
			}
		}
	}
	for id := range now {
		if !maps.Equal(now[id], before[id]) {
			move(id)
		}
	}
}

// apply does what an effect should do; created is the ID that a create got.
func (m model) apply(effect Effect, csn directory.CSN, created directory.EntryID) {
	switch e := effect.(type) {
	case CreateEntry:
		n := &modelEntry{parent: e.Parent, rdn: e.RDN, attrs: map[string]string{}, refs: map[modelRef]bool{}, csn: csn}
		for _, a := range e.Entry.Attributes() {
			n.attrs[a.Desc.Name] = string(a.Set())
		}
		m[created] = n
		for _, r := range e.References {
			n.refs[m.ref(r.Desc.Name, r.Target)] = true
		}
		m.resolve(csn)
	case PutAttributes:
		for _, a := range e.Set {
			m[e.ID].attrs[a.Desc.Name] = string(a.Set())
		}
		for _, d := range e.Remove {
			delete(m[e.ID].attrs, d.Name)
		}
		m[e.ID].csn = csn
	case DeleteEntry:
		delete(m, e.ID)
		for _, o := range m {
			for ref := range maps.Clone(o.refs) {
				if ref.target == e.ID {
					delete(o.refs, ref)
					o.csn = csn
				}
			}
		}
	case MoveEntry:
		m[e.ID].parent, m[e.ID].rdn, m[e.ID].csn = e.Parent, e.RDN, csn
		m.resolve(csn)
	case AddReference:
		if ref := m.ref(e.Desc.Name, e.Target); !m[e.ID].refs[ref] {
			m[e.ID].refs[ref], m[e.ID].csn = true, csn
		}
	case RemoveReference:
		if ref := m.ref(e.Desc.Name, e.Target); m[e.ID].refs[ref] {
			delete(m[e.ID].refs, ref)
			m[e.ID].csn = csn
		}
	case RemoveAllReferences:
		for ref := range maps.Clone(m[e.ID].refs) {
			if ref.desc == e.Desc.Name {
				delete(m[e.ID].refs, ref)
				m[e.ID].csn = csn
			}
		}
	default:
		panic(fmt.Sprintf("%T", effect))
	}
}

var modelRDNs = []string{"ou=a", "ou=b", "cn=c", "uid=d", "ou=" + strings.Repeat("long", 70), "ou=" + strings.Repeat("long", 70) + "er"}

// draw makes a random effect; nil when it drew one that has no object.
func (m model) draw(t *rapid.T) Effect {
	ids := slices.Sorted(maps.Keys(m))
	id := func(label string) directory.EntryID { return rapid.SampledFrom(ids).Draw(t, label) }
	rdn := func() string { return rapid.SampledFrom(modelRDNs).Draw(t, "rdn") }
	name := func() directory.NDN {
		n := m.name(id("near"))
		for range rapid.IntRange(0, 2).Draw(t, "below") {
			n = n.Child(directory.NRDN(rdn()))
		}
		return n
	}
	ref := func() Reference {
		return reference(rapid.SampledFrom([]string{"member", "uniqueMember", "manager"}).Draw(t, "desc"), string(name()))
	}
	value := func() string {
		return strings.Repeat(rapid.SampledFrom([]string{"x", "y"}).Draw(t, "char"), rapid.SampledFrom([]int{1, 5, 4096, 9000, 200_000}).Draw(t, "length"))
	}
	switch rapid.IntRange(0, 7).Draw(t, "kind") {
	case 0, 1:
		e := create(id("parent"), rdn(), attr("description", value()), attr("cn", "name"))
		for range rapid.IntRange(0, 2).Draw(t, "references") {
			e.References = append(e.References, ref())
		}
		return e
	case 2:
		e := PutAttributes{ID: id("changed"), Set: []directory.Attribute{attr("description", value())}}
		if rapid.Bool().Draw(t, "remove") {
			e.Set, e.Remove = nil, []*directory.AttributeDescription{desc("description"), desc("title")}
		}
		return e
	case 3:
		return DeleteEntry{id("deleted")}
	case 4:
		e := MoveEntry{ID: id("moved"), Parent: id("to"), RDN: rdn()}
		e.NRDN = directory.NRDN(e.RDN)
		return e
	case 5:
		return AddReference{id("source"), ref()}
	case 6:
		r := ref()
		return RemoveReference{id("source"), r.Desc, r.Target}
	default:
		return RemoveAllReferences{id("source"), ref().Desc}
	}
}

// refused returns the result code that an effect must be refused with; success when it must not.
func (m model) refused(effect Effect) directory.ResultCode {
	taken := func(parent directory.EntryID, nrdn directory.NRDN, self directory.EntryID) bool {
		id := m.find(m.name(parent).Child(nrdn))
		return id != 0 && id != self
	}
	switch e := effect.(type) {
	case CreateEntry:
		if taken(e.Parent, e.NRDN, 0) {
			return directory.EntryAlreadyExists
		}
	case DeleteEntry:
		if len(m.children(e.ID)) > 0 {
			return directory.NotAllowedOnNonLeaf
		}
	case MoveEntry:
		if m.name(e.Parent).IsUnder(m.name(e.ID)) {
			return directory.UnwillingToPerform
		}
		if taken(e.Parent, e.NRDN, e.ID) {
			return directory.EntryAlreadyExists
		}
	}
	return directory.Success
}

func TestModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		db := memkv.Open(memkv.Options{BatchBytesMax: 16 << 20, BatchKeysMax: 100_000})
		s, err := Create(db, testOptions())
		if err != nil {
			rt.Fatal(err)
		}
		f := &fixture{Store: s, t: t}
		m := model{}
		step := func(effect Effect) {
			r, err := f.propose(effect)
			if want := m.refused(effect); want != directory.Success || err != nil {
				if directory.CodeOf(err) != want {
					rt.Fatalf("%T: %v, want %v", effect, err, want)
				}
				return
			}
			created := directory.EntryID(0)
			if len(r.IDs) > 0 {
				created = r.IDs[0]
			}
			before := m.members()
			m.apply(effect, r.CSN, created)
			m.moveAbove(before, r.CSN)
		}
		step(create(0, "dc=x", attr("dc", "x")))
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			root := m.find("dc=x")
			if root == 0 {
				step(create(0, "dc=x", attr("dc", "x")))
			}
			effect := m.draw(rt)
			if d, ok := effect.(DeleteEntry); ok && d.ID == root && len(m) == 1 {
				continue
			}
			step(effect)
			if rapid.IntRange(0, 3).Draw(rt, "compare") == 0 {
				m.compare(rt, s)
			}
		}
		m.compare(rt, s)
		m.compareTables(rt, s)
		if err := s.Close(); err != nil {
			rt.Fatal(err)
		}
		s, err = Open(db.Reopen(), testOptions())
		if err != nil {
			rt.Fatalf("Open: %v", err)
		}
		m.compare(rt, s)
		if err := s.Close(); err != nil {
			rt.Fatal(err)
		}
	})
}

// compare holds everything that a snapshot says against the model.
func (m model) compare(t *rapid.T, s *Store) {
	sn := s.Snapshot()
	defer sn.Close()
	equal := func(what string, id directory.EntryID, got, want any) {
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%s of %d (%s) = %v, want %v", what, id, m.name(id), got, want)
		}
	}
	if sn.EntryCount() != uint64(len(m)) {
		t.Fatalf("EntryCount = %d, want %d", sn.EntryCount(), len(m))
	}
	waiting := 0
	for id, e := range m {
		got, err := sn.Lookup(m.name(id))
		equal("Lookup", id, fmt.Sprint(got, err), fmt.Sprint(id, error(nil)))
		dn, err := sn.DN(id)
		equal("DN", id, fmt.Sprint(dn, err), fmt.Sprint(string(m.name(id)), error(nil)))
		entry, err := sn.Entry(id)
		if err != nil {
			t.Fatal(err)
		}
		attrs := map[string]string{}
		for _, a := range entry.Attributes() {
			attrs[a.Desc.Name] = string(a.Set())
		}
		if !maps.Equal(attrs, e.attrs) {
			t.Fatalf("attributes of %d differ", id)
		}
		st, err := sn.Stamp(id)
		equal("Stamp", id, fmt.Sprint(st.CSN, err), fmt.Sprint(e.csn, error(nil)))
		var children []directory.EntryID
		for child, err := range sn.Children(id) {
			if err != nil {
				t.Fatal(err)
			}
			children = append(children, child)
		}
		want := m.children(id)
		slices.Sort(children) // long names have another order
		slices.Sort(want)
		equal("Children", id, children, want)
		n, err := sn.ChildCount(id)
		equal("ChildCount", id, fmt.Sprint(n, err), fmt.Sprint(len(want), error(nil)))

		refs := map[modelRef]bool{}
		descs, err := sn.ReferenceDescriptions(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range descs {
			for v, err := range sn.References(id, d) {
				if err != nil {
					t.Fatal(err)
				}
				refs[modelRef{d.Name, v.Target, v.Name}] = true
			}
		}
		if !maps.Equal(refs, e.refs) {
			t.Fatalf("references of %d = %v, want %v", id, refs, e.refs)
		}
		var referrers, wantReferrers []directory.EntryID
		for source, err := range sn.Referrers(id, desc("member").TypeNo) {
			if err != nil {
				t.Fatal(err)
			}
			referrers = append(referrers, source)
		}
		for source, o := range m {
			if o.refs[modelRef{desc: "member", target: id}] {
				wantReferrers = append(wantReferrers, source)
			}
		}
		slices.Sort(wantReferrers)
		equal("Referrers", id, referrers, wantReferrers)
		for ref := range e.refs {
			name := ref.name
			if ref.target != 0 {
				name = m.name(ref.target)
			} else {
				waiting++
			}
			has, err := sn.HasReferenceTo(id, desc(ref.desc), name)
			equal("HasReferenceTo", id, fmt.Sprint(has, err), fmt.Sprint(true, error(nil)))
		}
	}
	if sn.state.unresolved != uint64(waiting) {
		t.Fatalf("unresolved = %d, want %d", sn.state.unresolved, waiting)
	}
}

// compareTables counts the keys of the tables: nothing is left over.
func (m model) compareTables(t *rapid.T, s *Store) {
	links, names, counted, long := 0, map[directory.NDN]int{}, 0, 0
	for id, e := range m {
		for ref := range e.refs {
			if ref.target != 0 {
				links++
			} else {
				names[ref.name]++
			}
		}
		if len(m.children(id)) > 0 {
			counted++
		}
		if n := len(e.attrs["description"]); n > longSetBytes {
			long += longParts(n)
		}
	}
	waiting := 0
	for _, n := range names {
		waiting += n
	}
	sn := s.Snapshot()
	defer sn.Close()
	for _, table := range []struct {
		tag  byte
		want int
	}{
		{tagRecord, len(m)}, {tagStamp, len(m)}, {tagChild, len(m)}, {tagChildCount, counted}, {tagLongValue, long},
		{tagLink, links}, {tagReverse, links}, {tagWaiters, len(names)}, {tagWaiter, waiting}, {tagUnresolved, waiting}, {tagToResolve, 0},
	} {
		got := 0
		it := sn.Scan(kv.ScanOptions{Prefix: []byte{table.tag}, KeysOnly: true})
		for it.Next() {
			got++
		}
		if err := it.Close(); err != nil || got != table.want {
			t.Fatalf("table %q has %d keys, want %d (%v)", table.tag, got, table.want, err)
		}
	}
}
