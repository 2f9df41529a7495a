package password

import (
	"bytes"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"

	"golang.org/x/crypto/argon2"
)

// Argon2 holds the cost parameters of argon2id (RFC 9106 section 3.1). A zero field means its default.
type Argon2 struct {
	MemoryKiB uint32 // memory of one hash; default 19456 (19 MiB)
	Time      uint32 // passes over the memory; default 2
	Threads   uint8  // lanes; default 1
}

const (
	argon2SaltBytes = 16 // RFC 9106 section 3.1 recommends 16
	argon2KeyBytes  = 32
	argon2Version   = "v=19" // the only version since 2016
)

func (p Argon2) memoryBytes() int64 { return int64(p.MemoryKiB) << 10 }

// argon2Value is a parsed "$argon2id$v=19$m=19456,t=2,p=1$SALT$KEY", the form of the reference implementation, which
// OpenLDAP's argon2 module stores after {ARGON2}.
type argon2Value struct {
	Argon2
	id        bool // argon2id, else argon2i
	salt, key []byte
}

func parseArgon2(body []byte) (v argon2Value, err error) {
	var fields [6][]byte
	rest, more := body, true
	for i := range fields {
		if !more {
			return v, malformed("number of fields")
		}
		fields[i], rest, more = bytes.Cut(rest, []byte("$"))
	}
	if more || len(fields[0]) != 0 {
		return v, malformed("number of fields")
	}
	switch string(fields[1]) {
	case "argon2id":
		v.id = true
	case "argon2i":
	default:
		return v, &StoredError{What: "argon2 variant", Err: ErrUnknownScheme}
	}
	if string(fields[2]) != argon2Version {
		return v, &StoredError{What: "argon2 version", Err: ErrUnknownScheme}
	}
	if v.Argon2, err = parseArgon2Cost(fields[3]); err != nil {
		return v, err
	}
	var ok bool
	if v.salt, ok = decodeBase64(make([]byte, len(fields[4])), fields[4]); !ok {
		return v, malformed("base64 of the salt")
	}
	if v.key, ok = decodeBase64(make([]byte, len(fields[5])), fields[5]); !ok {
		return v, malformed("base64 of the key")
	}
	return v, v.check()
}

// parseArgon2Cost reads "m=19456,t=2,p=1".
func parseArgon2Cost(field []byte) (p Argon2, err error) {
	var numbers [3]int
	for i, name := range [...]string{"m=", "t=", "p="} {
		one, rest, more := bytes.Cut(field, []byte(","))
		digits, named := bytes.CutPrefix(one, []byte(name))
		if !named || more != (i < 2) {
			return p, malformed("cost parameters")
		}
		n, ok := parseDecimal(digits, 1<<30)
		if !ok {
			return p, malformed("cost parameters")
		}
		numbers[i], field = n, rest
	}
	if numbers[2] > MaxArgon2Threads {
		return p, outOfBounds("argon2 threads")
	}
	return Argon2{uint32(numbers[0]), uint32(numbers[1]), uint8(numbers[2])}, nil
}

// problem names the parameter that is out of bounds, or is empty.
func (p Argon2) problem() string {
	switch {
	case p.Threads < 1, p.Threads > MaxArgon2Threads:
		return "Threads"
	case p.Time < 1, p.Time > MaxArgon2Time:
		return "Time"
	case p.MemoryKiB < 8*uint32(p.Threads), p.MemoryKiB > MaxArgon2MemoryKiB: // RFC 9106 section 3.1
		return "MemoryKiB"
	}
	return ""
}

func (v argon2Value) check() error {
	if field := v.problem(); field != "" {
		return outOfBounds("argon2 " + field)
	}
	if len(v.salt) < minArgon2SaltBytes || len(v.salt) > maxSaltBytes {
		return outOfBounds("length of the salt")
	}
	if len(v.key) < minKeyBytes || len(v.key) > maxKeyBytes {
		return outOfBounds("length of the key")
	}
	return nil
}

// derive computes the key of cleartext. Package argon2 takes its memory anew from the heap each time, where it stays until
// the next collection; see Options.MemoryBytes.
func (v argon2Value) derive(cleartext []byte) []byte {
	derive := argon2.Key
	if v.id {
		derive = argon2.IDKey
	}
	return derive(cleartext, v.salt, v.Time, v.MemoryKiB, v.Threads, uint32(len(v.key)))
}

// append writes the value in the form that parseArgon2 reads.
func (v argon2Value) append(dst []byte) []byte {
	variant := "argon2i"
	if v.id {
		variant = "argon2id"
	}
	dst = fmt.Appendf(dst, "$%s$%s$m=%d,t=%d,p=%d$", variant, argon2Version, v.MemoryKiB, v.Time, v.Threads)
	dst = base64.RawStdEncoding.AppendEncode(dst, v.salt)
	dst = append(dst, '$')
	return base64.RawStdEncoding.AppendEncode(dst, v.key)
}

func inspectArgon2(body []byte) (int64, error) {
	v, err := parseArgon2(body)
	return v.memoryBytes(), err
}

func matchArgon2(body, cleartext []byte) bool {
	v, err := parseArgon2(body)
	return err == nil && subtle.ConstantTimeCompare(v.derive(cleartext), v.key) == 1
}

// hashArgon2 makes a new value with prefix, with a random salt.
func hashArgon2(p Argon2, cleartext []byte) []byte {
	v := argon2Value{Argon2: p, id: true, salt: make([]byte, argon2SaltBytes), key: make([]byte, argon2KeyBytes)}
	rand.Read(v.salt)
	v.key = v.derive(cleartext)
	return v.append([]byte("{ARGON2}"))
}

// sameAs reports whether a new value with the parameters p would be like v.
func (v argon2Value) sameAs(p Argon2) bool {
	return v.id && v.Argon2 == p && len(v.salt) >= argon2SaltBytes && len(v.key) >= argon2KeyBytes
}
