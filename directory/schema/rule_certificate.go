package schema

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"strings"

	"gatehouse/directory"
)

var errNotCertificate = errors.New("neither a certificate nor an assertion of serial number and issuer")

// Bounds of a serial number: the cost of its decimal form is quadratic. RFC 5280 section 4.1.2.2 allows 20 octets.
const (
	serialBytesMax  = 64
	serialDigitsMax = 3 * serialBytesMax
)

// prepareCertificate is certificateExactMatch (RFC 4523 section 3.1): the serial number and the issuer. A value is a
// certificate; an assertion is its GSER form, { serialNumber 5, issuer rdnSequence:"cn=x" }, or the old one, 5$cn=x. A
// stored value that is no certificate, or has a serial number beyond all bounds, compares as octets.
func prepareCertificate(s *Schema, dst, v []byte) ([]byte, error) {
	if len(v) == 0 {
		return dst, errEmpty
	}
	if v[0] == 0x30 && len(v) > 1 && (v[1] >= 0x80 || v[1] < ' ') {
		if serial, issuer, ok := certificateIdentity(v); ok {
			return appendCertificateKey(s, dst, serial, issuer.String())
		}
		return append(dst, v...), nil
	}
	serial, issuer, ok := certificateAssertion(stringOf(v))
	if !ok {
		return append(dst, v...), nil
	}
	return appendCertificateKey(s, dst, serial, issuer)
}

func appendCertificateKey(s *Schema, dst []byte, serial *big.Int, issuer string) ([]byte, error) {
	start := len(dst)
	dst = append(serial.Append(dst, 10), '$')
	out, err := s.AppendNDN(dst, issuer)
	if err != nil {
		return dst[:start], errNotCertificate
	}
	return out, nil
}

// certificateIdentity reads the first fields of a certificate; what follows them is not looked at.
func certificateIdentity(der []byte) (*big.Int, directory.DN, bool) {
	var cert struct {
		TBS struct {
			Version   int `asn1:"optional,explicit,default:0,tag:0"`
			Serial    *big.Int
			Algorithm pkix.AlgorithmIdentifier
			Issuer    asn1.RawValue
			Validity  asn1.RawValue
			Subject   asn1.RawValue
			Key       asn1.RawValue
			IssuerID  asn1.RawValue `asn1:"optional,tag:1"`
			SubjectID asn1.RawValue `asn1:"optional,tag:2"`
			Extension asn1.RawValue `asn1:"optional,explicit,tag:3"`
		}
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	if rest, err := asn1.Unmarshal(der, &cert); err != nil || len(rest) > 0 || cert.TBS.Serial.BitLen() > 8*serialBytesMax {
		return nil, directory.DN{}, false
	}
	var rdns pkix.RDNSequence
	if rest, err := asn1.Unmarshal(cert.TBS.Issuer.FullBytes, &rdns); err != nil || len(rest) > 0 {
		return nil, directory.DN{}, false
	}
	names := make([]directory.RDN, 0, len(rdns))
	for i := len(rdns) - 1; i >= 0; i-- {
		rdn := make(directory.RDN, 0, len(rdns[i]))
		for _, ava := range rdns[i] {
			text, ok := ava.Value.(string)
			if !ok {
				return nil, directory.DN{}, false
			}
			rdn = append(rdn, directory.AttributeTypeAndValue{Type: ava.Type.String(), Value: []byte(text)})
		}
		names = append(names, rdn)
	}
	return cert.TBS.Serial, directory.NewDN(names...), true
}

// certificateAssertion reads either text form of an assertion.
func certificateAssertion(s string) (serial *big.Int, issuer string, ok bool) {
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(s, "{") {
		number, name, found := strings.Cut(s, "$")
		if !found {
			return nil, "", false
		}
		serial, ok = serialNumber(strings.TrimSpace(number))
		return serial, name, ok
	}
	_, number, found := strings.Cut(s, "serialNumber ")
	if !found {
		return nil, "", false
	}
	number = strings.TrimLeft(number, " ")
	if end := strings.IndexAny(number, ", }"); end >= 0 {
		number = number[:end]
	}
	_, name, found := strings.Cut(s, `rdnSequence:"`)
	end := strings.LastIndexByte(name, '"')
	if !found || end < 0 {
		return nil, "", false
	}
	serial, ok = serialNumber(number)
	return serial, strings.ReplaceAll(name[:end], `""`, `"`), ok // GSER doubles a quote inside a string
}

func serialNumber(digits string) (*big.Int, bool) {
	if len(digits) > serialDigitsMax {
		return nil, false
	}
	return new(big.Int).SetString(digits, 10)
}
