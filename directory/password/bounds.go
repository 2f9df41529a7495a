package password

// Bounds on what a client or an import may make the server do. Each is checked by CheckStored before a value is written and again
// whenever a value is verified, because values may predate the bound. The parameters of slow schemes are chosen so that one
// verification stays within a few seconds of one core.
const (
	// MaxPasswordBytes is the longest password that is hashed or verified, in bytes. Some schemes take time in the
	// square of the length, and the length comes from a client that has not authenticated.
	MaxPasswordBytes = 1024
	// MaxBcryptPasswordBytes is the longest password that bcrypt takes in; what follows would be ignored, so it is refused.
	MaxBcryptPasswordBytes = 72
	// MaxCryptPasswordBytes is the longest password that crypt(3) takes in (CRYPT_MAX_PASSPHRASE_SIZE).
	MaxCryptPasswordBytes = 512
	// MaxStoredBytes is the longest stored value, in bytes. The longest value of a real exporter has 448.
	MaxStoredBytes = 2048
	// MaxStoredValues is how many values of one entry a verification looks at; each may cost seconds.
	MaxStoredValues = 8

	// MaxArgon2MemoryKiB bounds the memory of one argon2 hash, in KiB (256 MiB).
	MaxArgon2MemoryKiB = 256 << 10
	// MaxArgon2Time bounds the passes of argon2 over its memory.
	MaxArgon2Time = 20
	// MaxArgon2Threads bounds the lanes of argon2; each lane is a goroutine while the hash runs.
	MaxArgon2Threads = 16
	// MinBcryptCost and MaxBcryptCost bound the cost of bcrypt, the base-2 logarithm of its rounds.
	MinBcryptCost, MaxBcryptCost = 4, 16
	// MaxPBKDF2Blocks bounds PBKDF2's iterations times the digest blocks that they produce.
	MaxPBKDF2Blocks = 4_000_000
	// MinSHACryptRounds and MaxSHACryptRounds bound the rounds of $5$ and $6$. The lower one is the algorithm's own.
	MinSHACryptRounds, MaxSHACryptRounds = 1000, 1_000_000
	// MaxYescryptMemoryBytes bounds the memory of one yescrypt hash (128 N r bytes).
	MaxYescryptMemoryBytes = 256 << 20

	maxSchemeNameBytes = 32  // between the braces
	maxSaltBytes       = 128 // no exporter uses more than 64
	maxKeyBytes        = 256 // 389-DS stores 256 bytes of PBKDF2 output
	minKeyBytes        = 16  // a shorter derived key could be hit by chance
	minArgon2SaltBytes = 8   // RFC 9106 section 3.1

	// largestHashBytes is the most memory that any value within the bounds needs.
	largestHashBytes = 256 << 20
	// slotBytes is the least memory that a worker is accounted, so that the usual imported value (yescrypt takes 16 MiB)
	// needs no waiting for more.
	slotBytes = 20 << 20
)
