package password

import (
	"bufio"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
)

// vector is one line of testdata/vectors.txt.
type vector struct {
	line      int
	cleartext []byte
	stored    []byte
}

func readVectors(t testing.TB) (vectors []vector) {
	t.Helper()
	f, err := os.Open("testdata/vectors.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	for line := 1; s.Scan(); line++ {
		if s.Text() == "" || strings.HasPrefix(s.Text(), "#") {
			continue
		}
		quoted, err := strconv.QuotedPrefix(s.Text())
		if err != nil {
			t.Fatalf("line %d: %v", line, err)
		}
		cleartext, err := strconv.Unquote(quoted)
		if err != nil {
			t.Fatalf("line %d: %v", line, err)
		}
		vectors = append(vectors, vector{line, []byte(cleartext), []byte(s.Text()[len(quoted)+1:])})
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return vectors
}

// match is Verify without a worker and without the cost of a failure.
func match(stored, cleartext []byte) bool {
	s, body := split(stored)
	return s != nil && s.match(body, cleartext)
}

func TestVectorsMatchTheirPasswordOnly(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, v := range readVectors(t) {
		name, known := Scheme(v.stored)
		if !known {
			t.Errorf("line %d: scheme %q is not known", v.line, name)
			continue
		}
		seen[name] = true
		if name != "" {
			if err := CheckStored(v.stored); err != nil {
				t.Errorf("line %d: CheckStored(%s) = %v", v.line, v.stored, err)
			}
		}
		if !match(v.stored, v.cleartext) {
			t.Errorf("line %d: %s does not match %q", v.line, v.stored, v.cleartext)
		}
		for _, wrong := range [][]byte{v.cleartext[:len(v.cleartext)-1], append([]byte{'x'}, v.cleartext...)} {
			if !isDES(v.stored) && len(wrong) > 0 && match(v.stored, wrong) {
				t.Errorf("line %d: %s matches %q", v.line, v.stored, wrong)
			}
		}
	}
	for _, s := range schemes {
		if !seen[s.name] {
			t.Errorf("no vector for {%s}", s.name)
		}
	}
}

// TestBigcrypt: every segment of eight characters counts, and the number of them.
func TestBigcrypt(t *testing.T) {
	t.Parallel()
	stored := "{CRYPT}goo17k9CyNAKYhAOf7Iub4V2l6wDf9ud3tI" // slappasswd -h {CRYPT} -s abcdefghijklmnopq
	for cleartext, want := range map[string]bool{
		"abcdefghijklmnopq": true, "abcdefghijklmnopqr": false, "abcdefghijklmnop": false, "abcdefgh": false, "abcdefghijklmnopr": false,
		"abcdefghxjklmnopq": false, "abcdefghijklmnopqrstuvwxyz": false, strings.Repeat("a", MaxPasswordBytes): false,
	} {
		if got := match([]byte(stored), []byte(cleartext)); got != want {
			t.Errorf("match(%s, %q) = %v, want %v", stored, cleartext, got, want)
		}
	}
	for name, body := range map[string]string{
		"half a segment": stored[:len(stored)-1], "a character of no crypt": stored[:len(stored)-1] + "!",
		"seventeen segments": "{CRYPT}" + strings.Repeat("a", 2+17*11), "a salt alone": "{CRYPT}ab",
	} {
		if err := CheckStored([]byte(body)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// isDES tells the one method that cuts passwords: to eight characters.
func isDES(stored []byte) bool { return len(stored) == len("{CRYPT}")+desCryptBytes }

func TestDESCryptIgnoresWhatFollowsTheEighthCharacter(t *testing.T) {
	t.Parallel()
	stored := []byte("{CRYPT}ab1iBa.N.U2C6") // perl -e 'print crypt("12345678", "ab")'
	for cleartext, want := range map[string]bool{"12345678": true, "123456789": true, "1234567": false, "12345679": false} {
		if got := match(stored, []byte(cleartext)); got != want {
			t.Errorf("match(%s, %q) = %v, want %v", stored, cleartext, got, want)
		}
	}
}
