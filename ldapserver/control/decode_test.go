package control

import (
	"testing"

	"gatehouse/directory"
)

func TestTableFitsIntoTheMask(t *testing.T) {
	t.Parallel()
	if len(Table) > 64 {
		t.Fatalf("%d rows; Decode notes in 64 bits which it has seen", len(Table))
	}
	seen := map[string]bool{}
	for _, row := range Table {
		if seen[row.OID] || row.Operations == 0 || row.Decode == nil || row.Name == "" {
			t.Errorf("row %s %q is not complete, or stands twice", row.OID, row.Name)
		}
		seen[row.OID] = true
	}
}

func TestUsable(t *testing.T) {
	t.Parallel()
	row := Control{OID: "1.2.3", Name: "test", Operations: Search | Compare, NeedsRight: true}
	yes := func(string) bool { return true }
	no := func(string) bool { return false }
	for _, test := range []struct {
		name      string
		operation Operations
		mayUse    func(string) bool
		want      directory.ResultCode
	}{
		{"its operation and right", Search, yes, directory.Success},
		{"without the right", Compare, no, directory.InsufficientAccessRights},
		{"another operation", Add, yes, directory.UnavailableCriticalExtension},
		{"a request that is none of them", 0, yes, directory.UnavailableCriticalExtension},
	} {
		if got := directory.CodeOf(row.usable(test.operation, test.mayUse)); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	managed := directory.Control{OID: ManageDsaIT, Criticality: true}
	for _, test := range []struct {
		name     string
		controls []directory.Control
		want     directory.ResultCode
	}{
		{"unknown and critical", []directory.Control{{OID: "1.2.3", Criticality: true}}, directory.UnavailableCriticalExtension},
		{"unknown and not critical", []directory.Control{{OID: "1.2.3"}, {OID: "1.2.3"}}, directory.Success},
		{"twice", []directory.Control{managed, managed}, directory.ProtocolError},
		{"known", []directory.Control{managed}, directory.Success},
		{"with a value that it does not take", []directory.Control{{OID: ManageDsaIT, HasValue: true, Value: []byte("x")}}, directory.ProtocolError},
	} {
		req := &directory.SearchRequest{}
		if got := directory.CodeOf(Decode(test.controls, req, func(string) bool { return false })); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
		if known := test.name == "known"; (req.Controls != nil) != known {
			t.Errorf("%s: controls of the request: %+v", test.name, req.Controls)
		}
	}
}
