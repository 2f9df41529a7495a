package bundle

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkLoad is a bundle of a thousand statements, as an administrator writes it and as it is kept.
func BenchmarkLoad(b *testing.B) {
	var text strings.Builder
	text.WriteString("policy: p\nstatements:\n")
	for i := range 1_000 {
		fmt.Fprintf(&text, `  - id: s%d
    effect: allow
    subject: {group: "cn=group%d,ou=groups,dc=example,dc=com"}
    target: {base: "ou=unit%d,ou=people,dc=example,dc=com", filter: "(&(objectClass=inetOrgPerson)(departmentNumber=%d))"}
    actions: [view, write]
    attributes: [cn, sn, mail, telephoneNumber, title]
    when: {tls: required, network: [10.0.0.0/8]}
`, i, i%50, i%20, i)
	}
	source := Source{"p.yaml", []byte(text.String())}
	loaded := load(b, Options{}, source)
	for name, s := range map[string]Source{"yaml": source, "canonical": {"p.json", loaded.Canonical()}} {
		b.Run(name+"/1000-statements", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(s.Text)))
			for b.Loop() {
				if _, err := Load([]Source{s}, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
