package acl

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
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
	var b textWriter
	b.line("%s", e.headline())
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
	b.line("  considered")
	width := 0
	for _, r := range statements {
		width = max(width, min(len(r.Name), nameColumns))
	}
	for _, r := range statements {
		r.text(&b, width)
	}
	switch hidden := len(e.Reasons) - len(statements) - len(boundaries); {
	case hidden > 0:
		b.line("    and %d more that do not match", hidden)
	case len(statements) == 0:
		b.line("    no statement is about this")
	}
	if len(boundaries) == 0 {
		b.line("  boundaries: none apply")
		return b.String()
	}
	b.line("  boundaries")
	for _, r := range boundaries {
		b.line("    %s  %s%s%s", r.Name, r.Verdict, r.suffix(), r.at())
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
		return word + "  (could not be evaluated: " + e.Error + ")"
	case e.Default:
		return word + "  (default: no statement allows it)"
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
		return word + "  (by " + strings.Join(by, "; ") + ")"
	}
	return word + "  (" + strings.Join(by, "; ") + ")"
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
func (r *Reason) text(b *textWriter, width int) {
	line := fmt.Sprintf("    %-*s  %-5s", width, r.Name, r.Effect)
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
		line += "  " + p.name + " " + word
		if p.Why != "" {
			line += " (" + p.Why + ")"
		}
	}
	if r.Verdict == NearMiss && !missing {
		line += "  " + r.Missing
	}
	if r.Verdict == Denies {
		line += "  DENIES" + r.suffix()
	}
	b.line("%s%s", line, r.at())
	if r.Guard == nil {
		return
	}
	indent := strings.Repeat(" ", width+6)
	b.line("%sBLOCKED by guard: %s", indent, r.Guard.What)
	for _, why := range r.Guard.Because {
		b.line("%s  because %s", indent, why)
	}
	b.line("%s  to permit: %s", indent, r.Guard.Permit)
}

// textWriter writes lines that a terminal can show: names of entries may hold anything.
type textWriter struct{ strings.Builder }

func (w *textWriter) line(format string, args ...any) {
	for _, r := range fmt.Sprintf(format, args...) {
		if unicode.IsPrint(r) {
			w.WriteRune(r)
		} else {
			w.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		}
	}
	w.WriteByte('\n')
}
