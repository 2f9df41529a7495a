package ldaptest_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/ldaptest"
)

const people = `dn: uid=alice,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: alice
cn: Alice
sn: A
userPassword: alice-secret

dn: cn=staff,ou=groups,dc=example,dc=com
objectClass: groupOfNames
cn: staff
member: uid=alice,ou=people,dc=example,dc=com
`

const alice = "uid=alice,ou=people," + ldaptest.Base

func wantCode(t *testing.T, err error, code uint16) {
	t.Helper()
	var le *ldap.Error
	got := uint16(ldap.LDAPResultSuccess)
	if errors.As(err, &le) {
		got = le.ResultCode
	} else if err != nil {
		t.Fatalf("%v is no answer of the server", err)
	}
	if got != code {
		t.Fatalf("got %v, want code %d (%s)", err, code, ldap.LDAPResultCodeMap[code])
	}
}

// TestListeners reaches the same directory in every way, in memory and on disk.
func TestListeners(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]ldaptest.Option{
		"memory": {ldaptest.WithLDIF(people)},
		"disk":   {ldaptest.WithLDIF(people), ldaptest.OnDisk()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := ldaptest.NewServer(t, opts...)
			plain := s.DialAs(alice, "alice-secret")
			upgraded := s.Dial()
			if err := upgraded.StartTLS(s.ClientTLS()); err != nil {
				t.Fatal(err)
			}
			secure, err := ldap.DialURL(s.SecureURL, ldap.DialWithTLSConfig(s.ClientTLS()))
			if err != nil {
				t.Fatal(err)
			}
			defer secure.Close()
			path, err := url.PathUnescape(strings.TrimPrefix(s.SocketURL, "ldapi://"))
			if err != nil {
				t.Fatal(err)
			}
			nc, err := net.Dial("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			local := ldap.NewConn(nc, false)
			local.Start()
			defer local.Close()
			for _, c := range []*ldap.Conn{upgraded, secure} {
				if err := c.Bind(alice, "alice-secret"); err != nil {
					t.Fatal(err)
				}
			}
			if err := local.ExternalBind(); err != nil {
				t.Fatal(err)
			}
			for c, want := range map[*ldap.Conn]string{
				plain: "dn:" + alice, upgraded: "dn:" + alice, secure: "dn:" + alice, local: "dn:cn=operator,cn=gatehouse",
			} {
				who, err := c.WhoAmI(nil)
				if err != nil || who.AuthzID != want {
					t.Errorf("got %+v, %v; want %s", who, err, want)
				}
			}
		})
	}
}

// TestOperationsAreAnswered is the probe of what gldap hangs up on, turned round.
func TestOperationsAreAnswered(t *testing.T) {
	t.Parallel()
	s := ldaptest.NewServer(t, ldaptest.WithLDIF(people))
	c := s.DialAdmin()
	if is, err := c.Compare(alice, "cn", "alice"); err != nil || !is {
		t.Errorf("compare: %v, %v", is, err)
	}
	if is, err := c.Compare(alice, "cn", "bob"); err != nil || is {
		t.Errorf("compare: %v, %v", is, err)
	}
	wantCode(t, c.ModifyDN(ldap.NewModifyDNRequest(alice, "uid=alice2", true, "")), ldap.LDAPResultSuccess)
	wantCode(t, c.ModifyDN(ldap.NewModifyDNRequest(alice, "uid=alice3", true, "")), ldap.LDAPResultNoSuchObject)
	wantCode(t, s.Dial().MD5Bind("127.0.0.1", "alice", "x"), ldap.LDAPResultAuthMethodNotSupported)

	// A modify of several values arrives whole.
	m := ldap.NewModifyRequest("uid=alice2,ou=people,"+ldaptest.Base, nil)
	m.Add("mail", []string{"a@example.com", "b@example.com", "c@example.com"})
	m.Replace("description", []string{"one", "two"})
	wantCode(t, c.Modify(m), ldap.LDAPResultSuccess)
	found, err := c.Search(ldap.NewSearchRequest(m.DN, ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", []string{"mail", "description"}, nil))
	if err != nil || len(found.Entries) != 1 {
		t.Fatalf("search: %v, %v", found, err)
	}
	if got := found.Entries[0].GetAttributeValues("mail"); !slices.Equal(got, []string{"a@example.com", "b@example.com", "c@example.com"}) {
		t.Errorf("mail: %q", got)
	}
	if got := found.Entries[0].GetAttributeValues("description"); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("description: %q", got)
	}

	// The value of an extended request is kept, and its answer has one.
	r, err := c.PasswordModify(ldap.NewPasswordModifyRequest(m.DN, "", ""))
	if err != nil || r.GeneratedPassword == "" {
		t.Fatalf("password modify: %+v, %v", r, err)
	}
	wantCode(t, s.Dial().Bind(m.DN, r.GeneratedPassword), ldap.LDAPResultSuccess)
	wantCode(t, s.Dial().Bind(m.DN, "alice-secret"), ldap.LDAPResultInvalidCredentials)
}

// message makes an LDAP message.
func message(id int64, op *ber.Packet) []byte {
	m := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	m.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, ""))
	m.AppendChild(op)
	return m.Bytes()
}

func bindMessage(id int64, dn, password string) []byte {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, 0, nil, "")
	op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, 3, ""))
	op.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, dn, ""))
	op.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, password, ""))
	return message(id, op)
}

func searchMessage(id int64, base string) []byte {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, 3, nil, "")
	op.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, base, ""))
	for _, n := range []int64{2, 0} { // wholeSubtree, neverDerefAliases
		op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, n, ""))
	}
	for range 2 {
		op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, 0, ""))
	}
	op.AppendChild(ber.NewBoolean(ber.ClassUniversal, ber.TypePrimitive, ber.TagBoolean, false, ""))
	op.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 7, "objectClass", ""))
	op.AppendChild(ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, ""))
	return message(id, op)
}

func startTLSMessage(id int64) []byte {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, 23, nil, "")
	op.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, "1.3.6.1.4.1.1466.20037", ""))
	return message(id, op)
}

// TestPipelinedBind sends a bind and searches in one packet: the searches have the rights of the bind.
func TestPipelinedBind(t *testing.T) {
	t.Parallel()
	s := ldaptest.NewServer(t, ldaptest.WithLDIF(people))
	nc, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "ldap://"))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	all := slices.Concat(
		searchMessage(1, ldaptest.Base), bindMessage(2, ldaptest.AdminDN, ldaptest.AdminPassword), searchMessage(3, ldaptest.Base),
		bindMessage(4, alice, "wrong"), searchMessage(5, ldaptest.Base),
	)
	if _, err := nc.Write(all); err != nil {
		t.Fatal(err)
	}
	var order []int64
	entries := map[int64]int{}
	for in := bufio.NewReader(nc); len(order) < 5; {
		p, err := ber.ReadPacket(in)
		if err != nil {
			t.Fatal(err)
		}
		id := p.Children[0].Value.(int64)
		if p.Children[1].Tag == 4 {
			entries[id]++
			continue
		}
		order = append(order, id)
	}
	if !slices.Equal(order, []int64{1, 2, 3, 4, 5}) {
		t.Errorf("answers came as %d", order)
	}
	if entries[1] != 0 || entries[3] != 6 || entries[5] != 0 {
		t.Errorf("entries: %v; want none for anonymous, 6 for the administrator, none after a bind that failed", entries)
	}
}

// TestNothingInTheClearAfterStartTLS sends a search behind StartTLS without waiting: it is refused, not answered.
func TestNothingInTheClearAfterStartTLS(t *testing.T) {
	t.Parallel()
	s := ldaptest.NewServer(t)
	nc, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "ldap://"))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if _, err := nc.Write(slices.Concat(startTLSMessage(1), searchMessage(2, ""))); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(nc)
	p, err := ber.ReadPacket(in)
	if err != nil {
		t.Fatal(err)
	}
	if code := p.Children[1].Children[0].Value.(int64); p.Children[0].Value.(int64) != 1 || code != ldap.LDAPResultOperationsError {
		t.Errorf("StartTLS was answered with %d", code)
	}
	for {
		p, err := ber.ReadPacket(in)
		if err != nil {
			return // closed, as it should be
		}
		if id := p.Children[0].Value.(int64); id != 0 {
			t.Fatalf("message %d was answered in the clear", id)
		}
	}
}

// TestAccess holds the options and the wiring of the policy: a reader reads, a writer writes, nobody reads hashes.
func TestAccess(t *testing.T) {
	t.Parallel()
	services := "dn: cn=sync,ou=people,dc=example,dc=com\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\n" +
		"cn: sync\nuserPassword: sync-secret\n\n" +
		"dn: cn=loader,ou=people,dc=example,dc=com\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\n" +
		"cn: loader\nuserPassword: loader-secret\n"
	s := ldaptest.NewServer(t, ldaptest.WithLDIF(people), ldaptest.WithLDIF(services),
		ldaptest.WithReader("cn=sync,ou=people,dc=example,dc=com"), ldaptest.WithWriter("cn=loader,ou=people,dc=example,dc=com"))
	query := ldap.NewSearchRequest(alice, ldap.ScopeBaseObject, 0, 0, 0, false, "(uid=alice)", []string{"*", "+"}, nil)
	change := ldap.NewModifyRequest(alice, nil)
	change.Replace("description", []string{"changed"})
	sync := s.DialAs("cn=sync,ou=people,dc=example,dc=com", "sync-secret")
	loader := s.DialAs("cn=loader,ou=people,dc=example,dc=com", "loader-secret")
	wantCode(t, sync.Modify(change), ldap.LDAPResultInsufficientAccessRights)
	wantCode(t, loader.Modify(change), ldap.LDAPResultSuccess)
	for who, c := range map[string]*ldap.Conn{"reader": sync, "writer": loader, "administrator": s.DialAdmin()} {
		found, err := c.Search(query)
		if err != nil || len(found.Entries) != 1 {
			t.Fatalf("%s: %v, %v", who, found, err)
		}
		if e := found.Entries[0]; e.GetAttributeValue("description") != "changed" || e.GetAttributeValue("memberOf") == "" {
			t.Errorf("%s reads %v", who, e.Attributes)
		} else if e.GetAttributeValue("userPassword") != "" {
			t.Errorf("%s reads a password hash", who)
		}
	}
}

// TestWrongCertificate: a client that does not trust the server's certificate gets no further.
func TestWrongCertificate(t *testing.T) {
	t.Parallel()
	s := ldaptest.NewServer(t)
	if _, err := ldap.DialURL(s.SecureURL, ldap.DialWithTLSConfig(&tls.Config{ServerName: "localhost"})); err == nil {
		t.Error("an unknown certificate was accepted")
	}
}
