package dit

import (
	"bytes"
	"slices"
	"time"

	"gatehouse/directory/account"
)

// second returns the values of an attribute that holds one time in seconds; none for the zero time.
func second(t time.Time) [][]byte {
	if t.Before(time.Unix(0, 0)) {
		return nil
	}
	return [][]byte{[]byte(account.FormatTime(t))}
}

func moments(list []time.Time) [][]byte {
	values := make([][]byte, len(list))
	for i, t := range list {
		values[i] = []byte(account.FormatMoment(t))
	}
	return values
}

func formers(list []account.Former) [][]byte {
	var values [][]byte
	for _, f := range list {
		v := f.Append(nil)
		if !slices.ContainsFunc(values, func(w []byte) bool { return bytes.Equal(v, w) }) {
			values = append(values, v)
		}
	}
	return values
}

func sortTimes(list []time.Time) { slices.SortFunc(list, time.Time.Compare) }

func sortFormer(list []account.Former) {
	slices.SortStableFunc(list, func(a, b account.Former) int { return a.At.Compare(b.At) })
}

func sameTimes(a, b []time.Time) bool { return slices.EqualFunc(a, b, time.Time.Equal) }

func sameFormer(a, b []account.Former) bool {
	return slices.EqualFunc(a, b, func(x, y account.Former) bool { return x.At.Equal(y.At) && bytes.Equal(x.Stored, y.Stored) })
}
