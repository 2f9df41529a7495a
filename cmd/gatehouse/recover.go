package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"

	"github.com/spf13/cobra"

	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/hook"
	"gatehouse/directory/ldif"
	"gatehouse/directory/password"
)

const recoverHelp = `Let a lost administrator in again: the entry gets a new password, is unlocked and enabled. An administrator that was
deleted is made again.

Without --dn it is the administrator that init made, or cn=admin below the base. The password is printed once, unless
--password-file brings one.

With --policy the shipped policies alone are put in force, for when the one that was applied locks everybody out; nothing else is
done. If init made another administrator than cn=admin, the policy document that names it, first-administrator, comes with them.
'gatehouse policy rollback' goes back one step instead.

Both work whatever the policy in force says. Every use is in the log of changes, as done by cn=operator,cn=gatehouse, and in the
server's log with the user.`

// recovered says what recover did.
type recovered struct {
	DN       string `json:"dn"`
	Password string `json:"password,omitempty"` // made by the server
	Made     bool   `json:"made"`               // the entry was not there
	Unlocked bool   `json:"unlocked"`           // the entry was locked or disabled
}

func newRecoverCommand() *cobra.Command {
	var flags dataFlags
	var dn, file string
	var policy, asJSON bool
	cmd := &cobra.Command{
		Use: "recover --data DIR", Short: "Let a lost administrator in again", Long: recoverHelp, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if policy {
				if dn != "" || file != "" {
					return usagef("--policy is about the policy, --dn and --password-file are about an entry: run it twice")
				}
				return recoverPolicy(cmd, &flags, asJSON)
			}
			cfg, dir, err := flags.open()
			if err != nil {
				return err
			}
			var clear []byte
			if file != "" {
				if clear, err = readNewPassword(cmd, file); err != nil {
					return err
				}
			}
			o, err := openOperations(cmd.Context(), cfg, dir)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, o.close()) }()
			out, err := o.call(cmd.Context(), "recover", url.Values{"dn": {dn}}, bytes.NewReader(clear))
			if err != nil {
				return err
			}
			defer out.Close()
			var r recovered
			if err := decodeAll(out, &r); err != nil {
				return err
			}
			return r.print(cmd.OutOrStdout(), asJSON)
		},
	}
	flags.register(cmd)
	cmd.Flags().StringVar(&dn, "dn", "", "the entry to recover")
	cmd.Flags().StringVar(&file, "password-file", "", "file with the new password in its first line; - for standard input")
	cmd.Flags().BoolVar(&policy, "policy", false, "put the shipped policies alone in force")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// recoverPolicy puts the shipped policies alone in force, for the administrator that init made.
func recoverPolicy(cmd *cobra.Command, flags *dataFlags, asJSON bool) error {
	var a appliedPolicy
	if err := callPolicy(cmd.Context(), flags, "recover.policy", nil, nil, &a); err != nil {
		return err
	}
	return a.printRollback(cmd.OutOrStdout(), asJSON)
}

func recoverPolicyVerb(ctx context.Context, n *node, _ url.Values, _ io.Reader, out io.Writer) error {
	sources, err := n.administratorSources()
	if err != nil {
		return err
	}
	a, err := n.bringBack(ctx, sources)
	if err != nil {
		return err
	}
	return writeJSON(out, a)
}

func (r *recovered) print(w io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(r)
	}
	what := "has a new password"
	if r.Made {
		what = "was made again, with a new password"
	}
	if r.Unlocked {
		what += ", and is no longer locked"
	}
	_, err := fmt.Fprintf(w, "%s %s.\n", r.DN, what)
	if err == nil && r.Password != "" {
		_, err = fmt.Fprintf(w, "password: %s\n", r.Password)
	}
	return err
}

// decodeAll decodes the one JSON value of an output and reads on to its end, where an error shows.
func decodeAll(out io.Reader, into any) error {
	text, err := io.ReadAll(out)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

func recoverVerb(ctx context.Context, n *node, flags url.Values, in io.Reader, out io.Writer) error {
	clear, err := io.ReadAll(io.LimitReader(in, 4<<10))
	if err != nil {
		return err
	}
	r := &recovered{DN: flags.Get("dn")}
	given := r.DN != ""
	if !given {
		if r.DN, err = n.administrator(); err != nil {
			return err
		}
	}
	d := n.directory
	generated, err := n.setPassword(ctx, d, r.DN, clear)
	if isRefused(err) {
		// The policy in force may say that this entry is not there, or not the operator's: not to who holds the machine.
		if d, err = n.recovery(); err != nil {
			return err
		}
		generated, err = n.setPassword(ctx, d, r.DN, clear)
	}
	if directory.CodeOf(err) == directory.NoSuchObject && !given {
		r.Made = true
		generated, err = n.makeAdministrator(ctx, d, r.DN, clear)
	}
	if directory.CodeOf(err) == directory.NoSuchObject {
		return fmt.Errorf("%s: there is no such entry: %w", r.DN, err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", r.DN, err)
	}
	r.Password = string(generated)
	if r.Unlocked, err = n.unlock(ctx, d, r.DN); err != nil {
		return fmt.Errorf("%s has a new password, but is still locked: %w", r.DN, err)
	}
	return writeJSON(out, r)
}

// isRefused reports whether an operation may have failed for the policy.
func isRefused(err error) bool {
	switch directory.CodeOf(err) {
	case directory.InsufficientAccessRights, directory.NoSuchObject, directory.ConfidentialityRequired:
		return true
	default:
		return false
	}
}

// recovery returns the directory under the shipped baseline and administrator, whatever is in force.
func (n *node) recovery() (*dit.Directory, error) {
	o, err := n.policySettings()
	if err != nil {
		return nil, err
	}
	l, err := fallbackPolicy(o)
	if err != nil {
		return nil, err
	}
	return dit.New(dit.Options{
		Store: n.store, Schema: n.schema, Policy: l.Policy, Hasher: n.hasher, Hooks: hook.Standard(), Logger: n.log,
	})
}

func (n *node) setPassword(ctx context.Context, d *dit.Directory, dn string, clear []byte) ([]byte, error) {
	req := &directory.PasswordModifyRequest{UserIdentity: "dn:" + dn, HasUserIdentity: true}
	if len(clear) > 0 {
		req.NewPassword = clear
	}
	return d.ModifyPassword(ctx, n.operator(), req)
}

// administrator returns the name of the one administrator.
func (n *node) administrator() (string, error) {
	sn := n.store.Snapshot()
	defer sn.Close()
	admins, err := administrators(n.schema, n.store)
	if err != nil {
		return "", err
	}
	if len(admins) != 1 {
		return "", fmt.Errorf("there are %d naming contexts, each with an administrator; say which one with --dn", len(admins))
	}
	id, err := sn.Lookup(admins[0])
	if isNotFound(err) {
		return string(admins[0]), nil
	}
	if err != nil {
		return "", err
	}
	return sn.DN(id)
}

// makeAdministrator adds the entry of an administrator that was deleted, with a password.
func (n *node) makeAdministrator(ctx context.Context, d *dit.Directory, dn string, clear []byte) (generated []byte, err error) {
	if len(clear) == 0 {
		made := password.Generate()
		defer made.Clear()
		generated = bytes.Clone(made.Bytes())
		clear = generated
	}
	rec, err := adminRecord(n.schema, dn, clear)
	if err != nil {
		return nil, err
	}
	_, err = d.Add(ctx, n.operator(), &directory.AddRequest{DN: dn, Attributes: rec.Attributes})
	return generated, err
}

// locks are the attributes by which accounts are locked, disabled or out of their time.
var locks = []string{
	"pwdAccountLockedTime", "pwdAccountTmpLockoutEnd", "pwdFailureTime", "pwdGraceUseTime", "pwdReset", "pwdStartTime", "pwdEndTime",
	"nsAccountLock", "loginDisabled",
}

// unlock removes what keeps an account from binding. It reports whether there was something.
func (n *node) unlock(ctx context.Context, d *dit.Directory, dn string) (bool, error) {
	_, ndn, err := n.schema.ParseName(dn)
	if err != nil {
		return false, err
	}
	found, err := n.locksOf(ndn)
	if err != nil || len(found) == 0 {
		return false, err
	}
	rec := &ldif.Record{DN: dn, Kind: ldif.Modify}
	for _, name := range found {
		rec.Changes = append(rec.Changes, directory.Modification{
			Op: directory.ModifyReplace, PartialAttribute: directory.PartialAttribute{Attr: name},
		})
	}
	_, err = d.Import(ctx, n.operator(), rec, 0)
	return err == nil, err
}

func (n *node) locksOf(ndn directory.NDN) ([]string, error) {
	sn := n.store.Snapshot()
	defer sn.Close()
	id, err := sn.Lookup(ndn)
	if err != nil {
		return nil, err
	}
	entry, err := sn.Entry(id)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, name := range locks {
		if t := n.schema.TypeByName(name); t != nil && entry.Get(t.Description()).Len() > 0 {
			found = append(found, name)
		}
	}
	return found, nil
}
