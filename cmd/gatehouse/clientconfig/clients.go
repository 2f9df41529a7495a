package clientconfig

import (
	"slices"
	"strings"
)

// Client is a program that this package knows.
type Client struct {
	Name     string // of the command and of the template
	Title    string
	Role     string // group below ou=roles that its account becomes a member of; "" if it needs no account
	Packages string // of Debian 12
}

// Roles of accounts: the groups below ou=roles.
const (
	roleHosts  = "sssd-hosts"
	roleLookup = "app-lookup"
)

// Clients lists all clients, hosts first.
func Clients() []Client {
	return []Client{
		{"sssd", "Linux hosts: users, groups, logins, sudo, autofs and SSH keys through SSSD", roleHosts, "sssd-ldap libnss-sss libpam-sss libsss-sudo"},
	}
}

// Find returns the client with a name.
func Find(name string) (Client, bool) {
	all := Clients()
	i := slices.IndexFunc(all, func(c Client) bool { return c.Name == name })
	if i < 0 {
		return Client{}, false
	}
	return all[i], true
}

// Near returns the names that somebody may have meant.
func Near(name string) []string {
	name = strings.ToLower(name)
	var near []string
	for _, c := range Clients() {
		if strings.Contains(name, c.Name) || len(name) > 1 && strings.Contains(c.Name, name) || distance(name, c.Name) <= max(1, len(c.Name)/3) {
			near = append(near, c.Name)
		}
	}
	return near
}

// distance counts the letters to add, take away or change to get from a to b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			above := row[j+1]
			row[j+1] = min(row[j]+1, above+1, diagonal+boolInt(a[i] != b[j]))
			diagonal = above
		}
	}
	return row[len(b)]
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
