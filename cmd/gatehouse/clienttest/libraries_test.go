package clienttest

import (
	"strings"
	"testing"
)

// TestPHP checks logins with the printed class.
func TestPHP(t *testing.T) {
	t.Parallel()
	h := NewHost(t)
	h.Gatehouse(ServerOptions{LDIF: everybody})
	const code = `require 'Gatehouse/Login.php';
$person = (new Gatehouse\Login())->check($argv[1], $argv[2]);
if ($person !== null) { echo $person['dn'], ' ', implode(',', $person['mail']), "\n"; }
exit($person === null ? 3 : 0);`
	login := func(user, password string) (bool, string) {
		t.Helper()
		r := h.Exec("", "php", "-d", "display_errors=stderr", "-r", code, "--", user, password)
		if r.Exit != 0 && r.Exit != 3 || r.Exit == 0 && !strings.Contains(r.Stdout, "uid="+user+",ou=people,"+Base+" "+user+"@example.com") {
			t.Errorf("%s", r)
		}
		return r.Exit == 0, r.String()
	}
	h.ClientConfig("php")
	try(t, append(attempts(false), attempt{"alice", "", false}, attempt{"", "", false}), login)
	h.ClientConfig("php", append(withStartTLS, "--group", "kernel")...)
	try(t, []attempt{{"alice", "alice-Secret-1", true}, {"bob", "bob-Secret-1", false}}, login)
	h.WriteFile("/etc/gatehouse/ca.pem", h.ReadFile("/etc/ssl/certs/ISRG_Root_X1.pem"), 0o644)
	if r := h.Exec("", "php", "-r", code, "--", "alice", "alice-Secret-1"); r.Exit == 0 || r.Exit == 3 {
		t.Errorf("with the CA of somebody else: %s", r)
	}
}

// TestJava checks logins with the printed class, over ldaps:// and with StartTLS.
func TestJava(t *testing.T) {
	t.Parallel()
	h := NewHost(t)
	h.Gatehouse(ServerOptions{LDIF: everybody})
	login := func(user, password string) (bool, string) {
		t.Helper()
		r := h.Exec(password+"\n", "java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", "/tmp/java", "Login", user)
		if strings.Contains(r.Stderr, "Exception") || r.Exit == 0 && strings.TrimSpace(r.Stdout) != "uid="+user+",ou=people,"+Base {
			t.Errorf("%s", r)
		}
		return r.Exit == 0, r.String()
	}
	h.ClientConfig("java")
	h.Run("ecj", "-17", "-proc:none", "-d", "/tmp/java", "/usr/local/share/gatehouse/Login.java")
	try(t, append(attempts(false), attempt{"alice", "", false}), login)
	h.ClientConfig("java", append(withStartTLS, "--group", "kernel")...)
	try(t, []attempt{{"alice", "alice-Secret-1", true}, {"alice", "wrong", false}, {"bob", "bob-Secret-1", false}}, login)
	h.WriteFile("/etc/gatehouse/ca.pem", h.ReadFile("/etc/ssl/certs/ISRG_Root_X1.pem"), 0o644)
	if r := h.Exec("alice-Secret-1\n", "java", "-cp", "/tmp/java", "Login", "alice"); !strings.Contains(r.Stderr, "PKIX") {
		t.Errorf("with the CA of somebody else: %s", r)
	}
}

// TestCurl reads over ldaps://, where curl 7.88 waits for ever when an entry and the end of its search come in one TLS record.
func TestCurl(t *testing.T) {
	t.Parallel()
	h := NewHost(t)
	h.Gatehouse(ServerOptions{LDIF: everybody})
	for filter, count := range map[string]int{"(uid=alice)": 1, "(uid=nobody-here)": 0} {
		r := h.Exec("", "curl", "-sk", "--max-time", "30", "-u", Admin+":"+AdminPassword, "ldaps://127.0.0.1/"+Base+"?uid?sub?"+filter)
		if got := strings.Count(r.Stdout, "DN: uid="); r.Exit != 0 || got != count {
			t.Errorf("%s: %d entries, want %d: %s", filter, got, count, r)
		}
	}
}
