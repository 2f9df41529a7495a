package bundle

import (
	"maps"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"
)

// document reads what stands in a document.
func (l *loader) document(d *document) {
	root := d.node
	d.Description, _ = d.text(root, "description")
	d.Owner, _ = d.text(root, "owner")
	d.Enforce = d.enforce(root, Live)
	d.readSets()
	for n := range d.items(root, "statements") {
		s := d.statement(n)
		d.claim(n, s.ID)
		d.Statements = append(d.Statements, s)
	}
	for n := range d.items(root, "boundaries") {
		d.Boundaries = append(d.Boundaries, d.boundary(n))
	}
	for k, v := range d.pairs(root, "roles") {
		d.role(k, v)
	}
	for n := range d.items(root, "assignments") {
		d.Assignments = append(d.Assignments, d.assignment(n))
	}
	for n := range d.items(root, "elevations") {
		d.Elevations = append(d.Elevations, d.elevation(n))
	}
	for n := range d.items(root, "tests") {
		d.Tests = append(d.Tests, d.test(n))
	}
}

// claim notes an id of the bundle. Statements, boundaries, assignments and elevations share them, so that an id in an
// explanation means one thing.
func (d *document) claim(n *yaml.Node, id string) {
	at := n
	if v := key(n, "id"); v != nil {
		at = v
	}
	if id == "" {
		return
	}
	if other, taken := d.l.ids[id]; taken {
		d.l.problem(d.at(at), "", "the id %q is taken at %s", id, other)
		return
	}
	d.l.ids[id] = d.at(at)
	if len(d.l.ids) == statementsMax+1 {
		d.l.problem(d.at(at), "", "more than %d statements, boundaries, assignments and elevations", statementsMax)
	}
}

// enforce reads the degree of enforcement, which is at least that of what is around.
func (d *document) enforce(n *yaml.Node, around Enforce) Enforce {
	word, _ := d.text(n, "enforce")
	return max(around, Enforce(max(0, slices.Index(enforceNames, word))))
}

func (d *document) statement(n *yaml.Node) *Statement {
	s := &Statement{Pos: d.at(n), Effect: Allow, Enforce: d.enforce(n, d.Enforce)}
	s.ID, _ = d.text(n, "id")
	if word, _ := d.text(n, "effect"); word == "deny" {
		s.Effect = Deny
	}
	s.Subject = d.subjectAt(n, "subject")
	s.Target = d.targetAt(n, "target")
	s.Actions = d.actions(n)
	s.Attributes = d.attributes(n, s.Actions)
	s.Values = d.values(n, s.Attributes)
	s.When = d.when(n)
	s.Broad, _ = d.text(n, "broad")
	s.Reason, _ = d.text(n, "reason")
	if text, ok := d.text(n, "expires"); ok {
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			d.fail(key(n, "expires"), "%s is no day of the calendar", quote(text))
		} else {
			s.Expires = day.AddDate(0, 0, 1)
		}
	}
	d.checkStatement(n, s)
	return s
}

func (d *document) actions(n *yaml.Node) ActionSet {
	var set ActionSet
	for item := range d.items(n, "actions") {
		set |= Actions(ActionNamed(item.Value))
	}
	return set
}

func (d *document) boundary(n *yaml.Node) *Boundary {
	b := &Boundary{Pos: d.at(n), Subject: d.subjectAt(n, "subject"), Enforce: d.Enforce}
	b.ID, _ = d.text(n, "id")
	b.Description, _ = d.text(n, "description")
	d.claim(n, b.ID)
	for item := range d.items(n, "permit") {
		p := &Permit{Pos: d.at(item), Target: d.targetAt(item, "target"), Actions: d.actions(item), When: d.when(item)}
		p.Attributes = d.attributes(item, p.Actions)
		d.checkAttributes(item, p.Actions)
		b.Permit = append(b.Permit, p)
	}
	return b
}

func (d *document) role(k, n *yaml.Node) {
	r := &Role{Pos: d.at(k), Name: k.Value, Enforce: d.Enforce}
	if other := d.l.roles[r.Name]; other != nil {
		d.l.problem(r.Pos, "", "the role %q is defined twice; the other is at %s", r.Name, other.Pos)
		return
	}
	d.l.roles[r.Name] = r
	d.Roles = append(d.Roles, r)
	if d.bad[n] {
		return
	}
	r.Description, _ = d.text(n, "description")
	seen := map[string]Position{}
	for item := range d.items(n, "statements") {
		s := d.statement(item)
		if other, twice := seen[s.ID]; twice && s.ID != "" {
			d.l.problem(s.Pos, "", "the role has a statement %q already, at %s", s.ID, other)
		}
		seen[s.ID] = s.Pos
		r.Statements = append(r.Statements, s)
	}
}

func (d *document) assignment(n *yaml.Node) *Assignment {
	a := &Assignment{Pos: d.at(n), To: d.subjectAt(n, "to"), When: d.when(n), Enforce: d.Enforce}
	a.ID, _ = d.text(n, "id")
	d.claim(n, a.ID)
	if v := d.get(n, "scope"); v != nil {
		a.Scope = d.filled(v)
	}
	d.roleOf(n, &a.Role)
	return a
}

func (d *document) elevation(n *yaml.Node) *Elevation {
	e := &Elevation{
		Pos: d.at(n), Eligible: d.subjectAt(n, "eligible"), Approvers: d.subjectAt(n, "approvers"), When: d.when(n),
		RequireReason: d.isTrue(n, "require-reason"), Enforce: d.Enforce,
	}
	e.ID, _ = d.text(n, "id")
	d.claim(n, e.ID)
	e.Approvals = d.number(n, "approvals")
	e.MaxDuration = d.duration(n, "max-duration")
	if word, ok := d.text(n, "alert"); ok {
		e.Alert = Alert(slices.Index(alertNames, word))
	}
	if e.Approvals > 0 && key(n, "approvers") == nil {
		d.report(key(n, "approvals"), "%d approvals are asked for, and there are no approvers", e.Approvals)
	}
	d.roleOf(n, &e.Role)
	if e.ID != "" {
		d.l.elevations[e.ID] = e
	}
	return e
}

// roleOf resolves the role of an assignment or elevation. All documents are read before it is looked at.
func (d *document) roleOf(n *yaml.Node, role **Role) {
	if v := d.get(n, "role"); v != nil {
		d.l.later = append(d.l.later, func() {
			if *role = d.l.roles[v.Value]; *role == nil {
				d.noRole(d.at(v), v.Value)
			}
		})
	}
}

func (d *document) noRole(at Position, name string) {
	d.l.problem(at, "", "there is no role %s%s", quote(name), didYouMean(name, maps.Keys(d.l.roles)))
}
