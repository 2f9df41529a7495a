package storage

import (
	"encoding/binary"
	"errors"
	"strings"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// A reference to a name inside our naming contexts that no entry has yet is kept until one has it:
//
//	'n' short(reversed name)                          number of references that wait for the name: one get at an add
//	'o' short(reversed name) 00 desc (4) source (8)   each of them
//	'p' source (8) desc (4) short(reversed name)      its text
//
// The reversed name has the most significant RDN first, so that the names below one are a range: what a subtree move has to
// look at. The values of 'n' and 'p' are sealed:
//
//	'n'  uvarint count | reversed name, when it is long
//	'p'  uvarint length, text as written | normalized name
//
// Where one name begins another ("ou=a" and "ou=ab") the comma tells them apart; shortened names are compared whole.

// reverseName returns the RDNs of ndn in opposite order. It is its own inverse.
func reverseName(ndn directory.NDN) string {
	var b strings.Builder
	b.Grow(len(ndn))
	for rest := string(ndn); ; {
		i := strings.LastIndexByte(rest, ',')
		b.WriteString(rest[i+1:])
		if i < 0 {
			return b.String()
		}
		b.WriteByte(',')
		rest = rest[:i]
	}
}

func waitersKey(dst []byte, reversed string) []byte {
	return appendShort(append(dst, tagWaiters), reversed)
}

func waiterPrefix(dst []byte, reversed string) []byte {
	return append(appendShort(append(dst, tagWaiter), reversed), 0)
}

func waiterKey(dst []byte, reversed string, desc uint32, source directory.EntryID) []byte {
	return appendID(binary.BigEndian.AppendUint32(waiterPrefix(dst, reversed), desc), source)
}

func unresolvedKey(dst []byte, source directory.EntryID, desc uint32, reversed string) []byte {
	return appendShort(linkPrefix(dst, tagUnresolved, source, desc), reversed)
}

// An unresolved reference is a value that names no entry yet.
type unresolved struct {
	desc uint32
	name directory.NDN
	text string
}

func appendUnresolved(dst, key []byte, text string, name directory.NDN) []byte {
	from := len(dst)
	dst = appendBytes(dst, text)
	dst = append(dst, name...)
	return seal(dst, from, key)
}

func decodeUnresolved(value, key []byte) (unresolved, error) {
	body, err := unseal(value, key)
	if err != nil || len(key) < 13 {
		return unresolved{}, corrupt("unresolved reference of key %x", key)
	}
	d := decoder{b: body}
	u := unresolved{desc: binary.BigEndian.Uint32(key[9:]), text: d.string()}
	u.name = directory.NDN(d.b)
	if d.bad {
		return unresolved{}, corrupt("unresolved reference of key %x", key)
	}
	return u, nil
}

// hasUnresolved reports whether source has an unresolved reference to name.
func (v *view) hasUnresolved(source directory.EntryID, desc uint32, name directory.NDN) (bool, error) {
	it, err := v.item(unresolvedKey(nil, source, desc, reverseName(name)))
	if err != nil || !it.present {
		return false, err
	}
	u, err := decodeUnresolved(it.value(), unresolvedKey(nil, source, desc, reverseName(name)))
	return err == nil && u.name == name, err
}

// unresolvedOf calls yield for every unresolved reference of source, of one description or, with 0, of all.
func (v *view) unresolvedOf(source directory.EntryID, desc uint32, yield func(unresolved) bool) error {
	prefix := idKey(nil, tagUnresolved, source)
	if desc != 0 {
		prefix = linkPrefix(nil, tagUnresolved, source, desc)
	}
	it := v.Scan(kv.ScanOptions{Prefix: prefix})
	defer it.Close()
	for it.Next() {
		value, err := it.Value()
		if err != nil {
			return err
		}
		u, err := decodeUnresolved(value, it.Key())
		if err != nil {
			return err
		}
		if !yield(u) {
			return nil
		}
	}
	return it.Err()
}

// hasReferenceTo reports whether a name is a value of a reference attribute, as a link or unresolved.
func (v *view) hasReferenceTo(id directory.EntryID, desc *directory.AttributeDescription, name directory.NDN) (bool, error) {
	no := v.descs.number(desc)
	if no == 0 {
		return false, nil
	}
	target, _, err := v.lookup(name)
	if err == nil {
		has, err := v.hasLink(id, no, target)
		if has || err != nil {
			return has, err
		}
	} else if !errors.Is(err, ErrNotFound) {
		return false, err
	}
	// Even with an entry of that name the reference may still wait (resolveWaiting).
	if !v.mayWait() {
		return false, nil
	}
	return v.hasUnresolved(id, no, name)
}
