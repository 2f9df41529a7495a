package foreign

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// glauthConfig is the part of GLAuth's configuration that says who there is.
type glauthConfig struct {
	Backend  glauthBackend   `toml:"backend"`
	Backends []glauthBackend `toml:"backends"`
	Users    []glauthUser    `toml:"users"`
	Groups   []glauthGroup   `toml:"groups"`
}

type glauthBackend struct {
	Datastore string `toml:"datastore"`
	BaseDN    string `toml:"basedn"`
}

type glauthUser struct {
	Name            string             `toml:"name"`
	OtherGroups     []int              `toml:"othergroups"`
	PassSHA256      string             `toml:"passsha256"`
	PassBcrypt      string             `toml:"passbcrypt"`
	PassAppSHA256   []string           `toml:"passappsha256"`
	PassAppBcrypt   []string           `toml:"passappbcrypt"`
	PassAppCustom   any                `toml:"passappcustom"`
	PrimaryGroup    int                `toml:"primarygroup"`
	UIDNumber       int                `toml:"uidnumber"`
	UnixID          int                `toml:"unixid"` // of old versions
	Mail            string             `toml:"mail"`
	LoginShell      string             `toml:"loginshell"`
	GivenName       string             `toml:"givenname"`
	SN              string             `toml:"sn"`
	Disabled        bool               `toml:"disabled"`
	SSHKeys         []string           `toml:"sshkeys"`
	OTPSecret       string             `toml:"otpsecret"`
	Yubikey         string             `toml:"yubikey"`
	HomeDir         string             `toml:"homedir"`
	Capabilities    []glauthCapability `toml:"capabilities"`
	CustomAttrs     any                `toml:"customattributes"`
	CustomAttrsOld  any                `toml:"customattrs"`
	PasswordIsClear string             `toml:"password"`
}

type glauthGroup struct {
	Name          string             `toml:"name"`
	GIDNumber     int                `toml:"gidnumber"`
	UnixID        int                `toml:"unixid"`
	IncludeGroups []int              `toml:"includegroups"`
	Capabilities  []glauthCapability `toml:"capabilities"`
}

type glauthCapability struct {
	Action string `toml:"action"`
	Object string `toml:"object"`
}

// glauthTree is what the entries of one configuration have in common.
type glauthTree struct {
	c       *converter
	name    string
	k       containers
	groups  map[int]*glauthGroup
	members map[int][]string // names of the users of each group
	users   []glauthUser
	userAt  []int // lines
	groupAt []int
}

// readGLAuth reads the configuration of GLAuth.
func (c *converter) readGLAuth(in []Input) error {
	text, err := readAll(in[0])
	if err != nil {
		return err
	}
	name := in[0].Name
	var cfg glauthConfig
	if err := decodeTOML(text, &cfg); err != nil {
		return tomlError(name, err)
	}
	for _, b := range append(cfg.Backends, cfg.Backend) {
		if b.BaseDN != "" && c.options.Base == "" {
			c.options.Base = b.BaseDN
		}
		if b.Datastore != "" && b.Datastore != "config" {
			c.report.note(ToDo, "backend "+b.Datastore, "its users are not in this file; export them from there", place{name, 1})
		}
	}
	if len(cfg.Users) == 0 && len(cfg.Groups) == 0 {
		return &Error{File: name, Reason: "the configuration has neither users nor groups ([[users]], [[groups]])"}
	}
	t := &glauthTree{c: c, name: name, groups: map[int]*glauthGroup{}, members: map[int][]string{}, users: cfg.Users,
		userAt: tomlTables(text, "users"), groupAt: tomlTables(text, "groups")}
	if t.k, err = c.containers(place{name, 1}); err != nil {
		return err
	}
	if err := t.check(cfg.Groups); err != nil {
		return err
	}
	for i := range cfg.Users {
		t.join(&cfg.Users[i])
	}
	for i := range cfg.Users {
		if err := t.user(&cfg.Users[i], t.at(t.userAt, i)); err != nil {
			return err
		}
	}
	for i := range cfg.Groups {
		if err := t.group(&cfg.Groups[i], t.at(t.groupAt, i)); err != nil {
			return err
		}
	}
	return nil
}

// errTOML is an error without a place.
var errTOML = errors.New("tables of one name do not fit together")

// decodeTOML decodes a configuration. The decoder panics on some wrong inputs, such as [[users.0]]; that is an error like others.
func decodeTOML(text string, cfg *glauthConfig) (err error) {
	defer func() {
		if recover() != nil {
			err = errTOML
		}
	}()
	return toml.Unmarshal([]byte(text), cfg)
}

func tomlError(name string, err error) error {
	if e, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, _ := e.Position()
		return place{name, line}.errorf("not the TOML of a GLAuth configuration: %s", clip(strings.TrimPrefix(e.Error(), "toml: ")))
	}
	return &Error{File: name, Reason: "not the TOML of a GLAuth configuration: " + clip(strings.TrimPrefix(err.Error(), "toml: "))}
}

// tomlTables returns the lines of [[name]].
func tomlTables(text, name string) (lines []int) {
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		inner, ok := strings.CutPrefix(line, "[[")
		inner, _, closed := strings.Cut(inner, "]]")
		if ok && closed && strings.Trim(strings.TrimSpace(inner), `"'`) == name {
			lines = append(lines, n)
		}
	}
	return lines
}

func (t *glauthTree) at(lines []int, i int) place {
	if i < len(lines) {
		return place{t.name, lines[i]}
	}
	return place{t.name, 1}
}

// check finds names and numbers that are missing or stand twice.
func (t *glauthTree) check(groups []glauthGroup) error {
	names := map[string]int{}
	for i, u := range t.users {
		at := t.at(t.userAt, i)
		if u.Name == "" {
			return at.errorf("the user has no name; give it one or remove it")
		}
		if before := names[strings.ToLower(u.Name)]; before > 0 {
			return at.errorf("user %s stands in line %d as well; remove one of them", clip(u.Name), before)
		}
		names[strings.ToLower(u.Name)] = at.line
	}
	clear(names)
	for i := range groups {
		g, at := &groups[i], t.at(t.groupAt, i)
		if g.GIDNumber == 0 {
			g.GIDNumber = g.UnixID
		}
		if g.Name == "" {
			return at.errorf("the group has no name; give it one or remove it")
		}
		if before := names[strings.ToLower(g.Name)]; before > 0 {
			return at.errorf("group %s stands in line %d as well; remove one of them", clip(g.Name), before)
		}
		names[strings.ToLower(g.Name)] = at.line
		if other := t.groups[g.GIDNumber]; other != nil {
			return at.errorf("groups %s and %s have the same gidnumber %d", clip(other.Name), clip(g.Name), g.GIDNumber)
		}
		t.groups[g.GIDNumber] = g
	}
	return nil
}

// join remembers the groups of a user, each once.
func (t *glauthTree) join(u *glauthUser) {
	seen := map[int]bool{}
	for _, g := range append([]int{u.PrimaryGroup}, u.OtherGroups...) {
		if !seen[g] {
			seen[g] = true
			t.members[g] = append(t.members[g], u.Name)
		}
	}
}

// group hands on a group with its members: those who name it, and the groups that it includes.
func (t *glauthTree) group(g *glauthGroup, at place) error {
	d := newDraft(childDN("cn", g.Name, t.k.groups), "top", "groupOfMembers")
	d.add("cn", g.Name)
	if g.GIDNumber > 0 {
		d.add("objectClass", "posixGroup")
		d.add("gidNumber", strconv.Itoa(g.GIDNumber))
	}
	for _, name := range t.members[g.GIDNumber] {
		d.add("member", childDN("uid", name, t.k.people))
	}
	included := map[int]bool{g.GIDNumber: true}
	for _, number := range g.IncludeGroups {
		other := t.groups[number]
		switch {
		case other == nil:
			t.c.report.note(LeftOut, "groups in includegroups that do not exist", "there is no group of that number", at)
		case !included[number]:
			d.add("member", childDN("cn", other.Name, t.k.groups))
		}
		included[number] = true
	}
	t.capabilities("group "+g.Name, g.Capabilities, at)
	return t.c.emit(at, d.rec)
}

// capabilities says what somebody was allowed to do. Rights are never given by an import.
func (t *glauthTree) capabilities(who string, list []glauthCapability, at place) {
	for _, x := range list {
		do := "rights are not imported; add a policy that allows it"
		if x.Action == "search" {
			do = "rights are not imported; for applications make it a member of cn=app-lookup,ou=roles," + t.c.options.Base
		}
		t.c.report.note(ToDo, fmt.Sprintf("%s may %s %s", who, x.Action, x.Object), do, at)
	}
}

// glauthHashes returns the hashes of a user in the form of userPassword.
func glauthHashes(u *glauthUser) (hashes []string, app, wrong int) {
	add := func(list []string, from func(string) (string, bool), isApp bool) {
		for _, text := range list {
			if text == "" {
				continue
			}
			if h, ok := from(strings.TrimSpace(text)); !ok {
				wrong++
			} else if !slices.Contains(hashes, h) {
				hashes = append(hashes, h)
				if isApp {
					app++
				}
			}
		}
	}
	add([]string{u.PassBcrypt}, fromHexBcrypt, false)
	add([]string{u.PassSHA256}, fromHexSHA256, false)
	add(u.PassAppBcrypt, fromHexBcrypt, true)
	add(u.PassAppSHA256, fromHexSHA256, true)
	return hashes, app, wrong
}

func fromHexSHA256(text string) (string, bool) {
	sum, err := hex.DecodeString(text)
	return "{SHA256}" + base64.StdEncoding.EncodeToString(sum), err == nil && len(sum) == 32
}

// fromHexBcrypt takes the hexadecimal digits of a bcrypt hash, or the hash itself.
func fromHexBcrypt(text string) (string, bool) {
	if raw, err := hex.DecodeString(text); err == nil {
		text = string(raw)
	}
	return "{CRYPT}" + text, strings.HasPrefix(text, "$2") && len(text) == 60 && isCryptHash(text)
}
