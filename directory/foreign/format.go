package foreign

import (
	"bytes"
	"errors"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// Format is a kind of input.
type Format string

// The formats. LDIF needs no conversion, unless what the schema does not have is to be left out.
const (
	LDIF   Format = "ldif"
	DS389  Format = "389ds"
	LLDAP  Format = "lldap"
	GLAuth Format = "glauth"
	Passwd Format = "passwd"
	CSV    Format = "csv"
)

// Formats lists all formats.
func Formats() []Format { return []Format{LDIF, DS389, LLDAP, GLAuth, Passwd, CSV} }

// HasNames reports whether entries of the format bring their names, so that no base is needed.
func (f Format) HasNames() bool { return f == LDIF || f == DS389 || f == LLDAP }

// DetectBytes is how much of an input [Detect] looks at.
const DetectBytes = 256 << 10

var (
	ldifStart   = regexp.MustCompile(`(?i)^(dn::?[ \t]|dn::?$|version:)`)
	ldifLike    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9.;-]*::?( |$)`)
	mark389     = regexp.MustCompile(`(?im)^(nsuniqueid|ipauniqueid|nsds5replconflict)::? |^objectclass: nsTombstone|^dn: nsuniqueid=|^aci: `)
	markLLDAP   = regexp.MustCompile(`(?im)^dn: cn=lldap_(admin|password_manager|strict_readonly),ou=groups,|^memberof: cn=lldap_|^objectclass: (customUserClass|mailAccount)$`)
	markGLAuth  = regexp.MustCompile(`(?m)^[ \t]*\[\[?[ \t]*(users|groups|backend|backends|ldap|ldaps)[ \t]*\]?\]`)
	passwdLine  = regexp.MustCompile(`^[^:]*:[^:]*:\d+:\d+:[^:]*:[^:]*:[^:]*$`)
	groupLine   = regexp.MustCompile(`^[^:]+:[^:]*:\d+:[^:]*$`)
	shadowLine  = regexp.MustCompile(`^[^:]+:[^:]*:\d*:\d*:\d*:\d*:\d*:\d*:\d*$`)
	errNoFormat = errors.New("this is none of the formats that are known; give --format (" + formatWords() + ")")
)

func formatWords() string {
	var words []string
	for _, f := range Formats() {
		words = append(words, string(f))
	}
	return strings.Join(words, ", ")
}

const utf16Text = "the text is UTF-16; save it as UTF-8, or convert it: iconv -f UTF-16 -t UTF-8"

// alien are inputs that are known, but not read, by their first bytes.
var alien = []struct{ magic, text string }{
	{"SQLite format 3\x00", "this is an SQLite database. Of lldap, export what is in it through LDAP: ldapsearch -x -LLL -o ldif-wrap=no -H ldap://HOST:3890 -D uid=admin,ou=people,BASE -W -b BASE"},
	{"\x1f\x8b", "this is compressed; unpack it: gzip -dc FILE | gatehouse import ... -"},
	{"BZh", "this is compressed; unpack it: bzip2 -dc FILE | gatehouse import ... -"},
	{"\xfd7zXZ", "this is compressed; unpack it: xz -dc FILE | gatehouse import ... -"},
	{"gatehouse backup", "this is a backup, which is the whole store; 'gatehouse restore' makes a new data directory from it"},
	{"PK\x03\x04", "this is a zip archive or a spreadsheet; save the table as CSV"},
	{"\xff\xfe", utf16Text},
	{"\xfe\xff", utf16Text},
	{"{", "this is JSON, which is not read; export LDIF or CSV"},
	{"<?xml", "this is XML, which is not read; export LDIF or CSV"},
}

// Detect says which format an input has, by its name and its first bytes, at most [DetectBytes]. An error says what to do.
func Detect(name string, head []byte) (Format, error) {
	for _, a := range alien {
		if bytes.HasPrefix(head, []byte(a.magic)) {
			return "", errors.New(a.text)
		}
	}
	head = bytes.TrimPrefix(head, []byte("\ufeff"))
	ext := strings.ToLower(filepath.Ext(name))
	first := firstLine(head)
	switch {
	case ldifStart.MatchString(first):
		return detectLDIF(head)
	case ext == ".csv" || ext == ".tsv":
		return CSV, nil
	case first == "" || ext == ".ldif":
		return LDIF, nil // which says what is wrong
	case markGLAuth.Match(head):
		return GLAuth, nil
	case passwdLine.MatchString(first), shadowLine.MatchString(first), groupLine.MatchString(first),
		unixName(name) != "" && strings.Count(first, ":") >= 3:
		return Passwd, nil
	case ldifLike.MatchString(first):
		return LDIF, nil
	case bytes.IndexByte(head, 0) >= 0:
		return "", errors.New("this is no text; export LDIF or CSV")
	case strings.ContainsAny(first, ",;\t"):
		return CSV, nil
	}
	return "", errNoFormat
}

// detectLDIF tells the dialects of LDIF apart.
func detectLDIF(head []byte) (Format, error) {
	switch {
	case bytes.Contains(head, []byte("\nolcDatabase: ")), bytes.HasPrefix(head, []byte("dn: cn=config\n")):
		return "", errors.New("this is the configuration of slapd; give it with --slapd-config, and the output of 'slapcat -n 1' as the file to import")
	case mark389.Match(head):
		return DS389, nil
	case markLLDAP.Match(head):
		return LLDAP, nil
	}
	return LDIF, nil
}

// firstLine returns the first line that is neither empty nor a comment.
func firstLine(head []byte) string {
	for line := range bytes.Lines(head) {
		line = bytes.TrimRight(line, " \t\r\n")
		if len(line) > 0 && line[0] != '#' && line[0] != ' ' {
			return string(line)
		}
	}
	return ""
}

// unixFile tells passwd, group, shadow and gshadow apart, by the name and else by the first line.
func unixFile(name, text string) string {
	if kind := unixName(name); kind != "" {
		return kind
	}
	first := firstLine([]byte(text))
	switch {
	case passwdLine.MatchString(first):
		return "passwd"
	case groupLine.MatchString(first):
		return "group"
	case strings.Count(first, ":") == 8:
		return "shadow"
	case strings.Count(first, ":") == 3:
		return "gshadow"
	}
	return ""
}

// decimal reads a number of a passwd file: digits alone, within 32 bits.
func decimal(s string) (int, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 10, 32)
	return int(n), err == nil
}

// unixName returns what a file is by its name, "" if that does not say.
func unixName(name string) string {
	base := strings.ToLower(filepath.Base(name))
	for _, kind := range []string{"gshadow", "shadow", "group", "passwd"} {
		if strings.Contains(base, kind) {
			return kind
		}
	}
	return ""
}
