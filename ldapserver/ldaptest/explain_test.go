package ldaptest_test

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/acl"
	"gatehouse/directory/dit"
	"gatehouse/ldapserver/ldaptest"
)

// asker is a connection with what explain must be told of it.
type asker struct {
	*ldap.Conn
	name string // DN, empty for nobody
	via  dit.ExplainVia
}

// TestExplainAgreesWithTheWire: under random policies, what explain says of a question is what the server does when the request is
// made, and what it says of a refusal's reference is not that all is allowed.
func TestExplainAgreesWithTheWire(t *testing.T) {
	t.Parallel()
	policies, questions := 60, 80
	if testing.Short() {
		policies = 10
	}
	w := newLeakWorld(t)
	x := &comparison{world: w, operator: w.dialOperator(), admin: w.DialAdmin(), plain: w.Directory.Policy(), seen: map[string]int{}}
	x.askers = x.connect()
	for seed := range uint64(policies) {
		x.dice = dice{rand.New(rand.NewPCG(seed, 42))}
		x.policy = x.dice.policy()
		x.apply(x.policy)
		x.current = w.Directory.Policy()
		for i := range questions {
			x.where = fmt.Sprintf("seed %d, question %d", seed, i)
			x.one()
			if t.Failed() {
				t.Fatalf("%s under\n%s", x.where, x.policy)
			}
		}
	}
	if testing.Short() {
		return // too few questions for both answers to each action
	}
	for _, do := range []string{"discover", "read", "search", "compare", "write.add", "write.delete", "delete-entry", "password.reset", "password.change", "bind", "policy.read"} {
		if x.seen[do+" true"] == 0 || x.seen[do+" false"] == 0 {
			t.Errorf("%s was allowed %d times, refused %d times", do, x.seen[do+" true"], x.seen[do+" false"])
		}
	}
}

// comparison asks the same question of explain and of the wire.
type comparison struct {
	*world
	dice
	operator       *ldap.Conn
	admin          *ldap.Conn
	plain, current *acl.Policy
	askers         []asker
	policy, where  string
	seen           map[string]int
}

// connect makes connections of everybody in every way: over loopback, over TLS, and from another network with and without TLS.
func (x *comparison) connect() (list []asker) {
	for _, dn := range append([]string{""}, who...) {
		for _, via := range []ldaptest.Via{{}, {TLS: true}, {IP: "10.1.2.3", TLS: true}, {IP: "192.0.2.7"}} {
			a := asker{Conn: x.DialVia(via), name: dn, via: dit.ExplainVia{IP: via.IP, TLS: new(int)}}
			if via.TLS {
				state, _ := a.TLSConnectionState()
				*a.via.TLS = 256
				if strings.Contains(tls.CipherSuiteName(state.CipherSuite), "AES_128") {
					*a.via.TLS = 128
				}
			}
			if via.IP == "" {
				a.via.IP = "127.0.0.1"
			}
			if dn != "" {
				if err := a.Bind(dn, passwordOf(dn)); err != nil {
					x.t.Fatal(err)
				}
			}
			list = append(list, a)
		}
	}
	return list
}

// explains asks the explain operation whether all of it is allowed.
func (x *comparison) explains(req dit.ExplainRequest) *dit.Explained {
	x.t.Helper()
	text, err := json.Marshal(req)
	if err != nil {
		x.t.Fatal(err)
	}
	answer, err := explainOperation(x.operator, string(text))
	e := new(dit.Explained)
	if err == nil {
		err = json.Unmarshal([]byte(answer), e)
	}
	if err != nil {
		x.t.Fatalf("%s: explain %s: %v", x.where, text, err)
	}
	return e
}

// may reports whether explain says that an asker may do all of this.
func (x *comparison) may(a asker, on string, do ...string) bool {
	x.t.Helper()
	for _, action := range do {
		words := strings.SplitN(action, " ", 3)
		req := dit.ExplainRequest{As: a.name, Do: words[0], On: on, Via: a.via}
		if len(words) > 1 {
			req.Attribute = words[1]
		}
		if len(words) > 2 {
			req.Value = words[2]
		}
		if !x.explains(req).Allowed {
			return false
		}
	}
	return true
}

// agree holds what explain said against what came of the request.
func (x *comparison) agree(a asker, what string, says, does bool, err error) {
	x.t.Helper()
	action, _, _ := strings.Cut(what, " ")
	x.seen[fmt.Sprint(action, " ", does)]++
	if says != does {
		x.t.Errorf("%s: %s as %q from %s, TLS %d: explain says %t, the wire does %t, %v", x.where, what, a.name, a.via.IP, *a.via.TLS, says, does, err)
	}
	x.refused(what, err)
}

// refused resolves the reference of a refusal: by the same policy, on the same directory, something must be missing.
func (x *comparison) refused(what string, err error) {
	x.t.Helper()
	var le *ldap.Error
	if !errors.As(err, &le) {
		return
	}
	_, ref, has := strings.Cut(le.Err.Error(), "reference ")
	if need := le.ResultCode == ldap.LDAPResultInsufficientAccessRights || le.ResultCode == ldap.LDAPResultNoSuchObject; has != need {
		x.t.Errorf("%s: %s: reference: %t: %v", x.where, what, has, err)
	}
	if !has {
		return
	}
	if e := x.explains(dit.ExplainRequest{Ref: ref}); e.Allowed || e.Refusal == nil {
		x.t.Errorf("%s: %s is refused: %v; and explained as allowed: %+v", x.where, what, err, e)
	}
}

// undo makes changes under a policy that allows them to the administrator, and goes back.
func (x *comparison) undo(change func(admin *ldap.Conn) error) {
	x.t.Helper()
	x.Directory.SetPolicy(x.plain)
	defer x.Directory.SetPolicy(x.current)
	if err := change(x.admin); err != nil {
		x.t.Fatalf("%s: %v", x.where, err)
	}
}
