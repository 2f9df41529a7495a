package password

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"hash"
	"sync"
	"time"

	"golang.org/x/crypto/blake2b"
)

// Cache remembers for a short time which password was right for which stored value of which entry, so that a client that binds
// again and again pays for one slow hash only. It holds keyed digests, never a password; the key is random and lives as long as
// the Cache. It replaces the hash alone: the caller still checks state, policy and time, and calls Drop whenever the
// credentials or the state of an entry change. A stored value that has changed is not found even without Drop.
//
// A nil *Cache is empty and stays so. The methods are safe for concurrent use.
type Cache struct {
	ttl    time.Duration
	key    [32]byte
	shards [cacheShards]cacheShard
}

const (
	cacheShards = 16
	// cachePerEntry is how many right passwords are remembered for one entry: its old and its new one, or two devices.
	cachePerEntry = 2
)

type cacheShard struct {
	mu      sync.Mutex
	maximum int
	entries map[uint64][cachePerEntry]remembered
}

// remembered is one right password; the zero value has expired.
type remembered struct {
	digest digest
	until  time.Time
}

type digest [blake2b.Size256]byte

// NewCache returns a Cache that remembers at most about maxEntries entries, each verification for ttl.
func NewCache(ttl time.Duration, maxEntries int) *Cache {
	c := &Cache{ttl: ttl}
	rand.Read(c.key[:])
	for i := range c.shards {
		c.shards[i].maximum = (maxEntries + cacheShards - 1) / cacheShards
		c.shards[i].entries = make(map[uint64][cachePerEntry]remembered)
	}
	return c
}

func (c *Cache) shard(entryID uint64) *cacheShard { return &c.shards[entryID%cacheShards] }

// digest is a keyed BLAKE2b-256 (RFC 7693 section 2.9) of the three, in which no two triples look alike.
func (c *Cache) digest(entryID uint64, stored, cleartext []byte) (d digest) {
	mac := c.mac()
	var head [16]byte
	binary.BigEndian.PutUint64(head[:8], entryID)
	binary.BigEndian.PutUint64(head[8:], uint64(len(stored)))
	mac.Write(head[:])
	mac.Write(stored)
	mac.Write(cleartext)
	mac.Sum(d[:0])
	return d
}

func (c *Cache) mac() hash.Hash {
	mac, err := blake2b.New256(c.key[:])
	if err != nil {
		panic(err) // only for a key of more than 64 bytes
	}
	return mac
}

// Has reports whether cleartext was Put for that entry and stored value within the time to live.
func (c *Cache) Has(entryID uint64, stored, cleartext []byte) bool {
	if c == nil {
		return false
	}
	s := c.shard(entryID)
	s.mu.Lock()
	known := s.entries[entryID]
	s.mu.Unlock()
	now := time.Now()
	if !known[0].until.After(now) && !known[1].until.After(now) {
		return false
	}
	want, found := c.digest(entryID, stored, cleartext), 0
	for _, r := range known {
		if r.until.After(now) {
			found |= subtle.ConstantTimeCompare(r.digest[:], want[:])
		}
	}
	return found == 1
}

// find looks for the slow ones among the stored values of an entry.
func (c *Cache) find(entryID uint64, stored [][]byte, cleartext []byte) (index int, ok bool) {
	for i, value := range stored {
		if c.Has(entryID, value, cleartext) {
			return i, true
		}
	}
	return 0, false
}

// Put remembers that cleartext is right for that entry and stored value. It is called only after a hash has said so.
func (c *Cache) Put(entryID uint64, stored, cleartext []byte) {
	if c == nil {
		return
	}
	now := time.Now()
	r := remembered{c.digest(entryID, stored, cleartext), now.Add(c.ttl)}
	s := c.shard(entryID)
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.entries[entryID]
	if !ok && len(s.entries) >= s.maximum {
		s.evict(now)
	}
	oldest := 0
	for i := range known {
		if known[i].until.Before(known[oldest].until) {
			oldest = i
		}
	}
	known[oldest] = r
	s.entries[entryID] = known
}

// evict makes room for one entry: it looks at a few in the random order of the map and removes those that have expired, or
// else the first.
func (s *cacheShard) evict(now time.Time) {
	const look = 8
	var victim uint64
	seen, removed := 0, 0
	for id, known := range s.entries {
		if seen == 0 {
			victim = id
		}
		if !known[0].until.After(now) && !known[1].until.After(now) {
			delete(s.entries, id)
			removed++
		}
		if seen++; seen == look {
			break
		}
	}
	if removed == 0 {
		delete(s.entries, victim)
	}
}

// Drop forgets what is known of an entry.
func (c *Cache) Drop(entryID uint64) {
	if c == nil {
		return
	}
	s := c.shard(entryID)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.entries, entryID)
}

// Len returns how many entries are held, the expired ones included.
func (c *Cache) Len() (n int) {
	if c == nil {
		return 0
	}
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		n += len(s.entries)
		s.mu.Unlock()
	}
	return n
}
