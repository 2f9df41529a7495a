package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
	"gatehouse/directory"
	"gatehouse/directory/dit"
)

const policyShowHelp = `Print the policy in force, the shipped documents with it, as it was written: one file that can be applied as it is. With the name of a
document only that one is printed.

--list lists the documents, --version prints the version alone, --canonical the form that the version is the SHA-256 of.
--shipped is about the policies that come with the server, and needs no data directory: copy one to make it your own.

Exit codes: 0 done; 1 it did not work; 2 the command was called in a wrong way.`

// shownPolicy is the policy in force.
type shownPolicy struct {
	Version   string              `json:"version"`
	Applied   *dit.PolicyRevision `json:"applied,omitempty"` // absent if the shipped policies stand alone
	Broken    string              `json:"broken,omitempty"`  // why what was applied is not in force
	Contexts  []string            `json:"contexts,omitempty"`
	Documents []shownDocument     `json:"documents"`
	Canonical string              `json:"canonical"`
}

type shownDocument struct {
	Kind        string `json:"kind"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Enforce     string `json:"enforce"`
	Shipped     bool   `json:"shipped"`
	File        string `json:"file"`
	Text        string `json:"text"`
}

func newPolicyShowCommand() *cobra.Command {
	var flags dataFlags
	var show showFlags
	cmd := &cobra.Command{
		Use: "show (--data DIR | --shipped) [NAME]", Short: "Print the policy in force", Long: policyShowHelp, Args: atMostOne("the name of a document"),
		ValidArgsFunction: completePolicies(flags.documents),
		RunE: func(cmd *cobra.Command, args []string) error {
			var p shownPolicy
			if show.shipped {
				l, err := enact.Load(nil, enact.Settings{Now: time.Now(), Contexts: []directory.NDN{exampleContext}})
				if err != nil {
					return err
				}
				p.fill(l.Bundle)
			} else if err := callPolicy(cmd.Context(), &flags, "policy.show", nil, nil, &p); err != nil {
				return err
			}
			if len(args) == 1 {
				p.Documents = slices.DeleteFunc(p.Documents, func(d shownDocument) bool { return d.Name != args[0] })
				if len(p.Documents) == 0 {
					return fmt.Errorf("no document is called %q; --list shows all", args[0])
				}
			}
			return show.print(cmd.OutOrStdout(), &p, len(args) == 1)
		},
	}
	flags.register(cmd)
	cmd.Flags().BoolVar(&show.shipped, "shipped", false, "the policies that come with the server, whatever is in force")
	cmd.Flags().BoolVar(&show.list, "list", false, "list the documents, one a line")
	cmd.Flags().BoolVar(&show.version, "version", false, "print the version alone")
	cmd.Flags().BoolVar(&show.canonical, "canonical", false, "print the canonical form")
	cmd.Flags().BoolVar(&show.json, "json", false, "print JSON")
	return cmd
}

// showFlags say what of a policy is printed.
type showFlags struct{ shipped, list, version, canonical, json bool }

func (f *showFlags) print(w io.Writer, p *shownPolicy, one bool) error {
	switch {
	case f.json:
		return printJSON(w, p)
	case f.version:
		_, err := fmt.Fprintln(w, p.Version)
		return err
	case f.canonical:
		_, err := io.WriteString(w, p.Canonical)
		return err
	case f.list:
		for _, d := range p.Documents {
			from := "applied"
			if d.Shipped {
				from = "shipped"
			}
			fmt.Fprintf(w, "%-7s  %-8s  %-11s  %-20s  %s\n", from, d.Enforce, d.Kind, d.Name, d.Description)
		}
		return nil
	}
	return p.print(w, one)
}

func (p *shownPolicy) print(w io.Writer, one bool) error {
	var b bytes.Buffer
	if !one {
		fmt.Fprintf(&b, "# version %s\n", p.Version)
	}
	if p.Applied != nil && !one {
		fmt.Fprintf(&b, "# applied %s by %s\n", p.Applied.Time.UTC().Format(time.RFC3339), printable(p.Applied.Author))
	}
	for line := range strings.Lines(p.Broken) {
		fmt.Fprintf(&b, "# NOT IN FORCE: %s\n", printable(strings.TrimRight(line, "\n")))
	}
	for i, d := range p.Documents {
		if i > 0 {
			b.WriteString("---\n")
		}
		fmt.Fprintf(&b, "# %s\n%s\n", printable(d.File), strings.Trim(d.Text, "\n"))
	}
	_, err := w.Write(b.Bytes())
	return err
}

func policyShowVerb(_ context.Context, n *node, _ url.Values, _ io.Reader, out io.Writer) error {
	st, err := n.policyState()
	if err != nil {
		return err
	}
	o, err := n.policySettings()
	if err != nil {
		return err
	}
	var p shownPolicy
	p.fill(st.Bundle)
	if st.rev.Version != "" {
		p.Applied = &st.rev
	}
	if st.broken != nil {
		p.Broken = st.broken.Error()
	}
	for _, c := range o.Contexts {
		p.Contexts = append(p.Contexts, string(c))
	}
	return writeJSON(out, p)
}

// fill takes over what a bundle says.
func (p *shownPolicy) fill(b *bundle.Bundle) {
	p.Version, p.Canonical = b.Version(), string(b.Canonical())
	lines := strings.Split(strings.TrimSuffix(p.Canonical, "\n"), "\n")
	for i, d := range b.Documents {
		shown := shownDocument{
			Kind: d.Kind.String(), Name: d.Name, Description: d.Description, Enforce: d.Enforce.String(), Shipped: d.Shipped, File: d.Pos.File,
		}
		if shown.Text = documentText(b.Sources(), d); shown.Text == "" && i < len(lines) {
			shown.Text = lines[i]
		}
		p.Documents = append(p.Documents, shown)
	}
}

// documentText returns the text of a document as it was written in a YAML file, with the comments before it.
func documentText(sources []bundle.Source, d *bundle.Document) string {
	i := slices.IndexFunc(sources, func(s bundle.Source) bool { return s.Name == d.Pos.File })
	if i < 0 || strings.HasSuffix(d.Pos.File, ".json") {
		return ""
	}
	var text strings.Builder
	line := 0
	for s := range strings.Lines(string(sources[i].Text)) {
		line++
		if s != "---\n" && !strings.HasPrefix(s, "--- ") && s != "---\r\n" {
			text.WriteString(s)
			continue
		}
		if line > d.Pos.Line {
			break
		}
		text.Reset()
		text.WriteString(strings.TrimLeft(s, "-"))
	}
	return text.String()
}
