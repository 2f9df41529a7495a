package foreign

import (
	"bytes"
	"slices"
	"strings"

	"gatehouse/directory"
)

// read389 reads an export of 389-DS or FreeIPA (dsconf backend export, db2ldif), with the state of replication or without.
func (c *converter) read389(in []Input) error {
	x := &dialect{c: c, change: c.change389}
	return x.read(in[0])
}

// drops389 are attributes that have no meaning here, with the reason.
var drops389 = map[string]string{
	"nsuniqueid":               "", // is entryUUID
	"entryid":                  "",
	"entrydn":                  "",
	"parentid":                 "",
	"dncomp":                   "",
	"tombstonenumsubordinates": "",
	"numsubordinates":          whyComputed,
	"nsrole":                   whyComputed,
	"nsroledn":                 "roles are groups here; make a group of those who have the role",
	"aci":                      "access is decided by policies; write one that says the same ('gatehouse policy --help')",
	"nsds50ruv":                whyTheirs,
	"nsds5agmtmaxcsn":          whyTheirs,
	"nsds5replconflict":        whyTheirs,
	"nscpentrywsi":             whyTheirs,
	"nsdsentrydn":              whyTheirs,
	"passwordexpwarned":        whyTheirs,
	"ipauniqueid":              "entryUUID identifies the entry",
	"mepmanagedentry":          "private groups of users are ordinary groups",
	"mepmanagedby":             "private groups of users are ordinary groups",
	"cosspecifier":             whyTheirs,
}

// classes389 are classes that stand for another one here.
var classes389 = map[string]string{
	"nscontainer":          "organizationalRole",
	"ipasshuser":           "ldapPublicKey",
	"passwordpolicy":       "pwdPolicy",
	"ipausergroup":         "",
	"ipaobject":            "",
	"ipasshgroupofpubkeys": "",
	"nestedgroup":          "",
	"inetuser":             "",
	"mepmanagedentry":      "",
	"meporiginentry":       "",
	"nsmemberof":           "",
	"nsperson":             "",
	"nsaccount":            "",
	"nsorgperson":          "",
}

// change389 adapts an entry of 389-DS.
func (c *converter) change389(d draft, at place) (skip bool) {
	stateless(d)
	if d.has("objectClass", "nsTombstone") || strings.HasPrefix(strings.ToLower(d.rec.DN), "nsuniqueid=") {
		c.report.note(Skipped, "deleted entries (tombstones)", "389-DS keeps them for its replicas", at)
		return true
	}
	if d.get("nsds5ReplConflict") != nil {
		c.report.note(Skipped, "entries in a replication conflict", "of two entries with one name the other one is imported; settle the conflict before the export to keep this one", at)
		return true
	}
	if id, ok := uuidOf(d.first("nsUniqueId")); ok && d.get("entryUUID") == nil {
		d.add("entryUUID", id)
	}
	c.account389(d, at)
	clear389(d)
	c.classes389(d, at)
	if rename(d, "ipaSshPubKey", "sshPublicKey") {
		d.addOnce("objectClass", "ldapPublicKey")
	}
	if d.has("objectClass", "pwdPolicy") {
		c.policy389(d, at)
	}
	for _, a := range append([]directory.PartialAttribute(nil), d.rec.Attributes...) {
		why, drop := drops389[strings.ToLower(a.Attr)]
		if !drop {
			continue
		}
		d.take(a.Attr)
		if why != "" {
			kind := LeftOut
			if strings.EqualFold(a.Attr, "aci") || strings.EqualFold(a.Attr, "nsRoleDN") {
				kind = ToDo
			}
			c.report.note(kind, "attribute "+a.Attr, why, at)
		}
	}
	return c.fit(d, at)
}

// classes389 replaces classes of 389-DS, and leaves out those that only mark entries.
func (c *converter) classes389(d draft, at place) {
	for _, v := range slices.Clone(d.values("objectClass")) {
		with, known := classes389[strings.ToLower(string(v))]
		switch {
		case !known || with == "" && c.options.KeepUnknown:
			continue
		case with == "":
			c.report.note(LeftOut, "object class "+string(v), "it marks entries for the other server alone", at)
		default:
			c.report.note(Changed, "object class "+string(v), "it is "+with+" here", at)
			d.addOnce("objectClass", with)
		}
		d.remove("objectClass", string(v))
	}
}

// stateless takes away the state of replication, which db2ldif -r writes into options, and the values that are deleted.
func stateless(d draft) {
	kept := make([]directory.PartialAttribute, 0, len(d.rec.Attributes))
	for _, a := range d.rec.Attributes {
		parts := strings.Split(a.Attr, ";")
		name, deleted, state := parts[0], false, false
		for _, option := range parts[1:] {
			switch low := strings.ToLower(option); {
			case low == "deleted" || low == "deletedattribute":
				deleted = true
			case strings.HasPrefix(low, "adcsn-"), strings.HasPrefix(low, "vucsn-"), strings.HasPrefix(low, "vdcsn-"), strings.HasPrefix(low, "mdcsn-"):
				state = true
			default:
				name += ";" + option
			}
		}
		if deleted {
			continue
		}
		if !state {
			kept = append(kept, a)
			continue
		}
		merged := false
		for i := range kept {
			if strings.EqualFold(kept[i].Attr, name) {
				kept[i].Values = append(kept[i].Values, a.Values...)
				merged = true
			}
		}
		if !merged {
			kept = append(kept, directory.PartialAttribute{Attr: name, Values: a.Values})
		}
	}
	d.rec.Attributes = kept
}

// uuidOf writes an nsUniqueId, four groups of eight hexadecimal digits, as a UUID.
func uuidOf(id string) (string, bool) {
	digits := strings.ToLower(strings.ReplaceAll(id, "-", ""))
	if len(digits) != 32 || strings.Trim(digits, "0123456789abcdef") != "" || strings.Trim(digits, "f0") == "" {
		return "", false
	}
	return digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:], true
}

// account389 turns what 389-DS keeps of an account into the attributes of draft-behera-ldap-password-policy-10.
func (c *converter) account389(d draft, at place) {
	for _, v := range d.values("nsRoleDN") {
		if bytes.HasPrefix(bytes.ToLower(v), []byte("cn=nsmanageddisabledrole,")) || bytes.HasPrefix(bytes.ToLower(v), []byte("cn=nsdisabledrole,")) {
			d.take("nsAccountLock")
			d.add("nsAccountLock", "true")
		}
	}
	if strings.EqualFold(d.first("nsAccountLock"), "false") {
		d.take("nsAccountLock")
	}
	if strings.EqualFold(d.first("inetUserStatus"), "inactive") && d.get("nsAccountLock") == nil {
		d.add("nsAccountLock", "true")
	}
	d.take("inetUserStatus")
	rename(d, "pwdUpdateTime", "pwdChangedTime")
	rename(d, "lastLoginTime", "pwdLastSuccess")
	if !d.has("objectClass", "passwordPolicy") { // whose attribute of that name is a switch
		c.history389(d, at)
	}
	c.lock389(d, at)
	if expires := d.take("passwordExpirationTime"); len(expires) > 0 {
		if strings.HasPrefix(string(expires[0]), "19700101000000") {
			d.add("pwdReset", "TRUE")
			c.report.note(Changed, "passwords that must be changed", "passwordExpirationTime at the epoch is pwdReset", at)
		} else {
			c.report.note(LeftOut, "attribute passwordExpirationTime", "the age is counted from pwdChangedTime, with the pwdMaxAge of the policy", at)
		}
	}
	if d.take("passwordGraceUserTime") != nil {
		c.report.note(LeftOut, "attribute passwordGraceUserTime", "grace logins are counted anew", at)
	}
	for _, attr := range []string{"passwordAllowChangeTime", "passwordObjectClass", "retryCountResetTime"} {
		if d.take(attr) != nil {
			c.report.note(LeftOut, "attribute "+attr, whyTheirs, at)
		}
	}
}

// clear389 takes the prefix of passwords in clear text away, so that the import hashes them.
func clear389(d draft) {
	const prefix = "{clear}"
	for i, v := range d.values("userPassword") {
		if len(v) > len(prefix) && strings.EqualFold(string(v[:len(prefix)]), prefix) {
			d.get("userPassword").Values[i] = v[len(prefix):]
		}
	}
}

// lockedForEver is pwdAccountLockedTime of an account that stays locked until somebody unlocks it
// (draft-behera-ldap-password-policy-10 section 5.3.3).
const lockedForEver = "000001010000Z"

// lock389 takes over a lock after wrong passwords that has no end. One that ends is over when the directory has moved.
func (c *converter) lock389(d draft, at place) {
	until := d.take("accountUnlockTime")
	failures := d.take("passwordRetryCount")
	switch {
	case len(until) > 0 && strings.HasPrefix(string(until[0]), "19700101000000"):
		if d.get("pwdAccountLockedTime") == nil {
			d.add("pwdAccountLockedTime", lockedForEver)
		}
		c.report.note(Changed, "accounts locked until somebody unlocks them", "accountUnlockTime at the epoch is pwdAccountLockedTime", at)
	case len(until) > 0 && string(until[0]) > c.options.Now.UTC().Format("20060102150405Z"):
		c.report.note(LeftOut, "locks that end by themselves (accountUnlockTime)", "they are short, and their length is not in the entry", at)
	case len(failures) > 0 && string(failures[0]) != "0":
		c.report.note(LeftOut, "attribute passwordRetryCount", "the times of the failures are not in it; wrong passwords are counted anew", at)
	}
}

func (d draft) values(attr string) [][]byte {
	if a := d.get(attr); a != nil {
		return a.Values
	}
	return nil
}
