//go:build !purego

package hostile_test

import "runtime"

// bytesOfTable is what one valid signature of a key may cost beside its message: 64 points of four elements of the field, and
// whose they are.
func bytesOfTable() uint64 {
	element := uint64(40)
	if runtime.GOARCH == "amd64" {
		element = 32
	}
	return 64*4*element + 64
}
