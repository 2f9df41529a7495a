package dit

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"io"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/storage"
)

// paging is where one page of a search begins, and how far it goes (RFC 2696). Pages are in the order of entry IDs, which a rename
// keeps and which are never given twice: whatever happens to the tree between two pages, an entry that is there all the time comes
// once. A search that is sorted goes on behind a key instead; see sorting.
//
// The server keeps nothing between two pages: the cookie says all, for whoever may continue, on any connection.
type paging struct {
	size  int // entries that the client wants; zero ends the search
	at    position
	query uint64 // digest of the request
}

// position is what a cookie holds.
//
//	octet  0      version, 1
//	       1-8    the last ID that was looked at: all up to it are answered
//	       9-16   the CSN of the state that the pages are of
//	       17-24  entries sent so far
//	       25-32  digest of the request
//	       33     1 if the scope was found too large to be walked
//	       34-41  of a sorted search, the order that is kept, or zero
//	       42-49  and the place of the next entry in it
//	       50-    and the key of the last entry sent
//
// It is sealed with the server's key of this run, together with who may continue.
type position struct {
	after directory.EntryID
	csn   directory.CSN
	sent  int
	large bool // see [storage.PlanOptions]
	run   uint64
	place int
	key   []byte
}

const (
	cookieVersion  = 1
	cookieHead     = 50
	cookieBytesMax = 1<<10 + sortKeysMax*sortKeyBytesMax*2
)

var (
	errCookie = directory.Errorf(directory.UnwillingToPerform,
		"the cookie does not continue this search: it belongs to another search, to another identity, or to an earlier run of the server; begin with the first page")
	errPageFull = errors.New("dit: the page is full")
)

// seals makes and opens cookies.
type seals struct {
	aead cipher.AEAD
	seed maphash.Seed
}

func newSeals(random io.Reader) (seals, error) {
	var key [16]byte
	if _, err := io.ReadFull(random, key[:]); err != nil {
		return seals{}, fmt.Errorf("key of paging cookies: %w", err)
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return seals{}, fmt.Errorf("key of paging cookies: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return seals{}, fmt.Errorf("key of paging cookies: %w", err)
	}
	return seals{aead: aead, seed: maphash.MakeSeed()}, nil
}

// seal makes the cookie that continues at a position.
func (k *seals) seal(s *acl.Session, query uint64, at *position) []byte {
	text := make([]byte, 0, cookieHead+len(at.key))
	text = append(text, cookieVersion)
	text = binary.BigEndian.AppendUint64(text, uint64(at.after))
	text = binary.BigEndian.AppendUint64(text, uint64(at.csn))
	text = binary.BigEndian.AppendUint64(text, uint64(at.sent))
	text = binary.BigEndian.AppendUint64(text, query)
	text = append(text, 0)
	if at.large {
		text[len(text)-1] = 1
	}
	text = binary.BigEndian.AppendUint64(text, at.run)
	text = binary.BigEndian.AppendUint64(text, uint64(at.place))
	text = append(text, at.key...)
	return k.aead.Seal(nil, nil, text, appendOwner(nil, s))
}

// open reads a cookie of the same query and the same identity.
func (k *seals) open(s *acl.Session, query uint64, cookie []byte) (position, error) {
	if len(cookie) > cookieBytesMax {
		return position{}, errCookie
	}
	text, err := k.aead.Open(nil, nil, cookie, appendOwner(nil, s))
	if err != nil || len(text) < cookieHead || text[0] != cookieVersion || binary.BigEndian.Uint64(text[25:]) != query {
		return position{}, errCookie
	}
	return position{
		after: directory.EntryID(binary.BigEndian.Uint64(text[1:])), csn: directory.CSN(binary.BigEndian.Uint64(text[9:])),
		sent: int(binary.BigEndian.Uint64(text[17:])), large: text[33] == 1,
		run: binary.BigEndian.Uint64(text[34:]), place: int(binary.BigEndian.Uint64(text[42:])), key: text[cookieHead:],
	}, nil
}

// appendOwner appends who may continue a search: the entry whatever its name is by now, and who acts as it.
func appendOwner(dst []byte, s *acl.Session) []byte {
	for ; s != nil; s = s.Real() {
		id := s.Identity()
		dst = append(dst, byte(id.Kind))
		dst = binary.BigEndian.AppendUint64(dst, uint64(id.ID))
		if id.Kind != acl.KindEntry {
			dst = append(append(dst, id.NDN...), 0)
		}
	}
	return dst
}

// preparePage finds where the page begins.
func (x *Search) preparePage(req *directory.SearchRequest, page *directory.PageRequest) (err error) {
	p := &paging{size: page.Size, query: x.d.seals.digest(req)}
	x.controls.page, x.controls.answer.Page = p, &acl.Page{}
	if most := x.limit.SizeEntries; most > 0 {
		p.size = min(p.size, most)
	}
	if len(page.Cookie) == 0 {
		return nil
	}
	if p.at, err = x.d.seals.open(x.c.s, p.query, page.Cookie); err != nil {
		return err
	}
	switch newest := x.c.sn.CSN(); {
	case p.at.csn > newest:
		return directory.Errorf(directory.Busy, "the cookie continues a search on a newer state than this server has")
	case p.at.csn < newest:
		return x.goBack(p.at.csn)
	}
	return nil
}

// goBack has the page made of the state of the first one, if that is still known. Otherwise a client that follows entryUSN would
// miss what changes on a page that it has, when it sees a later change on the next one.
func (x *Search) goBack(csn directory.CSN) error {
	old, err := x.d.store.SnapshotAt(csn)
	if errors.Is(err, storage.ErrSnapshotGone) {
		return nil
	}
	if err != nil {
		return err
	}
	x.c.sn, x.c.now = old, x.c.sn
	x.freshen()
	return nil
}

// runPage sends the entries of one page. It looks one match further: whether there is another page is known, and the next one begins
// there.
func (x *Search) runPage(ctx context.Context, emit func(*acl.View) error) error {
	p := x.controls.page
	if p.size == 0 {
		return nil
	}
	err := x.each(ctx, p.at.after, func() error {
		switch {
		case x.sizeAsked > 0 && p.at.sent+x.sent >= x.sizeAsked:
			return errSizeLimit
		case x.sent == p.size:
			return errPageFull
		}
		return x.send(emit)
	})
	full := x.sent == p.size
	switch {
	case full && errors.Is(err, errPageFull):
		x.endPage(position{after: x.c.id - 1})
	case full && (errors.Is(err, errTimeLimit) || errors.Is(err, errLookThrough)): // while it looked further
		x.endPage(position{after: x.after - 1})
	default:
		return err
	}
	return nil
}

// endPage makes the cookie of the next page.
func (x *Search) endPage(next position) {
	next.csn, next.sent, next.large = x.c.sn.CSN(), x.controls.page.at.sent+x.sent, x.plan.LargeScope()
	x.controls.answer.Page.Cookie = x.d.seals.seal(x.c.s, x.controls.page.query, &next)
}
