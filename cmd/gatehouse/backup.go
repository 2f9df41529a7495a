package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"

	"github.com/spf13/cobra"

	"gatehouse/storage"
	"gatehouse/storage/kv"
)

const backupHelp = `Write the whole store, as it is at one moment, into one file with checksums. A running server goes on meanwhile.

What was written is verified while it is written; a file gets its name only when it is whole and on disk. Keep a copy of
DIR/tls and of the configuration with it: a backup holds neither.`

func newBackupCommand() *cobra.Command {
	var flags dataFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use: "backup --data DIR FILE|-", Short: "Save the store into a file", Long: backupHelp, Args: oneArgument("FILE or -"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			cfg, dir, err := flags.open()
			if err != nil {
				return err
			}
			o, err := openOperations(cmd.Context(), cfg, dir)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, o.close()) }()
			out, err := o.call(cmd.Context(), "backup", nil, nil)
			if err != nil {
				return err
			}
			defer out.Close()
			var info storage.BackupInfo
			err = writeOutput(cmd, args[0], func(w io.Writer) error {
				info, err = storage.ReadBackup(io.TeeReader(out, w), func(kv.Record) error { return nil })
				return err
			})
			if err != nil {
				return err
			}
			said := cmd.OutOrStdout()
			if args[0] == "-" {
				said = cmd.ErrOrStderr()
			}
			return printBackup(said, "saved", info, asJSON)
		},
	}
	flags.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func backupVerb(ctx context.Context, n *node, _ url.Values, _ io.Reader, out io.Writer) error {
	sn := n.store.Snapshot()
	defer sn.Close()
	_, err := sn.Backup(ctx, out)
	return err
}

func printBackup(w io.Writer, what string, info storage.BackupInfo, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(map[string]any{
			"csn": info.CSN, "keys": info.Keys, "digest": hex.EncodeToString(info.Digest[:]),
			"incarnation": hex.EncodeToString(info.Incarnation[:]),
		})
	}
	_, err := fmt.Fprintf(w, "%s the state at change %d: %d keys, SHA-256 %x\n", what, info.CSN, info.Keys, info.Digest)
	return err
}
