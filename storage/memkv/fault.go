package memkv

import (
	"slices"

	"gatehouse/storage/kv"
)

// A Fault is what happens to a commit.
type Fault int

// The faults.
const (
	// NoFault lets the commit succeed.
	NoFault Fault = iota
	// NoSpace answers ErrNoSpace; nothing is written and the DB goes on.
	NoSpace
	// FailLost breaks the DB, and the commit is gone after Crash.
	FailLost
	// FailKept breaks the DB, but the commit is there after Crash, as after a sync that reported
	// an error too late.
	FailKept
)

// A Hook is asked what happens to the n-th commit of a DB (the first is 1), before it has any
// effect. Commit waits for it, so that a Hook that blocks makes a slow commit; readers go on.
type Hook func(n int, ts kv.Timestamp) Fault

// CrashOptions says what a crash loses beyond the commit that is under way.
type CrashOptions struct {
	// Drop loses the commits at these Timestamps while later ones survive, as a flipped bit in a
	// write-ahead file of Badger does. A commit at or below FlushedTimestamp cannot be lost.
	Drop []kv.Timestamp
	// DropAfter, unless 0, loses all commits above it that are not flushed.
	DropAfter kv.Timestamp
	// Hook is the hook of the new DB.
	Hook Hook
}

// Crash ends db without a close and returns the DB that is found after it. A commit under way is
// lost. The old DB answers ErrBroken; its open snapshots stay readable.
func (db *DB) Crash(opt CrashOptions) *DB {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.failed = kv.ErrBroken

	next := Open(db.opt)
	next.opt.Hook, next.opt.FlushEvery = opt.Hook, 0
	// All states up to the floor are in tables. The later ones are made anew from the log.
	next.states, next.base = []state{db.base}, db.base
	if i := db.stateAt(db.flushed); i >= 0 {
		next.states = slices.Clone(db.states[:i+1])
	}
	next.flushed, next.highest = db.flushed, db.flushed
	for _, l := range db.log {
		lost := slices.Contains(opt.Drop, l.ts) || (opt.DropAfter > 0 && l.ts > opt.DropAfter)
		if !lost && l.ts > next.states[len(next.states)-1].ts {
			next.apply(l.ts, l.muts)
		}
	}
	horizon := db.registry.Horizon()
	next.registry.Restore(horizon)
	next.highest = max(next.highest, horizon)
	next.opt.FlushEvery = db.opt.FlushEvery
	return next
}

// Reopen closes db and returns the DB that is found by the next open. Its hook stays.
func (db *DB) Reopen() *DB {
	hook := db.opt.Hook
	_ = db.Close()
	return db.Crash(CrashOptions{Hook: hook})
}
