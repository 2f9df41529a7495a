package bundle

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/directory"
	"gatehouse/directory/filter"
)

func everyKey(t testing.TB) *Bundle {
	t.Helper()
	return load(t, Options{NamingContexts: []directory.NDN{"dc=example,dc=com"}, Now: november}, read(t, "testdata/every-key.yaml"))
}

// TestEveryKeyIsRead prints every part of a bundle that uses the whole language.
func TestEveryKeyIsRead(t *testing.T) {
	t.Parallel()
	b := everyKey(t)
	if len(b.Warnings) > 0 {
		t.Error(b.Warnings)
	}
	d := b.Documents[1]
	one, two, three := d.Statements[0], d.Statements[1], d.Statements[2]
	test := d.Tests[0]
	up, ceiling, desk := d.Elevations[0], d.Boundaries[0], d.Assignments[0]
	w := one.When
	for _, tt := range []struct{ what, got, want string }{
		{"document", words(b.Documents[0].Kind, b.Documents[0].Name, b.Documents[0].Owner, d.Kind, d.Name, d.Enforce), "definitions shared directory team policy everything shadow"},
		{"position", one.Pos.String(), "testdata/every-key.yaml:22:5"},
		{"statement", words(one.ID, one.Effect, one.Actions, one.Enforce, one.Broad, one.Reason), "one allow write.add, write.delete shadow a group stands beside it only for show"},
		{"expires", one.Expires.Format(time.DateTime), "2099-01-01 00:00:00"},
		{"subject", describeSubject(one.Subject), "authenticated dn[cn=a,${suffix}] role[helper] filter(ou=it) group-in[owner] same[ou]"},
		{"target", describeTarget(one.Target), "${suffix}/subtree protected privileged"},
		{"values", words(one.Values.Self, one.Values.AnyOf[0].Text, one.Values.Under[0].Text, one.Values.Pattern), "true cn=a,dc=example,dc=com ou=people,${suffix} cn=*"},
		{"networks", words(w.Networks, w.NotNetworks), "[10.0.0.0/8 fd00::/8] [10.1.0.0/16]"},
		{"session", words(w.TLS, w.TLSBits, w.Methods, w.Level, w.MaxAge, w.Listeners, w.Controls), "0 128 [simple sasl-scram] 1 12h0m0s [ldaps://:636] [1.2.840.113556.1.4.319]"},
		{"time", words(w.Time.NotBefore, w.Time.NotAfter), "2026-01-01 00:00:00 +0000 UTC 2098-12-31 22:00:00 +0000 UTC"},
		{"within", words(w.Time.Within.Days, w.Time.Within.From, w.Time.Within.To, w.Time.Within.Zone), "[false true true false false false false] 22h0m0s 6h0m0s Europe/Berlin"},
		{"outside", words(w.Time.Outside.Days, w.Time.Outside.HasHours), "[true true true true true true true] true"},
		{"OIDs", words(two.Effect, two.Attributes[0].Kind == AttributeOID, two.Attributes[0].Text), "deny true 1.3.6.1.4.1.1466.20037"},
		{"set of subjects", words(three.Subject.Set, describeSubject(three.Subject)), "boss named-in[manager owner]"},
		{"set of targets", words(three.Target.Set, describeTarget(three.Target)), "people ou=people,${suffix}/children (objectClass=person) but(ou=x,ou=people,${suffix}/subtree)"},
		{"set of attributes", describeAttributes(three.Attributes), "cn sn"},
		{"boundary", words(ceiling.ID, ceiling.Description, describeSubject(ceiling.Subject), ceiling.Permit[0].Actions, ceiling.Permit[0].When.TLS), "ceiling no more than a look self view 1"},
		{"assignment", words(desk.ID, desk.Role.Name, describeSubject(desk.To), desk.Scope.Text, desk.When.Level), "help-desk helper group[cn=helpers,${suffix}] ou=people,${suffix} 2"},
		{"elevation", words(up.ID, up.Role.Name, describeSubject(up.Eligible), describeSubject(up.Approvers), up.Approvals, up.MaxDuration, up.RequireReason, up.Alert, up.When.TLS),
			"up second subtree[ou=people,dc=example,dc=com] unless(any(anonymous|group[cn=a,dc=example,dc=com cn=b,dc=example,dc=com])) dn[cn=a,dc=example,dc=com cn=b,dc=example,dc=com] 1 1h0m0s true page 3"},
		{"test", words(test.Name, test.Given[0].ID, test.As.NDN, test.Do, test.Entry.NDN, test.Attributes[0].Text, *test.Value, test.Expect, test.By), "all keys more cn=a,dc=example,dc=com write.add cn=b,dc=example,dc=com cn x deny more"},
		{"via", words(test.Via.Address, test.Via.TLSBits, test.Via.Level, test.Via.Method, test.Via.At.Equal(november), test.Via.Elevated), "10.0.0.1 256 2 simple true [up]"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", tt.what, tt.got, tt.want)
		}
	}
}

// words prints its arguments with a space between any two.
func words(args ...any) string { return strings.TrimSuffix(fmt.Sprintln(args...), "\n") }

func describeSubject(s *Subject) string {
	names := func(list []*Name) (texts []string) {
		for _, n := range list {
			texts = append(texts, n.Text)
		}
		return texts
	}
	var parts []string
	for _, t := range s.Terms {
		text := ""
		switch t := t.(type) {
		case Anyone:
			text = "anyone"
		case Anonymous:
			text = "anonymous"
		case Authenticated:
			text = "authenticated"
		case Named:
			text = fmt.Sprint("dn", names(t.Names))
		case Subtree:
			text = fmt.Sprint("subtree", names(t.Bases))
		case Group:
			text = fmt.Sprint("group", names(t.Names))
		case HasRole:
			text = "role[" + t.Roles[0].Role.Name + "]"
		case Matching:
			text = "filter" + filter.String(t.Filter.Parsed)
		case Any:
			var of []string
			for _, part := range t.Of {
				of = append(of, describeSubject(part))
			}
			text = "any(" + strings.Join(of, "|") + ")"
		case Self:
			text = "self"
		case Ancestor:
			text = "ancestor"
		case NamedIn:
			text = "named-in[" + describeAttributes(t.Attributes) + "]"
		case GroupIn:
			text = "group-in[" + describeAttributes(t.Attributes) + "]"
		case Same:
			text = "same[" + describeAttributes(t.Attributes) + "]"
		}
		parts = append(parts, text)
	}
	if s.Unless != nil {
		parts = append(parts, "unless("+describeSubject(s.Unless)+")")
	}
	return strings.Join(parts, " ")
}

func describeTarget(t *Target) string {
	text := t.Base.Text + "/" + scopeNames[t.Scope]
	if t.Filter != nil {
		text += " " + t.Filter.Text
	}
	for _, x := range t.Exclude {
		text += " but(" + describeTarget(x) + ")"
	}
	if t.Protected {
		text += " protected"
	}
	if t.Privileged {
		text += " privileged"
	}
	return text
}

func describeAttributes(list []Attribute) string {
	var texts []string
	for _, a := range list {
		texts = append(texts, a.Text)
	}
	return strings.Join(texts, " ")
}

func TestSetsExpandOnceAndKeepTheirPlace(t *testing.T) {
	t.Parallel()
	b := load(t, Options{}, Source{"p.yaml", []byte(`
definitions: d
attributes: {a: [cn, commonName, $b, "2.5.4.3"], b: [sn, "@person", "*"], unused: [mail]}
networks: {office: [192.0.2.0/24]}
---
policy: p
attributes: {b: [uid]}
networks: {office: [10.0.0.0/8]}
statements:
  - {id: s, effect: deny, subject: {anyone: true}, target: {base: "dc=x"}, actions: [read], attributes: [$b, $a, sn], when: {network: $office}}
`)})
	s := b.Documents[1].Statements[0]
	if got := describeAttributes(s.Attributes); got != "uid cn sn @person *" {
		t.Errorf("attributes %q", got)
	}
	if at := s.Attributes[1].Pos.String(); at != "p.yaml:3:18" {
		t.Errorf("cn is at %s, not in its set", at)
	}
	if got := fmt.Sprint(s.When.Networks); got != "[10.0.0.0/8]" {
		t.Errorf("networks %s: the policy's own set goes first", got)
	}
}

func TestExpansionIsBounded(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("definitions: d\nsubjects:\n  s0: {group: \"cn=g,dc=x\"}\n")
	for i := range 30 {
		fmt.Fprintf(&text, "  s%d: {any: [$s%d, $s%d]}\n", i+1, i, i)
	}
	text.WriteString("targets:\n  t0: {base: \"dc=x\"}\n")
	for i := range 30 {
		fmt.Fprintf(&text, "  t%d: {base: \"dc=x\", exclude: [$t%d, $t%d]}\n", i+1, i, i)
	}
	_, err := Load([]Source{{"p.yaml", []byte(text.String())}}, Options{})
	for _, want := range []string{"p.yaml:13:8: with every $name expanded, the subject has more", "p.yaml:45:8: with every $name expanded, the target has more"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q in %v", want, err)
		}
	}
}

func TestNamesBelowPlaceholders(t *testing.T) {
	t.Parallel()
	contexts := []directory.NDN{"dc=a", "dc=b"}
	scope := &Name{Anchor: AnchorSuffix, NDN: "ou=x"}
	for _, tt := range []struct {
		n     Name
		scope *Name
		want  []directory.NDN
	}{
		{Name{NDN: "cn=a"}, nil, []directory.NDN{"cn=a"}},
		{Name{NDN: "cn=a", Anchor: AnchorSuffix}, nil, []directory.NDN{"cn=a,dc=a", "cn=a,dc=b"}},
		{Name{Anchor: AnchorSuffix}, nil, []directory.NDN{"dc=a", "dc=b"}},
		{Name{NDN: "cn=a", Anchor: AnchorScope}, scope, []directory.NDN{"cn=a,ou=x,dc=a", "cn=a,ou=x,dc=b"}},
		{Name{Anchor: AnchorScope}, &Name{NDN: "ou=y"}, []directory.NDN{"ou=y"}},
		{Name{NDN: "cn=a", Anchor: AnchorScope}, nil, []directory.NDN{}},
	} {
		if got := tt.n.Names(contexts, tt.scope); !slices.Equal(got, tt.want) {
			t.Errorf("%+v: %q, want %q", tt.n, got, tt.want)
		}
	}
}

func TestFilterBind(t *testing.T) {
	t.Parallel()
	b := load(t, Options{}, Source{"p.yaml", []byte(`
policy: p
roles:
  r:
    statements:
      - {id: s, target: {base: "${scope}", filter: "(|(memberOf=cn=g, ${suffix})(!(manager=${scope}))(owner:1.2.840.113556.1.4.1941:=cn=h,${suffix})(cn=x))"}, actions: [rename]}
`)})
	f := b.Documents[0].Roles[0].Statements[0].Target.Filter
	for _, tt := range []struct {
		suffix, scope directory.NDN
		want          string
	}{
		{"dc=x", "ou=y,dc=x", "(|(memberOf=cn=g, dc=x)(!(manager=ou=y,dc=x))(owner:1.2.840.113556.1.4.1941:=cn=h,dc=x)(cn=x))"},
		{"", "ou=y", "(|(memberOf=cn=g)(!(manager=ou=y))(owner:1.2.840.113556.1.4.1941:=cn=h)(cn=x))"},
	} {
		if got := filter.String(f.Bind(tt.suffix, tt.scope)); got != tt.want {
			t.Errorf("%s\nwant %s", got, tt.want)
		}
	}
	if len(f.Names) != 3 || !f.Anchors[AnchorSuffix] || !f.Anchors[AnchorScope] {
		t.Errorf("names %v, anchors %v", f.Names, f.Anchors)
	}
}

func TestGrants(t *testing.T) {
	t.Parallel()
	var got []string
	for g := range everyKey(t).Grants() {
		got = append(got, fmt.Sprint(g.ID, " ", g.Enforce, " ", len(g.When), " ", g.Assignment != nil, g.Elevation != nil, g.Scope != nil))
	}
	want := []string{
		"one shadow 1 false false false", "two shadow 0 false false false", "three shadow 0 false false false",
		"help-desk/help shadow 1 true false true", "up/look shadow 1 false true false",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestPower(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, statement string
		want            bool
	}{
		{"write", `subject: {group: "cn=g,dc=x"}, target: {base: "dc=x"}, actions: [write], attributes: [cn]`, true},
		{"deny", `effect: deny, subject: {anyone: true}, target: {base: "dc=x"}, actions: [write], attributes: [cn]`, false},
		{"look", `subject: {anyone: true}, target: {base: "dc=x"}, actions: [view], attributes: [cn]`, false},
		{"look at everything", `subject: {group: "cn=g,dc=x"}, target: {base: "dc=x"}, actions: [read], attributes: ["+"]`, true},
		{"search of everything", `subject: {anyone: true}, target: {base: "dc=x"}, actions: [search], attributes: ["*"]`, false},
		{"own entry", `subject: {self: true}, target: {base: "dc=x"}, actions: [write], attributes: [cn]`, false},
		{"own entry, any", `subject: {any: [{self: true}, {self: true, authenticated: true}]}, target: {base: "dc=x"}, actions: [write], attributes: [cn]`, false},
		{"own entry or others", `subject: {any: [{self: true}, {group: "cn=g,dc=x"}]}, target: {base: "dc=x"}, actions: [write], attributes: [cn]`, true},
		{"own name", `subject: {authenticated: true}, target: {base: "dc=x"}, actions: [write.add], attributes: [member], values: {self: true}`, false},
		{"root DSE", `subject: {anyone: true}, target: {base: "", scope: base}, actions: [view], attributes: ["*"]`, false},
		{"monitor", `subject: {anyone: true}, target: {base: "cn=Monitor", scope: base}, actions: [view], attributes: ["*"]`, false},
		{"below monitor", `subject: {group: "cn=g,dc=x"}, target: {base: "cn=Monitor"}, actions: [view], attributes: ["*"]`, true},
		{"shadow", `subject: {anyone: true}, target: {base: "dc=x"}, actions: [proxy], enforce: shadow`, false},
		{"expired", `subject: {anyone: true}, target: {base: "dc=x"}, actions: [proxy], expires: "2026-11-23"`, false},
		{"last day", `subject: {group: "cn=g,dc=x"}, target: {base: "dc=x"}, actions: [proxy], expires: "2026-11-24"`, true},
		{"over", `subject: {anyone: true}, target: {base: "dc=x"}, actions: [proxy], when: {time: {not-after: "2026-11-24T12:00:00Z"}}`, false},
		{"own password", `subject: {anyone: true}, target: {base: "dc=x"}, actions: [password.change, mfa.enroll, bind]`, false},
		{"broad and narrow", `subject: {authenticated: true, role: r}, target: {base: "dc=x"}, actions: [replicate]`, true},
		{"owners", `subject: {named-in: owner}, target: {base: "dc=x"}, actions: [write], attributes: [member]`, true},
	} {
		if !strings.Contains(tt.statement, "effect") {
			tt.statement = "effect: allow, " + tt.statement
		}
		b := load(t, Options{Now: november}, Source{"p.yaml", []byte("policy: p\nroles: {r: {statements: []}}\nstatements:\n  - {id: s, " + tt.statement + "}\n")})
		for g := range b.Grants() {
			if got := g.IsPower(november); got != tt.want {
				t.Errorf("%s: %v", tt.name, got)
			}
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	uses := map[Use][]string{}
	b := everyKey(t)
	for n, use := range b.Names() {
		if !slices.Contains(uses[use], n.Text) {
			uses[use] = append(uses[use], n.Text)
		}
	}
	want := map[Use]string{
		UseBase:    "${suffix} cn=gatehouse ou=people,${suffix} ou=x,ou=people,${suffix} ${scope} dc=example,dc=com",
		UseScope:   "ou=people,${suffix}",
		UseSubject: "cn=a,${suffix} cn=a,dc=example,dc=com cn=b,dc=example,dc=com",
		UseSubtree: "ou=people,dc=example,dc=com",
		UseGroup:   "cn=helpers,${suffix} cn=a,dc=example,dc=com cn=b,dc=example,dc=com",
		UseValue:   "ou=people,${suffix}",
	}
	for use, names := range want {
		if got := strings.Join(uses[use], " "); got != names {
			t.Errorf("use %d: %s, want %s", use, got, names)
		}
	}
	n := 0
	for range b.Names() {
		if n++; n == 3 {
			break
		}
	}
}

func TestActionSets(t *testing.T) {
	t.Parallel()
	for a := ActionBind; a < actionEnd; a++ {
		if ActionNamed(a.String()) != a {
			t.Errorf("%d is named %s", a, a)
		}
		if full := Actions(a).Expand(); full.Has(ActionView) || full.Has(ActionWrite) || full == 0 {
			t.Errorf("%s expands to %s", a, full)
		}
	}
	if got := Actions(ActionView, ActionWriteAdd).Expand().String(); got != "discover, search, read, compare, write.add" {
		t.Error(got)
	}
	if ActionNamed("") != 0 || ActionNamed("none") != 0 || Action(0).String() != "none" {
		t.Error("the zero action has a name")
	}
}
