// Package config holds the server's own settings: defaults in code < file < environment < flags. Every setting has one
// row in [Settings] (key, default, what it means, whether it can change without a restart), and [Load] reports every
// problem at once, by key. Policy files are not read here: their DNs and attribute names would not survive.
package config

import (
	"log/slog"
	"net/netip"
	"time"
)

// Config is one immutable set of settings. A reload makes a new one.
type Config struct {
	Data         string         `key:"data"`
	Listen       []Listener     `key:"listen"`
	TLS          TLS            `key:"tls"`
	Log          Log            `key:"log"`
	Server       Server         `key:"server"`
	Password     Password       `key:"password"`
	Storage      Storage        `key:"storage"`
	Schema       Schema         `key:"schema"`
	Limits       []Limit        `key:"limits"`
	IdentityMap  []IdentityRule `key:"identity-map"`
	Proxy        Proxy          `key:"proxy-protocol"`
	Import       Import         `key:"import"`
	ServerName   string         `key:"server-name"`
	ShutdownWait time.Duration  `key:"shutdown-wait"`
}

// TLS says which certificate the server shows and what it asks of clients. Without Certificate the server uses, and
// renews, its own under the data directory.
type TLS struct {
	Certificate string `key:"certificate"`
	Key         string `key:"key"`
	ClientCA    string `key:"client-ca"`
	ClientAuth  string `key:"client-auth"`
	MinVersion  string `key:"min-version"`
}

// Log says how much is logged and in which form.
type Log struct {
	Level  slog.Level `key:"level"`
	Format string     `key:"format"`
}

// Server bounds what clients may hold.
type Server struct {
	Connections           int           `key:"connections"`
	ConnectionsPerAddress int           `key:"connections-per-address"`
	IdleTimeout           time.Duration `key:"idle-timeout"`
	BindTimeout           time.Duration `key:"bind-timeout"`
	WriteTimeout          time.Duration `key:"write-timeout"`
	RequestBytes          int64         `key:"request-bytes"`
	SearchWorkers         int           `key:"search-workers"`
}

// Password says how passwords are hashed and what that may cost.
type Password struct {
	Scheme     string        `key:"scheme"`
	Argon2     Argon2        `key:"argon2"`
	BcryptCost int           `key:"bcrypt-cost"`
	Upgrade    bool          `key:"upgrade"`
	Workers    int           `key:"workers"`
	Memory     int64         `key:"memory"`
	Queue      int           `key:"queue"`
	Cache      bool          `key:"cache"`
	CacheTTL   time.Duration `key:"cache-ttl"`

	Policy       string `key:"policy"`
	BreachedFile string `key:"breached-file"`
}

// Argon2 holds the cost of one argon2id hash (RFC 9106).
type Argon2 struct {
	MemoryKiB int `key:"memory-kib"`
	Time      int `key:"time"`
	Threads   int `key:"threads"`
}

// Storage is what users see of the store besides its directory.
type Storage struct {
	Memory        int64         `key:"memory"`
	Retention     time.Duration `key:"retention"`
	VerifyOnStart string        `key:"verify-on-start"`
}

// Schema lists files read after the standard schema.
type Schema struct {
	Files []string `key:"files"`
}

// Limit overrides the search limits of one identity, the members of one group, or one subtree of identities. Zero means
// unlimited; an absent limit keeps the default.
type Limit struct {
	Name        string         `key:"name"`
	DN          string         `key:"dn"`
	Group       string         `key:"group"`
	Subtree     string         `key:"subtree"`
	Size        *int           `key:"size"`
	Time        *time.Duration `key:"time"`
	LookThrough *int           `key:"look-through"`
}

// IdentityRule maps an identity that the transport proved (ldapi peer, client certificate) to the DN it acts as.
type IdentityRule struct {
	Name string `key:"name"` // the DN of the proved identity, or the word "root" or "server"
	To   string `key:"to"`   // the DN it acts as
}

// Proxy lists who may speak the PROXY protocol before LDAP.
type Proxy struct {
	Trusted []netip.Prefix `key:"trusted"`
}

// Import says what LDIF from elsewhere may do.
type Import struct {
	AllowFileURLs bool `key:"allow-file-urls"`
}
