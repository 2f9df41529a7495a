package wire

import "unsafe"

// StorageBytes returns the size of the storage that m holds for its parts.
func (m *Message) StorageBytes() int {
	s := &m.store
	return size(s.controls) + size(s.names) + size(s.values) + size(s.attributes) + size(s.changes) + size(s.filters) + size(s.not) +
		size(s.equality) + size(s.substrings) + size(s.greater) + size(s.less) + size(s.present) + size(s.approx) + size(s.extensible)
}

func size[T any](a arena[T]) int {
	var part T
	return cap(a.used) * int(unsafe.Sizeof(part))
}
