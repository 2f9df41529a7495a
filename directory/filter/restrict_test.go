package filter

import (
	"testing"

	"gatehouse/directory/schema"
)

// TestRestricted: a restricted filter is the one that was compiled with every attribute searchable in some entries alone.
func TestRestricted(t *testing.T) {
	t.Parallel()
	s := schema.Standard()
	mixed := func(*schema.AttributeType) Searchable { return Mixed }
	for _, text := range []string{
		"(cn=a)", "(name=a)", "(!(cn=a))", "(|(cn=a)(cn=b)(mail=c))", "(&(objectClass=*)(cn=a*)(!(member=cn=x)))", "(hasSubordinates=TRUE)",
		"(:caseIgnoreMatch:=x)", "(ou:dn:=people)", "(uid>=a)", "(cn;lang-de=a)", "(unknown=a)", "(memberOf=*)",
	} {
		f, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		got, want := Compile(s, f, nil).Restricted(), Compile(s, f, mixed)
		if got.Root.String() != want.Root.String() {
			t.Errorf("%s: %s, want %s", text, got.Root, want.Root)
		}
		var a, b []*Node
		Walk(got.Root, func(n *Node) bool { a = append(a, n); return true })
		Walk(want.Root, func(n *Node) bool { b = append(b, n); return true })
		for i := range min(len(a), len(b)) {
			if a[i].Rights != b[i].Rights || len(a[i].ask) != len(b[i].ask) {
				t.Errorf("%s: %s asks for %d types, want %d", text, a[i], len(a[i].ask), len(b[i].ask))
			}
		}
	}
}
