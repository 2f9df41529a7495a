package storage

import (
	"fmt"
	"strings"

	"gatehouse/directory/filter"
)

// A planTrace writes down what a Plan found out. All methods do nothing on a nil planTrace.
type planTrace struct {
	b     strings.Builder
	depth int
}

// String prints how the plan came about, one line for each term that was read. It plans once more to find out.
func (p *Plan) String() string {
	again := &Plan{v: p.v, ix: p.ix, root: p.root, base: p.base, scope: p.scope, opt: p.opt, trace: &planTrace{}}
	if err := again.make(); err != nil {
		return err.Error()
	}
	return again.trace.b.String()
}

func (t *planTrace) linef(format string, args ...any) {
	fmt.Fprintf(&t.b, "%s%s\n", strings.Repeat("  ", t.depth), fmt.Sprintf(format, args...))
}

func (t *planTrace) enter(n *filter.Node) {
	if t != nil {
		t.linef("%s", n.Op)
		t.depth++
	}
}

func (t *planTrace) leave() {
	if t != nil {
		t.depth--
	}
}

func (t *planTrace) node(n *filter.Node, found term) {
	if t != nil {
		t.linef("%s: %s", nodeText(n), found.String())
	}
}

func (t *planTrace) between(lo, hi *filter.Node, found term) {
	if t != nil {
		t.linef("%s from %q to %q: %s", lo.Type.Name(), lo.Key, hi.Key, found.String())
	}
}

func (t *planTrace) filter(found term) {
	if t != nil {
		t.linef("the filter: %s", found.String())
	}
}

// use notes what is walked.
func (t *planTrace) use(text string) {
	if t != nil {
		t.linef("walk: %s", text)
	}
}

// nodeText names a leaf and the index keys that it asks for.
func nodeText(n *filter.Node) string {
	name := "(no attribute)"
	if n.Type != nil {
		name = n.Type.Name()
	}
	switch n.Op {
	case filter.OpEqual, filter.OpInChain:
		if n.Name != "" {
			return fmt.Sprintf("%s %s %q", name, n.Op, string(n.Name))
		}
		return fmt.Sprintf("%s %s %q", name, n.Op, n.Key)
	case filter.OpAnyOf:
		return fmt.Sprintf("%s %s %d keys", name, n.Op, len(n.Keys))
	case filter.OpSubstrings:
		return fmt.Sprintf("%s %s %q %q %q", name, n.Op, n.Initial, n.Any, n.Final)
	case filter.OpGreaterOrEqual, filter.OpLessOrEqual:
		return fmt.Sprintf("%s %s %q", name, n.Op, n.Key)
	case filter.OpUndefined, filter.OpFalse, filter.OpTrue, filter.OpNot:
		return n.Op.String()
	default:
		return fmt.Sprintf("%s %s", name, n.Op)
	}
}

// String prints what a term says about the candidates.
func (t term) String() string {
	switch t.kind {
	case termAll:
		if t.covered {
			return "does not narrow"
		}
		return "no index"
	case termIDs:
		return fmt.Sprintf("%d IDs", len(t.ids))
	case termSet:
		return "a large set"
	case termOr:
		return fmt.Sprintf("the union of %d sets", len(t.parts))
	default:
		return fmt.Sprintf("the intersection of %d sets", len(t.parts))
	}
}
