package curve

import (
	"reflect"
	"testing"

	"github.com/karst-im/karst/internal/cpu"
)

// TestImplementation tells by the field elements what this build has.
func TestImplementation(t *testing.T) {
	check := func() {
		t.Helper()
		want := "compact" // five limbs or ten
		switch element := reflect.TypeFor[fe](); {
		case element.Kind() == reflect.Struct:
			want = "edwards25519"
		case element.Len() == 4 && cpu.ADX:
			want = "adx"
		case element.Len() == 4:
			want = "go"
		}
		if got := Implementation(); got != want {
			t.Errorf("uses %s, and not %s", got, want)
		}
	}
	check()
	if cpu.ADX {
		defer func() { cpu.ADX = true }()
		cpu.ADX = false
		check()
	}
}
