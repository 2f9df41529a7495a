package acl

import (
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// Instant is a point in time; the zero Instant is "none".
type Instant = time.Time

// Conditions are what must hold of a session and the moment; all that are set. The zero Conditions always hold.
type Conditions struct {
	Networks    []netip.Prefix // nil: any; the client's address must be in one
	NotNetworks []netip.Prefix // and in none of these
	TLS         TLSCondition
	TLSBits     int // tls: {min-bits: n}; real TLS
	Methods     []AuthMethod
	Level       int           // lowest auth-level
	MaxAge      time.Duration // of the authentication; 0: any
	Listeners   []string      // nil: any; URLs of listeners
	Controls    []string      // nil: any; the request carries one of these OIDs
	Time        TimeCondition
}

// TLSCondition is the tls condition without min-bits.
type TLSCondition uint8

// The tls conditions. None matches only what crosses a network in the clear; Required is protected transport.
const (
	TLSAny TLSCondition = iota
	TLSNone
	TLSRequired
	TLSClientCert
)

// TimeCondition restricts the moment. The zero TimeCondition is always.
type TimeCondition struct {
	NotBefore Instant // inclusive
	NotAfter  Instant // exclusive
	Within    *Window
	Outside   *Window
}

// Window is a weekly window in one time zone. From > To wraps midnight and belongs to the day on which it begins; From ==
// To is the whole day.
type Window struct {
	Days     [7]bool       // by time.Weekday; none set: all
	HasHours bool          // false: the whole day
	From, To time.Duration // since midnight, whole minutes, below 24 h; To is exclusive
	Zone     *time.Location
}

// Contains reports whether t is in the window.
func (w *Window) Contains(t time.Time) bool {
	t = t.In(w.Zone)
	hour, minute, _ := t.Clock()
	at := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute
	day := t.Weekday()
	switch {
	case !w.HasHours || w.From == w.To:
		return w.on(day)
	case w.From < w.To:
		return w.on(day) && w.From <= at && at < w.To
	default:
		return w.on(day) && w.From <= at || w.on((day+6)%7) && at < w.To
	}
}

func (w *Window) on(day time.Weekday) bool { return w.Days[day] || w.Days == [7]bool{} }

// hold reports whether the conditions hold, for what they say about time until when the answer cannot change: zero if it never
// can, or a moment that may be too early.
func (c *Conditions) hold(s *Session, now time.Time, until *time.Time) bool {
	is := c.transport(s.Transport()) && c.authentication(s, now, until)
	if c.Controls != nil && !slices.ContainsFunc(c.Controls, s.carries) {
		is = false
	}
	return c.Time.holds(now, until) && is
}

func (c *Conditions) transport(t *Transport) bool {
	peer := t.Peer.Addr().Unmap()
	in := func(p netip.Prefix) bool { return peer.IsValid() && p.Contains(peer) }
	switch {
	case c.Networks != nil && !slices.ContainsFunc(c.Networks, in),
		slices.ContainsFunc(c.NotNetworks, in),
		c.TLSBits > 0 && t.TLSBits < c.TLSBits,
		c.Listeners != nil && !slices.Contains(c.Listeners, t.Listener):
		return false
	}
	switch c.TLS {
	case TLSNone:
		return !t.Protected()
	case TLSRequired:
		return t.Protected()
	case TLSClientCert:
		return t.TLSBits > 0 && t.ClientCertSubject != ""
	default:
		return c.TLS == TLSAny
	}
}

func (c *Conditions) authentication(s *Session, now time.Time, until *time.Time) bool {
	id := s.Identity()
	if c.Methods != nil && !slices.Contains(c.Methods, id.Method) || id.Level < c.Level {
		return false
	}
	if c.MaxAge <= 0 {
		return true
	}
	if id.Kind == KindAnonymous {
		return false
	}
	end := id.At.Add(c.MaxAge)
	return before(now, end, until)
}

func (c *TimeCondition) holds(now time.Time, until *time.Time) bool {
	is := true
	if !c.NotBefore.IsZero() && before(now, c.NotBefore, until) {
		is = false
	}
	if !c.NotAfter.IsZero() && !before(now, c.NotAfter, until) {
		is = false
	}
	if c.Within == nil && c.Outside == nil {
		return is
	}
	// The edges of a window are whole minutes in every zone of today.
	earlier(until, now.Truncate(time.Minute).Add(time.Minute))
	return is && (c.Within == nil || c.Within.Contains(now)) && (c.Outside == nil || !c.Outside.Contains(now))
}

// before reports whether now is before end, which then is a moment at which an answer changes.
func before(now, end time.Time, until *time.Time) bool {
	if !now.Before(end) {
		return false
	}
	earlier(until, end)
	return true
}

func earlier(until *time.Time, t time.Time) {
	if until.IsZero() || t.Before(*until) {
		*until = t
	}
}

// idealTLS is each condition as it is on the best transport.
var idealTLS = [...]TLSCondition{TLSAny: TLSAny, TLSNone: tlsNever, TLSRequired: TLSAny, TLSClientCert: TLSAny}

const tlsNever TLSCondition = 0xff

// key tells conditions apart; empty for those that always hold.
func (c *Conditions) key(expires Instant) string {
	if c.isZero() && expires.IsZero() {
		return ""
	}
	window := func(w *Window) string {
		if w == nil {
			return ""
		}
		return fmt.Sprint(w.Days, w.HasHours, w.From, w.To, w.Zone)
	}
	flat := *c
	flat.Time = TimeCondition{}
	return fmt.Sprintf("%#v %d %d %d [%s] [%s]", flat, expires.UnixNano(), c.Time.NotBefore.UnixNano(), c.Time.NotAfter.UnixNano(),
		window(c.Time.Within), window(c.Time.Outside))
}

func (c *Conditions) isZero() bool {
	return c.Networks == nil && c.NotNetworks == nil && c.TLS == TLSAny && c.TLSBits == 0 && c.Methods == nil && c.Level == 0 &&
		c.MaxAge == 0 && c.Listeners == nil && c.Controls == nil && c.Time == TimeCondition{}
}
