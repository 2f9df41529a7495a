package hook_test

import (
	"testing"

	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/hook"
	"gatehouse/directory/schema"
)

// TestVerify gives each hook an entry that breaks what it keeps, and one that does not.
func TestVerify(t *testing.T) {
	t.Parallel()
	std := schema.Standard()
	const good = "{SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3"
	whole := map[string]string{
		"objectClass": "person", "cn": "a", "sn": "b", "structuralObjectClass": "person", "userPassword": good,
		"entryUUID": "6b9ef7b2-6f1c-403f-8d9e-1f2a3b4c5d6e", "createTimestamp": "20200102030405Z",
		"nsAccountLock": "", "pwdHistory": "", "gatehouseUidNumberRange": "", "gatehouseHomePattern": "",
	}
	stored := func(change, value string) *dit.Stored {
		var attrs []directory.Attribute
		for name, v := range whole {
			if name == change {
				v = value
			}
			desc, err := std.Description(name)
			if err != nil {
				t.Fatal(err)
			}
			if v != "" {
				attrs = append(attrs, directory.NewAttribute(desc, []byte(v)))
			}
		}
		dn, err := directory.ParseDN("cn=a,dc=example")
		if err != nil {
			t.Fatal(err)
		}
		return &dit.Stored{Schema: std, DN: dn, Entry: directory.StoredEntry(attrs)}
	}
	broken := map[string][][2]string{
		"naming":     {{"cn", "b"}, {"cn", ""}},
		"structure":  {{"structuralObjectClass", "device"}, {"structuralObjectClass", ""}, {"objectClass", "device"}},
		"allocation": {{"gatehouseUidNumberRange", "1-2"}, {"gatehouseHomePattern", "home"}},
		"stamp":      {{"entryUUID", ""}, {"createTimestamp", ""}},
		"lock":       {{"nsAccountLock", "TRUE"}},
		"password": {{"userPassword", "in the clear"}, {"userPassword", "{CLEARTEXT}x"},
			{"pwdHistory", "20260101000000Z#1.3.6.1.4.1.1466.115.121.1.40#12#in the clear"}},
	}
	for _, h := range hook.Standard() {
		if err := h.Verify(stored("", "")); err != nil {
			t.Errorf("%s: %v", h.Name(), err)
		}
		if len(broken[h.Name()]) == 0 {
			t.Errorf("%s: no broken entry to try", h.Name())
		}
		for _, b := range broken[h.Name()] {
			if h.Verify(stored(b[0], b[1])) == nil {
				t.Errorf("%s does not see %s %q", h.Name(), b[0], b[1])
			}
		}
	}
}
