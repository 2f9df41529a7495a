package control

import (
	"slices"

	"gatehouse/directory"
)

// Decode reads the controls of a request into it. mayUse says whether the policy allows a control by its OID; it is asked about
// those alone that need it. What cannot be served is refused where it is critical, else ignored: a control that is not in the table,
// one that is not for this operation, one that may not be used. A value that cannot be read, and a control that comes
// twice, are a protocolError.
func Decode(controls []directory.Control, op directory.Request, mayUse func(oid string) bool) error {
	if len(controls) == 0 {
		return nil
	}
	operation, to := of(op)
	var into directory.RequestControls
	var seen uint64
	for i := range controls {
		c := &controls[i]
		known := slices.IndexFunc(Table, func(row Control) bool { return row.OID == c.OID })
		if known < 0 {
			if c.Criticality {
				return directory.Errorf(directory.UnavailableCriticalExtension, "critical control %q is not supported", c.OID)
			}
			continue
		}
		row := &Table[known]
		if seen&(1<<known) != 0 {
			return directory.Errorf(directory.ProtocolError, "control %q (%s) stands twice in one request", row.OID, row.Name)
		}
		seen |= 1 << known
		switch err := row.usable(operation, mayUse); {
		case err != nil && c.Criticality:
			return err
		case err != nil:
			continue
		}
		if err := row.Decode(c, &into); err != nil {
			return err
		}
	}
	if seen != 0 && to != nil {
		*to = &into
	}
	return nil
}

// usable reports why the control does not go with the operation, or with whoever asks.
func (row *Control) usable(operation Operations, mayUse func(oid string) bool) error {
	switch {
	case row.Operations&operation == 0:
		return directory.Errorf(directory.UnavailableCriticalExtension, "critical control %q (%s) says nothing about this operation", row.OID, row.Name)
	case row.NeedsRight && !mayUse(row.OID):
		return directory.Errorf(directory.InsufficientAccessRights, "control %q (%s) may not be used", row.OID, row.Name)
	}
	return nil
}

// of returns which operation a request is, and where its controls go.
func of(op directory.Request) (Operations, **directory.RequestControls) {
	switch op := op.(type) {
	case *directory.BindRequest:
		return Bind, &op.Controls
	case *directory.SearchRequest:
		return Search, &op.Controls
	case *directory.CompareRequest:
		return Compare, &op.Controls
	case *directory.AddRequest:
		return Add, &op.Controls
	case *directory.ModifyRequest:
		return Modify, &op.Controls
	case *directory.DeleteRequest:
		return Delete, &op.Controls
	case *directory.ModifyDNRequest:
		return ModifyDN, &op.Controls
	case *directory.ExtendedRequest:
		return Extended, &op.Controls
	case *directory.UnbindRequest, *directory.AbandonRequest:
		return 0, nil // they have no answer
	}
	return 0, nil
}
