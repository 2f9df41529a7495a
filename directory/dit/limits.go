package dit

import (
	"fmt"
	"slices"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/schema"
	"gatehouse/storage"
)

// Bounds on what one operation may take, beside the search limits.
const (
	// filterInlineMax is the most candidates of a search that a connection's reader may run itself.
	filterInlineMax = 64
	// groupsMax bounds the groups that one closure of memberships visits; nesting is followed no further. A person is in
	// hundreds of groups at most, so a closure of this size is an attack or a mistake.
	groupsMax = 10_000
	// planTriesMax is how often a write is planned before the client is told that the server is busy.
	planTriesMax = 8
	// followEffectsMax bounds the effects that hooks may add to one write.
	followEffectsMax = 1_000
	// replanReferencesMax is the most values of a write whose plan may run again inside the sequencer.
	replanReferencesMax = 256
	// readEntryReferencesMax is the most values of reference attributes, or children to be counted, that the sequencer reads for a
	// post-read control: about a millisecond. With more of them the entry is read when the write is done, and a later write may
	// show in it.
	readEntryReferencesMax = 512
	// syncEntriesMax bounds the entries that all persistent searches together remember: each takes about 60 octets.
	syncEntriesMax = 4 << 20
	// syncWiderMax is of how many entries, touched ones and groups that name them, a synchronization looks at each. With more of them it
	// looks at all of the content.
	syncWiderMax = 20_000
	// syncCookieEvery is after how many changes that send nothing a persistent search sends a new cookie, so that the log still
	// reaches it when the client comes again.
	syncCookieEvery = 1000
	// childrenMax bounds the children that are looked at one by one to count those that a session may discover. Beyond it the
	// counts are left out.
	childrenMax = 10_000
	// scratchKeptBytesMax bounds the memory that a finished search keeps for the next one.
	scratchKeptBytesMax = 1 << 20
	// policyEvery is how many entries of a search are decided before the policy is looked up again.
	policyEvery = 256
	// clockEvery is how many candidates are looked at between two looks at the clock.
	clockEvery = 64
)

// Limit bounds the searches of an identity. Zero is unlimited.
type Limit struct {
	SizeEntries           int           // entries returned
	Time                  time.Duration // from the start of the search
	LookThroughCandidates int           // entries looked at
}

// Limits says which identity has which limit. The administrators of the policy and the operator have none. A nil Bound or
// Anonymous takes the default.
type Limits struct {
	Bound     *Limit
	Anonymous *Limit
	Overrides []LimitOverride // the first that applies decides
}

// LimitOverride gives a limit to an identity, to the members of a group (nested ones too), or to the identities of a
// subtree. Exactly one of the names is set. Fields that are nil keep what the identity would have.
type LimitOverride struct {
	DN, Group, Subtree string

	SizeEntries           *int
	Time                  *time.Duration
	LookThroughCandidates *int

	dn, group, subtree directory.NDN
}

// DefaultLimits returns the limits of an installation that sets none.
func DefaultLimits() Limits {
	return Limits{
		Bound:     &Limit{SizeEntries: 10_000, Time: time.Minute, LookThroughCandidates: 200_000},
		Anonymous: &Limit{SizeEntries: 500, Time: 10 * time.Second, LookThroughCandidates: 200_000},
	}
}

// SetLimits takes other limits from the next search on.
func (d *Directory) SetLimits(l Limits) error {
	defaults := DefaultLimits()
	if l.Bound == nil {
		l.Bound = defaults.Bound
	}
	if l.Anonymous == nil {
		l.Anonymous = defaults.Anonymous
	}
	l.Overrides = slices.Clone(l.Overrides)
	for i := range l.Overrides {
		if err := l.Overrides[i].normalize(d.schema); err != nil {
			return fmt.Errorf("limits: item %d: %w", i+1, err)
		}
	}
	d.limits.Store(&l)
	return nil
}

func (o *LimitOverride) normalize(s *schema.Schema) (err error) {
	for _, name := range []struct {
		text string
		ndn  *directory.NDN
	}{{o.DN, &o.dn}, {o.Group, &o.group}, {o.Subtree, &o.subtree}} {
		if name.text == "" {
			continue
		}
		if _, *name.ndn, err = s.ParseName(name.text); err != nil {
			return err
		}
	}
	return nil
}

// limitOf returns the limit of a session. sn is read only if a group decides.
func (d *Directory) limitOf(s *acl.Session, sn *storage.Snapshot) (Limit, error) {
	if d.Policy().IsUnlimited(s) {
		return Limit{}, nil
	}
	all := d.limits.Load()
	limit := *all.Bound
	if s.IsAnonymous() {
		limit = *all.Anonymous
	}
	id := s.Identity()
	for i := range all.Overrides {
		o := &all.Overrides[i]
		applies := o.dn != "" && id.NDN == o.dn || o.subtree != "" && !s.IsAnonymous() && id.NDN.IsUnder(o.subtree)
		if o.group != "" && id.Kind == acl.KindEntry {
			group, err := sn.Lookup(o.group)
			switch {
			case isNotFound(err):
			case err != nil:
				return limit, err
			default:
				var c closure
				if applies, err = c.reaches(sn, id.ID, d.attr.groupTypes, group); err != nil {
					return limit, err
				}
			}
		}
		if applies {
			o.apply(&limit)
			break
		}
	}
	return limit, nil
}

func (o *LimitOverride) apply(l *Limit) {
	if o.SizeEntries != nil {
		l.SizeEntries = *o.SizeEntries
	}
	if o.Time != nil {
		l.Time = *o.Time
	}
	if o.LookThroughCandidates != nil {
		l.LookThroughCandidates = *o.LookThroughCandidates
	}
}
