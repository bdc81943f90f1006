//go:build purego

package hostile_test

// bytesOfTable: there are none.
func bytesOfTable() uint64 { return 0 }
