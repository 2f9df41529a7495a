package wire

import "gatehouse/directory"

// store holds the parts of one message. Every slice is an arena: parts are cut off its free end, and a decode starts
// again at the front. An arena that is full is replaced, not grown in place, so parts already cut keep their memory.
type store struct {
	bind     directory.BindRequest
	unbind   directory.UnbindRequest
	search   directory.SearchRequest
	compare  directory.CompareRequest
	add      directory.AddRequest
	modify   directory.ModifyRequest
	delete   directory.DeleteRequest
	modifyDN directory.ModifyDNRequest
	abandon  directory.AbandonRequest
	extended directory.ExtendedRequest

	controls   arena[directory.Control]
	names      arena[string]
	values     arena[[]byte]
	attributes arena[directory.PartialAttribute]
	changes    arena[directory.Modification]

	filters    arena[directory.Filter]
	not        arena[directory.Not]
	equality   arena[directory.EqualityMatch]
	substrings arena[directory.Substrings]
	greater    arena[directory.GreaterOrEqual]
	less       arena[directory.LessOrEqual]
	present    arena[directory.Present]
	approx     arena[directory.ApproxMatch]
	extensible arena[directory.ExtensibleMatch]
}

// rewind makes all arenas free again.
func (s *store) rewind() {
	s.controls.rewind()
	s.names.rewind()
	s.values.rewind()
	s.attributes.rewind()
	s.changes.rewind()
	s.filters.rewind()
	s.not.rewind()
	s.equality.rewind()
	s.substrings.rewind()
	s.greater.rewind()
	s.less.rewind()
	s.present.rewind()
	s.approx.rewind()
	s.extensible.rewind()
}

// reset drops what the parts refer to.
func (s *store) reset() {
	s.bind, s.search, s.compare = directory.BindRequest{}, directory.SearchRequest{}, directory.CompareRequest{}
	s.add, s.modify, s.delete = directory.AddRequest{}, directory.ModifyRequest{}, directory.DeleteRequest{}
	s.modifyDN, s.extended = directory.ModifyDNRequest{}, directory.ExtendedRequest{}
	s.controls.reset()
	s.names.reset()
	s.values.reset()
	s.attributes.reset()
	s.changes.reset()
	s.filters.reset()
	s.not.reset()
	s.equality.reset()
	s.substrings.reset()
	s.greater.reset()
	s.less.reset()
	s.present.reset()
	s.approx.reset()
	s.extensible.reset()
}

// arenaKeepMax is the number of parts that an arena keeps room for in a pool: above what usual requests have.
const arenaKeepMax = 256

// arena hands out parts of one backing array until it is rewound.
type arena[T any] struct{ used []T }

func (a *arena[T]) rewind() { a.used = a.used[:0] }

func (a *arena[T]) reset() {
	if cap(a.used) > arenaKeepMax {
		a.used = nil
		return
	}
	clear(a.used[:cap(a.used)])
	a.used = a.used[:0]
}

// take returns n parts; their contents are left over from earlier use.
func (a *arena[T]) take(n int) []T {
	if cap(a.used)-len(a.used) < n {
		a.used = make([]T, 0, max(n, 2*cap(a.used), 4))
	}
	at := len(a.used)
	a.used = a.used[:at+n]
	return a.used[at : at+n : at+n]
}

// put stores one part and returns where it is.
func (a *arena[T]) put(v T) *T {
	p := &a.take(1)[0]
	*p = v
	return p
}
