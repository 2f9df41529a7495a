package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"gatehouse/config"
)

// dataDir is a data directory. It holds
//
//	store/        the database
//	tls/          the CA, the server's certificate and their keys
//	schema/       schema files behind those of the settings
//	gatehouse.yaml settings below those of --config
//	control.sock  of a running server
//	lock          held by whoever has the store open
type dataDir string

func (d dataDir) store() string   { return filepath.Join(string(d), "store") }
func (d dataDir) tls() string     { return filepath.Join(string(d), "tls") }
func (d dataDir) control() string { return filepath.Join(string(d), "control.sock") }
func (d dataDir) lock() string    { return filepath.Join(string(d), "lock") }

// hasStore reports whether there is a store to open.
func (d dataDir) hasStore() (bool, error) {
	entries, err := os.ReadDir(d.store())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return len(entries) > 0, err
}

// dataFlags are the flags of commands that work on a data directory.
type dataFlags struct {
	data   string
	config string
}

func (f *dataFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.data, "data", "", "data directory (also GATEHOUSE_DATA, or data: in the configuration)")
	f.registerConfig(cmd)
}

func (f *dataFlags) registerConfig(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.config, "config", "", "configuration file (also GATEHOUSE_CONFIG)")
}

// settings loads the configuration.
func (f *dataFlags) settings() (*config.Config, error) {
	flags := map[string]any{}
	if f.data != "" {
		flags["data"] = f.data
	}
	return loadSettings(f.config, flags)
}

func loadSettings(file string, flags map[string]any) (*config.Config, error) {
	sources := config.Sources{File: config.FileFrom(file), Environ: os.Environ(), Flags: flags}
	cfg, err := config.Load(sources)
	if err == nil && cfg.Data != "" {
		base := filepath.Join(cfg.Data, dataSettings)
		if _, statErr := os.Stat(base); statErr == nil {
			sources.Base = base
			cfg, err = config.Load(sources)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("the configuration is not usable:\n%w", err)
	}
	return cfg, nil
}

// open loads the configuration and returns it with the data directory that it names.
func (f *dataFlags) open() (*config.Config, dataDir, error) {
	cfg, err := f.settings()
	if err != nil {
		return nil, "", err
	}
	dir, err := dataDirOf(cfg)
	return cfg, dir, err
}

func dataDirOf(cfg *config.Config) (dataDir, error) {
	if cfg.Data == "" {
		return "", usagef("which data directory? Give --data DIR")
	}
	abs, err := filepath.Abs(cfg.Data)
	return dataDir(abs), err
}

// errInUse says that another process has the data directory.
var errInUse = errors.New("the data directory is in use")

// lockData takes the data directory for this process, and makes it if it is not there. The lock ends with the process or
// when the file is closed.
func lockData(dir dataDir) (*os.File, error) {
	if err := os.MkdirAll(string(dir), 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(dir.lock(), os.O_RDWR|os.O_CREATE|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = fmt.Errorf("%s: %w%s", dir, errInUse, lockHolder(file))
	}
	if err == nil {
		err = file.Truncate(0)
	}
	if err == nil {
		_, err = file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// lockHolder says which process has the lock, as far as it has written that down.
func lockHolder(file *os.File) string {
	var room [20]byte
	n, _ := file.ReadAt(room[:], 0)
	if pid, err := strconv.Atoi(strings.TrimSpace(string(room[:n]))); err == nil {
		return fmt.Sprintf(" by process %d", pid)
	}
	return ""
}
