package hook

import (
	"bytes"
	"strconv"
	"time"

	"gatehouse/directory"
	"gatehouse/directory/dit"
)

// set gives an attribute one value, or none for "". A type that the schema does not know stays away.
func set(w *dit.Write, desc *directory.AttributeDescription, value string) {
	switch {
	case desc == nil:
	case value == "":
		w.Draft.Set(desc)
	default:
		w.Draft.Set(desc, []byte(value))
	}
}

func isTrue(values [][]byte) bool {
	return len(values) > 0 && bytes.EqualFold(values[0], []byte("true"))
}

// number reads the first value as a number.
func number(values [][]byte) (n int64, ok bool) {
	if len(values) == 0 {
		return 0, false
	}
	n, err := strconv.ParseInt(string(values[0]), 10, 64)
	return n, err == nil
}

// timeOfDay returns the beginning of a day since 1970, within the years that generalizedTime has.
func timeOfDay(day int64) time.Time {
	const last = 2932896 // 9999-12-31
	return time.Unix(min(day, last)*secondsOfDay, 0).UTC()
}

func lower(values [][]byte) [][]byte {
	list := make([][]byte, len(values))
	for i, v := range values {
		list[i] = bytes.ToLower(v)
	}
	return list
}
