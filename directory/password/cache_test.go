package password

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestCacheFindsOnlyWhatWasPut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := NewCache(time.Minute, 100)
		c.Put(7, []byte("stored"), []byte("secret"))
		tests := []struct {
			name              string
			id                uint64
			stored, cleartext string
			want              bool
		}{
			{"same", 7, "stored", "secret", true},
			{"other password", 7, "stored", "Secret", false},
			{"other stored value", 7, "Stored", "secret", false},
			{"other entry of the same shard", 7 + cacheShards, "stored", "secret", false},
			{"moved boundary", 7, "storeds", "ecret", false},
		}
		for _, tt := range tests {
			if got := c.Has(tt.id, []byte(tt.stored), []byte(tt.cleartext)); got != tt.want {
				t.Errorf("%s: Has = %v, want %v", tt.name, got, tt.want)
			}
		}
	})
}

func TestCacheForgets(t *testing.T) {
	t.Parallel()
	stored, secret, other := []byte("stored"), []byte("secret"), []byte("other")
	has := func(c *Cache) bool { return c.Has(1, stored, secret) }
	tests := []struct {
		name string
		do   func(c *Cache)
		want bool
	}{
		{"nothing happens", func(*Cache) {}, true},
		{"shortly before its time", func(*Cache) { time.Sleep(time.Minute - 1) }, true},
		{"at its time", func(*Cache) { time.Sleep(time.Minute) }, false},
		{"a hit does not prolong", func(c *Cache) {
			time.Sleep(40 * time.Second)
			has(c)
			time.Sleep(40 * time.Second)
		}, false},
		{"dropped", func(c *Cache) { c.Drop(1) }, false},
		{"another dropped", func(c *Cache) { c.Drop(2) }, true},
		{"a second password", func(c *Cache) { c.Put(1, stored, other) }, true},
		{"a third password replaces the oldest", func(c *Cache) {
			time.Sleep(time.Nanosecond)
			c.Put(1, stored, other)
			c.Put(1, stored, []byte("third"))
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := NewCache(time.Minute, 100)
				c.Put(1, stored, secret)
				tt.do(c)
				if got := has(c); got != tt.want {
					t.Errorf("Has = %v, want %v", got, tt.want)
				}
			})
		})
	}
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const maximum = 8 * cacheShards
		c := NewCache(time.Minute, maximum)
		for id := range uint64(10 * maximum) {
			c.Put(id, []byte("stored"), []byte("secret"))
			if !c.Has(id, []byte("stored"), []byte("secret")) {
				t.Fatalf("entry %d was not kept", id)
			}
		}
		if c.Len() != maximum {
			t.Errorf("%d entries, want %d", c.Len(), maximum)
		}
		time.Sleep(time.Minute)
		for id := range uint64(cacheShards) {
			c.Put(1<<32+id, []byte("stored"), []byte("secret"))
		}
		if c.Len() > maximum/2 {
			t.Errorf("%d entries, want those that have expired to make room", c.Len())
		}
	})
}

func TestANilCacheIsEmpty(t *testing.T) {
	t.Parallel()
	var c *Cache
	c.Put(1, []byte("stored"), []byte("secret"))
	c.Drop(1)
	if c.Has(1, []byte("stored"), []byte("secret")) || c.Len() != 0 {
		t.Error("a nil Cache holds something")
	}
}

func TestVerifyEntryUsesTheCacheForSlowHashesOnly(t *testing.T) {
	t.Parallel()
	o := quick(Argon2id)
	o.CacheTTL = time.Minute
	h := newHasher(t, o)
	s := acquire(t, h)
	slow := mustHash(t, o, "secret")
	fast := []byte("{SSHA}HkU7SmWG0V9fv7Hmyz2KLO9cq0u0MpnY")
	steps := []struct {
		name       string
		do         func() Verdict
		want       Verdict
		wantHashes uint64 // so far
	}{
		{"fast", func() Verdict { return s.VerifyEntry(1, [][]byte{fast}, []byte("secret")) }, Verdict{OK: true, NeedsUpgrade: true}, 0},
		{"fast again", func() Verdict { return s.VerifyEntry(1, [][]byte{fast}, []byte("secret")) }, Verdict{OK: true, NeedsUpgrade: true}, 0},
		{"wrong", func() Verdict { return s.VerifyEntry(1, [][]byte{slow}, []byte("wrong")) }, Verdict{}, 1},
		{"wrong again", func() Verdict { return s.VerifyEntry(1, [][]byte{slow}, []byte("wrong")) }, Verdict{}, 2},
		{"right", func() Verdict { return s.VerifyEntry(1, [][]byte{slow}, []byte("secret")) }, Verdict{OK: true}, 3},
		{"right again", func() Verdict { return s.VerifyEntry(1, [][]byte{slow}, []byte("secret")) }, Verdict{OK: true, Cached: true}, 3},
		{"right, second of two values", func() Verdict { return s.VerifyEntry(1, [][]byte{[]byte("{SSHA}"), slow}, []byte("secret")) }, Verdict{OK: true, Cached: true, Index: 1}, 3},
		{"without the cache", func() Verdict { return s.Verify([][]byte{slow}, []byte("secret")) }, Verdict{OK: true}, 4},
		{"another entry", func() Verdict { return s.VerifyEntry(2, [][]byte{slow}, []byte("secret")) }, Verdict{OK: true}, 5},
		{"wrong after right", func() Verdict { return s.VerifyEntry(1, [][]byte{slow}, []byte("wrong")) }, Verdict{}, 6},
		{"dropped", func() Verdict {
			h.Cache().Drop(1)
			return s.VerifyEntry(1, [][]byte{slow}, []byte("secret"))
		}, Verdict{OK: true}, 7},
	}
	for _, st := range steps {
		if got := st.do(); got != st.want {
			t.Errorf("%s: %+v, want %+v", st.name, got, st.want)
		}
		if got := h.Stats().Hashes; got != st.wantHashes {
			t.Errorf("%s: %d hashes so far, want %d", st.name, got, st.wantHashes)
		}
	}
	if got := h.Stats().CacheHits; got != 2 {
		t.Errorf("%d hits, want 2", got)
	}
}

// TestRecallNeedsNoWorker: what the cache knows is answered while all workers hash.
func TestRecallNeedsNoWorker(t *testing.T) {
	t.Parallel()
	o := quick(Argon2id)
	o.CacheTTL, o.Workers = time.Minute, 1
	h := newHasher(t, o)
	stored := [][]byte{[]byte("{SSHA}"), mustHash(t, o, "secret")}
	if v := h.Recall(1, stored, []byte("secret")); v != (Verdict{}) {
		t.Errorf("before a verification: %+v", v)
	}
	s := acquire(t, h) // the only one, held to the end
	s.VerifyEntry(1, stored, []byte("secret"))
	before := h.Stats().Hashes
	for password, want := range map[string]Verdict{"secret": {OK: true, Cached: true, Index: 1}, "wrong": {}, "": {}} {
		if got := h.Recall(1, stored, []byte(password)); got != want {
			t.Errorf("%q: %+v, want %+v", password, got, want)
		}
	}
	if v := h.Recall(2, stored, []byte("secret")); v.OK {
		t.Errorf("another entry: %+v", v)
	}
	if after := h.Stats().Hashes; after != before {
		t.Errorf("%d hashes were computed", after-before)
	}
}
