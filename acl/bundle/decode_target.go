package bundle

import (
	"slices"

	"gatehouse/directory"

	"go.yaml.in/yaml/v3"
)

// targetAt reads the target at a key, nil if it is absent or wrong.
func (d *document) targetAt(n *yaml.Node, key string) *Target {
	if v := d.get(n, key); v != nil {
		return d.target(v)
	}
	return nil
}

// target reads a target, with its sets expanded.
func (d *document) target(n *yaml.Node) *Target {
	if isReference(n) {
		s := d.set(n, setTargets)
		if s == nil {
			return nil
		}
		defined, _ := s.value.(*Target)
		if defined == nil {
			return nil
		}
		used := *defined
		used.Pos, used.Set = d.at(n), s.key.name
		return &used
	}
	base := d.get(n, "base")
	if n.Kind != yaml.MappingNode || base == nil {
		return nil
	}
	t := &Target{Pos: d.at(n), Scope: directory.ScopeSub, Base: d.name(base), size: 1, depth: 1}
	if word, ok := d.text(n, "scope"); ok {
		t.Scope = directory.Scope(slices.Index(scopeNames, word))
	}
	t.Filter = d.filter(n, "filter")
	t.Protected = d.get(n, "protected") != nil
	t.Privileged = d.get(n, "privileged") != nil
	ok := true
	for item := range d.items(n, "exclude") {
		part := d.target(item)
		if part == nil {
			ok = false
			continue
		}
		t.Exclude = append(t.Exclude, part)
		t.size += part.size
		t.depth = max(t.depth, part.depth+1)
		if part.Protected || part.Privileged {
			d.fail(item, "an excluded target says nothing about protected or privileged entries")
		}
	}
	switch {
	case t.Base == nil || !ok || t.Filter == nil && key(n, "filter") != nil:
		return nil // told already
	case t.Base.Anchor == AnchorRoot && t.Base.DN.IsZero() && t.Scope != directory.ScopeBase:
		d.fail(base, `base "" is the root DSE and needs scope: base; every entry of the directory is base: "${suffix}"`)
		return nil
	case t.size > expansionMax || t.depth > expansionDepthMax:
		d.fail(n, "with every $name expanded, the target has more than %d parts or %d levels", expansionMax, expansionDepthMax)
		return nil
	}
	return t
}
