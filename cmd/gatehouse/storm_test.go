package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// storm is who logs in, how often, and how long it goes on: thirty people a second who have not been seen before, each on a connection
// of their own as SSSD makes one, and two hundred logins a second of a few accounts that applications use.
const (
	stormLasts     = 20 * time.Second
	stormPeople    = 30
	stormRepeated  = 200
	stormAccounts  = 4
	stormPassword  = "storm-of-logins"
	stormSearchGap = 2 * time.Millisecond
)

// BenchmarkLoginStorm reports the 99th percentiles of logins, of the repeated ones, and of searches of another client before and during
// a storm, with argon2id at its default cost. -benchtime 1x is one storm.
func BenchmarkLoginStorm(b *testing.B) {
	for _, secure := range []bool{false, true} {
		b.Run(map[bool]string{false: "plain", true: "StartTLS"}[secure], func(b *testing.B) {
			s := newStorm(b, secure)
			for range b.N {
				var calm, searches samples
				s.searchFor(stormLasts/4, &calm)
				s.run(&searches)
				b.ReportMetric(s.logins.p99(), "ms-login-p99")
				b.ReportMetric(s.repeated.p99(), "ms-repeated-p99")
				b.ReportMetric(calm.p99(), "ms-search-p99-calm")
				b.ReportMetric(searches.p99(), "ms-search-p99")
				b.ReportMetric(float64(s.logins.len()), "logins")
			}
		})
	}
}

type storm struct {
	b                testing.TB
	server           *process
	tls              *tls.Config
	next             int // the first person who has not logged in
	logins, repeated samples
}

func newStorm(b testing.TB, secure bool) *storm {
	b.Helper()
	dir := newData(b)
	hash := strings.TrimSpace(gatehouse(b, stormPassword+"\n", "passwd", "-"))
	var people strings.Builder
	for i := range stormPeople*int(stormLasts/time.Second) + stormAccounts {
		fmt.Fprintf(&people, "dn: uid=u%04d,ou=people,%s\nobjectClass: inetOrgPerson\ncn: Person %d\nsn: %d\nuid: u%04d\nuserPassword: %s\n\n",
			i, testBase, i, i, i, hash)
	}
	file := filepath.Join(b.TempDir(), "people.ldif")
	if err := os.WriteFile(file, []byte(people.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	gatehouse(b, "", "import", "--data", dir, file)
	s := &storm{b: b, server: startServer(b, dir), next: stormAccounts}
	if secure {
		pem, err := os.ReadFile(filepath.Join(dir, "tls", "ca.pem"))
		if err != nil {
			b.Fatal(err)
		}
		s.tls = &tls.Config{RootCAs: x509.NewCertPool(), ServerName: "localhost"}
		s.tls.RootCAs.AppendCertsFromPEM(pem)
	}
	return s
}

// run is one storm; searches goes on beside it.
func (s *storm) run(searches *samples) {
	var wg sync.WaitGroup
	wg.Go(func() { s.searchFor(stormLasts, searches) })
	wg.Go(func() {
		s.each(stormPeople, func(i int) { s.login(s.next+i, &s.logins) })
		s.next = stormAccounts
	})
	wg.Go(func() { s.each(stormRepeated, func(i int) { s.login(i%stormAccounts, &s.repeated) }) })
	wg.Wait()
}

// each calls f so many times a second, without waiting for it, and returns when all have ended.
func (s *storm) each(perSecond int, f func(i int)) {
	var wg sync.WaitGroup
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	for i := range perSecond * int(stormLasts/time.Second) {
		wg.Go(func() { f(i) })
		<-tick.C
	}
	wg.Wait()
}

// login is what SSSD does: the root DSE, StartTLS, a bind.
func (s *storm) login(person int, into *samples) {
	begin := time.Now()
	err := func() error {
		c, err := ldap.DialURL(s.server.url)
		if err != nil {
			return err
		}
		defer c.Close()
		if _, err := c.Search(ldap.NewSearchRequest("", ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", []string{"*", "+"}, nil)); err != nil {
			return err
		}
		if s.tls != nil {
			if err := c.StartTLS(s.tls); err != nil {
				return err
			}
		}
		return c.Bind(fmt.Sprintf("uid=u%04d,ou=people,%s", person, testBase), stormPassword)
	}()
	if err != nil {
		s.b.Errorf("person %d: %v", person, err)
		return
	}
	into.add(time.Since(begin))
}

// searchFor searches people by name for a while, on one connection.
func (s *storm) searchFor(d time.Duration, took *samples) {
	c, err := s.server.dial()
	if err != nil {
		s.b.Error(err)
		return
	}
	defer c.Close()
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(stormSearchGap) {
		begin := time.Now()
		found, err := c.Search(ldap.NewSearchRequest(testBase, ldap.ScopeWholeSubtree, 0, 0, 0, false,
			fmt.Sprintf("(uid=u%04d)", took.len()%stormPeople), []string{"cn"}, nil))
		if err != nil || len(found.Entries) != 1 {
			s.b.Errorf("a search beside the storm: %v, %v", found, err)
			return
		}
		took.add(time.Since(begin))
	}
}

// samples are durations. It is safe for concurrent use.
type samples struct {
	mu   sync.Mutex
	list []time.Duration
}

func (s *samples) add(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, d)
}

func (s *samples) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.list)
}

// p99 returns the 99th percentile in milliseconds.
func (s *samples) p99() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.list) == 0 {
		return 0
	}
	slices.Sort(s.list)
	return float64(s.list[len(s.list)*99/100]) / float64(time.Millisecond)
}
