package ldaptest

import (
	"time"

	"gatehouse/acl/bundle"
	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/password"
	"gatehouse/ldapserver"
)

type options struct {
	ldif     string
	disk     bool
	dit      dit.Options
	limits   *ldapserver.Limits
	password password.Options
	readers  []directory.NDN
	writers  []directory.NDN
	policy   []bundle.Source // nil: what readers and writers have
	schema   string
	suffixes []string
	reads    func(key []byte)
}

// Option changes what NewServer starts.
type Option func(*options)

// WithLDIF adds entries, records of content, after the first ones.
func WithLDIF(text string) Option { return func(o *options) { o.ldif += "\n" + text } }

// OnDisk keeps the store in a directory of the test, rather than in memory.
func OnDisk() Option { return func(o *options) { o.disk = true } }

// WithReader lets an entry read everything but secrets.
func WithReader(dn directory.NDN) Option {
	return func(o *options) { o.readers = append(o.readers, dn) }
}

// WithWriter lets an entry write everything but secrets.
func WithWriter(dn directory.NDN) Option {
	return func(o *options) { o.writers = append(o.writers, dn) }
}

// WithSearchLimits sets the search limits.
func WithSearchLimits(l dit.Limits) Option { return func(o *options) { o.dit.Limits = l } }

// WithServerLimits sets the limits of connections.
func WithServerLimits(l ldapserver.Limits) Option { return func(o *options) { o.limits = &l } }

// WithIdentityRules says who the peers of the local socket act as. Without it root and the test's own user are the operator.
func WithIdentityRules(rules ...dit.IdentityRule) Option {
	return func(o *options) { o.dit.Identity = rules }
}

// WithClock sets the clock of the directory.
func WithClock(now func() time.Time) Option { return func(o *options) { o.dit.Now = now } }

// WithPolicy puts the shipped policies and these in force; without it, the shipped ones and what readers and writers have.
func WithPolicy(sources ...bundle.Source) Option {
	return func(o *options) { o.policy = append([]bundle.Source{}, sources...) }
}

// WithSchema adds definitions in the form of OpenLDAP's schema files to the standard schema.
func WithSchema(text string) Option { return func(o *options) { o.schema += "\n" + text } }

// WithSuffix adds naming contexts, which entries of [WithLDIF] may create.
func WithSuffix(dns ...string) Option {
	return func(o *options) { o.suffixes = append(o.suffixes, dns...) }
}
