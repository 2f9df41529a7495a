package bundle

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Position says where something is written. Line and Column count from 1, columns in characters.
type Position struct {
	File         string
	Line, Column int
}

// String returns file:line:column, as compilers print it; without a file, the word "policy".
func (p Position) String() string {
	file := p.File
	if file == "" {
		file = "policy"
	}
	if p.Line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d:%d", file, p.Line, p.Column)
}

// Rule names a rule of load-time validation. The zero Rule is none of them: a plain mistake of form.
type Rule string

// The rules of load-time validation that have a number.
const (
	V1 Rule = "V1" // an attribute action needs attributes
	V2 Rule = "V2" // a deny does not mix an entry action with a list of attributes
	V3 Rule = "V3" // confidential attributes are not written by a plain write
	V4 Rule = "V4" // unless alone is not a subject
	V5 Rule = "V5" // a statement that can match nothing: a warning, an error if strict
	V7 Rule = "V7" // a filter uses attributes that exist and can be matched
	V8 Rule = "V8" // a role that is assigned for a scope stays in it
)

// Problem is one mistake in a bundle.
type Problem struct {
	Position
	Rule    Rule
	Message string
}

// Error returns file:line:column: message.
func (p Problem) Error() string {
	if p.Rule == "" {
		return p.Position.String() + ": " + p.Message
	}
	return p.Position.String() + ": " + p.Message + " (" + string(p.Rule) + ")"
}

// Problems is all that is wrong with a bundle, by file, line and column.
type Problems []Problem

// Error returns one line for each problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// sort orders the problems and takes out repetitions.
func (ps Problems) sort() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(ps)
}
