package dit

import (
	"encoding/binary"
	"hash/maphash"

	"gatehouse/directory"
)

// digest is equal for requests that ask for the same: pages of one search. What bounds a search may differ. It tells mistakes
// of clients, and protects nothing: rights are decided anew on each page.
func (k *seals) digest(req *directory.SearchRequest) uint64 {
	q := querier{}
	q.SetSeed(k.seed)
	q.text(req.Base)
	q.number(int(req.Scope))
	q.flag(req.TypesOnly)
	q.filter(req.Filter)
	q.texts(req.Attributes)
	if c := req.Controls; c != nil {
		for i := range c.Sort {
			q.text(c.Sort[i].Attr)
			q.text(c.Sort[i].Rule)
			q.flag(c.Sort[i].Reverse)
		}
		q.filters('v', c.ValuesReturn)
		for i := range c.Deref {
			q.text(c.Deref[i].Attr)
			q.texts(c.Deref[i].Attributes)
		}
	}
	return q.Sum64()
}

// querier digests parts of a request so that no two sequences of parts look the same.
type querier struct{ maphash.Hash }

func (q *querier) number(n int) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	_, _ = q.Write(b[:]) // never fails
}

func (q *querier) flag(is bool) {
	if is {
		q.number(1)
	} else {
		q.number(0)
	}
}

func (q *querier) text(s string) {
	q.number(len(s))
	_, _ = q.WriteString(s) // never fails
}

func (q *querier) bytes(b []byte) {
	q.number(len(b))
	_, _ = q.Write(b) // never fails
}

func (q *querier) texts(list []string) {
	q.number(len(list))
	for _, s := range list {
		q.text(s)
	}
}

func (q *querier) filters(kind byte, list []directory.Filter) {
	q.number(int(kind))
	q.number(len(list))
	for _, f := range list {
		q.filter(f)
	}
}

func (q *querier) assertion(kind byte, attr string, value []byte) {
	q.number(int(kind))
	q.text(attr)
	q.bytes(value)
}

func (q *querier) filter(f directory.Filter) {
	switch f := f.(type) {
	case directory.And:
		q.filters('&', f)
	case directory.Or:
		q.filters('|', f)
	case *directory.Not:
		q.number('!')
		q.filter(f.Filter)
	case *directory.EqualityMatch:
		q.assertion('=', f.Attr, f.Value)
	case *directory.GreaterOrEqual:
		q.assertion('>', f.Attr, f.Value)
	case *directory.LessOrEqual:
		q.assertion('<', f.Attr, f.Value)
	case *directory.ApproxMatch:
		q.assertion('~', f.Attr, f.Value)
	case *directory.Present:
		q.assertion('*', f.Attr, nil)
	case *directory.Substrings:
		q.assertion('s', f.Attr, f.Initial)
		q.number(len(f.Any))
		for _, part := range f.Any {
			q.bytes(part)
		}
		q.bytes(f.Final)
	case *directory.ExtensibleMatch:
		q.assertion(':', f.Attr, f.Value)
		q.text(f.Rule)
		q.flag(f.DNAttributes)
	default: // nil: no filter
		q.number(0)
	}
}
