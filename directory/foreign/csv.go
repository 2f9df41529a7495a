package foreign

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// table is a CSV file at work.
type table struct {
	c       *converter
	name    string
	columns []column
	seen    map[string]int // line of each uid
	groups  map[string][]string
	order   []string // of groups, as they came
	firstAt map[string]place
	k       containers
}

// readCSV reads a table with a header row (RFC 4180).
func (c *converter) readCSV(in []Input) error {
	text, err := readAll(in[0])
	if err != nil {
		return err
	}
	name := in[0].Name
	if line, ok := invalidUTF8(text); ok {
		return place{name, line}.errorf("the text is not UTF-8; save it as UTF-8, or convert it: iconv -f WINDOWS-1252 -t UTF-8")
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = c.options.Delimiter
	if r.Comma == 0 {
		r.Comma = delimiterOf(text)
	}
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return &Error{File: name, Reason: "the file is empty; the first row names the columns"}
	}
	if err != nil {
		return csvError(name, err)
	}
	t := &table{c: c, name: name, seen: map[string]int{}, groups: map[string][]string{}, firstAt: map[string]place{}}
	at := place{name, 1}
	if t.columns, err = c.columns(at, header); err != nil {
		return err
	}
	if t.k, err = c.containers(at); err != nil {
		return err
	}
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return t.emitGroups()
		}
		if err != nil {
			return csvError(name, err)
		}
		line, _ := r.FieldPos(0)
		if err := t.row(place{name, line}, fields); err != nil {
			return err
		}
	}
}

// csvError says what is wrong with the form of a table.
func csvError(name string, err error) error {
	e, ok := errors.AsType[*csv.ParseError](err)
	if !ok {
		return err
	}
	at := place{name, e.StartLine}
	switch {
	case errors.Is(e.Err, csv.ErrFieldCount):
		return at.errorf("the row has another number of fields than the header; is a field with a comma or a line break not in quotes?")
	case errors.Is(e.Err, csv.ErrQuote), errors.Is(e.Err, csv.ErrBareQuote):
		return at.errorf("a quote is wrong: a field with quotes in it is in quotes, and each quote in it is doubled")
	}
	return at.errorf("%v", e.Err)
}

// delimiterOf finds the delimiter in the header row.
func delimiterOf(text string) rune {
	header, _, _ := strings.Cut(text, "\n")
	best, count := ',', strings.Count(header, ",")
	for _, d := range ";\t|" {
		if n := strings.Count(header, string(d)); n > count {
			best, count = d, n
		}
	}
	return best
}

// invalidUTF8 returns the first line that is not UTF-8.
func invalidUTF8(text string) (line int, found bool) {
	if utf8.ValidString(text) {
		return 0, false
	}
	for l := range strings.Lines(text) {
		line++
		if !utf8.ValidString(l) {
			return line, true
		}
	}
	return line, true
}

// row hands on the entry of a row.
func (t *table) row(at place, fields []string) error {
	if !slices.ContainsFunc(fields, func(f string) bool { return strings.TrimSpace(f) != "" }) {
		t.c.report.note(Skipped, "empty rows", "nothing stands in them", at)
		return nil
	}
	values := newDraft("")
	for i, x := range t.columns {
		if x.attr == "" {
			continue
		}
		for _, v := range t.split(x.attr, fields[i]) {
			values.addOnce(x.attr, v)
		}
	}
	uid := values.first("uid")
	if uid == "" {
		return at.errorf("the row says not who it is: the column of uid is empty; fill it in or remove the row")
	}
	if before := t.seen[strings.ToLower(uid)]; before > 0 {
		return at.errorf("%s stands in line %d as well; remove one of them", clip(uid), before)
	}
	t.seen[strings.ToLower(uid)] = at.line
	dn := values.first(columnDN)
	values.take(columnDN)
	if dn == "" {
		dn = childDN("uid", uid, t.k.people)
	}
	for _, g := range values.take("memberOf") {
		t.join(string(g), dn, at)
	}
	return t.c.emit(at, t.entry(at, dn, uid, values).rec)
}

// entry completes what a row says to an entry.
func (t *table) entry(at place, dn, uid string, values draft) draft {
	given, sn, cn := values.first("givenName"), values.first("sn"), values.first("cn")
	if cn == "" {
		cn = strings.TrimSpace(given + " " + sn)
	}
	d := person(dn, uid, cn, sn)
	for _, x := range []string{"uid", "cn", "sn"} {
		if values.get(x) != nil {
			d.take(x)
		}
	}
	for _, a := range values.rec.Attributes {
		for _, v := range a.Values {
			if strings.EqualFold(a.Attr, "userPassword") {
				v = []byte(t.password(at, string(v)))
			}
			if strings.EqualFold(a.Attr, "objectClass") {
				d.addOnce("objectClass", string(v))
				continue
			}
			d.add(a.Attr, string(v))
		}
	}
	if d.get("uidNumber") != nil {
		d.addOnce("objectClass", "posixAccount")
		if d.get("gidNumber") == nil {
			d.add("gidNumber", d.first("uidNumber"))
			t.c.report.note(Changed, "users without a gidNumber", "it is their uidNumber, as useradd does it", at)
		}
		if d.get("homeDirectory") == nil {
			d.add("homeDirectory", "/home/"+uid)
			t.c.report.note(Changed, "users without a homeDirectory", "it is /home/ and the login name", at)
		}
	}
	if d.get("sshPublicKey") != nil {
		d.addOnce("objectClass", "ldapPublicKey")
	}
	for _, attr := range agingAttributes {
		if d.get(attr) != nil {
			d.addOnce("objectClass", "shadowAccount")
		}
	}
	return d
}

// split returns the values of a field.
func (t *table) split(attr, field string) []string {
	secret := strings.EqualFold(attr, "userPassword")
	sep := t.c.options.Values
	if sep == "" && strings.EqualFold(attr, "memberOf") {
		sep = ";"
	}
	if sep == "" || secret {
		if !secret { // spaces are part of a password
			field = strings.TrimSpace(field)
		}
		return []string{field}
	}
	var values []string
	for v := range strings.SplitSeq(field, sep) {
		values = append(values, strings.TrimSpace(v))
	}
	return values
}

// password writes a password with the prefix of its scheme. What has none is the password itself, which the import hashes.
func (t *table) password(at place, v string) string {
	switch hash := strings.TrimSpace(v); {
	case strings.HasPrefix(hash, "{") && strings.Contains(hash, "}"):
		return hash
	case strings.HasPrefix(hash, "$argon2"):
		return "{ARGON2}" + hash
	case strings.HasPrefix(hash, "$") && isCryptHash(hash):
		return "{CRYPT}" + hash
	}
	t.c.report.note(Changed, "passwords in clear text", "they are hashed; keep the file from others, and remove it afterwards", at)
	return v
}

// join makes an entry a member of a group.
func (t *table) join(group, dn string, at place) {
	key := strings.ToLower(group)
	if _, known := t.groups[key]; !known {
		t.order = append(t.order, group)
		t.firstAt[key] = at
	}
	t.groups[key] = append(t.groups[key], dn)
}

// emitGroups hands on the groups that the rows named.
func (t *table) emitGroups() error {
	if len(t.order) > 0 {
		t.c.report.note(Changed, "groups made from the column of memberOf", strconv.Itoa(len(t.order))+" groups are made, with their members", place{})
	}
	for _, name := range t.order {
		key := strings.ToLower(name)
		d := newDraft(childDN("cn", name, t.k.groups), "top", "groupOfMembers")
		d.add("cn", name)
		d.add("member", t.groups[key]...)
		if err := t.c.emit(t.firstAt[key], d.rec); err != nil {
			return err
		}
	}
	return nil
}
