package schema

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
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
