package bundle

import (
	"os"
	"testing"

	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// exampleSchema is the standard schema and what the examples need.
func exampleSchema(t testing.TB) *schema.Schema {
	t.Helper()
	f, err := os.Open("testdata/examples.schema")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := schema.NewBuilder()
	if err := b.AddFile(f.Name(), f); err != nil {
		t.Fatal(err)
	}
	s, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func read(t testing.TB, path string) Source {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return Source{path, text}
}

func TestExamples(t *testing.T) {
	t.Parallel()
	b, err := Load([]Source{read(t, "testdata/examples.yaml")}, Options{
		Schema: exampleSchema(t), NamingContexts: []directory.NDN{"dc=example,dc=com"}, Strict: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := len(b.Documents); got != 13 {
		t.Errorf("%d documents, want 13", got)
	}
}
