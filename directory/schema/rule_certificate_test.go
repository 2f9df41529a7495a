package schema

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"strings"
	"testing"
	"time"
)

func TestCertificateExactMatch(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	certificate := func(serial int64, unit string) []byte {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(serial), NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0), KeyUsage: x509.KeyUsageCertSign,
			Subject: pkix.Name{CommonName: "Root, Inc", OrganizationalUnit: []string{unit}, Country: []string{"DE"}},
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	r := Standard().MatchingRule("certificateExactMatch")
	key := func(v []byte) []byte {
		k, err := r.Prepare(nil, v)
		if err != nil {
			t.Fatalf("%q: %v", v, err)
		}
		return k
	}
	want := key(certificate(1234, "CA"))
	for _, same := range []string{
		string(certificate(1234, "CA")),
		`{ serialNumber 1234, issuer rdnSequence:"cn=root\, inc,ou=CA,c=de" }`,
		`{issuer rdnSequence:"CN=""Root, Inc"",OU=ca,C=DE", serialNumber 1234}`,
		`1234$CN=Root\, Inc,OU=ca,C=DE`,
	} {
		if got := key([]byte(same)); !bytes.Equal(got, want) {
			t.Errorf("%.60q has key %q, want %q", same, got, want)
		}
	}
	for _, other := range []string{
		string(certificate(1235, "CA")), string(certificate(1234, "CB")), "1234$cn=x", "not a certificate", "\x30\x03\x02\x01\x05",
	} {
		if got := key([]byte(other)); bytes.Equal(got, want) {
			t.Errorf("%.60q has the key of another certificate", other)
		}
	}
	for _, bad := range []string{"", "1$bogus=x"} {
		if got, err := r.Prepare(nil, []byte(bad)); err == nil {
			t.Errorf("%q has key %q, want an error", bad, got)
		}
	}
}

// TestLongSerialNumbers: numbers in decimal cost the square of their length, so those beyond every certificate make no key of
// one. As octets they still equal themselves.
func TestLongSerialNumbers(t *testing.T) {
	t.Parallel()
	digits := strings.Repeat("9", serialDigitsMax+1)
	long := make([]byte, serialBytesMax+1)
	long[0] = 1
	type identity struct {
		Version   int `asn1:"explicit,tag:0"`
		Serial    *big.Int
		Algorithm pkix.AlgorithmIdentifier
		Issuer    pkix.RDNSequence
		Validity  struct{ From, To time.Time }
		Subject   pkix.RDNSequence
		Key       pkix.AlgorithmIdentifier
	}
	oid := pkix.AlgorithmIdentifier{Algorithm: []int{1, 2, 3}}
	issuer := pkix.Name{CommonName: "x"}.ToRDNSequence()
	der, err := asn1.Marshal(struct {
		TBS       identity
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}{identity{Serial: new(big.Int).SetBytes(long), Algorithm: oid, Issuer: issuer, Subject: issuer, Key: oid}, oid, asn1.BitString{}})
	if err != nil {
		t.Fatal(err)
	}
	r := Standard().MatchingRule("certificateExactMatch")
	for _, v := range []string{
		digits + "$cn=x", `{ serialNumber ` + digits + `, issuer rdnSequence:"cn=x" }`, "-" + digits + "$cn=x", string(der),
	} {
		if key, err := r.Prepare(nil, []byte(v)); err != nil || string(key) != v {
			t.Errorf("%.60q has key %.60q, %v, want itself", v, key, err)
		}
	}
}
