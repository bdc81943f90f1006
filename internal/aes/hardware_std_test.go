//go:build (arm64 || ppc64le || s390x) && !purego

package aes

import "testing"

func hardware() []cbc {
	if !hasAES {
		return nil
	}
	return []cbc{{"std", encryptStd, decryptStd}}
}

// TestOtherPath runs what the rest of the module gets on a processor that has AES instructions where this
// one has none, or the other way round. crypto/aes is right without instructions too, if not constant-time.
func TestOtherPath(t *testing.T) {
	t.Logf("AES instructions: %v", hasAES)
	hasAES = !hasAES
	defer func() { hasAES = !hasAES }()
	TestImplementation(t)
	TestKnownAnswers(t)
	TestLengths(t)
	TestAllocations(t)
}
