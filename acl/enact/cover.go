package enact

import (
	"cmp"
	"slices"
	"strings"

	"gatehouse/acl/bundle"
)

// Uncovered is a statement or boundary that decided no test.
type Uncovered struct {
	ID       string `json:"id"` // "assignment/statement" for one of a role
	Document string `json:"document"`
	File     string `json:"file"`
	Line     int    `json:"line"`
}

// Cover returns the statements and boundaries of the tested documents that no test decided, by file and line. What is disabled or a
// shadow decides nothing and is left out.
func (r *Report) Cover() []Uncovered {
	decided := make(map[string]bool)
	for i := range r.Results {
		for j := range r.Results[i].Explanations {
			e := &r.Results[i].Explanations[j]
			for k := range e.Reasons {
				if name := e.Reasons[k].Name; e.Deciding(name) {
					decided[name] = true
				}
			}
		}
	}
	list := []Uncovered{}
	documents := make(map[*bundle.Statement]string)
	for _, d := range r.bundle.Documents {
		for _, st := range d.Statements {
			documents[st] = d.Name
		}
		for _, role := range d.Roles {
			for _, st := range role.Statements {
				documents[st] = d.Name
			}
		}
		for _, b := range d.Boundaries {
			if r.tested(d) && b.Enforce == bundle.Live && !decided[b.ID] {
				list = append(list, Uncovered{b.ID, d.Name, b.Pos.File, b.Pos.Line})
			}
		}
	}
	tested := make(map[string]bool)
	for _, d := range r.bundle.Documents {
		tested[d.Name] = tested[d.Name] || r.tested(d) && d.Kind == bundle.Policy
	}
	for g := range r.bundle.Grants() {
		name := documents[g.Statement]
		if g.Enforce == bundle.Live && tested[name] && !decided[g.ID] {
			list = append(list, Uncovered{g.ID, name, g.Statement.Pos.File, g.Statement.Pos.Line})
		}
	}
	slices.SortFunc(list, func(a, b Uncovered) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), strings.Compare(a.ID, b.ID))
	})
	return list
}
