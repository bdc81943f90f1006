package selftest_test

import (
	"encoding/hex"
	"testing"

	"github.com/karst-im/karst/internal/selftest"
)

// want is the hash that every build of the core arrives at; the program in the folder small asserts
// the same value. The bytes under it are compared with libolm's elsewhere.
const want = "a6b43de53e323deb41d7df617ca143f057b807cf93bf615da14372243a7dc066"

func TestHash(t *testing.T) {
	s := new(selftest.State)
	for range 2 { // the second run starts from what the first one left
		var got [32]byte
		if step := s.Run(&got); step != 0 {
			t.Fatalf("step %d failed", step)
		}
		if hex.EncodeToString(got[:]) != want {
			t.Fatalf("hash is %x, want %s", got, want)
		}
	}
}
