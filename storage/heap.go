package storage

import (
	"math/bits"
	"unsafe"
)

// heapBytes is about what an allocation of n bytes takes: the runtime rounds up, to an eighth of a power of two.
func heapBytes(n int) int {
	switch {
	case n <= 0:
		return 0
	case n <= 128:
		return (n + 15) &^ 15
	}
	step := 1 << (bits.Len(uint(n-1)) - 4)
	return (n + step - 1) &^ (step - 1)
}

// structBytes is what one T takes, without what it points to.
func structBytes[T any]() int {
	var v T
	return heapBytes(int(unsafe.Sizeof(v)))
}

// sliceBytes is what the elements of s take, without what they point to.
func sliceBytes[T any](s []T) int {
	var v T
	return heapBytes(cap(s) * int(unsafe.Sizeof(v)))
}
