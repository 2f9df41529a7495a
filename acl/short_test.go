package acl_test

import (
	"testing"

	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
)

func parsed(t testing.TB, text string) directory.Filter {
	t.Helper()
	f, err := filter.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func tableType(t testing.TB, name string) *schema.AttributeType {
	t.Helper()
	typ := schema.Standard().TypeByName(name)
	if typ == nil {
		t.Fatalf("no attribute %s", name)
	}
	return typ
}
