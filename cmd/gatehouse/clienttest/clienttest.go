// Package clienttest runs the programs that log people in through LDAP - SSSD, nslcd, sudo, Apache, PostgreSQL and the others -
// against the built gatehouse, each on a Linux host of its own.
//
// A host is a set of namespaces (mount, PID, UTS, IPC, network) over a Debian 12 root that testdata/hosts/root.sh makes once; it sees
// the root through an overlay in memory, so that whatever its programs do to /etc is gone with it, and so are all its processes.
// Nothing of this is installed on the machine itself.
//
//	func TestMain(m *testing.M) { clienttest.Main(m) }
//
//	h := clienttest.NewHost(t)
//	h.Gatehouse(clienttest.ServerOptions{LDIF: people})
//	h.ClientConfig("sssd", "--create-account")
//	h.Start("sssd", "sssd", "-i")
//	h.Eventually("alice is known", func() error { _, err := h.Try("getent", "passwd", "alice"); return err })
//
// The tests need root, and the root of the hosts. Where they cannot run they skip with the reason, unless TEST_HOSTS=require
// (what 'make clients' sets): then the reason is a failure. TEST_HOSTS=off skips them.
package clienttest

import (
	"fmt"
	"os"
	"testing"
)

// Names that hosts know.
const (
	Base          = "dc=example,dc=com"
	Admin         = "cn=admin," + Base
	AdminPassword = "administrator of the tests 42"
	HostName      = "client.example.com"
	ServerName    = "ldap.example.com" // 127.0.0.1
	TapName       = "tap.example.com"  // 127.0.0.2, for a relay in between that records
	CAFile        = "/etc/ssl/certs/gatehouse-ca.pem"
)

// Main is the TestMain of a package that uses hosts: the test binary is also the first process of each host, and the only
// process that a host begins with.
func Main(m *testing.M) {
	if os.Getenv(initVariable) != "" {
		if err := runInit(); err != nil {
			fmt.Fprintln(os.Stderr, "host:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	removeBinary()
	os.Exit(code)
}
