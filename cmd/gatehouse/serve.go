package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/config"
	"gatehouse/ldapserver"
	"gatehouse/storage"
)

const serveHelp = `Serve a data directory over LDAP until SIGINT or SIGTERM.

SIGHUP, and a change of the configuration file or of a certificate, reload what can change without a restart; a configuration
with a problem is refused as a whole, and the running one stays.

--dev needs nothing: it makes ./gatehouse-data with sample people and groups below dc=example,dc=com, listens on
127.0.0.1:3389 (ldap) and 127.0.0.1:3636 (ldaps), and prints how to reach it. Running it again keeps the data.`

type serveFlags struct {
	dataFlags
	listen []string
	dev    bool
}

func newServeCommand() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use: "serve", Short: "Run the server", Long: serveHelp, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.register(cmd)
	cmd.Flags().StringArrayVar(&f.listen, "listen", nil, "address, such as ldap://0.0.0.0:389, ldaps://, ldapi:///PATH or systemd: (may be repeated)")
	cmd.Flags().BoolVar(&f.dev, "dev", false, "a server to try things with: sample data, no settings needed")
	return cmd
}

// settings loads the configuration with the flags of serve on top.
func (f *serveFlags) settings() (*config.Config, error) {
	flags := map[string]any{}
	if f.data != "" {
		flags["data"] = f.data
	}
	if len(f.listen) > 0 {
		flags["listen"] = f.listen
	}
	if f.dev {
		if err := devSettings(flags); err != nil {
			return nil, err
		}
	}
	return loadSettings(f.config, flags)
}

func (f *serveFlags) run(cmd *cobra.Command) error {
	cfg, err := f.settings()
	if err != nil {
		return err
	}
	dir, err := dataDirOf(cfg)
	if err != nil {
		return err
	}
	var hello func(addresses []string)
	if f.dev {
		if hello, err = prepareDev(cmd, cfg, dir); err != nil {
			return err
		}
	}
	s := &service{dir: dir, flags: f, level: new(slog.LevelVar)}
	s.level.Set(cfg.Log.Level)
	s.log = newLogger(cfg, os.Stderr, s.level)
	for _, name := range config.StrangeEnviron(os.Environ()) { // without the value, which may be a secret
		s.log.Warn("an environment variable that begins with GATEHOUSE_ is no setting, and is passed over", "variable", name)
	}
	limitMemory(cfg, s.log)
	// From here on a SIGHUP is a reload: one that comes during a long start waits for its end.
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	if err := s.start(cfg); err != nil {
		return errors.Join(err, s.stop())
	}
	if hello != nil {
		hello(s.addresses())
	}
	err = s.wait(cmd.Context(), hup)
	return errors.Join(err, s.stop())
}

// service is a running server with everything around it.
type service struct {
	dir   dataDir
	flags *serveFlags
	log   *slog.Logger
	level *slog.LevelVar

	cfg       *config.Config
	watched   watched
	node      *node
	tls       *tlsFiles
	listeners []*ldapserver.Listener
	server    *ldapserver.Server
	control   *controlServer
	socket    net.Listener
	failed    chan error // what ends the service
}

// start opens everything; what was opened when it fails is closed by stop.
func (s *service) start(cfg *config.Config) (err error) {
	s.cfg, s.failed = cfg, make(chan error, 16)
	if s.node, err = openNode(s.dir, cfg, s.log); err != nil {
		return err
	}
	s.tls = &tlsFiles{own: serverCertificate{dir: s.dir.tls(), host: cfg.ServerName}, log: s.log}
	if _, err := s.tls.renew(cfg, time.Now()); err != nil {
		return err
	}
	if err := s.tls.load(cfg); err != nil {
		return err
	}
	if s.listeners, err = openListeners(cfg); err != nil {
		return err
	}
	s.node.addresses = s.addresses()
	if s.socket, err = listenControl(s.dir); err != nil {
		return err
	}
	s.server = ldapserver.New(ldapserver.Options{
		Backend: backend{s.node.directory}, TLS: s.tls.current, Log: s.log, Limits: serverLimits(cfg),
	})
	s.control = newControlServer(s.node, s.log)
	go func() { _ = s.server.Serve(s.control.ldapListener()) }() // ends with the server
	s.watched.look(s.files())
	go func() {
		if err := s.control.http.Serve(controlListener{s.socket, s.log}); !errors.Is(err, net.ErrClosed) && !isServerClosed(err) {
			s.failed <- fmt.Errorf("control socket: %w", err)
		}
	}()
	for _, l := range s.listeners {
		s.log.Info("listening", "address", listenerURL(l))
		go func() {
			if err := s.server.Serve(l); !errors.Is(err, ldapserver.ErrServerClosed) {
				s.failed <- err
			}
		}()
	}
	if cfg.Storage.VerifyOnStart != "full" { // then openNode has
		go s.verify()
	}
	s.log.Info("serving", "version", programVersion(), "data", string(s.dir), "change", uint64(s.node.store.Published()), "pid", os.Getpid())
	return notifySystemd("READY=1")
}

// verify reads all tables of the store once, behind the first answers; a store that is damaged is served no longer.
func (s *service) verify() {
	if err := s.node.db.VerifyChecksums(context.Background()); errors.Is(err, storage.ErrCorrupt) {
		s.failed <- explainOpen(s.dir, err)
	}
}

// How often the service looks after itself.
const (
	watchInterval = time.Second
	renewInterval = time.Hour
)

// wait runs until the service is to end: nil after a signal, otherwise what went wrong.
func (s *service) wait(ctx context.Context, hup <-chan os.Signal) error {
	watch, renew := time.NewTicker(watchInterval), time.NewTicker(renewInterval)
	defer watch.Stop()
	defer renew.Stop()
	for {
		select {
		case <-ctx.Done():
			s.log.Info("stopping: a signal came")
			return nil
		case err := <-s.failed:
			return err
		case err := <-s.node.store.Failed():
			return fmt.Errorf("the store can no longer write; what was answered is safe, and shows after a restart: %w", err)
		case <-hup:
			s.reload("SIGHUP")
		case <-watch.C:
			if s.watched.look(s.files()) {
				s.reload("a file has changed")
			}
		case <-renew.C:
			s.renew()
		}
	}
}

// stop ends the service: the listeners first, then what clients have begun, then the store.
func (s *service) stop() error {
	var errs []error
	errs = append(errs, notifySystemd("STOPPING=1"))
	ctx, cancel := context.WithTimeout(context.Background(), s.cfg.ShutdownWait)
	defer cancel()
	if s.server == nil {
		for _, l := range s.listeners {
			errs = append(errs, l.Close())
		}
	} else {
		s.server.Shutdown(ctx)
	}
	if s.control != nil {
		s.control.shutdown(ctx)
	}
	if s.socket != nil {
		if err := s.socket.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
		errs = append(errs, os.Remove(s.dir.control()))
	}
	if s.node != nil {
		errs = append(errs, s.node.close())
		s.log.Info("stopped")
	}
	return errors.Join(errs...)
}

// addresses lists where the server listens, as URLs.
func (s *service) addresses() []string {
	var list []string
	for _, l := range s.listeners {
		list = append(list, listenerURL(l))
	}
	return list
}

// files lists the files whose change means a reload.
func (s *service) files() []string {
	c := s.cfg.TLS
	files := []string{config.FileFrom(s.flags.config), filepath.Join(s.cfg.Data, dataSettings), c.Certificate, c.Key, c.ClientCA}
	if c.Certificate == "" {
		files = append(files, s.tls.own.certFile(), s.tls.own.keyFile())
	}
	return slices.DeleteFunc(files, func(f string) bool { return f == "" })
}

// watched remembers what files looked like.
type watched map[string]fileState

type fileState struct {
	modified time.Time
	size     int64
	inode    uint64
}

// look reports whether a file has changed since the last look. Files that are looked at for the first time have not.
func (w *watched) look(files []string) (changed bool) {
	next := make(watched, len(files))
	for _, name := range files {
		var state fileState
		// A symbolic link that is pointed elsewhere, as Kubernetes does, shows in what it points to.
		if path, err := filepath.EvalSymlinks(name); err == nil {
			if info, err := os.Stat(path); err == nil {
				state = fileState{modified: info.ModTime(), size: info.Size()}
				if sys, ok := info.Sys().(*syscall.Stat_t); ok {
					state.inode = sys.Ino
				}
			}
		}
		next[name] = state
		if old, known := (*w)[name]; known && old != state {
			changed = true
		}
	}
	*w = next
	return changed
}
