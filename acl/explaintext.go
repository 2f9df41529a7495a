package acl

import (
	"fmt"
	"io"
	"strings"
)

// nearMissesShown bounds the near misses that the text form has.
const nearMissesShown = 20

// WriteText writes the explanation for people: the decision, every statement that was considered with what it lacks, and boundaries.
func (e *Explanation) WriteText(w io.Writer) error {
	_, err := io.WriteString(w, e.Text())
	return err
}

// Text returns the explanation for people.
func (e *Explanation) Text() string {
	var b strings.Builder
	b.WriteString(e.headline())
	var statements, boundaries []*Reason
	misses := 0
	for i := range e.Reasons {
		switch r := &e.Reasons[i]; {
		case r.Effect == "boundary":
			boundaries = append(boundaries, r)
		case r.Verdict == NearMiss && misses == nearMissesShown:
		default:
			if r.Verdict == NearMiss {
				misses++
			}
			statements = append(statements, r)
		}
	}
	b.WriteString("  considered\n")
	width := 0
	for _, r := range statements {
		width = max(width, min(len(r.Name), nameColumns))
	}
	for _, r := range statements {
		r.text(&b, width)
	}
	switch hidden := len(e.Reasons) - len(statements) - len(boundaries); {
	case hidden > 0:
		fmt.Fprintf(&b, "    and %d more that do not match\n", hidden)
	case len(statements) == 0:
		b.WriteString("    no statement is about this\n")
	}
	if len(boundaries) == 0 {
		b.WriteString("  boundaries: none apply\n")
		return b.String()
	}
	b.WriteString("  boundaries\n")
	for _, r := range boundaries {
		fmt.Fprintf(&b, "    %s  %s%s%s\n", r.Name, r.Verdict, r.suffix(), r.at())
	}
	return b.String()
}

// nameColumns bounds the column of names.
const nameColumns = 40

func (e *Explanation) headline() string {
	word := "DENY"
	if e.Allowed {
		word = "ALLOW"
	}
	switch {
	case e.Error != "":
		return word + "  (could not be evaluated: " + e.Error + ")\n"
	case e.Default:
		return word + "  (default: no statement allows it)\n"
	}
	var by []string
	for i := range e.Reasons {
		r := &e.Reasons[i]
		if !e.decides(r) {
			continue
		}
		name := placeOf(r.Place)
		if r.Verdict == Limits {
			name = "beyond the boundary " + name
		}
		by = append(by, name+r.suffix())
	}
	if e.Allowed {
		return word + "  (by " + strings.Join(by, "; ") + ")\n"
	}
	return word + "  (" + strings.Join(by, "; ") + ")\n"
}

// suffix is what a statement says about itself.
func (r *Reason) suffix() string {
	s := ""
	if r.Real {
		s += ", for who acts"
	}
	if r.Text != "" {
		s += ": " + r.Text
	}
	return s
}

func (r *Reason) at() string {
	if r.Line == 0 {
		return ""
	}
	return fmt.Sprintf("  (%s:%d)", r.File, r.Line)
}

// text writes one statement: its parts up to the first that does not hold.
func (r *Reason) text(b *strings.Builder, width int) {
	fmt.Fprintf(b, "    %-*s  %-5s", width, r.Name, r.Effect)
	missing := false
	for _, p := range []struct {
		name string
		Part
	}{{"subject", r.Subject}, {"target", r.Target}, {"when", r.When}} {
		if missing || r.Verdict == Denies && !p.OK {
			break
		}
		word := "ok"
		if missing = !p.OK; missing {
			word = "no"
		}
		fmt.Fprintf(b, "  %s %s", p.name, word)
		if p.Why != "" {
			b.WriteString(" (" + p.Why + ")")
		}
	}
	if r.Verdict == NearMiss && !missing {
		b.WriteString("  " + r.Missing)
	}
	if r.Verdict == Denies {
		b.WriteString("  DENIES" + r.suffix())
	}
	b.WriteString(r.at() + "\n")
	if r.Guard == nil {
		return
	}
	indent := strings.Repeat(" ", width+6)
	fmt.Fprintf(b, "%sBLOCKED by guard: %s\n", indent, r.Guard.What)
	for _, why := range r.Guard.Because {
		fmt.Fprintf(b, "%s  because %s\n", indent, why)
	}
	fmt.Fprintf(b, "%s  to permit: %s\n", indent, r.Guard.Permit)
}
