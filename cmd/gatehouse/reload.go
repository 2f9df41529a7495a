package main

import (
	"errors"
	"net/http"
	"time"

	"gatehouse/config"
)

// reload reads the configuration again and takes over what can change without a restart. A configuration with a problem is
// refused as a whole.
func (s *service) reload(why string) {
	notified := notifySystemd(reloading())
	next, err := s.flags.settings()
	if err == nil {
		err = s.apply(next)
	}
	if err != nil {
		s.log.Error("the new settings are refused as a whole, and the present ones stay", "reason", why, "error", err)
	} else {
		s.log.Info("settings reloaded", "reason", why)
	}
	if err := errors.Join(notified, notifySystemd("READY=1")); err != nil {
		s.log.Warn("systemd was not told", "error", err)
	}
	s.watched.look(s.files())
}

// apply takes over new settings: what may fail is made first.
func (s *service) apply(next *config.Config) error {
	made, err := s.tls.read(next)
	if err != nil {
		return err
	}
	d, before := s.node.directory, s.cfg
	if err := errors.Join(d.SetIdentityRules(identityRules(next)), d.SetLimits(searchLimits(next))); err != nil {
		return errors.Join(err, d.SetIdentityRules(identityRules(before)), d.SetLimits(searchLimits(before)))
	}
	if err := s.node.reloadPolicy(); err != nil {
		s.log.Error("the policy is not loaded again, and the one in force stays", "error", err)
	}
	s.tls.config.Store(made)
	s.level.Set(next.Log.Level)
	for _, key := range config.RestartNeeded(before, next) {
		s.log.Warn("a setting has changed that needs a restart", "key", key)
	}
	s.cfg = next
	return nil
}

// renew makes the server's own certificate anew when it is due.
func (s *service) renew() {
	renewed, err := s.tls.renew(s.cfg, time.Now())
	if err == nil && renewed {
		err = s.tls.load(s.cfg)
	}
	if err != nil {
		s.log.Error("the certificate could not be renewed; the next try is in an hour", "error", err)
	}
	s.watched.look(s.files())
}

func isServerClosed(err error) bool { return errors.Is(err, http.ErrServerClosed) }
