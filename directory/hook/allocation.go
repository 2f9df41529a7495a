package hook

import (
	"gatehouse/directory"
	"gatehouse/directory/dit"
)

// Allocation keeps the settings by which numbers are given out such that they can be followed: a mistake is told to whoever makes it,
// not to the next who adds an account.
type Allocation struct{}

// NewAllocation returns the hook.
func NewAllocation() Allocation { return Allocation{} }

// Name implements [dit.Hook].
func (Allocation) Name() string { return "allocation" }

// Prepare implements [dit.Hook].
func (Allocation) Prepare(w *dit.Write) error {
	if w.Draft == nil || w.Import { // as it comes; who needs it is told
		return nil
	}
	return dit.CheckAllocation(w.Schema, w.Draft)
}

// Follow implements [dit.Hook].
func (Allocation) Follow(*dit.Write) error { return nil }

// Verify implements [dit.Hook].
func (Allocation) Verify(v *dit.Stored) error {
	return dit.CheckAllocation(v.Schema, directory.DraftOf(v.DN, v.Entry))
}
