package password

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestProblemsNameTheirField(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		options Options
		want    []string
	}{
		{"zero", Options{}, nil},
		{"default", DefaultOptions(), nil},
		{"bcrypt", Options{Scheme: Bcrypt, BcryptCost: 12}, nil},
		{"scheme", Options{Scheme: "md5"}, []string{"Scheme"}},
		{"memory of argon2", Options{Argon2: Argon2{MemoryKiB: MaxArgon2MemoryKiB + 1}, MemoryBytes: 1 << 30}, []string{"Argon2.MemoryKiB"}},
		{"memory per lane", Options{Argon2: Argon2{MemoryKiB: 31, Threads: 4}}, []string{"Argon2.MemoryKiB"}},
		{"all", Options{
			Scheme: "x", Argon2: Argon2{1, MaxArgon2Time + 1, MaxArgon2Threads + 1}, BcryptCost: 3, Workers: -1,
			MemoryBytes: 1, QueueLen: -1, CacheTTL: time.Hour, CacheEntries: -1,
		}, []string{"Scheme", "Argon2.MemoryKiB", "Argon2.Time", "Argon2.Threads", "BcryptCost", "Workers", "MemoryBytes", "QueueLen", "CacheEntries", "CacheTTL"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var fields []string
			for _, p := range tt.options.Problems() {
				fields = append(fields, p.Field)
			}
			if !slices.Equal(fields, tt.want) {
				t.Errorf("problems with %q, want %q", fields, tt.want)
			}
			_, err := New(tt.options)
			if (err != nil) != (tt.want != nil) {
				t.Errorf("New: %v", err)
			}
			if oe := (*OptionsError)(nil); err != nil && (!errors.As(err, &oe) || !strings.Contains(err.Error(), tt.want[0])) {
				t.Errorf("New: %v, want an OptionsError that names %s", err, tt.want[0])
			}
		})
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	o := DefaultOptions()
	if o.Scheme != Argon2id || o.Argon2 != (Argon2{19456, 2, 1}) || o.BcryptCost != 10 || !o.Upgrade || o.CacheTTL != 30*time.Second {
		t.Errorf("DefaultOptions() = %+v", o)
	}
	if zero := newHasher(t, Options{}); zero.Options().Scheme != Argon2id || zero.Cache() != nil || zero.Options().Upgrade {
		t.Errorf("zero Options: %+v, want argon2id with neither cache nor upgrades", zero.Options())
	}
}
