package foreign

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// unixUser is one line of passwd(5) with its line of shadow(5).
type unixUser struct {
	at                 place
	name               string
	hash               string // of passwd, "x" for shadow
	uid, gid           int
	gecos, home, shell string
	shadow             *unixShadow
}

// unixGroup is one line of group(5).
type unixGroup struct {
	at      place
	name    string
	gid     int
	members []string
}

// unixShadow is one line of shadow(5); numbers are as written.
type unixShadow struct {
	at     place
	hash   string
	fields []string // from the last change on: last, min, max, warn, inactive, expire, flag
}

// unixFiles is what the files of one import hold.
type unixFiles struct {
	users      []*unixUser
	groups     []*unixGroup
	shadows    map[string]*unixShadow
	hasShadow  bool
	byName     map[string]*unixUser
	groupNames map[string]*unixGroup
}

// readPasswd reads passwd, group and shadow files, in any order.
func (c *converter) readPasswd(in []Input) error {
	u := &unixFiles{shadows: map[string]*unixShadow{}, byName: map[string]*unixUser{}, groupNames: map[string]*unixGroup{}}
	for _, input := range in {
		text, err := readAll(input)
		if err != nil {
			return err
		}
		switch kind := unixFile(input.Name, text); kind {
		case "passwd":
			err = c.eachLine(input.Name, text, 7, func(at place, f []string) error { return c.passwdLine(u, at, f) })
		case "group":
			err = c.eachLine(input.Name, text, 4, func(at place, f []string) error { return c.groupLine(u, at, f) })
		case "shadow":
			u.hasShadow = true
			err = c.eachLine(input.Name, text, 9, func(at place, f []string) error { return shadowOf(u, at, f) })
		case "gshadow":
			c.report.note(Skipped, "the file "+input.Name, "passwords and administrators of groups have no place in a directory", place{input.Name, 1})
		default:
			err = &Error{File: input.Name, Line: 1, Reason: "this is not a passwd, group or shadow file; name it so, or give the right --format"}
		}
		if err != nil {
			return err
		}
	}
	at := place{in[0].Name, 1}
	if len(u.users) == 0 && len(u.groups) == 0 {
		return &Error{File: in[0].Name, Reason: "no users and no groups; the passwd file is needed"}
	}
	k, err := c.containers(at)
	if err != nil {
		return err
	}
	return c.unixEntries(u, k)
}

// eachLine calls f with the fields of each line that is not empty and no comment.
func (c *converter) eachLine(name, text string, fields int, f func(at place, fields []string) error) error {
	n := 0
	for line := range strings.Lines(text) {
		n++
		at := place{name, n}
		line = strings.TrimRight(line, "\r\n")
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if line[0] == '+' || line[0] == '-' {
			c.report.note(Skipped, "lines of NIS", "they stand for entries of another service", at)
			continue
		}
		if !utf8.ValidString(line) || strings.ContainsFunc(line, unicode.IsControl) {
			return at.errorf("the line is not UTF-8 text; convert the file: iconv -f ISO-8859-1 -t UTF-8")
		}
		parts := strings.Split(line, ":")
		if len(parts) != fields {
			return at.errorf("the line has %d fields, want %d; mend or remove it", len(parts), fields)
		}
		if parts[0] == "" {
			return at.errorf("the line has no name in its first field; mend or remove it")
		}
		if err := f(at, parts); err != nil {
			return err
		}
	}
	return nil
}

func (c *converter) passwdLine(u *unixFiles, at place, f []string) error {
	user := &unixUser{at: at, name: f[0], hash: f[1], gecos: f[4], home: f[5], shell: f[6]}
	var ok bool
	if user.uid, ok = decimal(f[2]); !ok {
		return at.errorf("user %s: the third field is not a number; mend or remove the line", user.name)
	}
	if user.gid, ok = decimal(f[3]); !ok {
		return at.errorf("user %s: the fourth field is not a number; mend or remove the line", user.name)
	}
	if before := u.byName[user.name]; before != nil {
		return at.errorf("user %s stands in line %d of %s as well; remove one of them", user.name, before.at.line, before.at.file)
	}
	u.byName[user.name] = user
	u.users = append(u.users, user)
	return nil
}

func (c *converter) groupLine(u *unixFiles, at place, f []string) error {
	g := &unixGroup{at: at, name: f[0]}
	var ok bool
	if g.gid, ok = decimal(f[2]); !ok {
		return at.errorf("group %s: the third field is not a number; mend or remove the line", g.name)
	}
	if before := u.groupNames[g.name]; before != nil {
		return at.errorf("group %s stands in line %d of %s as well; remove one of them", g.name, before.at.line, before.at.file)
	}
	seen := map[string]bool{"": true}
	for m := range strings.SplitSeq(f[3], ",") {
		if m = strings.TrimSpace(m); !seen[m] {
			seen[m] = true
			g.members = append(g.members, m)
		}
	}
	u.groupNames[g.name] = g
	u.groups = append(u.groups, g)
	return nil
}

func shadowOf(u *unixFiles, at place, f []string) error {
	s := &unixShadow{at: at, hash: f[1], fields: f[2:]}
	for i, number := range s.fields {
		if _, ok := decimal(number); !ok && number != "" && number != "-1" {
			return at.errorf("user %s: field %d is not a number; mend or remove the line", f[0], i+3)
		}
	}
	if before := u.shadows[f[0]]; before != nil {
		return at.errorf("user %s stands in line %d of %s as well; remove one of them", f[0], before.at.line, before.at.file)
	}
	u.shadows[f[0]] = s
	return nil
}

// unixEntries hands on the users in the range of numbers, and the groups that they need.
func (c *converter) unixEntries(u *unixFiles, k containers) error {
	o := &c.options
	taken, primary, numbers := map[string]bool{}, map[int]bool{}, map[int]*unixUser{}
	for _, user := range u.users {
		if user.uid < o.UIDMin || user.uid > o.UIDMax {
			c.report.note(Skipped, fmt.Sprintf("users with a number outside of %d to %d", o.UIDMin, o.UIDMax),
				"accounts of the system belong to each host; --uid-min and --uid-max set the range", user.at)
			continue
		}
		if before := numbers[user.uid]; before != nil {
			c.report.note(ToDo, fmt.Sprintf("users %s and %s", before.name, user.name), fmt.Sprintf("both have the number %d; hosts take them for the same user", user.uid), user.at)
		}
		numbers[user.uid] = user
		taken[user.name], primary[user.gid] = true, true
		user.shadow = u.shadows[user.name]
		if err := c.unixUser(u, user, k); err != nil {
			return err
		}
	}
	for _, g := range u.groups {
		if (g.gid < o.UIDMin || g.gid > o.UIDMax) && !primary[g.gid] {
			c.report.note(Skipped, fmt.Sprintf("groups with a number outside of %d to %d", o.UIDMin, o.UIDMax),
				"groups of the system belong to each host; --uid-min and --uid-max set the range", g.at)
			if i := slices.IndexFunc(g.members, func(m string) bool { return taken[m] }); i >= 0 {
				c.report.note(ToDo, "members of the system's group "+g.name, "the group is not taken; keep it on the hosts, or make one with another number", g.at)
			}
			continue
		}
		if err := c.unixGroup(g, taken, k); err != nil {
			return err
		}
	}
	return nil
}

func (c *converter) unixGroup(g *unixGroup, taken map[string]bool, k containers) error {
	d := newDraft(childDN("cn", g.name, k.groups), "top", "groupOfMembers", "posixGroup")
	d.add("cn", g.name)
	d.add("gidNumber", strconv.Itoa(g.gid))
	for _, m := range g.members {
		if taken[m] {
			d.add("member", childDN("uid", m, k.people))
			continue
		}
		d.add("memberUid", m)
		c.report.note(Changed, "members of groups who are not imported", "they are kept by name alone, as memberUid", g.at)
	}
	return c.emit(g.at, d.rec)
}
