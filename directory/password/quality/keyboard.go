package quality

import (
	"math"
)

// A keyboard knows where the keys are.
type keyboard struct {
	at      [128]key
	keys    float64 // how many there are
	degree  float64 // how many neighbours a key has, on average
	slanted bool
}

type key struct {
	row, column int8
	is, shifted bool
}

// layouts holds the rows of the keyboards, without and with the shift key. A row begins one column after the one above it.
var layouts = []keyboard{
	newKeyboard(true, "`1234567890-=", " qwertyuiop[]\\", " asdfghjkl;'", " zxcvbnm,./", "~!@#$%^&*()_+", " QWERTYUIOP{}|", " ASDFGHJKL:\"", " ZXCVBNM<>?"),
	newKeyboard(true, "^1234567890-=", " qwertzuiop", " asdfghjkl", " yxcvbnm,.-", "~!\"#$%&/()=?", " QWERTZUIOP", " ASDFGHJKL", " YXCVBNM;:_"),
	newKeyboard(true, " &'(-_)=", " azertyuiop^$", " qsdfghjklm", " wxcvbn,;:!", " 1234567890", " AZERTYUIOP", " QSDFGHJKLM", " WXCVBN?./"),
	newKeyboard(false, "789", "456", "123", "0"),
}

// newKeyboard takes four rows, then the same with the shift key.
func newKeyboard(slanted bool, rows ...string) keyboard {
	k := keyboard{slanted: slanted}
	for i, row := range rows {
		for column := range len(row) {
			if c := row[column]; c != ' ' {
				k.at[c] = key{int8(i % 4), int8(column), true, i >= 4}
			}
		}
	}
	pairs := 0
	for a := range k.at {
		if !k.at[a].is || k.at[a].shifted {
			continue
		}
		k.keys++
		for b := range k.at {
			if k.at[b].is && !k.at[b].shifted && k.direction(byte(a), byte(b)) > 0 {
				pairs++
			}
		}
	}
	k.degree = float64(pairs) / k.keys
	return k
}

// direction numbers the way from a key to one beside it; zero if b is not beside a.
func (k *keyboard) direction(a, b byte) int {
	if a >= 128 || b >= 128 || !k.at[a].is || !k.at[b].is {
		return 0
	}
	dr, dc := int(k.at[b].row-k.at[a].row), int(k.at[b].column-k.at[a].column)
	switch {
	case dr < -1 || dr > 1 || dc < -1 || dc > 1 || dr == 0 && dc == 0:
		return 0
	case k.slanted && dr == dc: // the key to the lower right or the upper left is not beside it
		return 0
	}
	return 5 + 3*dr + dc
}

// walks appends runs of keys that lie beside each other.
func (t *text) walks(list []piece) []piece {
	for i := range layouts {
		list = layouts[i].walks(t.raw, list)
	}
	return list
}

func (k *keyboard) walks(s string, list []piece) []piece {
	for from := 0; from+1 < len(s); {
		to, turns, last, shifted := from+1, 0, 0, 0
		for ; to < len(s); to++ {
			way := k.direction(s[to-1], s[to])
			if way == 0 {
				break
			}
			if way != last {
				turns, last = turns+1, way
			}
		}
		for _, c := range []byte(s[from:to]) {
			if c < 128 && k.at[c].shifted {
				shifted++
			}
		}
		if n := to - from; n >= walkKeysMin {
			list = append(list, piece{from, to, k.guesses(n, turns, shifted), whyKeyboard})
		}
		from = to
	}
	return list
}

// guesses counts the walks up to n keys with at most so many turns.
func (k *keyboard) guesses(n, turns, shifted int) float64 {
	g := 0.0
	for i := 2; i <= n; i++ {
		for j := 1; j <= min(turns, i-1); j++ {
			g += choose(i-1, j-1) * k.keys * math.Pow(k.degree, float64(j))
		}
	}
	switch {
	case shifted == 0:
	case shifted == n:
		g *= 2
	default:
		ways := 0.0
		for i := 1; i <= min(shifted, n-shifted); i++ {
			ways += choose(n, i)
		}
		g *= ways
	}
	return g
}
