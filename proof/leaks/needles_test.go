// Package leaks_test looks for secrets in everything that a program may print of karst's objects.
package leaks_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unsafe"
)

// verbs are those of package fmt.
var verbs = []string{
	"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%#x", "%+q", "%T", "%20v",
	"%d", "%o", "%O", "%b", "%c", "%U", "%e", "%g", "%t", "%p", "%w", "%08d", "%#U",
}

// needles returns the forms in which a few bytes of a secret, from its beginning, its middle and its
// end, could be printed: a printer that shows one of them shows all.
func needles(secret []byte) (all []string) {
	for _, at := range []int{0, len(secret)/2 + 1, len(secret) - 4} {
		w := secret[at : at+4]
		list := func(verb, separator string) string {
			var parts []string
			for _, b := range w {
				parts = append(parts, fmt.Sprintf(verb, b))
			}
			return strings.Join(parts, separator)
		}
		all = append(all, string(w), hex.EncodeToString(w), strings.ToUpper(hex.EncodeToString(w)), fmt.Sprintf("% x", w), fmt.Sprintf("% X", w))
		for _, verb := range append(slices.Clone(verbs), "uint8(%d)", "0x%x", "0x%02x") {
			for _, separator := range []string{" ", ",", ", "} {
				all = append(all, list(verb, separator))
			}
		}
		var gob []byte // how encoding/gob writes the elements of an array
		for _, b := range w {
			if b > 127 {
				gob = append(gob, 0xff)
			}
			gob = append(gob, b)
		}
		all = append(all, string(gob))
		// Base64 at each of its three alignments.
		for shift := range 3 {
			chunk := secret[max(0, at-shift):min(len(secret), at+9)]
			text := base64.RawStdEncoding.EncodeToString(chunk[shift*min(1, at):])
			all = append(all, text[:6], base64.RawURLEncoding.EncodeToString(chunk[shift*min(1, at):])[:6])
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return slices.DeleteFunc(all, func(n string) bool {
		return len(n) < 4 || strings.HasPrefix(n, "uint8 ") || strings.HasPrefix(n, "uint8,")
	})
}

func shows(text string, needles []string) bool {
	return slices.ContainsFunc(needles, func(n string) bool { return strings.Contains(text, n) })
}

// publicNames are the fields that hold nothing secret. Any other array of bytes counts as a secret, so
// that a new one is looked for unless somebody decides otherwise.
var publicNames = []string{"public", "theirs", "identity", "base", "oneTime", "ratchetPub"}

// secretsOf lists the arrays of bytes, of at least 16, in an object that are not zero or public.
func secretsOf(object any) (found [][]byte) {
	visited := map[unsafe.Pointer]bool{}
	var visit func(v reflect.Value)
	visit = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			visit(v.Elem())
		case reflect.Struct:
			if target := hidden(v); target.IsValid() {
				if at := target.Addr().UnsafePointer(); !visited[at] {
					visited[at] = true
					visit(target)
				}
				return
			}
			for i := range v.NumField() {
				f := v.Type().Field(i)
				if !slices.Contains(publicNames, f.Name) || f.Type.Kind() != reflect.Array {
					visit(v.Field(i))
				}
			}
		case reflect.Array, reflect.Slice:
			if v.Type().Elem().Kind() != reflect.Uint8 {
				for i := range v.Len() {
					visit(v.Index(i))
				}
			} else if v.Len() >= 16 && !v.IsZero() {
				b := make([]byte, v.Len())
				for i := range b {
					b[i] = byte(v.Index(i).Uint())
				}
				found = append(found, b)
			}
		}
	}
	visit(reflect.ValueOf(object))
	return found
}

// hidden returns what v points to if it is an atomic.Pointer that is not nil. That is what no printer can
// do: it takes package unsafe.
func hidden(v reflect.Value) reflect.Value {
	t := v.Type()
	if t.PkgPath() != "sync/atomic" || !strings.HasPrefix(t.Name(), "Pointer[") {
		return reflect.Value{}
	}
	pointer := v.FieldByName("v").UnsafePointer()
	if pointer == nil {
		return reflect.Value{}
	}
	return reflect.NewAt(t.Field(0).Type.Elem().Elem(), pointer).Elem()
}
