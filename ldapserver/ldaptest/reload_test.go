package ldaptest_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
	"gatehouse/directory"
	"gatehouse/ldapserver/ldaptest"
)

// reloads are the policies that take turns: both allow what the clients do.
func reloads() [2]string {
	base := allow("view", actor, whole, "view, add-entry, delete-entry, write", anyName) + allow("mine", "self: true", whole, "password.change")
	return [2]string{
		statements(base, deny("other", "anyone: true", `base: "ou=frozen,dc=example,dc=com"`, "view", anyName)),
		statements(base, allow("more", `group: "cn=viewers,ou=groups,dc=example,dc=com"`, whole, "view", anyName)),
	}
}

// TestReloadUnderLoad: while 200 policies come, every request of clients that hammer is answered as both policies say.
func TestReloadUnderLoad(t *testing.T) {
	t.Parallel()
	const count = 200
	policies := reloads()
	w := newWorld(t, policies[0])
	const hammers = 4
	rounds, stop, failed := make(chan struct{}, 1), make(chan struct{}), make(chan error, hammers)
	var clients sync.WaitGroup
	for n := range hammers {
		c := w.as("helper")
		clients.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if err := hammer(w, c, n, i); err != nil {
					failed <- fmt.Errorf("client %d, round %d: %w", n, i, err)
					return
				}
				select {
				case rounds <- struct{}{}:
				default:
				}
			}
		})
	}
	for i := range count {
		select {
		case <-rounds: // some requests between any two
			w.apply(policies[i%2])
		case err := <-failed:
			t.Fatal(err)
		}
	}
	close(stop)
	clients.Wait()
	close(failed)
	for err := range failed {
		t.Error(err)
	}
}

// hammer makes one round of requests, each of which must succeed.
func hammer(w *world, c *ldap.Conn, n, i int) error {
	found, err := search(c, "ou=people,"+ldaptest.Base, "(|(uid=alice)(uid=bob))")
	if err != nil || len(found) != 2 {
		return fmt.Errorf("search: %q, %w", found, err)
	}
	dn := fmt.Sprintf("ou=load%d%s", n, inPeople)
	if err := addEntry(c, unit(dn)); err != nil {
		return fmt.Errorf("add: %w", err)
	}
	if err := modify(c, dn, fmt.Sprintf("replace description %d", i)); err != nil {
		return fmt.Errorf("modify: %w", err)
	}
	if is, err := c.Compare(dn, "description", fmt.Sprint(i)); err != nil || !is {
		return fmt.Errorf("compare: %t, %w", is, err)
	}
	if err := remove(c, dn); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	fresh, err := ldap.DialURL(w.URL)
	if err != nil {
		return err
	}
	defer fresh.Close()
	if err := fresh.Bind("uid=alice"+inPeople, "alice-secret"); err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	return nil
}

// TestReloadTakesEffect: the next operation of an open connection is decided by the new policy.
func TestReloadTakesEffect(t *testing.T) {
	t.Parallel()
	view := statements(allow("view", actor, inFolk, "view", anyName))
	w := newWorld(t, "")
	c := w.as("helper")
	for i := range 20 {
		if sees(t, c) {
			t.Fatalf("round %d: seen without a statement", i)
		}
		w.apply(view)
		if !sees(t, c) {
			t.Fatalf("round %d: not seen with it", i)
		}
		w.apply("")
	}
}

// TestReloadOfNonsense: what does not load changes nothing.
func TestReloadOfNonsense(t *testing.T) {
	t.Parallel()
	w := newWorld(t, statements(allow("view", actor, inFolk, "view", anyName)))
	c := w.as("helper")
	version := w.Directory.Policy().Version()
	for name, text := range map[string]string{
		"no YAML": "{", "an unknown key": "policy: x\nstatement: []\n",
		"one good and one bad document": worldPolicy + "---\npolicy: test\nstatements:\n  - {id: x, effect: maybe}\n",
		"two statements of one name":    worldPolicy + "---\npolicy: test\n" + statements(allow("a", actor, inFolk, "view", anyName), allow("a", actor, inFolk, "view", anyName)),
	} {
		if err := w.ApplyPolicy(ldaptest.Policy(text)); err == nil {
			t.Errorf("%s: applied", name)
		}
		if w.Directory.Policy().Version() != version || !sees(t, c) {
			t.Errorf("%s: the policy has changed", name)
		}
	}
}

func (w *world) settings() enact.Settings {
	return enact.Settings{Schema: w.Directory.Schema(), Contexts: []directory.NDN{ldaptest.Base}}
}

// many is a bundle of n statements with groups, subtrees, filters and relations.
func many(n int) string {
	var b strings.Builder
	b.WriteString(worldPolicy + "---\npolicy: test\nstatements:\n")
	for i := range n {
		subject := []string{fmt.Sprintf(`group: "cn=g%d,ou=groups,dc=example,dc=com"`, i), "named-in: [manager]", "self: true", "authenticated: true"}[i%4]
		target := []string{inFolk, whole + `, filter: "(departmentNumber=%d)"`, `base: "ou=u%d,ou=people,dc=example,dc=com"`}[i%3]
		if strings.Contains(target, "%d") {
			target = fmt.Sprintf(target, i)
		}
		b.WriteString(allow(fmt.Sprintf("s%d", i), subject, target, "view", "attributes: [cn, sn, mail, title]"))
	}
	return b.String()
}

// BenchmarkReload is the time from text to a policy in force, for 1,000 statements, and what the first search under it pays.
func BenchmarkReload(b *testing.B) {
	w := newWorld(b, "")
	sources := []bundle.Source{{Name: "many.yaml", Text: []byte(many(1000))}}
	b.Run("load-1000", func(b *testing.B) {
		for b.Loop() {
			if _, err := enact.Load(sources, w.settings()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("first-search", func(b *testing.B) {
		c := w.as("helper")
		for b.Loop() {
			b.StopTimer()
			loaded, err := enact.Load(sources, w.settings())
			if err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			w.Directory.SetPolicy(loaded.Policy)
			if _, err := search(c, "ou=people,"+ldaptest.Base, "(uid=alice)"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
