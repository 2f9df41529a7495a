//go:build race

package dit_test

// raceEnabled says that the race detector runs: its sync.Pool drops things on purpose, so that allocations cannot be counted.
const raceEnabled = true
