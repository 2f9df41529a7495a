package foreign

import (
	"strings"
)

// What is said of access rules.
const whyAccess = "access is decided by policies, which are not made of these rules; write what it allows as a policy ('gatehouse policy --help', " +
	"docs/policy.md), or make those whom it lets read members of a ready-made role below ou=roles"

// globalSettings are the settings of cn=config.
var globalSettings = map[string]finding{
	"olcsizelimit":               {read: takeSize},
	"olctimelimit":               {read: takeTime},
	"olcaccess":                  {NotTaken, whyAccess, false, nil},
	"olcidletimeout":             {NotTaken, "set 'server: idle-timeout'", false, nil},
	"olcpasswordhash":            {NotTaken, "new passwords are hashed with 'password: scheme' (argon2id); old hashes are verified as they are", false, nil},
	"olcpasswordcryptsaltformat": {BuiltIn, "old hashes are verified as they are", false, nil},
	"olctlscertificatefile":      {NotTaken, "set 'tls: certificate'; without it the server makes its own", false, nil},
	"olctlscertificatekeyfile":   {NotTaken, "set 'tls: key'", false, nil},
	"olctlscacertificatefile":    {NotTaken, "set 'tls: client-ca' if clients show certificates", false, nil},
	"olctlscacertificatepath":    {NotTaken, "set 'tls: client-ca' if clients show certificates", false, nil},
	"olctlsverifyclient":         {NotTaken, "set 'tls: client-auth'", false, nil},
	"olctlsciphersuite":          {BuiltIn, "ciphers are those of TLS 1.2 and 1.3 that are safe", false, nil},
	"olctlsprotocolmin":          {NotTaken, "set 'tls: min-version'", false, nil},
	"olcauthzregexp":             {NotTaken, "map proved identities with 'identity-map'", false, nil},
	"olcauthidrewrite":           {NotTaken, "map proved identities with 'identity-map'", false, nil},
	"olcauthzpolicy":             {NotTaken, "proxy authorization is decided by policies", false, nil},
	"olcsaslsecprops":            {NotTaken, "the server has no SASL layers; TLS protects connections", false, nil},
	"olcsaslhost":                {NotTaken, "the server has no SASL mechanism that needs it", false, nil},
	"olcsaslrealm":               {NotTaken, "the server has no SASL mechanism that needs it", false, nil},
	"olcloglevel":                {NotTaken, "set 'log: level'", false, nil},
	"olcserverid":                {NotTaken, "it counts among several writing servers", false, nil},
	"olcdisallows":               {NotTaken, "whether anonymous clients may read is decided by policies; by default they may not", false, nil},
	"olcrequires":                {NotTaken, "what must be proved or protected is decided by policies", false, nil},
	"olcallows":                  {NotTaken, "LDAP version 2 and the like are not spoken", false, nil},
	"olcsecurity":                {BuiltIn, "a password over a connection without TLS is refused; policies ask for more", false, nil},
	"olcreferral":                {NotTaken, "the server refers to no other one for names that it does not have", false, nil},
	"olcreadonly":                {NotTaken, "write a policy that denies changes", false, nil},
	"olcrootdse":                 {NotTaken, "the root DSE says what the server does", false, nil},
}

// databaseSettings are the settings of a database.
var databaseSettings = map[string]finding{
	"olcsizelimit":     {read: takeSize},
	"olctimelimit":     {read: takeTime},
	"olclimits":        {read: takeLimits},
	"olcdbindex":       {read: takeIndex},
	"olcaccess":        {NotTaken, whyAccess, false, nil},
	"olcrootdn":        {NotTaken, "the administrator is the one of 'gatehouse init' (cn=admin below the base), or whom a policy names", false, nil},
	"olcrootpw":        {NotTaken, "the administrator's password is that of 'gatehouse init'", true, nil},
	"olcsyncrepl":      {NotTaken, "the server does not follow another one", true, nil},
	"olcmirrormode":    {NotTaken, "the server does not follow another one", false, nil},
	"olcmultiprovider": {NotTaken, "the server does not follow another one", false, nil},
	"olcupdateref":     {NotTaken, "the server refers to no other one", false, nil},
	"olcupdatedn":      {NotTaken, "the server does not follow another one", false, nil},
	"olcreadonly":      {NotTaken, "write a policy that denies changes", false, nil},
	"olcrestrict":      {NotTaken, "write a policy that denies the operations", false, nil},
	"olcrequires":      {NotTaken, "what must be proved or protected is decided by policies", false, nil},
	"olcsecurity":      {BuiltIn, "a password over a connection without TLS is refused; policies ask for more", false, nil},
	"olcsubordinate":   {NotTaken, "all naming contexts are in one store; import the data of each", false, nil},
	"olclastbind":      {BuiltIn, "the last successful bind is recorded (pwdLastSuccess)", false, nil},
	"olcextraattrs":    {NotTaken, "the server has no such setting", false, nil},
}

// overlay reads the settings of an overlay.
func (s *slapdReader) overlay(d draft, at place) {
	name := withoutOrder(d.first("olcOverlay"))
	switch name {
	case "ppolicy":
		s.passwordPolicy(d, at)
	case "memberof":
		s.item(BuiltIn, d, at, "overlay memberof", "memberOf is computed from the groups when it is read")
	case "refint":
		s.item(BuiltIn, d, at, "overlay refint ("+clip(strings.Join(s.texts(d, "olcRefintAttribute"), " "))+")",
			"values of reference attributes follow a rename, and those that name a deleted entry are removed")
	case "unique":
		s.unique(d, at)
	case "syncprov":
		s.item(BuiltIn, d, at, "overlay syncprov", "content synchronization is served to members of cn=replicas,ou=roles")
	case "lastbind":
		s.item(BuiltIn, d, at, "overlay lastbind", "the last successful bind is recorded (pwdLastSuccess)")
	case "sssvlv":
		s.item(BuiltIn, d, at, "overlay sssvlv", "server-side sorting is built in; virtual list views are not served")
	case "deref", "pbind":
		s.item(BuiltIn, d, at, "overlay "+name, "it is built in")
	case "dynlist", "dyngroup", "autogroup":
		s.item(NotTaken, d, at, "overlay "+name, "groups with memberURL are dynamic groups for policies; their members are not listed in an attribute")
	case "accesslog", "auditlog":
		s.item(NotTaken, d, at, "overlay "+name, "the log names who changed what; see docs/operations.md")
	default:
		s.item(NotTaken, d, at, "overlay "+clip(name), "the server has none; see what needs it")
	}
}

func (s *slapdReader) texts(d draft, attr string) (list []string) {
	for _, v := range d.values(attr) {
		list = append(list, withoutOrder(string(v)))
	}
	return list
}

// passwordPolicy reads the overlay ppolicy.
func (s *slapdReader) passwordPolicy(d draft, at place) {
	if policy := d.first("olcPPolicyDefault"); policy != "" {
		if s.out.DefaultPolicy == "" {
			s.out.DefaultPolicy = policy
			s.item(Taken, d, at, "olcPPolicyDefault: "+clip(policy), "it is the password policy of everybody who has no other")
		} else {
			s.item(NotTaken, d, at, "olcPPolicyDefault: "+clip(policy), "there is one default; name this policy in gatehousePwdSubtree of its entry")
		}
	}
	for attr, why := range map[string]string{
		"olcPPolicyHashCleartext": "clear passwords are always hashed",
		"olcPPolicyUseLockout":    "what the password policy control tells is decided by the server",
	} {
		if value := d.first(attr); value != "" {
			s.item(BuiltIn, d, at, attr+": "+clip(value), why)
		}
	}
	for _, attr := range []string{"olcPPolicyForwardUpdates", "olcPPolicyDisableWrite", "olcPPolicySendNetscapeControls", "olcPPolicyCheckModule"} {
		if value := d.first(attr); value != "" && value != "FALSE" {
			s.item(NotTaken, d, at, attr+": "+clip(value), "the server has no such setting")
		}
	}
}

// unique reads the overlay unique.
func (s *slapdReader) unique(d draft, at place) {
	said := false
	for _, attr := range []string{"olcUniqueURI", "olcUniqueAttribute", "olcUniqueIgnore", "olcUniqueBase"} {
		for _, v := range s.texts(d, attr) {
			said = true
			s.item(NotTaken, d, at, attr+": "+clip(v), "values are not kept unique by the server; what adds entries has to look for the value first")
		}
	}
	if !said {
		s.item(NotTaken, d, at, "overlay unique", "values are not kept unique by the server")
	}
}
