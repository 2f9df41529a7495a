package dit_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/filter"
	"gatehouse/directory/hook"
	"gatehouse/directory/password"
	"gatehouse/directory/schema"
	"gatehouse/storage"
	"gatehouse/storage/memkv"
)

const (
	base    = "dc=example,dc=com"
	people  = "ou=people," + base
	groups  = "ou=groups," + base
	adminDN = "cn=admin," + base
	alice   = "uid=alice," + people
	bob     = "uid=bob," + people
	staff   = "cn=staff," + groups
	nested  = "cn=all," + groups
	reader  = "cn=reader," + base
	writer  = "cn=writer," + base
)

// fixture is a small directory in memory: two people, two groups of which one is in the other, and three service accounts. Every
// password is "secret-" and the first RDN value.
type fixture struct {
	testing.TB
	d      writes
	store  *storage.Store
	hasher *password.Hasher
	clock  atomic.Int64 // seconds after start
}

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func (f *fixture) now() time.Time { return start.Add(time.Duration(f.clock.Load()) * time.Second) }

var loopback = acl.Transport{
	Peer:  netip.MustParseAddrPort("127.0.0.1:40000"),
	Local: netip.MustParseAddrPort("127.0.0.1:389"),
}

var remote = acl.Transport{
	Peer:  netip.MustParseAddrPort("192.0.2.7:40000"),
	Local: netip.MustParseAddrPort("192.0.2.1:389"),
}

func hasherOptions() password.Options {
	return password.Options{
		Argon2: password.Argon2{MemoryKiB: 64, Time: 1, Threads: 1}, Upgrade: true, CacheTTL: time.Minute,
	}
}

func newFixture(tb testing.TB, change ...func(*dit.Options)) *fixture {
	tb.Helper()
	f := &fixture{TB: tb}
	std := schema.Standard()
	db := memkv.Open(memkv.Options{})
	store, err := storage.Create(db, storage.Options{Schema: std, Now: f.now})
	f.ok(err)
	f.store = store
	f.hasher, err = password.New(hasherOptions())
	f.ok(err)
	name := func(dn string) directory.NDN {
		_, ndn, err := std.ParseName(dn)
		f.ok(err)
		return ndn
	}
	policy, err := roles{
		administrators: []directory.NDN{name(adminDN)}, readers: []directory.NDN{name(reader)}, writers: []directory.NDN{name(writer)},
	}.policy()
	f.ok(err)
	o := dit.Options{
		Store: store, Schema: std, Hasher: f.hasher, Hooks: hook.Standard(), Suffixes: []string{base}, Now: f.now,
		Policy: policy,
		RootDSE: []directory.PartialAttribute{
			{Attr: "supportedLDAPVersion", Values: values("3")},
			{Attr: "supportedSASLMechanisms", Values: values("EXTERNAL", "PLAIN")},
		},
		Identity: []dit.IdentityRule{{Name: "root", To: acl.OperatorDN}},
	}
	for _, c := range change {
		c(&o)
	}
	f.d.Directory, err = dit.New(o)
	f.ok(err)
	tb.Cleanup(func() {
		f.ok(store.Close())
		f.ok(db.Close())
	})
	f.fill()
	return f
}

func (f *fixture) fill() {
	f.add(base, "objectClass: top", "objectClass: domain", "dc: example")
	f.add(people, "objectClass: organizationalUnit", "ou: people")
	f.add(groups, "objectClass: organizationalUnit", "ou: groups")
	for _, cn := range []string{"admin", "reader", "writer"} {
		f.add("cn="+cn+","+base, "objectClass: organizationalRole", "objectClass: simpleSecurityObject", "cn: "+cn,
			"userPassword: secret-"+cn)
	}
	f.person("alice", 10001)
	f.person("bob", 10002, "manager: "+alice)
	f.add(staff, "objectClass: groupOfNames", "cn: staff", "member: "+alice, "member: "+bob)
	f.add(nested, "objectClass: groupOfNames", "cn: all", "member: "+staff)
}

func (f *fixture) person(uid string, number int, more ...string) {
	f.add("uid="+uid+","+people, append([]string{
		"objectClass: inetOrgPerson", "objectClass: posixAccount", "uid: " + uid, "cn: " + strings.ToUpper(uid[:1]) + uid[1:] + " Tester",
		"sn: Tester", fmt.Sprintf("uidNumber: %d", number), "gidNumber: 100", "homeDirectory: /home/" + uid, "mail: " + uid + "@example.com",
		"userPassword: secret-" + uid,
	}, more...)...)
}

func (f *fixture) ok(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// wants fails unless err has the code.
func (f *fixture) wants(err error, code directory.ResultCode) {
	f.Helper()
	if got := directory.CodeOf(err); got != code {
		f.Fatalf("got %v (%v), want %v", got, err, code)
	}
}

func (f *fixture) operator() *acl.Session {
	return acl.Operator(acl.Transport{LocalSocket: true}, f.now())
}

// as returns a session that is bound over loopback; "" is anonymous.
func (f *fixture) as(dn string) *acl.Session {
	f.Helper()
	return f.bind(loopback, dn)
}

func (f *fixture) bind(t acl.Transport, dn string) *acl.Session {
	f.Helper()
	s := acl.NewSession(t)
	switch dn {
	case "":
		return s
	case acl.OperatorDN:
		return f.operator()
	}
	first, _, _ := strings.Cut(dn, ",")
	_, value, _ := strings.Cut(first, "=")
	bound, _, err := f.d.Bind(f.Context(), s, simple(dn, "secret-"+value))
	f.ok(err)
	return bound
}

func simple(dn, pw string) *directory.BindRequest {
	return &directory.BindRequest{Version: 3, Name: dn, Password: []byte(pw)}
}

func values(list ...string) [][]byte {
	made := make([][]byte, len(list))
	for i, v := range list {
		made[i] = []byte(v)
	}
	return made
}

// attributes reads lines of "name: value".
func attributes(lines ...string) []directory.PartialAttribute {
	var attrs []directory.PartialAttribute
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		i := slices.IndexFunc(attrs, func(a directory.PartialAttribute) bool { return a.Attr == name })
		if i < 0 {
			attrs = append(attrs, directory.PartialAttribute{Attr: name})
			i = len(attrs) - 1
		}
		attrs[i].Values = append(attrs[i].Values, []byte(value))
	}
	return attrs
}

func (f *fixture) add(dn string, lines ...string) {
	f.Helper()
	f.ok(f.addAs(f.operator(), dn, lines...))
}

func (f *fixture) addAs(s *acl.Session, dn string, lines ...string) error {
	return f.d.Add(f.Context(), s, &directory.AddRequest{DN: dn, Attributes: attributes(lines...)})
}

// modify reads changes as "add name: value", "delete name", "replace name: value", "increment name: 1"; values of one attribute
// in lines that follow each other are one change.
func (f *fixture) modify(s *acl.Session, dn string, lines ...string) error {
	return f.d.Modify(f.Context(), s, &directory.ModifyRequest{DN: dn, Changes: changes(lines...)})
}

func changes(lines ...string) []directory.Modification {
	ops := map[string]directory.ModifyOp{
		"add": directory.ModifyAdd, "delete": directory.ModifyDelete,
		"replace": directory.ModifyReplace, "increment": directory.ModifyIncrement,
	}
	var made []directory.Modification
	for _, line := range lines {
		op, rest, _ := strings.Cut(line, " ")
		name, value, hasValue := strings.Cut(rest, ": ")
		if n := len(made); n == 0 || made[n-1].Op != ops[op] || made[n-1].Attr != name || !hasValue {
			made = append(made, directory.Modification{Op: ops[op], PartialAttribute: directory.PartialAttribute{Attr: name}})
		}
		if hasValue {
			last := &made[len(made)-1]
			last.Values = append(last.Values, []byte(value))
		}
	}
	return made
}

// result is what one search returned, printed: the name and then "attribute: value" lines, sorted.
type result map[string][]string

func (r result) names() []string {
	var names []string
	for dn := range r {
		names = append(names, dn)
	}
	slices.Sort(names)
	return names
}

type query struct {
	base   string
	scope  directory.Scope
	filter string
	attrs  []string
	size   int
	types  bool
}

func (f *fixture) search(s *acl.Session, q query) (result, error) {
	f.Helper()
	if q.filter == "" {
		q.filter = "(objectClass=*)"
	}
	parsed, err := filter.Parse(q.filter)
	f.ok(err)
	x, err := f.d.Search(f.Context(), s, &directory.SearchRequest{
		Base: q.base, Scope: q.scope, Filter: parsed, Attributes: q.attrs, SizeLimitEntries: q.size, TypesOnly: q.types,
	})
	if err != nil {
		return nil, err
	}
	defer x.Close()
	found := result{}
	err = x.Run(f.Context(), func(v *acl.View) error {
		dn := string(v.DN())
		if _, twice := found[dn]; twice {
			f.Errorf("%s is returned twice", dn)
		}
		found[dn] = []string{}
		for _, a := range v.Attributes() {
			if v.TypesOnly() {
				found[dn] = append(found[dn], a.Desc.Name)
				continue
			}
			n := 0
			for value := range a.Values() {
				found[dn] = append(found[dn], a.Desc.Name+": "+string(value))
				n++
			}
			if n != a.Len() {
				f.Errorf("%s of %s: %d values, Len says %d", a.Desc, dn, n, a.Len())
			}
		}
		slices.Sort(found[dn])
		return nil
	})
	return found, err
}

// read returns the lines of one entry.
func (f *fixture) read(s *acl.Session, dn string, attrs ...string) []string {
	f.Helper()
	found, err := f.search(s, query{base: dn, attrs: attrs})
	f.ok(err)
	for _, lines := range found {
		return lines
	}
	f.Fatalf("%s: no entry", dn)
	return nil
}

// one returns the single value of an attribute.
func (f *fixture) one(dn, attr string) string {
	f.Helper()
	lines := f.read(f.operator(), dn, attr)
	if len(lines) != 1 {
		f.Fatalf("%s of %s: %q", attr, dn, lines)
	}
	_, value, _ := strings.Cut(lines[0], ": ")
	return value
}

func (f *fixture) compareLists(got []string, want ...string) {
	f.Helper()
	if !slices.Equal(got, want) {
		f.Errorf("got  %q\nwant %q", got, want)
	}
}
