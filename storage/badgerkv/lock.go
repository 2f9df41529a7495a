package badgerkv

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"gatehouse/storage/kv"
)

// lockDir takes the lock that Badger takes, flock on the directory itself, exclusive or, for
// reading, shared. Badger's own error cannot be told from others, and its lock would not cover
// what lies beside its files. Closing the file gives the lock back.
func lockDir(dir string, readOnly bool) (*os.File, error) {
	file, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	how := unix.LOCK_EX
	if readOnly {
		how = unix.LOCK_SH
	}
	err = unix.Flock(int(file.Fd()), how|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = kv.ErrLocked
	}
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	return file, nil
}
