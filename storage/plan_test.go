package storage

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"

	"pgregory.net/rapid"
)

var rewrite = flag.Bool("rewrite", false, "write the results of text tests into their files")

func compile(t testing.TB, text string) *filter.Compiled {
	t.Helper()
	f, err := filter.Parse(text)
	if err != nil {
		t.Fatalf("filter %s: %v", text, err)
	}
	return filter.Compile(schema.Standard(), f, nil)
}

// candidates returns all that a plan proposes.
func candidates(t interface{ Fatalf(string, ...any) }, p *Plan, after directory.EntryID) (ids []directory.EntryID) {
	for {
		id, ok, err := p.Next(after)
		if err != nil {
			t.Fatalf("Next(%d): %v", after, err)
		}
		if !ok {
			return ids
		}
		if id <= after {
			t.Fatalf("Next(%d) = %d", after, id)
		}
		ids = append(ids, id)
		after = id
	}
}

// TestPlanText runs testdata/plan: for each case a line with scope and base and one with a filter, then, after "----", the plan,
// what it answers about itself, and how many candidates there are.
func TestPlanText(t *testing.T) {
	t.Parallel()
	f := planFixture(t)
	sn := f.snapshot()
	path := filepath.Join("testdata", "plan")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for block := range strings.SplitSeq(strings.TrimRight(string(content), "\n"), "\n\n") {
		input, want, _ := strings.Cut(block+"\n", "\n----\n")
		want = strings.TrimSuffix(want, "\n")
		where, text, _ := strings.Cut(lastLines(input, 2), "\n")
		got := planText(t, sn, where, text)
		if got != want && !*rewrite {
			t.Errorf("%s\n%s\ngot:\n%s\nwant:\n%s", where, text, got, want)
		}
		fmt.Fprintf(&out, "%s\n----\n%s\n\n", input, got)
	}
	if *rewrite {
		if err := os.WriteFile(path, []byte(strings.TrimSuffix(out.String(), "\n")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// lastLines drops the comments before a case.
func lastLines(s string, n int) string {
	lines := strings.Split(s, "\n")
	return strings.Join(lines[len(lines)-n:], "\n")
}

var scopes = map[string]directory.Scope{
	"base": directory.ScopeBase, "one": directory.ScopeOne, "sub": directory.ScopeSub, "children": directory.ScopeChildren,
}

func planText(t *testing.T, sn *Snapshot, where, text string) string {
	t.Helper()
	word, name, _ := strings.Cut(where, " ")
	scope, ok := scopes[word]
	if !ok {
		t.Fatalf("scope %q", word)
	}
	base := directory.EntryID(0)
	if name != "" {
		var err error
		if base, err = sn.Lookup(directory.NDN(name)); err != nil {
			t.Fatalf("base %q: %v", name, err)
		}
	}
	p, err := sn.Plan(compile(t, text).Root, base, scope, PlanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, bounded := p.Bounded()
	printed := p.String()
	return fmt.Sprintf("%sbounded %t, indexed %t, candidates %d", printed, bounded, p.Indexed(), len(candidates(t, p, 0)))
}

// TestPlanProposesAllMatches compares plans with a look at every entry: of each kind of term alone, and of random
// combinations.
func TestPlanProposesAllMatches(t *testing.T) {
	t.Parallel()
	sn := planFixture(t).snapshot()
	t.Run("terms", func(t *testing.T) {
		for i := 0; i < 220; i += 7 {
			for _, text := range leaves(i) {
				comparePlan(t, sn, text, 1, directory.ScopeSub, 0)
			}
		}
	})
	t.Run("combinations", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			for range 20 {
				scope := rapid.SampledFrom([]directory.Scope{directory.ScopeBase, directory.ScopeOne, directory.ScopeSub, directory.ScopeChildren}).Draw(t, "scope")
				base := directory.EntryID(rapid.IntRange(0, 6).Draw(t, "base"))
				if scope == directory.ScopeBase {
					base = max(base, 1)
				}
				after := directory.EntryID(rapid.IntRange(0, 250).Draw(t, "after"))
				comparePlan(t, sn, drawFilter(t, 3), base, scope, after)
			}
		})
	})
}

// TestPlanOfTwoValues has an entry that satisfies two bounds with two values, neither of which lies between them.
func TestPlanOfTwoValues(t *testing.T) {
	t.Parallel()
	f := memFixture(t)
	base := f.create(0, "dc=example,dc=com", attr("dc", "example"))
	f.create(base, "uid=a", attr("uid", "a"), attr("uidNumber", "10"))
	comparePlan(t, f.snapshot(), "(&(uidNumber>=5)(uidNumber<=8))", base, directory.ScopeSub, 0)
	f.create(base, "uid=b", attr("uid", "b"), attr("uidNumber", "10"), attr("uidNumber;x-old", "1"))
	comparePlan(t, f.snapshot(), "(&(uidNumber>=5)(uidNumber<=8))", base, directory.ScopeSub, 0)
}

// comparePlan plans a filter for all of it and for pages; see comparePlanWith.
func comparePlan(t interface {
	Helper()
	Fatalf(string, ...any)
}, sn *Snapshot, text string, base directory.EntryID, scope directory.Scope, after directory.EntryID) {
	t.Helper()
	for _, opt := range []PlanOptions{{}, {Page: 3}, {LargeScope: true}} {
		comparePlanWith(t, sn, text, base, scope, after, opt)
	}
}

// comparePlanWith plans a filter and proves that every match is a candidate, every candidate in the scope, and that a second
// plan goes on where this one is.
func comparePlanWith(t interface {
	Helper()
	Fatalf(string, ...any)
}, sn *Snapshot, text string, base directory.EntryID, scope directory.Scope, after directory.EntryID, opt PlanOptions) {
	t.Helper()
	f, err := filter.Parse(text)
	if err != nil {
		t.Fatalf("filter %s: %v", text, err)
	}
	c := filter.Compile(schema.Standard(), f, nil)
	p, err := sn.Plan(c.Root, base, scope, opt)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	printed := p.String()
	proposed := candidates(t, p, 0)
	src := &planSource{sn: sn}
	for id := directory.EntryID(1); id < sn.state.nextID; id++ {
		has := slices.Contains(proposed, id)
		in := inScope(t, sn, id, base, scope)
		if has && !in {
			t.Fatalf("%s: entry %d is outside the scope\n%s", text, id, printed)
		}
		src.id = id
		truth, err := c.Match(src)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if in && truth == filter.True && !has {
			t.Fatalf("%s below %d (scope %d): entry %d matches but is no candidate\n%s", text, base, scope, id, printed)
		}
	}
	if n, ok := p.Bounded(); ok && len(proposed) > n {
		t.Fatalf("%s: %d candidates, announced %d", text, len(proposed), n)
	}
	again, err := sn.Plan(c.Root, base, scope, opt)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	rest := proposed[idSet(proposed).seek(after+1):]
	if got := candidates(t, again, after); !slices.Equal(got, rest) {
		t.Fatalf("%s after %d: got %v, want %v", text, after, got, rest)
	}
}

func inScope(t interface{ Fatalf(string, ...any) }, sn *Snapshot, id, base directory.EntryID, scope directory.Scope) bool {
	parent, err := sn.Parent(id)
	if err != nil {
		t.Fatalf("parent of %d: %v", id, err)
	}
	under, err := sn.IsUnder(id, base)
	if err != nil {
		t.Fatalf("entry %d below %d: %v", id, base, err)
	}
	switch scope {
	case directory.ScopeBase:
		return id == base
	case directory.ScopeOne:
		return parent == base
	case directory.ScopeChildren:
		return under && id != base
	default:
		return under
	}
}

// drawFilter makes a random filter with something to find for most of its terms.
func drawFilter(t *rapid.T, depth int) string {
	if depth > 0 {
		switch rapid.IntRange(0, 5).Draw(t, "shape") {
		case 0, 1, 2:
			op := rapid.SampledFrom([]string{"&", "|"}).Draw(t, "op")
			var b strings.Builder
			for range rapid.IntRange(1, 4).Draw(t, "parts") {
				b.WriteString(drawFilter(t, depth-1))
			}
			return "(" + op + b.String() + ")"
		case 3:
			return "(!" + drawFilter(t, depth-1) + ")"
		}
	}
	return rapid.SampledFrom(leaves(rapid.IntRange(0, 220).Draw(t, "i"))).Draw(t, "leaf")
}

// leaves returns a term of every kind, most of them about person i.
func leaves(i int) []string {
	person := fmt.Sprintf("uid=u%03d,ou=people,dc=example,dc=com", i)
	group := fmt.Sprintf("cn=g%d,ou=groups,dc=example,dc=com", i%14)
	return []string{
		fmt.Sprintf("(uid=u%03d)", i), fmt.Sprintf("(uid=U%03d)", i), "(objectClass=person)", "(objectClass=2.5.6.6)",
		"(objectClass=groupOfNames)", "(objectClass=*)", "(uid=*)", "(employeeNumber=*)", "(member=*)", "(memberOf=*)",
		fmt.Sprintf("(cn=Person %d*)", i), fmt.Sprintf("(cn=*%d s*)", i%30), "(cn=p*)", "(cn=*i*)", "(cn=*li)", "(cn=* neill)", "(cn=*o'neill*)",
		"(sn=van*berg)", "(sn=s\\c3\\b8r*)", fmt.Sprintf("(name=*person %d*)", i), fmt.Sprintf("(name=Person %d %s)", i, surnames[i%5]),
		fmt.Sprintf("(mail=p%d@*)", i), "(mail=*example.org)", fmt.Sprintf("(cn;lang-de=Mensch %d)", i),
		fmt.Sprintf("(uidNumber>=%d)", 1000+i), fmt.Sprintf("(uidNumber<=%d)", 1000+i), fmt.Sprintf("(uidNumber=%d)", 1000+i),
		fmt.Sprintf("(&(uidNumber>=%d)(uidNumber<=%d))", 1000+i, 1010+i), "(gidNumber=200)", "(!(uidNumber=0))",
		"(createTimestamp>=20300601000000Z)", "(modifyTimestamp>=20310506070809Z)", "(modifyTimestamp<=20310506070808Z)",
		fmt.Sprintf("(entryUSN>=%d)", i/10), fmt.Sprintf("(entryUSN<=%d)", i/10),
		fmt.Sprintf("(entryUSN=%d)", i/10), "(modifyTimestamp=20310506070809Z)", "(modifyTimestamp=20310506070808Z)", "(entryUSN=*)",
		"(owner=*)", "(manager=*)", "(seeAlso=*)", "(distinguishedName=*)", "(distinguishedName=cn=outside,dc=other)", "(street=x)", "(hasSubordinates=TRUE)",
		"(description=about 3)", "(description=*4)", "(nosuch=1)", "(uidNumber=x)",
		"(member=" + person + ")", "(member=" + group + ")", "(owner=" + person + ")", "(memberOf=" + group + ")",
		"(member=uid=later1,ou=people,dc=example,dc=com)", "(member=cn=outside,dc=other)", "(member=cn=nobody,dc=example,dc=com)",
		"(member:1.2.840.113556.1.4.1941:=" + person + ")", "(memberOf:1.2.840.113556.1.4.1941:=" + group + ")",
		"(entryDN=" + person + ")", "(cn:caseExactMatch:=Person 1 Li)",
	}
}

// A planSource evaluates filters on stored entries, plainly and slowly.
type planSource struct {
	sn *Snapshot
	id directory.EntryID
}

func (s *planSource) must(err error) {
	if err != nil {
		panic(err)
	}
}

func (s *planSource) Entry() *directory.Entry {
	e, err := s.sn.Entry(s.id)
	s.must(err)
	return e
}

func (s *planSource) Computed(t *schema.AttributeType) (directory.Attribute, error) {
	st, err := s.sn.Stamp(s.id)
	if err != nil {
		return directory.Attribute{}, err
	}
	switch name := t.Name(); name {
	case "modifyTimestamp":
		return attr(name, st.ModifyTime.Format("20060102150405Z")), nil
	case "entryUSN":
		return attr(name, fmt.Sprint(st.CSN)), nil
	case "entryDN":
		dn, err := s.sn.DN(s.id)
		return attr(name, dn), err
	}
	return directory.Attribute{}, nil
}

// values returns the normalized names that a reference attribute of an entry has.
func (s *planSource) values(id directory.EntryID, typeNo int) (names []directory.NDN) {
	descs, err := s.sn.ReferenceDescriptions(id)
	s.must(err)
	for _, d := range descs {
		if d.TypeNo != typeNo {
			continue
		}
		for ref, err := range s.sn.References(id, d) {
			s.must(err)
			if ref.Target != 0 {
				ref.Name, err = s.sn.NDN(ref.Target)
				s.must(err)
			}
			names = append(names, ref.Name)
		}
	}
	e, err := s.sn.Entry(id)
	s.must(err)
	for _, a := range e.Attributes() {
		if a.Desc.TypeNo != typeNo {
			continue
		}
		for v := range a.Values() {
			ndn, err := schema.Standard().AppendNDN(nil, string(v))
			s.must(err)
			names = append(names, directory.NDN(ndn))
		}
	}
	return names
}

func (s *planSource) HasReference(_ *directory.AttributeDescription, t *schema.AttributeType, target directory.NDN, chain bool) (bool, error) {
	if t.Name() == "memberOf" {
		// Is there a way down from the group to the entry?
		group, err := s.sn.Lookup(target)
		if err != nil {
			return false, nil
		}
		name, err := s.sn.NDN(s.id)
		return s.leads(group, desc("member").TypeNo, name, true), err
	}
	return s.leads(s.id, t.No, target, chain), nil
}

// leads reports whether a way of references leads from an entry to a name.
func (s *planSource) leads(from directory.EntryID, typeNo int, to directory.NDN, chain bool) bool {
	seen := map[directory.EntryID]bool{}
	for queue := []directory.EntryID{from}; len(queue) > 0; queue = queue[1:] {
		for _, name := range s.values(queue[0], typeNo) {
			if name == to {
				return true
			}
			if next, err := s.sn.Lookup(name); chain && err == nil && !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	return false
}

func (s *planSource) AnyReference(_ *directory.AttributeDescription, t *schema.AttributeType) (bool, error) {
	if t.Name() != "memberOf" {
		return len(s.values(s.id, t.No)) > 0, nil
	}
	for source, err := range s.sn.Referrers(s.id, desc("member").TypeNo) {
		return source != 0, err
	}
	return false, nil
}

func (s *planSource) MaySearch(*directory.AttributeDescription) bool { return true }

func (s *planSource) MaySearchAll(*directory.AttributeDescription, []string) bool { return true }

func (s *planSource) NDN() (directory.NDN, error) { return s.sn.NDN(s.id) }
