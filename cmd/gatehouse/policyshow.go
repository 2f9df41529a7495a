package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/acl/bundle"
	"gatehouse/directory/dit"
)

const policyShowHelp = `Print the policy in force, the shipped documents with it: the text as it was written, file by file. With the name of a document only
the file that holds it is printed.`

// shownPolicy is the policy in force.
type shownPolicy struct {
	Version   string              `json:"version"`
	Applied   *dit.PolicyRevision `json:"applied,omitempty"` // absent if the shipped policies stand alone
	Contexts  []string            `json:"contexts"`
	Documents []shownDocument     `json:"documents"`
	Files     []shownFile         `json:"files"`
}

type shownDocument struct {
	Kind        string `json:"kind"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Enforce     string `json:"enforce"`
	Shipped     bool   `json:"shipped"`
	File        string `json:"file"`
}

type shownFile struct {
	Name    string `json:"name"`
	Shipped bool   `json:"shipped"`
	Text    string `json:"text"`
}

func newPolicyShowCommand() *cobra.Command {
	var flags dataFlags
	var versionOnly, list, asJSON bool
	cmd := &cobra.Command{
		Use: "show --data DIR [NAME]", Short: "Print the policy in force", Long: policyShowHelp, Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var p shownPolicy
			if err := callPolicy(cmd.Context(), &flags, "policy.show", nil, nil, &p); err != nil {
				return err
			}
			if len(args) == 1 {
				if err := p.only(args[0]); err != nil {
					return err
				}
			}
			w := cmd.OutOrStdout()
			switch {
			case asJSON:
				return printJSON(w, p)
			case versionOnly:
				_, err := fmt.Fprintln(w, p.Version)
				return err
			case list:
				for _, d := range p.Documents {
					from := "applied"
					if d.Shipped {
						from = "shipped"
					}
					fmt.Fprintf(w, "%-8s  %-8s  %-24s  %s\n", from, d.Enforce, d.Name, d.Description)
				}
				return nil
			}
			return p.print(w)
		},
	}
	flags.register(cmd)
	cmd.Flags().BoolVar(&versionOnly, "version", false, "print the version alone")
	cmd.Flags().BoolVar(&list, "list", false, "list the documents, one a line")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// only leaves the document with a name, and its file.
func (p *shownPolicy) only(name string) error {
	p.Documents = slices.DeleteFunc(p.Documents, func(d shownDocument) bool { return d.Name != name })
	if len(p.Documents) == 0 {
		return fmt.Errorf("no document in force is called %q; --list shows all", name)
	}
	p.Files = slices.DeleteFunc(p.Files, func(f shownFile) bool {
		return !slices.ContainsFunc(p.Documents, func(d shownDocument) bool { return d.File == f.Name && d.Shipped == f.Shipped })
	})
	return nil
}

func (p *shownPolicy) print(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# version %s\n", p.Version)
	if p.Applied != nil {
		fmt.Fprintf(&b, "# applied %s by %s\n", p.Applied.Time.UTC().Format(time.RFC3339), p.Applied.Author)
	}
	for i, f := range p.Files {
		if i > 0 {
			b.WriteString("---\n")
		}
		from := ""
		if f.Shipped {
			from = " (shipped)"
		}
		fmt.Fprintf(&b, "# file %s%s\n%s", f.Name, from, f.Text)
		if n := len(f.Text); n > 0 && f.Text[n-1] != '\n' {
			b.WriteByte('\n')
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

func policyShowVerb(_ context.Context, n *node, _ url.Values, _ io.Reader, out io.Writer) error {
	l, rev, err := n.activePolicy()
	if err != nil {
		return err
	}
	o, err := n.policySettings()
	if err != nil {
		return err
	}
	p := &shownPolicy{Version: l.Bundle.Version()}
	if rev.Version != "" {
		p.Applied = &rev
	}
	for _, c := range o.Contexts {
		p.Contexts = append(p.Contexts, string(c))
	}
	given, _, err := n.applied()
	if err != nil {
		return err
	}
	for _, d := range l.Bundle.Documents {
		p.Documents = append(p.Documents, shownDocument{
			Kind: d.Kind.String(), Name: d.Name, Description: d.Description, Enforce: d.Enforce.String(), Shipped: d.Shipped, File: d.Pos.File,
		})
	}
	for _, s := range l.Bundle.Sources() {
		shipped := !slices.ContainsFunc(given, func(g bundle.Source) bool { return g.Name == s.Name && bytes.Equal(g.Text, s.Text) })
		if slices.ContainsFunc(p.Documents, func(d shownDocument) bool { return d.File == s.Name && d.Shipped == shipped }) {
			p.Files = append(p.Files, shownFile{Name: s.Name, Shipped: shipped, Text: string(s.Text)})
		}
	}
	return writeJSON(out, p)
}

// policyTextVerb answers with a policy of the store for a comparison: "active", "shipped", or the first digits of a version.
func policyTextVerb(_ context.Context, n *node, flags url.Values, _ io.Reader, out io.Writer) error {
	o, err := n.policySettings()
	if err != nil {
		return err
	}
	var t policyTextAnswer
	for _, c := range o.Contexts {
		t.Contexts = append(t.Contexts, string(c))
	}
	switch which := flags.Get("version"); which {
	case shippedAlone:
		t.Packed, err = bundle.Pack(nil)
	case "active":
		sources, _, aerr := n.applied()
		if aerr != nil {
			return aerr
		}
		t.Packed, err = bundle.Pack(sources)
	default:
		history, herr := n.directory.PolicyHistory()
		if herr != nil {
			return errors.Join(herr, err)
		}
		t.Packed, err = n.policyText(history, which)
	}
	if err != nil {
		return err
	}
	return writeJSON(out, t)
}

// policyTextAnswer is a policy of the store.
type policyTextAnswer struct {
	Packed   []byte   `json:"packed"`
	Contexts []string `json:"contexts"`
}
