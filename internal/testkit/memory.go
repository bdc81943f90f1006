package testkit

import (
	"reflect"
	"testing"
	"unsafe"
)

// Leaves calls f with every number and boolean in what p points to, exported or not, and with the way to it,
// such as ".chain.key". Anything else that is neither structure nor array is a leaf, too.
func Leaves(p any, f func(path string, leaf reflect.Value)) {
	leaves(reflect.ValueOf(p).Elem(), "", f)
}

func leaves(v reflect.Value, path string, f func(string, reflect.Value)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			leaves(v.Field(i), path+"."+v.Type().Field(i).Name, f)
		}
	case reflect.Array:
		for i := range v.Len() {
			leaves(v.Index(i), path, f)
		}
	default:
		f(path, reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()) // also if not exported
	}
}

// Fill sets everything in what p points to to ones, and complains about what is neither number nor boolean.
func Fill(t testing.TB, p any) {
	t.Helper()
	Leaves(p, func(path string, v reflect.Value) {
		switch {
		case v.CanUint():
			v.SetUint(^uint64(0) >> (64 - 8*v.Type().Size()))
		case v.CanInt():
			v.SetInt(1)
		case v.Kind() == reflect.Bool:
			v.SetBool(true)
		default:
			t.Errorf("%T%s is a %v, where there may be numbers alone", p, path, v.Type())
		}
	})
}
