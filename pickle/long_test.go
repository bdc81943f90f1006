//go:build !race

// The race detector checks that memory is what package unsafe says it is.

package pickle_test

import (
	"strconv"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/pickle"
)

var one byte

// TestSealTooLong has contents that no machine has: nobody looks at them.
func TestSealTooLong(t *testing.T) {
	lengths := []int{1700 << 20, 1<<31 - 1}
	if strconv.IntSize == 64 {
		lengths = []int{int(^uint(0)>>1) / 4 * 3 & -16, int(^uint(0) >> 1)}
	}
	for _, n := range lengths {
		text, err := pickle.Seal(nil, unsafe.Slice(&one, n))
		require.ErrorIs(t, err, pickle.ErrTooLong, "%d", n)
		require.Nil(t, text)
	}
}
