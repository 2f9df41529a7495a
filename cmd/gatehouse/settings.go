package main

import (
	"io"
	"log/slog"
	"os"
	"runtime"
	"slices"

	"gatehouse/config"
	"gatehouse/directory/dit"
	"gatehouse/directory/password"
	"gatehouse/directory/schema"
	"gatehouse/ldapserver"
)

// passwordOptions turns the settings into what the hasher takes.
func passwordOptions(cfg *config.Config) password.Options {
	p := cfg.Password
	o := password.Options{
		Scheme: password.Algorithm(p.Scheme), BcryptCost: p.BcryptCost,
		Argon2:  password.Argon2{MemoryKiB: uint32(p.Argon2.MemoryKiB), Time: uint32(p.Argon2.Time), Threads: uint8(p.Argon2.Threads)},
		Workers: p.Workers, MemoryBytes: p.Memory, QueueLen: p.Queue, Upgrade: p.Upgrade,
	}
	if p.Cache {
		o.CacheTTL = p.CacheTTL
	}
	return o
}

// serverLimits turns the settings into what the server takes.
func serverLimits(cfg *config.Config) *ldapserver.Limits {
	s := cfg.Server
	l := &ldapserver.Limits{
		Connections: s.Connections, ConnectionsPerAddress: s.ConnectionsPerAddress,
		IdleTimeout: s.IdleTimeout, BindTimeout: s.BindTimeout, WriteTimeout: s.WriteTimeout,
		RequestBytes: int(s.RequestBytes), SearchWorkers: s.SearchWorkers,
	}
	if l.SearchWorkers == 0 {
		l.SearchWorkers = 4 * runtime.GOMAXPROCS(0)
	}
	return l
}

// searchLimits turns the settings into what the directory takes.
func searchLimits(cfg *config.Config) dit.Limits {
	var l dit.Limits
	for _, c := range cfg.Limits {
		l.Overrides = append(l.Overrides, dit.LimitOverride{
			DN: c.DN, Group: c.Group, Subtree: c.Subtree,
			SizeEntries: c.Size, Time: c.Time, LookThroughCandidates: c.LookThrough,
		})
	}
	return l
}

func identityRules(cfg *config.Config) []dit.IdentityRule {
	rules := make([]dit.IdentityRule, len(cfg.IdentityMap))
	for i, r := range cfg.IdentityMap {
		rules[i] = dit.IdentityRule{Name: r.Name, To: r.To}
	}
	return rules
}

// loadSchema returns the standard schema with the files of the settings and of the data directory.
func loadSchema(cfg *config.Config) (*schema.Schema, error) { return schemaWith(schemaFilesOf(cfg)) }

// schemaFilesOf returns the schema files of the settings, and behind them those of the data directory.
func schemaFilesOf(cfg *config.Config) []string {
	if cfg.Data == "" {
		return cfg.Schema.Files
	}
	return append(slices.Clone(cfg.Schema.Files), dataDir(cfg.Data).schemaFiles()...)
}

// schemaWith returns the standard schema with files after it.
func schemaWith(files []string) (*schema.Schema, error) {
	if len(files) == 0 {
		return schema.Standard(), nil
	}
	b := schema.NewBuilder()
	for _, name := range files {
		if err := addSchemaFile(b, name); err != nil {
			return nil, err
		}
	}
	return b.Build()
}

func addSchemaFile(b *schema.Builder, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return b.AddFile(name, f)
}

// newLogger returns a logger in the form of the settings. The level may change later.
func newLogger(cfg *config.Config, w io.Writer, level slog.Leveler) *slog.Logger {
	o := &slog.HandlerOptions{Level: level}
	if cfg.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
