package cabi

import (
	"unsafe"

	"github.com/karst-im/karst/internal/secret"
)

// Object is one of the nine kinds of objects.
type Object interface {
	Account | Session | Utility | InboundGroupSession | OutboundGroupSession | PKEncryption | PKDecryption | PKSigning | SAS
}

// The fields of an object need an address that is a multiple of alignment, and the caller's memory may
// begin anywhere. So an object lies 1 to alignment bytes behind the beginning of its memory, and the byte
// at the beginning says how many. If the caller copies the memory to an address that needs another
// distance, At moves the object.
const alignment = 4

// Size returns how much memory an object of type T needs.
func Size[T Object]() uint {
	var t T
	return alignment + uint(unsafe.Sizeof(t))
}

// Construct makes an object of zeros in the Size bytes at memory, whatever is in them.
func Construct[T Object](memory unsafe.Pointer) {
	clear(bytesAt(memory, int(Size[T]())))
	*(*byte)(memory) = distance(memory)
}

// Clear overwrites the memory of an object, which is then as if it had just been constructed, and
// returns the size of that memory.
func Clear[T Object](memory unsafe.Pointer) uint {
	secret.Wipe(bytesAt(memory, int(Size[T]())))
	*(*byte)(memory) = distance(memory)
	return Size[T]()
}

// At returns the object that was constructed in the memory at memory, or in memory that this is a
// copy of.
func At[T Object](memory unsafe.Pointer) *T {
	want := distance(memory)
	if first := (*byte)(memory); *first != want {
		move(bytesAt(memory, int(Size[T]())), int(want), int(*first))
		*first = want
	}
	return (*T)(unsafe.Add(memory, want))
}

func distance(memory unsafe.Pointer) byte {
	return alignment - byte(uintptr(memory)%alignment)
}

// move moves what lies at memory[from:] to memory[to:].
func move(memory []byte, to, from int) {
	if from < 1 || from > alignment {
		return // nothing that was ever constructed
	}
	n := len(memory) - alignment
	if to < from {
		for i := range n {
			memory[to+i] = memory[from+i]
		}
		return
	}
	for i := n - 1; i >= 0; i-- {
		memory[to+i] = memory[from+i]
	}
}

// bytesOf returns the memory of an object.
func bytesOf[T Object](t *T) []byte { return bytesAt(unsafe.Pointer(t), int(unsafe.Sizeof(*t))) }

// dropSkipped overwrites the skipped keys of the session that s may have been before it was set up.
func (s *Session) dropSkipped() {
	secret.Wipe(bytesOf(s)[unsafe.Offsetof(s.skipped):]) // and what is behind them: the forgotten chains
}

func bytesAt(p unsafe.Pointer, n int) []byte { return unsafe.Slice((*byte)(p), n) }
