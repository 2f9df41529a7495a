package dit

import (
	"fmt"
	"slices"

	"gatehouse/directory"
	"gatehouse/directory/schema"
	"gatehouse/storage"
)

// Suffixes are the naming contexts: those that a store has and those that it may get. What names an entry inside one is a
// reference, what names one outside is text.
type Suffixes []directory.NDN

// NewSuffixes returns the naming contexts of a store that does not exist yet.
func NewSuffixes(s *schema.Schema, dns ...string) (Suffixes, error) {
	var found Suffixes
	for _, dn := range dns {
		_, ndn, err := s.ParseName(dn)
		if err != nil {
			return nil, fmt.Errorf("naming context %q: %w", dn, err)
		}
		if !slices.Contains(found, ndn) {
			found = append(found, ndn)
		}
	}
	return found, nil
}

// FindSuffixes returns the naming contexts that the store has, and others that are to be created.
func FindSuffixes(s *schema.Schema, store *storage.Store, others []string) (Suffixes, error) {
	found, err := NewSuffixes(s, others...)
	if err != nil {
		return nil, err
	}
	sn := store.Snapshot()
	defer sn.Close()
	contexts, err := sn.NamingContexts()
	if err != nil {
		return nil, err
	}
	for _, c := range contexts {
		if !slices.Contains(found, c.NDN) {
			found = append(found, c.NDN)
		}
	}
	return found, nil
}

// Has reports whether ndn is the name of a naming context, whether or not its entry exists.
func (s Suffixes) Has(ndn directory.NDN) bool { return slices.Contains(s, ndn) }

// Hold reports whether ndn lies in one of the naming contexts.
func (s Suffixes) Hold(ndn directory.NDN) bool {
	for _, suffix := range s {
		if ndn.IsUnder(suffix) {
			return true
		}
	}
	return false
}
