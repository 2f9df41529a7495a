package ldaptest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/directory/ber"
	"gatehouse/ldapserver/ldaptest"
)

const (
	oidSync      = "1.3.6.1.4.1.4203.1.9.1.1"
	oidSyncState = "1.3.6.1.4.1.4203.1.9.1.2"
	oidSyncDone  = "1.3.6.1.4.1.4203.1.9.1.3"
	oidSyncInfo  = "1.3.6.1.4.1.4203.1.9.1.4"

	refreshOnly       = 1
	refreshAndPersist = 3
)

// syncPolicy lets helper use content synchronization, and see people and groups but for the rooms with a 9.
var syncPolicy = statements(
	allow("sync", `dn: "uid=helper`+inPeople+`"`, `base: "cn=gatehouse"`, "control", "attributes: [1.3.6.1.4.1.4203.1.9.1.1]"),
	allow("see", `dn: "uid=helper`+inPeople+`"`, `base: "dc=example,dc=com"`, "view",
		"attributes: [objectClass, uid, cn, sn, ou, member, memberOf, title, entryUUID, numSubordinates]"),
	deny("not", `dn: "uid=helper`+inPeople+`"`, `base: "dc=example,dc=com", filter: "(roomNumber=9)"`, "view", `attributes: ["*"]`, "reason: hidden"),
)

func syncControl(mode int64, cookie string, reload bool) ldap.Control {
	parts := [][]byte{ber.AppendInteger(nil, ber.Enumerated, mode)}
	if cookie != "" {
		parts = append(parts, octets(ber.OctetString, cookie))
	}
	if reload {
		parts = append(parts, ber.AppendBoolean(nil, ber.Boolean, true))
	}
	return controlOf(oidSync, true, sequence(parts...))
}

// replica is a client of content synchronization that keeps what it is told.
type replica struct {
	*wireConn
	id      int64
	op      []byte
	cookie  string
	entries map[string]string // by UUID: "dn: attributes"
	names   map[string]string // by UUID, of all that it was ever told
	present map[string]bool   // in this refresh; nil after it
	deletes bool              // this refresh ends by a delete phase
	code    int64
}

// follow makes a replica of what somebody finds.
func (w *world) follow(uid, base string, scope int64, filter string, attrs ...string) *replica {
	w.t.Helper()
	return &replica{
		wireConn: w.wire(uid), op: searchOp(w.t, base, scope, filter, attrs...), entries: make(map[string]string), names: make(map[string]string),
	}
}

// begin sends the search, with the cookie that the replica has.
func (r *replica) begin(mode int64) {
	r.t.Helper()
	r.present = make(map[string]bool)
	r.id = r.ask(r.op, syncControl(mode, r.cookie, false))
}

// poll does a refresh and returns what it has brought.
func (r *replica) poll() string {
	r.t.Helper()
	r.begin(refreshOnly)
	return r.until("done")
}

// until reads on, and returns what was read without the last word, sorted.
func (r *replica) until(last string) string {
	r.t.Helper()
	var words []string
	for {
		word := r.event()
		if strings.HasPrefix(word, last) {
			slices.Sort(words)
			if word != last {
				words = append(words, word)
			}
			return strings.Join(words, "\n")
		}
		if words = append(words, word); strings.HasPrefix(word, "done") {
			r.t.Fatalf("the search has ended: %q", words)
		}
	}
}

// event reads one message of the search, does what it says, and says it.
func (r *replica) event() string {
	r.t.Helper()
	m := r.next()
	if m.id != r.id {
		r.t.Fatalf("a message of another operation: %+v", m)
	}
	switch m.tag {
	case 0x64:
		return r.entry(m)
	case 0x79:
		return r.info(m)
	}
	r.code = m.code
	if value, is := m.controls[oidSyncDone]; is {
		d := ber.NewDecoder(value)
		d.Enter(ber.Sequence)
		r.takeCookie(&d)
		r.deletes = d.Peek() == ber.Boolean && d.Boolean(ber.Boolean)
		r.refreshed()
	}
	if m.code != 0 {
		return fmt.Sprintf("done %d", m.code)
	}
	return "done"
}

func (r *replica) entry(m received) string {
	r.t.Helper()
	d := ber.NewDecoder(m.controls[oidSyncState])
	d.Enter(ber.Sequence)
	state := d.Integer(ber.Enumerated)
	uuid := string(d.Octets(ber.OctetString))
	r.takeCookie(&d)
	if d.Err() != nil || len(uuid) != 16 || state < 1 || state > 3 {
		r.t.Fatalf("sync state %d of %x: %v", state, uuid, d.Err())
	}
	text := strings.TrimSuffix(m.dn+": "+m.attrs, " ")
	_, had := r.entries[uuid]
	switch state {
	case 1, 2:
		if state == 2 && !had {
			r.t.Errorf("modify of what was never added: %s", text)
		}
		r.entries[uuid], r.names[uuid] = text, m.dn
		if r.present != nil {
			r.present[uuid] = true
		}
	case 3:
		if !had || m.attrs != "" {
			r.t.Errorf("delete of what was never added, or with attributes: %s", text)
		}
		delete(r.entries, uuid)
	}
	return []string{"", "add ", "modify ", "delete "}[state] + text
}

func (r *replica) takeCookie(d *ber.Decoder) {
	if d.Peek() == ber.OctetString {
		r.cookie = string(d.Octets(ber.OctetString))
	}
}

// refreshed ends a refresh: after a present phase, what was not named is gone.
func (r *replica) refreshed() {
	if r.present == nil {
		return
	}
	for uuid := range r.entries {
		if !r.deletes && !r.present[uuid] {
			delete(r.entries, uuid)
		}
	}
	r.present = nil
}

func (r *replica) info(m received) string {
	r.t.Helper()
	if m.oid != oidSyncInfo {
		r.t.Fatalf("intermediate response %q", m.oid)
	}
	d := ber.NewDecoder(m.value)
	switch tag := d.Peek(); tag {
	case 0x80:
		r.cookie = string(d.Octets(0x80))
		return "cookie"
	case 0xa1, 0xa2:
		d.Enter(tag)
		r.takeCookie(&d)
		r.deletes = tag == 0xa1
		r.refreshed()
		return map[byte]string{0xa1: "refreshDelete", 0xa2: "refreshPresent"}[tag]
	}
	d.Enter(0xa3)
	r.takeCookie(&d)
	gone := d.Peek() == ber.Boolean && d.Boolean(ber.Boolean)
	set := d.Enter(ber.Set)
	var names []string
	for d.More() && d.Err() == nil {
		uuid := string(d.Octets(ber.OctetString))
		if _, had := r.entries[uuid]; !had {
			r.t.Errorf("an ID set, gone %v, has %x, which was never added", gone, uuid)
		}
		names = append(names, r.names[uuid])
		if gone {
			delete(r.entries, uuid)
		} else if r.present != nil {
			r.present[uuid] = true
		}
	}
	if d.Leave(set); d.Err() != nil {
		r.t.Fatal(d.Err())
	}
	slices.Sort(names)
	return map[bool]string{true: "gone ", false: "present "}[gone] + strings.Join(names, " ")
}

// has returns what the replica has, in order.
func (r *replica) has() string {
	var list []string
	for _, text := range r.entries {
		list = append(list, text)
	}
	slices.Sort(list)
	return strings.Join(list, "\n")
}

// found returns what a plain search finds, in the same form.
func (r *replica) found(s *ldaptest.Server, dn, password string) string {
	r.t.Helper()
	c := dialWire(r.t, s, dn, password)
	c.ask(r.op)
	var list []string
	for {
		m := c.next()
		if m.tag != 0x64 {
			slices.Sort(list)
			return strings.Join(list, "\n")
		}
		list = append(list, strings.TrimSuffix(m.dn+": "+m.attrs, " "))
	}
}

// expects fails the test unless the next event is this one.
func (r *replica) expects(t *testing.T, what string, want ...string) {
	t.Helper()
	for _, w := range want {
		if got := r.event(); got != w {
			t.Errorf("%s: got  %s\nwant %s", what, got, w)
		}
	}
}
