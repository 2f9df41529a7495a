package dit

import (
	"strconv"

	"gatehouse/directory"
	"gatehouse/storage"
)

// rootEntry returns the root DSE (RFC 4512 section 5.1) as it is at a snapshot: what the server can do, the naming contexts, and
// the newest change, by which SSSD knows that entryUSN can be used.
func (d *Directory) rootEntry(sn *storage.Snapshot) (*directory.Entry, error) {
	fixed := d.rootDSE.entry.Attributes()
	attrs := make([]directory.Attribute, len(fixed), len(fixed)+3)
	copy(attrs, fixed)
	contexts, err := sn.NamingContexts()
	if err != nil {
		return nil, err
	}
	if len(contexts) > 0 {
		values := make([][]byte, len(contexts))
		for i, c := range contexts {
			values[i] = []byte(c.Name)
		}
		attrs = append(attrs, directory.NewAttribute(d.attr.namingContexts, values...))
	}
	var room [20]byte
	newest := strconv.AppendUint(room[:0], uint64(sn.CSN()), 10)
	attrs = append(attrs,
		directory.NewAttribute(d.attr.lastUSN, newest),
		directory.NewAttribute(d.attr.highestCommittedUSN, newest))
	return directory.StoredEntry(attrs), nil
}

// newRootDSE returns the constant part of the root DSE: what the server can do.
func (d *Directory) newRootDSE(features []directory.PartialAttribute) (*virtual, error) {
	attrs := []directory.Attribute{
		directory.NewAttribute(d.attr.objectClass, []byte("top"), []byte("extensibleObject")),
		directory.NewAttribute(d.attr.structuralObjectClass, []byte("extensibleObject")),
		directory.NewAttribute(d.attr.subschemaSubentry, []byte("cn=Subschema")),
	}
	for _, f := range features {
		desc, err := d.schema.Description(f.Attr)
		if err != nil {
			return nil, err
		}
		attrs = append(attrs, directory.NewAttribute(desc, f.Values...))
	}
	return &virtual{entry: directory.StoredEntry(attrs)}, nil
}
