package dit

import (
	"context"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/storage"
)

// Add creates an entry (RFC 4511 section 4.7).
func (d *Directory) Add(ctx context.Context, s *acl.Session, req *directory.AddRequest) (*acl.ReadEntries, error) {
	n, err := d.parseName(req.DN)
	if err != nil {
		return nil, err
	}
	op := &addition{name: n, attrs: req.Attributes, conditions: conditionsOf(req.Controls)}
	if _, err := d.write(ctx, s, op); err != nil {
		return nil, err
	}
	return op.answer(), nil
}

type addition struct {
	conditions
	name  name
	attrs []directory.PartialAttribute
	kept  bool // operational attributes and hashed passwords are kept: an import
	// Of an import, what becomes modifyTimestamp and modifiersName; zero where the record does not say.
	modified time.Time
	modifier string
}

func (op *addition) isCheap() bool {
	n := 0
	for _, a := range op.attrs {
		n += len(a.Values)
	}
	return n <= replanReferencesMax
}

func (op *addition) plan(w *Write) error {
	w.Kind, w.NDN, w.Import, w.on = KindAdd, op.name.ndn, op.kept, op.name.ndn
	if op.name.isVirtual() {
		return errServerMade
	}
	parent, err := w.parentOf(op.name.ndn)
	if err != nil {
		return err
	}
	content, err := readContent(w.Schema, w.d.suffixes, op.name.dn, op.attrs)
	if err != nil {
		return err
	}
	for _, a := range content.draft.Attributes() {
		if isServerOwned(a.Desc) && !op.kept && !w.d.attr.account.isState(a.Desc) {
			return serverOwned(a.Desc)
		}
	}
	w.Draft = content.draft
	supplied := content.draft.Attributes()
	supplied = append(supplied[:0:0], supplied...)
	if class, err := w.Schema.StructuralClass(w.Draft); err == nil { // otherwise the hook refuses
		w.Draft.Set(w.d.attr.structuralObjectClass, []byte(class.Name()))
	}
	if err := w.allocate(); err != nil {
		return err
	}
	asked, err := w.Draft.Seal(unchecked{})
	if err != nil {
		return err
	}
	if !op.kept {
		w.stampNewPassword()
	}
	entry, err := w.seal()
	if err != nil {
		return err
	}
	made := &proposed{w: w, ndn: op.name.ndn, entry: asked, added: content.references}
	rights := w.judge(nil, made)
	if err := op.allowed(w, rights, supplied, content.references); err != nil {
		return err
	}
	if err := w.d.assertNew(op.assertion, made, rights); err != nil {
		return err
	}
	if err := op.checkNewPassword(w); err != nil {
		return err
	}
	rdn, nrdn := nameUnder(parent, op.name)
	if err := w.claim(parent, nrdn, 0); err != nil {
		return err
	}
	w.effects = append(w.effects, storage.CreateEntry{
		Parent: parent, RDN: rdn, NRDN: nrdn, Entry: entry, References: content.references,
		ModifyTime: op.modified, Modifier: op.modifier,
	})
	return w.followUp()
}

// unchecked accepts every draft. An add is judged by what the client supplies, by the numbers that it is given, and by the structural
// class that follows from it, without what else the server adds to it: an entry that is about to be made has no createTimestamp yet.
type unchecked struct{}

// ValidateEntry implements [directory.Validator].
func (unchecked) ValidateEntry(*directory.Draft) error { return nil }

// allowed checks add-entry and every value that the client supplied.
func (op *addition) allowed(w *Write, rights acl.Rights, supplied []directory.DraftAttribute, references []storage.Reference) error {
	if !rights.Allows(acl.ActionAddEntry) {
		return w.denied(acl.ActionAddEntry, nil, nil)
	}
	for _, a := range supplied {
		for _, v := range a.Values {
			if a.Desc == w.d.attr.userPassword {
				if err := op.allowedPassword(w, rights, v); err != nil {
					return err
				}
				continue
			}
			managed := isServerOwned(a.Desc) || a.Desc.Is(directory.FlagConfidential) // no write reaches a secret: an import manages it
			switch {
			case managed && !rights.Manage(a.Desc):
				return w.denied(acl.ActionManage, a.Desc, nil)
			case !managed && !rights.Write(acl.ActionWriteAdd, a.Desc, v):
				return w.denied(acl.ActionWriteAdd, a.Desc, v)
			}
		}
	}
	for _, ref := range references {
		if !rights.Write(acl.ActionWriteAdd, ref.Desc, []byte(ref.Text)) {
			return w.denied(acl.ActionWriteAdd, ref.Desc, []byte(ref.Text))
		}
	}
	return nil
}

func (op *addition) allowedPassword(w *Write, rights acl.Rights, value []byte) error {
	if !rights.Allows(acl.ActionPasswordReset) {
		return w.denied(acl.ActionPasswordReset, nil, nil)
	}
	return w.checkPassword(value, rights.Manage(w.d.attr.userPassword))
}

// parentOf finds the parent of an entry to be called ndn; zero for a suffix entry.
func (w *Write) parentOf(ndn directory.NDN) (directory.EntryID, error) {
	if w.d.suffixes.Has(ndn) {
		return 0, nil
	}
	return w.superior(ndn.Parent(), ndn)
}

// superior finds the entry called above, below which ndn is to stand. One that may neither be discovered nor traversed is
// answered like one that is missing.
func (w *Write) superior(above, ndn directory.NDN) (directory.EntryID, error) {
	id, err := w.Reads.Lookup(above)
	if err != nil && !isNotFound(err) {
		return 0, err
	}
	if err == nil {
		c := candidate{d: w.d, s: w.Session, sn: w.Snapshot, id: id}
		if w.policy.Decide(w.Session, &c).Discover() || w.policy.IsTraversable(w.Session, above) {
			return id, c.err
		}
	}
	return 0, w.noSuchObject(ndn, discovering(above))
}

// nameUnder returns the name of an entry as its parent keeps it: the RDN, or for a suffix entry the whole name.
func nameUnder(parent directory.EntryID, n name) (string, directory.NRDN) {
	if parent == 0 {
		return n.dn.String(), directory.NRDN(n.ndn)
	}
	return n.dn.RDNs()[0].String(), n.ndn.RDN()
}

// claim makes sure that a name is free, or that of the entry id already. Whoever may not discover the entry that has it learns
// no more than that this is not allowed.
func (w *Write) claim(parent directory.EntryID, nrdn directory.NRDN, id directory.EntryID) error {
	holder, err := w.Reads.Child(parent, nrdn)
	switch {
	case isNotFound(err), err == nil && holder == id:
		return nil
	case err != nil:
		return err
	}
	c := candidate{d: w.d, s: w.Session, sn: w.Snapshot, id: holder}
	if !w.policy.Decide(w.Session, &c).Discover() {
		ndn, err := w.Snapshot.NDN(holder)
		if err != nil {
			return err
		}
		return w.refuse(directory.InsufficientAccessRights, discovering(ndn))
	}
	return &directory.Error{Code: directory.EntryAlreadyExists}
}
