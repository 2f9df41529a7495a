package acl

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"maps"
	"slices"
)

// Fingerprint stands for what the policy makes of the session at the state of its last Refresh, outside of the process: with the same
// one, an entry that is the same gives the same rights. It tells nothing.
func (p *Policy) Fingerprint(s *Session) [8]byte {
	h := sha256.New()
	note(h, p.Version())
	for ; s != nil; s = s.real {
		r, id := p.of(s, nil), s.Identity()
		note(h, fmt.Sprint(id.Kind, r.id, len(r.slots), len(r.groups), len(r.same), len(r.elevated)), string(r.ndn))
		for _, word := range r.slots {
			h.Write(binary.BigEndian.AppendUint64(nil, word))
		}
		for _, group := range slices.Sorted(maps.Keys(r.groups)) {
			note(h, string(group))
		}
		for _, no := range slices.Sorted(maps.Keys(r.same)) {
			note(h, fmt.Sprint(no, len(r.same[no])))
			note(h, r.same[no]...)
		}
		for _, name := range slices.Sorted(maps.Keys(r.elevated)) {
			note(h, name)
		}
	}
	return [8]byte(h.Sum(nil))
}

// note adds texts so that none runs into the next.
func note(h hash.Hash, texts ...string) {
	for _, s := range texts {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(s))))
		h.Write([]byte(s))
	}
}
