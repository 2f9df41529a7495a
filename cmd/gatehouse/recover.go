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
	"gatehouse/directory/ldif"
	"gatehouse/directory/password"
)

const recoverHelp = `Let a lost administrator in again: the entry gets a new password, is unlocked and enabled. An administrator that was
deleted is made again.

Without --dn it is the administrator that init made, or cn=admin below the base. The password is printed once, unless
--password-file brings one. Every use is in the log of changes, as done by cn=operator,cn=gatehouse.`

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
	var asJSON bool
	cmd := &cobra.Command{
		Use: "recover --data DIR", Short: "Let a lost administrator in again", Long: recoverHelp, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			cfg, dir, err := flags.open()
			if err != nil {
				return err
			}
			var clear []byte
			if file != "" {
				if clear, err = readPasswordFile(cmd, file); err != nil {
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
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
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
	req := &directory.PasswordModifyRequest{UserIdentity: "dn:" + r.DN, HasUserIdentity: true}
	if len(clear) > 0 {
		req.NewPassword = clear
	}
	generated, err := n.directory.ModifyPassword(ctx, n.operator(), req)
	if directory.CodeOf(err) == directory.NoSuchObject && !given {
		r.Made = true
		generated, err = n.makeAdministrator(ctx, r.DN, clear)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", r.DN, err)
	}
	r.Password = string(generated)
	if r.Unlocked, err = n.unlock(ctx, r.DN); err != nil {
		return fmt.Errorf("%s has a new password, but is still locked: %w", r.DN, err)
	}
	return writeJSON(out, r)
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
func (n *node) makeAdministrator(ctx context.Context, dn string, clear []byte) (generated []byte, err error) {
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
	return generated, n.directory.Add(ctx, n.operator(), &directory.AddRequest{DN: dn, Attributes: rec.Attributes})
}

// locks are the attributes by which accounts are locked or disabled.
var locks = []string{"pwdAccountLockedTime", "pwdFailureTime", "pwdReset", "nsAccountLock"}

// unlock removes what keeps an account from binding. It reports whether there was something.
func (n *node) unlock(ctx context.Context, dn string) (bool, error) {
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
	_, err = n.directory.Import(ctx, n.operator(), rec, 0)
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
