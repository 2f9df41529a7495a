package clientconfig

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"
	"text/template"
)

// QuoteError says that a value cannot stand in a file of some form.
type QuoteError struct{ Value, Form string }

func (e *QuoteError) Error() string {
	return fmt.Sprintf("%s cannot hold %q", e.Form, e.Value)
}

// quoting is how templates put a value into a file of some form, so that it neither ends its string nor becomes a directive.
var quoting = template.FuncMap{
	"join": strings.Join,
	"json": func(s string) (string, error) {
		text, err := json.Marshal(s) // also YAML and JavaScript
		return string(text), err
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
	"path":   url.PathEscape,
	"filter": escapeFilter,
	"word":   word,
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
