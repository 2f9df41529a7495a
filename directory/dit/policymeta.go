package dit

import "gatehouse/storage"

// PolicyMeta returns what a store keeps of the policies that were applied, for a new store that takes its place.
func PolicyMeta(sn *storage.Snapshot) ([]storage.PutMeta, error) {
	list, err := policyHistory(sn)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	text, _, err := sn.Meta(metaPolicies)
	if err != nil {
		return nil, err
	}
	meta, taken := []storage.PutMeta{{Key: metaPolicies, Value: text}}, make(map[string]bool)
	for _, rev := range list {
		if taken[rev.Version] {
			continue
		}
		taken[rev.Version] = true
		text, err := policyText(sn, rev.Version)
		if err != nil {
			return nil, err
		}
		meta = append(meta, storage.PutMeta{Key: metaPolicyText + rev.Version, Value: text})
	}
	return meta, nil
}
