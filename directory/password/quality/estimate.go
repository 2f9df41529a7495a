package quality

import (
	"math"
)

const (
	// guessesPerCharacter is the factor of a character without a pattern. It is less than there are characters, because people do
	// not choose at random.
	guessesPerCharacter = 10
	// guessesMore is what each further piece costs at least: a guesser tries short rows of pieces first.
	guessesMore = 10000
	// guessesOfCharacter and guessesOfPiece are the least for a piece that is not the whole.
	guessesOfCharacter, guessesOfPiece = 10, 50
)

// An estimate is the cheapest way to guess a text.
type estimate struct {
	guesses float64
	cut     []piece
	length  int // characters
}

// estimateWindow estimates a part of a password.
func estimateWindow(part []byte, v vocabulary) estimate {
	t := newText(part)
	return t.cheapest(t.pieces(v, true))
}

// cheapest cuts the text into pieces so that count! x product of their guesses + guessesMore^(count-1) is smallest: the guesser
// knows neither the order of the pieces nor how many there are.
//
// best[k][n] is the smallest product for the first k bytes in n pieces. Characters without a pattern are a piece too, of any
// length, but never two in a row: the longer one is cheaper or as cheap.
func (t *text) cheapest(known []piece) estimate {
	n := len(t.raw)
	if n == 0 {
		return estimate{}
	}
	ending := make([][]piece, n+1)
	for _, p := range known {
		ending[p.to] = append(ending[p.to], p)
	}
	type state struct {
		product float64
		last    piece
	}
	best := make([][]state, n+1)
	for k := range best {
		best[k] = make([]state, k+1)
		for i := range best[k] {
			best[k][i].product = math.Inf(1)
		}
	}
	best[0][0].product = 1
	try := func(k int, p piece) {
		guesses := p.guesses
		if p.to-p.from < n {
			least := float64(guessesOfPiece)
			if t.runes[p.to]-t.runes[p.from] == 1 {
				least = guessesOfCharacter
			}
			guesses = max(guesses, least)
		}
		for i, before := range best[p.from] {
			if p.why == whyNothing && i > 0 && before.last.why == whyNothing {
				continue
			}
			if product := before.product * guesses; product < best[k][i+1].product {
				best[k][i+1] = state{product, p}
			}
		}
	}
	for k := 1; k <= n; k++ {
		for _, p := range ending[k] {
			try(k, p)
		}
		for from := range k {
			guesses := math.Pow(guessesPerCharacter, float64(t.runes[k]-t.runes[from]))
			try(k, piece{from, k, max(guesses, guessesOfCharacter+1), whyNothing})
		}
	}
	e := estimate{guesses: math.Inf(1), length: t.runes[n]}
	count, factorial := 0, 1.0
	for i := 1; i <= n; i++ {
		factorial *= float64(i)
		if g := factorial*best[n][i].product + math.Pow(guessesMore, float64(i-1)); g < e.guesses {
			e.guesses, count = g, i
		}
	}
	for k := n; count > 0; count-- {
		p := best[k][count].last
		e.cut = append(e.cut, p)
		k = p.from
	}
	return e
}
