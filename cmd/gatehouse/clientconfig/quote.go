package clientconfig

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"
	"text/template"
	"unicode/utf16"
)

// QuoteError says that a value cannot stand in a file of some form.
type QuoteError struct{ Value, Form string }

func (e *QuoteError) Error() string {
	return fmt.Sprintf("%s cannot hold %q", e.Form, e.Value)
}

// quoting is how templates put a value into a file of some form, so that it neither ends its string nor becomes a directive.
var quoting = template.FuncMap{
	"join": strings.Join,
	"json": func(s string) (string, error) { // also YAML and TOML
		var b strings.Builder
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		err := e.Encode(s)
		return strings.TrimSuffix(b.String(), "\n"), err
	},
	"xml": func(s string) (string, error) {
		var b strings.Builder
		err := xml.EscapeText(&b, []byte(s))
		return b.String(), err
	},
	"single": func(s string) string { // PHP and Perl
		return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
	},
	"double": func(s string) string { // Apache, lighttpd, FreeRADIUS, Dovecot
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
	},
	"doubled": func(s string) string { // pg_hba.conf, HCL of Squid: a quote is written twice
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	},
	"shell":  func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" },
	"filter": escapeFilter,
	"word":   word,

	"percent": func(s string) string { return strings.ReplaceAll(s, "%", "%%") },
	"dnurl":   escapeDN,
	"noexec":  noexec,

	"nodollar": nodollar,
	"property": property,
}

// escapeFilter escapes an assertion value in a filter (RFC 4515 section 3).
func escapeFilter(s string) string {
	return strings.NewReplacer(`\`, `\5c`, `*`, `\2a`, `(`, `\28`, `)`, `\29`, "\x00", `\00`).Replace(s)
}

// word passes what needs no quotes in a file that knows none.
func word(s string) (string, error) {
	if strings.ContainsAny(s, " \t\"'\\#$") {
		return "", &QuoteError{Value: s, Form: "a file that knows no quotes"}
	}
	return s, nil
}

// escapeDN escapes a DN in an LDAP URL (RFC 4516 section 2.1), with the characters of most DNs left as they are.
func escapeDN(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~=,+@:", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// noexec refuses a password that Apache would take for a program to run.
func noexec(s string) (string, error) {
	if strings.HasPrefix(s, "exec:") || strings.Contains(s, "${") {
		return "", &QuoteError{Value: "a password that begins with exec: or has ${ in it", Form: "Apache's configuration"}
	}
	return s, nil
}

// nodollar refuses what Grafana and Jenkins would take for a variable.
func nodollar(s string) (string, error) {
	if strings.Contains(s, "${") || strings.Contains(s, "$__") {
		return "", &QuoteError{Value: "${", Form: "a file that puts variables in"}
	}
	return s, nil
}

// property escapes a value of a Java properties file.
func property(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '\\' || r == ' ' && i == 0:
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x7f:
			b.WriteRune(r)
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, `\u%04x`, unit)
			}
		}
	}
	return b.String()
}
