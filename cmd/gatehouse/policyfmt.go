package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"gatehouse/acl/bundle"
)

const policyFmtHelp = `Lay policy files out in the one canonical way. Comments stay. - reads standard input.

With -w the files are written back; with --check nothing is written, the files that are laid out differently are listed, and the
exit code is 1 if there is one.`

func newPolicyFmtCommand() *cobra.Command {
	var write, check bool
	cmd := &cobra.Command{
		Use: "fmt DIR|FILE|-", Short: "Lay policy files out", Long: policyFmtHelp, Args: oneBundle,
		RunE: func(cmd *cobra.Command, args []string) error {
			if write && check {
				return usagef("-w and --check do not go together")
			}
			if args[0] == "-" {
				text, err := io.ReadAll(cmd.InOrStdin())
				if err != nil {
					return err
				}
				laid, err := bundle.Format(bundle.Source{Name: "standard input", Text: text})
				if err != nil {
					return err
				}
				_, err = cmd.OutOrStdout().Write(laid)
				return err
			}
			return formatFiles(cmd, args[0], write, check)
		},
	}
	cmd.Flags().BoolVarP(&write, "write", "w", false, "write the files back")
	cmd.Flags().BoolVar(&check, "check", false, "list files that are laid out differently")
	return cmd
}

func formatFiles(cmd *cobra.Command, path string, write, check bool) error {
	sources, err := bundle.ReadSources(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	differ := false
	for _, s := range sources {
		laid, err := bundle.Format(s)
		if err != nil {
			return err
		}
		same := bytes.Equal(laid, s.Text)
		differ = differ || !same
		switch {
		case check && !same:
			fmt.Fprintln(cmd.OutOrStdout(), s.Name)
		case check:
		case !write:
			if _, err := cmd.OutOrStdout().Write(laid); err != nil {
				return err
			}
		case !same:
			file := path
			if info.IsDir() {
				file = filepath.Join(path, filepath.Base(s.Name))
			}
			if err := replaceFile(file, laid); err != nil {
				return err
			}
		}
	}
	if check && differ {
		return errProblems
	}
	return nil
}

// replaceFile writes a file anew beside the old one and puts it in its place, with the same mode.
func replaceFile(name string, text []byte) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".policy-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Chmod(info.Mode())
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
