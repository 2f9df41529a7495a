package acl_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
)

// interpreter decides by reading the statements one after the other: slow, and without any of the tables.
type interpreter struct {
	s    *schema.Schema
	p    *acl.Program
	tree *acl.Tree
	as   *acl.Session
	all  []directory.NDN // every entry of the tree
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (in *interpreter) passes(f directory.Filter, t acl.Source) bool {
	if f == nil {
		return true
	}
	return must(filter.Compile(in.s, f, nil).Match(t.Facts())) == filter.True
}

func (in *interpreter) inGroup(t acl.Target, group directory.NDN) bool {
	found := false
	must(0, in.tree.Groups(t, func(n directory.NDN) bool { found = found || n == group; return true }))
	return found
}

// names lists the values of an attribute that are names, subtypes included.
func (in *interpreter) names(t acl.Source, types []*schema.AttributeType) (list []directory.NDN) {
	for _, typ := range types {
		for _, no := range in.s.Subtypes(typ.No) {
			list = append(list, must(in.tree.Names(t, in.s.TypeNo(no)))...)
		}
	}
	return list
}

func (in *interpreter) self() acl.Source {
	id := in.as.Identity()
	if id.Kind != acl.KindEntry {
		return nil
	}
	return must(in.tree.ByID(id.ID))
}

func (in *interpreter) is(s acl.Subject, t acl.Source) bool {
	id, self := in.as.Identity(), in.self()
	named := id.Kind == acl.KindEntry || id.Kind == acl.KindOperator
	switch s := s.(type) {
	case acl.Anyone:
		return true
	case acl.Anonymous:
		return id.Kind == acl.KindAnonymous
	case acl.Authenticated:
		return id.Kind != acl.KindAnonymous
	case acl.Name:
		return named && id.NDN == s.NDN
	case acl.Subtree:
		return named && id.NDN.IsUnder(s.Base)
	case acl.Group:
		return self != nil && in.inGroup(self, s.NDN)
	case acl.Role:
		return slices.ContainsFunc(in.p.Roles, func(h acl.RoleHolder) bool {
			return h.Role == s.Name && in.is(h.Subject, t) && in.when(&h.When, time.Time{})
		})
	case acl.Matching:
		return self != nil && in.passes(s.Filter, self)
	case acl.Self:
		return self != nil && self.ID() == t.ID()
	case acl.Ancestor:
		return self != nil && must(t.NDN()).IsUnder(id.NDN)
	case acl.NamedIn:
		return self != nil && slices.Contains(in.names(t, s.Types), id.NDN)
	case acl.GroupIn:
		return self != nil && slices.ContainsFunc(in.names(t, s.Types), func(n directory.NDN) bool { return in.inGroup(self, n) })
	case acl.Same:
		return self != nil && slices.ContainsFunc(s.Types, func(typ *schema.AttributeType) bool {
			return slices.ContainsFunc(in.s.Subtypes(typ.No), func(no int) bool { return in.share(in.s.TypeNo(no), self, t) })
		})
	case acl.All:
		return len(s) > 0 && !slices.ContainsFunc(s, func(k acl.Subject) bool { return !in.is(k, t) })
	case acl.Any:
		return slices.ContainsFunc(s, func(k acl.Subject) bool { return in.is(k, t) })
	case acl.Unless:
		return in.is(s.Subject, t) && !in.is(s.Except, t)
	}
	return false
}

func (in *interpreter) share(typ *schema.AttributeType, a, b acl.Target) bool {
	for _, x := range a.Entry().Attributes() {
		for _, y := range b.Entry().Attributes() {
			if x.Desc.TypeNo != typ.No || y.Desc.TypeNo != typ.No {
				continue
			}
			for v := range x.Values() {
				for w := range y.Values() {
					if bytes.Equal(must(in.s.EqualityKey(x.Desc, v)), must(in.s.EqualityKey(y.Desc, w))) {
						return true
					}
				}
			}
		}
	}
	return false
}

func (in *interpreter) whenAll(list []acl.Conditions, expires time.Time) bool {
	for i := range list {
		if !in.when(&list[i], time.Time{}) {
			return false
		}
	}
	return in.when(&acl.Conditions{}, expires)
}

func (in *interpreter) when(c *acl.Conditions, expires time.Time) bool {
	tr, id, now := in.as.Transport(), in.as.Identity(), in.tree.Now()
	peer := tr.Peer.Addr()
	if c.Networks != nil {
		ok := false
		for _, n := range c.Networks {
			ok = ok || n.Contains(peer)
		}
		if !ok {
			return false
		}
	}
	for _, n := range c.NotNetworks {
		if n.Contains(peer) {
			return false
		}
	}
	switch c.TLS {
	case acl.TLSNone:
		if tr.Protected() {
			return false
		}
	case acl.TLSRequired:
		if !tr.Protected() {
			return false
		}
	case acl.TLSClientCert:
		if tr.ClientCertSubject == "" {
			return false
		}
	}
	if tr.TLSBits < c.TLSBits || id.Level < c.Level || c.Methods != nil && !slices.Contains(c.Methods, id.Method) {
		return false
	}
	if c.MaxAge > 0 && (id.Kind == acl.KindAnonymous || now.Sub(id.At) >= c.MaxAge) {
		return false
	}
	if !expires.IsZero() && !now.Before(expires) {
		return false
	}
	t := &c.Time
	return (t.NotBefore.IsZero() || !now.Before(t.NotBefore)) && (t.NotAfter.IsZero() || now.Before(t.NotAfter)) &&
		(t.Within == nil || inWindow(t.Within, now)) && (t.Outside == nil || !inWindow(t.Outside, now))
}

// inWindow goes through the minutes since the window opened last.
func inWindow(w *acl.Window, now time.Time) bool {
	now = now.In(w.Zone)
	for back := range 2 {
		day := time.Date(now.Year(), now.Month(), now.Day()-back, 0, 0, 0, 0, w.Zone)
		if w.Days != [7]bool{} && !w.Days[day.Weekday()] {
			continue
		}
		from, to := w.From, w.To
		if !w.HasHours || from == to {
			from, to = 0, 24*time.Hour
		} else if to < from {
			to += 24 * time.Hour
		}
		at := time.Duration(now.Hour())*time.Hour + time.Duration(now.Minute())*time.Minute + time.Duration(back)*24*time.Hour
		if from <= at && at < to {
			return true
		}
	}
	return false
}

func (in *interpreter) reaches(r *acl.Reach, t acl.Source) bool {
	ndn := must(t.NDN())
	inScope := slices.ContainsFunc(r.Bases, func(base directory.NDN) bool {
		switch r.Scope {
		case directory.ScopeBase:
			return ndn == base
		case directory.ScopeOne:
			return ndn != "" && ndn != base && ndn.Parent() == base
		case directory.ScopeSub:
			return ndn.IsUnder(base)
		default:
			return ndn != base && ndn.IsUnder(base)
		}
	})
	return inScope && in.passes(r.Filter, t) &&
		!slices.ContainsFunc(r.Exclude, func(x acl.Reach) bool { return in.reaches(&x, t) })
}

var relation = []string{"member", "uniqueMember", "memberUid", "memberOf"}

// covers reports whether a list of attributes covers a description. wide makes the membership attributes one.
func (in *interpreter) covers(a *acl.Attributes, d *directory.AttributeDescription, wide bool) bool {
	secret := d.Is(directory.FlagConfidential)
	operational := d.Is(directory.FlagOperational) || d.Key == "memberof"
	if a.Secret && secret || a.User && !secret && !operational || a.Operational && !secret && operational {
		return true
	}
	names := []int{d.TypeNo}
	if wide && slices.ContainsFunc(relation, func(n string) bool { return in.s.TypeByName(n).No == d.TypeNo }) {
		for _, n := range relation {
			names = append(names, in.s.TypeByName(n).No)
		}
		if a.User || a.Operational {
			return true
		}
	}
	for _, t := range a.Types {
		for _, no := range names {
			if slices.Contains(in.s.Subtypes(t.No), no) {
				return true
			}
		}
	}
	for _, x := range a.Described {
		has := func(o string) bool { return !slices.Contains(d.Options, o) }
		if slices.Contains(in.s.Subtypes(x.TypeNo), d.TypeNo) && !slices.ContainsFunc(x.Options, has) {
			return true
		}
	}
	return false
}

// value decides a condition on values; value nil asks about all.
func (in *interpreter) value(v *acl.Values, q acl.Question, deny bool) bool {
	if v == nil || !q.Action.OnAttributes() {
		return true
	}
	if q.Value == nil {
		return deny != (q.Action == acl.ActionRead || q.Action == acl.ActionSecretRead)
	}
	_, ndn, err := in.s.ParseName(string(q.Value))
	if (v.Self || v.Under != nil) && err != nil {
		return deny
	}
	if v.Self && (in.self() == nil || ndn != in.as.Identity().NDN) || v.Under != nil && !slices.ContainsFunc(v.Under, ndn.IsUnder) {
		return false
	}
	if v.AnyOf != nil {
		key, err := in.s.EqualityKey(q.Attribute, q.Value)
		if err != nil {
			return deny
		}
		if !slices.ContainsFunc(v.AnyOf, func(one string) bool {
			k, err := in.s.EqualityKey(q.Attribute, []byte(one))
			return err == nil && bytes.Equal(k, key)
		}) {
			return false
		}
	}
	return v.Pattern == "" || simpleGlob(strings.ToLower(v.Pattern), strings.ToLower(string(q.Value)))
}

func simpleGlob(pattern, text string) bool {
	switch {
	case pattern == "":
		return text == ""
	case pattern[0] == '*':
		return simpleGlob(pattern[1:], text) || text != "" && simpleGlob(pattern, text[1:])
	default:
		return text != "" && (pattern[0] == '?' || pattern[0] == text[0]) && simpleGlob(pattern[1:], text[1:])
	}
}

// acts reports whether a list of actions with attributes is about the question.
func (in *interpreter) acts(actions acl.Actions, a *acl.Attributes, q acl.Question, deny bool) bool {
	if q.Action == acl.ActionControl || q.Action == acl.ActionExtOp {
		return actions.Has(q.Action) && (deny || a.User)
	}
	if !q.Action.OnAttributes() {
		return actions.Has(q.Action)
	}
	wide := deny
	secret := q.Attribute.Is(directory.FlagConfidential)
	has := actions.Has(q.Action)
	switch {
	case secret && deny && (q.Action == acl.ActionRead || q.Action == acl.ActionSecretRead):
		has = actions.Has(acl.ActionRead) || actions.Has(acl.ActionSecretRead)
	case secret && (q.Action == acl.ActionRead || q.Action == acl.ActionSecretRead):
		has = actions.Has(acl.ActionSecretRead)
	case !secret && !deny && q.Action == acl.ActionSecretRead:
		has = false
	case secret && acl.ActionsWrite.Has(q.Action) && !deny:
		has = false
	}
	return has && in.covers(a, q.Attribute, wide)
}

// permits is acts of a boundary's permit: as an allow, but for the whole membership relation.
func (in *interpreter) permits(p *acl.Permit, q acl.Question) bool {
	if in.acts(p.Actions, &p.Attributes, q, false) {
		return true
	}
	if q.Attribute == nil || !q.Action.OnAttributes() {
		return false
	}
	wide := q
	for _, name := range relation {
		if in.s.TypeByName(name).No != q.Attribute.TypeNo {
			continue
		}
		for _, other := range relation {
			wide.Attribute = in.s.TypeByName(other).Description()
			if in.acts(p.Actions, &p.Attributes, wide, false) {
				return true
			}
		}
	}
	return false
}

// decide answers a question about one entry as it is.
func (in *interpreter) decide(t acl.Source, q acl.Question) bool {
	g := in.guardsOf(t)
	switch q.Action {
	case acl.ActionDeleteEntry, acl.ActionRename, acl.ActionMoveOut:
		g.anchor = in.anchored(t)
	}
	allowed := false
	for i := range in.p.Statements {
		st := &in.p.Statements[i]
		if !in.is(st.Subject, t) || !in.reaches(&st.Reach, t) || !in.whenAll(st.When, st.Expires) ||
			!in.acts(st.Actions, &st.Attributes, q, st.Effect == acl.Deny) || !in.value(st.Values, q, st.Effect == acl.Deny) {
			continue
		}
		if st.Effect == acl.Deny {
			return false
		}
		if !in.blocked(g, &st.Reach, q, st.Subject) {
			allowed = true
		}
	}
	if !allowed {
		return false
	}
	for i := range in.p.Boundaries {
		b := &in.p.Boundaries[i]
		if !in.is(b.Subject, t) || !in.when(&b.When, time.Time{}) {
			continue
		}
		if !slices.ContainsFunc(b.Permit, func(p acl.Permit) bool {
			return in.reaches(&p.Reach, t) && in.when(&p.When, time.Time{}) && in.permits(&p, q) && in.value(p.Values, q, false) &&
				!in.blocked(g, &p.Reach, q, nil)
		}) {
			return false
		}
	}
	return true
}

// special is what guards say of an entry.
type special struct {
	protected, privileged, anchor bool
	ways                          map[string]bool // by which it is protected or privileged
}

// gained is what a change from before adds: another way counts whatever there was before.
func (g special) gained(before special) special {
	for way := range g.ways {
		if !before.ways[way] {
			return g
		}
	}
	return special{protected: g.protected && !before.protected, privileged: g.privileged && !before.privileged}
}

func (in *interpreter) blocked(g special, r *acl.Reach, q acl.Question, s acl.Subject) bool {
	exact := r.Scope == directory.ScopeBase
	tree := q.Action == acl.ActionDeleteEntry || q.Action == acl.ActionRename || q.Action == acl.ActionMoveOut
	write := acl.ActionsWrite.Has(q.Action) || q.Action == acl.ActionManage
	person := tree
	switch q.Action {
	case acl.ActionPasswordReset, acl.ActionMFAReset, acl.ActionAccountUnlock, acl.ActionProxy:
		person = true
	}
	authority, owner := write && in.bearsAuthority(q.Attribute), write && q.Attribute.Key == "owner"
	if s != nil && mustBeSelf(s) {
		return g.privileged && !r.Privileged && !exact && (tree || authority || owner) || g.anchor && tree && !r.Protected ||
			g.protected && !r.Protected && !exact && person
	}
	return g.protected && !r.Protected && !exact && (person || authority) ||
		g.privileged && !r.Privileged && !exact && (tree || authority || owner) ||
		g.anchor && tree && !r.Protected
}

func mustBeSelf(s acl.Subject) bool {
	switch s := s.(type) {
	case acl.Self:
		return true
	case acl.All:
		return slices.ContainsFunc(s, mustBeSelf)
	case acl.Any:
		return len(s) > 0 && !slices.ContainsFunc(s, func(k acl.Subject) bool { return !mustBeSelf(k) })
	case acl.Unless:
		return mustBeSelf(s.Subject)
	}
	return false
}

func (in *interpreter) bearsAuthority(d *directory.AttributeDescription) bool {
	if d.Is(directory.FlagConfidential) {
		return true
	}
	is := func(n string) bool {
		t := in.s.TypeByName(n)
		return slices.Contains(in.s.Subtypes(t.No), d.TypeNo)
	}
	return slices.ContainsFunc([]string{"member", "uniqueMember", "memberUid", "memberOf", "memberURL", "sshPublicKey", "userCertificate",
		"pwdPolicySubentry", "nsAccountLock", "shadowExpire"}, is) ||
		slices.ContainsFunc(authorityPool, func(n string) bool { return is(n) && in.used(strings.ToLower(n)) })
}

// authorityPool are the attributes that the random programs may make authority-bearing.
var authorityPool = []string{"departmentNumber", "employeeType", "manager", "objectClass", "owner"}

// used reports whether some subject or target of the program uses the attribute.
func (in *interpreter) used(name string) bool {
	var b strings.Builder
	for _, st := range in.p.Statements {
		writeSubject(&b, st.Subject)
		writeReach(&b, &st.Reach)
	}
	for _, bd := range in.p.Boundaries {
		writeSubject(&b, bd.Subject)
		for _, p := range bd.Permit {
			writeReach(&b, &p.Reach)
		}
	}
	for _, r := range in.p.Roles {
		writeSubject(&b, r.Subject)
	}
	return strings.Contains(strings.ToLower(b.String()), name)
}

func writeReach(b *strings.Builder, r *acl.Reach) {
	if r.Filter != nil {
		b.WriteString(filter.String(r.Filter) + " ")
	}
	for i := range r.Exclude {
		writeReach(b, &r.Exclude[i])
	}
}

func writeSubject(b *strings.Builder, s acl.Subject) {
	switch s := s.(type) {
	case acl.Matching:
		b.WriteString(filter.String(s.Filter) + " ")
	case acl.NamedIn:
		b.WriteString(s.Types[0].Name() + " ")
	case acl.GroupIn:
		b.WriteString(s.Types[0].Name() + " ")
	case acl.Same:
		b.WriteString(s.Types[0].Name() + " ")
	case acl.All:
		for _, k := range s {
			writeSubject(b, k)
		}
	case acl.Any:
		for _, k := range s {
			writeSubject(b, k)
		}
	case acl.Unless:
		writeSubject(b, s.Subject)
		writeSubject(b, s.Except)
	}
}

// power lists whom power statements are for.
func (in *interpreter) power() (list []acl.Subject) {
	for i := range in.p.Statements {
		if st := &in.p.Statements[i]; st.IsPower(in.tree.Now()) {
			list = append(list, st.Subject)
		}
	}
	for _, e := range in.p.Elevations {
		list = append(list, e.Eligible)
	}
	return list
}

// guardsOf finds out what is special about an entry, from all statements and all entries.
func (in *interpreter) guardsOf(t acl.Source) (g special) {
	ndn, power := must(t.NDN()), in.power()
	groups, names := in.named(power)
	isGroup := false
	for _, a := range t.Entry().Attributes() {
		for v := range a.Values() {
			isGroup = isGroup || a.Desc.Key == "objectclass" && strings.EqualFold(string(v), "groupOfNames")
		}
	}
	g.ways = make(map[string]bool)
	for _, group := range groups {
		is, in := ndn == group, in.inGroup(t, group)
		if is || in {
			g.ways["group "+string(group)] = true
		}
		g.privileged = g.privileged || is || isGroup && in
	}
	if !g.privileged || slices.Contains(names, ndn) {
		for n, s := range in.alternatives(power) {
			if in.protects(s, t) {
				g.protected = true
				g.ways[fmt.Sprint("subject ", n)] = true
			}
		}
	}
	return g
}

// anchored reports whether an entry must stay where it is: the program names it or one below it, or one below it is guarded.
func (in *interpreter) anchored(t acl.Source) bool {
	ndn := must(t.NDN())
	for _, n := range in.anchors() {
		if n == ndn || n.IsUnder(ndn) && ndn != "" {
			return true
		}
	}
	return slices.ContainsFunc(in.all, func(below directory.NDN) bool {
		g := special{}
		if below != ndn && below.IsUnder(ndn) {
			g = in.guardsOf(in.tree.Find(below))
		}
		return g.protected || g.privileged
	})
}

// alternatives takes subjects apart where each part alone is enough.
func (in *interpreter) alternatives(list []acl.Subject) (out []acl.Subject) {
	for _, s := range list {
		switch s := s.(type) {
		case acl.Any:
			out = append(out, in.alternatives(s)...)
		case acl.Role:
			for _, h := range in.p.Roles {
				if h.Role == s.Name {
					out = append(out, in.alternatives([]acl.Subject{h.Subject})...)
				}
			}
		default:
			out = append(out, s)
		}
	}
	return out
}

// named lists the groups and names of the subjects, with the groups that they subtract.
func (in *interpreter) named(list []acl.Subject) (groups, names []directory.NDN) {
	for _, s := range list {
		if !narrow(s) {
			continue
		}
		in.walk(s, func(part acl.Subject, subtracted bool) {
			switch part := part.(type) {
			case acl.Group:
				groups = append(groups, part.NDN)
			case acl.Name:
				if !subtracted {
					names = append(names, part.NDN)
				}
			}
		}, false)
	}
	return groups, names
}

// walk visits all parts of a subject, and of those that have its roles.
func (in *interpreter) walk(s acl.Subject, visit func(acl.Subject, bool), subtracted bool) {
	visit(s, subtracted)
	var parts []acl.Subject
	switch s := s.(type) {
	case acl.All:
		parts = s
	case acl.Any:
		parts = s
	case acl.Role:
		for _, h := range in.p.Roles {
			if h.Role == s.Name && !subtracted {
				parts = append(parts, h.Subject)
			}
		}
	case acl.Unless:
		in.walk(s.Except, visit, true)
		parts = []acl.Subject{s.Subject}
	}
	for _, k := range parts {
		in.walk(k, visit, subtracted)
	}
}

// wanted reports whether a name is one that a filter of a power statement looks for.
func (in *interpreter) wanted(n directory.NDN) (is bool) {
	for _, s := range in.power() {
		if narrow(s) {
			in.walk(s, func(part acl.Subject, subtracted bool) {
				m, filters := part.(acl.Matching)
				is = is || filters && !subtracted && strings.Contains(filter.String(m.Filter), "="+string(n)+")")
			}, false)
		}
	}
	return is
}

func narrow(s acl.Subject) bool {
	switch s := s.(type) {
	case acl.Group, acl.Name, acl.Matching, acl.Role:
		return true
	case acl.All:
		return slices.ContainsFunc(s, narrow)
	case acl.Any:
		return slices.ContainsFunc(s, narrow)
	case acl.Unless:
		return narrow(s.Subject)
	}
	return false
}

func (in *interpreter) protects(s acl.Subject, t acl.Source) bool {
	switch s := s.(type) {
	case acl.Group:
		return in.inGroup(t, s.NDN)
	case acl.Name:
		return must(t.NDN()) == s.NDN
	case acl.Matching:
		return in.passes(s.Filter, t) && slices.ContainsFunc(t.Entry().Attributes(), func(a directory.Attribute) bool {
			return a.Desc.Key == "userpassword"
		})
	case acl.Role:
		return slices.ContainsFunc(in.p.Roles, func(h acl.RoleHolder) bool { return h.Role == s.Name && in.protects(h.Subject, t) })
	case acl.Any:
		return slices.ContainsFunc(s, func(k acl.Subject) bool { return in.protects(k, t) })
	case acl.Unless:
		return in.protects(s.Subject, t) && !in.certainly(s.Except, t)
	case acl.All:
		return slices.ContainsFunc(s, narrow) && !slices.ContainsFunc(s, func(k acl.Subject) bool {
			tree, is := k.(acl.Subtree)
			return is && !must(t.NDN()).IsUnder(tree.Base) || narrow(k) && !in.protects(k, t)
		})
	}
	return false
}

func (in *interpreter) certainly(s acl.Subject, t acl.Source) bool {
	switch s := s.(type) {
	case acl.Group, acl.Name:
		return in.protects(s, t)
	case acl.Subtree:
		return must(t.NDN()).IsUnder(s.Base)
	case acl.Any:
		return slices.ContainsFunc(s, func(k acl.Subject) bool { return in.certainly(k, t) })
	case acl.All:
		return len(s) > 0 && !slices.ContainsFunc(s, func(k acl.Subject) bool { return !in.certainly(k, t) })
	}
	return false
}

// anchors lists every name that the program mentions.
func (in *interpreter) anchors() (list []directory.NDN) {
	var subject func(acl.Subject)
	text := func(f directory.Filter) {
		if f == nil {
			return
		}
		for _, n := range in.all {
			if strings.Contains(filter.String(f), "="+string(n)+")") {
				list = append(list, n)
			}
		}
	}
	subject = func(s acl.Subject) {
		switch s := s.(type) {
		case acl.Group:
			list = append(list, s.NDN)
		case acl.Name:
			list = append(list, s.NDN)
		case acl.Subtree:
			list = append(list, s.Base)
		case acl.Matching:
			text(s.Filter)
		case acl.All:
			for _, k := range s {
				subject(k)
			}
		case acl.Any:
			for _, k := range s {
				subject(k)
			}
		case acl.Unless:
			subject(s.Subject)
			subject(s.Except)
		}
	}
	var reach func(*acl.Reach)
	reach = func(r *acl.Reach) {
		list = append(list, r.Bases...)
		text(r.Filter)
		for i := range r.Exclude {
			reach(&r.Exclude[i])
		}
	}
	values := func(v *acl.Values) {
		if v == nil {
			return
		}
		list = append(list, v.Under...)
		for _, one := range v.AnyOf {
			if _, ndn, err := in.s.ParseName(one); err == nil && strings.Contains(one, "=") {
				list = append(list, ndn)
			}
		}
	}
	for _, st := range in.p.Statements {
		subject(st.Subject)
		reach(&st.Reach)
		values(st.Values)
	}
	for _, b := range in.p.Boundaries {
		subject(b.Subject)
		for _, p := range b.Permit {
			reach(&p.Reach)
			values(p.Values)
		}
	}
	for _, r := range in.p.Roles {
		subject(r.Subject)
	}
	for _, e := range in.p.Elevations {
		subject(e.Eligible)
	}
	return list
}
