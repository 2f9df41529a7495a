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
	"github.com/spf13/pflag"
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
		SilenceErrors: true, SilenceUsage: true, Version: programVersion(),
	}
	root.SetVersionTemplate(versionLine())
	root.SetFlagErrorFunc(flagMistake)
	root.AddCommand(
		newServeCommand(), newInitCommand(), newImportCommand(), newExportCommand(), newCheckCommand(), newBackupCommand(),
		newRestoreCommand(), newRecoverCommand(), newPolicyCommand(), newCACommand(), newPasswdCommand(), newClientConfigCommand(), newVersionCommand(), newManCommand(),
		newUserCommand(), newGroupCommand(), newAppCommand(), newHostCommand(),
	)
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		askForCommand(cmd)
	}
	return root
}

// askForCommand makes a command that others stand below print its help, and refuse a word that is none of them: a script must not
// take the help for what it asked for.
func askForCommand(cmd *cobra.Command) {
	if !cmd.HasSubCommands() {
		return
	}
	cmd.Args, cmd.RunE = oneOfItsCommands, func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	for _, below := range cmd.Commands() {
		askForCommand(below)
	}
}

func oneOfItsCommands(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	names := make([]string, 0, len(cmd.Commands()))
	for _, below := range cmd.Commands() {
		names = append(names, below.Name())
	}
	return usagef("unknown command %q for %q%s", args[0], cmd.CommandPath(), didYouMean(args[0], "", names))
}

// flagMistake adds the flag that an unknown one was most likely meant to be.
func flagMistake(cmd *cobra.Command, err error) error {
	unknown, is := errors.AsType[*pflag.NotExistError](err)
	if !is || unknown.GetSpecifiedShortnames() != "" {
		return err
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return fmt.Errorf("%w%s", err, didYouMean(unknown.GetSpecifiedName(), "--", names))
}

// didYouMean returns `; did you mean x?` with the name that is nearest to a word, nothing if none is near.
func didYouMean(word, prefix string, names []string) string {
	best, at := "", len(word)/3+2
	for _, name := range names {
		d := distance(word, name)
		if len(word) > 2 && strings.HasPrefix(name, word) {
			d = 1
		}
		if d < at {
			best, at = name, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + prefix + best + "?"
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
