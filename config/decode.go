package config

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/netip"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
)

// decodeHooks turn the texts of the sources into typed values.
func decodeHooks() []mapstructure.DecodeHookFunc {
	return []mapstructure.DecodeHookFunc{
		hook(func(s string) (time.Duration, error) { return ParseDuration(s) }),
		hook(ParseListener),
		hook(func(s string) (netip.Prefix, error) {
			if a, err := netip.ParseAddr(s); err == nil {
				return netip.PrefixFrom(a, a.BitLen()), nil
			}
			p, err := netip.ParsePrefix(s)
			if err != nil {
				return p, fmt.Errorf("%q is not a network such as 192.0.2.0/24 or 2001:db8::/32", s)
			}
			return p, nil
		}),
		hook(func(s string) (slog.Level, error) {
			var l slog.Level
			if err := l.UnmarshalText([]byte(s)); err != nil {
				return l, fmt.Errorf("%q is not one of debug, info, warn, error", s)
			}
			return l, nil
		}),
		hook(ParseBytes),
		hook(func(s string) (bool, error) {
			b, err := strconv.ParseBool(s)
			if err != nil {
				return false, fmt.Errorf("%q is not true or false", s)
			}
			return b, nil
		}),
		hook(func(s string) (int, error) {
			n, err := strconv.Atoi(s)
			if err != nil {
				return 0, fmt.Errorf("%q is not a whole number", s)
			}
			return n, nil
		}),
		noGuesses,
	}
}

// hook makes a decode hook for texts that are to become a T, and only for those.
func hook[T any](parse func(string) (T, error)) mapstructure.DecodeHookFunc {
	want := reflect.TypeFor[T]()
	return func(from, to reflect.Type, data any) (any, error) {
		s, ok := data.(string)
		if !ok || to != want && to != reflect.PointerTo(want) {
			return data, nil
		}
		return parse(strings.TrimSpace(s))
	}
}

// noGuesses refuses what would be read as something that was not written: a duration without a unit other than 0, a part of a
// number, a truth as a number or a text, and a number as a truth.
func noGuesses(from, to reflect.Type, data any) (any, error) {
	if to.Kind() == reflect.Pointer {
		to = to.Elem()
	}
	kind := to.Kind()
	isInteger := reflect.Int <= kind && kind <= reflect.Int64
	switch v := data.(type) {
	case int:
		if v != 0 && to == reflect.TypeFor[time.Duration]() {
			return nil, fmt.Errorf("%d has no unit; write it as 30s, 5m or 1h", v)
		}
		if kind == reflect.Bool {
			return nil, fmt.Errorf("%d is not true or false", v)
		}
	case float64:
		if isInteger && v != math.Trunc(v) {
			return nil, fmt.Errorf("%v is not a whole number", v)
		}
	case bool:
		if isInteger {
			return nil, fmt.Errorf("%v is not a number", v)
		}
		if kind == reflect.String {
			return nil, fmt.Errorf("%v is not a text; write it in quotes", v)
		}
	}
	return data, nil
}

// ParseDuration reads a duration such as 30s, 5m or 1h. "0" needs no unit.
func ParseDuration(s string) (time.Duration, error) {
	if s == "0" {
		return 0, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("%q is not a duration such as 30s, 5m or 1h", s)
	}
	return d, nil
}

var byteUnits = map[string]int64{"": 1, "b": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "kb": 1e3, "mb": 1e6, "gb": 1e9}

// ParseBytes reads a number of bytes such as 64KiB, 512MiB or 2GiB.
func ParseBytes(s string) (int64, error) {
	i := strings.LastIndexAny(s, "0123456789") + 1
	n, err := strconv.ParseInt(s[:i], 10, 64)
	unit, ok := byteUnits[strings.ToLower(strings.TrimSpace(s[i:]))]
	if err != nil || !ok || n < 0 || n > math.MaxInt64/unit {
		return 0, fmt.Errorf("%q is not a number of bytes such as 64KiB, 512MiB or 2GiB", s)
	}
	return n * unit, nil
}

var fieldName = regexp.MustCompile(`'([^']*)'`)

// decodeProblems takes mapstructure's combined error apart, into one problem for each key.
func decodeProblems(err error) Problems {
	if err == nil {
		return nil
	}
	var joined interface{ Unwrap() []error } // perhaps below wrappers that repeat all its text
	if errors.As(err, &joined) {
		var all Problems
		for _, e := range joined.Unwrap() {
			all = append(all, decodeProblems(e)...)
		}
		return all
	}
	text := err.Error()
	key := ""
	if m := fieldName.FindStringSubmatchIndex(text); m != nil {
		key = strings.ToLower(strings.ReplaceAll(text[m[2]:m[3]], ".", delimiter))
		text = strings.TrimSpace(text[m[1]:])
	}
	if strings.HasPrefix(text, "has invalid keys") && !strings.HasSuffix(key, "]") {
		return nil // readFile has named them, with a suggestion; only items of lists are left to say
	}
	return Problems{{Key: key, Text: text}}
}
