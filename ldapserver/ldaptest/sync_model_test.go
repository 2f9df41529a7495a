package ldaptest_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"gatehouse/ldapserver/ldaptest"
)

// modelPolicy lets helper see what the searches of the model ask for.
var modelPolicy = syncPolicy + allow("more", `dn: "uid=helper`+inPeople+`"`, `base: "dc=example,dc=com"`, "view", "attributes: [memberUid, manager, roomNumber]")

// markedIn are the places of the entries that say that all is done.
var markedIn = []string{",ou=people," + ldaptest.Base, ",ou=team" + inPeople, ",ou=groups," + ldaptest.Base, "," + ldaptest.Base}

// TestSyncModel lets many write at random while the policy changes, and clients follow by persistent searches and by polling. At the end
// each has what a search finds.
func TestSyncModel(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	w := newSyncWorld(t, ldaptest.WithLDIF(strings.Join([]string{
		unixGroup("unix", 7001, "memberUid: s1", "memberUid: s2", "memberUid: alice"),
		unixGroup("unixer", 7002, "groupOfNames", memberOf("member", inUnixGroups("unix")), memberOf("member", inUnixPeople("bob"))),
	}, "\n")))
	w.apply(modelPolicy)
	polling, persisting := make(map[string]*replica), make(map[string]*replica)
	for name, s := range map[string]struct {
		base, filter string
		scope        int64
		attrs        []string
	}{
		"everything":  {ldaptest.Base, "(objectClass=*)", 2, []string{"*", "+"}},
		"people":      {"ou=people," + ldaptest.Base, "(&(objectClass=person)(!(title=gone)))", 2, []string{"uid", "title", "memberOf"}},
		"members":     {ldaptest.Base, "(memberOf=cn=viewers" + inGroups + ")", 2, []string{"1.1"}},
		"groups":      {"ou=groups," + ldaptest.Base, "(objectClass=*)", 1, []string{"cn", "member", "memberUid"}},
		"by uid":      {"ou=groups," + ldaptest.Base, "(|(memberUid=s1)(member=uid=s2" + inPeople + "))", 1, []string{"cn"}},
		"one place":   {"ou=team" + inPeople, "(objectClass=*)", 1, []string{"uid"}},
		"tops":        {ldaptest.Base, "(objectClass=*)", 1, []string{"ou", "numSubordinates"}},
		"by a chain":  {ldaptest.Base, "(manager:1.2.840.113556.1.4.1941:=uid=s1" + inPeople + ")", 2, []string{"uid"}},
		"the manager": {ldaptest.Base, "(manager=*)", 2, []string{"uid", "manager"}},
	} {
		filter := "(|" + s.filter + "(uid=marker))"
		polling[name] = w.follow("helper", s.base, s.scope, filter, s.attrs...)
		polling[name].poll()
		p := w.follow("helper", s.base, s.scope, filter, s.attrs...)
		p.begin(refreshAndPersist)
		p.until("refreshPresent")
		persisting[name] = p
	}
	var writing, following sync.WaitGroup
	for n := range 4 {
		c := dialWire(t, w.Server, ldaptest.AdminDN, ldaptest.AdminPassword)
		r := rand.New(rand.NewPCG(seed, uint64(n)))
		writing.Go(func() {
			for range 100 {
				if m := c.result(anyWrite(r)); m.code == 80 || m.code == 1 || m.code == 2 {
					t.Errorf("%s", m.reply())
				}
			}
		})
	}
	stop := make(chan struct{})
	following.Go(func() {
		for {
			for name, r := range polling {
				if r.poll(); r.code != 0 {
					t.Errorf("poll of %s: %d", name, r.code)
				}
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	for i := range 6 {
		w.apply(modelPolicy + deny("now", `dn: "uid=helper`+inPeople+`"`, fmt.Sprintf(`base: "dc=example,dc=com", filter: "(uid=s%d)"`, i), "view", `attributes: ["*"]`, "reason: x"))
	}
	w.apply(modelPolicy)
	writing.Wait()
	close(stop)
	following.Wait()
	for _, place := range markedIn {
		w.must(addOp("uid=marker"+place, "objectClass: inetOrgPerson", "uid: marker", "cn: m", "sn: m"))
	}
	for name, p := range persisting {
		want := p.found(w.Server, "uid=helper"+inPeople, "helper-secret")
		for strings.Count(p.has(), "uid=marker,") < strings.Count(want, "uid=marker,") {
			p.event()
		}
		p.until("cookie")
		differ(t, name+", persistent", p.has(), want)
		r := polling[name]
		r.poll()
		differ(t, name+", polled", r.has(), want)
	}
}

func differ(t *testing.T, name, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	had, has := map[string]bool{}, map[string]bool{}
	for line := range strings.Lines(want + "\n") {
		had[line] = true
	}
	for line := range strings.Lines(got + "\n") {
		if has[line] = true; !had[line] {
			t.Errorf("%s: has %s", name, line)
		}
	}
	for _, line := range slices.Sorted(maps.Keys(had)) {
		if !has[line] {
			t.Errorf("%s: lacks %s", name, line)
		}
	}
}

// anyWrite draws a change of a few people and groups. Many of them are refused.
func anyWrite(r *rand.Rand) []byte {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	uid := fmt.Sprintf("s%d", r.IntN(6))
	place := pick(",ou=people,"+ldaptest.Base, ",ou=team"+inPeople, ",ou=archive,"+ldaptest.Base)
	who := "uid=" + uid + place
	group := "cn=" + pick("plain", "viewers", "filtered", "unix", "unixer") + inGroups
	other := pick("uid="+uid+inPeople, who, "cn=plain"+inGroups, "cn=filtered"+inGroups, "uid=alice"+inPeople)
	switch r.IntN(12) {
	case 0, 1, 2:
		return addOp(who, "objectClass: inetOrgPerson", "objectClass: posixAccount", "uid: "+uid, "cn: c", "sn: s", "uidNumber: 1", "gidNumber: 1", "homeDirectory: /")
	case 3:
		return deleteOp(who)
	case 4:
		return modifyOp(who, "replace title "+pick("gone", "one", "two"))
	case 5:
		return modifyOp(who, pick("replace roomNumber 9", "replace roomNumber 1", "replace manager uid=s1"+inPeople, "replace manager "+who, "replace manager "+other))
	case 6:
		return renameOp(who, "uid="+pick("s1", "s2", "s3"), "")
	case 7:
		return renameOp(who, "uid="+uid, pick("ou=people,"+ldaptest.Base, "ou=team"+inPeople, "ou=archive,"+ldaptest.Base))
	case 8:
		return modifyOp(group, pick("add", "delete")+" member "+other)
	case 9:
		return modifyOp("cn=unix"+inGroups, pick("add", "delete")+" memberUid "+uid)
	case 10:
		return modifyOp(group, pick("replace roomNumber 9", "replace description x", "replace businessCategory y"))
	default:
		return renameOp("ou=nest,ou=team"+inPeople, "ou=nest", pick("ou=team"+inPeople, "ou=free"+inPeople))
	}
}
