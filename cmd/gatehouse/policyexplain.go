package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/directory/dit"
)

const policyExplainHelp = `Say whether somebody may do something with an entry, and why: every statement that matched, every one that nearly did with the first
thing that it lacks, guards and boundaries. It asks the evaluator that decides, by the policy in force and the data of now.

--ref takes the reference that stands in the message of a refusal; the server keeps the newest few thousand until it stops.

With the directory or file of a bundle the question is asked of that bundle, with the shipped policies, on the fixture of its tests.

  gatehouse policy explain --data DIR --ref 89ab01cd45ef2367
  gatehouse policy explain --data DIR --as uid=dave,ou=people,dc=example,dc=com --do password.reset \
      --on uid=alice,ou=people,dc=example,dc=com --via ip=10.1.1.1,tls=256
  gatehouse policy explain --data DIR --as anonymous --do read --on uid=alice,ou=people,dc=example,dc=com --attr mail
  gatehouse policy explain ./policies --as uid=dave,ou=people,dc=example,dc=com --do read --on uid=alice,ou=people,dc=example,dc=com --attr mail

--via says how the session is connected: ip=ADDRESS, tls=BITS (256; 0 for none), level=N, auth-method=METHOD, at=TIME (RFC 3339),
elevated=ID; without it, TLS and a simple bind just now.

Exit codes: 0 answered; 1 it did not work, or with --exit-code the answer is no; 2 the command was called in a wrong way.`

// explainFlags are the flags of explain.
type explainFlags struct {
	policyFlags
	req            dit.ExplainRequest
	via            []string
	fixture        string
	json, exitCode bool
}

func newPolicyExplainCommand() *cobra.Command {
	var f explainFlags
	cmd := &cobra.Command{
		Use:   "explain (--data DIR | DIR|FILE) (--ref REF | --as DN --do ACTION --on DN)",
		Short: "Say why something is allowed or not", Long: policyExplainHelp, Args: atMostOne("the directory or file of a bundle"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.register(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.req.Ref, "ref", "", "the reference of a refusal")
	fl.StringVar(&f.req.As, "as", "", "who: a DN, or anonymous")
	fl.StringVar(&f.req.Do, "do", "", "the action, such as read, search, write.add or password.reset; view and write ask for all their parts")
	fl.StringVar(&f.req.On, "on", "", "the entry: a DN; empty for the root DSE")
	fl.StringVar(&f.req.Attribute, "attr", "", "the attribute, for actions on attributes")
	fl.StringVar(&f.req.Value, "value", "", "the value, where it matters")
	fl.StringVar(&f.req.OID, "oid", "", "the OID, for control and extop")
	fl.StringSliceVar(&f.via, "via", nil, "how the session is connected, such as ip=10.1.1.1,tls=0")
	fl.StringVar(&f.fixture, "fixture", "", "the directory that a bundle is asked about (fixture.yaml beside it)")
	fl.BoolVar(&f.exitCode, "exit-code", false, "exit with 1 if the answer is no")
	fl.BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

func (f *explainFlags) run(cmd *cobra.Command, args []string) error {
	f.req.Ref = strings.TrimPrefix(strings.TrimSpace(f.req.Ref), "reference ") // as it stands in a message
	switch {
	case f.req.Ref == "" && (f.req.As == "" || f.req.Do == "" || !cmd.Flags().Changed("on")):
		return usagef("who, what, and on which entry? Give --as DN (or anonymous), --do ACTION and --on DN; or --ref REF")
	case f.req.Ref != "" && len(args) > 0:
		return usagef("a reference is of a server; with --ref there is no bundle to name")
	case f.fixture != "" && len(args) == 0:
		return usagef("--fixture is for a bundle; which one?")
	}
	if err := readVia(&f.req.Via, f.via); err != nil {
		return err
	}
	var answer json.RawMessage
	var e dit.Explained
	if len(args) > 0 {
		explained, err := f.ofBundle(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		e = *explained
		if answer, err = json.Marshal(e); err != nil {
			return err
		}
	} else {
		if err := callPolicy(cmd.Context(), &f.dataFlags, "policy.explain", nil, &f.req, &answer); err != nil {
			return err
		}
		if err := json.Unmarshal(answer, &e); err != nil {
			return err
		}
	}
	var err error
	if f.json {
		err = printJSON(cmd.OutOrStdout(), answer)
	} else {
		err = e.Text(cmd.OutOrStdout())
	}
	if err == nil && f.exitCode && !e.Allowed {
		err = errProblems
	}
	return err
}

func readVia(v *dit.ExplainVia, list []string) error {
	for _, item := range list {
		key, value, ok := strings.Cut(item, "=")
		if !ok {
			return usagef("--via %q: KEY=VALUE is needed", item)
		}
		switch key {
		case "ip":
			v.IP = value
		case "auth-method":
			v.Method = value
		case "elevated":
			v.Elevated = append(v.Elevated, value)
		case "tls", "level":
			n, err := strconv.Atoi(value)
			if err != nil {
				return usagef("--via %s=%q: a number is needed", key, value)
			}
			if key == "tls" {
				v.TLS = &n
			} else {
				v.Level = &n
			}
		case "at":
			at, err := time.Parse(time.RFC3339, value)
			if err != nil {
				return usagef("--via at=%q: a time such as 2026-11-24T12:00:00Z is needed", value)
			}
			v.At = at
		default:
			return usagef("--via %s: unknown; there are ip, tls, level, auth-method, at and elevated", key)
		}
	}
	return nil
}

func policyExplainVerb(ctx context.Context, n *node, _ url.Values, in io.Reader, out io.Writer) error {
	text, err := io.ReadAll(io.LimitReader(in, policyRequestBytesMax))
	if err != nil {
		return err
	}
	answer, err := n.directory.ExplainJSON(ctx, n.operator(), text)
	if err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	_, err = out.Write(append(answer, '\n'))
	return err
}
