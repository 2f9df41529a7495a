package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/cmd/gatehouse/clientconfig"
)

// noPassword stands where a file needs a password that nobody has said.
const noPassword = "REPLACE-WITH-THE-PASSWORD"

// earlierPassword finds the password in the files that are there already, so that writing them once more keeps it: in the line that
// would hold it, with everything else as it would be now.
func (s *clientSession) earlierPassword() (string, error) {
	p := s.params
	p.Password = noPassword
	files, err := clientconfig.Render(&p)
	if err != nil {
		return "", err
	}
	for _, f := range files {
		there, err := os.ReadFile(filepath.Join(s.flags.outputDir, f.Path))
		if err != nil {
			continue // it is not there, or not for the caller
		}
		for line := range strings.Lines(string(f.Content)) {
			if strings.Count(line, noPassword) != 1 || strings.TrimSpace(line) == noPassword {
				continue
			}
			before, after, _ := strings.Cut(strings.TrimRight(line, "\n"), noPassword)
			m := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(before) + `([A-Za-z0-9]+)` + regexp.QuoteMeta(after) + `$`).FindSubmatch(there)
			if m != nil {
				return string(m[1]), nil
			}
		}
		if trimmed := strings.TrimSpace(string(f.Content)); trimmed == noPassword && regexp.MustCompile(`^[A-Za-z0-9]+\s*$`).Match(there) {
			return strings.TrimSpace(string(there)), nil
		}
	}
	return "", nil
}

// verifyPassword binds as the account on a connection of its own.
func (s *clientSession) verifyPassword(ctx context.Context) error {
	conn, err := s.caller.plain(ctx)
	if err != nil {
		return err
	}
	err = conn.Bind(s.params.BindDN, s.params.Password)
	if ldap.IsErrorWithCode(err, ldap.LDAPResultInvalidCredentials) {
		err = fmt.Errorf("%s does not log in with this password; --new-password gives the account a new one", s.params.BindDN)
	}
	return errors.Join(err, conn.Close())
}

// settlePassword decides about the password of an account that was not made now.
func (s *clientSession) settlePassword(ctx context.Context) error {
	if !s.params.NeedsAccount() || s.flags.dryRun {
		return nil
	}
	if s.params.Password == "" && s.flags.outputDir != "" {
		var err error
		if s.params.Password, err = s.earlierPassword(); err != nil {
			return err
		}
		if s.params.Password == "" {
			return usagef("what is the password of %s? Give --bind-password-file%s", s.params.BindDN,
				map[bool]string{true: ", or --new-password", false: ", or --create-account"}[s.flags.create])
		}
	}
	if s.params.Password != "" && s.flags.create {
		return s.verifyPassword(ctx)
	}
	return nil
}
