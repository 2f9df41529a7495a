package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// parse reads the documents of one file as nodes. A problem ends it. Empty documents are left out.
func parse(s Source) ([]*yaml.Node, *Problem) {
	if len(s.Text) > fileBytesMax {
		return nil, &Problem{Position: Position{s.Name, 1, 1}, Message: fmt.Sprintf("the file is longer than %d bytes", fileBytesMax)}
	}
	if i := invalidUTF8(s.Text); i >= 0 {
		line, column := lineAndColumn(s.Text, i)
		return nil, &Problem{Position: Position{s.Name, line, column}, Message: "not UTF-8"}
	}
	if isJSON(s.Name) {
		return parseJSON(s)
	}
	return parseYAML(s)
}

func parseYAML(s Source) (docs []*yaml.Node, problem *Problem) {
	// The parser is written with panics. Those for bad input are caught inside it; a text that trips it otherwise must
	// not take the server down.
	defer func() {
		if r := recover(); r != nil {
			docs, problem = nil, &Problem{Position: Position{s.Name, 1, 1}, Message: "this YAML cannot be read"}
		}
	}()
	d := yaml.NewDecoder(bytes.NewReader(s.Text))
	for {
		n := new(yaml.Node)
		err := d.Decode(n)
		switch {
		case errors.Is(err, io.EOF):
			return docs, nil
		case err != nil:
			return docs, yamlProblem(s, err)
		}
		if len(n.Content) == 1 && isNull(n.Content[0]) && n.Content[0].Style == 0 {
			continue
		}
		if docs = append(docs, n); len(docs) > documentsMax {
			return nil, &Problem{Position: Position{s.Name, n.Line, 1}, Message: fmt.Sprintf("more than %d documents", documentsMax)}
		}
	}
}

func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Tag == "!!null" && n.Anchor == ""
}

var (
	yamlErrorLine = regexp.MustCompile(`^yaml: (?:line ([0-9]+): )?`)
	unknownAnchor = regexp.MustCompile(`^yaml: unknown anchor '(.*)' referenced$`)
)

// yamlProblem finds the line in the parser's message; it tells no column, and of an unknown anchor only the name.
func yamlProblem(s Source, err error) *Problem {
	text := err.Error()
	if m := unknownAnchor.FindStringSubmatch(text); m != nil {
		line, column := lineAndColumn(s.Text, max(0, bytes.Index(s.Text, []byte("*"+m[1]))))
		return &Problem{Position: Position{s.Name, line, column}, Message: "aliases are not accepted; use a definition and $name"}
	}
	m := yamlErrorLine.FindStringSubmatch(text)
	line := 1
	if m != nil {
		text = text[len(m[0]):]
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
	}
	return &Problem{Position: Position{s.Name, line, 1}, Message: text}
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, -1 if all is.
func invalidUTF8(text []byte) int {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// lineAndColumn counts from 1, columns in characters.
func lineAndColumn(text []byte, offset int) (line, column int) {
	before := text[:offset]
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[start:]) + 1
}

func isJSON(name string) bool { return strings.HasSuffix(strings.ToLower(name), ".json") }
