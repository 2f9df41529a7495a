package dit

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/storage"
)

// syncCookie is what a client keeps of a synchronization: printable, since people and scripts pass it on. It is no secret and needs
// no seal: who makes one up gets what the session may see anyway.
//
//	gatehouse1.INCARNATION.CSN.HASH.QUERY.RIGHTS    all but CSN in hexadecimal
type syncCookie struct {
	position storage.Position
	query    [8]byte // of what was asked for: another search needs another cookie
	right    [8]byte // of the session's rights: with others, more may have changed than the log knows
}

const syncCookieVersion = "gatehouse1"

func (c *syncCookie) append(dst []byte) []byte {
	p := &c.position
	return fmt.Appendf(dst, "%s.%x.%d.%x.%x.%x", syncCookieVersion, p.Incarnation, p.CSN, p.Hash, c.query, c.right)
}

// parseSyncCookie reads a cookie; false if it is none of ours.
func parseSyncCookie(text []byte) (c syncCookie, ok bool) {
	parts := strings.Split(string(text), ".")
	if len(text) > 256 || len(parts) != 6 || parts[0] != syncCookieVersion {
		return c, false
	}
	csn, err := strconv.ParseUint(parts[2], 10, 64)
	if err != nil {
		return c, false
	}
	c.position.CSN = directory.CSN(csn)
	for i, dst := range map[int][]byte{1: c.position.Incarnation[:], 3: c.position.Hash[:], 4: c.query[:], 5: c.right[:]} {
		if len(parts[i]) != 2*len(dst) {
			return c, false
		}
		if _, err := hex.Decode(dst, []byte(parts[i])); err != nil {
			return c, false
		}
	}
	return c, true
}

// queryDigest stands for what a search asks for.
func queryDigest(base directory.NDN, req *directory.SearchRequest) [8]byte {
	h := sha256.New()
	add := func(s string) {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(s))))
		h.Write([]byte(s))
	}
	add(string(base))
	add(fmt.Sprint(req.Scope, req.TypesOnly))
	add(filter.String(req.Filter))
	for _, name := range req.Attributes {
		add(strings.ToLower(name))
	}
	return [8]byte(h.Sum(nil))
}

// parseUUID reads an entryUUID as it is stored (RFC 4530).
func parseUUID(text []byte) (u acl.SyncUUID, ok bool) {
	if len(text) != 36 {
		return u, false
	}
	n, err := hex.Decode(u[:], bytes.ReplaceAll(text, []byte("-"), nil))
	return u, err == nil && n == len(u)
}
