package bundle

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"time"
	_ "time/tzdata" // a static binary knows the time zones wherever it runs

	"go.yaml.in/yaml/v3"
)

// when reads the conditions of a statement, permit, assignment or elevation; nil if there are none.
func (d *document) when(n *yaml.Node) *When {
	m := d.get(n, "when")
	if m == nil || m.Kind != yaml.MappingNode {
		return nil
	}
	w := &When{Pos: d.at(m), Level: d.number(m, "auth-level"), MaxAge: d.duration(m, "auth-max-age")}
	w.Networks = d.networkCondition(m, "network")
	w.NotNetworks = d.networkCondition(m, "not-network")
	w.Time = d.time(m)
	if v := d.get(m, "tls"); v != nil {
		w.TLS = TLSCondition(slices.Index(tlsNames, v.Value) + 1)
		w.TLSBits = d.number(v, "min-bits")
	}
	for item := range d.texts(m, "auth-method") {
		w.Methods = append(w.Methods, AuthMethod(slices.Index(methodNames, item.Value)))
	}
	for item := range d.texts(m, "listener") {
		if item.Value == "" {
			d.fail(item, "a listener is named by its URL")
		}
		w.Listeners = append(w.Listeners, item.Value)
	}
	for item := range d.texts(m, "controls") {
		if !isOID(item.Value) {
			d.fail(item, "%s is no OID of a control", quote(item.Value))
		}
		w.Controls = append(w.Controls, item.Value)
	}
	return w
}

// number reads a whole number; 0 if it is absent.
func (d *document) number(n *yaml.Node, key string) int {
	v := d.get(n, key)
	if v == nil {
		return 0
	}
	i, err := strconv.Atoi(v.Value)
	if err != nil {
		return 0 // the form was refused
	}
	return i
}

var durationUnits = map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}

// durationMax bounds durations: longer ones overflow or are mistakes.
const durationMax = 100 * 366 * 24 * time.Hour

// duration reads a duration, which is more than nothing; 0 if it is absent.
func (d *document) duration(n *yaml.Node, name string) time.Duration {
	text, ok := d.text(n, name)
	if !ok {
		return 0
	}
	unit := durationUnits[text[len(text)-1]]
	count, err := strconv.ParseInt(text[:len(text)-1], 10, 64)
	if err != nil || count > int64(durationMax/unit) {
		d.fail(key(n, name), "%s is longer than a hundred years", quote(text))
		return 0
	}
	if count == 0 {
		d.fail(key(n, name), "a duration of 0 allows nothing")
	}
	return time.Duration(count) * unit
}

func (d *document) networkCondition(m *yaml.Node, key string) []netip.Prefix {
	v := d.get(m, key)
	if v == nil {
		return nil
	}
	return d.networks(v)
}

// networks reads a CIDR, $name, or a list of them; each network comes once.
func (d *document) networks(v *yaml.Node) []netip.Prefix {
	nodes := []*yaml.Node{v}
	if v.Kind == yaml.SequenceNode {
		nodes = v.Content
	}
	list := []netip.Prefix{}
	seen := map[netip.Prefix]bool{}
	add := func(n netip.Prefix) {
		if !seen[n] {
			seen[n] = true
			list = append(list, n)
		}
	}
	for _, item := range nodes {
		switch {
		case d.bad[item]:
		case isReference(item):
			if s := d.set(item, setNetworks); s != nil {
				set, _ := s.value.([]netip.Prefix)
				for _, n := range set {
					add(n)
				}
			}
		default:
			if p, why := parseNetwork(item.Value); why != "" {
				d.fail(item, "%s: %s", quote(item.Value), why)
			} else {
				add(p)
			}
		}
	}
	if len(list) > expansionMax {
		d.fail(v, "more than %d networks", expansionMax)
		return nil
	}
	return list
}

func parseNetwork(text string) (p netip.Prefix, why string) {
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		return p, fmt.Sprintf("a network has a length; one address is %s", netip.PrefixFrom(a, a.BitLen()))
	}
	p, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		return p, "not a network, such as 10.0.0.0/8 or fd00::/8"
	case p.Addr().Is4In6():
		return p, "addresses of IPv4 are compared as such; write the network so"
	case p != p.Masked():
		return p, "bits are set behind the length; the network is " + p.Masked().String()
	}
	return p, ""
}

func (d *document) time(n *yaml.Node) *TimeCondition {
	m := d.get(n, "time")
	if m == nil || m.Kind != yaml.MappingNode {
		return nil
	}
	return &TimeCondition{
		Pos: d.at(m), NotBefore: d.moment(m, "not-before"), NotAfter: d.moment(m, "not-after"),
		Within: d.window(m, "within"), Outside: d.window(m, "outside"),
	}
}

// moment reads a date and time (RFC 3339).
func (d *document) moment(n *yaml.Node, name string) time.Time {
	text, ok := d.text(n, name)
	if !ok {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		d.fail(key(n, name), "%s is no date and time of the calendar", quote(text))
	}
	return t.UTC()
}

func (d *document) window(n *yaml.Node, name string) *Window {
	m := d.get(n, name)
	if m == nil || m.Kind != yaml.MappingNode {
		return nil
	}
	w := &Window{Pos: d.at(m)}
	if d.get(m, "days") == nil {
		w.Days = [7]bool{true, true, true, true, true, true, true}
	}
	for item := range d.items(m, "days") {
		w.Days[slices.Index(dayNames, item.Value)] = true
	}
	if zone, ok := d.text(m, "zone"); ok {
		var err error
		if w.Zone, err = time.LoadLocation(zone); err != nil || zone == "Local" {
			d.fail(key(m, "zone"), "%s is no time zone, such as Europe/Berlin or UTC", quote(zone))
			return nil
		}
	}
	if text, ok := d.text(m, "hours"); ok {
		var from, to bool
		w.HasHours = true
		w.From, from = clock(text[:5])
		w.To, to = clock(text[6:])
		switch {
		case !from || !to || w.From == 24*time.Hour:
			d.fail(key(m, "hours"), "%s: hours are 00:00 to 24:00", quote(text))
		case w.From == w.To:
			d.fail(key(m, "hours"), "%s ends where it begins; leave hours out for the whole day", quote(text))
		}
	}
	return w
}

// clock reads hh:mm of two digits each, up to 24:00.
func clock(s string) (time.Duration, bool) {
	hours, minutes := int(s[0]-'0')*10+int(s[1]-'0'), int(s[3]-'0')*10+int(s[4]-'0')
	at := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	return at, at <= 24*time.Hour
}
