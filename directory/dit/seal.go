package dit

import (
	"crypto/rand"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/ldif"
	"gatehouse/directory/password"
	"gatehouse/directory/schema"
	"gatehouse/storage"
)

// Sealer turns records of content into entries for a bulk load, by the same rules as an add: schema and hooks. Operational
// attributes and hashed passwords of the records are kept. It is safe for concurrent use.
type Sealer struct {
	schema   *schema.Schema
	suffixes Suffixes
	d        Directory // what hooks need: no store
	operator *acl.Session
	at       time.Time
	cheap    atomic.Int64
}

// SealerOptions says what a Sealer stands on.
type SealerOptions struct {
	Schema   *schema.Schema
	Suffixes Suffixes
	Hooks    []Hook    // their Prepare alone is called, without a Snapshot
	Rand     io.Reader // nil is crypto/rand
	Now      time.Time // becomes createTimestamp where a record has none
}

// NewSealer returns a Sealer.
func NewSealer(o SealerOptions) (*Sealer, error) {
	l := &Sealer{schema: o.Schema, suffixes: o.Suffixes, at: o.Now}
	attr, err := findAttributes(o.Schema)
	if err != nil {
		return nil, err
	}
	l.d.schema, l.d.attr, l.d.hooks, l.d.rand = o.Schema, attr, o.Hooks, o.Rand
	if l.d.rand == nil {
		l.d.rand = rand.Reader
	}
	l.d.now = func() time.Time { return o.Now }
	l.operator = acl.Operator(acl.Transport{}, o.Now)
	return l, nil
}

// CheapHashes returns how many clear passwords were hashed with a cheap scheme; the first bind of each hashes it anew.
func (l *Sealer) CheapHashes() int64 { return l.cheap.Load() }

// Seal returns the entry of a record of content. It holds no memory of rec.
func (l *Sealer) Seal(rec *ldif.Record) (storage.LoadEntry, error) {
	var none storage.LoadEntry
	text := strings.Clone(rec.DN)
	dn, ndn, err := l.schema.ParseName(text)
	if err != nil {
		return none, err
	}
	if ndn == "" || !l.suffixes.Hold(ndn) {
		return none, directory.Errorf(directory.NoSuchObject, "the name lies in none of the naming contexts")
	}
	foreign, err := l.d.readForeign(rec.Attributes)
	if err != nil {
		return none, err
	}
	l.cheap.Add(int64(foreign.cheap))
	content, err := readContent(l.schema, l.suffixes, dn, foreign.attrs)
	if err != nil {
		return none, err
	}
	decided, err := l.d.decide()
	if err != nil {
		return none, err
	}
	w := &Write{
		Kind: KindAdd, Session: l.operator, Schema: l.schema, NDN: ndn, Draft: content.draft, Now: l.at,
		UUID: decided.uuid, Import: true, d: &l.d, secrets: &decided.secrets,
	}
	entry, err := w.seal()
	if err != nil {
		return none, err
	}
	return storage.LoadEntry{
		Line: rec.Line, DN: text, RDN: dn.RDNs()[0].String(), NDN: ndn, Entry: entry, References: content.references,
		ModifyTime: foreign.modified, Modifier: foreign.modifier,
	}, nil
}

// foreign is what an LDIF from elsewhere says of an entry, as far as it can be stored.
type foreign struct {
	attrs    []directory.PartialAttribute
	modified time.Time
	modifier string
	cheap    int // clear passwords that were hashed
}

// readForeign leaves out what this server computes itself or what belongs to the other server alone, and hashes clear
// passwords with a cheap scheme, since a slow one would take hours for a large directory. Times and authors are kept.
func (d *Directory) readForeign(attrs []directory.PartialAttribute) (*foreign, error) {
	f := &foreign{attrs: make([]directory.PartialAttribute, 0, len(attrs))}
	for _, a := range attrs {
		desc, err := d.schema.Description(a.Attr)
		if err != nil {
			return nil, err
		}
		switch {
		case len(a.Values) == 0:
		case desc == d.attr.modifyTimestamp:
			f.modified, err = parseTime(a.Values[0])
		case desc == d.attr.modifiersName:
			f.modifier = string(a.Values[0])
		case desc.Is(directory.FlagComputed), d.schema.Type(desc).Usage == schema.DSAOperation:
		case desc == d.attr.userPassword:
			a.Values, err = f.hashClear(a.Values)
			f.attrs = append(f.attrs, a)
		default:
			f.attrs = append(f.attrs, a)
		}
		if err != nil {
			return nil, err
		}
	}
	if f.cheap > 0 && !d.brings(attrs, d.attr.account.changed) && !d.brings(attrs, d.attr.createTimestamp) {
		f.attrs = append(f.attrs, d.setNow())
	}
	return f, nil
}

// brings reports whether a record has an attribute.
func (d *Directory) brings(attrs []directory.PartialAttribute, desc *directory.AttributeDescription) bool {
	for i := range attrs {
		if given, err := d.schema.Description(attrs[i].Attr); err == nil && given == desc {
			return true
		}
	}
	return desc == nil
}

// setNow is pwdChangedTime of a password that an import brings in the clear for a new entry: it is set by the import. How old the one of
// a hash is, or of an entry that comes with its createTimestamp, only the record can say.
func (d *Directory) setNow() directory.PartialAttribute {
	return directory.PartialAttribute{Attr: d.attr.account.changed.Name, Values: second(d.now())}
}

func (f *foreign) hashClear(values [][]byte) ([][]byte, error) {
	hashed := make([][]byte, len(values))
	for i, v := range values {
		hashed[i] = v
		clear, ok := password.Clear(v)
		if !ok {
			continue
		}
		var err error
		if hashed[i], err = password.HashCheap(clear); err != nil {
			return nil, refusedPassword(err)
		}
		f.cheap++
	}
	return hashed, nil
}

// parseTime reads a generalized time in UTC, with or without a fraction.
func parseTime(value []byte) (time.Time, error) {
	for _, form := range []string{generalizedTime, "20060102150405.999999Z"} {
		if t, err := time.Parse(form, string(value)); err == nil {
			return t, nil
		}
	}
	return time.Time{}, directory.Errorf(directory.InvalidAttributeSyntax, "modifyTimestamp: %v", fmt.Sprintf("%.32q", value))
}
