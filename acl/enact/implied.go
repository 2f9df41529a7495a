package enact

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"gatehouse/acl"
)

// implied reports whether the conditions of a hold wherever those of b do, for sure.
func implied(a, b []acl.Conditions) bool {
	for i := range a {
		for _, atom := range atoms(&a[i]) {
			if !slices.ContainsFunc(b, func(c acl.Conditions) bool { return atom.impliedBy(&c) }) {
				return false
			}
		}
	}
	return true
}

// atom is one condition.
type atom struct{ acl.Conditions }

// atoms takes conditions apart, one for each key.
func atoms(c *acl.Conditions) (list []atom) {
	add := func(set bool, c acl.Conditions) {
		if set {
			list = append(list, atom{c})
		}
	}
	add(c.Networks != nil, acl.Conditions{Networks: c.Networks})
	add(len(c.NotNetworks) > 0, acl.Conditions{NotNetworks: c.NotNetworks})
	add(c.TLS != acl.TLSAny, acl.Conditions{TLS: c.TLS})
	add(c.TLSBits > 0, acl.Conditions{TLSBits: c.TLSBits})
	add(c.Methods != nil, acl.Conditions{Methods: c.Methods})
	add(c.Level > 0, acl.Conditions{Level: c.Level})
	add(c.MaxAge > 0, acl.Conditions{MaxAge: c.MaxAge})
	add(c.Listeners != nil, acl.Conditions{Listeners: c.Listeners})
	add(c.Controls != nil, acl.Conditions{Controls: c.Controls})
	t := c.Time
	add(!t.NotBefore.IsZero(), acl.Conditions{Time: acl.TimeCondition{NotBefore: t.NotBefore}})
	add(!t.NotAfter.IsZero(), acl.Conditions{Time: acl.TimeCondition{NotAfter: t.NotAfter}})
	add(t.Within != nil, acl.Conditions{Time: acl.TimeCondition{Within: t.Within}})
	add(t.Outside != nil, acl.Conditions{Time: acl.TimeCondition{Outside: t.Outside}})
	return list
}

func (a *atom) impliedBy(b *acl.Conditions) bool {
	switch {
	case a.Networks != nil:
		return b.Networks != nil && !slices.ContainsFunc(b.Networks, func(p netip.Prefix) bool { return !within(p, a.Networks) })
	case len(a.NotNetworks) > 0:
		return !slices.ContainsFunc(a.NotNetworks, func(p netip.Prefix) bool { return !within(p, b.NotNetworks) })
	case a.TLS == acl.TLSRequired:
		return b.TLS == acl.TLSRequired || b.TLS == acl.TLSClientCert || b.TLSBits > 0
	case a.TLS != acl.TLSAny:
		return b.TLS == a.TLS
	case a.TLSBits > 0:
		return b.TLSBits >= a.TLSBits
	case a.Methods != nil:
		return b.Methods != nil && contains(a.Methods, b.Methods)
	case a.Level > 0:
		return b.Level >= a.Level
	case a.MaxAge > 0:
		return b.MaxAge > 0 && b.MaxAge <= a.MaxAge
	case a.Listeners != nil:
		return b.Listeners != nil && contains(a.Listeners, b.Listeners)
	case a.Controls != nil:
		return b.Controls != nil && contains(a.Controls, b.Controls)
	case !a.Time.NotBefore.IsZero():
		return !b.Time.NotBefore.Before(a.Time.NotBefore)
	case !a.Time.NotAfter.IsZero():
		return !b.Time.NotAfter.IsZero() && !b.Time.NotAfter.After(a.Time.NotAfter)
	case a.Time.Within != nil:
		return b.Time.Within != nil && windowText(a.Time.Within) == windowText(b.Time.Within)
	default:
		return b.Time.Outside != nil && windowText(a.Time.Outside) == windowText(b.Time.Outside)
	}
}

// within reports whether one of the networks holds all of p.
func within(p netip.Prefix, networks []netip.Prefix) bool {
	return slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Bits() <= p.Bits() && n.Contains(p.Addr()) })
}

// text says a condition as a policy would.
func (a *atom) text() string {
	t := &a.Time
	switch {
	case a.Networks != nil:
		return "network " + words(a.Networks)
	case len(a.NotNetworks) > 0:
		return "not-network " + words(a.NotNetworks)
	case a.TLS != acl.TLSAny:
		return "tls " + tlsWords[a.TLS%4]
	case a.TLSBits > 0:
		return fmt.Sprintf("tls min-bits %d", a.TLSBits)
	case a.Methods != nil:
		return "auth-method " + words(a.Methods)
	case a.Level > 0:
		return fmt.Sprintf("auth-level %d", a.Level)
	case a.MaxAge > 0:
		return fmt.Sprintf("auth-max-age %s", a.MaxAge)
	case a.Listeners != nil:
		return "listener " + words(a.Listeners)
	case a.Controls != nil:
		return "controls " + words(a.Controls)
	case !t.NotBefore.IsZero():
		return "not-before " + t.NotBefore.UTC().Format(time.RFC3339)
	case !t.NotAfter.IsZero():
		return "not-after " + t.NotAfter.UTC().Format(time.RFC3339)
	case t.Within != nil:
		return "within " + windowText(t.Within)
	default:
		return "outside " + windowText(t.Outside)
	}
}

var tlsWords = [...]string{acl.TLSNone: "none", acl.TLSRequired: "required", acl.TLSClientCert: "client-cert"}

func words[T any](list []T) string {
	texts := make([]string, len(list))
	for i, v := range list {
		texts[i] = fmt.Sprint(v)
	}
	slices.Sort(texts)
	return strings.Join(slices.Compact(texts), ",")
}

// windowText tells windows apart.
func windowText(w *acl.Window) string {
	var days []string
	for day, on := range w.Days {
		if on || w.Days == [7]bool{} {
			days = append(days, time.Weekday(day).String()[:3])
		}
	}
	hours := "all day"
	if w.HasHours {
		hours = fmt.Sprintf("%s-%s", w.From, w.To)
	}
	return fmt.Sprintf("%s %s %s", strings.Join(days, ","), hours, w.Zone)
}

// conditionText tells conditions apart; empty for those that always hold.
func conditionText(list ...*acl.Conditions) string {
	var texts []string
	for _, c := range list {
		for _, a := range atoms(c) {
			texts = append(texts, a.text())
		}
	}
	slices.Sort(texts)
	return strings.Join(slices.Compact(texts), ", ")
}

// valuesImplied reports whether a accepts every value that b accepts, for sure.
func valuesImplied(a, b *acl.Values) bool {
	switch {
	case a == nil:
		return true
	case b == nil, a.Self && !b.Self, a.Pattern != "" && a.Pattern != b.Pattern, a.AnyOf != nil && (b.AnyOf == nil || !contains(a.AnyOf, b.AnyOf)):
		return false
	case a.Under == nil:
		return true
	}
	for _, n := range b.Under {
		if !slices.ContainsFunc(a.Under, n.IsUnder) {
			return false
		}
	}
	return b.Under != nil
}

// valuesSame reports whether two conditions on values say the same.
func valuesSame(a, b *acl.Values) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Self == b.Self && a.Pattern == b.Pattern && (a.AnyOf == nil) == (b.AnyOf == nil) && contains(a.AnyOf, b.AnyOf) &&
		contains(b.AnyOf, a.AnyOf) && (a.Under == nil) == (b.Under == nil) && contains(a.Under, b.Under) && contains(b.Under, a.Under)
}
