package bundle

import (
	"fmt"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// scalar prints a scalar: texts without quotes where no reader can take them for something else.
func scalar(n *yaml.Node, inFlow bool) string {
	if n.Tag != "!!str" || mayBePlain(n.Value, inFlow) {
		return n.Value
	}
	return quoted(n.Value)
}

func mayBePlain(s string, inFlow bool) bool {
	if s == "" || !isPlainStart(s[0]) || strings.HasSuffix(s, " ") || strings.HasSuffix(s, ":") {
		return false
	}
	if strings.ContainsAny(s, "=\t") || strings.Contains(s, ": ") || strings.Contains(s, " #") || strings.Contains(s, "${") {
		return false
	}
	if inFlow && strings.ContainsAny(s, ",[]{}:\"'#") {
		return false
	}
	for _, r := range s {
		if !unicode.IsPrint(r) || r == '\u2028' || r == '\u2029' {
			return false
		}
	}
	return ambiguous(s) == "" && (&yaml.Node{Kind: yaml.ScalarNode, Value: s}).ShortTag() == "!!str"
}

func isPlainStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '$'
}

// quoted prints a text in double quotes.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// literal prints a text of several lines as a literal block, if that keeps every character.
func literal(n *yaml.Node, indent int) (string, bool) {
	body, ends := strings.CutSuffix(n.Value, "\n")
	if n.Tag != "!!str" || !strings.Contains(body, "\n") {
		return "", false
	}
	head := "|-"
	if ends {
		head = "|"
	}
	lines := strings.Split(body, "\n")
	for i, line := range lines {
		if strings.TrimRight(line, " ") != line || i == 0 && strings.HasPrefix(line, " ") || (i == 0 || i == len(lines)-1) && line == "" {
			return "", false
		}
		for _, r := range line {
			if !unicode.IsPrint(r) {
				return "", false
			}
		}
		if line != "" {
			lines[i] = strings.Repeat(" ", indent) + line
		}
	}
	return head + "\n" + strings.Join(lines, "\n"), true
}

// commentLines returns the lines of comments, each with its #.
func commentLines(comments ...string) []string {
	var lines []string
	for _, c := range comments {
		for line := range strings.SplitSeq(c, "\n") {
			line = strings.TrimSpace(line)
			if line == "" {
				continue
			}
			if line[0] != '#' {
				line = "# " + line
			}
			lines = append(lines, line)
		}
	}
	return lines
}

func joinComments(lines []string) string { return strings.Join(lines, "\n") }

// takeComments returns all comments in and below a node, in order; with clear they are gone afterwards.
func takeComments(n *yaml.Node, clear bool) []string {
	lines := commentLines(n.HeadComment, n.LineComment)
	for _, child := range n.Content {
		lines = append(lines, takeComments(child, clear)...)
	}
	lines = append(lines, commentLines(n.FootComment)...)
	if clear {
		clearComments(n)
	}
	return lines
}

func clearComments(n *yaml.Node) { n.HeadComment, n.LineComment, n.FootComment = "", "", "" }
