package control

import (
	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/ber"
)

// The controls and the message of content synchronization (RFC 4533 section 2). Of them, a client sends SyncRequest alone.
const (
	SyncRequest = "1.3.6.1.4.1.4203.1.9.1.1"
	SyncState   = "1.3.6.1.4.1.4203.1.9.1.2"
	SyncDone    = "1.3.6.1.4.1.4203.1.9.1.3"
	SyncInfo    = "1.3.6.1.4.1.4203.1.9.1.4"
)

// syncCookieBytesMax bounds a cookie that a client sends. Ours have about 120 octets.
const syncCookieBytesMax = 1024

func decodeSync(c *directory.Control, into *directory.RequestControls) error {
	d := ber.NewDecoder(c.Value)
	outer := d.Enter(ber.Sequence)
	mode := d.Integer(ber.Enumerated)
	req := new(directory.SyncRequest)
	if d.Peek() == ber.OctetString {
		req.Cookie = d.Octets(ber.OctetString)
	}
	if d.Peek() == ber.Boolean {
		req.ReloadHint = d.Boolean(ber.Boolean)
	}
	more := d.More() // a cookie out of its place must not be overlooked
	switch d.Leave(outer); {
	case more || d.Err() != nil || d.More():
		return directory.Errorf(directory.ProtocolError, "the value of the sync request control cannot be read")
	case mode != int64(directory.SyncRefreshOnly) && mode != int64(directory.SyncRefreshAndPersist):
		return directory.Errorf(directory.ProtocolError, "a sync request has mode refreshOnly(1) or refreshAndPersist(3)")
	case len(req.Cookie) > syncCookieBytesMax:
		return directory.Errorf(directory.ProtocolError, "a sync cookie of more than %d octets is not one of this server", syncCookieBytesMax)
	}
	req.Mode = directory.SyncMode(mode)
	into.Sync = req
	return nil
}

// OfSyncEntry encodes the Sync State control of an entry.
func OfSyncEntry(e *acl.SyncEntry) directory.Control {
	size := 2 + ber.IntegerSize(int64(e.State)) + ber.Size(len(e.UUID)) + cookieSize(e.Cookie)
	b := ber.AppendHeader(make([]byte, 0, size+2), ber.Sequence, size)
	b = ber.AppendInteger(b, ber.Enumerated, int64(e.State))
	b = ber.AppendOctets(b, ber.OctetString, e.UUID[:])
	return directory.Control{OID: SyncState, Value: appendCookie(b, e.Cookie), HasValue: true}
}

// OfSyncDone encodes the Sync Done control.
func OfSyncDone(done *acl.SyncDone) directory.Control {
	size := cookieSize(done.Cookie) + booleanSize(done.RefreshDeletes)
	b := ber.AppendHeader(nil, ber.Sequence, size)
	b = appendTrue(appendCookie(b, done.Cookie), done.RefreshDeletes)
	return directory.Control{OID: SyncDone, Value: b, HasValue: true}
}

// The alternatives of a Sync Info Message.
const (
	tagNewCookie      byte = 0x80
	tagRefreshDelete  byte = 0xa1
	tagRefreshPresent byte = 0xa2
	tagSyncIDSet      byte = 0xa3
)

// AppendSyncInfo appends the value of a Sync Info Message. The refresh is done with those that end a phase.
func AppendSyncInfo(dst []byte, i *acl.SyncInfo) []byte {
	switch i.Kind {
	case acl.SyncNewCookie:
		return ber.AppendOctets(dst, tagNewCookie, i.Cookie)
	case acl.SyncRefreshDelete:
		return appendCookie(ber.AppendHeader(dst, tagRefreshDelete, cookieSize(i.Cookie)), i.Cookie)
	case acl.SyncRefreshPresent:
		return appendCookie(ber.AppendHeader(dst, tagRefreshPresent, cookieSize(i.Cookie)), i.Cookie)
	}
	set := len(i.UUIDs) * ber.Size(len(acl.SyncUUID{}))
	dst = ber.AppendHeader(dst, tagSyncIDSet, cookieSize(i.Cookie)+booleanSize(i.Deletes)+ber.Size(set))
	dst = appendTrue(appendCookie(dst, i.Cookie), i.Deletes)
	dst = ber.AppendHeader(dst, ber.Set, set)
	for n := range i.UUIDs {
		dst = ber.AppendOctets(dst, ber.OctetString, i.UUIDs[n][:])
	}
	return dst
}

// A cookie that is nil, and a BOOLEAN that is FALSE, are left out.

func cookieSize(cookie []byte) int {
	if cookie == nil {
		return 0
	}
	return ber.Size(len(cookie))
}

func appendCookie(dst, cookie []byte) []byte {
	if cookie == nil {
		return dst
	}
	return ber.AppendOctets(dst, ber.OctetString, cookie)
}

func booleanSize(b bool) int {
	if !b {
		return 0
	}
	return ber.Size(1)
}

func appendTrue(dst []byte, b bool) []byte {
	if !b {
		return dst
	}
	return ber.AppendBoolean(dst, ber.Boolean, true)
}
