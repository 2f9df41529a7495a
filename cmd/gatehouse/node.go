package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"

	"gatehouse/acl"
	"gatehouse/config"
	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/hook"
	"gatehouse/directory/ldif"
	"gatehouse/directory/password"
	"gatehouse/directory/password/quality"
	"gatehouse/directory/schema"
	"gatehouse/ldapserver"
	"gatehouse/storage"
	"gatehouse/storage/badgerkv"
	"gatehouse/storage/kv"
)

// node is an open data directory with everything that works on it.
type node struct {
	dir       dataDir
	log       *slog.Logger
	schema    *schema.Schema
	lock      *os.File
	db        kv.DB
	store     *storage.Store
	hasher    *password.Hasher
	upgrader  *password.Upgrader
	quality   *quality.Checker
	directory *dit.Directory
	ldif      ldif.Options // of what commands import
	addresses []string     // where the server listens; none in a command

	policyChange sync.Mutex // held while another policy is put in force
}

// errNoStore says that a directory has nothing to open.
var errNoStore = errors.New("no store")

// openNode opens the store of a data directory. Close ends it.
func openNode(dir dataDir, cfg *config.Config, log *slog.Logger) (n *node, err error) {
	switch has, err := dir.hasStore(); {
	case err != nil:
		return nil, err
	case !has:
		return nil, fmt.Errorf("%s: %w there; make one with 'gatehouse init --data %s --base DN ...'", dir, errNoStore, dir)
	}
	n = &node{dir: dir, log: log, ldif: ldifOptions(cfg)}
	defer func() {
		if err != nil {
			err = errors.Join(explainOpen(dir, err), n.close())
			n = nil
		}
	}()
	if n.lock, err = lockData(dir); err != nil {
		return n, err
	}
	if n.schema, err = loadSchema(cfg); err != nil {
		return n, err
	}
	if n.db, err = openDB(cfg, log)(dir.store()); err != nil {
		return n, err
	}
	if n.store, err = storage.Open(n.db, storeOptions(dir, cfg, n.schema, log)); err != nil {
		return n, err
	}
	if n.hasher, err = password.New(passwordOptions(cfg)); err != nil {
		return n, err
	}
	n.upgrader = password.NewUpgrader(upgradesWaiting)
	return n, n.openDirectory(cfg)
}

// upgradesWaiting bounds the passwords that wait to be hashed anew.
const upgradesWaiting = 256

func (n *node) openDirectory(cfg *config.Config) error {
	var err error
	if n.quality, err = quality.New(quality.Options{BreachedFile: cfg.Password.BreachedFile}); err != nil {
		return err
	}
	n.directory, err = dit.New(dit.Options{
		Store: n.store, Schema: n.schema, Policy: new(acl.Policy) /* denies everything */, Hasher: n.hasher, Upgrader: n.upgrader,
		PasswordPolicy: cfg.Password.Policy, Quality: n.quality,
		Limits: searchLimits(cfg), Hooks: hook.Standard(), Identity: identityRules(cfg), Logger: n.log,
		RootDSE: ldapserver.Capabilities(programVersion()),
	})
	if err != nil {
		return err
	}
	return n.startPolicy()
}

// openDB returns how the settings open a database.
func openDB(cfg *config.Config, log *slog.Logger) func(dir string) (kv.DB, error) {
	return func(dir string) (kv.DB, error) {
		db, err := badgerkv.Open(badgerkv.Options{
			Dir: dir, MemoryBudget: cfg.Storage.Memory, VerifyOnOpen: cfg.Storage.VerifyOnStart == "full", Logger: log,
		})
		if err != nil {
			return nil, err // not a nil *badgerkv.DB in an interface
		}
		return db, nil
	}
}

func storeOptions(dir dataDir, cfg *config.Config, s *schema.Schema, log *slog.Logger) storage.Options {
	return storage.Options{
		Schema: s, Dir: dir.store(), Log: log, CacheBytes: cfg.Storage.Memory / 2, Retention: cfg.Storage.Retention,
	}
}

// close ends what is open, in the opposite order. Snapshots must be closed before.
func (n *node) close() error {
	var errs []error
	if n.upgrader != nil {
		n.upgrader.Close()
	}
	if n.store != nil {
		errs = append(errs, n.store.Close())
	}
	if n.db != nil {
		errs = append(errs, n.db.Close())
	}
	if n.quality != nil {
		errs = append(errs, n.quality.Close())
	}
	if n.lock != nil {
		errs = append(errs, n.lock.Close())
	}
	return errors.Join(errs...)
}

// explainOpen says what to do about a store that does not open.
func explainOpen(dir dataDir, err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w; run this as the user that owns %s, or as root", err, dir)
	case errors.Is(err, storage.ErrCorrupt):
		return fmt.Errorf("the store in %s is damaged and is not served: %w; restore a backup into a new directory with 'gatehouse restore'", dir, err)
	case errors.Is(err, storage.ErrFormat):
		return fmt.Errorf("the store in %s needs a newer gatehouse: %w", dir, err)
	default:
		return err
	}
}

// backend is the directory as the server sees it.
type backend struct{ *dit.Directory }

var _ ldapserver.Backend = backend{}

// Search implements [ldapserver.Backend].
func (b backend) Search(ctx context.Context, s *acl.Session, req *directory.SearchRequest) (ldapserver.Search, error) {
	x, err := b.Directory.Search(ctx, s, req)
	if err != nil {
		return nil, err // not a nil *dit.Search in an interface
	}
	return x, nil
}

// metaAdministrators names the administrators that init made, one DN a line: whom recover lets in again, and an import keeps.
const metaAdministrators = "administrators"

// metaMade lists the entries that init made, by entryUUID, one a line.
const metaMade = "made-by-init"

// administrators returns whom init made administrator, else cn=admin below each naming context.
func administrators(s *schema.Schema, store *storage.Store) ([]directory.NDN, error) {
	sn := store.Snapshot()
	defer sn.Close()
	text, _, err := sn.Meta(metaAdministrators)
	var names []string
	switch {
	case err == nil:
		names = strings.Split(strings.TrimSpace(string(text)), "\n")
	case errors.Is(err, storage.ErrNotFound):
		contexts, err := sn.NamingContexts()
		if err != nil {
			return nil, err
		}
		for _, c := range contexts {
			names = append(names, "cn=admin,"+c.Name)
		}
	default:
		return nil, err
	}
	var found []directory.NDN
	for _, name := range names {
		_, ndn, err := s.ParseName(name)
		if err != nil {
			return nil, fmt.Errorf("administrator %q: %w", name, err)
		}
		found = append(found, ndn)
	}
	return found, nil
}
