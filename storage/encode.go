package storage

import (
	"encoding/binary"
	"fmt"
	"time"

	"gatehouse/directory"
)

// A change in the log, without its guards, which were decided when it got its place:
//
//	version 1 | ID (16) | varint Unix microseconds | author | uvarint author ID | uvarint count, effects
//
// Strings have a uvarint length before them. Descriptions are their Keys, not their numbers, so that the log can be read
// by a store that gives other numbers. An effect is a byte that says which, and its fields in the order of the type:
//
//	1 CreateEntry          uvarint parent, RDN, NRDN, varint modify time (0: none), modifier, attributes, count,
//	                       references (description, target, text)
//	2 PutAttributes        flags (1: quiet), uvarint ID, attributes, count, descriptions to remove
//	3 DeleteEntry          uvarint ID
//	4 MoveEntry            uvarint ID, uvarint parent, RDN, NRDN
//	5 AddReference         uvarint ID, reference
//	6 RemoveReference      uvarint ID, description, target
//	7 RemoveAllReferences  uvarint ID, description
//	8 PutMeta              flags (1: remove), key, value
//	9 resolveWaiting       uvarint ID
//	10 createStore         header
//	11 baseline            uvarint entries, uvarint links, uvarint unresolved, digest (32)
//
// Attributes are a count and, for each, description, uvarint number of values, BER SET contents. A reader that meets an
// unknown version or effect stops with ErrFormat: skipping one would make another store of the same log.
const changeVersion = 1

const (
	effectCreateEntry = iota + 1
	effectPutAttributes
	effectDeleteEntry
	effectMoveEntry
	effectAddReference
	effectRemoveReference
	effectRemoveAllReferences
	effectPutMeta
	effectResolveWaiting
	effectCreateStore
	effectBaseline
)

// appendChange appends the encoding of a change.
func appendChange(dst []byte, c *Change) []byte {
	dst = append(dst, changeVersion)
	dst = append(dst, c.ID[:]...)
	dst = binary.AppendVarint(dst, c.Time.UnixMicro())
	dst = appendBytes(dst, c.Author)
	dst = binary.AppendUvarint(dst, uint64(c.AuthorID))
	dst = binary.AppendUvarint(dst, uint64(len(c.Effects)))
	for _, e := range c.Effects {
		dst = appendEffect(dst, e)
	}
	return dst
}

func appendEffect(dst []byte, effect Effect) []byte {
	id := func(dst []byte, id directory.EntryID) []byte { return binary.AppendUvarint(dst, uint64(id)) }
	switch e := effect.(type) {
	case CreateEntry:
		dst = id(append(dst, effectCreateEntry), e.Parent)
		dst = appendBytes(appendBytes(dst, e.RDN), e.NRDN)
		modified := int64(0)
		if !e.ModifyTime.IsZero() {
			modified = e.ModifyTime.UnixMicro()
		}
		dst = appendBytes(binary.AppendVarint(dst, modified), e.Modifier)
		dst = appendAttributes(dst, e.Entry.Attributes())
		dst = binary.AppendUvarint(dst, uint64(len(e.References)))
		for i := range e.References {
			dst = appendReference(dst, &e.References[i])
		}
	case PutAttributes:
		flags := byte(0)
		if e.Quiet {
			flags = 1
		}
		dst = id(append(dst, effectPutAttributes, flags), e.ID)
		dst = appendAttributes(dst, e.Set)
		dst = binary.AppendUvarint(dst, uint64(len(e.Remove)))
		for _, desc := range e.Remove {
			dst = appendBytes(dst, desc.Key)
		}
	case DeleteEntry:
		dst = id(append(dst, effectDeleteEntry), e.ID)
	case MoveEntry:
		dst = id(id(append(dst, effectMoveEntry), e.ID), e.Parent)
		dst = appendBytes(appendBytes(dst, e.RDN), e.NRDN)
	case AddReference:
		dst = appendReference(id(append(dst, effectAddReference), e.ID), &e.Reference)
	case RemoveReference:
		dst = id(append(dst, effectRemoveReference), e.ID)
		dst = appendBytes(appendBytes(dst, e.Desc.Key), e.Target)
	case RemoveAllReferences:
		dst = appendBytes(id(append(dst, effectRemoveAllReferences), e.ID), e.Desc.Key)
	case PutMeta:
		flags := byte(0)
		if e.Value == nil {
			flags = 1
		}
		dst = appendBytes(appendBytes(append(dst, effectPutMeta, flags), e.Key), e.Value)
	case resolveWaiting:
		dst = id(append(dst, effectResolveWaiting), e.ID)
	case createStore:
		dst = e.header.append(append(dst, effectCreateStore))
	case baseline:
		dst = binary.AppendUvarint(append(dst, effectBaseline), e.Entries)
		dst = binary.AppendUvarint(binary.AppendUvarint(dst, e.Links), e.Unresolved)
		dst = append(dst, e.Digest[:]...)
	default:
		panic(fmt.Sprintf("storage: effect %T has no encoding", effect))
	}
	return dst
}

func appendAttributes(dst []byte, attrs []directory.Attribute) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(attrs)))
	for _, a := range attrs {
		dst = appendBytes(dst, a.Desc.Key)
		dst = binary.AppendUvarint(dst, uint64(a.Len()))
		dst = appendBytes(dst, a.Set())
	}
	return dst
}

func appendReference(dst []byte, r *Reference) []byte {
	return appendBytes(appendBytes(appendBytes(dst, r.Desc.Key), r.Target), r.Text)
}

// decodeChange is the inverse of appendChange. The change shares no memory with b.
func decodeChange(b []byte, s describer) (*Change, error) {
	d := changeDecoder{decoder{b: append([]byte(nil), b...)}, s, nil}
	if v := d.byte(); v != changeVersion {
		return nil, fmt.Errorf("change of version %d: %w", v, ErrFormat)
	}
	c := new(Change)
	copy(c.ID[:], d.take(uint64(len(c.ID))))
	c.Time = time.UnixMicro(d.varint()).UTC()
	c.Author = d.string()
	c.AuthorID = d.id()
	c.Effects = make([]Effect, d.count(1))
	for i := range c.Effects {
		if c.Effects[i] = d.effect(); d.err != nil {
			return nil, d.err
		}
	}
	if !d.end() {
		return nil, fmt.Errorf("change: %w", ErrCorrupt)
	}
	return c, nil
}

// A changeDecoder is a decoder that knows descriptions.
type changeDecoder struct {
	decoder
	schema describer
	err    error
}

func (d *changeDecoder) effect() Effect {
	switch kind := d.byte(); kind {
	case effectCreateEntry:
		e := CreateEntry{Parent: d.id(), RDN: d.string(), NRDN: directory.NRDN(d.string())}
		if modified := d.varint(); modified != 0 {
			e.ModifyTime = time.UnixMicro(modified).UTC()
		}
		e.Modifier = d.string()
		e.Entry = directory.StoredEntry(d.attributes())
		if n := d.count(3); n > 0 {
			e.References = make([]Reference, n)
			for i := range e.References {
				e.References[i] = d.reference()
			}
		}
		return e
	case effectPutAttributes:
		e := PutAttributes{Quiet: d.byte()&1 != 0, ID: d.id(), Set: d.attributes()}
		for range d.count(1) {
			e.Remove = append(e.Remove, d.description())
		}
		return e
	case effectDeleteEntry:
		return DeleteEntry{ID: d.id()}
	case effectMoveEntry:
		return MoveEntry{ID: d.id(), Parent: d.id(), RDN: d.string(), NRDN: directory.NRDN(d.string())}
	case effectAddReference:
		return AddReference{ID: d.id(), Reference: d.reference()}
	case effectRemoveReference:
		return RemoveReference{ID: d.id(), Desc: d.description(), Target: directory.NDN(d.string())}
	case effectRemoveAllReferences:
		return RemoveAllReferences{ID: d.id(), Desc: d.description()}
	case effectPutMeta:
		remove := d.byte()&1 != 0
		e := PutMeta{Key: d.string(), Value: d.bytes()}
		if e.Value == nil {
			e.Value = []byte{}
		}
		if remove {
			e.Value = nil
		}
		return e
	case effectResolveWaiting:
		return resolveWaiting{ID: d.id()}
	case effectCreateStore:
		return createStore{header: decodeHeaderFields(&d.decoder)}
	case effectBaseline:
		e := baseline{Entries: d.uvarint(), Links: d.uvarint(), Unresolved: d.uvarint()}
		copy(e.Digest[:], d.take(uint64(len(e.Digest))))
		return e
	default:
		d.stop(fmt.Errorf("change with effect %d: %w", kind, ErrFormat))
		return nil
	}
}

func (d *changeDecoder) id() directory.EntryID { return directory.EntryID(d.uvarint()) }

func (d *changeDecoder) reference() Reference {
	return Reference{Desc: d.description(), Target: directory.NDN(d.string()), Text: d.string()}
}

func (d *changeDecoder) description() *directory.AttributeDescription {
	name := d.string()
	if d.bad {
		return nil
	}
	desc, err := d.schema.Description(name)
	if err != nil {
		d.stop(fmt.Errorf("change with attribute %q: %w", name, err))
	}
	return desc
}

func (d *changeDecoder) attributes() []directory.Attribute {
	attrs := make([]directory.Attribute, d.count(3))
	for i := range attrs {
		desc := d.description()
		n := d.uvarint()
		attrs[i] = directory.AttributeFromSet(desc, d.bytes(), int(n))
	}
	if d.bad {
		return nil // some have no description
	}
	return attrs
}

// stop keeps the first reason that is more than "does not fit".
func (d *changeDecoder) stop(err error) {
	if d.err == nil && !d.bad {
		d.err = err
	}
	d.fail()
}
