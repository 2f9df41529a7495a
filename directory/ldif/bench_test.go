package ldif_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"gatehouse/directory"
	"gatehouse/directory/ldif"
)

// export is what slapcat writes for n people, about 1.2 KB each.
func export(n int) []byte {
	var b bytes.Buffer
	key := strings.Repeat("AAAAC3NzaC1lZDI1NTE5", 12)
	for i := range n {
		fmt.Fprintf(&b, `dn: uid=user%[1]d,ou=people,dc=example,dc=com
objectClass: top
objectClass: person
objectClass: organizationalPerson
objectClass: inetOrgPerson
objectClass: posixAccount
objectClass: shadowAccount
uid: user%[1]d
cn: User Number %[1]d
sn: Number %[1]d
givenName: User
mail: user%[1]d@example.com
uidNumber: %[1]d
gidNumber: %[1]d
homeDirectory: /home/user%[1]d
loginShell: /bin/bash
userPassword:: e1NTSEF9MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=
sshPublicKey: %s
structuralObjectClass: inetOrgPerson
entryUUID: 3f0c3f1e-1f2d-4a5b-9c6d-7e8f9a0b1c2d
creatorsName: cn=admin,dc=example,dc=com
createTimestamp: 20260101120000Z
entryCSN: 20260101120000.000000Z#000000#000#000000
modifiersName: cn=admin,dc=example,dc=com
modifyTimestamp: 20260101120000Z

`, i, strings.Join([]string{"ssh-ed25519 " + key[:50], key[:75], key[75:150], key[150:225]}, "\n "))
	}
	return b.Bytes()
}

func BenchmarkRead(b *testing.B) {
	in := export(5000)
	b.Run("stream", func(b *testing.B) {
		b.SetBytes(int64(len(in)))
		b.ReportAllocs()
		for b.Loop() {
			r := ldif.NewReader(bytes.NewReader(in), ldif.Options{})
			for {
				if _, err := r.Next(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("chunks", func(b *testing.B) {
		b.SetBytes(int64(len(in)))
		b.ReportAllocs()
		for b.Loop() {
			s := ldif.NewSplitter(bytes.NewReader(in), 1<<20, ldif.Options{})
			r := ldif.NewChunkReader(ldif.Chunk{}, ldif.Options{})
			var c ldif.Chunk
			for {
				var err error
				if c, err = s.Next(c.Data); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					b.Fatal(err)
				}
				r.Reset(c)
				for _, err := range r.All() {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		}
	})
}

func BenchmarkWriteEntry(b *testing.B) {
	rec, err := ldif.NewReader(bytes.NewReader(export(1)), ldif.Options{}).Next()
	if err != nil {
		b.Fatal(err)
	}
	var attrs []directory.Attribute
	for _, a := range rec.Attributes {
		attrs = append(attrs, directory.NewAttribute(&directory.AttributeDescription{Name: a.Attr}, a.Values...))
	}
	w := ldif.NewWriter(io.Discard)
	b.SetBytes(int64(len(export(1))))
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Entry(rec.DN, attrs); err != nil {
			b.Fatal(err)
		}
	}
}

// TestReadAllocations states the budget: after the first records, a record costs nothing.
func TestReadAllocations(t *testing.T) {
	r := ldif.NewReader(bytes.NewReader(export(1200)), ldif.Options{})
	next := func() {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}
	for range 100 {
		next()
	}
	if got := testing.AllocsPerRun(1000, next); got != 0 {
		t.Errorf("%v allocations for a record", got)
	}
}
