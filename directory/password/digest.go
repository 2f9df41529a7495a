package password

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
)

// digestAlgorithm is a plain message digest, named by the size of its output in bytes.
type digestAlgorithm int

const (
	md5Digest    digestAlgorithm = md5.Size
	sha1Digest   digestAlgorithm = sha1.Size
	sha256Digest digestAlgorithm = sha256.Size
	sha384Digest digestAlgorithm = sha512.Size384
	sha512Digest digestAlgorithm = sha512.Size
)

// sum writes the digest of data to the beginning of out. It calls the functions by name so that nothing escapes to the heap.
func (a digestAlgorithm) sum(out *[sha512.Size]byte, data []byte) {
	switch a {
	case md5Digest:
		*(*[md5.Size]byte)(out[:]) = md5.Sum(data)
	case sha1Digest:
		*(*[sha1.Size]byte)(out[:]) = sha1.Sum(data)
	case sha256Digest:
		*(*[sha256.Size]byte)(out[:]) = sha256.Sum256(data)
	case sha384Digest:
		*(*[sha512.Size384]byte)(out[:]) = sha512.Sum384(data)
	case sha512Digest:
		*out = sha512.Sum512(data)
	default:
		panic("password: digest without a function")
	}
}

// digestFamily verifies the values that are base64(digest(password salt) salt), where the unsalted ones have no salt. The
// salt is what follows the digest; its length is free.
type digestFamily struct {
	algorithm digestAlgorithm
	salted    bool
}

func salted(a digestAlgorithm) digestFamily   { return digestFamily{a, true} }
func unsalted(a digestAlgorithm) digestFamily { return digestFamily{a, false} }

// digestBytes is room for the longest digest and salt.
type digestBytes [sha512.Size + maxSaltBytes]byte

// maxDigestBody is the length of its base64.
const maxDigestBody = (len(digestBytes{}) + 2) / 3 * 4

// parse decodes body into raw and returns its two parts.
func (d digestFamily) parse(raw *digestBytes, body []byte) (digest, salt []byte, err error) {
	b, ok := decodeBase64(raw[:], body)
	size := int(d.algorithm)
	switch {
	case len(body) > maxDigestBody:
		return nil, nil, outOfBounds("length of the salt")
	case !ok:
		return nil, nil, malformed("base64")
	case !d.salted && len(b) != size, len(b) < size:
		return nil, nil, malformed("length of the digest")
	case d.salted && len(b) == size:
		return nil, nil, malformed("no salt")
	case len(b)-size > maxSaltBytes:
		return nil, nil, outOfBounds("length of the salt")
	}
	return b[:size], b[size:], nil
}

func (d digestFamily) inspect(body []byte) (int64, error) {
	var raw digestBytes
	_, _, err := d.parse(&raw, body)
	return 0, err
}

func (d digestFamily) match(body, cleartext []byte) bool {
	var raw digestBytes
	want, salt, err := d.parse(&raw, body)
	if err != nil {
		return false
	}
	var input [MaxPasswordBytes + maxSaltBytes]byte
	n := copy(input[:], cleartext)
	n += copy(input[n:], salt)
	var got [sha512.Size]byte
	d.algorithm.sum(&got, input[:n])
	clear(input[:n])
	return subtle.ConstantTimeCompare(want, got[:int(d.algorithm)]) == 1
}
