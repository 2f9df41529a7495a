package dit

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/schema"
	"gatehouse/storage"
)

const (
	// sortKeysMax bounds the keys of one search.
	sortKeysMax = 8
	// sortKeyBytesMax is how much of a value orders; entries that agree in it follow in the order of their IDs.
	sortKeyBytesMax = 256
	// sortBytesMax bounds the keys that one search keeps: about 200,000 entries by one short attribute. A page keeps only its own.
	sortBytesMax = 16 << 20
	// sortItemBytes is what an entry takes beside its key, and sortSlack how many of them are not worth an ordering.
	sortItemBytes = 48
	sortSlack     = 1024
)

// sorting orders the entries of a search (RFC 2891).
//
// Each match is reduced to one key whose bytes sort as the client asked, and which ends with the entry's ID. A search that returns at
// most n entries keeps the n smallest keys and one more, whatever it looks at. Then the entries are read again, in the order of the
// keys, under the rights of that moment.
//
// The first page keeps all keys, unless they are too many, and then the order for the pages behind it; see sortRuns. Where that is
// gone, the next page sorts again what is behind the last key, which its cookie holds.
type sorting struct {
	keys     []sortKey
	critical bool
	err      *acl.SortResult // why there is no order

	most  int    // entries that are wanted; zero: all
	all   bool   // more are kept as long as they are not too many
	after []byte // only keys behind it count
	items []sortItem
	bytes int    // of their keys
	bound []byte // once most are known: keys above it do not count

	key, value, least []byte // to be used again
}

type sortItem struct {
	id  directory.EntryID
	key []byte
}

// sortKey is one key: the types whose values count, and the rule whose keys sort as the values do.
type sortKey struct {
	types   []int
	options []string
	made    []*directory.AttributeDescription // of these types: computed ones and references
	rule    *schema.MatchingRule              // nil: octets
	reverse bool
}

var (
	errSortTooLarge = directory.Errorf(directory.AdminLimitExceeded, "there are too many entries to sort; ask for pages")
	errCannotSort   = directory.Errorf(directory.UnavailableCriticalExtension, "the entries cannot be sorted as the critical control asks; its answer says why")
)

// prepareSort finds the keys. What cannot be sorted by is answered in the control, and ends the search only if that is critical.
func (x *Search) prepareSort(req *directory.RequestControls) {
	s := &sorting{critical: req.SortCritical}
	x.controls.sort = s
	if len(req.Sort) > sortKeysMax {
		s.err = &acl.SortResult{Code: directory.UnwillingToPerform}
	}
	for i := range req.Sort {
		if s.err != nil {
			break
		}
		k, code := x.d.sortKey(&req.Sort[i])
		for _, other := range s.keys {
			if slices.Equal(other.types, k.types) && slices.Equal(other.options, k.options) {
				code = directory.UnwillingToPerform // RFC 2891 section 1.1
			}
		}
		if code != directory.Success {
			s.err = &acl.SortResult{Code: code, Attr: strings.Clone(req.Sort[i].Attr)}
		}
		s.keys = append(s.keys, k)
	}
	x.controls.answer.Sort = s.err
	if s.err == nil {
		x.controls.answer.Sort = &acl.SortResult{}
	}
}

// sortKey resolves one key. An attribute without an ordering rule is sorted by the keys of its equality rule, which follow the
// alphabet where it compares text, and one without any rule by octets.
func (d *Directory) sortKey(k *directory.SortKey) (sortKey, directory.ResultCode) {
	base, tail, described := strings.Cut(k.Attr, ";")
	t := d.schema.TypeByName(base)
	if t == nil {
		return sortKey{}, directory.NoSuchAttribute
	}
	key := sortKey{types: d.schema.Subtypes(t.No), reverse: k.Reverse}
	if described {
		options, err := t.AssertedOptions(strings.Clone(tail))
		if err != nil {
			return key, directory.NoSuchAttribute
		}
		key.options = options
	}
	for _, no := range key.types {
		if desc := d.schema.TypeNo(no).Description(); desc.Is(directory.FlagReference) || slices.Contains(d.attr.computed, desc) {
			key.made = append(key.made, desc)
		}
	}
	switch {
	case k.Rule != "":
		key.rule = d.schema.MatchingRule(k.Rule)
		if key.rule == nil || key.rule.Use() > schema.OrderingRule || !key.rule.AppliesTo(t) {
			return key, directory.InappropriateMatching
		}
	case t.Ordering != nil:
		key.rule = t.Ordering
	default:
		key.rule = t.Equality
	}
	return key, directory.Success
}

// runSorted sends the entries in order, or one page of them.
func (x *Search) runSorted(ctx context.Context, emit func(*acl.View) error) error {
	s := x.controls.sort
	s.most = least(x.sizeAsked, x.limit.SizeEntries)
	if p := x.controls.page; p != nil {
		if s.most, s.all, s.after = p.size, true, p.at.key; p.size == 0 {
			return nil
		}
		if len(s.after) == 0 && p.at.after > 0 { // the page before was not sorted
			x.controls.answer.Sort = &acl.SortResult{Code: directory.AdminLimitExceeded}
			return x.runUnsorted(ctx, emit)
		}
	}
	if run := x.run(); run != nil {
		return x.sendOrdered(ctx, run, x.controls.page.at.place, emit)
	}
	err := x.each(ctx, 0, x.collect)
	if errors.Is(err, errSortTooLarge) {
		s.items, x.controls.answer.Sort = nil, &acl.SortResult{Code: directory.AdminLimitExceeded}
		if s.critical {
			return err
		}
		if x.plan, err = x.c.sn.Plan(x.compiled.Root, x.base, x.scope, storage.PlanOptions{}); err != nil {
			return err
		}
		return x.runUnsorted(ctx, emit)
	}
	if errors.Is(err, errTimeLimit) {
		x.controls.answer.Sort = &acl.SortResult{Code: directory.TimeLimitExceeded}
	}
	if err != nil {
		return err
	}
	return x.sendOrdered(ctx, x.ordered(), 0, emit)
}

// collect keeps the key of the candidate, which matches.
func (x *Search) collect() error {
	s := x.controls.sort
	key, err := x.appendKeys(s.key[:0])
	if err != nil {
		return err
	}
	s.key = key
	if bytes.Compare(key, s.after) <= 0 || s.bound != nil && bytes.Compare(key, s.bound) > 0 {
		return nil
	}
	if s.bytes += len(key) + sortItemBytes; s.bytes > sortBytesMax {
		if s.all = false; s.most > 0 {
			s.order()
		}
		if s.bytes > sortBytesMax/2 { // each ordering has to make room for many
			return errSortTooLarge
		}
	}
	s.items = append(s.items, sortItem{x.c.id, bytes.Clone(key)})
	if !s.all && s.most > 0 && len(s.items) > 2*s.most+sortSlack {
		s.order()
	}
	return nil
}

// order sorts what is known, and forgets what is not wanted: all but the smallest, and one that says that there are more.
func (s *sorting) order() {
	slices.SortFunc(s.items, func(a, b sortItem) int { return bytes.Compare(a.key, b.key) })
	if s.all || s.most == 0 || len(s.items) <= s.most {
		return
	}
	clear(s.items[s.most+1:])
	s.items = s.items[:s.most+1]
	s.bound = s.items[s.most].key
	s.bytes = 0
	for i := range s.items {
		s.bytes += len(s.items[i].key) + sortItemBytes
	}
}
