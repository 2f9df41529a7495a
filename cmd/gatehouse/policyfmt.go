package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"gatehouse/acl/bundle"
)

const policyFmtHelp = `Lay policy files out in the one canonical way, and print them. Comments stay. Without a name, or with -, standard input is read.
JSON stays JSON.

With -w the files are written back. With -l or --check the files that are laid out differently are listed and nothing is written;
with --check the exit code is 1 if there is one.

Exit codes: 0 done; 1 --check found a file, or it did not work; 2 the command was called in a wrong way.`

func newPolicyFmtCommand() *cobra.Command {
	var write, list, check bool
	cmd := &cobra.Command{
		Use: "fmt [DIR|FILE|-]...", Short: "Lay policy files out", Long: policyFmtHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			if write && check {
				return usagef("-w and --check do not go together")
			}
			if len(args) == 0 {
				args = []string{"-"}
			}
			f := formatter{out: cmd.OutOrStdout(), write: write, list: list || check}
			for _, arg := range args {
				if err := f.format(cmd, arg); err != nil {
					return err
				}
			}
			if check && f.differ {
				return errProblems
			}
			return nil
		},
	}
	cmd.Flags().BoolVarP(&write, "write", "w", false, "write the files back")
	cmd.Flags().BoolVarP(&list, "list", "l", false, "list files that are laid out differently")
	cmd.Flags().BoolVar(&check, "check", false, "list files that are laid out differently, and exit with 1 if there is one")
	return cmd
}

// formatter lays files out.
type formatter struct {
	out         io.Writer
	write, list bool
	differ      bool // a file was laid out differently
}

func (f *formatter) format(cmd *cobra.Command, path string) error {
	if path == "-" {
		if f.write {
			return usagef("-w writes files back; standard input is none")
		}
		text, err := io.ReadAll(cmd.InOrStdin())
		if err != nil {
			return err
		}
		name := "standard input"
		if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
			name += ".json" // so it is read as such
		}
		return f.one(bundle.Source{Name: name, Text: text})
	}
	sources, err := bundle.ReadSources(path)
	if err != nil {
		return err
	}
	var errs []error
	for _, s := range sources {
		errs = append(errs, f.one(s))
	}
	return errors.Join(errs...)
}

func (f *formatter) one(s bundle.Source) error {
	laid, err := bundle.Format(s)
	if problems, is := errors.AsType[bundle.Problems](err); is {
		return problems // they name the file
	} else if err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	same := bytes.Equal(laid, s.Text)
	f.differ = f.differ || !same
	if f.list && !same {
		fmt.Fprintln(f.out, s.Name)
	}
	switch {
	case f.write && !same:
		return replaceFile(s.Name, laid)
	case f.write || f.list:
		return nil
	default:
		_, err := f.out.Write(laid)
		return err
	}
}

// replaceFile writes a file anew beside the old one and puts it in its place, with the same mode.
func replaceFile(name string, text []byte) error {
	name, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".policy-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(info.Mode()), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}
