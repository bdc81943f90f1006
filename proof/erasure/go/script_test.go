//go:build linux && amd64 && !race

package erasure_test

// script is what is done. Every call of a public function that handles secrets is an operation, and ends
// with a stop.
func script(s *stage) {
	pickleKey := []byte("a pickle key: \x91\x02\x33\xc7\xa8\x15\x46\xfe\x70\x29")
	s.hold("pickle key", pickleKey)
	s.know(func(l *learner) { l.learnCipher("pickle", pickleKey, "Pickle") })
	olmScript(s, pickleKey)
	megolmScript(s, pickleKey)
	sasScript(s)
	pkScript(s, pickleKey)
	ratchetScript(s, pickleKey)
	s.wipe("pickle key")
	s.did("wipe of the pickle key")
}
