package config

// Setting is the one place where a key is documented.
type Setting struct {
	Key      string // as in the file; "::" joins the levels
	Default  any
	Doc      string // what it means, with its unit
	Reload   bool   // takes effect without a restart
	Elements bool   // a list whose items have a "name:" field
}

// Settings lists every key, in the order of the reference page.
var Settings = []Setting{
	{Key: "data", Default: "", Doc: "Directory of the store, its certificates and the control socket."},
	{Key: "server-name", Default: "", Doc: "Host name used in the server's own certificate; empty takes the machine's."},
	{Key: "listen", Default: []string{"ldap://127.0.0.1:3389", "ldaps://127.0.0.1:3636"}, Doc: "Addresses to listen on: ldap://HOST:PORT, ldaps://HOST:PORT, ldapi:///PATH, or systemd: for the sockets that systemd passes. Add ?loopback-protected=false to end the trust in loopback, ?proxy=true to expect the PROXY protocol from trusted addresses."},
	{Key: "shutdown-wait", Default: "10s", Doc: "How long a stopping server waits for operations in flight.", Reload: true},
	{Key: "tls::certificate", Default: "", Doc: "PEM file with the server certificate and its chain. Empty: the server makes and renews its own, signed by the CA that `gatehouse ca show` prints.", Reload: true},
	{Key: "tls::key", Default: "", Doc: "PEM file with the key of tls: certificate.", Reload: true},
	{Key: "tls::client-ca", Default: "", Doc: "PEM file with the CAs whose client certificates are accepted.", Reload: true},
	{Key: "tls::client-auth", Default: "none", Doc: "Client certificates: none, optional or required.", Reload: true},
	{Key: "tls::min-version", Default: "1.2", Doc: "Lowest TLS version: 1.2 or 1.3.", Reload: true},
	{Key: "log::level", Default: "info", Doc: "debug, info, warn or error.", Reload: true},
	{Key: "log::format", Default: "text", Doc: "text or json."},
	{Key: "server::connections", Default: 10000, Doc: "Connections open at the same time."},
	{Key: "server::connections-per-address", Default: 2000, Doc: "Connections open at the same time from one address; loopback is not counted."},
	{Key: "server::idle-timeout", Default: "1h", Doc: "A bound connection without a request is closed after this time; 0 never."},
	{Key: "server::bind-timeout", Default: "2m", Doc: "A connection that has not bound is closed after this time without a request; 0 never."},
	{Key: "server::write-timeout", Default: "30s", Doc: "A client that does not read its answers is closed after this time."},
	{Key: "server::request-bytes", Default: "8MiB", Doc: "Largest request of a bound connection. Before a bind the bound is 64 KiB."},
	{Key: "server::search-workers", Default: 0, Doc: "Searches that run at the same time beside the bounded ones; 0 takes 4 for each core."},
	{Key: "password::scheme", Default: "argon2id", Doc: "Scheme of new hashes: argon2id or bcrypt."},
	{Key: "password::argon2::memory-kib", Default: 19456, Doc: "Memory of one argon2id hash in KiB (RFC 9106)."},
	{Key: "password::argon2::time", Default: 2, Doc: "Passes of one argon2id hash."},
	{Key: "password::argon2::threads", Default: 1, Doc: "Lanes of one argon2id hash."},
	{Key: "password::bcrypt-cost", Default: 10, Doc: "Cost of bcrypt, 10 to 16. Passwords over 72 bytes are refused."},
	{Key: "password::upgrade", Default: true, Doc: "Hash again, with the scheme above, what a successful bind found in a weaker one."},
	{Key: "password::workers", Default: 0, Doc: "Hashes computed at the same time; 0 takes one for each core."},
	{Key: "password::memory", Default: "256MiB", Doc: "Memory that hashes in progress may take together, at least two of them. An imported hash that needs more than half of it may not be verified."},
	{Key: "password::queue", Default: 512, Doc: "Binds that may wait for a worker; a further one is answered busy."},
	{Key: "password::cache", Default: true, Doc: "Answer repeated binds with the same password from a short-lived cache of keyed digests. It replaces the hash alone."},
	{Key: "password::cache-ttl", Default: "60s", Doc: "How long such a digest lives, at most 10m."},
	{Key: "password::policy", Default: "", Doc: "DN of the password policy for whom no other is meant. Empty takes cn=default,ou=policies below the naming context, if it is there."},
	{Key: "password::breached-file", Default: "", Doc: "List of breached passwords that nobody may choose: a sorted file of SHA-1 sums, as Have I Been Pwned publishes it, or one password a line."},
	{Key: "storage::memory", Default: "512MiB", Doc: "Memory budget of the store: tables in memory and caches together."},
	{Key: "storage::retention", Default: "15m", Doc: "How long old versions stay readable for searches in progress."},
	{Key: "storage::verify-on-start", Default: "background", Doc: "background: read the tables' checksums after the start; full: before the first answer."},
	{Key: "schema::files", Default: []string{}, Doc: "Schema files read after the standard schema, in OpenLDAP's .schema or .ldif form."},
	{Key: "limits", Default: []any{}, Elements: true, Reload: true, Doc: "Search limits of some identities: items with name, one of dn, group or subtree, and size (entries; of a search by pages, those of one page), time, look-through (candidates). 0 is unlimited. Defaults: 10,000 entries and 60 s for a bound identity, 500 and 10 s for an anonymous one, look-through 200,000."},
	{Key: "identity-map", Default: []any{
		map[string]any{"name": "root", "to": OperatorDN},
		map[string]any{"name": "server", "to": OperatorDN},
	}, Elements: true, Reload: true, Doc: "Who a proved identity acts as: items with name (root, server, gidNumber=G+uidNumber=U,cn=peercred,cn=external,cn=auth, or the subject of a client certificate) and to (a DN). The shipped map makes root and the server's own user the operator; set an empty list to end it."},
	{Key: "proxy-protocol::trusted", Default: []string{}, Doc: "Networks whose PROXY protocol header (v1 or v2) is believed."},
	{Key: "import::allow-file-urls", Default: false, Doc: "Let LDIF take values from local files (attr:< file:///PATH)."},
}

// retired says what to do about keys that there were.
var retired = map[string]string{
	"access::readers": accessRetired,
	"access::writers": accessRetired,
}

const accessRetired = "there is no such setting any more; give rights by membership in a group, such as cn=app-lookup,ou=roles below the base, or by a policy: see 'gatehouse policy --help'"

// OperatorDN is the identity of commands that come through the control socket.
const OperatorDN = "cn=operator,cn=gatehouse"
