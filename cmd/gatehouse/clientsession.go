package main

import (
	"cmp"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/clientconfig"
)

// clientSession is one run of client-config.
type clientSession struct {
	flags   *clientConfigFlags
	client  clientconfig.Client
	caller  *client // nil if nothing is asked of a server
	params  clientconfig.Params
	account *madeAccount
	applied bool // a policy was put in force, or would be

	// What the data directory knows of its server.
	addresses []string // URLs
	base      string
	ca        []byte // PEM; none if the certificate is not of the private CA
}

// session opens what the flags name.
func (f *clientConfigFlags) session(cmd *cobra.Command, c clientconfig.Client) (*clientSession, error) {
	s := &clientSession{flags: f, client: c}
	cfg, err := f.settings()
	if err != nil {
		return nil, err
	}
	switch {
	case cfg.Data == "" && (len(f.urls) == 0 || f.base == ""):
		return nil, usagef("which server? Give --data DIR, or --url and --base (and --ca-file, with a private CA)")
	case cfg.Data != "" || f.create:
		return s, s.open(cmd)
	}
	return s, nil
}

// end closes what was opened.
func (s *clientSession) end() error {
	if s.caller == nil {
		return nil
	}
	return s.caller.done()
}

// prepare finds out what the files say, and makes the account.
func (s *clientSession) prepare(cmd *cobra.Command) error {
	f := s.flags
	s.params = clientconfig.Params{Client: s.client, Base: f.base, Schema: f.schema, Mode: f.mode, Enumerate: f.enumerate}
	if err := s.findServer(); err != nil {
		return err
	}
	if s.params.BindDN = f.bindDN; f.bindDN == "" {
		s.params.BindDN = clientconfig.AccountDN(s.client, s.params.Base)
	}
	if s.params.Group = f.group; f.group != "" && !strings.Contains(f.group, "=") {
		s.params.Group = "cn=" + f.group + ",ou=groups," + s.params.Base
	}
	if f.bindPWFile != "" {
		clear, err := readPasswordFile(cmd, f.bindPWFile)
		if err != nil {
			return fmt.Errorf("--bind-password-file: %w", err)
		}
		s.params.Password = string(clear)
	}
	p := s.params
	p.Password = cmp.Or(p.Password, noPassword)
	if _, err := clientconfig.Render(&p); err != nil { // before anything is made
		return err
	}
	if f.create && s.params.NeedsAccount() {
		if err := s.makeAccount(); err != nil {
			return err
		}
	}
	if err := s.settlePassword(cmd.Context()); err != nil {
		return err
	}
	s.params.Password = cmp.Or(s.params.Password, noPassword)
	return nil
}

// findServer takes addresses, base and CA from the flags, else from the data directory.
func (s *clientSession) findServer() error {
	f, p := s.flags, &s.params
	if p.Base == "" {
		p.Base = s.base
	}
	addresses := f.urls
	if len(addresses) == 0 {
		if addresses = s.addresses; len(addresses) == 0 {
			return usagef("the server listens neither on ldaps:// nor on ldap://: give --url")
		}
	}
	for _, text := range addresses {
		server, err := clientconfig.ParseServer(text)
		if err != nil {
			return &usageError{err}
		}
		p.Servers = append(p.Servers, server)
	}
	p.CA = s.ca
	if f.caFile != "" {
		if _, err := readCertificate(f.caFile); err != nil {
			return fmt.Errorf("--ca-file: %w", err)
		}
		var err error
		if p.CA, err = os.ReadFile(f.caFile); err != nil {
			return err
		}
	}
	return nil
}

// clientReport is what --json prints.
type clientReport struct {
	Client  string       `json:"client"`
	Servers []string     `json:"servers"`
	Base    string       `json:"base"`
	BindDN  string       `json:"bindDN,omitempty"`
	Role    string       `json:"role,omitempty"`
	Account *madeAccount `json:"account,omitempty"`
	Policy  bool         `json:"policyApplied,omitempty"`
	DryRun  bool         `json:"dryRun,omitempty"`
	Files   []clientFile `json:"files"`
}

type clientFile struct {
	Path    string `json:"path"`
	Mode    string `json:"mode"` // octal
	Owner   string `json:"owner"`
	Content string `json:"content"`
}

func (s *clientSession) report(f *clientConfigFlags, files []clientconfig.File) *clientReport {
	r := &clientReport{Client: s.client.Name, Base: s.params.Base, Account: s.account, Policy: s.applied, DryRun: f.dryRun}
	for _, server := range s.params.Servers {
		r.Servers = append(r.Servers, server.URI())
	}
	if s.params.NeedsAccount() {
		r.BindDN, r.Role = s.params.BindDN, "cn="+s.client.Role+",ou=roles,"+s.params.Base
	}
	for _, file := range files {
		r.Files = append(r.Files, clientFile{Path: file.Path, Mode: fmt.Sprintf("%04o", file.Mode), Owner: file.Owner, Content: string(file.Content)})
	}
	return r
}
