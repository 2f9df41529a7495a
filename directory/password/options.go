package password

import (
	"fmt"
	"runtime"
	"strings"
	"time"
)

// Algorithm names what new passwords are hashed with.
type Algorithm string

// The two algorithms for new passwords.
const (
	Argon2id Algorithm = "argon2id" // stored as {ARGON2}$argon2id$..., the form of slapd's argon2 module
	Bcrypt   Algorithm = "bcrypt"   // stored as {CRYPT}$2b$...
)

// Options says how passwords are hashed and how much of the machine that may take. The zero Options hashes with argon2id at its
// defaults, upgrades nothing and caches nothing; DefaultOptions is what the server uses unless told otherwise.
type Options struct {
	Scheme     Algorithm // "" means Argon2id
	Argon2     Argon2
	BcryptCost int // 0 means 10

	// Workers is how many goroutines may hash at once; 0 means GOMAXPROCS divided by the threads of one hash. Fewer
	// run if MemoryBytes does not suffice.
	Workers int
	// MemoryBytes bounds the blocks of the hashes that run at once; 0 means what Workers need and 256 MiB for an
	// imported value that needs more than a new one. At most half of it is kept for such a value. argon2 takes its
	// blocks from the Go heap and leaves them to the collector, so the process may hold the same amount once more.
	MemoryBytes int64
	// QueueLen is how many callers of Acquire may wait for a worker; 0 means 200 for each worker, about five seconds
	// of argon2id at its defaults.
	QueueLen int

	// Upgrade says whether a Verdict asks for the password to be hashed anew when it is stored in another way than
	// the configured one.
	Upgrade bool

	// CacheTTL is how long a successful verification of a slow hash is remembered; 0 means never.
	CacheTTL time.Duration
	// CacheEntries is how many entries are remembered at most; 0 means 10,000, of about 150 bytes each.
	CacheEntries int
}

// Defaults that are not parameters of a hash.
const (
	defaultBcryptCost   = 10
	defaultQueuePerSlot = 200
	defaultCacheTTL     = 30 * time.Second
	defaultCacheEntries = 10_000

	maxWorkers      = 1024
	maxQueueLen     = 1 << 20
	maxCacheTTL     = 10 * time.Minute
	maxCacheEntries = 1 << 22
)

var defaultArgon2 = Argon2{MemoryKiB: 19456, Time: 2, Threads: 1} // 19 MiB; OWASP's first choice for argon2id

// DefaultOptions returns the defaults of the server: argon2id, upgrades on, a cache of 30 seconds.
func DefaultOptions() Options {
	o := Options{Upgrade: true, CacheTTL: defaultCacheTTL}
	return o.withDefaults()
}

// withDefaults fills in the fields that are zero, as far as they are valid.
func (o Options) withDefaults() Options {
	fill(&o.Scheme, Argon2id)
	fill(&o.Argon2.MemoryKiB, defaultArgon2.MemoryKiB)
	fill(&o.Argon2.Time, defaultArgon2.Time)
	fill(&o.Argon2.Threads, defaultArgon2.Threads)
	fill(&o.BcryptCost, defaultBcryptCost)
	threads := 1
	if o.Scheme == Argon2id {
		threads = int(o.Argon2.Threads)
	}
	fill(&o.Workers, max(1, runtime.GOMAXPROCS(0)/threads))
	fill(&o.MemoryBytes, int64(o.Workers)*o.slotBytes()+largestHashBytes)
	fill(&o.QueueLen, defaultQueuePerSlot*o.Workers)
	fill(&o.CacheEntries, defaultCacheEntries)
	return o
}

func fill[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// slotBytes is the memory that each worker is accounted.
func (o Options) slotBytes() int64 {
	if o.Scheme == Argon2id {
		return max(slotBytes, o.Argon2.memoryBytes())
	}
	return slotBytes
}

// Problem is one thing that is wrong with Options.
type Problem struct {
	Field   string // as in Options, such as "Argon2.Time"
	Message string
}

// OptionsError lists every problem of an Options.
type OptionsError struct{ Problems []Problem }

func (e *OptionsError) Error() string {
	var b strings.Builder
	b.WriteString("password options: ")
	for i, p := range e.Problems {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s %s", p.Field, p.Message)
	}
	return b.String()
}

// Problems returns everything that is wrong with o, by field, or nil.
func (o Options) Problems() (problems []Problem) {
	o = o.withDefaults()
	between := func(field string, value, low, high int64) {
		if value < low || value > high {
			problems = append(problems, Problem{field, fmt.Sprintf("must be from %d to %d", low, high)})
		}
	}
	if o.Scheme != Argon2id && o.Scheme != Bcrypt {
		problems = append(problems, Problem{"Scheme", `must be "argon2id" or "bcrypt"`})
	}
	between("Argon2.MemoryKiB", int64(o.Argon2.MemoryKiB), 8*int64(o.Argon2.Threads), MaxArgon2MemoryKiB)
	between("Argon2.Time", int64(o.Argon2.Time), 1, MaxArgon2Time)
	between("Argon2.Threads", int64(o.Argon2.Threads), 1, MaxArgon2Threads)
	between("BcryptCost", int64(o.BcryptCost), MinBcryptCost, MaxBcryptCost)
	between("Workers", int64(o.Workers), 1, maxWorkers)
	between("MemoryBytes", o.MemoryBytes, 2*o.slotBytes(), 1<<40)
	between("QueueLen", int64(o.QueueLen), 1, maxQueueLen)
	between("CacheEntries", int64(o.CacheEntries), 1, maxCacheEntries)
	if o.CacheTTL < 0 || o.CacheTTL > maxCacheTTL {
		problems = append(problems, Problem{"CacheTTL", fmt.Sprintf("must be from 0 (off) to %v", maxCacheTTL)})
	}
	return problems
}
