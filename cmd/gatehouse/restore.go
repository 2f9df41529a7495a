package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"gatehouse/storage"
)

const restoreHelp = `Make a data directory from a backup. DIR must have no store.

Everything is verified before the store gets its place; a restore that fails or is killed leaves nothing that opens. Copy the
saved DIR/tls before the first start, or the server makes a new CA that clients do not know yet.`

func newRestoreCommand() *cobra.Command {
	var flags dataFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use: "restore FILE|- --data DIR", Short: "Make a data directory from a backup", Long: restoreHelp,
		Args: oneArgument("FILE or -"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			cfg, dir, err := flags.open()
			if err != nil {
				return err
			}
			var in io.Reader = cmd.InOrStdin()
			if args[0] != "-" {
				f, err := os.Open(args[0])
				if err != nil {
					return err
				}
				defer f.Close()
				in = f
			}
			s, err := loadSchema(cfg)
			if err != nil {
				return err
			}
			lock, err := lockData(dir)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, lock.Close()) }()
			if has, err := dir.hasStore(); err != nil {
				return err
			} else if has {
				return fmt.Errorf("%s has a store already; restore into a new directory", dir)
			}
			info, err := storage.Restore(cmd.Context(), dir.store(), in, openDB(cfg, quiet()), storeOptions(dir, cfg, s, quiet()))
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			return printBackup(cmd.OutOrStdout(), "restored", info, asJSON)
		},
	}
	flags.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
