package clienttest

import (
	"errors"
	"strings"
	"syscall"
	"testing"
)

// password is what everybody's password is in the test data.
func password(user string) string { return user + "-Secret-1" }

// mayLogin fails the test unless a login succeeds and prints the texts.
func mayLogin(t *testing.T, h *Host, user, with string, texts ...string) {
	t.Helper()
	r := h.Login(user, with)
	if r.Exit != 0 {
		t.Errorf("%s cannot log in: %s", user, r)
	}
	wants(t, r.Stdout+r.Stderr, texts...)
}

// mayNotLogin fails the test unless a login is refused.
func mayNotLogin(t *testing.T, h *Host, user, with string) {
	t.Helper()
	if r := h.Login(user, with); r.Exit == 0 || !strings.Contains(r.Stderr, "Authentication failure") {
		t.Errorf("the login of %s with %q: %s", user, with, r)
	}
}

// TestSSSDLogin logs people in through PAM whose accounts are in every state.
func TestSSSDLogin(t *testing.T) {
	t.Parallel()
	h := NewHost(t)
	server := h.Gatehouse(ServerOptions{LDIF: People + "\n" + Accounts})
	sssd := startSSSD(h)
	t.Run("right and wrong", func(t *testing.T) {
		h := h.For(t)
		mayLogin(t, h, "carol", password("carol"))
		mayNotLogin(t, h, "carol", "wrong")
		mayNotLogin(t, h, "locked", password("locked"))
		mayNotLogin(t, h, "disabled", password("disabled"))
		mayNotLogin(t, h, "disabled", "wrong")
	})
	t.Run("a disabled account has no keys' way in", func(t *testing.T) {
		h := h.For(t)
		if r := h.Exec("", "pamtester", "test", "disabled", "acct_mgmt"); r.Exit == 0 {
			t.Errorf("the account of disabled is good: %s", r)
		}
		if r := h.Exec("", "pamtester", "test", "carol", "acct_mgmt"); r.Exit != 0 {
			t.Errorf("the account of carol is not good: %s", r)
		}
	})
	t.Run("locked after five failures", func(t *testing.T) {
		h := h.For(t)
		for range 5 {
			mayNotLogin(t, h, "guessed", "wrong")
		}
		mayNotLogin(t, h, "guessed", password("guessed"))
	})
	t.Run("expiry warning", func(t *testing.T) {
		h.For(t).Modify("dn: uid=warned,ou=people," + Base + "\nchangetype: modify\nreplace: userPassword\nuserPassword: " + password("warned") + "\n")
		mayLogin(t, h.For(t), "warned", password("warned"), "Your password will expire in 23 hour(s).")
	})
	t.Run("grace logins", func(t *testing.T) {
		mayLogin(t, h.For(t), "graced", password("graced"), "Your password has expired. You have 2 grace login(s) remaining.")
		mayLogin(t, h.For(t), "graced", password("graced"), "Your password has expired. You have 1 grace login(s) remaining.")
	})
	for _, user := range []string{"expired", "mustchange"} {
		t.Run(user, func(t *testing.T) {
			h := h.For(t)
			r := h.Login(user, password(user))
			wants(t, r.Stdout+r.Stderr, "Password expired. Change your password now.")
			if r.Exit == 0 {
				t.Errorf("%s gets in: %s", user, r)
			}
			const next = "correct horse battery 9"
			if r := h.Exec(password(user)+"\n"+password(user)+"\n"+next+"\n"+next+"\n", "pamtester", "test", user, "authenticate",
				"chauthtok(PAM_CHANGE_EXPIRED_AUTHTOK)"); r.Exit != 0 {
				t.Errorf("%s cannot change the password: %s", user, r)
			}
			mayLogin(t, h, user, next)
			mayNotLogin(t, h, user, password(user))
		})
	}
	t.Run("password change", func(t *testing.T) { changePassword(t, h.For(t)) })
	t.Run("offline", func(t *testing.T) {
		h := h.For(t)
		mayLogin(t, h, "carol", password("carol"))
		server.Stop()
		mayLogin(t, h, "carol", password("carol"))
		mayNotLogin(t, h, "carol", "wrong")
		if r := h.Login("warned2", "never was here"); r.Exit == 0 {
			t.Errorf("somebody without a cached password gets in: %s", r)
		}
		h.Run("id", "carol")
		server.Start()
		sssd.Signal(syscall.SIGUSR2) // a network is there again
		h.Eventually("SSSD is online again", func() error {
			if r := h.Exec("", "getent", "passwd", "warned"); r.Exit != 0 {
				return errors.New(r.String())
			}
			if r := h.Login("bob", password("bob")); r.Exit != 0 { // whom no cache knows
				return errors.New(r.String())
			}
			return nil
		})
	})
}

// changePassword: what is refused, with the reason, and what is done.
func changePassword(t *testing.T, h *Host) {
	const next, short = "a much longer Secret 7", "xY7-qW3zK" // which the host takes and the directory does not
	if r := h.Passwd("alice", "wrong", next, next); r.Exit == 0 {
		t.Errorf("alice changes the password with a wrong one: %s", r)
	}
	r := h.Passwd("alice", password("alice"), short, short)
	if r.Exit == 0 {
		t.Errorf("a password of %d characters is taken: %s", len(short), r)
	}
	wants(t, r.Stdout+r.Stderr, "12") // the rule that refused says its number
	mayLogin(t, h, "alice", password("alice"))
	if r := h.Passwd("alice", password("alice"), next, next); r.Exit != 0 {
		t.Errorf("alice cannot change the password: %s", r)
	}
	mayLogin(t, h, "alice", next)
	mayNotLogin(t, h, "alice", password("alice"))
	if r := h.Passwd("alice", next, password("alice"), password("alice")); r.Exit == 0 {
		t.Errorf("a password of the history is taken: %s", r)
	}
}
