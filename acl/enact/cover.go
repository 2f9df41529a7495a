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
	// A statement of a role is covered if it decides for one of those who have the role.
	open := make(map[*bundle.Statement]string)
	for g := range r.bundle.Grants() {
		if _, seen := open[g.Statement]; g.Enforce == bundle.Live && tested[documents[g.Statement]] && (!seen || decided[g.ID]) {
			open[g.Statement] = g.ID
		}
	}
	for st, id := range open {
		if !decided[id] {
			list = append(list, Uncovered{id, documents[st], st.Pos.File, st.Pos.Line})
		}
	}
	slices.SortFunc(list, func(a, b Uncovered) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), strings.Compare(a.ID, b.ID))
	})
	return list
}
