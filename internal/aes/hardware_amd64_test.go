//go:build !purego

package aes

import (
	"testing"

	"github.com/karst-im/karst/internal/cpu"
)

func hardware() []cbc {
	if !cpu.AES {
		return nil
	}
	return []cbc{{"aes-ni",
		func(dst, src []byte, key *[32]byte, iv *[16]byte) { encryptCBC(&dst[0], &src[0], len(src)/16, key, iv) },
		func(dst, src []byte, key *[32]byte, iv *[16]byte) { decryptCBC(&dst[0], &src[0], len(src)/16, key, iv) },
	}}
}

// TestWithoutAES runs what the rest of the module gets on a processor without AES-NI.
func TestWithoutAES(t *testing.T) {
	if !cpu.AES {
		t.Skip("this processor has no AES-NI, so the other tests do the same")
	}
	cpu.AES = false
	defer func() { cpu.AES = true }()
	if Implementation() != "bitsliced" {
		t.Errorf("uses %s without AES-NI", Implementation())
	}
	TestKnownAnswers(t)
	TestLengths(t)
	TestAllocations(t)
}
