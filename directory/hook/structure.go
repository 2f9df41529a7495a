package hook

import (
	"fmt"
	"strings"

	"gatehouse/directory"
	"gatehouse/directory/dit"
)

// Structure keeps structuralObjectClass: it is set when the entry is made and never changes (RFC 4512 section 2.4.2).
type Structure struct{}

// NewStructure returns the hook.
func NewStructure() Structure { return Structure{} }

// Name implements [dit.Hook].
func (Structure) Name() string { return "structure" }

// Prepare implements [dit.Hook].
func (Structure) Prepare(w *dit.Write) error {
	class, err := w.Schema.StructuralClass(w.Draft)
	if err != nil {
		return err
	}
	desc := attribute(w.Schema, "structuralObjectClass")
	if desc == nil {
		return nil
	}
	if w.Before != nil {
		if old := string(w.Before.Get(desc).First()); old != "" && w.Schema.ObjectClass(old) != class {
			return directory.Errorf(directory.ObjectClassModsProhibited,
				"the structural object class of an entry cannot change: %s to %s", old, class.Name())
		}
	}
	w.Draft.Set(desc, []byte(class.Name()))
	return nil
}

// Follow implements [dit.Hook].
func (Structure) Follow(*dit.Write) error { return nil }

// Verify implements [dit.Hook].
func (Structure) Verify(v *dit.Stored) error {
	desc := attribute(v.Schema, "structuralObjectClass")
	if desc == nil {
		return nil
	}
	class, err := v.Schema.StructuralClass(directory.DraftOf(v.DN, v.Entry))
	if err != nil {
		return err
	}
	if have := string(v.Entry.Get(desc).First()); !strings.EqualFold(have, class.Name()) {
		return fmt.Errorf("structuralObjectClass is %q, the entry's is %s", have, class.Name())
	}
	return nil
}
