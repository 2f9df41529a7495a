package acl_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/filter"
)

// TestExplainNeverDisagrees holds explanations of decisions about entries, changes, adds and proxied sessions against the decisions, and
// asks each for reasons that go with it.
func TestExplainNeverDisagrees(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rapid.Uint64().Draw(t, "seed"))
		p := compile(t, w, w.p)
		for range 30 {
			s := w.session()
			if w.r.IntN(4) == 0 {
				s = s.Proxy(w.session())
			}
			if err := p.Refresh(s, w.tree); err != nil {
				t.Fatal(err)
			}
			var before, after acl.Target = w.tree.Find(pick(w.r, w.all)), nil
			switch w.r.IntN(4) {
			case 0:
				after = w.changed(before.(acl.Source))
			case 1:
				before, after = nil, before
			}
			q := w.question()
			if w.r.IntN(3) == 0 {
				q = acl.Question{Action: pick(w.r, []acl.Action{acl.ActionMoveIn, acl.ActionMoveOut, acl.ActionRename, acl.ActionDeleteEntry, acl.ActionPasswordReset})}
			}
			want := p.DecideChange(s, before, after).Answer(q)
			e := p.Explain(s, before, after, q)
			if e.Allowed != want || e.Error != "" {
				t.Fatalf("explained %v (%s), decided %v", e.Allowed, e.Error, want)
			}
			if problem := inconsistent(&e); problem != "" {
				t.Fatalf("%v %v %q on %v, %v: %s\n%s", q.Action, q.Attribute, q.Value, before, after, problem, e.Text())
			}
		}
	})
}

// inconsistent says what in an explanation contradicts its decision.
func inconsistent(e *acl.Explanation) string {
	count := map[acl.Verdict]int{}
	for _, r := range e.Reasons {
		count[r.Verdict]++
		switch {
		case r.Name == "" || r.Effect == "":
			return "a reason without a statement"
		case (r.Verdict == acl.NearMiss || r.Verdict == acl.Blocked) && r.Missing == "":
			return r.Name + " does not say what is missing"
		case r.Verdict == acl.Blocked && (r.Guard == nil || r.Guard.What == "" || r.Guard.Permit == ""):
			return r.Name + " does not say which guard holds it"
		}
	}
	forbids := count[acl.Denies] + count[acl.Limits]
	switch {
	case e.Allowed && (count[acl.Allows] == 0 || forbids > 0 || e.Default):
		return "allowed without a reason, or against one"
	case !e.Allowed && e.Default != (forbids == 0):
		return "denied by default, but for a reason"
	case e.Default && count[acl.Allows] > 0:
		return "denied by default, though something allows it"
	}
	return ""
}

// explainCase is one fixed question.
type explainCase struct {
	name string
	p    *acl.Program
	q    acl.Question
	want []string // in the text, in this order
}

func TestExplainText(t *testing.T) {
	t.Parallel()
	w := newWorld(1)
	place := func(name string, line int) acl.Place { return acl.Place{Name: name, File: "p.yaml", Line: line} }
	everything := acl.Reach{Bases: []directory.NDN{suffix}, Scope: directory.ScopeSub}
	view := acl.Statement{
		Place: place("see", 3), Effect: acl.Allow, Subject: acl.Anyone{}, Reach: everything, Actions: acl.ActionsView, Attributes: acl.Attributes{User: true},
	}
	change := func(f func(*acl.Statement)) acl.Statement {
		st := view
		f(&st)
		return st
	}
	secret, err := filter.Parse("(userPassword=swordfish)")
	if err != nil {
		t.Fatal(err)
	}
	several, err := filter.Parse("(|(title=Q1)(title=Q2)(title=Q3))")
	if err != nil {
		t.Fatal(err)
	}
	mail := acl.Question{Action: acl.ActionRead, Attribute: w.s.TypeByName("mail").Description()}
	only := func(list ...acl.Statement) *acl.Program { return &acl.Program{At: at, Statements: list} }
	for _, tt := range []explainCase{
		{"allowed", only(view), mail, []string{"ALLOW  (by see, p.yaml:3)", "see  allow  subject ok  target ok  when ok  (p.yaml:3)", "boundaries: none apply"}},
		{"nothing", only(), mail, []string{"DENY  (default: no statement allows it)", "no statement is about this"}},
		{"subject", only(change(func(st *acl.Statement) { st.Subject = acl.Group{NDN: "cn=g9," + suffix} })), mail,
			[]string{"DENY  (default", "subject no (not in cn=g9)  (p.yaml:3)"}},
		{"target", only(change(func(st *acl.Statement) { st.Reach.Bases = []directory.NDN{"ou=groups," + suffix} })), mail,
			[]string{"subject ok  target no (not in ou=groups," + suffix + ")"}},
		{"when", only(change(func(st *acl.Statement) { st.When = []acl.Conditions{{Level: 2}} })), mail,
			[]string{"target ok  when no (auth-level 2 is needed, the session has 0)"}},
		{"filter with alternatives", only(change(func(st *acl.Statement) { st.Reach.Filter = several })), mail,
			[]string{"target no (not matching (|(title=Q1)(title=Q2)(title=Q3)))"}},
		{"confidential filter", only(change(func(st *acl.Statement) { st.Reach.Filter = secret })), mail,
			[]string{"target no (not matching a filter on userPassword)"}},
		{"confidential subject", only(change(func(st *acl.Statement) { st.Subject = acl.Matching{Filter: secret} })), mail,
			[]string{"subject no (not matching a filter on userPassword)"}},
		{"deny", only(view, acl.Statement{Place: place("no", 9), Subject: acl.Anyone{}, Reach: everything, Actions: acl.ActionsView,
			Attributes: acl.Attributes{User: true}, Reason: "because"}), mail,
			[]string{"DENY  (no, p.yaml:9: because)", "no   deny   subject ok  target ok  when ok  DENIES: because  (p.yaml:9)", "see  allow"}},
		{"boundary", &acl.Program{At: at, Statements: []acl.Statement{view}, Boundaries: []acl.Boundary{{Place: place("cap", 20), Subject: acl.Anyone{}}}}, mail,
			[]string{"DENY  (beyond the boundary cap, p.yaml:20)", "  boundaries\n    cap  limits  (p.yaml:20)"}},
		{"value", only(change(func(st *acl.Statement) {
			st.Actions, st.Values = acl.ActionsOf(acl.ActionWriteAdd), &acl.Values{AnyOf: []string{"x"}}
		})), acl.Question{Action: acl.ActionWriteAdd, Attribute: mail.Attribute, Value: []byte("swordfish")},
			[]string{"DENY  (default", "when ok  value: the statement is only about one of 1 values"}},
		{"protected", only(change(func(st *acl.Statement) {
			st.Place, st.Actions = place("reset", 30), acl.ActionsOf(acl.ActionPasswordReset)
		}),
			change(func(st *acl.Statement) {
				st.Place, st.Subject, st.Actions = place("power", 40), acl.Name{NDN: "uid=p0,ou=people," + suffix}, acl.ActionsWrite
			})), acl.Question{Action: acl.ActionPasswordReset},
			[]string{"DENY  (default", "BLOCKED by guard: uid=p0 is a protected principal", "because uid=p0 grants write on dc=example (power, p.yaml:40)",
				`to permit: add "protected: include" to the target of reset`}},
		{"anchor", only(change(func(st *acl.Statement) {
			st.Place, st.Actions = place("drop", 30), acl.ActionsOf(acl.ActionDeleteEntry)
		}),
			change(func(st *acl.Statement) {
				st.Place, st.Reach.Bases = place("named", 50), []directory.NDN{"uid=p0,ou=people," + suffix}
			})),
			acl.Question{Action: acl.ActionDeleteEntry},
			[]string{"BLOCKED by guard: the policy stands on the entry", "because named, p.yaml:50 names uid=p0,ou=people," + suffix, "change these statements first"}},
	} {
		p, err := acl.Compile(tt.p, w.s)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		e := p.Explain(acl.NewSession(acl.Transport{}), w.tree.Find("uid=p0,ou=people,"+suffix), nil, tt.q)
		text := e.Text()
		rest := text
		for _, want := range tt.want {
			_, after, found := strings.Cut(rest, want)
			if !found {
				t.Errorf("%s: no %q in its place in\n%s", tt.name, want, text)
				break
			}
			rest = after
		}
		if strings.Contains(text, "swordfish") {
			t.Errorf("%s: a secret in\n%s", tt.name, text)
		}
	}
}

// TestExplainTextIsPrintable: what clients and policies may write does not reach a terminal as it is.
func TestExplainTextIsPrintable(t *testing.T) {
	t.Parallel()
	e := acl.Explanation{Reasons: []acl.Reason{
		{Place: acl.Place{Name: "a"}, Verdict: acl.Blocked, Guard: &acl.Held{What: "uid=\x1b[31m\nALLOW", Because: []string{"\r"}, Permit: "\u202e"}},
		{Place: acl.Place{Name: "d"}, Verdict: acl.Denies, Text: "two\nlines"},
	}}
	text := e.Text()
	if strings.ContainsAny(text, "\x1b\r\u202e") || strings.Contains(text, "\nALLOW") || !strings.Contains(text, `uid=\x1b[31m\nALLOW`) || !strings.Contains(text, `two\nlines`) {
		t.Errorf("%q", text)
	}
}

// TestExplainJSON keeps the keys that programs rely on.
func TestExplainJSON(t *testing.T) {
	t.Parallel()
	w := newWorld(1)
	p, err := acl.Compile(&acl.Program{Version: "v", Statements: []acl.Statement{{
		Place: acl.Place{Name: "s", File: "f", Line: 2}, Effect: acl.Allow, Subject: acl.Anyone{}, Actions: acl.ActionsView,
		Reach: acl.Reach{Bases: []directory.NDN{"ou=nowhere"}},
	}}}, w.s)
	if err != nil {
		t.Fatal(err)
	}
	e := p.Explain(acl.NewSession(acl.Transport{}), w.tree.Find(w.all[0]), nil, acl.Question{Action: acl.ActionDiscover})
	got, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"allowed":false,"default":true,"version":"v","reasons":[{"statement":"s","file":"f","line":2,"effect":"allow","verdict":"near miss",` +
		`"subject":{"ok":true},"target":{"ok":false,"why":"not at ou=nowhere"},"when":{"ok":true},"missing":"target: not at ou=nowhere"}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	var back acl.Explanation
	if err := json.Unmarshal(got, &back); err != nil || len(back.Reasons) != 1 || back.Reasons[0] != e.Reasons[0] {
		t.Errorf("%+v, %v", back, err)
	}
}

// brokenGroups is a directory that cannot say who is in which group.
type brokenGroups struct{ acl.Directory }

func (brokenGroups) Groups(acl.Target, func(directory.NDN) bool) error {
	return errors.New("the groups are out")
}

type brokenSource struct{ acl.Source }

func (s brokenSource) Directory() acl.Directory { return brokenGroups{s.Source.Directory()} }

// TestExplainErrors: what cannot be evaluated is denied, and the explanation says so.
func TestExplainErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(1)
	p, err := acl.Compile(&acl.Program{At: at, Statements: []acl.Statement{
		{Place: acl.Place{Name: "s"}, Effect: acl.Allow, Subject: acl.Anyone{}, Actions: acl.ActionsOf(acl.ActionPasswordReset),
			Reach: acl.Reach{Bases: []directory.NDN{suffix}, Scope: directory.ScopeSub}},
		{Place: acl.Place{Name: "g"}, Effect: acl.Allow, Subject: acl.Group{NDN: "cn=g0,ou=groups," + suffix}, Actions: acl.ActionsOf(acl.ActionDeleteEntry),
			Reach: acl.Reach{Bases: []directory.NDN{suffix}, Scope: directory.ScopeSub}},
	}}, w.s)
	if err != nil {
		t.Fatal(err)
	}
	target := brokenSource{w.tree.Find(w.all[4])}
	s, err := w.tree.Session(acl.Transport{}, acl.Identity{NDN: w.all[4], Level: 1, At: at})
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*acl.Session{"session": s, "guards": acl.NewSession(acl.Transport{})} {
		e := p.Explain(s, target, nil, acl.Question{Action: acl.ActionPasswordReset})
		if e.Allowed || !strings.Contains(e.Error, "out") || !strings.HasPrefix(e.Text(), "DENY  (could not be evaluated: "+e.Error+")\n") {
			t.Errorf("%s: %v %q\n%s", name, e.Allowed, e.Error, e.Text())
		}
		if slices.ContainsFunc(e.Reasons, func(r acl.Reason) bool { return r.Verdict == acl.Allows }) {
			t.Errorf("%s: something allows it: %v", name, e.Reasons)
		}
	}
	var none *acl.Policy
	if e := none.Explain(s, target, nil, acl.Question{}); e.Allowed || e.Error == "" {
		t.Errorf("no policy: %+v", e)
	}
}
