package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/spf13/cobra"
)

const policyHelp = `Policies say who may do what with which entries. They are YAML (or JSON) files with their tests inside; a bundle is a
directory of them, or one file. The policies that come with the server are part of every bundle: a document with the name of a
shipped one takes its place.

  gatehouse policy test DIR                    run the tests of a bundle
  gatehouse policy diff --data D active DIR    who would gain and lose what
  gatehouse policy apply --data D DIR          put it in force, on a running server too
  gatehouse policy explain --data D --as DN --do read --on DN --attr mail
  gatehouse policy rollback --data D           back to what was in force before

Giving a service its rights seldom needs a policy: add its account to one of the groups below ou=roles.`

func newPolicyCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "policy", Short: "Read, test, apply and explain policies", Long: policyHelp}
	cmd.AddCommand(
		newPolicySchemaCommand(), newPolicyLintCommand(), newPolicyFmtCommand(), newPolicyTestCommand(), newPolicyApplyCommand(),
		newPolicyRollbackCommand(), newPolicyShowCommand(), newPolicyDiffCommand(), newPolicyExplainCommand(),
	)
	return cmd
}

// atMostOne asks for at most one argument, called what.
func atMostOne(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return usagef("%s takes at most one argument, %s; it got %d", cmd.CommandPath(), what, len(args))
		}
		return nil
	}
}

// callPolicy runs a command on a data directory, with or without a server, and decodes its answer, which may come with an error.
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
	text, err := io.ReadAll(out)
	if len(text) == 0 {
		return err
	}
	return errors.Join(err, json.Unmarshal(text, answer))
}

// policyRequestBytesMax bounds what comes through the control socket: the files of the largest bundle and a fixture, in JSON.
const policyRequestBytesMax = 48 << 20

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
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
