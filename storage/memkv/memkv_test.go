package memkv_test

import (
	"testing"

	"gatehouse/storage/kv"
	"gatehouse/storage/kv/kvtest"
	"gatehouse/storage/memkv"
)

func store(opt memkv.Options) kvtest.Store {
	return kvtest.Store{
		New:    func(testing.TB) kv.DB { return memkv.Open(opt) },
		Reopen: func(_ testing.TB, db kv.DB) kv.DB { return db.(*memkv.DB).Reopen() },
	}
}

func TestConformance(t *testing.T) {
	t.Run("flushed by close", func(t *testing.T) { kvtest.Run(t, store(memkv.Options{})) })
	t.Run("flushed often", func(t *testing.T) { kvtest.Run(t, store(memkv.Options{FlushEvery: 2})) })
}

func BenchmarkMemKV(b *testing.B) { kvtest.Bench(b, store(memkv.Options{})) }
