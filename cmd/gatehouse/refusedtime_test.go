package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// refusedSpread is over how many accounts the wrong passwords go, so that none is locked and no entry grows long.
const refusedSpread = 50

// refusedLockout is a policy that counts wrong passwords and lets through as many as a benchmark sends.
const refusedLockout = "pwdLockout: TRUE\npwdMaxFailure: 90\npwdMaxRecordedFailure: 5\n"

// refusedKinds are the reasons for which a bind is refused, with the lines of an account that is refused for them.
var refusedKinds = []struct {
	name   string
	scheme string // of the stored password; empty for the default
	lines  string
	locked bool
}{
	{name: "unknown"},
	{name: "wrong"},
	{name: "locked", locked: true},
	{name: "disabled", lines: "nsAccountLock: TRUE\n"},
	{name: "nopassword", scheme: "none"},
	{name: "wrong-ssha", scheme: "ssha"},
	{name: "wrong-bcrypt", scheme: "bcrypt"},
	{name: "locked-bcrypt", scheme: "bcrypt", locked: true},
	{name: "wrong-strong", scheme: "strong"},
}

// refusedOfOneScheme is how many of them, from the first, have nothing stored that takes longer than the configured hash.
const refusedOfOneScheme = 6

// refusedHashes are stored passwords of other schemes than the configured one: nobody's.
var refusedHashes = map[string]string{
	"ssha":   "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9gAAAAA",
	"bcrypt": "{CRYPT}$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
	"strong": "{ARGON2}$argon2id$v=19$m=65536,t=3,p=1$c2FsdHNhbHRzYWx0c2FsdA$" + strings.Repeat("A", 43),
}

// BenchmarkRefusedBinds reports how well the time of a refused bind tells why it was refused: the median of each reason and, against an
// unknown user, the statistics of Kolmogorov and Smirnov, and of Mann and Whitney (0.5: as if both were one), each with the
// probability that chance alone makes as much of a difference. -benchtime 400x are 400 binds for each reason, in random order.
func BenchmarkRefusedBinds(b *testing.B) {
	for _, bc := range []struct {
		name   string
		policy string
		kinds  int
		atOnce int
	}{
		{"not-counted", "", refusedOfOneScheme, 1},
		{"lockout", refusedLockout, refusedOfOneScheme, 1},
		{"imported", refusedLockout, len(refusedKinds), 1},
		{"delay-two-at-once", refusedLockout + "pwdMinDelay: 1\npwdMaxDelay: 1\n", refusedOfOneScheme, 2},
	} {
		b.Run(bc.name, func(b *testing.B) {
			kinds := refusedKinds[:bc.kinds]
			server := startServer(b, refusedData(b, bc.policy))
			conns := make([]*ldap.Conn, bc.atOnce)
			for i := range conns {
				var err error
				if conns[i], err = server.dial(); err != nil {
					b.Fatal(err)
				}
				defer conns[i].Close()
			}
			if bc.policy != "" {
				refusedLock(b, conns[0])
			}
			took := make([][]float64, len(kinds))
			order := make([]int, 0, len(kinds))
			for i := range b.N {
				order = order[:0]
				for k := range kinds {
					order = append(order, k)
				}
				rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
				for _, k := range order {
					took[k] = append(took[k], refusedBinds(b, conns, refusedName(k, i), i))
				}
			}
			for k, kind := range kinds {
				slices.Sort(took[k])
				d, p := kolmogorovSmirnov(took[0], took[k])
				u, q := mannWhitney(took[0], took[k])
				if b.N == 1 {
					continue // the trial run of package testing; the log has few lines
				}
				b.Logf("%-14s n=%d median=%.2f p90=%.2f ms  D=%.3f p=%.3f  AUC=%.3f p=%.3f", kind.name, len(took[k]),
					took[k][len(took[k])/2], took[k][len(took[k])*9/10], d, p, u, q)
				b.ReportMetric(took[k][len(took[k])/2], "ms-"+kind.name)
				b.ReportMetric(u, "AUC-"+kind.name)
			}
		})
	}
}

// refusedName is the account of the i-th bind of a kind.
func refusedName(kind, i int) string {
	return fmt.Sprintf("uid=%s%d,ou=people,%s", refusedKinds[kind].name, i%refusedSpread, testBase)
}

func refusedData(b *testing.B, policy string) string {
	b.Helper()
	dir := newData(b)
	hash := strings.TrimSpace(gatehouse(b, "the-right-one\n", "passwd", "-"))
	var entries strings.Builder
	if policy != "" {
		fmt.Fprintf(&entries, "dn: ou=policies,%s\nobjectClass: organizationalUnit\nou: policies\n\n"+
			"dn: cn=default,ou=policies,%s\nobjectClass: applicationProcess\nobjectClass: pwdPolicy\ncn: default\npwdAttribute: userPassword\n%s\n",
			testBase, testBase, policy)
	}
	for k, kind := range refusedKinds[1:] {
		for i := range refusedSpread {
			fmt.Fprintf(&entries, "dn: %s\nobjectClass: inetOrgPerson\ncn: Somebody\nsn: Somebody\nuid: %s%d\n%s", refusedName(k+1, i), kind.name, i, kind.lines)
			stored := hash
			if kind.scheme != "" {
				stored = refusedHashes[kind.scheme]
			}
			if stored != "" {
				fmt.Fprintf(&entries, "userPassword: %s\n", stored)
			}
			entries.WriteByte('\n')
		}
	}
	file := filepath.Join(b.TempDir(), "people.ldif")
	if err := os.WriteFile(file, []byte(entries.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	gatehouse(b, "", "import", "--data", dir, file)
	return dir
}

// refusedLock locks accounts as wrong passwords do, without so many of them.
func refusedLock(b *testing.B, c *ldap.Conn) {
	b.Helper()
	if err := c.Bind("cn=admin,"+testBase, testPassword); err != nil {
		b.Fatal(err)
	}
	at := time.Now().UTC().Add(-time.Minute).Format("20060102150405Z")
	for k, kind := range refusedKinds {
		for i := 0; kind.locked && i < refusedSpread; i++ {
			m := ldap.NewModifyRequest(refusedName(k, i), nil)
			m.Replace("pwdAccountLockedTime", []string{at})
			if err := c.Modify(m); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// refusedBinds returns how many milliseconds it took until binds on all connections at the same time were refused.
func refusedBinds(b *testing.B, conns []*ldap.Conn, name string, i int) float64 {
	var wg sync.WaitGroup
	begin := time.Now()
	for _, c := range conns {
		wg.Go(func() {
			if err := c.Bind(name, fmt.Sprintf("wrong-%d", i)); !ldap.IsErrorWithCode(err, ldap.LDAPResultInvalidCredentials) {
				b.Errorf("%s: %v, want invalidCredentials", name, err)
			}
		})
	}
	wg.Wait()
	return float64(time.Since(begin)) / float64(time.Millisecond)
}

// kolmogorovSmirnov returns the greatest distance of two distributions, and how probable one as great is by chance. Both are sorted.
func kolmogorovSmirnov(x, y []float64) (d, p float64) {
	for i, j := 0, 0; i < len(x) && j < len(y); {
		at := min(x[i], y[j])
		for i < len(x) && x[i] <= at {
			i++
		}
		for j < len(y) && y[j] <= at {
			j++
		}
		d = max(d, math.Abs(float64(i)/float64(len(x))-float64(j)/float64(len(y))))
	}
	n := math.Sqrt(float64(len(x)*len(y)) / float64(len(x)+len(y)))
	l := (n + 0.12 + 0.11/n) * d
	for k := 1.0; k <= 100; k++ {
		p += 2 * math.Pow(-1, k-1) * math.Exp(-2*k*k*l*l)
	}
	if l < 0.2 { // where the series does not converge
		p = 1
	}
	return d, min(1, max(0, p))
}

// mannWhitney returns how probable it is that one of y is greater than one of x, and how probable it is that chance alone takes that as
// far from a half. Both are sorted.
func mannWhitney(x, y []float64) (u, p float64) {
	var wins float64
	for _, v := range y {
		below, _ := slices.BinarySearch(x, v)
		above, _ := slices.BinarySearch(x, math.Nextafter(v, math.Inf(1)))
		wins += float64(below) + float64(above-below)/2
	}
	n, m := float64(len(x)), float64(len(y))
	z := (wins - n*m/2) / math.Sqrt(n*m*(n+m+1)/12)
	return wins / (n * m), math.Erfc(math.Abs(z) / math.Sqrt2)
}
