package control

import (
	"bytes"
	"encoding/hex"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
)

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDecodeSync(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		value  string
		want   directory.SyncRequest
		refuse bool
	}{
		"refresh only":            {value: "30030a0101", want: directory.SyncRequest{Mode: 1}},
		"persist":                 {value: "30030a0103", want: directory.SyncRequest{Mode: 3}},
		"cookie":                  {value: "30070a01010402" + "6162", want: directory.SyncRequest{Mode: 1, Cookie: []byte("ab")}},
		"empty cookie":            {value: "30050a01010400", want: directory.SyncRequest{Mode: 1, Cookie: []byte{}}},
		"reloadHint":              {value: "30060a01010101ff", want: directory.SyncRequest{Mode: 1, ReloadHint: true}},
		"both":                    {value: "30090a0103040161" + "0101ff", want: directory.SyncRequest{Mode: 3, Cookie: []byte("a"), ReloadHint: true}},
		"mode 0":                  {value: "30030a0100", refuse: true},
		"mode 2":                  {value: "30030a0102", refuse: true},
		"mode 259":                {value: "30040a020103", refuse: true},
		"an integer":              {value: "3003020101", refuse: true},
		"nothing":                 {value: "", refuse: true},
		"no mode":                 {value: "3000", refuse: true},
		"cut":                     {value: "30030a01", refuse: true},
		"more":                    {value: "30030a010100", refuse: true},
		"in another order":        {value: "30080a01010101ff0400", refuse: true},
		"what does not end in it": {value: "30030a01010400", refuse: true},
	} {
		var into directory.RequestControls
		err := decodeSync(&directory.Control{Value: unhex(t, test.value), HasValue: true}, &into)
		switch {
		case test.refuse:
			if directory.CodeOf(err) != directory.ProtocolError || into.Sync != nil {
				t.Errorf("%s: %v, %+v", name, err, into.Sync)
			}
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case into.Sync.Mode != test.want.Mode || !bytes.Equal(into.Sync.Cookie, test.want.Cookie) || into.Sync.ReloadHint != test.want.ReloadHint:
			t.Errorf("%s: %+v", name, into.Sync)
		}
	}
}

// TestEncodeSync holds the encodings against ones made by hand after RFC 4533 section 2.
func TestEncodeSync(t *testing.T) {
	t.Parallel()
	u := acl.SyncUUID{0: 0x11, 15: 0x22}
	const uuid = "0410" + "11000000000000000000000000000022"
	for name, test := range map[string]struct {
		got  []byte
		want string
	}{
		"add":             {OfSyncEntry(&acl.SyncEntry{State: acl.SyncAdd, UUID: u}).Value, "30150a0101" + uuid},
		"delete, cookie":  {OfSyncEntry(&acl.SyncEntry{State: acl.SyncDelete, UUID: u, Cookie: []byte("ab")}).Value, "30190a0103" + uuid + "04026162"},
		"done":            {OfSyncDone(&acl.SyncDone{}).Value, "3000"},
		"done, deletes":   {OfSyncDone(&acl.SyncDone{Cookie: []byte("a"), RefreshDeletes: true}).Value, "3006040161" + "0101ff"},
		"new cookie":      {AppendSyncInfo(nil, &acl.SyncInfo{Kind: acl.SyncNewCookie, Cookie: []byte("ab")}), "80026162"},
		"refresh delete":  {AppendSyncInfo(nil, &acl.SyncInfo{Kind: acl.SyncRefreshDelete, Cookie: []byte("a")}), "a103040161"},
		"refresh present": {AppendSyncInfo(nil, &acl.SyncInfo{Kind: acl.SyncRefreshPresent}), "a200"},
		"present":         {AppendSyncInfo(nil, &acl.SyncInfo{Kind: acl.SyncIDSet, UUIDs: []acl.SyncUUID{u}}), "a3143112" + uuid},
		"gone":            {AppendSyncInfo(nil, &acl.SyncInfo{Kind: acl.SyncIDSet, Deletes: true, UUIDs: []acl.SyncUUID{u, u}}), "a3290101ff3124" + uuid + uuid},
	} {
		if !bytes.Equal(test.got, unhex(t, test.want)) {
			t.Errorf("%s: %x, want %s", name, test.got, test.want)
		}
	}
}

// FuzzDecodeChanges: no value of a control for changes makes the decoder fail otherwise than by an answer.
func FuzzDecodeChanges(f *testing.F) {
	for _, b := range []string{"30030a0101", "30090a01030401610101ff", "3000", "30060402636e0400", "a0060402636e0400", "8702636e"} {
		v, err := hex.DecodeString(b)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		for _, decode := range []func(*directory.Control, *directory.RequestControls) error{decodeSync, decodeAssertion, decodePreRead, decodePostRead} {
			var into directory.RequestControls
			if err := decode(&directory.Control{Value: value, HasValue: true}, &into); err != nil && directory.CodeOf(err) == directory.Other {
				t.Errorf("%x: %v", value, err)
			}
		}
	})
}
