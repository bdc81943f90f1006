// Package libolm calls the real libolm, so that karst can be compared with it.
//
// Every function that needs randomness takes the bytes from its caller: two implementations fed with
// the same bytes must give the same output. Texts (keys, messages, pickles, JSON) are strings exactly
// as libolm writes them; plaintexts, random bytes and pickle keys are []byte. Inputs are copied
// before C sees them, because libolm decodes and wipes its arguments in place, so the caller's values
// are never modified.
//
// Each object lives in C memory: call Free when done, and nothing else afterwards (a method of a freed
// object panics). An object must not be used from two goroutines at once.
//
// libolm leaves its buffers when a ciphertext is empty or no multiple of the AES block; it reads an
// element that is not there when it encrypts in a session without any chain; and it reads from a null
// pointer when it creates a session from a known identity key and a message without that field.
// Functions that could get there look first and answer [ErrUnsafeForLibolm] without calling C.
package libolm

/*
#cgo LDFLAGS: -lolm
#include <stdlib.h>
#include <olm/olm.h>
#include <olm/error.h>
*/
import "C"

import (
	"fmt"
	"unsafe"
)

// Code is one of libolm's error numbers.
type Code int

// libolm's error numbers.
const (
	Success                Code = 0
	NotEnoughRandom        Code = 1
	OutputBufferTooSmall   Code = 2
	BadMessageVersion      Code = 3
	BadMessageFormat       Code = 4
	BadMessageMAC          Code = 5
	BadMessageKeyID        Code = 6
	InvalidBase64          Code = 7
	BadAccountKey          Code = 8
	UnknownPickleVersion   Code = 9
	CorruptedPickle        Code = 10
	BadSessionKey          Code = 11
	UnknownMessageIndex    Code = 12
	BadLegacyAccountPickle Code = 13
	BadSignature           Code = 14
	InputBufferTooSmall    Code = 15
	SASTheirKeyNotSet      Code = 16
	PickleExtraData        Code = 17
)

// Error is libolm's own text, such as BAD_MESSAGE_MAC.
func (c Code) Error() string {
	return C.GoString(C._olm_error_to_string(C.enum_OlmErrorCode(c)))
}

// The two types of an Olm message.
const (
	TypePreKey  = 0
	TypeMessage = 1
)

// Version is the version of the libolm that runs, such as 3.2.13.
func Version() string {
	var major, minor, patch C.uint8_t
	C.olm_get_library_version(&major, &minor, &patch)
	return fmt.Sprintf("%d.%d.%d", major, minor, patch)
}

// failed is olm_error(), which every size_t function returns when it refuses.
const failed = ^C.size_t(0)

// copyIn gives C bytes of its own to read, decode in place or wipe. The result is never at a nil
// address, whatever its length.
func copyIn[T ~string | ~[]byte](b T) []byte {
	c := buffer(C.size_t(len(b)))
	copy(c, b)
	return c
}

// buffer is room for n bytes that C writes. The spare byte keeps the address of an empty one valid.
func buffer(n C.size_t) []byte { return make([]byte, n, n+1) }

func addr(b []byte) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(b)) }

func addr8(b []byte) *C.uint8_t { return (*C.uint8_t)(addr(b)) }

func size(b []byte) C.size_t { return C.size_t(len(b)) }

// live panics if an object has been freed: the alternative is undefined behaviour in C.
func live[P comparable](p P) P {
	var freed P
	if p == freed {
		panic("libolm: object used after Free")
	}
	return p
}

// pickle runs one of the olm_pickle functions; none fails when the buffer has the right size.
func pickle(key []byte, length C.size_t, write func(key, out []byte) C.size_t) string {
	out := buffer(length)
	if n := write(copyIn(key), out); n != length {
		panic("libolm: a pickle did not fit its announced length")
	}
	return string(out)
}
