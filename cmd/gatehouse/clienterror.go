package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/directory"
)

var referenceInText = regexp.MustCompile(`\breference ([0-9a-f]{16})\b`)

// refusedError is a refusal by the policy.
type refusedError struct{ error }

// explain says in words what an answer of the server means, and for a refusal how to find out why.
func (c *client) explain(doing string, err error) error {
	answer, ok := errors.AsType[*ldap.Error](err)
	if !ok {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if answer.ResultCode == ldap.ErrorNetwork || answer.ResultCode > 0xff && answer.ResultCode < 0x1000 {
		return fmt.Errorf("%s: %w", doing, answer.Err)
	}
	text := ""
	if answer.Err != nil {
		text = answer.Err.Error()
	}
	code := directory.ResultCode(answer.ResultCode)
	m := referenceInText.FindStringSubmatch(text)
	switch {
	case m != nil:
		what := "the policy does not allow it"
		if code == directory.NoSuchObject {
			what = "no such entry, or one that the policy hides from you"
		}
		return refusedError{fmt.Errorf("%s: %s (%s, reference %s)%s", doing, what, code, m[1], c.howToExplain(m[1]))}
	case code == directory.EntryAlreadyExists && text == "":
		return fmt.Errorf("%s: there is such an entry already (%s)", doing, code)
	case code == directory.InvalidCredentials && text == "":
		return fmt.Errorf("%s: wrong name or password, or the account is locked or disabled (%s)", doing, code)
	case text == "":
		return fmt.Errorf("%s: %s", doing, code)
	}
	return fmt.Errorf("%s: %s (%s)", doing, printable(strings.TrimSpace(text)), code)
}

// explainAdd is explain for an entry of a kind that could not be added.
func (c *client) explainAdd(k *kind, dn string, err error) error {
	answer, ok := errors.AsType[*ldap.Error](err)
	err = c.explain("add "+printable(dn), err)
	if ok && answer.ResultCode == ldap.LDAPResultNoSuchObject {
		err = fmt.Errorf("%w\n--in DN names the entry that new ones are made below, where that is not %s,%s", err, k.container, printable(c.base))
	}
	return err
}

// howToExplain returns a line with the command that says why something was refused.
func (c *client) howToExplain(ref string) string {
	switch {
	case c.isLocal: // the references that a command has made end with it
		return "\nto see why, do it again while the server runs"
	case c.data != "":
		return "\nto see why: gatehouse policy explain --data " + shellQuote(c.data) + " --ref " + ref
	}
	return "\nto see why: gatehouse policy explain --ref " + ref + "    (on the server, with --data DIR)"
}

// isPolicyRefusal reports whether the policy has refused something.
func isPolicyRefusal(err error) bool {
	_, is := errors.AsType[refusedError](err)
	return is
}
