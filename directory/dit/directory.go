package dit

import (
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/password"
	"gatehouse/directory/password/quality"
	"gatehouse/directory/schema"
	"gatehouse/storage"
)

// Options says what a Directory stands on. Store, Schema, Policy and Hasher are needed.
type Options struct {
	Store    *storage.Store
	Schema   *schema.Schema
	Policy   *acl.Policy
	Hasher   *password.Hasher
	Upgrader *password.Upgrader // nil: passwords are not hashed anew after a bind
	Suffixes []string           // DNs of the naming contexts that may be created, besides those that the store has
	Limits   Limits             // zero fields take the defaults
	Hooks    []Hook             // in the order in which they run
	RootDSE  []directory.PartialAttribute
	Identity []IdentityRule // who a proved identity acts as

	PasswordPolicy string           // DN of the policy for whom no other is meant; "" is cn=default,ou=policies below the naming context
	Quality        *quality.Checker // of new passwords; nil: one without a list of breached passwords

	Logger *slog.Logger // nil: nothing is logged
	Now    func() time.Time
	Rand   io.Reader
}

// Directory performs operations. It is safe for concurrent use.
type Directory struct {
	store    *storage.Store
	schema   *schema.Schema
	policy   atomic.Pointer[acl.Policy]
	hasher   *password.Hasher
	upgrader *password.Upgrader
	suffixes Suffixes
	limits   atomic.Pointer[Limits]
	identity atomic.Pointer[[]identityRule]
	hooks    []Hook
	log      *slog.Logger
	now      func() time.Time
	rand     io.Reader

	attr      attributes
	rootDSE   *virtual
	subschema *virtual
	server    *virtual
	pointer   directory.Attribute // subschemaSubentry, as every entry has it
	resets    resets
	passwords passwordRules
	refusals  refusals
	audit     auditLines // of refusals of changes
	dynamic   atomic.Pointer[dynamicGroups]
	searches  sync.Pool // *Search
	syncs     *syncs
	seals     seals
	sorts     sortRuns
	applying  sync.Mutex // held while a policy is applied
}

// New returns a Directory over an open store. It starts nothing.
func New(o Options) (*Directory, error) {
	if o.Store == nil || o.Schema == nil || o.Policy == nil || o.Hasher == nil {
		return nil, errors.New("dit: a store, a schema, a policy and a hasher are needed")
	}
	d := &Directory{
		store: o.Store, schema: o.Schema, hasher: o.Hasher, upgrader: o.Upgrader, hooks: o.Hooks,
		log: o.Logger, now: o.Now, rand: o.Rand,
	}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	if d.now == nil {
		d.now = time.Now
	}
	if d.rand == nil {
		d.rand = rand.Reader
	}
	var err error
	if d.seals, err = newSeals(d.rand); err != nil {
		return nil, err
	}
	if d.attr, err = findAttributes(o.Schema); err != nil {
		return nil, err
	}
	if d.suffixes, err = FindSuffixes(o.Schema, o.Store, o.Suffixes); err != nil {
		return nil, err
	}
	if d.rootDSE, err = d.newRootDSE(o.RootDSE); err != nil {
		return nil, err
	}
	d.subschema = d.newSubschema()
	d.server = d.newServer()
	d.pointer = directory.NewAttribute(d.attr.subschemaSubentry, d.subschema.dn)
	d.syncs = newSyncs()
	d.store.OnPublish(d.syncs.wake)
	d.searches.New = func() any { return newSearch(d) }
	d.SetPolicy(o.Policy)
	if err := d.SetIdentityRules(o.Identity); err != nil {
		return nil, err
	}
	if err := d.setPasswordRules(&o); err != nil {
		return nil, err
	}
	return d, d.SetLimits(o.Limits)
}

// SetPolicy makes p decide from the next operation on, and within 256 entries of those that run.
func (d *Directory) SetPolicy(p *acl.Policy) {
	d.policy.Store(p)
	d.syncs.wake()
}

// Policy returns the policy in force.
func (d *Directory) Policy() *acl.Policy { return d.policy.Load() }

// Schema returns the schema.
func (d *Directory) Schema() *schema.Schema { return d.schema }

// Store returns the store, for commands that read it whole.
func (d *Directory) Store() *storage.Store { return d.store }
