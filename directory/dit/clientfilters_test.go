package dit_test

import (
	"fmt"
	"strings"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/filter"
)

const (
	manyPeople = 1500
	manyGroups = 300
	others     = 40 // of every other kind
)

// fillUnix makes a directory as hosts use it.
func fillUnix(f *fixture) {
	f.Helper()
	for _, ou := range []string{"sudoers", "automount", "netgroups", "services", "hosts", "networks"} {
		f.add("ou="+ou+","+base, "objectClass: organizationalUnit", "ou: "+ou)
	}
	for i := range manyPeople {
		uid := fmt.Sprintf("u%d", i)
		f.add("uid="+uid+","+people, "objectClass: inetOrgPerson", "objectClass: posixAccount", "objectClass: shadowAccount", "uid: "+uid, "cn: "+uid,
			"sn: x", fmt.Sprintf("uidNumber: %d", 20000+i), "gidNumber: 100", "homeDirectory: /home/"+uid, "mail: "+uid+"@example.com")
	}
	for i := range manyGroups {
		cn := fmt.Sprintf("g%d", i)
		lines := []string{"objectClass: posixGroup", "cn: " + cn, fmt.Sprintf("gidNumber: %d", 30000+i)}
		switch i % 3 {
		case 0:
			lines = append(lines, fmt.Sprintf("memberUid: u%d", i), fmt.Sprintf("memberUid: u%d", i+1))
		case 1:
			lines = append(lines, "objectClass: groupOfNames", fmt.Sprintf("member: uid=u%d,%s", i-1, people), "member: cn=g0,"+groups)
		case 2:
			lines = append(lines, "objectClass: groupOfUniqueNames", fmt.Sprintf("uniqueMember: uid=u%d,%s", i-2, people))
		}
		f.add("cn="+cn+","+groups, lines...)
	}
	map1 := "automountMapName=auto.home,ou=automount," + base
	f.add(map1, "objectClass: automountMap", "automountMapName: auto.home")
	f.add("nisMapName=auto.home,ou=automount,"+base, "objectClass: nisMap", "nisMapName: auto.home")
	for i := range others {
		n := fmt.Sprint(i)
		f.add("cn=r"+n+",ou=sudoers,"+base, "objectClass: sudoRole", "cn: r"+n, "sudoUser: u"+n, "sudoUser: %g"+n, "sudoHost: h"+n, "sudoCommand: ALL",
			"sudoOption: !authenticate", "sudoRunAsUser: root", "sudoRunAsGroup: wheel", "sudoOrder: "+n, "sudoNotBefore: 20200101000000Z",
			fmt.Sprintf("sudoNotAfter: 20%02d0101000000Z", 10+i))
		f.add("automountKey=k"+n+","+map1, "objectClass: automount", "automountKey: k"+n, "automountInformation: -fstype=nfs nfs:/home/"+n)
		f.add("cn=k"+n+",nisMapName=auto.home,ou=automount,"+base, "objectClass: nisObject", "cn: k"+n, "nisMapName: auto.home", "nisMapEntry: nfs:/home/"+n)
		f.add("cn=n"+n+",ou=netgroups,"+base, "objectClass: nisNetgroup", "cn: n"+n, "nisNetgroupTriple: (h"+n+",u"+n+",)", "memberNisNetgroup: n0")
		f.add("cn=s"+n+",ou=services,"+base, "objectClass: ipService", "cn: s"+n, "ipServicePort: "+n, "ipServiceProtocol: tcp", "ipServiceProtocol: udp")
		f.add("cn=h"+n+",ou=hosts,"+base, "objectClass: device", "objectClass: ipHost", "objectClass: ieee802Device", "cn: h"+n, "ipHostNumber: 192.0.2."+n, "macAddress: 00:00:00:00:00:"+n)
		f.add("cn=net"+n+",ou=networks,"+base, "objectClass: ipNetwork", "cn: net"+n, "ipNetworkNumber: 10."+n+".0.0")
	}
	f.add("cn=defaults,ou=sudoers,"+base, "objectClass: sudoRole", "cn: defaults", "sudoOption: env_reset")
	f.add("cn=all,ou=sudoers,"+base, "objectClass: sudoRole", "cn: all", "sudoUser: ALL", "sudoUser: +netgroup", "sudoHost: ALL", "sudoHost: +servers", "sudoCommand: ALL")
}

// manyGroupsOf is the part of sudo's filter for a user in many groups.
func manyGroupsOf(n int, not string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "(sudoUser=%s%%g%d)(sudoUser=%s%%#%d)", not, i+10, not, 30010+i)
	}
	return b.String()
}

// TestClientFilters: what clients send is answered from indexes: no filter looks at more entries than it has answers and a few.
func TestClientFilters(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	fillUnix(f)
	at := f.one("uid=u7,"+people, "modifyTimestamp")
	f.clock.Add(100)
	later := f.now().UTC().Format("20060102150405Z")
	const (
		account = "(objectclass=posixAccount)(uid=*)(&(uidNumber=*)(!(uidNumber=0)))"
		group   = "(objectClass=posixGroup)(cn=*)(&(gidNumber=*)(!(gidNumber=0)))"
		hosts   = "(|(&(!(sudoHost=*))(cn=defaults))(sudoHost=ALL)(sudoHost=h5)(sudoHost=h5.example.com)(sudoHost=192.0.2.5)(sudoHost=fe80::1)(sudoHost=+*))"
		times   = "(&(|(!(sudoNotAfter=*))(sudoNotAfter>=20261123141950.0Z))(|(!(sudoNotBefore=*))(sudoNotBefore<=20261123141950.0Z)))"
	)
	sudoUser := "(&(objectClass=sudoRole)(|(sudoUser=u20)(sudoUser=#20020)" + manyGroupsOf(200, "") + "(sudoUser=ALL))" +
		"(!(|(sudoUser=!u20)(sudoUser=!#20020)" + manyGroupsOf(200, "!") + "(sudoUser=!ALL)))" + times + ")"
	userDN, groupDN := "uid=u6,"+people, "cn=g6,"+groups
	for _, test := range []struct {
		who, base, filter string
		scope             directory.Scope
		answers, looked   int
	}{
		{"SSSD user by name", people, "(&(uid=u7)" + account + ")", 2, 1, 1},
		{"SSSD user by name, whole tree", base, "(&(uid=u7)" + account + ")", 2, 1, 1},
		{"SSSD user by number", people, "(&(uidNumber=20007)" + account + ")", 2, 1, 1},
		{"SSSD initgroups user", people, "(&(uid=u7)(objectclass=posixAccount)(&(uidNumber=*)(!(uidNumber=0))))", 2, 1, 1},
		{"SSSD nobody", people, "(&(uid=nobody)" + account + ")", 2, 0, 0},
		{"SSSD initgroups rfc2307", groups, "(&(memberuid=u6)" + group + ")", 2, 3, 4},
		{"SSSD initgroups rfc2307bis", groups, "(&(member=" + userDN + ")(objectClass=posixGroup)(cn=*))", 2, 3, 4},
		{"SSSD initgroups rfc2307bis, next level", groups, "(&(member=cn=g0," + groups + ")(objectClass=posixGroup)(cn=*))", 2, 100, 100},
		{"SSSD initgroups, nobody", groups, "(&(member=uid=nobody," + people + ")(objectClass=posixGroup)(cn=*))", 2, 0, 0},
		{"SSSD group by name", groups, "(&(cn=g7)" + group + ")", 2, 1, 1},
		{"SSSD group by number", groups, "(&(gidNumber=30007)" + group + ")", 2, 1, 1},
		{"SSSD group that users have too", base, "(&(gidNumber=100)" + group + ")", 2, 0, manyGroups},
		{"SSSD enumeration of users", people, "(&(objectclass=posixAccount)(uid=*)(uidNumber=*)(gidNumber=*))", 2, manyPeople + 2, manyPeople + 2},
		{"SSSD enumeration of groups", groups, "(&" + group + ")", 2, manyGroups, manyGroups},
		{"SSSD incremental users", people, "(&(objectclass=posixAccount)(uid=*)(uidNumber=*)(gidNumber=*)(modifyTimestamp>=" + later + ")(!(modifyTimestamp=" + later + ")))", 2, 0, 0},
		{"SSSD incremental users, same second", people, "(&(objectclass=posixAccount)(uid=*)(uidNumber=*)(gidNumber=*)(modifyTimestamp>=" + at + ")(!(modifyTimestamp=" + at + ")))", 2, 0, manyPeople + 2},
		{"SSSD incremental by entryUSN", people, "(&(objectclass=posixAccount)(uid=*)(uidNumber=*)(gidNumber=*)(entryUSN>=1000000)(!(entryUSN=1000000)))", 2, 0, 0},
		{"SSSD incremental groups", groups, "(&" + group + "(modifyTimestamp>=" + later + ")(!(modifyTimestamp=" + later + ")))", 2, 0, 0},
		{"SSSD sudo full refresh", base, "(&(objectClass=sudoRole)" + hosts + ")", 2, 3, others + 2},
		{"SSSD sudo smart refresh", base, "(&(&(objectClass=sudoRole)(modifyTimestamp>=" + later + "))" + hosts + ")", 2, 0, 0},
		{"SSSD automount map", base, "(&(automountMapName=auto.home)(objectclass=automountMap))", 2, 1, 1},
		{"SSSD automount entries", "automountMapName=auto.home,ou=automount," + base, "(&(automountKey=*)(objectclass=automount))", 2, others, others},
		{"SSSD automount entry", "automountMapName=auto.home,ou=automount," + base, "(&(automountKey=k3)(objectclass=automount))", 2, 1, 1},
		{"SSSD nis map", base, "(&(nisMapName=auto.home)(objectclass=nisMap))", 2, 1, 1},
		{"SSSD nis object", base, "(&(cn=k3)(objectclass=nisObject))", 2, 1, 1},
		{"SSSD netgroup", base, "(&(cn=n3)(objectclass=nisNetgroup))", 2, 1, 1},
		{"SSSD service", base, "(&(cn=s3)(objectclass=ipService))", 2, 1, 1},
		{"SSSD service by port", base, "(&(ipServicePort=3)(ipServiceProtocol=tcp)(objectclass=ipService))", 2, 1, 1},
		{"SSSD services", base, "(&(objectclass=ipService)(cn=*)(ipServicePort=*)(ipServiceProtocol=*))", 2, others, others},
		{"SSSD host by address", base, "(&(ipHostNumber=192.0.2.3)(objectclass=ipHost))", 2, 1, 1},
		{"SSSD hosts", base, "(&(objectclass=ipHost)(cn=*)(ipHostNumber=*))", 2, others, others},
		{"SSSD networks", base, "(&(objectclass=ipNetwork)(cn=*)(ipNetworkNumber=*))", 2, others, others},
		{"SSSD network by address", base, "(&(ipNetworkNumber=10.3.0.0)(objectclass=ipNetwork))", 2, 1, 1},
		{"SSSD certificate", base, "(&(userCertificate;binary=x)(objectclass=posixAccount)(uid=*))", 2, 0, 0},
		{"nslcd user", base, "(&(objectClass=posixAccount)(uid=u7))", 2, 1, 1},
		{"nslcd group", base, "(&(objectClass=posixGroup)(gidNumber=30007))", 2, 1, 1},
		{"nslcd groups of a user", base, "(&(objectClass=posixGroup)(|(memberUid=u6)(member=" + userDN + ")))", 2, 3, 4},
		{"nslcd nested", base, "(&(objectClass=posixGroup)(member=cn=g0," + groups + "))", 2, 100, 100},
		{"nslcd shadow", base, "(&(objectClass=shadowAccount)(uid=u7))", 2, 1, 1},
		{"nslcd ethers", base, "(&(objectClass=ieee802Device)(macAddress=00:00:00:00:00:3))", 2, 1, 1},
		{"sudo defaults", base, "(&(objectClass=sudoRole)(cn=defaults))", 2, 1, 1},
		{"sudo user in 200 groups", base, sudoUser, 2, 24, others + 2},
		{"sudo netgroups", base, "(&(objectClass=sudoRole)(|(sudoUser=+*)(sudoUser=!+*))" + times + ")", 2, 1, others + 2},
		{"sudo netgroup lookup", base, "(&(objectClass=nisNetgroup)(|(nisNetgroupTriple=\\28h3,u3,\\29)(nisNetgroupTriple=\\28,u3,\\29)))", 2, 1, 1},
		{"autofs map", base, "(&(objectclass=automountMap)(automountMapName=auto.home))", 2, 1, 1},
		{"autofs entries", "automountMapName=auto.home,ou=automount," + base, "(objectclass=automount)", 2, others, others},
		{"FreeRADIUS group", base, "(&(cn=g7)(objectClass=posixGroup)(|(member=" + userDN + ")(memberUid=u6)))", 2, 1, 4},
		{"mail", base, "(mail=u7@example.com)", 2, 1, 1},
		{"Apache user", base, "(&(objectClass=posixAccount)(uid=u7))", 2, 1, 1},
		{"members of a group", base, "(memberOf=" + groupDN + ")", 2, 0, 0},
		{"one level", people, "(&(uid=u7)(objectclass=posixAccount))", 1, 1, 1},
		{"ldapscripts, a name for a number", base, "(gidNumber=name)", 2, 0, 0},
	} {
		t.Run(test.who, func(t *testing.T) {
			parsed, err := filter.Parse(test.filter)
			if err != nil {
				t.Fatal(err)
			}
			x, err := f.d.Search(t.Context(), f.as(adminDN), &directory.SearchRequest{Base: test.base, Scope: test.scope, Filter: parsed, Attributes: []string{"1.1"}})
			if err != nil {
				t.Fatal(err)
			}
			defer x.Close()
			n := 0
			if err := x.Run(t.Context(), func(*acl.View) error { n++; return nil }); err != nil {
				t.Fatal(err)
			}
			indexed, looked := dit.PlanOf(x)
			if !indexed || n != test.answers || looked > test.looked {
				t.Errorf("indexed %v, %d answers, %d entries looked at; want an index, %d, at most %d", indexed, n, looked, test.answers, test.looked)
			}
		})
	}
}
