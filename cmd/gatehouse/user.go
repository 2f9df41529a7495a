package main

import "github.com/spf13/cobra"

const userHelp = `Make, change, show, list and delete users.

A user is named by uid, by mail address or by DN. A name that fits several entries is refused with a list of them.

  gatehouse user add alice --name "Alice Archer" --mail alice@example.com --group staff
  gatehouse user show alice
  gatehouse user set alice --shell /bin/zsh --ssh-key alice.pub
  gatehouse user passwd alice --must-change
  gatehouse user disable alice
  gatehouse user ls --group staff
` + connectHelp

func newUserCommand() *cobra.Command {
	f := new(clientFlags)
	cmd := newKindCommand("user", "Make, change, show, list and delete users", userHelp, f)
	cmd.AddCommand(
		newUserAddCommand(f), newUserSetCommand(f), newShowCommand(userKind, f), newLsCommand(userKind, f),
		newDisableCommand(userKind, f), newEnableCommand(userKind, f), newUnlockCommand(userKind, f),
		newAccountPasswdCommand(userKind, f), newRenameCommand(userKind, f), newRmCommand(userKind, f),
	)
	return cmd
}

// newKindCommand makes the command that those of a kind stand below.
func newKindCommand(use, short, long string, f *clientFlags) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Long: long}
	f.registerClient(cmd)
	return cmd
}
