package clientconfig

import (
	"slices"
	"strings"
)

// Client is a program that this package knows.
type Client struct {
	Name     string // of the command and of the template
	Title    string
	Role     string   // group below ou=roles that its account becomes a member of; "" if it needs no account
	Packages string   // of Debian 12; "" if it is none of them
	Modes    []string // ways to check a password, the default first
	Aliases  []string
}

// The ways in which clients check passwords, where there is a choice.
const (
	ModeSearch   = "search"   // look the user up with the account, then bind
	ModeSimple   = "simple"   // make the user's DN out of the name, and bind
	ModeBind     = "bind"     // saslauthd's word for search
	ModeFastbind = "fastbind" // saslauthd's word for simple
)

// Roles of accounts: the groups below ou=roles.
const (
	roleHosts  = "sssd-hosts"
	roleLookup = "app-lookup"
	roleUnix   = "unix-lookup"
)

// Clients lists all clients, hosts first.
func Clients() []Client { return clients }

var clients = []Client{
	{Name: "sssd", Title: "Linux hosts: users, groups, logins, sudo, autofs and SSH keys through SSSD",
		Role: roleHosts, Packages: "sssd-ldap libnss-sss libpam-sss libsss-sudo"},
	{Name: "nslcd", Title: "Linux hosts: users, groups and logins through nslcd", Role: roleHosts, Packages: "nslcd libnss-ldapd libpam-ldapd"},
	{Name: "sudo-ldap", Title: "sudo with rules of the directory, without SSSD", Role: roleHosts, Packages: "sudo-ldap", Aliases: []string{"sudo"}},
	{Name: "autofs", Title: "automount maps of the directory, without SSSD", Role: roleHosts, Packages: "autofs-ldap"},
	{Name: "ldap.conf", Title: "ldapsearch and whatever else uses the OpenLDAP library", Packages: "ldap-utils", Aliases: []string{"ldapconf", "openldap"}},

	{Name: "apache", Title: "Apache httpd: mod_authnz_ldap", Role: roleLookup, Packages: "apache2", Aliases: []string{"apache2", "httpd"}},
	{Name: "lighttpd", Title: "lighttpd: mod_authn_ldap", Role: roleLookup, Packages: "lighttpd lighttpd-modules-ldap"},
	{Name: "postgresql", Title: "PostgreSQL logins", Role: roleLookup, Packages: "postgresql-15",
		Modes: []string{ModeSearch, ModeSimple}, Aliases: []string{"postgres"}},
	{Name: "dovecot", Title: "Dovecot: logins and mailboxes", Role: roleUnix, Packages: "dovecot-ldap"},
	{Name: "postfix", Title: "Postfix: recipients, senders, groups as mailing lists", Role: roleLookup, Packages: "postfix-ldap"},
	{Name: "squid", Title: "Squid: logins and groups", Role: roleLookup, Packages: "squid"},
	{Name: "saslauthd", Title: "Cyrus SASL: saslauthd", Role: roleLookup, Packages: "sasl2-bin", Modes: []string{ModeBind, ModeFastbind}},
	{Name: "freeradius", Title: "FreeRADIUS: PAP, also inside of EAP-TTLS", Role: roleLookup, Packages: "freeradius-ldap", Aliases: []string{"radius"}},
	{Name: "proftpd", Title: "ProFTPD: mod_ldap", Role: roleUnix, Packages: "proftpd-mod-ldap"},
	{Name: "nginx", Title: "nginx: auth_request, with a small server that asks the directory", Role: roleLookup, Packages: "nginx python3-ldap"},
	{Name: "mariadb", Title: "MariaDB logins through PAM", Role: roleUnix, Packages: "mariadb-server nslcd libpam-ldapd", Aliases: []string{"mysql"}},
	{Name: "pam", Title: "PAM for any server, through nslcd", Role: roleUnix, Packages: "nslcd libpam-ldapd"},
	{Name: "php", Title: "PHP: a class that checks logins", Role: roleLookup, Packages: "php-ldap"},
	{Name: "java", Title: "Java: JNDI settings, and a class that checks logins", Role: roleLookup, Packages: "default-jre-headless", Aliases: []string{"jndi"}},
	{Name: "ldapscripts", Title: "ldapscripts: Unix users and groups from the shell", Role: roleUnix, Packages: "ldapscripts"},

	{Name: "keycloak", Title: "Keycloak: user federation", Role: roleLookup},
	{Name: "gitlab", Title: "GitLab", Role: roleLookup},
	{Name: "grafana", Title: "Grafana", Role: roleLookup},
	{Name: "nextcloud", Title: "Nextcloud: user_ldap", Role: roleLookup},
	{Name: "jenkins", Title: "Jenkins: ldap plugin, configuration as code", Role: roleLookup},
}

// Find returns the client with a name or another name of it.
func Find(name string) (Client, bool) {
	i := slices.IndexFunc(clients, func(c Client) bool { return c.Name == name || slices.Contains(c.Aliases, name) })
	if i < 0 {
		return Client{}, false
	}
	return clients[i], true
}

// Near returns the names that somebody may have meant.
func Near(name string) []string {
	name = strings.ToLower(name)
	var near []string
	for _, c := range clients {
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
