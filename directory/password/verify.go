package password

import "time"

// Verdict is the answer of a verification. The zero Verdict is a failure.
type Verdict struct {
	// OK says that the password is right.
	OK bool
	// Index is the place in stored of the value that matched; 0 if none did.
	Index int
	// NeedsUpgrade says that the value that matched is not what Slot.Hash would make today and that Slot.Hash can replace
	// it. It is false if Options.Upgrade is.
	NeedsUpgrade bool
	// Cached says that the cache answered in place of a hash.
	Cached bool
	// Unusable is how many stored values cannot be verified because they are malformed, out of bounds, of an unknown
	// scheme, or too many; it is counted only if the password is wrong. It is for the log, not for the client.
	Unusable int
	// Extra is the time that stored values of other schemes and costs than the configured one took beside the one hash of the
	// configured cost. Who must not be told by the time of an answer what is stored makes up for it.
	Extra time.Duration
}

// Verify reports whether cleartext is the password that one of the stored values was made of. stored is empty for an entry
// that has none or does not exist. An empty password is never right. If the answer is no, at least one hash of the configured
// cost has been computed. Fast digests are tried first and neither allocate nor wait. It keeps neither argument.
func (s Slot) Verify(stored [][]byte, cleartext []byte) Verdict {
	return s.hasher().verify(nil, 0, stored, cleartext)
}

// VerifyEntry is Verify for the stored values of the entry with that ID, answered by the Hasher's Cache in place of a slow hash
// if it can.
func (s Slot) VerifyEntry(entryID uint64, stored [][]byte, cleartext []byte) Verdict {
	h := s.hasher()
	return h.verify(h.cache, entryID, stored, cleartext)
}

// Recall reports whether the cache knows that cleartext is right for one of the stored values of the entry. It needs no worker, so
// that clients that log in again and again neither wait behind slow hashes nor are told that all workers are busy. A verdict that is
// not OK says nothing.
func (h *Hasher) Recall(entryID uint64, stored [][]byte, cleartext []byte) Verdict {
	stored = stored[:min(len(stored), MaxStoredValues)]
	if len(cleartext) == 0 || len(cleartext) > MaxPasswordBytes {
		return Verdict{}
	}
	i, ok := h.cache.find(entryID, stored, cleartext)
	if !ok {
		return Verdict{}
	}
	h.cacheHit.Add(1)
	v := h.success(i, stored[i], cleartext)
	v.Cached = true
	return v
}

func (h *Hasher) verify(cache *Cache, entryID uint64, stored [][]byte, cleartext []byte) Verdict {
	all := stored
	stored = stored[:min(len(stored), MaxStoredValues)]
	var spent cost
	if len(cleartext) > 0 && len(cleartext) <= MaxPasswordBytes {
		if i, ok := matchFast(stored, cleartext); ok {
			return h.success(i, stored[i], cleartext)
		}
		if i, ok := cache.find(entryID, stored, cleartext); ok {
			h.cacheHit.Add(1)
			v := h.success(i, stored[i], cleartext)
			v.Cached = true
			return v
		}
		for i, value := range stored {
			if h.matchSlow(value, cleartext, &spent) {
				cache.Put(entryID, value, cleartext)
				v := h.success(i, value, cleartext)
				v.Extra = spent.extra
				return v
			}
		}
	}
	if !spent.paid {
		h.burn(cleartext)
	}
	v := Verdict{Unusable: len(all) - len(stored), Extra: spent.extra}
	for _, value := range stored {
		if !h.usable(value) {
			v.Unusable++
		}
	}
	return v
}

func matchFast(stored [][]byte, cleartext []byte) (index int, ok bool) {
	for i, value := range stored {
		if s, body := split(value); s != nil && s.fast && len(value) <= MaxStoredBytes && s.match(body, cleartext) {
			return i, true
		}
	}
	return 0, false
}

// cost is what slow stored values have cost in one verification.
type cost struct {
	paid  bool // one hash of the configured cost
	extra time.Duration
}

func (c *cost) add(took time.Duration, configured bool) {
	if configured && !c.paid {
		c.paid = true
		return
	}
	c.extra += took
}

// matchSlow reports whether value matches.
func (h *Hasher) matchSlow(value, cleartext []byte, spent *cost) bool {
	s, body := split(value)
	if s == nil || s.fast || !h.usable(value) {
		return false
	}
	began := time.Now()
	if memory, _ := s.inspect(body); memory > h.options.slotBytes() {
		h.large <- struct{}{}
		defer func() { <-h.large }()
	}
	configured := h.costsConfigured(s, body, cleartext)
	if configured {
		h.hashes.Add(1)
	}
	ok := s.match(body, cleartext)
	spent.add(time.Since(began), configured)
	return ok
}

// usable reports whether value is within the bounds of the package and of the memory of h.
func (h *Hasher) usable(value []byte) bool {
	s, body := split(value)
	if s == nil || len(value) > MaxStoredBytes {
		return false
	}
	memory, err := s.inspect(body)
	return err == nil && memory <= h.largeBytes
}

func (h *Hasher) success(index int, value, cleartext []byte) Verdict {
	return Verdict{OK: true, Index: index, NeedsUpgrade: h.options.Upgrade && !h.isCurrent(value) && h.CheckNew(cleartext) == nil}
}

// isCurrent reports whether value is what Hash would make with the present options.
func (h *Hasher) isCurrent(value []byte) bool {
	s, body := split(value)
	switch {
	case s == nil:
		return false
	case h.options.Scheme == Argon2id && s.name == "ARGON2":
		v, err := parseArgon2(body)
		return err == nil && v.sameAs(h.options.Argon2)
	case h.options.Scheme == Bcrypt && s.name == "CRYPT":
		cost, ok := bcryptCostOf(body)
		return ok && cost == h.options.BcryptCost
	}
	return false
}

// costsConfigured reports whether matching body, which is usable, computes the configured function at the configured cost. One that
// costs more is no measure of it: what it takes does not grow with its parameters alone.
func (h *Hasher) costsConfigured(s *scheme, body, cleartext []byte) bool {
	switch {
	case h.options.Scheme == Argon2id && s.name == "ARGON2":
		v, err := parseArgon2(body)
		return err == nil && v.Argon2 == h.options.Argon2
	case h.options.Scheme == Bcrypt && s.name == "CRYPT":
		cost, ok := bcryptCostOf(body)
		return ok && cost == h.options.BcryptCost && checkBcryptPassword(cleartext) == nil
	}
	return false
}

// burn computes one hash of the configured cost, so that a failure costs the same whatever was stored.
func (h *Hasher) burn(cleartext []byte) {
	h.hashes.Add(1)
	h.dummies.Add(1)
	cleartext = cleartext[:min(len(cleartext), MaxPasswordBytes)]
	switch h.options.Scheme {
	case Bcrypt:
		burnBcrypt(h.options.BcryptCost, cleartext)
	default:
		dummy := argon2Value{Argon2: h.options.Argon2, id: true, salt: make([]byte, argon2SaltBytes), key: make([]byte, argon2KeyBytes)}
		dummy.derive(cleartext)
	}
}
