package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"

	"github.com/spf13/cobra"
)

const exportHelp = `Print the directory as LDIF: parents before children, operational attributes included, the same text for the same content.

Password hashes are part of it, because the text is meant to be loaded again: it is as secret as the directory itself. Only
root and the server's own user can run this.`

func newExportCommand() *cobra.Command {
	var flags dataFlags
	var base, filterText, file string
	cmd := &cobra.Command{
		Use: "export --data DIR", Short: "Print the directory as LDIF", Long: exportHelp, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			cfg, dir, err := flags.open()
			if err != nil {
				return err
			}
			o, err := openOperations(cmd.Context(), cfg, dir)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, o.close()) }()
			out, err := o.call(cmd.Context(), "export", url.Values{"base": {base}, "filter": {filterText}}, nil)
			if err != nil {
				return err
			}
			defer out.Close()
			return writeOutput(cmd, file, func(w io.Writer) error {
				_, err := io.Copy(w, out)
				return err
			})
		},
	}
	flags.register(cmd)
	cmd.Flags().StringVar(&base, "base", "", "only this entry and what is below it")
	cmd.Flags().StringVar(&filterText, "filter", "", "only entries that match this filter")
	cmd.Flags().StringVarP(&file, "output", "o", "-", "file to write, with mode 0600, instead of standard output")
	return cmd
}

func exportVerb(ctx context.Context, n *node, flags url.Values, _ io.Reader, out io.Writer) error {
	return n.export(ctx, out, flags.Get("base"), flags.Get("filter"))
}

// writeOutput writes to standard output ("-"), or to a file that gets its name only when it is whole and on disk.
func writeOutput(cmd *cobra.Command, name string, write func(io.Writer) error) (err error) {
	if name == "-" {
		w := bufio.NewWriterSize(cmd.OutOrStdout(), 256<<10)
		return errors.Join(write(w), w.Flush())
	}
	tmp := name + ".partial"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 256<<10)
	if err = write(w); err == nil {
		err = errors.Join(w.Flush(), f.Sync())
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(tmp, name)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, errors.Join(err, os.Remove(tmp)))
	}
	return nil
}
