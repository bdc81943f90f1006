//go:build tinygo

// Package export gives the functions of package cabi their names and types in C. It is compiled by
// TinyGo alone, into the C library and the WebAssembly module.
//
// There is a function for each of libolm's, and nothing in it but the way from C's types to Go's:
// pointer and length become a slice, an object's pointer the object in its memory. What the functions
// do is said in package cabi and in the headers of capi.
package export

import (
	"unsafe"

	"github.com/karst-im/karst/internal/cabi"
	"github.com/karst-im/karst/internal/errcode"
)

// view returns the n bytes at p, which are none if p is NULL.
func view(p unsafe.Pointer, n uint) []byte {
	if p == nil {
		return nil
	}
	// Callers say "as much as you like" with a length that no memory has.
	const most = ^uint(0) >> 1
	return unsafe.Slice((*byte)(p), min(n, most))
}

func construct[T cabi.Object](memory unsafe.Pointer) unsafe.Pointer {
	cabi.Construct[T](memory)
	return memory
}

func name(code errcode.Code) *byte { return unsafe.StringData(cabi.ErrorName(uint32(code))) }

func boolean(b bool) int32 {
	if b {
		return 1
	}
	return 0
}

//export olm_error
func olmError() uint { return cabi.Error }

//export _olm_error_to_string
func errorToString(code uint32) *byte { return unsafe.StringData(cabi.ErrorName(code)) }

//export olm_get_library_version
func getLibraryVersion(major, minor, patch *uint8) {
	set(major, cabi.VersionMajor)
	set(minor, cabi.VersionMinor)
	set(patch, cabi.VersionPatch)
}

func set(p *uint8, x uint8) {
	if p != nil {
		*p = x
	}
}
