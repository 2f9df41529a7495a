package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"gatehouse/directory/password"
)

const passwdHelp = `Hash a password and print the value for userPassword.

The password is asked for twice on a terminal, or read from standard input, where one line break at its end is not part of
it. Costs are those of the configuration.`

func newPasswdCommand() *cobra.Command {
	var flags dataFlags
	var scheme string
	cmd := &cobra.Command{
		Use: "passwd [-]", Short: "Hash a password", Long: passwdHelp,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 || len(args) == 1 && args[0] != "-" {
				return usagef("a password on the command line could be read by everybody on the machine: give none, or - for standard input")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			clear, err := askPassword(cmd, len(args) == 1)
			if err != nil {
				return err
			}
			value, err := hashPassword(cmd.Context(), &flags, scheme, clear)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s\n", value)
			return err
		},
	}
	flags.registerConfig(cmd)
	cmd.Flags().StringVar(&scheme, "scheme", "", "argon2id, bcrypt or ssha512; the configuration's by default")
	return cmd
}

func hashPassword(ctx context.Context, flags *dataFlags, scheme string, clear []byte) ([]byte, error) {
	cfg, err := flags.settings()
	if err != nil {
		return nil, err
	}
	switch scheme {
	case "":
	case string(password.Argon2id), string(password.Bcrypt):
		cfg.Password.Scheme = scheme
	case "ssha512":
		return password.HashCheap(clear)
	default:
		return nil, usagef("--scheme %q is not argon2id, bcrypt or ssha512", scheme)
	}
	hasher, err := password.New(passwordOptions(cfg))
	if err != nil {
		return nil, err
	}
	return hashWith(ctx, hasher, clear)
}

// hashWith makes one hash outside of a server.
func hashWith(ctx context.Context, h *password.Hasher, clear []byte) ([]byte, error) {
	slot, err := h.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer slot.Release()
	return slot.Hash(clear)
}

// askPassword reads a password from standard input, or asks for it twice on the terminal.
func askPassword(cmd *cobra.Command, fromInput bool) ([]byte, error) {
	in, isFile := cmd.InOrStdin().(*os.File)
	if fromInput || !isFile || !term.IsTerminal(int(in.Fd())) {
		return readPassword(cmd.InOrStdin())
	}
	var given [2]string
	for i, prompt := range []string{"Password: ", "The same again: "} {
		line, err := promptSecret(cmd, in, prompt)
		if err != nil {
			return nil, err
		}
		given[i] = string(line)
	}
	switch {
	case given[0] != given[1]:
		return nil, errors.New("the two passwords are not the same")
	case given[0] == "":
		return nil, password.ErrEmpty
	}
	return []byte(given[0]), nil
}

// promptSecret reads a line of a terminal that does not show it. The signal that ends the command ends the question too, and the
// terminal shows what is typed again.
func promptSecret(cmd *cobra.Command, in *os.File, prompt string) ([]byte, error) {
	fd := int(in.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return nil, fmt.Errorf("read the password: %w", err)
	}
	fmt.Fprint(cmd.ErrOrStderr(), prompt)
	defer fmt.Fprintln(cmd.ErrOrStderr())
	type answer struct {
		line []byte
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		line, err := term.ReadPassword(fd)
		answers <- answer{line, err}
	}()
	select {
	case a := <-answers:
		if a.err != nil {
			return nil, fmt.Errorf("read the password: %w", a.err)
		}
		return a.line, nil
	case <-cmd.Context().Done():
		return nil, errors.Join(cmd.Context().Err(), term.Restore(fd, before))
	}
}

// readPassword reads one password: everything up to the first line break.
func readPassword(r io.Reader) ([]byte, error) {
	line, err := bufio.NewReader(io.LimitReader(r, 2*password.MaxPasswordBytes)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the password: %w", err)
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return nil, password.ErrEmpty
	}
	return []byte(line), nil
}

// readNewPassword is readPasswordFile for a password that is made: on a terminal it is asked for twice.
func readNewPassword(cmd *cobra.Command, name string) ([]byte, error) {
	if name == "-" {
		return askPassword(cmd, false)
	}
	return readPasswordFile(cmd, name)
}

// readPasswordFile is readPassword from a file, or from standard input for "-". A terminal asks, and does not show what is typed.
func readPasswordFile(cmd *cobra.Command, name string) ([]byte, error) {
	if in, isFile := cmd.InOrStdin().(*os.File); name == "-" && isFile && term.IsTerminal(int(in.Fd())) {
		return promptSecret(cmd, in, "Password: ")
	}
	if name == "-" {
		return readPassword(cmd.InOrStdin())
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	clear, err := readPassword(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return clear, nil
}
