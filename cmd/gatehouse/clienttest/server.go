package clienttest

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// DataDir is where the server of a host keeps its data.
const DataDir = "/var/lib/gatehouse"

// ServerOptions say what a server holds. The zero value is what init makes.
type ServerOptions struct {
	LDIF   string   // what is imported
	Import []string // instead of LDIF: arguments of gatehouse import, with files of the host
	Policy []string // documents that are applied
	Config string   // the configuration, in YAML
}

// Server is the gatehouse of a host.
type Server struct {
	h      *Host
	daemon *Daemon
}

// Gatehouse makes a data directory, imports, and serves on ports 389 and 636 of ServerName and on the local socket. The CA is in CAFile.
func (h *Host) Gatehouse(o ServerOptions) *Server {
	h.t.Helper()
	h.WriteFile("/etc/gatehouse/gatehouse.yaml", o.Config, 0o600)
	h.WriteFile("/etc/gatehouse/admin.pw", AdminPassword+"\n", 0o600)
	h.Run("gatehouse", "init", "--data", DataDir, "--base", Base, "--admin-password-file", "/etc/gatehouse/admin.pw",
		"--tls-name", ServerName, "--tls-name", TapName, "--tls-name", HostName)
	imported := o.Import
	if o.LDIF != "" {
		imported = []string{"-"}
	}
	if len(imported) > 0 {
		args := append([]string{"gatehouse", "import", "--config", "/etc/gatehouse/gatehouse.yaml", "--data", DataDir}, imported...)
		if r := h.Exec(o.LDIF, args...); r.Exit != 0 {
			h.t.Fatal(r)
		}
	}
	h.WriteFile(CAFile, h.Run("gatehouse", "ca", "show", "--data", DataDir), 0o644)
	h.WriteFile("/root/.ldaprc", "URI ldapi://%2Frun%2Fgatehouse%2Fldapi\nBASE "+Base+"\nTLS_CACERT "+CAFile+"\n", 0o644)
	h.server = &Server{h: h}
	h.server.Start()
	for i, text := range o.Policy {
		name := "/etc/gatehouse/policy/" + strings.Repeat("i", i+1) + ".yaml"
		h.WriteFile(name, text, 0o644)
	}
	if len(o.Policy) > 0 {
		h.Run("gatehouse", "policy", "apply", "--data", DataDir, "/etc/gatehouse/policy")
	}
	return h.server
}

// Start serves, and returns when the server answers.
func (s *Server) Start() {
	s.h.t.Helper()
	s.h.Run("mkdir", "-p", "/run/gatehouse")
	s.daemon = s.h.Start("gatehouse", "gatehouse", "serve", "--config", "/etc/gatehouse/gatehouse.yaml", "--data", DataDir,
		"--listen", "ldap://127.0.0.1:389", "--listen", "ldaps://127.0.0.1:636", "--listen", "ldapi://%2Frun%2Fgatehouse%2Fldapi")
	s.h.Within(60*time.Second, "gatehouse serves", func() error {
		switch {
		case strings.Contains(s.daemon.Output(), "msg=serving"):
			return nil
		case !s.daemon.Running():
			s.h.t.Fatalf("gatehouse ended:\n%s", s.daemon.Output())
		}
		return errors.New("nothing yet")
	})
}

// Stop ends the server in its orderly way; Start serves again.
func (s *Server) Stop() { s.daemon.Stop() }

// Log returns what the server logged.
func (s *Server) Log() string { return s.daemon.Output() }

// Modify applies LDIF change records as the administrator of the directory.
func (h *Host) Modify(ldif string) {
	h.t.Helper()
	if r := h.Exec(ldif, "ldapmodify", "-Q", "-Y", "EXTERNAL"); r.Exit != 0 {
		h.t.Fatal(r)
	}
}

// ClientConfig installs what 'gatehouse client-config NAME' prints for the server of this host, with a service account made for it,
// and returns what the command said. Without --url among the flags the server is ldaps://ServerName.
func (h *Host) ClientConfig(name string, flags ...string) string {
	h.t.Helper()
	args := append([]string{"gatehouse", "client-config", name, "--data", DataDir, "--create-account", "--output-dir", "/"}, flags...)
	if !slices.Contains(flags, "--url") {
		args = append(args, "--url", "ldaps://"+ServerName)
	}
	return h.Run(args...)
}
