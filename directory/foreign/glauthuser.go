package foreign

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// passwordsMax is how many passwords of one entry a bind tries.
const passwordsMax = 8

// user hands on the entry of a user.
func (t *glauthTree) user(u *glauthUser, at place) error {
	note := t.c.report.note
	d := person(childDN("uid", u.Name, t.k.people), u.Name, strings.TrimSpace(u.GivenName+" "+u.SN), u.SN)
	d.add("givenName", u.GivenName)
	d.add("mail", u.Mail)
	if u.UIDNumber == 0 {
		u.UIDNumber = u.UnixID
	}
	if u.UIDNumber > 0 {
		t.posix(u, d, at)
	}
	if len(u.SSHKeys) > 0 {
		d.add("objectClass", "ldapPublicKey")
		for _, key := range u.SSHKeys {
			if key = strings.TrimSpace(key); key != "" {
				d.addOnce("sshPublicKey", key)
			}
		}
	}
	t.passwords(u, d, at)
	if u.Disabled {
		d.add("nsAccountLock", "TRUE")
		note(Changed, "users that are disabled", "the account is disabled (nsAccountLock)", at)
	}
	for _, g := range append([]int{u.PrimaryGroup}, u.OtherGroups...) {
		if g != 0 && t.groups[g] == nil {
			note(LeftOut, "memberships in groups that do not exist", "no group has that gidnumber", at)
		}
	}
	for _, custom := range []any{u.CustomAttrs, u.CustomAttrsOld} {
		t.custom(custom, d, at)
	}
	t.c.dropFurther(d, at)
	t.capabilities("user "+u.Name, u.Capabilities, at)
	return t.c.emit(at, d.rec)
}

func (t *glauthTree) posix(u *glauthUser, d draft, at place) {
	d.add("objectClass", "posixAccount")
	d.add("uidNumber", strconv.Itoa(u.UIDNumber))
	gid := u.PrimaryGroup
	if gid == 0 {
		gid = u.UIDNumber
		t.c.report.note(Changed, "users without a primary group", "their gidNumber is their uidNumber", at)
	}
	d.add("gidNumber", strconv.Itoa(gid))
	if u.HomeDir == "" {
		u.HomeDir = "/home/" + u.Name // what GLAuth answers
	}
	d.add("homeDirectory", u.HomeDir)
	if u.LoginShell == "" {
		u.LoginShell = "/bin/bash"
	}
	d.add("loginShell", u.LoginShell)
}

// passwords takes over the hashes, and says what was asked beside them.
func (t *glauthTree) passwords(u *glauthUser, d draft, at place) {
	note := t.c.report.note
	hashes, app, wrong := glauthHashes(u)
	if len(hashes) > passwordsMax {
		hashes = hashes[:passwordsMax]
		note(LeftOut, "application passwords beyond the eighth password", "a bind tries no more", at)
	}
	d.add("userPassword", hashes...)
	if app > 0 {
		note(Changed, "application passwords", "they are further passwords of the user", at)
	}
	if wrong > 0 {
		note(LeftOut, "passwords that are not hexadecimal SHA-256 or bcrypt", "set a new password", at)
	}
	if u.PasswordIsClear != "" || u.PassAppCustom != nil {
		note(LeftOut, "passwords of another kind", "only passsha256, passbcrypt and those of applications are read; set a new password", at)
	}
	if len(hashes) == 0 {
		note(ToDo, "users without a password", "nobody can log in as them until a password is set", at)
	}
	if u.OTPSecret != "" || u.Yubikey != "" {
		note(ToDo, "second factors (otpsecret, yubikey)", "they are not imported, and the password alone lets the user in", at)
	}
}

// custom takes over attributes that the schema knows and the entry may have.
func (t *glauthTree) custom(custom any, d draft, at place) {
	var tables []map[string]any
	switch x := custom.(type) {
	case map[string]any:
		tables = []map[string]any{x}
	case []any:
		for _, item := range x {
			if m, ok := item.(map[string]any); ok {
				tables = append(tables, m)
			}
		}
	}
	for _, table := range tables {
		names := make([]string, 0, len(table))
		for name := range table {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			t.customValues(name, table[name], d, at)
		}
	}
}

func (t *glauthTree) customValues(name string, value any, d draft, at place) {
	if !t.c.mayAdd(d, name) {
		t.c.report.note(LeftOut, "custom attribute "+name, "the schema does not have it for a person", at)
		return
	}
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	for _, v := range list {
		switch v.(type) {
		case string, int64, bool, float64:
			d.addOnce(name, fmt.Sprint(v))
		default:
			t.c.report.note(LeftOut, "custom attribute "+name, "its value is not a text", at)
		}
	}
}
