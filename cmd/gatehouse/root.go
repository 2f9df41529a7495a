package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// The exit codes, as the help of the root command lists them.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

const rootHelp = `Gatehouse is an LDAP directory server.

Commands with --data work whether or not a server is running on that directory: without one they open the store, with one
they do the same through its control socket, DIR/control.sock, which root and the server's own user may use.

Settings come from, weakest first: defaults, DIR/gatehouse.yaml, the file of --config (or GATEHOUSE_CONFIG), GATEHOUSE_
variables, flags.

Exit codes:
  0  done
  1  it did not work, or a problem was found
  2  the command was called in a wrong way`

// usageError is a mistake in how a command was called.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// errProblems ends a command that did its work and has printed what it found.
var errProblems = errors.New("problems were found")

// run runs one command line and returns the exit code.
func run(args []string) int {
	// The first signal ends the command in an orderly way, a second one at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	root := newRootCommand()
	started := false
	root.PersistentPreRun = func(*cobra.Command, []string) { started = true }
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	if errors.Is(err, errProblems) {
		return exitFailure
	}
	// What fails before a command starts is a mistake in how it was called.
	if _, is := errors.AsType[*usageError](err); is || !started {
		fmt.Fprintf(os.Stderr, "gatehouse: %v\nRun '%s --help'.\n", err, cmd.CommandPath())
		return exitUsage
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
	}
	fmt.Fprintf(os.Stderr, "gatehouse: %s\n", strings.ReplaceAll(err.Error(), "\n", "\n  "))
	return exitFailure
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use: "gatehouse", Short: "An LDAP directory server", Long: rootHelp,
		SilenceErrors: true, SilenceUsage: true,
	}
	root.AddCommand(
		newServeCommand(), newInitCommand(), newImportCommand(), newExportCommand(), newCheckCommand(), newBackupCommand(),
		newRestoreCommand(), newRecoverCommand(), newPolicyCommand(), newCACommand(), newPasswdCommand(), newClientConfigCommand(), newVersionCommand(), newManCommand(),
		newUserCommand(), newGroupCommand(), newAppCommand(), newHostCommand(),
	)
	return root
}

// noArguments is cobra.NoArgs with a hint at flags, which is what a stray word most often was meant to be.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no arguments, and got %q", cmd.CommandPath(), args)
	}
	return nil
}

// oneArgument asks for exactly one argument, called what.
func oneArgument(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usagef("%s takes one argument, %s; it got %d", cmd.CommandPath(), what, len(args))
		}
		return nil
	}
}
