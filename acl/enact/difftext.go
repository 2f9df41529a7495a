package enact

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

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
	var b strings.Builder
	d.changes(&b)
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

// columnMax is the widest column that others are lined up behind; a longer text pushes its own line alone.
const columnMax = 44

// changes writes the gains, then the losses.
func (d *Difference) changes(b *strings.Builder) {
	var rows [][4]string
	var width [3]int
	for i, c := range slices.Concat(d.Gains, d.Losses) {
		word := "GAINS"
		if i >= len(d.Gains) {
			word = "LOSES"
		}
		last := fmt.Sprintf("on %s  by %s", c.Target, c.By)
		if c.Line > 0 {
			last += fmt.Sprintf(" (%s:%d)", c.File, c.Line)
		}
		if c.Note != "" {
			last += "  " + c.Note
		}
		row := [4]string{word + "  " + c.Subject, strings.Join(c.Actions, ","), shortList(c.Attributes), last}
		for j := range width {
			if n := utf8.RuneCountInString(row[j]); n <= columnMax {
				width[j] = max(width[j], n)
			}
		}
		rows = append(rows, row)
	}
	for _, row := range rows {
		fmt.Fprintf(b, "%-*s  %-*s  %-*s  %s\n", width[0], row[0], width[1], row[1], width[2], row[2], row[3])
	}
}

// turned says of what is lost what [gains] says of the way back.
func turned(losses []Change) []Change {
	turn := strings.NewReplacer("no longer denied", "denied now", "no longer limited", "limited now")
	for i := range losses {
		losses[i].Note = turn.Replace(losses[i].Note)
	}
	return losses
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
