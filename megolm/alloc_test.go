//go:build !race

// The race detector changes what escapes to the heap.

package megolm_test

import (
	"strconv"
	"testing"

	"github.com/karst-im/karst/internal/aes"
	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/megolm"
)

func TestAllocations(t *testing.T) {
	if aes.Allocates {
		t.Skip("AES comes from the standard library, which allocates")
	}
	const runs = 50
	plaintext := []byte("a plaintext of more than one block, so that there is something to do")
	buf := make([]byte, 0, 1000)
	out, in := newPair(t)
	for range 3 { // the third valid signature of a key makes a table, once
		if _, _, err := in.Decrypt(encryptN(t, out, 1)[0]); err != nil {
			t.Fatal(err)
		}
	}
	testkit.Budget(t, "AppendEncrypt", 0, runs, func(int) {
		if _, err := out.AppendEncrypt(buf, plaintext); err != nil {
			t.Error(err)
		}
	})
	testkit.Budget(t, "Encrypt", 1, runs, func(int) {
		if _, err := out.Encrypt(plaintext); err != nil {
			t.Error(err)
		}
	})
	ms := encryptN(t, out, 1+runs)
	testkit.Budget(t, "AppendDecrypt", 0, runs, func(i int) {
		if _, _, err := in.AppendDecrypt(buf, ms[i]); err != nil {
			t.Error(err)
		}
	})
	testkit.Budget(t, "Decrypt", 1, runs, func(i int) {
		if _, _, err := in.Decrypt(ms[i]); err != nil {
			t.Error(err)
		}
	})
	bad := append(megolm.Message(nil), ms[0]...)
	bad[len(bad)-1] ^= 1
	testkit.Budget(t, "a message that is refused", 0, runs, func(int) {
		if _, _, err := in.AppendDecrypt(buf, bad); err != megolm.ErrSignature {
			t.Error(err)
		}
	})
	testkit.Budget(t, "a far jump", 0, 5, func(i int) {
		if err := in.Advance(1<<24 - 1 + uint32(i)); err != nil {
			t.Error(err)
		}
	})
	testkit.Budget(t, "AppendPickle", 0, runs, func(int) {
		if _, err := in.AppendPickle(buf, pickleKey); err != nil {
			t.Error(err)
		}
		if _, err := out.AppendPickle(buf, pickleKey); err != nil {
			t.Error(err)
		}
	})
}

// TestInboundSessionSize: a client holds one for each sender in each room, and each of their
// rotations.
func TestInboundSessionSize(t *testing.T) {
	most := int64(320)
	if strconv.IntSize == 32 {
		most = 352 // where Go puts a header before an object of this size
	}
	p := pickled(t, newReference(1).inbound(t))
	testkit.Holds(t, "an inbound session", most, func() *megolm.InboundSession {
		s, err := megolm.UnpickleInboundSession(pickleKey, p)
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
