package clienttest

import (
	"strings"
	"testing"
)

// startPostgreSQL makes a host with PostgreSQL, which has roles for everybody who tries.
func startPostgreSQL(t *testing.T, flags ...string) *Host {
	t.Helper()
	h := NewHost(t)
	h.Gatehouse(ServerOptions{LDIF: everybody})
	h.ClientConfig("postgresql", flags...)
	h.selfSigned()
	h.ShowOnFailure("/var/log/postgresql/*.log")
	h.Run("pg_ctlcluster", "15", "main", "start")
	for _, role := range []string{"alice", "bob", "carol", "olaf", "pat", "nobody-here", "*", "a*", "alice)(uid=*"} {
		h.Run("runuser", "-u", "postgres", "--", "createuser", "--", role)
	}
	return h
}

// psql logs in over TLS, or over the local socket if there is no host.
func (h *Host) psql(where ...string) func(user, password string) (bool, string) {
	return func(user, password string) (bool, string) {
		h.t.Helper()
		r := h.Exec("", append([]string{"env", "PGPASSWORD=" + password, "psql", "-d", "postgres", "-Atc", "select current_user", "-U", user}, where...)...)
		return r.Exit == 0 && strings.TrimSpace(r.Stdout) == user, r.Stderr
	}
}

// TestPostgreSQL logs in with search and bind, over ldaps:// and with ldaptls.
func TestPostgreSQL(t *testing.T) {
	t.Parallel()
	for name, flags := range map[string][]string{"ldaps": nil, "ldaptls": withStartTLS} {
		t.Run(name, func(t *testing.T) {
			h := startPostgreSQL(t, flags...)
			try(t, attempts(false), h.psql("-h", "127.0.0.1"))
			try(t, attempts(false)[:5], h.psql())
			if ok, said := h.psql("-h", "127.0.0.1", "-d", "sslmode=disable dbname=postgres")("alice", "alice-Secret-1"); ok {
				t.Errorf("without TLS: %s", said)
			}
			h.Run("gatehouse", "user", "disable", "bob", "--data", DataDir)
			try(t, []attempt{{"bob", "bob-Secret-1", false}, {"alice", "alice-Secret-1", true}}, h.psql("-h", "127.0.0.1"))
		})
	}
}

// TestPostgreSQLGroup lets only members of a group in.
func TestPostgreSQLGroup(t *testing.T) {
	t.Parallel()
	h := startPostgreSQL(t, "--group", "developers")
	try(t, ofGroup(), h.psql("-h", "127.0.0.1"))
}

// TestPostgreSQLSimple makes the DN out of the name, without an account.
func TestPostgreSQLSimple(t *testing.T) {
	t.Parallel()
	h := startPostgreSQL(t, "--mode", "simple")
	try(t, attempts(false), h.psql("-h", "127.0.0.1"))
	if hba := h.ReadFile("/etc/postgresql/15/main/pg_hba.conf"); strings.Contains(hba, "ldapbindpasswd") {
		t.Errorf("a simple bind needs no account:\n%s", hba)
	}
}
