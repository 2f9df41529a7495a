package bundle

import (
	"iter"

	"go.yaml.in/yaml/v3"
)

// key returns the value of the first key with this name in a map, nil without one.
func key(n *yaml.Node, name string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

// get returns the value of a key, nil if it is absent or was refused.
func (c *checker) get(n *yaml.Node, name string) *yaml.Node {
	if v := key(n, name); v != nil && !c.bad[v] {
		return v
	}
	return nil
}

// text returns the text at a key.
func (c *checker) text(n *yaml.Node, name string) (string, bool) {
	if v := c.get(n, name); v != nil && v.Kind == yaml.ScalarNode && v.Tag == "!!str" {
		return v.Value, true
	}
	return "", false
}

// isTrue reports whether a key is there with the value true.
func (c *checker) isTrue(n *yaml.Node, name string) bool {
	v := c.get(n, name)
	return v != nil && v.Value == "true"
}

// texts yields the texts at a key that takes one or a list of them.
func (c *checker) texts(n *yaml.Node, name string) iter.Seq[*yaml.Node] {
	return func(yield func(*yaml.Node) bool) {
		v := c.get(n, name)
		if v != nil && v.Kind == yaml.ScalarNode {
			yield(v)
			return
		}
		for item := range c.items(n, name) {
			if !yield(item) {
				return
			}
		}
	}
}

// items yields the elements of the list at a key that were not refused.
func (c *checker) items(n *yaml.Node, name string) iter.Seq[*yaml.Node] {
	return func(yield func(*yaml.Node) bool) {
		list := c.get(n, name)
		if list == nil || list.Kind != yaml.SequenceNode {
			return
		}
		for _, item := range list.Content {
			if !c.bad[item] && !yield(item) {
				return
			}
		}
	}
}

// pairs yields the keys and values of the map at a key that were not refused. A key that is there twice comes once.
func (c *checker) pairs(n *yaml.Node, name string) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(k, v *yaml.Node) bool) {
		m := c.get(n, name)
		if m == nil || m.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(m.Content); i += 2 {
			if k, v := m.Content[i], m.Content[i+1]; !c.bad[k] && !yield(k, v) {
				return
			}
		}
	}
}
