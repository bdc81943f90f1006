package testkit

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Equal stops the test if got is not want, and says what differs, as Diff does.
func Equal[T any](t testing.TB, want, got T, options ...cmp.Option) {
	t.Helper()
	if diff := Diff(want, got, options...); diff != "" {
		t.Fatalf("not as it should be:\n%s", diff)
	}
}

// Diff says where two values differ, a line each, or nothing. It looks into what is not exported, and shows no secret:
// of byte slices, and of arrays of bytes or other integers, it has the length, the beginning of the SHA-256 and the first
// place that differs. Of a string it does so if it is long or not text. No method of a value is called to print it.
func Diff(want, got any, options ...cmp.Option) string {
	if plainlySame(want, got) {
		return ""
	}
	var r reporter
	equal := cmp.Equal(want, got, append(options,
		cmp.Exporter(func(reflect.Type) bool { return true }),
		cmp.FilterPath(func(p cmp.Path) bool { return opaque(p.Last().Type()) }, cmp.Comparer(func(x, y any) bool { return reflect.DeepEqual(x, y) })),
		cmp.Reporter(&r))...)
	switch {
	case equal:
		return ""
	case r.count > len(r.lines):
		r.lines = append(r.lines, fmt.Sprintf("and %d more", r.count-len(r.lines)))
	}
	return strings.Join(r.lines, "\n")
}

// plainlySame reports whether two values are the same, which almost always shows at once: the rest of Diff takes much more
// time.
func plainlySame(want, got any) bool {
	x, y := reflect.ValueOf(want), reflect.ValueOf(got)
	switch {
	case !x.IsValid() || !y.IsValid():
		return false
	case opaque(x.Type()):
		return reflect.DeepEqual(want, got)
	}
	return x.Comparable() && y.Comparable() && want == got
}

// mostLines is how many differences a diff shows.
const mostLines = 20

// opaque reports whether values of a type may be secret.
func opaque(t reflect.Type) bool {
	switch {
	case t == nil:
		return false
	case t.Kind() == reflect.Slice:
		return t.Elem().Kind() == reflect.Uint8
	case t.Kind() == reflect.Array:
		return t.Elem().Kind() >= reflect.Int && t.Elem().Kind() <= reflect.Uintptr
	}
	return false
}

// reporter takes notes of a comparison.
type reporter struct {
	path  cmp.Path
	lines []string
	count int
}

func (r *reporter) PushStep(s cmp.PathStep) { r.path = append(r.path, s) }
func (r *reporter) PopStep()                { r.path = r.path[:len(r.path)-1] }

func (r *reporter) Report(result cmp.Result) {
	if result.Equal() {
		return
	}
	if r.count++; r.count > mostLines {
		return
	}
	want, got := r.path.Last().Values()
	line := fmt.Sprintf("%s: want %s, got %s", where(r.path), show(want, 0), show(got, 0))
	if at, ok := parting(want, got); ok {
		line += fmt.Sprintf(", which part at %d", at)
	}
	r.lines = append(r.lines, line)
}

// where returns the way to a value, such as ".chains[2].key".
func where(path cmp.Path) string {
	var way strings.Builder
	for _, step := range path[1:] {
		switch s := step.(type) {
		case cmp.StructField:
			way.WriteString("." + s.Name())
		case cmp.SliceIndex:
			x, y := s.SplitKeys()
			switch {
			case x == y:
				fmt.Fprintf(&way, "[%d]", x)
			case x < 0:
				fmt.Fprintf(&way, "[%d, only got]", y)
			case y < 0:
				fmt.Fprintf(&way, "[%d, only wanted]", x)
			default:
				fmt.Fprintf(&way, "[%d, now %d]", x, y)
			}
		case cmp.MapIndex:
			way.WriteString("[" + show(s.Key(), 0) + "]")
		case cmp.TypeAssertion:
			fmt.Fprintf(&way, ".(%v)", s.Type())
		case cmp.Transform:
			way.WriteString("." + s.Name() + "()")
		}
	}
	if way.Len() == 0 {
		return "all"
	}
	return way.String()
}

// contents returns the memory of an opaque value or a string. size is how many bytes an element has.
func contents(v reflect.Value) (b []byte, size int) {
	if v.Kind() == reflect.String {
		return []byte(v.String()), 1
	}
	size = int(v.Type().Elem().Size())
	for i := range v.Len() {
		var x uint64
		if e := v.Index(i); e.CanInt() {
			x = uint64(e.Int())
		} else {
			x = e.Uint()
		}
		b = append(b, binary.BigEndian.AppendUint64(nil, x)[8-size:]...)
	}
	return b, size
}

// parting returns the first element at which two opaque values or strings differ.
func parting(want, got reflect.Value) (at int, ok bool) {
	if !want.IsValid() || !got.IsValid() || want.Type() != got.Type() || want.Kind() != reflect.String && !opaque(want.Type()) {
		return 0, false
	}
	x, size := contents(want)
	y, _ := contents(got)
	for at < min(len(x), len(y)) && x[at] == y[at] {
		at++
	}
	return at / size, true
}

// digest stands for b.
func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return fmt.Sprintf("%d bytes (SHA-256 %x...)", len(b), sum[:4])
}

// show returns what a value is, without what may be secret. It reaches what is not exported, so it can't ask for v.Interface.
func show(v reflect.Value, depth int) string {
	if !v.IsValid() {
		return "nothing"
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.Pointer, reflect.Interface, reflect.Func, reflect.Chan:
		if v.IsNil() {
			return "nil"
		}
	}
	if opaque(v.Type()) {
		b, _ := contents(v)
		return digest(b)
	}
	if depth == 8 {
		return "..." // there may be no end
	}
	var parts []string
	switch v.Kind() {
	case reflect.String:
		text := v.String()
		if quoted := fmt.Sprintf("%q", text); len(text) <= 80 && quoted == `"`+text+`"` {
			return quoted
		}
		return digest([]byte(text))
	case reflect.Pointer:
		return "&" + show(v.Elem(), depth+1)
	case reflect.Interface:
		return show(v.Elem(), depth+1)
	case reflect.Struct:
		for i := range v.NumField() {
			parts = append(parts, v.Type().Field(i).Name+": "+show(v.Field(i), depth+1))
		}
	case reflect.Array, reflect.Slice:
		for i := range v.Len() {
			parts = append(parts, show(v.Index(i), depth+1))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			parts = append(parts, show(k, depth+1)+": "+show(v.MapIndex(k), depth+1))
		}
		slices.Sort(parts)
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return v.Type().String() // an address helps nobody
	case reflect.Bool:
		return fmt.Sprint(v.Bool())
	case reflect.Complex64, reflect.Complex128:
		return fmt.Sprint(v.Complex())
	case reflect.Float32, reflect.Float64:
		return fmt.Sprint(v.Float())
	default:
		if v.CanInt() {
			return fmt.Sprint(v.Int())
		}
		return fmt.Sprint(v.Uint())
	}
	return v.Type().String() + "{" + strings.Join(parts, ", ") + "}"
}
