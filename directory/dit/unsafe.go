package dit

import (
	"unsafe"

	"gatehouse/directory"
)

// ndnOf returns the bytes as a name without a copy. It is for names in a buffer of ours that nothing writes to while the
// name is in use.
func ndnOf(b []byte) directory.NDN { return directory.NDN(unsafe.String(unsafe.SliceData(b), len(b))) }
