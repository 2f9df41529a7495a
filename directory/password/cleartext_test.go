package password

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestCleartextPrintsRedacted(t *testing.T) {
	t.Parallel()
	const secret = "sEcReT"
	c := NewCleartext([]byte(secret))
	type holder struct {
		Exported   Cleartext
		unexported Cleartext
		list       []Cleartext
	}
	nested := holder{c, c, []Cleartext{c}}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("bind", "password", c, "nested", nested)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("bind", "password", c, "nested", nested)
	asJSON, err := json.Marshal(nested)
	if err != nil {
		t.Fatal(err)
	}
	asXML, err := xml.Marshal(nested)
	if err != nil {
		t.Fatal(err)
	}
	outputs := []string{log.String(), string(asJSON), string(asXML), c.String(), c.GoString()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10.3s", "%c", "%U", "%t"} {
		direct := fmt.Sprintf(verb, c)
		if direct != redacted {
			t.Errorf("%s prints %s, want %s", verb, direct, redacted)
		}
		outputs = append(outputs, direct, fmt.Sprintf(verb, &c), fmt.Sprintf(verb, nested), fmt.Sprintf(verb, &nested))
	}
	forbidden := []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), strings.Trim(fmt.Sprint([]byte(secret)), "[]")}
	for _, out := range outputs {
		for _, f := range forbidden {
			if strings.Contains(out, f) {
				t.Errorf("%q shows the password as %q", out, f)
			}
		}
	}
}

func TestCleartext(t *testing.T) {
	t.Parallel()
	source := []byte("secret")
	c := NewCleartext(source)
	clear(source)
	if string(c.Bytes()) != "secret" {
		t.Errorf("Bytes = %q, want its own copy", c.Bytes())
	}
	copied, seen := c, c.Bytes()
	c.Clear()
	if copied.Bytes() != nil || !bytes.Equal(seen, make([]byte, 6)) {
		t.Errorf("after Clear the copies hold %q and the bytes are %q", copied.Bytes(), seen)
	}
	if zero := (Cleartext{}); zero.Bytes() != nil || zero.String() != redacted {
		t.Error("the zero Cleartext is not the empty password")
	}
	Cleartext{}.Clear()
}

func TestGenerate(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 200 {
		p := string(Generate().Bytes())
		if len(p) != generatedBytes || strings.Trim(p, generatedAlphabet) != "" || seen[p] {
			t.Errorf("Generate() = %q", p)
		}
		if !strings.ContainsAny(p, "abcdefghijkmnopqrstuvwxyz") || !strings.ContainsAny(p, "ABCDEFGHJKLMNPQRSTUVWXYZ") || !strings.ContainsAny(p, "23456789") {
			t.Errorf("Generate() = %q lacks a kind of character", p)
		}
		seen[p] = true
	}
}
