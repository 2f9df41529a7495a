package quality

import (
	"strings"
)

const (
	// sequenceStepMax is how far the characters of a sequence may lie apart: "acegi" is one, "amz" is none.
	sequenceStepMax = 5
	// walkKeysMin is the length from which keys next to each other are a piece.
	walkKeysMin = 3
)

// sequences appends runs whose characters have equal distances: abcd, 97531.
func (t *text) sequences(list []piece) []piece {
	s := t.raw
	for from := 0; from+1 < len(s); {
		step := int(s[from+1]) - int(s[from])
		to := from + 2
		for to < len(s) && int(s[to])-int(s[to-1]) == step {
			to++
		}
		if n := to - from; step != 0 && max(step, -step) <= sequenceStepMax && (n > 2 || step == 1 || step == -1) {
			base := 26.0
			switch {
			case strings.IndexByte("aAzZ019", s[from]) >= 0:
				base = 4
			case s[from] >= '0' && s[from] <= '9':
				base = 10
			}
			if step < 0 {
				base *= 2
			}
			list = append(list, piece{from, to, base * float64(n), whySequence})
		}
		from = to - 1
	}
	return list
}

// repeats appends what stands at least twice in a row, for the guesses of one of them times their number.
func (t *text) repeats(v vocabulary, list []piece) []piece {
	s := t.raw
	for from := 0; from+1 < len(s); {
		unit, to := repeated(s, from)
		if unit == 0 {
			from++
			continue
		}
		one := newText([]byte(s[from : from+unit]))
		guesses := one.cheapest(one.pieces(v, false)).guesses
		list = append(list, piece{from, to, guesses * float64((to-from)/unit), whyRepeat})
		from = to
	}
	return list
}

// repeated returns the shortest unit whose repeats reach farthest from a place, and where they end; zero if nothing repeats.
func repeated(s string, from int) (unit, to int) {
	for u := 1; from+2*u <= len(s); u++ {
		end := from + u
		for end+u <= len(s) && s[end:end+u] == s[from:from+u] {
			end += u
		}
		if end > from+u && end > to && (u > 1 || end-from > 2) {
			unit, to = u, end
		}
	}
	return unit, to
}

// dates appends years and days: 1987, 24121987, 24.12.87.
func (t *text) dates(list []piece) []piece {
	s := t.raw
	for from := range len(s) {
		for _, n := range []int{4, 6, 8} {
			if from+n <= len(s) && isDigits(s[from:from+n]) {
				if guesses := guessesOfDate(s[from : from+n]); guesses > 0 {
					list = append(list, piece{from, from + n, guesses, whyDate})
				}
			}
		}
		for to := from + 6; to <= min(len(s), from+10); to++ {
			if digits, ok := separated(s[from:to]); ok {
				if guesses := guessesOfDate(digits); guesses > 0 {
					list = append(list, piece{from, to, 4 * guesses, whyDate})
				}
			}
		}
	}
	return list
}

// separated takes the separators out of a date: two of the same kind between numbers, of which days and months get two digits.
func separated(s string) (digits string, ok bool) {
	at := strings.IndexAny(s, " -/\\_.")
	if at < 0 {
		return "", false
	}
	parts := strings.Split(s, s[at:at+1])
	if len(parts) != 3 {
		return "", false
	}
	for _, part := range parts {
		switch {
		case !isDigits(part) || len(part) == 3 || len(part) > 4:
			return "", false
		case len(part) == 1:
			digits += "0"
		}
		digits += part
	}
	return digits, true
}

// yearNow is the year around which years are guessed first. It is no clock, so that the same password keeps its score.
const yearNow = 2026

// guessesOfDate returns the guesses for a year or a day of digits only; zero if it is none.
func guessesOfDate(s string) float64 {
	switch len(s) {
	case 4:
		return guessesOfYear(number(s))
	case 6:
		return firstOf(day(s[:2], s[2:4], s[4:]), day(s[4:], s[2:4], s[:2]), day(s[2:4], s[:2], s[4:]))
	case 8:
		return firstOf(day(s[:2], s[2:4], s[4:]), day(s[6:], s[4:6], s[:4]), day(s[2:4], s[:2], s[4:]))
	}
	return 0
}

// day returns the guesses for a day in a year.
func day(d, m, y string) float64 {
	year := number(y)
	if len(y) == 2 {
		if year += 1900; year < yearNow-90 {
			year += 100
		}
	}
	if n := number(d); n < 1 || n > 31 {
		return 0
	}
	if n := number(m); n < 1 || n > 12 {
		return 0
	}
	return 365 * guessesOfYear(year)
}

func guessesOfYear(year int) float64 {
	if year < 1900 || year > 2050 {
		return 0
	}
	return float64(max(year-yearNow, yearNow-year, 20))
}

// number returns the value of digits.
func number(s string) int {
	n := 0
	for i := range len(s) {
		n = 10*n + int(s[i]-'0')
	}
	return n
}

func firstOf(guesses ...float64) float64 {
	for _, g := range guesses {
		if g > 0 {
			return g
		}
	}
	return 0
}
