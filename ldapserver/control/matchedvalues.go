package control

import (
	"gatehouse/directory"
	"gatehouse/ldapserver/wire"
)

// MatchedValues is the valuesReturnFilter control (RFC 3876).
const MatchedValues = "1.2.826.0.1.3344810.2.3"

// filterLimits bounds the filters in control values: what a client without a bind may send as the filter of a search.
var filterLimits = wire.Limits{FilterDepth: 32, FilterTerms: 1024}

func decodeMatchedValues(c *directory.Control, into *directory.RequestControls) error {
	items, err := wire.DecodeFilters(c.Value, filterLimits)
	if err != nil {
		return err
	}
	for _, item := range items {
		switch item.(type) {
		case directory.And, directory.Or, *directory.Not:
			return directory.Errorf(directory.ProtocolError, "a filter of values has simple items, without and, or and not")
		}
	}
	if len(items) == 0 {
		return directory.Errorf(directory.ProtocolError, "a filter of values without an item")
	}
	into.ValuesReturn = items
	return nil
}
