package badgerkv

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// Options configures Open. The zero value of everything but Dir is the documented default.
type Options struct {
	// Dir is the directory of the store. It is made when it is missing. One process at a time
	// has it open; the file system is ext4 or xfs.
	Dir string
	// MemoryBudget is what the whole process may use, in bytes; the write buffers are sized from
	// it. 0 is plenty.
	MemoryBudget int64
	// ReserveBytes is the free space of the file system that is never touched: below it commits
	// answer kv.ErrNoSpace. It covers what Badger writes by itself (tables, compactions), because
	// a full disk under a memory map kills the process. 0 is eight write buffers and the size of the
	// tables that one compaction rewrites, at most about 800 MiB; negative is no check at all.
	ReserveBytes int64
	// VerifyOnOpen reads all tables at open (about 200 ms per GB in memory) and refuses to open
	// when a checksum is wrong. Without it VerifyChecksums finds the same later.
	VerifyOnOpen bool
	// ReadOnly opens a store that was closed cleanly without changing anything in it.
	ReadOnly bool
	// Logger gets the messages of Badger; nil drops them. They never hold values.
	Logger *slog.Logger

	memTableBytes int64 // for tests; 0 is derived from MemoryBudget
}

// Sizes of one write buffer, in bytes. A batch is at most 15 % of it.
const (
	memTableBytesMin = 16 << 20
	memTableBytesMax = 32 << 20
)

// The shape of the tree of tables. A merge from level 0 rewrites what it meets in the base level, which for keys in no
// order is all of it: a small base level is rewritten as often as a large one, and then once more on its way down. Badger's
// default of 10 MiB puts two levels between level 0 and a store of 200 MiB. More tables in level 0 make merges
// rarer, and let a read look at more filters, which costs searches by name or member nothing that can be measured. Changes
// of one attribute by 64 writers on 100,000 entries for half a minute took, merges included, with Badger's sizes 203 us of
// CPU and 12.5 KB written each, with these 168 us and 4.4 KB, on a machine that was busy with other things too.
const (
	baseLevelBytes   = 256 << 20
	baseTableBytes   = 4 << 20 // smaller ones cost an index of 3 MiB each to build, larger ones memory in each builder
	levelZeroTables  = 8       // from which on they are merged
	levelZeroStopped = 16      // at which writes wait
)

// withDefaults fills in what the caller left open.
func (o Options) withDefaults() Options {
	if o.memTableBytes == 0 {
		o.memTableBytes = memTableBytesMax
		if o.MemoryBudget > 0 {
			// Up to four buffers are alive at a time; together they take a quarter at most.
			o.memTableBytes = min(max(o.MemoryBudget/16, memTableBytesMin), memTableBytesMax)
		}
	}
	return o
}

// badger returns the settings of Badger, each with its reason.
func (o Options) badger() badger.Options {
	b := badger.DefaultOptions(o.Dir)
	b.SyncWrites = false      // the wal type syncs each commit, with one sync instead of two
	b.DetectConflicts = false // one sequencer decides
	b.NumVersionsToKeep = 1   // and all above the discard timestamp
	b.Compression = options.None
	b.BlockCacheSize = 0 // the page cache does it, faster
	b.MemTableSize = o.memTableBytes
	b.NumMemtables = 2
	b.NumCompactors = 2
	b.BaseLevelSize = baseLevelBytes
	b.BaseTableSize = min(baseTableBytes, o.memTableBytes)
	b.NumLevelZeroTables = levelZeroTables
	b.NumLevelZeroTablesStall = levelZeroStopped
	b.ValueLogFileSize = 1 << 20 // it stays empty
	b.ValueThreshold = min(1<<20, o.memTableBytes*15/100)
	b.MetricsEnabled = false // process-wide expvar counters
	b.ReadOnly = o.ReadOnly
	b.BypassLockGuard = true // lockDir takes the same lock
	b.ChecksumVerificationMode = options.NoVerification
	if o.VerifyOnOpen {
		b.ChecksumVerificationMode = options.OnTableRead
	}
	b.Logger = nil
	if o.Logger != nil {
		b.Logger = logger{o.Logger}
	}
	return b
}

// maxBatch returns what surely fits one transaction of Badger: 15 % of the write buffer with the
// overhead of each entry, and half of its entries.
func (o Options) maxBatch() (bytesMax, keysMax int64) {
	const (
		entryOverhead = 16
		nodeBytes     = 96 // of Badger's skip list, rounded up
	)
	all := o.memTableBytes * 15 / 100
	keysMax = all / nodeBytes / 2
	return all - entryOverhead*keysMax - 4096, keysMax
}

// logger writes the messages of Badger to a slog.Logger. What Badger calls information is detail.
type logger struct{ *slog.Logger }

func (l logger) Errorf(format string, args ...any)   { l.Error(line(format, args)) }
func (l logger) Warningf(format string, args ...any) { l.Warn(line(format, args)) }
func (l logger) Infof(format string, args ...any)    { l.Debug(line(format, args)) }
func (l logger) Debugf(string, ...any)               {}

func line(format string, args []any) string {
	return "badger: " + strings.TrimSpace(fmt.Sprintf(format, args...))
}
