package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

const policyHelp = `Policies say who may do what with which entries. They are YAML (or JSON) files with their tests inside; a bundle is a
directory of them, or one file. The policies that come with the server are part of every bundle: a document with the name of a
shipped one takes its place.

  gatehouse policy test DIR                  run the tests of a bundle
  gatehouse policy diff --data D active DIR  who would gain and lose what
  gatehouse policy apply --data D DIR        put it in force, on a running server too
  gatehouse policy explain --data D --as DN --do read --on DN --attr mail
  gatehouse policy rollback --data D         back to what was in force before

Giving a service its rights seldom needs a policy: add its account to one of the groups below ou=roles.`

func newPolicyCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "policy", Short: "Read, test, apply and explain policies", Long: policyHelp, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(newPolicySchemaCommand(), newPolicyLintCommand(), newPolicyFmtCommand(), newPolicyTestCommand(), newPolicyApplyCommand(),
		newPolicyRollbackCommand(), newPolicyShowCommand(), newPolicyDiffCommand(), newPolicyExplainCommand())
	return cmd
}

// policyFlags are the flags of commands that read policy files.
type policyFlags struct {
	schemas []string
	bases   []string
	strict  bool
}

func (f *policyFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.schemas, "schema", nil, "schema file with the attributes and object classes of the policies (may be repeated)")
	cmd.Flags().StringArrayVar(&f.bases, "base", nil, "naming context: what ${suffix} stands for (may be repeated; dc=example,dc=com)")
	cmd.Flags().BoolVar(&f.strict, "strict", false, "a warning is a mistake")
}

// settings turns the flags into what a bundle is loaded with. Without --base there are no contexts.
func (f *policyFlags) settings() (enact.Settings, error) {
	o := enact.Settings{Schema: schema.Standard(), Now: time.Now(), Strict: f.strict}
	if len(f.schemas) > 0 {
		b := schema.NewBuilder()
		for _, name := range f.schemas {
			if err := addSchemaFile(b, name); err != nil {
				return o, err
			}
		}
		var err error
		if o.Schema, err = b.Build(); err != nil {
			return o, err
		}
	}
	for _, base := range f.bases {
		_, ndn, err := o.Schema.ParseName(base)
		if err != nil {
			return o, usagef("--base %q: %v", base, err)
		}
		o.Contexts = append(o.Contexts, ndn)
	}
	return o, nil
}

// exampleContext is the naming context of files that are read without a server.
const exampleContext directory.NDN = "dc=example,dc=com"

// withContexts is settings with a naming context in any case.
func (f *policyFlags) withContexts() (enact.Settings, error) {
	o, err := f.settings()
	if len(o.Contexts) == 0 {
		o.Contexts = []directory.NDN{exampleContext}
	}
	return o, err
}

// readBundle reads a bundle and the fixture of its tests: the file given, else fixture.yaml beside the bundle, else none.
func readBundle(path, fixture string) (sources []bundle.Source, fixed bundle.Source, err error) {
	if sources, err = bundle.ReadSources(path); err != nil {
		return nil, fixed, err
	}
	if fixture == "" {
		dir := path
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			dir = filepath.Dir(path)
		}
		beside := filepath.Join(dir, bundle.FixtureFile)
		if _, err := os.Stat(beside); errors.Is(err, fs.ErrNotExist) {
			return sources, fixed, nil
		}
		fixture = beside
	}
	text, err := os.ReadFile(fixture)
	return sources, bundle.Source{Name: fixture, Text: text}, err
}

// oneBundle asks for the bundle of a command.
var oneBundle = oneArgument("the directory or file of a bundle")

// callPolicy runs a command on a data directory, with or without a server, and decodes its answer.
func callPolicy(ctx context.Context, flags *dataFlags, name string, query url.Values, in, answer any) (err error) {
	cfg, dir, err := flags.open()
	if err != nil {
		return err
	}
	o, err := openOperations(ctx, cfg, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.close()) }()
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = strings.NewReader(string(text))
	}
	out, err := o.call(ctx, name, query, body)
	if err != nil {
		return err
	}
	defer out.Close()
	return decodeAll(out, answer)
}

// policyRequestBytesMax bounds what comes through the control socket: the files of a bundle, packed, and a fixture.
const policyRequestBytesMax = 16 << 20

func decodePolicyRequest(in io.Reader, into any) error {
	text, err := io.ReadAll(io.LimitReader(in, policyRequestBytesMax+1))
	if err != nil {
		return err
	}
	if len(text) > policyRequestBytesMax {
		return fmt.Errorf("the request has more than %d bytes", policyRequestBytesMax)
	}
	return json.Unmarshal(text, into)
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
