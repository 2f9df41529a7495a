package dit

import (
	"context"
	"fmt"

	"gatehouse/directory"
)

// Verify holds every stored entry against the hooks, in the order of the tree, and hands what is wrong to report, which may
// end the walk with an error. It reads one snapshot.
func (d *Directory) Verify(ctx context.Context, report func(Problem) error) error {
	sn := d.store.Snapshot()
	defer sn.Close()
	contexts, err := sn.NamingContexts()
	if err != nil {
		return err
	}
	todo := make([]directory.EntryID, 0, len(contexts))
	for _, c := range contexts {
		todo = append(todo, c.ID)
	}
	for len(todo) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		v := Stored{Snapshot: sn, Schema: d.schema, ID: id}
		if err := d.verifyEntry(&v, report); err != nil {
			return err
		}
		for child, err := range sn.Children(id) {
			if err != nil {
				return err
			}
			todo = append(todo, child)
		}
	}
	return nil
}

func (d *Directory) verifyEntry(v *Stored, report func(Problem) error) error {
	text, err := v.Snapshot.DN(v.ID)
	if err != nil {
		return fmt.Errorf("entry %d: %w", v.ID, err)
	}
	if v.DN, err = directory.ParseDN(text); err != nil {
		return report(Problem{Hook: "name", DN: text, Err: err})
	}
	if v.Entry, err = v.Snapshot.Entry(v.ID); err != nil {
		return fmt.Errorf("entry %s: %w", text, err)
	}
	for _, h := range d.hooks {
		if err := h.Verify(v); err != nil {
			if err := report(Problem{Hook: h.Name(), DN: text, Err: err}); err != nil {
				return err
			}
		}
	}
	return nil
}
