package config

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"gatehouse/directory"
)

// display writes a key as it is nested in the file.
func display(key string) string { return strings.ReplaceAll(key, delimiter, ": ") }

// checker collects problems.
type checker struct{ problems Problems }

func (c *checker) bad(key, format string, args ...any) {
	c.problems = append(c.problems, Problem{Key: key, Text: fmt.Sprintf(format, args...)})
}

func (c *checker) oneOf(key, value string, words ...string) {
	if !slices.Contains(words, value) {
		c.bad(key, "%q is not one of %s%s", value, strings.Join(words, ", "), suggest(value, words))
	}
}

func (c *checker) between(key string, value, low, high int64) {
	if value < low || value > high {
		c.bad(key, "%d is not between %d and %d", value, low, high)
	}
}

func (c *checker) file(key, path string) {
	if path == "" {
		return
	}
	if info, err := os.Stat(path); err != nil {
		c.bad(key, "%v", err)
	} else if info.IsDir() {
		c.bad(key, "%s is a directory, not a file", path)
	}
}

func (c *checker) dn(key, value string) {
	if _, err := directory.ParseDN(value); err != nil {
		c.bad(key, "%q is not a DN: %v", value, err)
	}
}

// validate reports every value that cannot work.
func (cfg *Config) validate() Problems {
	c := &checker{}
	if len(cfg.Listen) == 0 {
		c.bad("listen", "the server needs at least one address to listen on")
	}
	c.oneOf("tls::client-auth", cfg.TLS.ClientAuth, "none", "optional", "required")
	c.oneOf("tls::min-version", cfg.TLS.MinVersion, "1.2", "1.3")
	if (cfg.TLS.Certificate == "") != (cfg.TLS.Key == "") {
		c.bad("tls::certificate", "certificate and key go together: give both or neither")
	}
	if cfg.TLS.ClientAuth != "none" && cfg.TLS.ClientCA == "" {
		c.bad("tls::client-ca", "client certificates need the CAs that signed them")
	}
	c.file("tls::certificate", cfg.TLS.Certificate)
	c.file("tls::key", cfg.TLS.Key)
	c.file("tls::client-ca", cfg.TLS.ClientCA)
	for _, f := range cfg.Schema.Files {
		c.file("schema::files", f)
	}
	c.oneOf("log::format", cfg.Log.Format, "text", "json")
	c.oneOf("storage::verify-on-start", cfg.Storage.VerifyOnStart, "background", "full")
	c.oneOf("password::scheme", cfg.Password.Scheme, "argon2id", "bcrypt")
	cfg.bounds(c)
	cfg.identities(c)
	return c.problems
}

// bounds checks the numbers.
func (cfg *Config) bounds(c *checker) {
	c.between("server::connections", int64(cfg.Server.Connections), 1, 1_000_000)
	c.between("server::connections-per-address", int64(cfg.Server.ConnectionsPerAddress), 1, 1_000_000)
	c.between("server::request-bytes", cfg.Server.RequestBytes, 64<<10, 256<<20)
	c.between("server::search-workers", int64(cfg.Server.SearchWorkers), 0, 4096)
	c.between("storage::memory", cfg.Storage.Memory, 64<<20, 1<<42)
	cfg.Password.bounds(c)
	for key, d := range map[string]int64{
		"server::idle-timeout": int64(cfg.Server.IdleTimeout), "server::bind-timeout": int64(cfg.Server.BindTimeout),
		"password::cache-ttl": int64(cfg.Password.CacheTTL), "storage::retention": int64(cfg.Storage.Retention),
		"shutdown-wait": int64(cfg.ShutdownWait),
	} {
		if d < 0 {
			c.bad(key, "a duration is not negative")
		}
	}
	if cfg.Server.WriteTimeout <= 0 {
		c.bad("server::write-timeout", "a client that does not read must be closed some day: give a time over 0")
	}
}

// bounds checks what directory/password would refuse without naming a key, and asks for no less than OWASP does. A test
// compares the two.
func (p *Password) bounds(c *checker) {
	const leastBytes = 40 << 20 // room for a new hash and an imported one of another scheme
	c.between("password::argon2::memory-kib", int64(p.Argon2.MemoryKiB), 7168, 256<<10)
	c.between("password::argon2::time", int64(p.Argon2.Time), 1, 20)
	c.between("password::argon2::threads", int64(p.Argon2.Threads), 1, 16)
	c.between("password::bcrypt-cost", int64(p.BcryptCost), 10, 16)
	c.between("password::workers", int64(p.Workers), 0, 1024)
	c.between("password::queue", int64(p.Queue), 1, 1<<20)
	c.between("password::memory", p.Memory, leastBytes, 1<<40)
	if p.Memory >= leastBytes && p.Memory < 2*int64(p.Argon2.MemoryKiB)<<10 {
		c.bad("password::memory", "%d bytes do not hold two argon2id hashes of %d KiB", p.Memory, p.Argon2.MemoryKiB)
	}
	if p.CacheTTL > 10*time.Minute {
		c.bad("password::cache-ttl", "%v is more than 10m", p.CacheTTL)
	}
}

// identities checks the lists that name entries.
func (cfg *Config) identities(c *checker) {
	seen := map[string]bool{}
	for i, l := range cfg.Limits {
		key := fmt.Sprintf("limits[%d]", i)
		switch {
		case l.Name == "":
			c.bad(key, "needs a name")
		case seen[l.Name]:
			c.bad(key, "a second item is named %q", l.Name)
		}
		seen[l.Name] = true
		given := 0
		for _, dn := range []string{l.DN, l.Group, l.Subtree} {
			if dn != "" {
				given++
				c.dn(key, dn)
			}
		}
		if given != 1 {
			c.bad(key, "needs exactly one of dn, group and subtree")
		}
		if l.Size != nil && *l.Size < 0 || l.LookThrough != nil && *l.LookThrough < 0 || l.Time != nil && *l.Time < 0 {
			c.bad(key, "a limit is not negative; 0 is unlimited")
		}
	}
	for i, r := range cfg.IdentityMap {
		key := fmt.Sprintf("identity-map[%d]", i)
		if r.Name == "" || r.To == "" {
			c.bad(key, "needs name and to")
			continue
		}
		if r.Name != "root" && r.Name != "server" {
			c.dn(key, r.Name)
		}
		c.dn(key, r.To)
	}
}
