package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-ldap/ldap/v3"
)

// Bounds of searches for names.
const (
	pageEntries    = 500 // of one page of a listing
	matchesMax     = 20  // entries of one name that are looked at
	matchesShown   = 8   // and named in a message
	nearCandidates = 200 // entries that are compared with a name nobody has
	nearShown      = 5
)

// find returns the one entry that a name stands for: a DN, or a value of an attribute that the kind is known by.
func (c *client) find(k *kind, name string) (*ldap.Entry, error) {
	return c.findAmong([]*kind{k}, name, k.attributes)
}

// findMember is find for whatever may be a member of a group. "user:", "group:", "app:" or "host:" before the name says which.
func (c *client) findMember(name string) (*ldap.Entry, error) {
	attrs := []string{"objectClass", "uid", "cn"}
	for _, k := range memberKinds {
		if rest, ok := strings.CutPrefix(name, k.noun+":"); ok {
			return c.findAmong([]*kind{k}, rest, attrs)
		}
	}
	return c.findAmong(memberKinds, name, attrs)
}

func (c *client) findAmong(kinds []*kind, name string, attrs []string) (*ldap.Entry, error) {
	if isDN(name) {
		return c.read(name, attrs)
	}
	var found []*ldap.Entry
	for _, k := range kinds {
		some, err := c.some(k.known(name), attrs, matchesMax)
		if err != nil {
			return nil, c.explain("look for "+printable(name), err)
		}
		// Who has the name itself comes before who has it as a mail address.
		if exact := having(some, k.naming, name); len(exact) > 0 {
			some = exact
		}
		for _, e := range some {
			if !slices.ContainsFunc(found, func(f *ldap.Entry) bool { return f.DN == e.DN }) {
				found = append(found, e)
			}
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, c.nobody(kinds, name)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s may be any of these; give the DN", printable(name))
	if len(kinds) > 1 {
		b.WriteString(", or put user:, group:, app: or host: before the name")
	}
	for i, e := range found {
		if i == matchesShown {
			b.WriteString("\n...")
			break
		}
		b.WriteString("\n" + printable(e.DN))
	}
	return nil, fmt.Errorf("%s", b.String())
}

// having returns the entries with a value, in any case.
func having(entries []*ldap.Entry, attr, value string) []*ldap.Entry {
	var list []*ldap.Entry
	for _, e := range entries {
		if slices.ContainsFunc(e.GetEqualFoldAttributeValues(attr), func(v string) bool { return strings.EqualFold(v, value) }) {
			list = append(list, e)
		}
	}
	return list
}

// read returns the entry of a DN.
func (c *client) read(dn string, attrs []string) (*ldap.Entry, error) {
	result, err := c.Search(ldap.NewSearchRequest(dn, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 0, 0, false, "(objectClass=*)", attrs, nil))
	switch {
	case err != nil:
		return nil, c.explain("read "+printable(dn), err)
	case len(result.Entries) != 1:
		return nil, fmt.Errorf("%s: no such entry, or you may not see it", printable(dn))
	}
	return result.Entries[0], nil
}

// some returns at most so many entries below the base; more than that is no error.
func (c *client) some(filter string, attrs []string, most int) ([]*ldap.Entry, error) {
	result, err := c.Search(ldap.NewSearchRequest(c.base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, most, 0, false, filter, attrs, nil))
	if ldap.IsErrorAnyOf(err, ldap.LDAPResultSizeLimitExceeded, ldap.LDAPResultTimeLimitExceeded, ldap.LDAPResultAdminLimitExceeded) {
		err = nil
	}
	if err != nil {
		return nil, err
	}
	return result.Entries, nil
}

// each calls do for all entries below the base that match, page by page (RFC 2696).
func (c *client) each(ctx context.Context, filter string, attrs []string, do func(*ldap.Entry) error) error {
	paging := ldap.NewControlPaging(pageEntries)
	for {
		result, err := c.Search(ldap.NewSearchRequest(c.base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false,
			filter, attrs, []ldap.Control{paging}))
		if result != nil && (err == nil || ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded)) {
			for _, e := range result.Entries {
				if err := do(e); err != nil {
					return err
				}
			}
		}
		if err != nil {
			return err
		}
		answer, ok := ldap.FindControl(result.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging)
		if !ok || len(answer.Cookie) == 0 {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		paging.SetCookie(answer.Cookie)
	}
}

// nobody says that a name is nobody's, with those that are like it.
func (c *client) nobody(kinds []*kind, name string) error {
	nouns := make([]string, len(kinds))
	for i, k := range kinds {
		nouns[i] = k.noun
	}
	text := fmt.Sprintf("no %s %s is there, or you may not see it", strings.Join(nouns, " or "), printable(name))
	type near struct {
		text     string
		distance int
	}
	var list []near
	for _, k := range kinds {
		patterns, far := alike(name)
		entries, err := c.some(k.matching(patterns), []string{k.naming, k.label}, nearCandidates)
		if err == nil && len(entries) == 0 && len(far) > 0 {
			entries, err = c.some(k.matching(far), []string{k.naming, k.label}, nearCandidates)
		}
		if err != nil {
			continue // the message is complete without
		}
		for _, e := range entries {
			own := e.GetEqualFoldAttributeValue(k.naming)
			n := near{own, distance(strings.ToLower(own), strings.ToLower(name))}
			if label := e.GetEqualFoldAttributeValue(k.label); label != "" && label != own {
				n.text += " (" + label + ")"
				if strings.Contains(strings.ToLower(label), strings.ToLower(name)) {
					n.distance = min(n.distance, 1)
				}
			}
			if own != "" && n.distance <= max(2, utf8.RuneCountInString(name)/2) {
				list = append(list, n)
			}
		}
	}
	if len(list) == 0 {
		return fmt.Errorf("%s", text)
	}
	slices.SortStableFunc(list, func(a, b near) int { return cmp.Compare(a.distance, b.distance) })
	text += "; there is"
	for i, n := range list[:min(len(list), nearShown)] {
		if i > 0 {
			text += ","
		}
		text += " " + printable(n.text)
	}
	return fmt.Errorf("%s", text)
}

// alike returns the patterns of names that may be like a given one: those with one character more, less or different at an end, or with
// all of it inside; and, for when there are none, those with the same beginning, the same ends, or the same second half.
func alike(name string) (near, far []string) {
	runes := []rune(name)
	n := len(runes)
	part := func(from, to int) string { return ldap.EscapeFilter(string(runes[from:to])) }
	near = []string{"*" + part(0, n) + "*"}
	if n > 2 {
		near = append(near, part(0, n-1)+"*", "*"+part(1, n))
		start := min(2, n/2) // of a short name one character
		far = append(far, part(0, start)+"*", part(0, 1)+"*"+part(n-1, n), "*"+part(n/2, n))
	}
	return near, far
}

// matching returns a filter for names that fit one of some patterns.
func (k *kind) matching(patterns []string) string {
	var f strings.Builder
	for _, p := range patterns {
		f.WriteString("(" + k.naming + "=" + p + ")")
	}
	if k == userKind {
		f.WriteString("(cn=" + patterns[0] + ")")
	}
	return "(&" + k.filter + "(|" + f.String() + "))"
}

// distance is the number of characters to add, take away or change between two words (Levenshtein).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		before := row[0] // of the row above, one to the left
		row[0] = i + 1
		for j := range y {
			changed := before
			if x[i] != y[j] {
				changed++
			}
			before = row[j+1]
			row[j+1] = min(changed, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}
