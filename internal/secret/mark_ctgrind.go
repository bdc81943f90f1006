//go:build ctgrind && linux && (amd64 || 386)

package secret

import "unsafe"

// The marks for proof/constant_time/go. To valgrind's memcheck, secrets are memory that nobody has initialised:
// it follows every bit that is computed from them, and reports each branch and each address that depends on
// one. A program talks to it by instructions that otherwise do nothing.

// Requests of valgrind (its manual, section 3.1) and of memcheck (section 4.7).
const (
	runningOnValgrind = 0x1001
	countErrors       = 0x1201
	stackRegister     = 0x1501
	makeUndefined     = 'M'<<24 | 'C'<<16 + 1
	makeDefined       = 'M'<<24 | 'C'<<16 + 2
	getBits           = 'M'<<24 | 'C'<<16 + 8
)

func request(code, a, b, c, d, e uintptr) uintptr

func stack() (low, high uintptr)

// UnderMemcheck reports whether anybody follows the secrets at all.
func UnderMemcheck() bool { return request(runningOnValgrind, 0, 0, 0, 0, 0) != 0 }

// Reports returns how often memcheck has complained so far.
func Reports() int { return int(request(countErrors, 0, 0, 0, 0, 0)) }

// RegisterStack tells valgrind the bounds of the stack of the goroutine that calls, which must not grow any
// more.
func RegisterStack() {
	low, high := stack()
	request(stackRegister, low, high, 0, 0, 0)
}

// MarkSecret makes the contents of b secret.
//
//go:noinline
func MarkSecret(b []byte) { mark(makeUndefined, b) }

// MarkPublic makes the contents of b public.
//
//go:noinline
func MarkPublic(b []byte) { mark(makeDefined, b) }

func mark(code uintptr, b []byte) {
	if len(b) > 0 {
		request(code, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), 0, 0, 0)
	}
}

// DependsOnSecret reports whether any bit of b was computed from a secret.
//
//go:noinline
func DependsOnSecret(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	bits := make([]byte, len(b))
	request(getBits, uintptr(unsafe.Pointer(&b[0])), uintptr(unsafe.Pointer(&bits[0])), uintptr(len(b)), 0, 0)
	var or byte
	for _, x := range bits {
		or |= x
	}
	return or != 0
}

// Public returns x, which was computed from secrets and may be known to everybody from here on.
//
//go:noinline
func Public[T int | uint8 | uint32 | uint64](x T) T {
	p := &x
	request(makeDefined, uintptr(unsafe.Pointer(p)), unsafe.Sizeof(x), 0, 0, 0)
	return *p
}

// PublicBytes makes the contents of b public.
func PublicBytes(b []byte) { MarkPublic(b) }
