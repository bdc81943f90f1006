package atomicity_test

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/karst-im/karst/olm"
)

// stateOf returns every bit of an object, unexported fields and the memory behind slices included: what a
// pickle leaves out, such as all but the newest 40 skipped keys, could change unseen otherwise.
func stateOf(object any) string {
	v := reflect.ValueOf(object)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		panic("the state of an object is behind a pointer")
	}
	return string(state{}.append(nil, v.Elem()))
}

// state has the hidden pointers that were followed: what an object hides holds the object, see package guard.
type state map[unsafe.Pointer]bool

func (seen state) append(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Struct:
		switch t := v.Type(); {
		case t.PkgPath() == "sync": // a lock
			return b
		case t.PkgPath() == "github.com/karst-im/karst/internal/cabi" && t.Name() == "status": // why the last call failed
			return b
		case t.PkgPath() == "sync/atomic" && strings.HasPrefix(t.Name(), "Pointer["):
			pointer := v.FieldByName("v").UnsafePointer()
			if pointer == nil || seen[pointer] {
				return append(b, 0)
			}
			seen[pointer] = true
			return seen.append(append(b, 1), reflect.NewAt(t.Field(0).Type.Elem().Elem(), pointer).Elem())
		}
		for i := range v.NumField() {
			b = seen.append(b, v.Field(i))
		}
		return b
	case reflect.Array, reflect.Slice:
		b = binary.AppendUvarint(b, uint64(v.Len()))
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return append(b, v.Bytes()...)
		}
		for i := range v.Len() {
			b = seen.append(b, v.Index(i))
		}
		return b
	case reflect.Bool:
		if v.Bool() {
			return append(b, 1)
		}
		return append(b, 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return binary.AppendVarint(b, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return binary.AppendUvarint(b, v.Uint())
	case reflect.Func: // a pointer that no printer follows
		if v.IsNil() {
			return append(b, 0)
		}
		if f := v.Type(); f.NumIn() == 0 && f.NumOut() == 1 && f.Out(0).Kind() == reflect.Pointer {
			f := reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem() // also if not exported
			return seen.append(append(b, 1), f.Call(nil)[0].Elem())
		}
	}
	// An object that begins to hold a map or a pointer needs another comparison than this.
	panic(fmt.Sprintf("%s: no rule for what the state of a %s is", v.Type(), v.Kind()))
}

// TestStateSeesEveryField: the comparison that all of this package rests on.
func TestStateSeesEveryField(t *testing.T) {
	type inner struct {
		key   [3]byte
		index uint32
	}
	type object struct {
		_     [0]func()
		in    inner
		list  []inner
		flag  bool
		small int8
		key   func() *inner
		mu    sync.Mutex
		guard atomic.Pointer[inner]
	}
	fresh := func() *object {
		hidden := new(inner)
		o := &object{in: inner{index: 1}, list: make([]inner, 2, 5), key: func() *inner { return hidden }}
		o.guard.Store(new(inner))
		return o
	}
	base := stateOf(fresh())
	if base != stateOf(fresh()) {
		t.Fatal("equal objects differ")
	}
	locked := fresh()
	locked.mu.Lock()
	if stateOf(locked) != base {
		t.Error("a lock that is held counts as a change")
	}
	for name, change := range map[string]func(o *object){
		"array":         func(o *object) { o.in.key[2] = 1 },
		"number":        func(o *object) { o.in.index = 2 },
		"element":       func(o *object) { o.list[1].key[0] = 1 },
		"shorter slice": func(o *object) { o.list = o.list[:1] },
		"longer slice":  func(o *object) { o.list = o.list[:3] },
		"flag":          func(o *object) { o.flag = true },
		"signed number": func(o *object) { o.small = -1 },
		"hidden key":    func(o *object) { o.key().key[1] = 1 },
		"missing key":   func(o *object) { o.key = nil },
		"guarded key":   func(o *object) { o.guard.Load().key[1] = 1 },
		"missing guard": func(o *object) { o.guard.Store(nil) },
	} {
		o := fresh()
		change(o)
		if stateOf(o) == base {
			t.Errorf("a changed %s is not seen", name)
		}
	}
	// A real one: each of these calls changes an account somewhere.
	a := olm.NewAccount()
	seen := map[string]bool{stateOf(a): true}
	for _, change := range []func(){
		func() { _, _ = a.GenerateOneTimeKeys(2) }, func() { a.MarkKeysAsPublished() }, func() { _ = a.GenerateFallbackKey() },
		func() { a.MarkKeysAsPublished() }, func() { _ = a.GenerateFallbackKey() }, func() { a.ForgetOldFallbackKey() }, a.Wipe,
	} {
		change()
		seen[stateOf(a)] = true
	}
	if len(seen) != 8 {
		t.Errorf("%d states are seen where there are 8", len(seen))
	}
}
