//go:build linux && amd64 && !race

package erasure_test

// script is what is done. Every call of a public function that handles secrets is an operation, and ends
// with a stop.
func script(s *stage) {
	// Nothing of it is text: what a stop prints, an address and a name such as pickle.Open, would be taken for it.
	pickleKey := []byte("\x9c\xd1\x07\xf3\x84\xb6\x1e\xe9\xc2\x5a\xfd\x38\x91\x02\x33\xc7\xa8\x15\x46\xfe\x70\x29")
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
