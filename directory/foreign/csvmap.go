package foreign

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Mapping says that an attribute takes the values of a column.
type Mapping struct{ Attr, Column string }

// ParseMap reads a column map: ATTRIBUTE=COLUMN, separated by commas. A column with a comma in its name is written in double
// quotes.
func ParseMap(text string) ([]Mapping, error) {
	var list []Mapping
	for rest := text; rest != ""; {
		attr, more, ok := strings.Cut(rest, "=")
		attr = strings.TrimSpace(attr)
		if !ok || attr == "" {
			return nil, fmt.Errorf("%q is not ATTRIBUTE=COLUMN", rest)
		}
		var column string
		more = strings.TrimLeft(more, " ")
		if quoted, is := strings.CutPrefix(more, `"`); is {
			end := strings.IndexByte(quoted, '"')
			if end < 0 {
				return nil, fmt.Errorf("%s: the closing quote of the column is missing", attr)
			}
			column, rest = quoted[:end], strings.TrimLeft(quoted[end+1:], " ")
			if rest != "" && rest[0] != ',' {
				return nil, fmt.Errorf("%s: a comma is missing behind the column", attr)
			}
			rest = strings.TrimPrefix(rest, ",")
		} else {
			column, rest, _ = strings.Cut(more, ",")
			column = strings.TrimSpace(column)
		}
		if column == "" {
			return nil, fmt.Errorf("%s: which column?", attr)
		}
		list = append(list, Mapping{attr, column})
	}
	return list, nil
}

// usualColumns are names of columns that say by themselves what is in them, as [columnKey] writes them.
var usualColumns = map[string]string{
	"login": "uid", "loginname": "uid", "username": "uid", "user": "uid", "userid": "uid", "account": "uid",
	"email": "mail", "emailaddress": "mail", "fullname": "cn", "name": "cn", "commonname": "cn",
	"firstname": "givenName", "forename": "givenName", "lastname": "sn", "surname": "sn", "familyname": "sn",
	"phone": "telephoneNumber", "telephone": "telephoneNumber", "cell": "mobile", "mobilephone": "mobile",
	"department": "departmentNumber", "employeeid": "employeeNumber", "jobtitle": "title",
	"shell": "loginShell", "home": "homeDirectory", "homedir": "homeDirectory", "uidnumber": "uidNumber", "gidnumber": "gidNumber",
	"password": "userPassword", "passwd": "userPassword", "sshkey": "sshPublicKey", "sshkeys": "sshPublicKey",
	"groups": "memberOf", "group": "memberOf",
}

// columnKey writes the name of a column without case and separators.
func columnKey(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" _-.", r) {
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(name)))
}

// columnDN is the pseudo attribute of a map whose column holds the name of the entry.
const columnDN = "dn"

// column is one column of a table: where its values go.
type column struct {
	name string
	attr string // "" is ignored
}

// columnsMax bounds the columns of a table; they are looked up one by one.
const columnsMax = 1000

// columns finds out what each column of the header is for.
func (c *converter) columns(at place, header []string) ([]column, error) {
	if len(header) > columnsMax {
		return nil, at.errorf("more than %d columns", columnsMax)
	}
	list := make([]column, len(header))
	for i, name := range header {
		list[i].name = strings.TrimSpace(name)
		for j := range i {
			if list[i].name != "" && strings.EqualFold(list[j].name, list[i].name) {
				return nil, at.errorf("column %q stands twice in the header; rename one of them", clip(name))
			}
		}
	}
	if err := c.mapColumns(at, list); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(list, func(x column) bool { return strings.EqualFold(x.attr, "uid") }) {
		return nil, at.errorf("no column says who it is; give --map uid=COLUMN with one of: %s", clip(strings.Join(columnNames(list), ", ")))
	}
	for _, x := range list {
		if x.attr == "" && x.name != "" {
			c.report.note(LeftOut, "column "+x.name, "nothing says which attribute it is; give --map ATTRIBUTE="+x.name, at)
		}
	}
	return list, nil
}

// mapColumns gives the columns their attributes: what the map says, and then the names that speak for themselves.
func (c *converter) mapColumns(at place, list []column) error {
	given := map[string]bool{}
	for _, m := range c.options.Map {
		i := slices.IndexFunc(list, func(x column) bool { return x.name == m.Column })
		if i < 0 {
			i = slices.IndexFunc(list, func(x column) bool { return strings.EqualFold(x.name, m.Column) })
		}
		if i < 0 {
			return at.errorf("the map names column %q, and the header has: %s", clip(m.Column), clip(strings.Join(columnNames(list), ", ")))
		}
		if !c.isAttribute(m.Attr) {
			return at.errorf("the map names attribute %q, which the schema does not have", clip(m.Attr))
		}
		if list[i].attr != "" {
			return at.errorf("the map gives column %q to %s and to %s; give it to one of them", clip(m.Column), list[i].attr, m.Attr)
		}
		list[i].attr = m.Attr
		given[strings.ToLower(m.Attr)] = true
	}
	for i := range list {
		if list[i].attr != "" {
			continue
		}
		attr := usualColumns[columnKey(list[i].name)]
		if attr == "" && c.isAttribute(list[i].name) {
			attr = list[i].name
		}
		if attr != "" && !given[strings.ToLower(attr)] {
			given[strings.ToLower(attr)] = true
			list[i].attr = attr
		}
	}
	return nil
}

// isAttribute reports whether a map may name it.
func (c *converter) isAttribute(name string) bool {
	if strings.EqualFold(name, columnDN) {
		return true
	}
	_, err := c.options.Schema.Description(name)
	return err == nil
}

func columnNames(list []column) []string {
	var names []string
	for _, x := range list {
		names = append(names, x.name)
	}
	return names
}

// clip bounds a text of the input in an error, and keeps what would move a terminal out of it.
func clip(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
	if len(s) > whatMax {
		return strings.ToValidUTF8(s[:whatMax], "") + "..."
	}
	return s
}
