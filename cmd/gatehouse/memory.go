package main

import (
	"log/slog"
	"os"
	"runtime/debug"

	"gatehouse/config"
)

// memoryAllowance is what a server takes beside the budget of its store and the hashes in progress: the program, the schema, the
// policy, some thousand connections and the requests that they have sent. Requests at all their bounds take more.
const memoryAllowance = 256 << 20

// limitMemory bounds what the process lets garbage take. Without it the process grows to twice what it holds before it
// collects, and so past storage::memory. The limit is a soft one: what is really held may pass it, and is then collected
// more often. An operator who sets GOMEMLIMIT has decided.
func limitMemory(cfg *config.Config, log *slog.Logger) {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	limit := cfg.Storage.Memory + cfg.Password.Memory + memoryAllowance
	debug.SetMemoryLimit(limit)
	log.Debug("memory limit", "bytes", limit)
}
