package dit_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"gatehouse/directory"
	"gatehouse/directory/dit"
)

// model is the slow, obvious directory: entries in a map by name, members as pointers or, while nobody has the name, as names.
type model struct {
	entries map[string]*modelEntry
}

type modelEntry struct {
	dn          string
	group       bool
	description map[string]bool
	members     map[*modelEntry]bool
	waiting     map[string]bool
}

func parentOf(dn string) string {
	_, parent, _ := strings.Cut(dn, ",")
	return parent
}

func (m *model) under(dn string) (found []*modelEntry) {
	for name, e := range m.entries {
		if name == dn || strings.HasSuffix(name, ","+dn) {
			found = append(found, e)
		}
	}
	return found
}

func (m *model) resolve() {
	for _, e := range m.entries {
		for name := range e.waiting {
			if target := m.entries[name]; target != nil {
				delete(e.waiting, name)
				e.members[target] = true
			}
		}
	}
}

func (m *model) add(dn string, group bool, member string) directory.ResultCode {
	switch {
	case m.entries[parentOf(dn)] == nil:
		return directory.NoSuchObject
	case m.entries[dn] != nil:
		return directory.EntryAlreadyExists
	}
	e := &modelEntry{dn: dn, group: group, description: map[string]bool{}, members: map[*modelEntry]bool{}, waiting: map[string]bool{}}
	m.entries[dn] = e
	if group {
		e.waiting[member] = true
	}
	m.resolve()
	return directory.Success
}

func (m *model) delete(dn string) directory.ResultCode {
	e := m.entries[dn]
	switch {
	case e == nil:
		return directory.NoSuchObject
	case len(m.under(dn)) > 1:
		return directory.NotAllowedOnNonLeaf
	}
	delete(m.entries, dn)
	for _, other := range m.entries {
		delete(other.members, e)
	}
	return directory.Success
}

func (m *model) move(dn, rdn, superior string) directory.ResultCode {
	to := rdn + "," + superior
	switch {
	case m.entries[dn] == nil, m.entries[superior] == nil:
		return directory.NoSuchObject
	case superior == dn || strings.HasSuffix(superior, ","+dn):
		return directory.UnwillingToPerform
	case to != dn && m.entries[to] != nil:
		return directory.EntryAlreadyExists
	}
	moved := m.under(dn)
	for _, e := range moved {
		delete(m.entries, e.dn)
	}
	for _, e := range moved {
		e.dn = strings.TrimSuffix(e.dn, dn) + to
		m.entries[e.dn] = e
	}
	m.resolve()
	return directory.Success
}

func (m *model) has(e *modelEntry, name string) bool {
	return e.waiting[name] || m.entries[name] != nil && e.members[m.entries[name]]
}

func (m *model) addMember(dn, name string) directory.ResultCode {
	e := m.entries[dn]
	switch {
	case e == nil:
		return directory.NoSuchObject
	case m.has(e, name):
		return directory.AttributeOrValueExists
	case !e.group:
		return directory.ObjectClassViolation
	}
	e.waiting[name] = true
	m.resolve()
	return directory.Success
}

func (m *model) deleteMember(dn, name string) directory.ResultCode {
	e := m.entries[dn]
	switch {
	case e == nil:
		return directory.NoSuchObject
	case !m.has(e, name):
		return directory.NoSuchAttribute
	case len(e.members)+len(e.waiting) == 1:
		return directory.ObjectClassViolation
	}
	delete(e.waiting, name)
	delete(e.members, m.entries[name])
	return directory.Success
}

func (m *model) replaceMembers(dn string, names []string) directory.ResultCode {
	e := m.entries[dn]
	switch {
	case e == nil:
		return directory.NoSuchObject
	case !e.group:
		return directory.ObjectClassViolation
	}
	clear(e.members)
	clear(e.waiting)
	for _, name := range names {
		e.waiting[name] = true
	}
	m.resolve()
	return directory.Success
}

func (m *model) describe(dn, value string, add bool) directory.ResultCode {
	e := m.entries[dn]
	switch {
	case e == nil:
		return directory.NoSuchObject
	case add && e.description[value]:
		return directory.AttributeOrValueExists
	case !add && !e.description[value]:
		return directory.NoSuchAttribute
	case add:
		e.description[value] = true
	default:
		delete(e.description, value)
	}
	return directory.Success
}

// groupsOf returns the groups that an entry is in, directly or not.
func (m *model) groupsOf(e *modelEntry) map[string]bool {
	found := map[string]bool{}
	for todo := []*modelEntry{e}; len(todo) > 0; todo = todo[1:] {
		for _, g := range m.entries {
			if g.members[todo[0]] && !found[g.dn] {
				found[g.dn] = true
				todo = append(todo, g)
			}
		}
	}
	return found
}

func (m *model) lines(e *modelEntry) []string {
	lines := []string{}
	for v := range e.description {
		lines = append(lines, "description: "+v)
	}
	for target := range e.members {
		lines = append(lines, "member: "+target.dn)
	}
	for name := range e.waiting {
		lines = append(lines, "member: "+name)
	}
	for name := range m.groupsOf(e) {
		lines = append(lines, "memberOf: "+name)
	}
	slices.Sort(lines)
	return lines
}

// TestModel runs random operations against the directory and the model and compares every answer and the whole content.
func TestModel(t *testing.T) {
	const root = "ou=root," + base
	f := newFixture(t)
	rapid.Check(t, func(rt *rapid.T) {
		f := &fixture{TB: t, d: f.d, store: f.store}
		op := f.operator()
		f.add(root, "objectClass: organizationalUnit", "ou: root")
		defer f.removeAll(root)
		m := &model{entries: map[string]*modelEntry{root: {dn: root, description: map[string]bool{}}}}
		rdn := rapid.SampledFrom([]string{"cn=a", "cn=b", "cn=c"})
		name := rapid.Custom(func(rt *rapid.T) string {
			dn := root
			for range rapid.IntRange(1, 3).Draw(rt, "depth") {
				dn = rdn.Draw(rt, "rdn") + "," + dn
			}
			return dn
		})
		check := func(what string, err error, want directory.ResultCode) {
			if got := directory.CodeOf(err); got != want {
				rt.Fatalf("%s: got %v (%v), want %v", what, got, err, want)
			}
		}
		value := rapid.SampledFrom([]string{"x", "y"})
		rt.Repeat(map[string]func(*rapid.T){
			"add": func(rt *rapid.T) {
				dn, group, member := name.Draw(rt, "dn"), rapid.Bool().Draw(rt, "group"), name.Draw(rt, "member")
				cn, _, _ := strings.Cut(strings.TrimPrefix(dn, "cn="), ",")
				lines := []string{"cn: " + cn, "objectClass: device"}
				if group {
					lines = []string{"cn: " + cn, "objectClass: groupOfNames", "member: " + member}
				}
				check("add "+dn, f.addAs(op, dn, lines...), m.add(dn, group, member))
			},
			"delete": func(rt *rapid.T) {
				dn := name.Draw(rt, "dn")
				check("delete "+dn, f.d.Delete(t.Context(), op, &directory.DeleteRequest{DN: dn}), m.delete(dn))
			},
			"move": func(rt *rapid.T) {
				dn, to := name.Draw(rt, "dn"), rdn.Draw(rt, "rdn")
				superior := rapid.OneOf(rapid.Just(root), name).Draw(rt, "superior")
				check("move "+dn, f.d.ModifyDN(t.Context(), op, &directory.ModifyDNRequest{
					DN: dn, NewRDN: to, DeleteOldRDN: true, NewSuperior: superior, HasNewSuperior: true,
				}), m.move(dn, to, superior))
			},
			"add member": func(rt *rapid.T) {
				dn, member := name.Draw(rt, "dn"), name.Draw(rt, "member")
				check("add member", f.modify(op, dn, "add member: "+member), m.addMember(dn, member))
			},
			"delete member": func(rt *rapid.T) {
				dn, member := name.Draw(rt, "dn"), name.Draw(rt, "member")
				check("delete member", f.modify(op, dn, "delete member: "+member), m.deleteMember(dn, member))
			},
			"replace members": func(rt *rapid.T) {
				dn := name.Draw(rt, "dn")
				members := rapid.SliceOfNDistinct(name, 1, 3, rapid.ID).Draw(rt, "members")
				var lines []string
				for _, member := range members {
					lines = append(lines, "replace member: "+member)
				}
				check("replace members", f.modify(op, dn, lines...), m.replaceMembers(dn, members))
			},
			"describe": func(rt *rapid.T) {
				dn, v, add := name.Draw(rt, "dn"), value.Draw(rt, "value"), rapid.Bool().Draw(rt, "add")
				word := map[bool]string{true: "add", false: "delete"}[add]
				check("describe", f.modify(op, dn, fmt.Sprintf("%s description: %s", word, v)), m.describe(dn, v, add))
			},
			"search": func(rt *rapid.T) {
				about := name.Draw(rt, "name")
				var byMember, byGroup []string
				for _, e := range m.entries {
					if m.has(e, about) {
						byMember = append(byMember, e.dn)
					}
					if m.entries[about] != nil && m.groupsOf(e)[about] {
						byGroup = append(byGroup, e.dn)
					}
				}
				for filter, want := range map[string][]string{"(member=" + about + ")": byMember, "(memberOf=" + about + ")": byGroup} {
					found, err := f.search(op, query{base: root, scope: directory.ScopeSub, filter: filter})
					check(filter, err, directory.Success)
					slices.Sort(want)
					if !slices.Equal(found.names(), want) {
						rt.Fatalf("%s: got %q, want %q", filter, found.names(), want)
					}
				}
			},
			"": func(rt *rapid.T) {
				found, err := f.search(op, query{base: root, scope: directory.ScopeSub, attrs: []string{"description", "member", "memberOf"}})
				check("dump", err, directory.Success)
				want := map[string][]string{}
				for dn, e := range m.entries {
					want[dn] = m.lines(e)
				}
				if !maps.EqualFunc(found, want, slices.Equal) {
					rt.Fatalf("the directory is\n%v\nthe model\n%v", found, want)
				}
				if err := f.d.Verify(t.Context(), func(p dit.Problem) error { return fmt.Errorf("%s: %s: %w", p.Hook, p.DN, p.Err) }); err != nil {
					rt.Fatal(err)
				}
			},
		})
	})
}

// removeAll deletes a subtree, leaves first.
func (f *fixture) removeAll(root string) {
	f.Helper()
	found, err := f.search(f.operator(), query{base: root, scope: directory.ScopeSub, attrs: []string{"1.1"}})
	f.ok(err)
	names := found.names()
	slices.SortFunc(names, func(a, b string) int { return strings.Count(b, ",") - strings.Count(a, ",") })
	for _, dn := range names {
		f.ok(f.d.Delete(f.Context(), f.operator(), &directory.DeleteRequest{DN: dn}))
	}
}
