package enact

import "io"

// Difference is what changes from one bundle to another.
type Difference struct {
	Old    string   `json:"old"` // versions
	New    string   `json:"new"`
	Gains  []Change `json:"gains"`
	Losses []Change `json:"losses"`
}

// Change is access that somebody gains or loses.
type Change struct {
	Subject    string   `json:"subject"`
	Actions    []string `json:"actions"`
	Attributes []string `json:"attributes,omitempty"`
	Target     string   `json:"target"`
	By         string   `json:"by"` // the statement or boundary
	File       string   `json:"file,omitempty"`
	Line       int      `json:"line,omitempty"`
	Note       string   `json:"note,omitempty"`
}

// HasGain reports whether somebody may gain access: what cannot be proven to give nothing counts.
func (d *Difference) HasGain() bool { return len(d.Gains) > 0 }

// Text writes one line for each change.
func (d *Difference) Text(w io.Writer) error { return nil }

// Diff compares two bundles symbolically.
func Diff(old, new *Loaded) (*Difference, error) { return &Difference{}, nil }
