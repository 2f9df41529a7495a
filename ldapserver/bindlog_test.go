package ldapserver_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"gatehouse/ldapserver"
)

func TestRefusedBindIsLogged(t *testing.T) {
	t.Parallel()
	log := &logBuffer{}
	_, addr := start(t, ldapserver.Options{Backend: &stub{}, Log: slog.New(slog.NewTextHandler(log, nil))})
	nc := dial(t, addr)
	for i, b := range []struct{ dn, password, want string }{
		{"cn=a", "hunter2", `msg="bind refused" listener=ldap://127.0.0.1 peer=` + nc.LocalAddr().String() + ` dn="cn=a" code=49 result=invalidCredentials`},
		{"cn=b\nlevel=ERROR\x1b[2J\xff", "hunter2", `dn="cn=b\nlevel=ERROR\x1b[2J` + "\uFFFD" + `"`},
		{"cn=" + strings.Repeat("c", 1000), "hunter2", `dn="cn=` + strings.Repeat("c", 253) + `..."`},
	} {
		before := len(log.String())
		send(t, nc, bindRequest(int64(i+1), b.dn, b.password))
		readAnswer(t, nc)
		got := log.String()[before:]
		if !strings.Contains(got, b.want) || strings.Count(got, "\n") != 1 || strings.Contains(got, b.password) {
			t.Errorf("got %s\nwant %s", got, b.want)
		}
	}
	before := log.String()
	send(t, nc, bindRequest(9, "cn=a", "secret"), bindRequest(10, "", ""))
	readAnswer(t, nc)
	readAnswer(t, nc)
	if got := log.String(); got != before {
		t.Errorf("binds that succeed are logged: %s", got[len(before):])
	}
}

// TestRefusedBindsAreBounded: a flood of binds is a bounded number of lines, and none of them is lost without a count.
func TestRefusedBindsAreBounded(t *testing.T) {
	t.Parallel()
	log := &logBuffer{}
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	l := ldapserver.NewBindLogForTest(slog.New(slog.NewTextHandler(log, nil)), now)
	lines := func() int { return strings.Count(log.String(), "\n") }
	for i := range 500 {
		l.Refused(now, fmt.Sprint("cn=", i))
	}
	if got := lines(); got != 100 {
		t.Errorf("%d lines in one moment", got)
	}
	l.Tell(now)
	if got := lines(); got != 100 {
		t.Error("what was omitted is told where no line is left")
	}
	now = now.Add(1500 * time.Millisecond)
	l.Refused(now, "cn=next")
	if got := log.String(); lines() != 101 || !strings.HasSuffix(got, "dn=\"cn=next\" code=49 result=invalidCredentials omitted=400\n") {
		t.Errorf("after a second and a half: %s", got[strings.LastIndex(got[:len(got)-1], "\n")+1:])
	}
	l.Refused(now, "cn=again")
	now = now.Add(time.Second)
	l.Tell(now)
	l.Tell(now.Add(time.Hour))
	if got := log.String(); lines() != 102 || !strings.HasSuffix(got, "omitted=1\n") {
		t.Errorf("when the flood has ended: %s", got[strings.LastIndex(got[:len(got)-1], "\n")+1:])
	}
}
