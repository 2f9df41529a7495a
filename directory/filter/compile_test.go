package filter

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"gatehouse/directory"
	"gatehouse/directory/schema"
)

func parse(t testing.TB, text string) directory.Filter {
	t.Helper()
	f, err := Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return f
}

// What the planner and the log of plans see.
func TestCompiledForm(t *testing.T) {
	t.Parallel()
	access := func(t *schema.AttributeType) Searchable {
		switch t.Name() {
		case "sn":
			return Never
		case "mail":
			return Mixed
		}
		return Always
	}
	for _, tt := range []struct{ name, filter, want string }{
		{"nested lists", "(&(uid=a)(&(cn=b)(&(mail=c))))", "(&(uid=a)(cn=b)(mail=c {mixed}))"},
		{"list of one", "(&(|(uid=a)))", "(uid=a)"},
		{"empty lists", "(&(&)(uid=a)(|(|)(cn=b)))", "(&(uid=a)(cn=b))"},
		{"constant in And", "(&(uid=a)(|))", "(|)"},
		{"constant in Or", "(|(uid=a)(&))", "(&)"},
		{"objectClass", "(&(objectClass=*)(uid=a))", "(uid=a)"},
		{"negation of all", "(!(objectClass=*))", "(|)"},
		{"double negation", "(!(!(uid=a)))", "(uid=a)"},
		{"unknown", "(nosuch=x)", "(?)"},
		{"negated unknown", "(!(nosuch=x))", "(?)"},
		{"two unknown", "(&(nosuch=x)(nosuch=y)(uid=a))", "(&(uid=a)(?))"},
		{"no right", "(sn=x)", "(?)"},
		{"supertype under three rights", "(name=x)", "(|(name=x)(?))"},
		{"set", "(|(uid=b)(cn=x)(uid=a)(uid=B))", "(|(cn=x)(uid={2 values}))"},
		{"set of one", "(|(uid=a)(uid=A))", "(uid={1 values})"},
		{"sets of nested Or", "(|(uid=a)(|(uid=b)(uid=c)))", "(uid={3 values})"},
		{"no set of And", "(&(uid=a)(uid=b))", "(&(uid=a)(uid=b))"},
		{"no set of references", "(|(manager=cn=a)(manager=cn=b))", "(|(manager=cn=a)(manager=cn=b))"},
		{"no set over options", "(|(cn=a)(cn;lang-de=a))", "(|(cn=a)(cn;lang-de=a))"},
		{"cheap before costly", "(&(memberOf=cn=g)(numSubordinates=3)(cn=*b*)(uid=a))", "(&(uid=a)(cn=*b*)(numSubordinates=3)(memberOf=cn=g))"},
		{"chain", "(memberOf:1.2.840.113556.1.4.1941:=cn=g)", "(memberOf:1.2.840.113556.1.4.1941:=cn=g)"},
		{"own rule", "(uid:caseIgnoreMatch:=a)", "(uid=a)"},
		{"other rule", "(uid:caseExactMatch:=A)", "(uid:caseExactMatch:=A)"},
		{"name attributes", "(ou:dn:=x)", "(|(ou=x)(ou:dn:=x))"},
		{"secret", "(userPassword=hunter2)", "(userPassword=[redacted])"},
		{"secret, negated", "(!(userPassword=hunter2))", "(!(userPassword=[redacted]))"},
		{"presence of a secret", "(userPassword=*)", "(userPassword=*)"},
		{"value that looks like syntax", `(cn=\28x\29)`, `(cn=\28x\29)`},
	} {
		if got := Compile(schema.Standard(), parse(t, tt.filter), access).Root.String(); got != tt.want {
			t.Errorf("%s: %s is %s, want %s", tt.name, tt.filter, got, tt.want)
		}
	}
}

// A tree that did not come from Parse may be malformed or larger than Parse allows.
func TestCompileMalformed(t *testing.T) {
	t.Parallel()
	deep := eq("uid", "babs")
	for range 2 * DepthMax {
		deep = &directory.Not{Filter: deep}
	}
	wide := make(directory.Or, TermsMax+10)
	for i := range wide {
		wide[i] = &directory.Present{Attr: "title"}
	}
	wide[len(wide)-1] = eq("uid", "babs")
	for name, f := range map[string]directory.Filter{
		"nothing": nil, "negated nothing": &directory.Not{}, "list of nothing": directory.And{nil},
		"neither attribute nor rule":     &directory.ExtensibleMatch{Value: []byte("x"), DNAttributes: true},
		"substrings without parts":       &directory.Substrings{Attr: "cn"},
		"no attribute":                   eq("", "x"),
		"options without attribute":      eq(";lang-de", "x"),
		"no UTF-8":                       eq("cn", "\xff"),
		"too deep":                       deep,
		"match after the bound on terms": wide,
	} {
		if got, err := Compile(schema.Standard(), f, nil).Match(babs(t)); got != Undefined || err != nil {
			t.Errorf("%s: %v, %v; want Undefined", name, got, err)
		}
	}
}

// The strings of a request alias its buffer, which is used again while the compiled filter may still be in a plan's text.
func TestCompiledHoldsNoMemoryOfTheFilter(t *testing.T) {
	t.Parallel()
	value, part := []byte("babs"), []byte("ba")
	f := directory.And{&directory.EqualityMatch{Attr: "uid", Value: value}, &directory.Substrings{Attr: "uid", Initial: part},
		&directory.ExtensibleMatch{Attr: "uid", Rule: "caseExactMatch", Value: value, DNAttributes: true},
		directory.Or{&directory.EqualityMatch{Attr: "cn", Value: value}, &directory.EqualityMatch{Attr: "cn", Value: part}}}
	c := Compile(schema.Standard(), f, nil)
	before := c.Root.String()
	copy(value, "gone")
	copy(part, "no")
	if got := c.Root.String(); got != before {
		t.Errorf("printed %s, then %s", before, got)
	}
	if got, err := c.Match(babs(t)); got != True || err != nil {
		t.Errorf("Match = %v, %v", got, err)
	}
}

func TestAttributes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"(&(uid=a)(!(|(mail=*)(uid=b))))": "mail uid", "(objectClass=*)": "", "(nosuch=x)": "", "(&(|)(uid=a))": "",
		"(ou:dn:=x)": "c-ou ou", "(manager=cn=x)": "manager",
	} {
		var names []string
		for _, typ := range Compile(schema.Standard(), parse(t, text), nil).Attributes() {
			names = append(names, typ.Name())
		}
		slices.Sort(names)
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	name := Compile(schema.Standard(), parse(t, "(name=x)"), nil).Attributes()
	if !slices.ContainsFunc(name, func(typ *schema.AttributeType) bool { return typ.Name() == "givenName" }) {
		t.Errorf("(name=x) reads its subtype givenName; got %d types", len(name))
	}
}

func TestWalkStops(t *testing.T) {
	t.Parallel()
	root := Compile(schema.Standard(), parse(t, "(&(uid=a)(|(cn=b)(sn=c)))"), nil).Root
	var ops []string
	all := Walk(root, func(n *Node) bool {
		ops = append(ops, n.Op.String())
		return n.Op != OpOr
	})
	if got := strings.Join(ops, " "); all || got != "and equal or" {
		t.Errorf("visited %q, to the end: %v", got, all)
	}
}

// sudo asks for every group of the user twice; 400 terms must be one look-up for each value of the entry.
func TestLargeOr(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range 400 {
		fmt.Fprintf(&text, "(sudoUser=%%group%d)", i)
	}
	c := Compile(schema.Standard(), parse(t, "(&(objectClass=sudoRole)(|"+text.String()+")(!(|(sudoUser=!a)(sudoUser=!b))))"), nil)
	var set *Node
	Walk(c.Root, func(n *Node) bool {
		if n.Op == OpAnyOf && len(n.Keys) == 400 {
			set = n
		}
		return true
	})
	if set == nil || !slices.IsSortedFunc(set.Keys, bytes.Compare) {
		t.Fatalf("no sorted set in %s", c.Root)
	}
	for user, want := range map[string]Truth{"%group399": True, "%Group399": False, "%group400": False, "%group1 | !b": False} {
		src := &fake{entry: entryOf(t, "objectClass: sudoRole", "sudoUser: "+user)}
		if got, err := c.Match(src); got != want || err != nil {
			t.Errorf("sudoUser %s: %v, %v; want %v", user, got, err, want)
		}
	}
}

var errBroken = errors.New("broken")

// broken is a source whose links and name cannot be read.
type broken struct{ *fake }

func (broken) NDN() (directory.NDN, error) { return "", errBroken }
func (broken) Computed(*schema.AttributeType) (directory.Attribute, error) {
	return directory.Attribute{}, errBroken
}
func (broken) HasReference(*directory.AttributeDescription, *schema.AttributeType, directory.NDN, bool) (bool, error) {
	return true, errBroken
}
func (broken) AnyReference(*directory.AttributeDescription, *schema.AttributeType) (bool, error) {
	return true, errBroken
}

func TestSourceErrors(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"(member=cn=x)", "(member=*)", "(!(member=*))", "(entryDN=cn=x)", "(numSubordinates=3)", "(ou:dn:=x)",
		"(memberOf:1.2.840.113556.1.4.1941:=cn=x)", "(&(uid=babs)(|(uid=x)(member=*)))",
	} {
		got, err := Compile(schema.Standard(), parse(t, text), nil).Match(broken{babs(t)})
		if !errors.Is(err, errBroken) || got == True {
			t.Errorf("%s: %v, %v; want the source's error", text, got, err)
		}
	}
	if got, err := Compile(schema.Standard(), parse(t, "(|(member=*)(uid=babs))"), nil).Match(broken{babs(t)}); got != True || err != nil {
		t.Errorf("what the record decides alone: %v, %v", got, err)
	}
}

func TestMatchWithIsShared(t *testing.T) {
	t.Parallel()
	c := Compile(schema.Standard(), parse(t, "(&(cn=bar*sen)(name=BABS)(uidNumber>=10001))"), nil)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			var scratch Scratch
			src := babs(t)
			for range 200 {
				if got, err := c.MatchWith(src, &scratch); got != True || err != nil {
					t.Errorf("%v, %v", got, err)
					return
				}
			}
		})
	}
	group.Wait()
}

// Each search compiles: an allocation here is one on the path of every request.
func TestCompileAllocations(t *testing.T) {
	for text, budget := range map[string]float64{
		"(uid=babs)": 3, // the result, the nodes, the keys
		"(&(uid=babs)(objectclass=posixAccount)(uid=*)(&(uidNumber=*)(!(uidNumber=0))))": 7,
	} {
		f := parse(t, text)
		if got := testing.AllocsPerRun(100, func() { Compile(schema.Standard(), f, nil) }); got > budget {
			t.Errorf("%s: %v allocations, budget %v", text, got, budget)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	var sudo strings.Builder
	for i := range 400 {
		fmt.Fprintf(&sudo, "(sudoUser=%%group%d)", i)
	}
	for _, bb := range []struct{ name, text string }{
		{"uid", "(uid=babs)"},
		{"sssd", "(&(uid=babs)(objectclass=posixAccount)(uid=*)(&(uidNumber=*)(!(uidNumber=0))))"},
		{"sudo-400", "(&(objectClass=sudoRole)(|" + sudo.String() + "))"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			f := parse(b, bb.text)
			b.ReportAllocs()
			for b.Loop() {
				Compile(schema.Standard(), f, nil)
			}
		})
	}
}
