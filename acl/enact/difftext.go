package enact

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"gatehouse/acl"
)

// String says a subject as reports do.
func (w *who) String() string {
	join := func(between string) string {
		parts := make([]string, len(w.kids))
		for i, k := range w.kids {
			parts[i] = k.String()
		}
		return strings.Join(parts, between)
	}
	switch w.op {
	case whoLeaf:
		return strings.TrimPrefix(acl.SubjectText(w.leaf), "in ")
	case whoAll:
		return join(" and ")
	case whoAny:
		return join(" or ")
	case whoUnless:
		return join(" unless ")
	default:
		return w.text
	}
}

// Text writes one line for each change, long lists of attributes cut, then what the guards hold now or no longer, and a sum.
func (d *Difference) Text(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(word string, c Change) {
		what := strings.Join(c.Actions, ",") + "\t" + shortList(c.Attributes)
		by := "by " + c.By
		if c.Line > 0 {
			by += fmt.Sprintf(" (%s:%d)", c.File, c.Line)
		}
		if c.Note != "" {
			by += "  " + c.Note
		}
		fmt.Fprintf(t, "%s\t%s\t%s\ton %s  %s\n", word, c.Subject, what, c.Target, by)
	}
	for _, c := range d.Gains {
		line("GAINS", c)
	}
	for _, c := range d.Losses {
		line("LOSES", c)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	var b strings.Builder
	for _, set := range []struct {
		list []string
		text string
	}{
		{d.Protected, "becomes protected"}, {d.Unprotected, "is no longer protected"}, {d.Privileged, "becomes a privileged group"},
		{d.Ordinary, "is no longer a privileged group"}, {d.Authority, "becomes an authority-bearing attribute"},
		{d.Plain, "is no longer an authority-bearing attribute"},
	} {
		for _, one := range set.list {
			fmt.Fprintf(&b, "GUARD  %s %s\n", one, set.text)
		}
	}
	if len(d.Gains)+len(d.Losses) == 0 {
		b.WriteString("nobody gains or loses access\n")
	} else {
		fmt.Fprintf(&b, "%s, %s\n", count(len(d.Gains), "gain", "gains"), count(len(d.Losses), "loss", "losses"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// attributesShown bounds the attributes of one line.
const attributesShown = 8

func shortList(list []string) string {
	if more := len(list) - attributesShown; more > 1 {
		return strings.Join(list[:attributesShown], ",") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(list, ",")
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
