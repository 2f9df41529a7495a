package clienttest

import "strings"

// UseNSS makes the host ask a source ("sss", "ldap") after its own files, for users and everything else, and log in through its PAM
// modules, as the Debian packages do when they are installed. The host has rules for new passwords of its own, those of libpam-pwquality.
func (h *Host) UseNSS(source string) {
	h.t.Helper()
	var conf strings.Builder
	for _, database := range []string{"passwd", "group", "shadow", "hosts", "networks", "protocols", "services", "rpc", "netgroup", "automount", "sudoers"} {
		conf.WriteString(database + ": files " + source + "\n")
	}
	h.WriteFile("/etc/nsswitch.conf", conf.String(), 0o644)
	other := map[string]string{"sss": "ldap", "ldap": "sss"}[source]
	h.Run("env", "DEBIAN_FRONTEND=noninteractive", "pam-auth-update", "--enable", source, "--disable", other)
	h.Run("sed", "-i", "s/pam_unix.so nullok/& nodelay/", "/etc/pam.d/common-auth") // a test need not discourage guessers
	h.WriteFile("/etc/pam.d/test", "@include common-auth\n@include common-account\n@include common-password\n@include common-session\n", 0o644)
}

// Login logs a user in through PAM: what he would type, one answer a line; the account is checked too.
func (h *Host) Login(user string, answers ...string) Result {
	h.t.Helper()
	return h.Exec(strings.Join(answers, "\n")+"\n", "pamtester", "test", user, "authenticate", "acct_mgmt")
}

// Passwd changes a password through PAM as the user himself: the answers are the old one and twice the new one.
func (h *Host) Passwd(user string, answers ...string) Result {
	h.t.Helper()
	return h.Exec(strings.Join(answers, "\n")+"\n", "runuser", "-u", user, "--", "pamtester", "test", user, "chauthtok")
}
