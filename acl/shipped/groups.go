package shipped

// Group is one of the groups below ou=roles that the shipped policies give a role to. Whoever becomes a member has the role; the policy
// is not edited for it.
type Group struct {
	Name        string // the value of cn
	Description string
}

// Groups returns the groups of the ready-made roles. A new directory has each of them, empty.
func Groups() []Group {
	return []Group{
		{"app-lookup", "Applications that look people and groups up"},
		{"unix-lookup", "Servers that look Unix accounts up: mail stores, FTP servers, PAM"},
		{"sssd-hosts", "Linux hosts: SSSD, nslcd, sudo and autofs"},
		{"helpdesk", "The helpdesk: resets passwords of people, and unlocks them"},
		{"hr", "HR: makes the entries of people and maintains them"},
		{"branch-admins", "Administrators of all people below ou=people; see the policy branch-admins for one branch"},
		{"auditors", "Auditors: read everything but secrets, and change nothing"},
		{"replicas", "Servers that keep a copy of the directory, secrets included"},
	}
}
