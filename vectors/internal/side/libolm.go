package side

import (
	"strings"
	"unsafe"

	"github.com/karst-im/karst/internal/cabi"
	"github.com/karst-im/karst/internal/errcode"
)

// Libolm is what the C library and the WebAssembly module export. What package cabi decodes or decrypts where it lies
// is a copy, and every output has the room that the function for its length asks for.
var Libolm Whole = libolm{}

type libolm struct{}

// Code is one of libolm's error numbers.
type Code errcode.Code

// Error returns what a function like olm_account_last_error returns.
func (c Code) Error() string {
	name, _, _ := strings.Cut(cabi.ErrorName(uint32(c)), "\x00")
	return name
}

// object lies where C has put it, which need not be aligned.
type object[T cabi.Object] struct{ memory unsafe.Pointer }

func construct[T cabi.Object]() object[T] {
	o := object[T]{unsafe.Pointer(&make([]byte, 1+cabi.Size[T]())[1])}
	cabi.Construct[T](o.memory)
	return o
}

func (o object[T]) at() *T { return cabi.At[T](o.memory) }

// Free is olm_clear_account and its like.
func (o object[T]) Free() { cabi.Clear[T](o.memory) }

// check returns what a function has returned, or why it has failed.
func (o object[T]) check(result uint) (uint, error) {
	if result != cabi.Error {
		return result, nil
	}
	return 0, Code(any(o.at()).(interface{ LastErrorCode() errcode.Code }).LastErrorCode())
}

// write returns what a function writes to a buffer of n bytes.
func (o object[T]) write(n uint, f func(out []byte) uint) (string, error) {
	out := make([]byte, n)
	n, err := o.check(f(out))
	if err != nil {
		return "", err
	}
	return string(out[:n]), nil
}
