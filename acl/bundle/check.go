package bundle

import (
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// checker holds nodes against the grammar and collects problems. Those that read a node afterwards skip what it refused.
type checker struct {
	file     string
	problems *Problems
	bad      map[*yaml.Node]bool // refused: not to be looked at again
}

// fail reports a node and keeps it from being read.
func (c *checker) fail(n *yaml.Node, format string, args ...any) {
	c.report(n, format, args...)
	c.bad[n] = true
}

// report reports a node that can still be read.
func (c *checker) report(n *yaml.Node, format string, args ...any) {
	*c.problems = append(*c.problems, Problem{Position: c.at(n), Message: fmt.Sprintf(format, args...)})
}

func (c *checker) at(n *yaml.Node) Position { return Position{c.file, n.Line, n.Column} }

// general refuses, in the whole tree, what no place of the language allows. It returns false for a tree that cannot be
// looked at any further.
func (c *checker) general(n *yaml.Node, depth int) bool {
	switch {
	case depth > nestingMax:
		c.fail(n, "nested more than %d deep", nestingMax)
		return false
	case n.Kind == yaml.AliasNode:
		c.fail(n, "aliases are not accepted; use a definition and $name")
		return true
	case n.Anchor != "":
		c.fail(n, "anchors are not accepted; use a definition and $name")
	case n.Style&yaml.TaggedStyle != 0:
		c.fail(n, "tags are not accepted")
	case n.Tag == "!!merge" && isPlain(n):
		c.fail(n, "merge keys are not accepted; use a definition and $name")
	case isPlain(n):
		if why := ambiguous(n.Value); why != "" {
			c.fail(n, "%s without quotes %s; write %s", n.Value, why, strconv.Quote(n.Value))
		}
	}
	ok := true
	for _, child := range n.Content {
		ok = c.general(child, depth+1) && ok
	}
	return ok
}

// check holds a node against a shape.
func (c *checker) check(n *yaml.Node, s *shape) {
	if c.bad[n] {
		return
	}
	if s.word != nil && n.Kind == yaml.ScalarNode {
		s = s.word
	}
	switch s.kind {
	case kindText:
		c.word(n, s)
	case kindInt:
		c.number(n, s)
	case kindBool, kindTrue:
		if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" || s.kind == kindTrue && n.Value != "true" || n.Value != "true" && n.Value != "false" {
			c.fail(n, "expected %s, not %s", s.what, describe(n))
		}
	case kindList:
		c.list(n, s)
	case kindTexts:
		if n.Kind == yaml.ScalarNode {
			c.word(n, s.item)
			return
		}
		c.list(n, s)
	case kindMap, kindObject:
		c.mapping(n, s)
	}
}

func (c *checker) word(n *yaml.Node, s *shape) {
	switch {
	case n.Kind == yaml.ScalarNode && n.Tag != "!!str":
		if s.words == nil && n.Value != "" {
			c.fail(n, "expected %s, not %s; write %s", s.what, describe(n), strconv.Quote(n.Value))
			return
		}
		c.fail(n, "expected %s, not %s", s.what, describe(n))
	case n.Kind != yaml.ScalarNode:
		c.fail(n, "expected %s, not %s", s.what, describe(n))
	case s.words != nil && !slices.Contains(s.words, n.Value):
		hint := didYouMean(n.Value, slices.Values(s.words))
		if hint == "" {
			hint = "; one of " + oneOf(s.words)
		}
		c.fail(n, "%s is not %s%s", quote(n.Value), s.what, hint)
	case s.pattern != nil && !s.pattern.MatchString(n.Value):
		c.fail(n, "%s is not %s: %s", quote(n.Value), s.what, s.hint)
	case utf8.RuneCountInString(n.Value) < s.min:
		c.fail(n, "the text is empty")
	}
}

func (c *checker) number(n *yaml.Node, s *shape) {
	v, err := strconv.Atoi(n.Value)
	switch {
	case n.Kind != yaml.ScalarNode || n.Tag != "!!int" || err != nil || strconv.Itoa(v) != n.Value:
		c.fail(n, "expected %s, not %s", s.what, describe(n))
	case v < s.min || v > s.max:
		c.fail(n, "%d is not between %d and %d", v, s.min, s.max)
	}
}

func (c *checker) list(n *yaml.Node, s *shape) {
	if n.Kind != yaml.SequenceNode {
		c.fail(n, "expected %s, not %s", s.what, describe(n))
		return
	}
	if len(n.Content) < s.min {
		c.fail(n, "the list is empty")
	}
	for i, item := range n.Content {
		c.check(item, s.item)
		same := func(other *yaml.Node) bool { return other.Value == item.Value }
		if s.unique && !c.bad[item] && slices.ContainsFunc(n.Content[:i], same) {
			c.fail(item, "%s stands in the list twice", quote(item.Value))
		}
	}
}

func (c *checker) mapping(n *yaml.Node, s *shape) {
	if n.Kind != yaml.MappingNode {
		c.fail(n, "expected %s, not %s", s.what, describe(n))
		return
	}
	if s.kind == kindObject && len(n.Content) == 0 && s.min > 0 {
		c.report(n, "%s without any key", s.what)
	}
	seen := make(map[string]*yaml.Node, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if c.bad[key] {
			continue
		}
		if key.Kind != yaml.ScalarNode || key.Tag != "!!str" {
			c.fail(key, "expected a key, not %s", describe(key))
			continue
		}
		if first := seen[key.Value]; first != nil {
			c.fail(key, "the key %s stands here twice; first in line %d", quote(key.Value), first.Line)
			continue
		}
		seen[key.Value] = key
		c.pair(key, value, s)
	}
	for _, need := range s.needs {
		if seen[need] == nil {
			c.report(n, "%s needs the key %q", s.what, need)
		}
	}
}

func (c *checker) pair(key, value *yaml.Node, s *shape) {
	if s.kind == kindMap {
		if s.keys != nil {
			c.word(key, s.keys)
		}
		c.check(value, s.item)
		return
	}
	if v := s.field(key.Value); v != nil {
		c.check(value, v)
		return
	}
	if why := s.not[key.Value]; why != "" {
		c.fail(key, "%s has no %s: %s", s.what, key.Value, why)
		return
	}
	keys := make([]string, 0, len(s.fields))
	for _, f := range s.fields {
		keys = append(keys, f.key)
	}
	c.fail(key, "%s has no key %s%s", s.what, quote(key.Value), didYouMean(key.Value, slices.Values(keys)))
}

// describe names what a node is, for messages.
func describe(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.MappingNode:
		return "a map"
	case n.Kind == yaml.AliasNode:
		return "an alias"
	case n.Tag == "!!null":
		return "nothing"
	case n.Tag == "!!str":
		return "the text " + quote(n.Value)
	case n.Tag == "!!bool":
		return "the truth value " + n.Value
	default:
		return "the number " + quote(n.Value)
	}
}
