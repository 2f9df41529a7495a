package schema

import (
	"encoding/base64"
	"fmt"
	"strings"
)

var schemaKeywords = map[string]directiveKind{
	"objectidentifier": directiveMacro, "ldapsyntax": directiveSyntax,
	"attributetype": directiveType, "attributetypes": directiveType,
	"objectclass": directiveClass, "objectclasses": directiveClass,
	"ditcontentrule": directiveContentRule,
}

var ldifKeywords = map[string]directiveKind{
	"olcobjectidentifier": directiveMacro, "olcldapsyntaxes": directiveSyntax, "olcattributetypes": directiveType,
	"olcobjectclasses": directiveClass, "olcditcontentrules": directiveContentRule,
	"attributetypes": directiveType, "objectclasses": directiveClass,
}

// isLDIF reports whether the first line that says anything begins an LDIF record.
func isLDIF(text string) bool {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line != "" && line[0] != '#' {
			line = strings.ToLower(line)
			return strings.HasPrefix(line, "dn:") || strings.HasPrefix(line, "version:")
		}
	}
	return false
}

// readSchemaFile reads OpenLDAP's .schema form: a keyword at the start of a line, the definition behind it and on the
// indented lines below. Comments begin with '#'.
func readSchemaFile(name, text string) ([]directive, []error) {
	var list []directive
	var problems []error
	n := 0
	for line := range strings.Lines(text) {
		n++
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || line[0] == '#':
			if len(list) > 0 {
				list[len(list)-1].text += "\n" // keeps the count of lines right
			}
			continue
		case line[0] == ' ' || line[0] == '\t':
			if len(list) == 0 {
				problems = append(problems, fmt.Errorf("%s:%d: an indented line continues nothing", name, n))
				continue
			}
			list[len(list)-1].text += line
			continue
		}
		keyword := trimmed
		if i := strings.IndexAny(trimmed, " \t("); i >= 0 {
			keyword = trimmed[:i]
		}
		kind, known := schemaKeywords[strings.ToLower(keyword)]
		if !known {
			problems = append(problems, fmt.Errorf("%s:%d: unknown keyword %q", name, n, clip(keyword)))
			continue
		}
		list = append(list, directive{kind: kind, text: line[len(keyword):], line: n})
	}
	return list, problems
}

// readLDIF reads the values of schema attributes, of any entry and any kind of record, and passes over everything else.
func readLDIF(name, text string) ([]directive, []error) {
	var list []directive
	var problems []error
	n, start := 0, 0
	var logical strings.Builder
	flush := func() {
		key, value, ok := strings.Cut(logical.String(), ":")
		logical.Reset()
		kind, known := ldifKeywords[strings.ToLower(strings.TrimSpace(key))]
		if !ok || !known {
			return
		}
		if encoded, is64 := strings.CutPrefix(value, ":"); is64 {
			raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
			if err != nil {
				problems = append(problems, fmt.Errorf("%s:%d: %w", name, start, err))
				return
			}
			value = string(raw)
		}
		list = append(list, directive{kind: kind, text: withoutIndex(strings.TrimSpace(value)), line: start})
	}
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, " "):
			logical.WriteString(line[1:])
		default:
			flush()
			start = n
			logical.WriteString(line)
		}
	}
	flush()
	return list, problems
}

// withoutIndex takes the "{0}" of an ordered value of cn=config away.
func withoutIndex(value string) string {
	if strings.HasPrefix(value, "{") {
		if i := strings.IndexByte(value, '}'); i > 0 {
			return strings.TrimSpace(value[i+1:])
		}
	}
	return value
}
