package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"

	"github.com/spf13/cobra"

	"gatehouse/directory/dit"
	"gatehouse/storage"
)

const checkHelp = `Read the whole store and prove its invariants: checksums, the tree, links from both ends, indexes, the log of changes,
and what each entry must hold. A running server goes on meanwhile.

The exit code is 1 if something is wrong; what is found is printed, one line each.`

// checkLine is one line of what a check answers: a finding, or at the end the summary.
type checkLine struct {
	Area    string                `json:"area,omitempty"`
	Entry   uint64                `json:"entry,omitempty"`
	DN      string                `json:"dn,omitempty"`
	Text    string                `json:"text,omitempty"`
	Summary *storage.CheckSummary `json:"summary,omitempty"`
}

func newCheckCommand() *cobra.Command {
	var flags dataFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use: "check --data DIR", Short: "Prove that the store is sound", Long: checkHelp, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			cfg, dir, err := flags.open()
			if err != nil {
				return err
			}
			o, err := openOperations(cmd.Context(), cfg, dir)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, o.close()) }()
			out, err := o.call(cmd.Context(), "check", nil, nil)
			if err != nil {
				return err
			}
			defer out.Close()
			return printCheck(cmd.OutOrStdout(), out, asJSON)
		},
	}
	flags.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	return cmd
}

func printCheck(w io.Writer, out io.Reader, asJSON bool) error {
	found := 0
	for d := json.NewDecoder(out); ; {
		var line checkLine
		if err := d.Decode(&line); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		if line.Summary == nil {
			found++
		}
		if asJSON {
			if err := json.NewEncoder(w).Encode(line); err != nil {
				return err
			}
			continue
		}
		switch s := line.Summary; {
		case s != nil && found == 0:
			fmt.Fprintf(w, "ok: %d entries, %d links, %d unresolved references, %d index entries at change %d\n",
				s.Entries, s.Links, s.Unresolved, s.IndexIDs, s.CSN)
		case s != nil:
			fmt.Fprintf(w, "%d findings in %d entries at change %d\n", found, s.Entries, s.CSN)
		case line.DN != "":
			fmt.Fprintf(w, "%s: %s: %s\n", line.Area, line.DN, line.Text)
		case line.Entry != 0:
			fmt.Fprintf(w, "%s: entry %d: %s\n", line.Area, line.Entry, line.Text)
		default:
			fmt.Fprintf(w, "%s: %s\n", line.Area, line.Text)
		}
	}
	if found > 0 {
		return errProblems
	}
	return nil
}

func checkVerb(ctx context.Context, n *node, _ url.Values, _ io.Reader, out io.Writer) error {
	sn := n.store.Snapshot()
	defer sn.Close()
	var broken error // of the output
	report := func(line checkLine) {
		if broken == nil {
			broken = json.NewEncoder(out).Encode(line)
		}
	}
	if err := n.db.VerifyChecksums(ctx); errors.Is(err, storage.ErrCorrupt) {
		report(checkLine{Area: "file", Text: err.Error()})
	} else if err != nil {
		return err
	}
	summary, err := storage.Check(ctx, sn, func(f storage.Finding) {
		line := checkLine{Area: f.Area, Entry: uint64(f.ID), Text: f.Text}
		if f.ID != 0 {
			line.DN, _ = sn.DN(f.ID) // not every broken entry has a name
		}
		report(line)
	})
	if err != nil {
		return err
	}
	err = n.directory.Verify(ctx, func(p dit.Problem) error {
		summary.Findings++
		report(checkLine{Area: p.Hook, DN: p.DN, Text: p.Err.Error()})
		return broken
	})
	if err != nil {
		return err
	}
	report(checkLine{Summary: &summary})
	return broken
}
