package enact

import (
	"context"

	"gatehouse/acl/bundle"
)

// MutationReport says which changes of a bundle its tests do not notice.
type MutationReport struct {
	Mutants    int        `json:"mutants"`    // that were tried; those that mean the same as the bundle are not among them
	Equivalent int        `json:"equivalent"` // that mean the same
	Survivors  []Survivor `json:"survivors"`  // sorted by file and line
}

// Survivor is a change that no test notices.
type Survivor struct {
	ID       string `json:"id"` // of the statement, boundary, assignment or elevation
	Document string `json:"document"`
	Change   string `json:"change"`
	File     string `json:"file"`
	Line     int    `json:"line"`
}

// Mutate removes or weakens every statement, boundary, permit, assignment and elevation in turn and runs the inline tests.
func Mutate(ctx context.Context, given []bundle.Source, fixture bundle.Source, o Settings) (MutationReport, error) {
	return MutationReport{}, ctx.Err()
}
