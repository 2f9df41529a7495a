package storage

import (
	"crypto/sha256"
	"encoding/binary"

	"gatehouse/directory"
)

// Every key begins with the tag of its table. Integers in keys are big-endian, so that they sort.
//
//	tag  rest of the key                        value                                     file
//	'0'  name                                   node-local; outside every digest          header.go
//	'1'  name                                   header, state and nesting generation      header.go, state.go
//	'2'  last CSN (8), part (2)                 one batch of the change log               changelog.go
//	'3'  name                                   versioned metadata: schema, policy, ...   meta.go
//	'a'  description number (4)                 its Key                                   attrdesc.go
//	'b'  Key of a description                   its number                                attrdesc.go
//	'c'  parent (8), short(NRDN)                ID of the child                           dn2id.go
//	'd'  ID (8)                                 number of children; absent for none       dn2id.go
//	'e'  ID (8)                                 record of the entry                       id2entry.go
//	'f'  ID (8), description (4), part (2)      a long value set of a record              longvalue.go
//	'g'  ID (8)                                 stamp of the entry                        stamp.go
//	'l'  source (8), description (4), target (8)  empty: a link                           link.go
//	'm'  target (8), description (4), source (8)  empty: the same link, from its end      link.go
//	'n'  short(reversed NDN)                    number of references that wait for it     unresolved.go
//	'o'  short(reversed NDN) 00 desc (4) source (8)  empty: one that waits                unresolved.go
//	'p'  source (8), desc (4), short(reversed NDN)   its text                             unresolved.go
//	'q'  ID (8)                                 an entry whose waiting references remain  unresolved.go
//	'x'  index keys                                                                       index_keys.go
//
// Tags from 0xf0 on are never stored: they name derived items in the cache.
const (
	tagNode        = '0'
	tagHeader      = '1'
	tagLog         = '2'
	tagMeta        = '3'
	tagDescription = 'a'
	tagDescByKey   = 'b'
	tagChild       = 'c'
	tagChildCount  = 'd'
	tagRecord      = 'e'
	tagLongValue   = 'f'
	tagStamp       = 'g'
	tagLink        = 'l'
	tagReverse     = 'm'
	tagWaiters     = 'n'
	tagWaiter      = 'o'
	tagUnresolved  = 'p'
	tagToResolve   = 'q'

	tagNodeItem     = 0xf0 // ID: where an entry stands
	tagLinkItem     = 0xf1 // source, description: the values of a reference attribute
	tagReverseItem  = 0xf2 // target: what links to it
	tagContextsItem = 0xf3 // the naming contexts
	tagSetItem      = 0xf4 // source, description: the values of a reference attribute as they are printed
)

// A key part longer than shortBytesMax is replaced by its beginning and a hash, so that keys stay short;
// what is found under such a key is compared with the whole.
const (
	shortBytesMax    = 256
	shortPrefixBytes = 192
	shortHashBytes   = 16
)

// appendShort appends part, shortened when it is long.
func appendShort[S ~string | ~[]byte](dst []byte, part S) []byte {
	if !isLong(part) {
		return append(dst, part...)
	}
	sum := sha256.Sum256([]byte(part))
	return append(append(dst, part[:shortPrefixBytes]...), sum[:shortHashBytes]...)
}

func isLong[S ~string | ~[]byte](part S) bool { return len(part) > shortBytesMax }

func appendID(dst []byte, id directory.EntryID) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(id))
}

func idAt(key []byte, at int) directory.EntryID {
	return directory.EntryID(binary.BigEndian.Uint64(key[at:]))
}

// idKey returns the key of a table that is addressed by an ID alone.
func idKey(dst []byte, tag byte, id directory.EntryID) []byte {
	return appendID(append(dst, tag), id)
}

// isNodeLocal reports whether a key belongs to this node alone: it is outside the log and every digest.
func isNodeLocal(key []byte) bool { return len(key) > 0 && key[0] == tagNode }
