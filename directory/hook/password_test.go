package hook_test

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/hook"
	"gatehouse/directory/ldif"
	"gatehouse/directory/schema"
)

// TestPasswordWithOptionsIsRefused: only userPassword itself is hashed, so that a clear value under another description would stay
// clear on disk.
func TestPasswordWithOptionsIsRefused(t *testing.T) {
	t.Parallel()
	s := schema.Standard()
	suffixes, err := dit.NewSuffixes(s, "dc=example,dc=com")
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := dit.NewSealer(dit.SealerOptions{Schema: s, Suffixes: suffixes, Hooks: hook.Standard(), Now: time.Now(), Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	seal := func(attribute string) error {
		text := "dn: uid=a,dc=example,dc=com\nobjectClass: inetOrgPerson\nuid: a\ncn: A\nsn: A\n" + attribute + ": secret\n"
		rec, err := ldif.NewReader(strings.NewReader(text), ldif.Options{}).Next()
		if err != nil {
			t.Fatal(err)
		}
		_, err = sealer.Seal(rec)
		return err
	}
	if err := seal("userPassword"); err != nil {
		t.Errorf("userPassword: %v", err)
	}
	if err := seal("userPassword;lang-de"); directory.CodeOf(err) != directory.ConstraintViolation {
		t.Errorf("userPassword;lang-de: got %v, want constraintViolation", err)
	}
}
