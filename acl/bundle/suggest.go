package bundle

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// didYouMean returns a hint at the word nearest to the one written, empty if none is near.
func didYouMean(written string, words iter.Seq[string]) string {
	best, distance := "", max(1, len(written)/3)+1
	for w := range words {
		if d := editDistance(strings.ToLower(written), strings.ToLower(w), distance+1); d < distance || d == distance && best != "" && w < best {
			best, distance = w, d
		}
	}
	if best == "" || written == "" || len(written) > suggestBytesMax {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// suggestBytesMax bounds the words that are compared; no word of a policy or a schema is longer.
const suggestBytesMax = 64

// oneOf lists a few words, for messages.
func oneOf(words []string) string {
	return strings.Join(words, ", ")
}

// editDistance counts insertions, deletions, replacements and swaps of neighbours that make b of a; limit if there are as
// many or more.
func editDistance(a, b string, limit int) int {
	if len(a) > suggestBytesMax || len(b) > suggestBytesMax || len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	var rows [3][suggestBytesMax + 1]int
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		if slices.Min(row[:len(b)+1]) >= limit {
			return limit
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], limit)
}

// quote prints a text of a policy for a message, in bounded length.
func quote(s string) string {
	const bytesMax = 80
	if len(s) > bytesMax {
		s = strings.ToValidUTF8(s[:bytesMax], "") + "..."
	}
	return fmt.Sprintf("%q", s)
}
