package password

import (
	"crypto/subtle"
	"math/bits"
	"sync"
)

// The traditional crypt(3): 2 characters of salt and 11 of key, made by encrypting a zero block 25 times with a DES (FIPS 46-3)
// whose expansion is perturbed by the salt. It takes in the low seven bits of the first eight characters. Package crypto/des
// cannot perturb, hence this one.
//
// A longer value is bigcrypt, which libxcrypt makes for slapd's default salt: 11 characters of key for each eight of the
// password, each segment salted with the first two characters of the key before.
const (
	desCryptBytes     = 13
	desCryptSaltBytes = 2
	desCryptKeyBytes  = desCryptBytes - desCryptSaltBytes
	desSegmentBytes   = 8
	bigcryptMax       = 16 // segments
)

func inspectDESCrypt(value []byte) (int64, error) {
	keys := len(value) - desCryptSaltBytes
	if keys < desCryptKeyBytes || keys%desCryptKeyBytes != 0 || keys > bigcryptMax*desCryptKeyBytes || !isCryptAlphabet(value) {
		return 0, malformed("not a crypt(3) value")
	}
	return 0, nil
}

func matchDESCrypt(value, cleartext []byte) bool {
	segments := (len(value) - desCryptSaltBytes) / desCryptKeyBytes
	if segments > 1 && segments != (len(cleartext)+desSegmentBytes-1)/desSegmentBytes {
		return false
	}
	salt, keys, same := value[:desCryptSaltBytes], value[desCryptSaltBytes:], 1
	for range segments {
		got := desCrypt([desCryptSaltBytes]byte(salt), cleartext)
		same &= subtle.ConstantTimeCompare(got[desCryptSaltBytes:], keys[:desCryptKeyBytes])
		salt, keys, cleartext = keys, keys[desCryptKeyBytes:], cleartext[min(desSegmentBytes, len(cleartext)):]
	}
	return same == 1
}

// desCrypt returns the whole value.
func desCrypt(salt [desCryptSaltBytes]byte, cleartext []byte) (out [desCryptBytes]byte) {
	var key uint64
	for i := range desSegmentBytes {
		key <<= 8
		if i < len(cleartext) {
			key |= uint64(cleartext[i]&0x7f) << 1
		}
	}
	low, _ := cryptDigit(salt[0])
	high, _ := cryptDigit(salt[1])
	// Bit i of the salt exchanges bits i and i+24 of the expansion, counted from the left.
	swap := bits.Reverse32(low|high<<6) >> 8
	block := desEncryptZero(desSubkeys(key), swap)

	copy(out[:], salt[:])
	for i := range desCryptKeyBytes - 1 {
		out[desCryptSaltBytes+i] = cryptAlphabet[block>>(58-6*i)&0x3f]
	}
	out[desCryptBytes-1] = cryptAlphabet[block<<2&0x3f]
	return out
}

// desEncryptZero encrypts a zero block 25 times. The initial and final permutations between two runs cancel out, and the first
// one leaves a zero block as it is.
func desEncryptZero(subkeys [16]uint64, swap uint32) uint64 {
	boxes := desBoxes()
	var left, right uint32
	for range 25 {
		for _, k := range subkeys {
			left, right = right, left^desRound(boxes, right, k, swap)
		}
		left, right = right, left
	}
	return permute(uint64(left)<<32|uint64(right), 64, desFinal[:])
}

// desRound is the function f of FIPS 46-3: expand to two halves of 24 bits, exchange by the salt, add the key, look up.
func desRound(boxes *[8][64]uint32, right uint32, subkey uint64, swap uint32) (out uint32) {
	circle := bits.RotateLeft32(right, 31) // so that the group of box i begins at bit 4i
	var half [2]uint32
	for i := range 8 {
		half[i/4] = half[i/4]<<6 | bits.RotateLeft32(circle, 4*i+6)&0x3f
	}
	exchange := (half[0] ^ half[1]) & swap
	input := (uint64(half[0]^exchange)<<24 | uint64(half[1]^exchange)) ^ subkey
	for i := range 8 {
		out |= boxes[i][input>>(42-6*i)&0x3f]
	}
	return out
}

// desSubkeys makes the sixteen keys of 48 bits.
func desSubkeys(key uint64) (subkeys [16]uint64) {
	halves := permute(key, 64, desChoice1[:])
	c, d := halves>>28, halves&(1<<28-1)
	for i := range subkeys {
		shift := 2
		if i == 0 || i == 1 || i == 8 || i == 15 {
			shift = 1
		}
		c = (c<<shift | c>>(28-shift)) & (1<<28 - 1)
		d = (d<<shift | d>>(28-shift)) & (1<<28 - 1)
		subkeys[i] = permute(c<<28|d, 56, desChoice2[:])
	}
	return subkeys
}

// desBoxes returns the substitution boxes with the permutation P behind them, indexed by the six bits as they come.
var desBoxes = sync.OnceValue(func() *[8][64]uint32 {
	var boxes [8][64]uint32
	for i := range boxes {
		for in := range uint64(64) {
			row, column := in>>4&2|in&1, in>>1&15
			out := uint64(desSubstitution[i][row*16+column]) << (28 - 4*i)
			boxes[i][in] = uint32(permute(out, 32, desPermutation[:]))
		}
	}
	return &boxes
})

// permute picks bits of in, which has width bits numbered from 1 at the left, as FIPS 46-3 writes its tables.
func permute(in uint64, width int, table []uint8) (out uint64) {
	for _, bit := range table {
		out = out<<1 | in>>(width-int(bit))&1
	}
	return out
}
