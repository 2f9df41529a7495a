package ldapserver

import (
	"runtime"
	"time"

	"gatehouse/ldapserver/wire"
)

// Limits bounds what strangers and clients may make the server hold. Every bound of this package is here.
type Limits struct {
	Connections           int           // open at the same time
	ConnectionsPerAddress int           // of them from one address; loopback and local sockets are not counted
	IdleTimeout           time.Duration // a bound connection without a request; 0: never
	BindTimeout           time.Duration // a connection that has not bound, without a request; 0: never
	WriteTimeout          time.Duration // for a client to take what is sent to it
	RequestBytes          int           // one message of a bound connection
	SearchWorkers         int           // searches of unbounded plans that run at once, all connections together
}

// DefaultLimits returns the limits that the configuration has by default.
func DefaultLimits() Limits {
	return Limits{
		Connections: 10_000, ConnectionsPerAddress: 2_000,
		IdleTimeout: time.Hour, BindTimeout: 2 * time.Minute, WriteTimeout: 30 * time.Second,
		RequestBytes: 8 << 20, SearchWorkers: 4 * runtime.GOMAXPROCS(0),
	}
}

const (
	// requestBytesAnonymous bounds one message before a bind: a bind with a client certificate chain or a long SASL token fits.
	requestBytesAnonymous = 64 << 10
	// inputBytes is the buffer that a connection takes when bytes arrive, and gives back when it has none.
	inputBytes = 4 << 10
	// outputBytes is the buffer of answers, which are sent when they take three quarters of it.
	outputBytes = 32 << 10
	// largeOutputBytes is the buffer for one large entry: a group of 4,000 members fits.
	largeOutputBytes = 512 << 10
	// operationsInFlight bounds queued and running operations of one connection; the reader stops reading at it. A stranger
	// has no need of many.
	operationsInFlight          = 128
	operationsInFlightAnonymous = 8
	// operationsBytes bounds the messages of queued and running operations of one connection; one larger operation may be alone.
	operationsBytes = 16 << 20
	// inputBytesAll bounds the buffers of messages that inputBytes does not hold, all bound connections together, and
	// inputBytesAnonymous those of all others: strangers do not keep the bound ones from sending.
	inputBytesAll       = 256 << 20
	inputBytesAnonymous = 64 << 20
	// waitingBytes bounds queued and running requests of more than requestBytesAnonymous, all connections together. Each takes
	// up to four times its size when it is decoded.
	waitingBytes = 128 << 20
	// persistentSearches bounds the persistent searches of content synchronization, all connections together: each looks at every
	// change, which takes about 20 microseconds. persistentPerConnection are those of one connection.
	persistentSearches      = 64
	persistentPerConnection = 4
	// syncPause is the least time between two looks of one persistent search at what has changed: under a load of writes many changes
	// are one look. One that takes longer is followed by a pause as long, but for syncPauseMax.
	syncPause    = 20 * time.Millisecond
	syncPauseMax = 5 * time.Second
	// waitingSearches bounds the searches of unbounded plans that wait for their clients to read, all connections together.
	waitingSearches = 256
	// inlineOperations and inlineTime bound what a reader does at a stretch, without waiting for its client in between, before it
	// flushes and lets other connections run. A client that always has the next request ready would keep a processor.
	inlineOperations = 16
	inlineTime       = time.Millisecond
	// handshakeTimeout bounds a TLS handshake and a PROXY header.
	handshakeTimeout = 15 * time.Second
	// lastWriteTimeout is WriteTimeout for what is still to be sent when a shutdown waits no longer, and while more than
	// waitingSearches wait.
	lastWriteTimeout = time.Second
	// bindLogBurst and bindLogInterval bound the lines about binds that did not succeed: a flood of them writes at most about
	// 40 MiB a day. bindLogNameBytes is how much of a name one shows.
	bindLogBurst     = 100
	bindLogInterval  = time.Second
	bindLogNameBytes = 256
	// janitorInterval is how often idle connections are looked for.
	janitorInterval = time.Second
)

// handshakes bounds TLS handshakes at once: each costs about a millisecond of CPU, and more of them only wait for each other.
var handshakes = 4 * runtime.GOMAXPROCS(0)

// messageLimits bounds the parts of one message. sudo asks with an OR of 400 terms, a group import adds 100,000 members.
var messageLimits = wire.Limits{FilterDepth: 64, FilterTerms: 4096, Attributes: 1024, Changes: 100_000, Values: 1_000_000, Controls: 32}

// messageLimitsAnonymous is messageLimits before a bind.
var messageLimitsAnonymous = wire.Limits{FilterDepth: 32, FilterTerms: 1024, Attributes: 256, Changes: 64, Values: 1024, Controls: 16}
