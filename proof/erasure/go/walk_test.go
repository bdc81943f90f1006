//go:build linux && amd64 && !race

package erasure_test

import (
	"fmt"
	"reflect"
	"slices"
	"unsafe"
)

// value is an array of bytes in an object, such as a key.
type value struct {
	path  string
	bytes []byte
}

// publicNames are the fields that hold nothing secret. Any other array of bytes counts as a secret, so
// that a new one is looked for unless somebody decides otherwise.
var publicNames = []string{"public", "theirs", "identity", "base", "oneTime", "ratchetPub"}

// walk lists the arrays of bytes in what object points to, and the memory that it consists of. object
// is a pointer, a slice of bytes or a string.
func walk(name string, object any) (secrets, public []value, memory [][]byte) {
	switch o := object.(type) {
	case []byte:
		return []value{{name, slices.Clone(o)}}, nil, [][]byte{o[:cap(o)]}
	case string:
		return []value{{name, []byte(o)}}, nil, [][]byte{unsafe.Slice(unsafe.StringData(o), len(o))}
	}
	v := reflect.ValueOf(object).Elem()
	if state, ok := guarded(v); ok {
		v = state
	}
	for _, f := range functions(v) {
		// A function that returns a pointer to a secret: reflection can't call it while it is unexported.
		secretBehind := reflect.NewAt(f.Type(), f.Addr().UnsafePointer()).Elem().Call(nil)[0]
		s, p, m := walk(name, secretBehind.Interface())
		secrets, public, memory = append(secrets, s...), append(public, p...), append(memory, m...)
	}
	var visit func(path string, v reflect.Value, secret bool)
	visit = func(path string, v reflect.Value, secret bool) {
		switch v.Kind() {
		case reflect.Struct:
			if pkg := v.Type().PkgPath(); pkg == "sync" || pkg == "sync/atomic" {
				return // what guards the state, and has been followed
			}
			for i := range v.NumField() {
				f := v.Type().Field(i)
				isPublic := slices.Contains(publicNames, f.Name) && f.Type.Kind() == reflect.Array
				visit(path+"."+f.Name, v.Field(i), secret && !isPublic)
			}
		case reflect.Array:
			if v.Type().Elem().Kind() == reflect.Uint8 {
				found := value{path, slices.Clone(rawMemory(v))}
				if secret {
					secrets = append(secrets, found)
				} else {
					public = append(public, found)
				}
				return
			}
			fallthrough
		case reflect.Slice:
			if v.Kind() == reflect.Slice && v.Cap() > 0 {
				whole := v.Slice3(0, v.Cap(), v.Cap())
				size := int(v.Type().Elem().Size()) * v.Cap()
				memory = append(memory, unsafe.Slice((*byte)(whole.UnsafePointer()), size))
			}
			for i := range v.Len() {
				visit(fmt.Sprintf("%s[%d]", path, i), v.Index(i), secret)
			}
		case reflect.Func: // see above
		case reflect.Bool, reflect.Uint8, reflect.Uint16, reflect.Uint32:
		default:
			panic(fmt.Sprintf("%s: walk doesn't know %v", path, v.Type()))
		}
	}
	memory = append(memory, rawMemory(v))
	visit(name, v, true)
	return secrets, public, memory
}

// rawMemory returns the memory of an addressable value, unexported fields included.
func rawMemory(v reflect.Value) []byte {
	return unsafe.Slice((*byte)(v.Addr().UnsafePointer()), int(v.Type().Size()))
}

// functions returns the fields of a struct that are functions and not nil.
func functions(v reflect.Value) (found []reflect.Value) {
	if v.Kind() == reflect.Struct {
		for i := range v.NumField() {
			if f := v.Field(i); f.Kind() == reflect.Func && !f.IsNil() {
				found = append(found, f)
			}
		}
	}
	return found
}

// guarded returns the state of an object that hides it behind an atomic pointer, see package guard. The object
// is within that memory.
func guarded(v reflect.Value) (state reflect.Value, ok bool) {
	if v.Kind() != reflect.Struct || !v.FieldByName("state").IsValid() {
		return v, false
	}
	p := v.FieldByName("state").FieldByName("p")
	pointer := p.FieldByName("v").UnsafePointer()
	if pointer == nil {
		return v, false
	}
	return reflect.NewAt(p.Type().Field(0).Type.Elem().Elem(), pointer).Elem(), true
}
