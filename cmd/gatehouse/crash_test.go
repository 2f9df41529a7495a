package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/directory/ldif"
)

const (
	crashWriters = 8
	crashGroups  = 4
	crashRounds  = 50
)

// crashState is what one writer's part of the directory must hold: its organizational unit, the people in it with a
// description each, and who of them is in which group.
type crashState struct {
	ou     string
	people map[string]string            // uid -> description
	groups [crashGroups]map[string]bool // of uids
}

func (s *crashState) clone() *crashState {
	c := &crashState{ou: s.ou, people: maps.Clone(s.people)}
	for i := range s.groups {
		c.groups[i] = maps.Clone(s.groups[i])
	}
	return c
}

func (s *crashState) unit() string         { return "ou=" + s.ou + ",ou=people," + testBase }
func (s *crashState) dn(uid string) string { return "uid=" + uid + "," + s.unit() }

// lines prints the state as the export shows it, for comparison.
func (s *crashState) lines() []string {
	list := []string{"unit " + s.unit()}
	for uid, description := range s.people {
		list = append(list, "person "+s.dn(uid)+" "+description)
		for g, members := range s.groups {
			if members[uid] {
				list = append(list, fmt.Sprintf("member %d %s", g, s.dn(uid)))
			}
		}
	}
	slices.Sort(list)
	return list
}

// crashWriter is one client. acked is what the server has answered for; pending, if not nil, what it would be with the change
// that was under way when the server was killed.
type crashWriter struct {
	id      int
	rng     *rand.Rand
	serial  int
	acked   *crashState
	pending *crashState
	changes int
}

// step makes one change and its request.
func (w *crashWriter) step() (next *crashState, do func(*ldap.Conn) error) {
	s := w.acked.clone()
	w.serial++
	name := fmt.Sprintf("w%d-%d", w.id, w.serial)
	uids := slices.Sorted(maps.Keys(s.people))
	n := w.rng.IntN(100)
	if len(uids) == 0 || n < 25 && len(uids) < 60 {
		s.people[name] = name
		add := ldap.NewAddRequest(s.dn(name), nil)
		add.Attribute("objectClass", []string{"inetOrgPerson"})
		add.Attribute("uid", []string{name})
		add.Attribute("cn", []string{name})
		add.Attribute("sn", []string{"Crash"})
		add.Attribute("description", []string{name})
		return s, func(c *ldap.Conn) error { return c.Add(add) }
	}
	uid := uids[w.rng.IntN(len(uids))]
	old := s.dn(uid)
	switch {
	case n < 45:
		s.people[uid] = name
		m := ldap.NewModifyRequest(old, nil)
		m.Replace("description", []string{name})
		return s, func(c *ldap.Conn) error { return c.Modify(m) }
	case n < 60:
		s.people[name] = s.people[uid]
		delete(s.people, uid)
		for _, members := range s.groups {
			if members[uid] {
				delete(members, uid)
				members[name] = true
			}
		}
		return s, func(c *ldap.Conn) error { return c.ModifyDN(ldap.NewModifyDNRequest(old, "uid="+name, true, "")) }
	case n < 63:
		unit := s.unit()
		s.ou = name
		return s, func(c *ldap.Conn) error { return c.ModifyDN(ldap.NewModifyDNRequest(unit, "ou="+name, true, "")) }
	case n < 88:
		g := w.rng.IntN(crashGroups)
		m := ldap.NewModifyRequest(fmt.Sprintf("cn=g%d,ou=groups,%s", g, testBase), nil)
		if s.groups[g][uid] {
			delete(s.groups[g], uid)
			m.Delete("member", []string{old})
		} else {
			s.groups[g][uid] = true
			m.Add("member", []string{old})
		}
		return s, func(c *ldap.Conn) error { return c.Modify(m) }
	default:
		delete(s.people, uid)
		for _, members := range s.groups {
			delete(members, uid)
		}
		return s, func(c *ldap.Conn) error { return c.Del(ldap.NewDelRequest(old, nil)) }
	}
}

// run makes changes until the server is gone. An answer that is no success is an error.
func (w *crashWriter) run(c *ldap.Conn) error {
	defer c.Close()
	for {
		next, do := w.step()
		w.pending = next
		err := do(c)
		if err == nil {
			w.acked, w.pending = next, nil
			w.changes++
			continue
		}
		if answer, ok := errors.AsType[*ldap.Error](err); ok && answer.ResultCode < ldap.ErrorNetwork {
			return fmt.Errorf("writer %d, change %d: %w", w.id, w.serial, err)
		}
		return nil // the server is gone
	}
}

// TestCrash kills the server with SIGKILL in the middle of 8 writers, again and again: every change that was answered is there,
// one that was not is there whole or not at all, and the store is sound.
func TestCrash(t *testing.T) {
	t.Parallel()
	rounds := crashRounds
	if testing.Short() {
		rounds = 3
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	dir := newData(t)
	var text strings.Builder
	var writers []*crashWriter
	for g := range crashGroups {
		fmt.Fprintf(&text, "dn: cn=g%d,ou=groups,%s\nobjectClass: groupOfNames\ncn: g%d\nmember: %s\n\n", g, testBase, g, testAdmin)
	}
	for i := range crashWriters {
		s := &crashState{ou: fmt.Sprintf("w%d", i), people: map[string]string{}}
		for g := range s.groups {
			s.groups[g] = map[string]bool{}
		}
		fmt.Fprintf(&text, "dn: %s\nobjectClass: organizationalUnit\nou: %s\n\n", s.unit(), s.ou)
		writers = append(writers, &crashWriter{id: i, rng: rand.New(rand.NewPCG(seed, uint64(i)+1)), acked: s})
	}
	gatehouse(t, text.String(), "import", "--data", dir, "-")
	total := 0
	for round := range rounds {
		p := startServer(t, dir)
		var running sync.WaitGroup
		errs := make([]error, len(writers))
		for i, w := range writers {
			c, err := p.dial()
			if err != nil {
				t.Fatal(err)
			}
			w.changes = 0
			running.Go(func() { errs[i] = w.run(c) })
		}
		time.Sleep(20*time.Millisecond + time.Duration(rng.IntN(300))*time.Millisecond)
		p.kill()
		running.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatalf("round %d: %v\n%s", round, err, p.text())
		}
		gatehouse(t, "", "check", "--data", dir)
		found := crashFound(t, gatehouse(t, "", "export", "--data", dir))
		for _, w := range writers {
			w.settle(t, round, found)
			total += w.changes
		}
		if len(found) > 0 {
			t.Fatalf("round %d: nobody wrote %q", round, slices.Collect(maps.Keys(found)))
		}
	}
	if total < rounds*crashWriters {
		t.Errorf("only %d changes were answered in %d rounds: the test shows little", total, rounds)
	}
	t.Logf("%d changes were answered in %d rounds", total, rounds)
}

// settle compares what is there with what must be, and takes it out of found.
func (w *crashWriter) settle(t *testing.T, round int, found map[string]bool) {
	t.Helper()
	for _, s := range []*crashState{w.acked, w.pending} {
		if s == nil {
			continue
		}
		lines := s.lines()
		if slices.ContainsFunc(lines, func(l string) bool { return !found[l] }) {
			continue
		}
		mine := 0
		for l := range found {
			if isOf(l, w.id) {
				mine++
			}
		}
		if mine != len(lines) {
			continue
		}
		for _, l := range lines {
			delete(found, l)
		}
		w.acked, w.pending = s, nil
		return
	}
	var got []string
	for l := range found {
		if isOf(l, w.id) {
			got = append(got, l)
		}
	}
	slices.Sort(got)
	want := "(no change was under way)"
	if w.pending != nil {
		want = strings.Join(w.pending.lines(), "\n  ")
	}
	t.Fatalf("round %d, writer %d\nfound:\n  %s\nanswered:\n  %s\nor:\n  %s", round, w.id,
		strings.Join(got, "\n  "), strings.Join(w.acked.lines(), "\n  "), want)
}

func isOf(line string, id int) bool {
	return strings.Contains(line, fmt.Sprintf("ou=w%d,", id)) || strings.Contains(line, fmt.Sprintf("ou=w%d-", id))
}

// crashFound reads an export into the lines of crashState.
func crashFound(t *testing.T, export string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for rec, err := range ldif.NewReader(bytes.NewReader([]byte(export)), ldif.Options{}).All() {
		if err != nil {
			t.Fatal(err)
		}
		get := func(name string) (values []string) {
			for _, a := range rec.Attributes {
				if a.Attr == name {
					for _, v := range a.Values {
						values = append(values, string(v))
					}
				}
			}
			return values
		}
		switch {
		case strings.HasPrefix(rec.DN, "ou=w"):
			found["unit "+rec.DN] = true
		case strings.HasPrefix(rec.DN, "uid=w"):
			found["person "+rec.DN+" "+strings.Join(get("description"), "|")] = true
		case strings.HasPrefix(rec.DN, "cn=g"):
			for _, m := range get("member") {
				if m != testAdmin {
					found[fmt.Sprintf("member %s %s", rec.DN[4:5], m)] = true
				}
			}
		}
	}
	return found
}
