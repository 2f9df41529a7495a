package foreign

import (
	"strconv"
	"strings"
	"unicode"
)

// unixUser hands on the entry of a user.
func (c *converter) unixUser(u *unixFiles, user *unixUser, k containers) error {
	room, work, home := gecosRest(user.gecos)
	full := gecosName(user.gecos, user.name)
	d := person(childDN("uid", user.name, k.people), user.name, full, "")
	d.add("objectClass", "posixAccount")
	d.add("uidNumber", strconv.Itoa(user.uid))
	d.add("gidNumber", strconv.Itoa(user.gid))
	if user.home == "" {
		user.home = "/"
		c.report.note(Changed, "users without a home directory", "posixAccount requires one; they have / now, as login(1) takes it", user.at)
	}
	d.add("homeDirectory", user.home)
	d.add("loginShell", user.shell)
	if isASCII(user.gecos) {
		d.add("gecos", user.gecos)
	} else {
		c.report.note(Changed, "gecos outside of ASCII", "the attribute holds ASCII alone; the name is kept in cn", user.at)
	}
	d.add("roomNumber", room)
	d.add("telephoneNumber", work)
	d.add("homePhone", home)
	c.unixPassword(u, user, d)
	if user.shadow != nil {
		c.aging(user.shadow, d)
	}
	return c.emit(user.at, d.rec)
}

// unixPassword takes over the hash, or says that there is none.
func (c *converter) unixPassword(u *unixFiles, user *unixUser, d draft) {
	hash, at := user.hash, user.at
	if user.shadow != nil {
		hash, at = user.shadow.hash, user.shadow.at
	} else if hash == "x" || strings.HasPrefix(hash, "##") {
		why := "the passwd file holds no passwords; give the shadow file too"
		if u.hasShadow {
			why = "the shadow file has no line for them; set a password"
		}
		c.report.note(LeftOut, "passwords of users without a line in a shadow file", why, at)
		return
	}
	locked := strings.HasPrefix(hash, "!")
	hash = strings.TrimLeft(hash, "!")
	hash = strings.TrimPrefix(hash, "*LK*")
	switch {
	case hash == "" && locked, hash == "*", hash == "x", hash == "NP":
		c.report.note(Changed, "users without a password", "nobody can log in as them until a password is set", at)
		return
	case hash == "":
		c.report.note(Changed, "users with an empty password", "everybody could log in as them; they have no password now", at)
		return
	case !isCryptHash(hash):
		c.report.note(LeftOut, "passwords in a form that is not crypt(3)'s", "set a new password", at)
		return
	}
	d.add("userPassword", "{CRYPT}"+hash)
	if locked {
		d.add("nsAccountLock", "TRUE")
		c.report.note(Changed, "users locked with an exclamation mark", "the hash is kept and the account is disabled (nsAccountLock)", at)
	}
}

// isCryptHash reports whether s has the form of a hash of crypt(3): $METHOD$..., or the 13 characters of DES.
func isCryptHash(s string) bool {
	if strings.HasPrefix(s, "$") {
		return strings.Count(s, "$") >= 3 && !strings.ContainsFunc(s, unicode.IsSpace)
	}
	const digits = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	return len(s) == 13 && strings.Trim(s, digits) == ""
}

// agingAttributes are the numbers of a line of shadow(5) behind the hash.
var agingAttributes = []string{"shadowLastChange", "shadowMin", "shadowMax", "shadowWarning", "shadowInactive", "shadowExpire", "shadowFlag"}

// aging takes over the dates of a line of shadow(5).
func (c *converter) aging(s *unixShadow, d draft) {
	any := false
	for i, attr := range agingAttributes {
		if s.fields[i] != "" {
			d.add(attr, s.fields[i])
			any = true
		}
	}
	if any {
		d.add("objectClass", "shadowAccount")
	}
	if s.fields[0] == "0" && d.get("userPassword") != nil {
		d.add("pwdReset", "TRUE")
		c.report.note(Changed, "passwords that must be changed at the next login", "the last change on day 0 is kept, and pwdReset says the same", s.at)
	}
}

// gecosName returns the full name of a gecos field: its first part, in which & stands for the login name.
func gecosName(gecos, login string) string {
	name, _, _ := strings.Cut(gecos, ",")
	if strings.Contains(name, "&") && login != "" {
		name = strings.ReplaceAll(name, "&", strings.ToUpper(login[:1])+login[1:])
	}
	return strings.TrimSpace(name)
}

// gecosRest returns room, office telephone and home telephone, those of them that look so.
func gecosRest(gecos string) (room, work, home string) {
	parts := strings.Split(gecos, ",")
	part := func(i int) string {
		if i < len(parts) {
			return strings.TrimSpace(parts[i])
		}
		return ""
	}
	phone := func(s string) string {
		if !strings.ContainsAny(s, "0123456789") || strings.Trim(s, "0123456789+-/ ().") != "" {
			return ""
		}
		return s
	}
	return part(1), phone(part(2)), phone(part(3))
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}
