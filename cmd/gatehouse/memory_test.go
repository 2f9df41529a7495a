package main

import (
	"log/slog"
	"runtime/debug"
	"testing"

	"gatehouse/config"
)

// TestLimitMemory is not parallel: the limit is the process's.
func TestLimitMemory(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	cfg := &config.Config{}
	cfg.Storage.Memory, cfg.Password.Memory = 512<<20, 256<<20
	t.Setenv("GOMEMLIMIT", "")
	limitMemory(cfg, slog.New(slog.DiscardHandler))
	if got := debug.SetMemoryLimit(-1); got != 1<<30 {
		t.Errorf("the limit is %d", got)
	}
	debug.SetMemoryLimit(before)
	t.Setenv("GOMEMLIMIT", "2GiB")
	limitMemory(cfg, slog.New(slog.DiscardHandler))
	if got := debug.SetMemoryLimit(-1); got != before {
		t.Errorf("with GOMEMLIMIT the limit becomes %d", got)
	}
}
