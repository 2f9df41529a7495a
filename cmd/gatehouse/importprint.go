package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"gatehouse/directory/foreign"
)

// importOutput is what an import prints as JSON.
type importOutput struct {
	DryRun  bool            `json:"dryRun"`
	Format  foreign.Format  `json:"format,omitempty"`
	Records importReport    `json:"records"`
	Classes map[string]int  `json:"classes,omitempty"`
	Notes   []*foreign.Note `json:"notes"`
	Slapd   *foreign.Slapd  `json:"slapdConfig,omitempty"`
}

func (j *importJob) print() error {
	if j.flags.asJSON {
		o := importOutput{DryRun: j.flags.dryRun, Format: j.format, Records: j.report, Notes: []*foreign.Note{}}
		if j.found != nil {
			o.Classes = j.found.Classes
			o.Notes = append(o.Notes, j.found.Notes...)
		}
		if j.slapd != nil {
			o.Slapd = j.slapd.read
		}
		return json.NewEncoder(j.out).Encode(o)
	}
	if j.slapd != nil {
		j.slapd.print(j.out)
	}
	if j.format == "" {
		return nil
	}
	if j.flags.dryRun {
		fmt.Fprintln(j.out, "A dry run: nothing was changed. The import would say:")
	}
	j.report.print(j.out, time.Since(j.start), j.refusals.rejects())
	if j.found != nil {
		printFound(j.out, j.found)
	}
	return nil
}

// notesPrinted is how many notes of a kind are printed; --json has all.
const notesPrinted = 40

// kindTitles are the headings of notes, in the order in which they are printed.
var kindTitles = []struct {
	kind  foreign.Kind
	title string
}{
	{foreign.ToDo, "To do:"},
	{foreign.Skipped, "Skipped:"},
	{foreign.LeftOut, "Left out:"},
	{foreign.Changed, "Changed:"},
}

// printFound prints classes and notes.
func printFound(w io.Writer, r *foreign.Report) {
	if len(r.Classes) > 0 {
		fmt.Fprintln(w, "Entries by object class:")
		for _, class := range slices.Sorted(maps.Keys(r.Classes)) {
			fmt.Fprintf(w, "  %7d %s\n", r.Classes[class], printable(class))
		}
	}
	for _, k := range kindTitles {
		printNotes(w, k.title, slices.Collect(func(yield func(*foreign.Note) bool) {
			for _, n := range r.Notes {
				if n.Kind == k.kind && !yield(n) {
					return
				}
			}
		}))
	}
}

func printNotes(w io.Writer, title string, notes []*foreign.Note) {
	if len(notes) == 0 {
		return
	}
	fmt.Fprintln(w, title)
	for _, n := range notes[:min(len(notes), notesPrinted)] {
		why := ""
		if n.Why != "" {
			why = ": " + printable(n.Why)
		}
		at := ""
		if len(n.Examples) > 0 {
			at = " (" + strings.Join(n.Examples, ", ")
			if n.Count > len(n.Examples) {
				at += ", ..."
			}
			at += ")"
		}
		fmt.Fprintf(w, "  %7d %s%s%s\n", n.Count, printable(n.What), why, printable(at))
	}
	if more := len(notes) - notesPrinted; more > 0 {
		fmt.Fprintf(w, "  and %d more; --json has them all\n", more)
	}
}

func (r *importReport) print(w io.Writer, took time.Duration, rejects string) {
	per := ""
	if s := took.Seconds(); s > 0.5 {
		per = fmt.Sprintf(" (%.0f/s)", float64(r.Entries+r.Replaced+r.Skipped+r.Changes)/s)
	}
	fmt.Fprintf(w, "%d entries in %.1f s%s\n", r.Entries, took.Seconds(), per)
	for _, line := range []struct {
		n    uint64
		text string
	}{
		{r.Replaced, "existing entries were replaced"},
		{r.Skipped, "existing entries were left as they are"},
		{r.Changes, "changes were made"},
		{r.Unresolved, "references name entries that do not exist; each becomes a link when its entry is added"},
		{r.Hashed, "passwords were in clear text; they are hashed, and hashed anew with the configured scheme at the first bind"},
		{r.Roles, "entries of the ready-made roles were added beside them, below ou=roles; --no-roles leaves them out"},
		{r.Refused, "records were refused" + map[bool]string{true: "; see " + rejects}[rejects != ""]},
	} {
		if line.n > 0 {
			fmt.Fprintf(w, "%d %s\n", line.n, line.text)
		}
	}
	if r.Kept != "" {
		fmt.Fprintf(w, "%s is the administrator of init: it keeps its entry and password\n", r.Kept)
	}
}
