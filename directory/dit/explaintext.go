package dit

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Text writes the answer for people: what was asked, unless it was one question in so many words, what decides, and what is worth
// knowing besides.
func (e *Explained) Text(w io.Writer) error {
	var b strings.Builder
	if r := e.Refusal; r != nil {
		fmt.Fprintf(&b, "%s at %s, under policy %s\n", r.Code, r.Time.Format(time.RFC3339), printable(r.Version))
	}
	for i := range e.Parts {
		part := &e.Parts[i]
		if i > 0 {
			b.WriteByte('\n')
		}
		if e.Refusal != nil || len(e.Parts) > 1 {
			b.WriteString(e.question(part))
		}
		b.WriteString(part.Explanation.Text())
	}
	for _, note := range e.Notes {
		fmt.Fprintf(&b, "  note: %s\n", printable(note))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// question is what one part is about, in one line.
func (e *Explained) question(part *ExplainedPart) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", printable(e.As), part.Do)
	for _, more := range []string{part.Attribute, part.OID} {
		if more != "" {
			b.WriteString(" " + printable(more))
		}
	}
	if part.Value != "" {
		b.WriteString("=" + printable(part.Value))
	}
	on := printable(e.On)
	if e.On == "" {
		on = "the root DSE"
	}
	b.WriteString(" on " + on)
	if !e.Exists {
		b.WriteString(" (there is no such entry)")
	}
	return b.String() + "\n"
}

// printable returns a text that a client may have made up in a form that a terminal can show.
func printable(text string) string {
	if strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 {
		return text
	}
	return strconv.Quote(text)
}
