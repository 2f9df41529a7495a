package schema

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"gatehouse/directory"
)

// fresh returns a schema of the test's own, whose interned descriptions no other test sees.
func fresh(t *testing.T) *Schema {
	t.Helper()
	s, err := NewBuilder().Build()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDescription(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	tests := []struct {
		name, in, want string // want: the printed name, or a word of the error
		code           directory.ResultCode
	}{
		{"name", "cn", "cn", 0},
		{"alias and case", "CommonName", "cn", 0},
		{"oid", "2.5.4.3", "cn", 0},
		{"spelling of the schema", "OBJECTCLASS", "objectClass", 0},
		{"language", "CN;Lang-DE", "cn;lang-de", 0},
		{"sorted", "cn;x-b;lang-de;x-a", "cn;lang-de;x-a;x-b", 0},
		{"repeated", "cn;lang-de;LANG-DE", "cn;lang-de", 0},
		{"binary", "userCertificate;BINARY", "userCertificate;binary", 0},
		{"unknown type", "nothing", "attribute type undefined", directory.UndefinedAttributeType},
		{"empty", "", "attribute type undefined", directory.UndefinedAttributeType},
		{"unknown type with option", "nothing;lang-de", "attribute type undefined", directory.UndefinedAttributeType},
		{"unknown option", "cn;foo", "unrecognized option", directory.UndefinedAttributeType},
		{"binary on text", "cn;binary", "not supported with type", directory.UndefinedAttributeType},
		{"empty option", "cn;", "malformed option", directory.UndefinedAttributeType},
		{"range option", "member;range=0-*", "malformed option", directory.UndefinedAttributeType},
		{"long option", "cn;x-" + strings.Repeat("a", 100), "malformed option", directory.UndefinedAttributeType},
		{"many options", "cn" + strings.Repeat(";x-a", 20), "more than", directory.UndefinedAttributeType},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := s.Description(tt.in)
			if directory.CodeOf(err) != tt.code {
				t.Fatalf("Description(%q) = %v, %v, want %v", tt.in, d, err, tt.code)
			}
			if err != nil {
				if !strings.Contains(err.Error(), tt.want) {
					t.Errorf("Description(%q): %v, want %q", tt.in, err, tt.want)
				}
				return
			}
			if d.Name != tt.want || d.Key != strings.ToLower(tt.want) {
				t.Errorf("Description(%q) = %q, key %q, want %q", tt.in, d.Name, d.Key, tt.want)
			}
			if again, _ := s.Description(strings.ToUpper(tt.in)); again != d {
				t.Errorf("Description(%q) is not interned", tt.in)
			}
			if found := s.Lookup(tt.in); found != d {
				t.Errorf("Lookup(%q) = %v after Description", tt.in, found)
			}
		})
	}
}

func TestLookupNeverInterns(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	for _, name := range []string{"cn;lang-fr", "cn;x-b;x-a", "nothing", "cn;", "cn;foo", "", ";"} {
		for range 2 {
			if d := s.Lookup(name); d != nil {
				t.Errorf("Lookup(%q) = %v, want nil", name, d)
			}
		}
	}
	if s.TypeByName("cn").options.Load() != nil {
		t.Error("Lookup interned a description")
	}
}

func TestDescriptionsAreBounded(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	for i := range optionsPerTypeMax {
		if _, err := s.Description(fmt.Sprintf("cn;x-%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	if d, err := s.Description("cn;x-more"); directory.CodeOf(err) != directory.AdminLimitExceeded {
		t.Errorf("one more description = %v, %v, want adminLimitExceeded", d, err)
	}
	if _, err := s.Description("cn;x-0"); err != nil {
		t.Errorf("a known description beyond the bound: %v", err)
	}
}

func TestDescriptionsAreInternedOnce(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	var wg sync.WaitGroup
	got := make([]*directory.AttributeDescription, 8)
	for i := range got {
		wg.Go(func() {
			for n := range 20 {
				d, err := s.Description(fmt.Sprintf("sn;lang-%c", 'a'+n))
				if err != nil {
					t.Error(err)
				}
				got[i] = d
			}
		})
	}
	wg.Wait()
	for _, d := range got {
		if d != got[0] {
			t.Errorf("two descriptions of one name: %p and %p", d, got[0])
		}
	}
}
