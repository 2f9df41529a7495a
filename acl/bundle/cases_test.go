package bundle

// loadCase is a bundle, and the problems that it has, each as line:column: message.
type loadCase struct {
	name, text string
	want       []string
}

// What is refused: form.
func refusedForm() []loadCase {
	return []loadCase{
		{"no kind", `description: x
`, []string{`1:1: a policy document needs the key "policy" or "definitions"`}},
		{"two kinds", `policy: a
definitions: b
`, []string{`1:1: a document is either a policy or definitions, not both`}},
		{"not a map", `- policy: a
`, []string{`1:1: expected a policy document, not a list`}},
		{"unknown key", `policy: p
statements:
  - id: a
    efect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`3:5: a statement needs the key "effect"`, `4:5: a statement has no key "efect"; did you mean "effect"?`}},
		{"unknown key of a subject", `policy: p
statements:
  - id: a
    effect: allow
    subject: {grop: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:15: a subject has no key "grop"; did you mean "group"?`}},
		{"duplicate key", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    id: b
`, []string{`9:5: the key "id" stands here twice; first in line 3`}},
		{"missing keys", `policy: p
statements:
  - id: a
`, []string{`3:5: a statement needs the key "actions"`, `3:5: a statement needs the key "effect"`, `3:5: a statement needs the key "subject"`, `3:5: a statement needs the key "target"`}},
		{"unknown word", `policy: p
statements:
  - id: a
    effect: alow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`4:13: "alow" is not an effect; did you mean "allow"?`}},
		{"unknown action", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [raed, view]
    attributes: [cn]
`, []string{`7:15: "raed" is not an action; did you mean "read"?`}},
		{"action twice", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read, read]
    attributes: [cn]
`, []string{`7:21: "read" stands in the list twice`}},
		{"empty list", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: []
    attributes: [cn]
`, []string{`7:14: the list is empty`}},
		{"empty any", `policy: p
statements:
  - id: a
    effect: allow
    subject: {any: []}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:20: the list is empty`}},
		{"empty subject", `policy: p
statements:
  - id: a
    effect: allow
    subject: {}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:14: a subject without any key`}},
		{"a list for text", `policy: p
statements:
  - id: [a]
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`3:9: expected an id, not a list`}},
		{"a number for text", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    reason: 12
`, []string{`9:13: expected text, not the number "12"; write "12"`}},
		{"nothing for text", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    reason: 
`, []string{`9:12: expected text, not nothing`}},
		{"false for true", `policy: p
statements:
  - id: a
    effect: allow
    subject: {anyone: false}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:23: expected true, not the truth value false`}},
		{"a word for true", `policy: p
statements:
  - id: a
    effect: allow
    subject: {anyone: "true"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:23: expected true, not the text "true"`}},
		{"not whole", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {auth-level: 1.5}
`, []string{`9:24: expected a whole number, not the number "1.5"`}},
		{"octal", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {auth-level: 01}
`, []string{`9:24: expected a whole number, not the number "01"`}},
		{"too high", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {auth-level: 4}
`, []string{`9:24: 4 is not between 0 and 3`}},
		{"bad name", `policy: P_1
`, []string{`1:9: "P_1" is not a name: lower-case letters, digits and dashes, beginning with a letter`}},
		{"bad id", `policy: p
statements:
  - id: A
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`3:9: "A" is not an id: lower-case letters, digits, dots and dashes, beginning with a letter`}},
		{"bad attribute", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: ["user password"]
`, []string{`8:18: "user password" is not an attribute: a name, "@class", "*", "+", "%confidential", $set or an OID`}},
		{"bad duration", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {auth-max-age: 12 hours}
`, []string{`9:26: "12 hours" is not a duration: a whole number with s, m, h or d, such as 12h`}},
		{"subject in a role", `policy: p
roles:
  r:
    statements:
      - {id: a, target: {base: "${scope}"}, subject: {anyone: true}, actions: [rename]}
`, []string{`5:45: a statement of a role has no subject: the assignment or elevation says who has the role`}},
		{"bad name of a set", `definitions: d
subjects:
  Staff: {anyone: true}
`, []string{`3:3: "Staff" is not a name: lower-case letters, digits and dashes, beginning with a letter`}},
	}
}

// What is refused: traps of YAML.
func refusedYAML() []loadCase {
	return []loadCase{
		{"yes without quotes", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    reason: yes
`, []string{`9:13: yes without quotes is true or false to some readers; write "yes"`}},
		{"No as a key", `definitions: d
subjects:
  No: {anyone: true}
`, []string{`3:3: No without quotes is true or false to some readers; write "No"`}},
		{"sexagesimal", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    reason: 12:30
`, []string{`9:13: 12:30 without quotes is a number to the base 60 to some readers; write "12:30"`}},
		{"bare date", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    expires: 2027-01-01
`, []string{`9:14: 2027-01-01 without quotes is a date to some readers; write "2027-01-01"`}},
		{"bare moment", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {time: {not-before: 2027-01-01T00:00:00Z}}
`, []string{`9:31: 2027-01-01T00:00:00Z without quotes is a date to some readers; write "2027-01-01T00:00:00Z"`}},
		{"anchor", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: &x [read]
    attributes: [cn]
`, []string{`7:14: anchors are not accepted; use a definition and $name`}},
		{"alias", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: &x [read]
    attributes: [cn]
  - *x
`, []string{`7:14: anchors are not accepted; use a definition and $name`, `9:5: aliases are not accepted; use a definition and $name`}},
		{"unknown alias", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: *x
    attributes: [cn]
`, []string{`7:14: aliases are not accepted; use a definition and $name`}},
		{"tag", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    reason: !!str x
`, []string{`9:13: tags are not accepted`}},
		{"own tag", `policy: p
statements:
  - id: a
    effect: allow
    subject: !who {anyone: true}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:14: tags are not accepted`}},
		{"merge key", `policy: p
statements:
  - id: a
    effect: allow
    subject: {<<: {anyone: true}}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:15: merge keys are not accepted; use a definition and $name`}},
		{"no YAML", `policy: p
  statements: [
`, []string{`2:1: mapping values are not allowed in this context`}},
		{"not UTF-8", "policy: p\ndescription: \xff\n", []string{`2:14: not UTF-8`}},
		{"tabs", `policy: p
statements:
	- id: a
`, []string{`3:1: found character that cannot start any token`}},
		{"too deep", `policy: p
owner: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
`, []string{`2:47: nested more than 40 deep`}},
	}
}

// What is refused: names.
func refusedNames() []loadCase {
	return []loadCase{
		{"two documents", `policy: p
---
policy: p
`, []string{`3:1: there are two documents of the name policy p; the other is at p.yaml:1:1`}},
		{"two statements", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`9:9: the id "a" is taken at p.yaml:3:9`}},
		{"a boundary of the same id", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
boundaries:
  - {id: a, subject: {anyone: true}, permit: [{target: {base: "dc=x"}, actions: [bind]}]}
`, []string{`10:10: the id "a" is taken at p.yaml:3:9`}},
		{"two roles", `policy: p
roles:
  r: {statements: []}
---
policy: q
roles:
  r: {statements: []}
`, []string{`7:3: the role "r" is defined twice; the other is at p.yaml:3:3`}},
		{"two shared sets", `definitions: a
networks:
  net: [10.0.0.0/8]
---
definitions: b
networks:
  net: [10.0.0.0/8]
`, []string{`7:3: networks of the name "net" are defined twice; the other is at p.yaml:3:3`}},
		{"unknown set", `policy: p
statements:
  - id: a
    effect: allow
    subject: $stuff
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
subjects:
  staff: {anonymous: true}
`, []string{`5:14: there is no "$stuff" among the subjects; did you mean "$staff"?`}},
		{"set of another kind", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: $staff
    actions: [read]
    attributes: [cn]
subjects:
  staff: {anonymous: true}
`, []string{`6:13: there is no "$staff" among the targets`}},
		{"set of another policy", `policy: p
statements:
  - id: a
    effect: allow
    subject: $staff
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
---
policy: q
subjects:
  staff: {anonymous: true}
`, []string{`5:14: there is no "$staff" among the subjects`}},
		{"circle", `definitions: d
attributes:
  a: [$b]
  b: [$c]
  c: [$a]
`, []string{`3:3: "a" is defined by itself`}},
		{"circle of subjects", `definitions: d
subjects:
  a: {any: [$a]}
`, []string{`3:3: "a" is defined by itself`}},
		{"mistake in a set", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [$names]
attributes:
  names: [cn, surnam]
`, []string{`10:15: unknown attribute type "surnam"; did you mean "surname"?`}},
		{"unknown role", `policy: p
statements:
  - id: a
    effect: allow
    subject: {role: amin}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
roles:
  admin: {statements: []}
`, []string{`5:21: there is no role "amin"; did you mean "admin"?`}},
		{"unknown role of an assignment", `policy: p
assignments:
  - {id: a, role: r, to: {group: "cn=g,dc=x"}}
`, []string{`3:19: there is no role "r"`}},
		{"unknown elevation", `policy: p
tests:
  - {name: t, as: anonymous, via: {elevated: [up]}, do: bind, entry: "", expect: deny}
`, []string{`3:47: there is no elevation "up"`}},
		{"unknown decider", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
tests:
  - {name: t, as: anonymous, do: bind, entry: "", expect: deny, by: b}
`, []string{`10:69: there is no statement or boundary "b"; did you mean "a"?`}},
		{"given id is taken", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
tests:
  - {name: t, as: anonymous, do: bind, entry: "", expect: deny, given: [{id: a, subject: {anyone: true}, target: {base: "dc=x"}, actions: [bind]}]}
`, []string{`10:73: the id "a" is taken at p.yaml:3:9`}},
	}
}

// What is refused: values.
func refusedValues() []loadCase {
	return []loadCase{
		{"malformed DN", `policy: p
statements:
  - id: a
    effect: allow
    subject: {dn: "cn=a,,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:19: "cn=a,,dc=x": invalid DN at byte 5: expected '=' after an attribute type`}},
		{"unknown type in a DN", `policy: p
statements:
  - id: a
    effect: allow
    subject: {dn: "ouu=a,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:19: "ouu=a,dc=x": unknown attribute type "ouu"; did you mean "ou"?`}},
		{"empty DN", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: ""}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:22: the name is empty`}},
		{"placeholder in front", `policy: p
statements:
  - id: a
    effect: allow
    subject: {dn: "${suffix},dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:19: "${suffix},dc=x": a name may end in ${suffix} or ${scope}, and has no other placeholder`}},
		{"no comma", `policy: p
statements:
  - id: a
    effect: allow
    subject: {dn: "cn=a${suffix}"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:19: "cn=a${suffix}": a comma is missing before the placeholder`}},
		{"unknown placeholder", `policy: p
statements:
  - id: a
    effect: allow
    subject: {dn: "cn=a,${base}"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:19: "cn=a,${base}": a name may end in ${suffix} or ${scope}, and has no other placeholder`}},
		{"malformed filter", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x", filter: "(cn=a"}
    actions: [read]
    attributes: [cn]
`, []string{`6:36: filter: at offset 5: ')' is missing`}},
		{"CIDR with host bits", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {network: [10.1.0.0/8]}
`, []string{`9:22: "10.1.0.0/8": bits are set behind the length; the network is 10.0.0.0/8`}},
		{"address for a network", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {network: 10.1.2.3}
`, []string{`9:21: "10.1.2.3": a network has a length; one address is 10.1.2.3/32`}},
		{"no network", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {network: [office]}
`, []string{`9:22: "office": not a network, such as 10.0.0.0/8 or fd00::/8`}},
		{"unknown network", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {not-network: [$office]}
`, []string{`9:26: there is no "$office" among the networks`}},
		{"IPv4 in IPv6", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {network: ["::ffff:10.0.0.0/104"]}
`, []string{`9:22: "::ffff:10.0.0.0/104": addresses of IPv4 are compared as such; write the network so`}},
		{"time zone", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {time: {within: {zone: Europe/Berlinn}}}
`, []string{`9:34: "Europe/Berlinn" is no time zone, such as Europe/Berlin or UTC`}},
		{"local time", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {time: {within: {zone: Local}}}
`, []string{`9:34: "Local" is no time zone, such as Europe/Berlin or UTC`}},
		{"hours", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {time: {within: {zone: UTC, hours: "08:00-25:00"}}}
`, []string{`9:46: "08:00-25:00": hours are 00:00 to 24:00`}},
		{"no hours", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {time: {within: {zone: UTC, hours: "08:00-08:00"}}}
`, []string{`9:46: "08:00-08:00" ends where it begins; leave hours out for the whole day`}},
		{"no day of the calendar", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    expires: "2027-02-30"
`, []string{`9:14: "2027-02-30" is no day of the calendar`}},
		{"no moment", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {time: {not-before: "2027-02-30T00:00:00Z"}}
`, []string{`9:31: "2027-02-30T00:00:00Z" is no date and time of the calendar`}},
		{"OID of a control", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {controls: [paged]}
`, []string{`9:23: "paged" is no OID of a control`}},
		{"unknown method", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {auth-method: sasl-plane}
`, []string{`9:25: "sasl-plane" is not a method; did you mean "sasl-plain"?`}},
		{"zero duration", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {auth-max-age: 0s}
`, []string{`9:26: a duration of 0 allows nothing`}},
		{"endless duration", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {auth-max-age: 99999999d}
`, []string{`9:26: "99999999d" is longer than a hundred years`}},
		{"unknown attribute", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [mial]
`, []string{`8:18: unknown attribute type "mial"; did you mean "mail"?`}},
		{"unknown option", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: ["cn;foo"]
`, []string{`8:18: cn: unrecognized option "foo"`}},
		{"unknown class", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: ["@inetOrgPersn"]
`, []string{`8:18: unknown object class "inetOrgPersn"; did you mean "inetOrgPerson"?`}},
		{"unknown OID", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [1.2.3.4]
`, []string{`8:18: unknown attribute type "1.2.3.4"`}},
		{"names in control", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [control]
    attributes: [cn]
`, []string{`8:18: "cn" is no OID: the attributes of control and extop are OIDs, or "*"`}},
		{"control beside read", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [control, read]
    attributes: [cn]
`, []string{`8:17: the attributes of control and extop are OIDs; give the actions on attributes a statement of their own`}},
		{"named-in without names", `policy: p
statements:
  - id: a
    effect: allow
    subject: {named-in: title}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:25: the values of title are not names`}},
		{"same with a secret", `policy: p
statements:
  - id: a
    effect: allow
    subject: {same: userPassword}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:21: userPassword is confidential: nobody's rights may depend on it`}},
		{"same with options", `policy: p
statements:
  - id: a
    effect: allow
    subject: {same: "cn;lang-de"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:21: "cn;lang-de": attributes of a subject are named without options`}},
		{"root DSE with a subtree", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: ""}
    actions: [read]
    attributes: [cn]
`, []string{`6:20: base "" is the root DSE and needs scope: base; every entry of the directory is base: "${suffix}"`}},
		{"values of search", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [view]
    attributes: [member]
    values: {self: true}
`, []string{`9:13: search and compare cannot depend on the value; give them a statement of their own (view holds both)`}},
		{"values of rename", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [rename]
    values: {self: true}
`, []string{`8:13: values are those of attributes, and rename is not on attributes; give it a statement of its own`}},
		{"self for what is no name", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [write.add]
    attributes: [cn]
    values: {self: true}
`, []string{`9:13: the values of cn are not names: self and under never hold`}},
		{"value of another syntax", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [write.add]
    attributes: [uidNumber]
    values: {any-of: ["12", twelve]}
`, []string{`9:29: "twelve" is no value of uidNumber`}},
		{"pattern ends in a backslash", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [write.add]
    attributes: [cn]
    values: {pattern: "a\\"}
`, []string{`9:23: the pattern ends in a backslash, which takes the next character as it is; write \\ for a backslash`}},
		{"approvals without approvers", `policy: p
roles:
  r: {statements: []}
elevations:
  - {id: e, role: r, eligible: {group: "cn=g,dc=x"}, max-duration: 1h, approvals: 1}
`, []string{`5:83: 1 approvals are asked for, and there are no approvers`}},
		{"excluded with include", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x", exclude: [{base: "ou=a,dc=x", protected: include}]}
    actions: [read]
    attributes: [cn]
`, []string{`6:38: an excluded target says nothing about protected or privileged entries`}},
		{"named-in of an unknown attribute", `policy: p
statements:
  - id: a
    effect: allow
    subject: {named-in: [managr, owner]}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:26: unknown attribute type "managr"; did you mean "manager"?`}},
		{"same without equality", `policy: p
statements:
  - id: a
    effect: allow
    subject: {same: jpegPhoto}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:21: jpegPhoto has no equality rule, so that its values cannot be compared`}},
		{"nothing before the comma", `policy: p
statements:
  - id: a
    effect: allow
    subject: {dn: ",${suffix}"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:19: ",${suffix}": nothing stands before the comma`}},
		{"value of a type in a DN", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "reqStart=x,dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`6:20: "reqStart=x,dc=x": invalid DN: the value of "reqStart" is invalid: no generalized time`}},
		{"value with a placeholder", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [write.add]
    attributes: [member]
    values: {any-of: ["cn=a,${suffx}"]}
`, []string{`9:23: "cn=a,${suffx}": a name may end in ${suffix} or ${scope}, and has no other placeholder`}},
		{"empty listener", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {listener: ""}
`, []string{`9:22: a listener is named by its URL`}},
		{"one arc", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {controls: ["1", "1.02.3"]}
`, []string{`9:23: "1" is no OID of a control`, `9:28: "1.02.3" is no OID of a control`}},
		{"a set that is wrong", `policy: p
statements:
  - id: a
    effect: allow
    subject: {any: [$x, {group: "cn=g,dc=x"}], unless: $x}
    target: $x
    actions: [read]
    attributes: [cn]
    when: {network: [$x]}
subjects:
  x: [a]
targets:
  x: {scope: one}
networks:
  x: [a]
`, []string{`11:6: expected a subject, not a list`, `13:6: a target needs the key "base"`, `15:7: "a": not a network, such as 10.0.0.0/8 or fd00::/8`}},
		{"a role statement twice", `policy: p
roles:
  r:
    statements:
      - {id: s, target: {base: "dc=x"}, actions: [rename]}
      - {id: s, target: {base: "dc=x"}, actions: [rename]}
`, []string{`6:9: the role has a statement "s" already, at p.yaml:5:9`}},
		{"a role that is a list", `policy: p
roles:
  r: []
assignments:
  - {id: a, role: r, to: {group: "cn=g,dc=x"}}
`, []string{`3:6: expected a role, not a list`}},
		{"given twice", `policy: p
tests:
  - {name: t, as: anonymous, do: bind, entry: "", expect: deny, given: [{id: a, subject: {anyone: true}, target: {base: "dc=x"}, actions: [bind]}, {id: a, subject: {anyone: true}, target: {base: "dc=x"}, actions: [bind]}]}
`, []string{`3:148: the id "a" is given twice`}},
		{"scope in a test", `policy: p
tests:
  - {name: t, as: "cn=a,${scope}", do: bind, entry: "cn=b,${scope}", expect: deny}
`, []string{`3:19: "cn=a,${scope}": ${scope} has a meaning only in the statements of a role (V8)`, `3:53: "cn=b,${scope}": ${scope} has a meaning only in the statements of a role (V8)`}},
		{"test with a star", `policy: p
tests:
  - {name: t, as: anonymous, do: read, entry: "dc=x", attributes: ["*"], expect: deny}
`, []string{`3:68: a test asks for attributes by name, not for "*"`}},
		{"test without attributes", `policy: p
tests:
  - {name: t, as: anonymous, do: read, entry: "dc=x", expect: deny}
`, []string{`3:5: a test of read needs the key "attributes"`}},
		{"test with too much", `policy: p
tests:
  - {name: t, as: anonymous, do: bind, entry: "dc=x", attributes: [cn], expect: deny}
  - {name: m, as: anonymous, do: bind, entry: "dc=x", value: x, expect: deny}
`, []string{`3:67: bind is not on attributes`, `4:62: bind is not on values`}},
		{"test of nobody", `policy: p
tests:
  - {name: t, as: "", via: {ip: here}, do: bind, entry: "dc", expect: deny}
`, []string{`3:19: the name is empty`, `3:33: "here" is no IP address`, `3:57: "dc": invalid DN at byte 2: expected '=' after an attribute type`}},
	}
}

// What is refused: the numbered rules, and what gives power to many.
func refusedRules() []loadCase {
	return []loadCase{
		{"V1", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [rename, view]
`, []string{`3:5: view needs attributes; all user attributes are ["*"] (V1)`}},
		{"V1 of control", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [extop]
`, []string{`3:5: extop needs attributes; they are OIDs, and all OIDs are ["*"] (V1)`}},
		{"V1 of a permit", `policy: p
boundaries:
  - {id: b, subject: {anyone: true}, permit: [{target: {base: "dc=x"}, actions: [view]}]}
`, []string{`3:47: view needs attributes; all user attributes are ["*"] (V1)`}},
		{"V2", `policy: p
statements:
  - id: a
    effect: deny
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [view]
    attributes: [cn]
`, []string{`8:17: discover is on the whole entry and would be denied beyond these attributes; instead of view write search, read, compare (V2)`}},
		{"V2 of an entry action", `policy: p
statements:
  - id: a
    effect: deny
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [delete-entry, write]
    attributes: ["+"]
`, []string{`8:17: delete-entry is on the whole entry and would be denied beyond these attributes (V2)`}},
		{"V3", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [write]
    attributes: [cn, userPassword]
`, []string{`8:22: userPassword: confidential attributes are written by password.change, password.reset, mfa.enroll and mfa.reset (statement a) (V3)`}},
		{"V3 of all secrets", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [write.add]
    attributes: ["%confidential"]
`, []string{`8:18: %confidential: confidential attributes are written by password.change, password.reset, mfa.enroll and mfa.reset (statement a) (V3)`}},
		{"V4", `policy: p
statements:
  - id: a
    effect: allow
    subject: {unless: {group: "cn=g,dc=x"}}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:14: unless takes away from something: say from whom, such as authenticated: true (V4)`}},
		{"V4 inside any", `policy: p
statements:
  - id: a
    effect: allow
    subject: {any: [{unless: {anonymous: true}}]}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:21: unless takes away from something: say from whom, such as authenticated: true (V4)`}},
		{"V7 unknown attribute", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x", filter: "(&(objectClass=person)(emploeeType=x))"}
    actions: [read]
    attributes: [cn]
`, []string{`6:36: unknown attribute type "emploeeType"; did you mean "employeeType"? (V7)`}},
		{"V7 unknown class", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x", filter: "(objectClass=persn)"}
    actions: [read]
    attributes: [cn]
`, []string{`6:36: unknown object class "persn"; did you mean "person"? (V7)`}},
		{"V7 no ordering", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x", filter: "(cn>=a)"}
    actions: [read]
    attributes: [cn]
`, []string{`6:36: "(cn>=a)" never matches: cn has no ordering rule (V7)`}},
		{"V7 no substrings", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x", filter: "(member=cn=*)"}
    actions: [read]
    attributes: [cn]
`, []string{`6:36: "(member=cn=*)" never matches: member cannot be matched by parts (V7)`}},
		{"V7 value", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x", filter: "(uidNumber=a)"}
    actions: [read]
    attributes: [cn]
`, []string{`6:36: "(uidNumber=a)" never matches: the value does not fit the attribute (V7)`}},
		{"V7 name", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x", filter: "(member=a)"}
    actions: [read]
    attributes: [cn]
`, []string{`6:36: "(member=a)" never matches: the value does not fit the attribute (V7)`}},
		{"V7 rule", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x", filter: "(cn:foo:=a)"}
    actions: [read]
    attributes: [cn]
`, []string{`6:36: "(cn:foo:=a)" never matches: the matching rule cannot be used, or the value does not fit it (V7)`}},
		{"V7 no equality", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x", filter: "(jpegPhoto=a)"}
    actions: [read]
    attributes: [cn]
`, []string{`6:36: "(jpegPhoto=a)" never matches: jpegPhoto has no equality rule (V7)`}},
		{"V7 approximate and less", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x", filter: "(|(uidNumber~=a)(cn<=a))"}
    actions: [read]
    attributes: [cn]
`, []string{`6:36: "(cn<=a)" never matches: cn has no ordering rule (V7)`, `6:36: "(uidNumber~=a)" never matches: the value does not fit the attribute (V7)`}},
		{"V7 no rule at all", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x", filter: "(:foo:=a)"}
    actions: [read]
    attributes: [cn]
`, []string{`6:36: "(:foo:=a)" never matches: no such matching rule (V7)`}},
		{"V7 name with a placeholder", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x", filter: "(manager=cn=a${suffix})"}
    actions: [read]
    attributes: [cn]
`, []string{`6:36: "cn=a${suffix}": a comma is missing before the placeholder (V7)`}},
		{"V7 of a subject", `policy: p
statements:
  - id: a
    effect: allow
    subject: {filter: "(mial=a)"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:23: unknown attribute type "mial"; did you mean "mail"? (V7)`}},
		{"V7 secret", `policy: p
statements:
  - id: a
    effect: allow
    subject: {filter: "(userPassword=a)"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:23: userPassword is confidential: nobody's rights may depend on it (V7)`}},
		{"V7 placeholder", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x", filter: "(cn=a,${suffix})"}
    actions: [read]
    attributes: [cn]
`, []string{`6:36: a placeholder can stand only at the end of a name that an attribute is compared with as a whole (V7)`}},
		{"V7 placeholder in a part", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x", filter: "(cn=a${suffix}*)"}
    actions: [read]
    attributes: [cn]
`, []string{`6:36: a placeholder can stand only at the end of a name that an attribute is compared with as a whole (V7)`}},
		{"V8", `policy: p
roles:
  r:
    statements:
      - {id: s, target: {base: "dc=x"}, actions: [rename]}
assignments:
  - {id: a, role: r, to: {group: "cn=g,dc=x"}, scope: "ou=b,dc=x"}
`, []string{`5:32: the assignment a gives the role r for a scope, and s does not stay in it: the base is to end in ${scope} (V8)`}},
		{"V8 no scope", `policy: p
roles:
  r:
    statements:
      - {id: s, target: {base: "ou=b,${scope}"}, actions: [rename]}
assignments:
  - {id: a, role: r, to: {group: "cn=g,dc=x"}}
elevations:
  - {id: e, role: r, eligible: {group: "cn=g,dc=x"}, max-duration: 1h}
`, []string{`7:5: the assignment a has no scope, and s of the role r uses ${scope} (V8)`, `9:5: the elevation e has no scope, and s of the role r uses ${scope} (V8)`}},
		{"V8 outside a role", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "${scope}"}
    actions: [read]
    attributes: [cn]
`, []string{`6:20: "${scope}": ${scope} has a meaning only in the statements of a role (V8)`}},
		{"V8 filter outside a role", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x", filter: "(memberOf=cn=a,${scope})"}
    actions: [read]
    attributes: [cn]
`, []string{`6:36: "cn=a,${scope}": ${scope} has a meaning only in the statements of a role (V8)`}},
		{"power for anyone", `policy: p
statements:
  - id: a
    effect: allow
    subject: {anyone: true}
    target: {base: "dc=x"}
    actions: [write]
    attributes: [cn]
`, []string{`5:14: a gives write.add, write.delete, write.replace, write.increment to anyone: name a group, dn, filter or role beside it, or say in the statement why, with broad: REASON`}},
		{"power for anonymous", `policy: p
statements:
  - id: a
    effect: allow
    subject: {anonymous: true}
    target: {base: "dc=x"}
    actions: [proxy]
`, []string{`5:14: a gives proxy to anonymous: name a group, dn, filter or role beside it, or say in the statement why, with broad: REASON`}},
		{"power for a subtree", `policy: p
statements:
  - id: a
    effect: allow
    subject: {subtree: "ou=p,dc=x", unless: {group: "cn=g,dc=x"}}
    target: {base: "dc=x"}
    actions: [password.reset]
`, []string{`5:14: a gives password.reset to subtree: name a group, dn, filter or role beside it, or say in the statement why, with broad: REASON`}},
		{"a view of everything", `policy: p
statements:
  - id: a
    effect: allow
    subject: {authenticated: true}
    target: {base: "dc=x"}
    actions: [view]
    attributes: ["*"]
`, []string{`5:14: a gives a view of everything to authenticated: name a group, dn, filter or role beside it, or say in the statement why, with broad: REASON`}},
		{"power in any", `policy: p
statements:
  - id: a
    effect: allow
    subject: {any: [{group: "cn=g,dc=x"}, {authenticated: true}]}
    target: {base: "dc=x"}
    actions: [rename]
`, []string{`5:14: a gives rename to authenticated: name a group, dn, filter or role beside it, or say in the statement why, with broad: REASON`}},
		{"power beside a relation in any", `policy: p
statements:
  - id: a
    effect: allow
    subject: {authenticated: true, any: [{named-in: [manager]}, {self: true}]}
    target: {base: "dc=x"}
    actions: [rename]
`, []string{`5:14: a gives rename to authenticated: name a group, dn, filter or role beside it, or say in the statement why, with broad: REASON`}},
		{"power in a role", `policy: p
roles:
  r:
    statements:
      - {id: s, target: {base: "${scope}"}, actions: [rename]}
assignments:
  - {id: a, role: r, to: {authenticated: true}, scope: "dc=x"}
`, []string{`7:26: a/s gives rename to authenticated: name a group, dn, filter or role beside it, or say in the statement why, with broad: REASON`}},
		{"secret.read of all", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [secret.read]
    attributes: ["%confidential"]
`, []string{`8:18: secret.read names its attributes; "%confidential" does not (statement a)`}},
		{"secret.read of no secret", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [secret.read]
    attributes: [cn]
`, []string{`8:18: cn is not confidential: secret.read is not needed (statement a)`}},
		{"secret.read in a role", `policy: p
roles:
  r:
    statements:
      - {id: s, target: {base: "dc=x"}, actions: [secret.read], attributes: [userPassword]}
`, []string{`5:9: no role may have secret.read; write a statement of its own for whom it is`}},
	}
}

// What is loaded with a warning (V5).
func warned() []loadCase {
	return []loadCase{
		{"anonymous group", `policy: p
statements:
  - id: a
    effect: allow
    subject: {anonymous: true, group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:14: a matches nobody: an anonymous session has no name, group or role (V5)`}},
		{"dn outside the subtree", `policy: p
statements:
  - id: a
    effect: allow
    subject: {dn: "cn=a,dc=x", subtree: "ou=p,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:14: a matches nobody: no dn lies in the subtree (V5)`}},
		{"unless anyone", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x", unless: {anyone: true}}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:14: a matches nobody: unless takes everybody away (V5)`}},
		{"unless authenticated", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x", unless: {authenticated: true}}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:14: a matches nobody: unless takes everybody away (V5)`}},
		{"every alternative", `policy: p
statements:
  - id: a
    effect: allow
    subject: {any: [{anonymous: true, authenticated: true}]}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
`, []string{`5:14: a matches nobody: an anonymous session has no name, group or role (V5)`}},
		{"filter", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x", filter: "(|)"}
    actions: [read]
    attributes: [cn]
`, []string{`6:36: a matches nothing: the filter is never true (V5)`}},
		{"contradictory filter", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x", filter: "(|(&(cn=a)(sn=b)(!(cn=a)))(&(cn=*)(!(cn=*))))"}
    actions: [rename]
`, []string{`6:36: a matches nothing: the filter is never true (V5)`}},
		{"exclude", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "ou=a,dc=x", exclude: [{base: "dc=x"}]}
    actions: [read]
    attributes: [cn]
`, []string{`6:43: a matches nothing: everything is excluded (V5)`}},
		{"base elsewhere", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=y"}
    actions: [read]
    attributes: [cn]
`, []string{`6:20: a matches nothing: dc=y lies outside every naming context (V5)`}},
		{"base above", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "o=root", scope: base}
    actions: [read]
    attributes: [cn]
`, []string{`6:20: a matches nothing: o=root lies outside every naming context (V5)`}},
		{"scope elsewhere", `policy: p
roles:
  r:
    statements:
      - {id: s, target: {base: "ou=b,${scope}"}, actions: [rename]}
assignments:
  - {id: a, role: r, to: {group: "cn=g,dc=x"}, scope: "dc=y"}
`, []string{`7:55: a/s matches nothing: ou=b,dc=y lies outside every naming context (V5)`}},
		{"expired", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    expires: "2026-11-23"
`, []string{`3:5: a expired on 2026-11-23 (V5)`}},
		{"over", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {time: {not-after: "2026-11-24T00:00:00Z"}}
`, []string{`9:18: a is over since 2026-11-24T00:00:00Z (V5)`}},
		{"never", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {time: {not-before: "2027-02-01T00:00:00Z", not-after: "2027-01-01T00:00:00Z"}}
`, []string{`9:18: a never matches: not-after is not after not-before (V5)`}},
		{"expires first", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    expires: "2027-01-01"
    when: {time: {not-before: "2027-02-01T00:00:00Z"}}
`, []string{`10:18: a never matches: it expires before not-before (V5)`}},
		{"outside everything", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {time: {outside: {zone: UTC}}}
`, []string{`9:28: a never matches: there is no time outside (V5)`}},
		{"within and outside", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {time: {within: {days: [mon], zone: UTC}, outside: {days: [mon], zone: UTC}}}
`, []string{`9:18: a never matches: within and outside are the same (V5)`}},
		{"networks", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {network: [10.1.0.0/16, "fd00::/8"], not-network: [10.0.0.0/8, "::/0"]}
`, []string{`9:11: a never matches: not-network takes every network away (V5)`}},
		{"empty network", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {network: $net}
networks:
  net: []
`, []string{`9:11: a never matches: the network is an empty set (V5)`}},
		{"anonymous with a level", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {auth-method: anonymous, auth-level: 1}
`, []string{`9:11: a never matches: an anonymous session has auth-level 0 (V5)`}},
		{"level of anonymous", `policy: p
statements:
  - id: a
    effect: allow
    subject: {anonymous: true}
    target: {base: "dc=x"}
    actions: [read]
    attributes: [cn]
    when: {auth-level: 1}
`, []string{`9:11: a matches nobody: an anonymous session has auth-level 0 (V5)`}},
		{"no value", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [write.add]
    attributes: [cn]
    values: {any-of: []}
`, []string{`9:13: a matches no value: any-of is empty (V5)`}},
		{"control elsewhere", `policy: p
statements:
  - id: a
    effect: allow
    subject: {group: "cn=g,dc=x"}
    target: {base: "dc=x"}
    actions: [control]
    attributes: ["*"]
`, []string{`6:13: a matches nothing: the target of control and extop is cn=gatehouse (V5)`}},
		{"boundary", `policy: p
boundaries:
  - {id: b, subject: {anonymous: true, self: true}, permit: [{target: {base: "dc=y"}, actions: [bind], when: {time: {outside: {zone: UTC}}}}]}
`, []string{`3:22: b matches nobody: an anonymous session has no name, group or role (V5)`, `3:78: b matches nothing: dc=y lies outside every naming context (V5)`, `3:127: b never matches: there is no time outside (V5)`}},
	}
}
