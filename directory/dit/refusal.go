package dit

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/storage"
)

// Bounds of the refusals that are remembered. The oldest goes first.
const (
	refusalsMax         = 4096
	refusalsBytesMax    = 8 << 20
	refusalBytesMax     = 64 << 10 // of a proposed entry; of a larger one the question alone is kept
	refusalValueBytes   = 4 << 10  // of a value
	refusalFixedBytes   = 1 << 10  // what one costs besides, about
	referenceText       = "reference "
	referenceDigits     = 16
	referenceValueBytes = 64 // of one value of a reference attribute besides its name, about
)

// question is what an operation asked the policy.
type question struct {
	action acl.Action
	desc   *directory.AttributeDescription
	value  []byte        // nil: all of them
	on     directory.NDN // the entry, whether or not there is one
	change *proposed     // of a change that was judged as a whole: the entry as it would be
}

// refusal is what is kept of one answer insufficientAccessRights or noSuchObject, so that somebody who may read the policy can ask
// why. Nothing in it is for the client, and nothing is put into words before that.
type refusal struct {
	question
	ref     uint64
	code    directory.ResultCode
	session *acl.Session // who asked, and from where; without what a policy made of it
	at      time.Time
	csn     directory.CSN // the state that was asked about
	version string        // of the policy that refused
	would   *kept         // what a change would have made of the entry; nil if that was not the question
	cut     bool          // the value or the proposed entry was too large to keep
	bytes   int
}

// kept is a proposed entry without the state that it was proposed on. Of confidential attributes it has that they are there.
type kept struct {
	id    directory.EntryID
	ndn   directory.NDN
	entry *directory.Entry
	marks []*directory.AttributeDescription // attributes with links
	refs  []*referenceChange
	added []storage.Reference
}

// refusals remembers the newest refusals. The zero value is ready.
type refusals struct {
	mu    sync.Mutex
	ring  [refusalsMax]*refusal
	next  int // where the next one goes
	first int // the oldest
	n     int
	bytes int
}

// refuse answers with the code and a reference that stands for the question. The reference says nothing by itself: what is hidden
// and what is missing get one alike.
func (d *Directory) refuse(s *acl.Session, p *acl.Policy, csn directory.CSN, code directory.ResultCode, q question) *directory.Error {
	r := &refusal{question: q, code: code, at: d.now(), csn: csn, version: p.Version()}
	r.session = s.WithElevations()
	r.on = directory.NDN(strings.Clone(string(q.on)))
	switch {
	case q.desc != nil && q.desc.Is(directory.FlagConfidential), len(q.value) == 0:
		r.value = nil
	case len(q.value) > refusalValueBytes:
		r.value, r.cut = nil, true
	default:
		r.value = bytes.Clone(q.value)
	}
	r.bytes = refusalFixedBytes + len(r.on) + len(r.value)
	if q.change != nil {
		r.keep(q.change)
	}
	r.question.change = nil
	if err := binary.Read(d.rand, binary.BigEndian, &r.ref); err != nil {
		return &directory.Error{Code: code, Cause: fmt.Errorf("random bytes: %w", err)}
	}
	d.refusals.put(r)
	return &directory.Error{Code: code, Diagnostic: string(appendReference(make([]byte, 0, len(referenceText)+referenceDigits), r.ref))}
}

func appendReference(dst []byte, ref uint64) []byte {
	dst = append(dst, referenceText...)
	for shift := 60; shift >= 0; shift -= 4 {
		dst = append(dst, "0123456789abcdef"[ref>>shift&15])
	}
	return dst
}

// parseReference reads a reference as a client shows it, with or without the word before it.
func parseReference(text string) (uint64, bool) {
	text = strings.TrimPrefix(strings.TrimSpace(text), referenceText)
	ref, err := strconv.ParseUint(text, 16, 64)
	return ref, err == nil && len(text) == referenceDigits
}

func (r *refusals) put(x *refusal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.n > 0 && (r.n == refusalsMax || r.bytes+x.bytes > refusalsBytesMax) {
		r.bytes -= r.ring[r.first].bytes
		r.ring[r.first] = nil
		r.first = (r.first + 1) % refusalsMax
		r.n--
	}
	r.ring[r.next] = x
	r.next = (r.next + 1) % refusalsMax
	r.n++
	r.bytes += x.bytes
}

// find returns the refusal with a reference, nil if it is not remembered.
func (r *refusals) find(ref uint64) *refusal {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.n {
		if x := r.ring[(r.first+i)%refusalsMax]; x.ref == ref {
			return x
		}
	}
	return nil
}

// keep takes over what the write would have made of the entry.
func (r *refusal) keep(p *proposed) {
	k := &kept{id: p.id, ndn: directory.NDN(strings.Clone(string(p.ndn))), added: p.added}
	size := 0
	for _, a := range p.entry.Attributes() {
		size += len(a.Set())
	}
	if p.refs != nil {
		k.refs = p.refs.list
		for _, c := range k.refs {
			size += referenceBytes(c.added...)
			for _, ndn := range c.removed {
				size += referenceValueBytes + len(ndn)
			}
		}
	}
	if size += referenceBytes(k.added...); size > refusalBytesMax {
		r.cut = true
		return
	}
	k.entry = withoutSecrets(p.entry)
	for _, a := range p.w.Draft.Attributes() {
		if a.Marked {
			k.marks = append(k.marks, a.Desc)
		}
	}
	r.would = k
	r.bytes += 2 * size
}

func referenceBytes(list ...storage.Reference) (n int) {
	for i := range list {
		n += referenceValueBytes + len(list[i].Target) + len(list[i].Text)
	}
	return n
}

var secretValue = []byte("[redacted]")

// withoutSecrets returns the entry with something else in place of confidential values.
func withoutSecrets(e *directory.Entry) *directory.Entry {
	attrs := make([]directory.Attribute, 0, len(e.Attributes()))
	for _, a := range e.Attributes() {
		if a.Desc.Is(directory.FlagConfidential) {
			a = directory.NewAttribute(a.Desc, secretValue)
		}
		attrs = append(attrs, a)
	}
	return directory.StoredEntry(attrs)
}
