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
thing that it lacks, guards and boundaries. It asks the evaluator that decides.

--ref takes the reference that stands in the message of a refusal; the server keeps the newest few thousand until it stops.

  gatehouse policy explain --data DIR --as uid=dave,ou=people,dc=example,dc=com --do password.reset \
      --on uid=alice,ou=people,dc=example,dc=com --via ip=10.1.1.1,tls=256
  gatehouse policy explain --data DIR --as anonymous --do read --on uid=alice,ou=people,dc=example,dc=com --attr mail

--via says how the session is connected: ip=ADDRESS, tls=BITS (256; 0 for none), level=N, auth-method=METHOD, at=TIME (RFC 3339),
elevated=ID. The exit code is 0 whether the answer is yes or no; --json says which.`

func newPolicyExplainCommand() *cobra.Command {
	var flags dataFlags
	var req dit.ExplainRequest
	var via []string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "explain --data DIR (--ref REF | --as DN --do ACTION --on DN)", Short: "Say why something is allowed or not",
		Long: policyExplainHelp, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if req.Ref == "" && (req.As == "" || req.Do == "") {
				return usagef("who, and what? Give --as DN (or anonymous), --do ACTION and --on DN; or --ref REF")
			}
			if err := readVia(&req.Via, via); err != nil {
				return err
			}
			var answer json.RawMessage
			if err := callPolicy(cmd.Context(), &flags, "policy.explain", nil, &req, &answer); err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), answer)
			}
			var e dit.Explained
			if err := json.Unmarshal(answer, &e); err != nil {
				return err
			}
			return e.Text(cmd.OutOrStdout())
		},
	}
	flags.register(cmd)
	fl := cmd.Flags()
	fl.StringVar(&req.Ref, "ref", "", "the reference of a refusal")
	fl.StringVar(&req.As, "as", "", "who: a DN, or anonymous")
	fl.StringVar(&req.Do, "do", "", "the action, such as read, search, write.add or password.reset")
	fl.StringVar(&req.On, "on", "", "the entry: a DN; empty for the root DSE")
	fl.StringVar(&req.Attribute, "attr", "", "the attribute, for actions on attributes")
	fl.StringVar(&req.Value, "value", "", "the value, where it matters")
	fl.StringVar(&req.OID, "oid", "", "the OID, for control and extop")
	fl.StringSliceVar(&via, "via", nil, "how the session is connected, such as ip=10.1.1.1,tls=0")
	fl.BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
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
