package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

var usnLine = regexp.MustCompile(`saved the state at change (\d+)`)

// TestBackupUnderLoad saves while 4 clients add people, each in order, and restores: the copy is the state at the CSN that the
// backup names, which each client's own answers are held against.
func TestBackupUnderLoad(t *testing.T) {
	t.Parallel()
	dir := newData(t)
	p := startServer(t, dir)
	const clients = 4
	stop := make(chan struct{})
	var running sync.WaitGroup
	started := make(chan struct{}, clients)
	errs := make([]error, clients)
	for i := range clients {
		c, err := p.dial()
		if err != nil {
			t.Fatal(err)
		}
		running.Go(func() {
			defer c.Close()
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				if errs[i] = c.Add(numbered(i, n)); errs[i] != nil {
					return
				}
				if n == 10 {
					started <- struct{}{}
				}
			}
		})
	}
	for range clients {
		<-started
	}
	// One client's state before and after the backup brackets it.
	before := countPeople(t, p)
	file := filepath.Join(t.TempDir(), "backup")
	said := gatehouse(t, "", "backup", "--data", dir, file)
	after := countPeople(t, p)
	if out := gatehouse(t, "", "check", "--data", dir); !strings.HasPrefix(out, "ok: ") {
		t.Errorf("check under load: %s", out)
	}
	close(stop)
	running.Wait()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	copied := filepath.Join(t.TempDir(), "copy")
	gatehouse(t, "", "restore", file, "--data", copied)
	gatehouse(t, "", "check", "--data", copied)
	export := gatehouse(t, "", "export", "--data", copied)
	found := map[int][]int{}
	for _, m := range regexp.MustCompile(`(?m)^dn: uid=c(\d+)-(\d+),`).FindAllStringSubmatch(export, -1) {
		i, _ := strconv.Atoi(m[1])
		n, _ := strconv.Atoi(m[2])
		found[i] = append(found[i], n)
	}
	total := 0
	for i := range clients {
		got := found[i]
		slices.Sort(got)
		total += len(got)
		for n, have := range got {
			if n != have {
				t.Fatalf("client %d: %d is missing, and later ones are there: no state of the store was ever so", i, n)
			}
		}
	}
	if total < before || total > after {
		t.Errorf("%d people in the copy; there were %d before the backup and %d after it", total, before, after)
	}
	m := usnLine.FindStringSubmatch(said)
	if m == nil {
		t.Fatalf("backup said %q", said)
	}
	csn, _ := strconv.Atoi(m[1])
	if csn != total+1 { // every person is one change after the first, which init made
		t.Errorf("the backup says change %d and holds %d people", csn, total)
	}
	if len(found) != clients {
		t.Errorf("clients in the copy: %v", slices.Sorted(maps.Keys(found)))
	}
}

func numbered(i, n int) *ldap.AddRequest {
	uid := fmt.Sprintf("c%d-%d", i, n)
	add := ldap.NewAddRequest("uid="+uid+",ou=people,"+testBase, nil)
	add.Attribute("objectClass", []string{"inetOrgPerson"})
	for _, name := range []string{"uid", "cn", "sn"} {
		add.Attribute(name, []string{uid})
	}
	return add
}

func countPeople(t *testing.T, p *process) int {
	t.Helper()
	c, err := p.dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r, err := c.Search(ldap.NewSearchRequest("ou=people,"+testBase, ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", []string{"numSubordinates"}, nil))
	if err != nil || len(r.Entries) != 1 {
		t.Fatalf("%v, %v", r, err)
	}
	n, err := strconv.Atoi(r.Entries[0].GetAttributeValue("numSubordinates"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}
