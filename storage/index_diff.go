package storage

import (
	"bytes"

	"gatehouse/directory"
)

// A setDiff is how one value set became another: before and after stay where they are at the two
// ends, gone became come between them. All are BER SET contents of the two sets.
type setDiff struct{ before, gone, come, after []byte }

// diffSets compares two value sets value by value from both ends.
func diffSets(old, new []byte) (d setDiff) {
	if bytes.Equal(old, new) {
		d.before = old
		return d
	}
	o, n := old, new
	for len(o) > 0 && len(n) > 0 {
		a, restO := directory.NextValue(o)
		b, restN := directory.NextValue(n)
		if a == nil || !bytes.Equal(a, b) {
			break
		}
		o, n = restO, restN
	}
	d.before = old[:len(old)-len(o)]
	d.gone, d.come = o, n
	// Values have no beginning that could be found from behind, so both sets are walked until what is left
	// of them is the same.
	for len(o) > 0 && len(n) > 0 {
		if len(o) == len(n) && bytes.Equal(o, n) {
			d.gone, d.come, d.after = d.gone[:len(d.gone)-len(o)], d.come[:len(d.come)-len(n)], o
			return d
		}
		if len(o) >= len(n) {
			_, o = directory.NextValue(o)
		} else {
			_, n = directory.NextValue(n)
		}
	}
	return d
}
