package bundle

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// sexagesimal is what YAML 1.1 reads as a number to the base 60: 12:30, 1:30:00.
var sexagesimal = regexp.MustCompile(`^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$`)

// ambiguous reports why a text that stands without quotes is refused: readers of YAML differ on what it is.
func ambiguous(s string) string {
	switch strings.ToLower(s) {
	case "on", "off", "yes", "no", "y", "n":
		return "is true or false to some readers"
	}
	switch {
	case sexagesimal.MatchString(s):
		return "is a number to the base 60 to some readers"
	case (&yaml.Node{Kind: yaml.ScalarNode, Value: s}).ShortTag() == "!!timestamp":
		return "is a date to some readers"
	}
	return ""
}

// isPlain reports whether a scalar stands without quotes.
func isPlain(n *yaml.Node) bool {
	const quoted = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	return n.Kind == yaml.ScalarNode && n.Style&quoted == 0
}
