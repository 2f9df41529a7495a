package enact

// Uncovered is a statement or boundary that decided no test.
type Uncovered struct {
	ID       string `json:"id"`
	Document string `json:"document"`
	File     string `json:"file"`
	Line     int    `json:"line"`
}

// Cover returns the statements and boundaries of the tested documents that no test decided.
func (r *Report) Cover() []Uncovered { return nil }
