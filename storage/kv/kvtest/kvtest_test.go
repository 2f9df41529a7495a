package kvtest

import (
	"testing"

	"gatehouse/storage/kv"
	"gatehouse/storage/memkv"
)

// TestOverlayReader holds overlays to the promises of a reader: over nothing, over a snapshot, and
// stacked, with pairs spread over the layers and deleted keys below.
func TestOverlayReader(t *testing.T) {
	overlay := func(base kv.Reader, pairs map[string]string, pick func(i int) bool, noise string) *kv.Overlay {
		o := kv.NewOverlay(base)
		for i, key := range sortedKeys(pairs) {
			if pick(i) {
				o.Put([]byte(key), []byte(pairs[key]))
			}
			if noise != "" {
				o.Put([]byte(key+noise), []byte("noise"))
			}
		}
		return o
	}
	everything := func(int) bool { return true }
	third := func(n int) func(int) bool { return func(i int) bool { return i%3 == n } }
	hide := func(o *kv.Overlay, pairs map[string]string, noise string) *kv.Overlay {
		for key := range pairs {
			o.Delete([]byte(key + noise))
		}
		return o
	}
	t.Run("alone", func(t *testing.T) {
		RunReader(t, func(t testing.TB, pairs map[string]string) kv.Reader {
			return overlay(nil, pairs, everything, "").Freeze()
		})
	})
	t.Run("stacked over a snapshot", func(t *testing.T) {
		RunReader(t, func(t testing.TB, pairs map[string]string) kv.Reader {
			db := memkv.Open(memkv.Options{})
			mustCommit(t, db, 1, overlay(nil, pairs, third(0), "noise1").Freeze().Mutations()...)
			lower := overlay(mustSnapshot(t, db, 1), pairs, third(1), "noise2")
			hide(lower, pairs, "noise1").Freeze()
			return hide(overlay(lower, pairs, third(2), ""), pairs, "noise2").Freeze()
		})
	})
	t.Run("child", func(t *testing.T) {
		RunReader(t, func(t testing.TB, pairs map[string]string) kv.Reader {
			parent := overlay(nil, pairs, third(0), "noise")
			return hide(overlay(parent, pairs, everything, ""), pairs, "noise").Child()
		})
	})
}
