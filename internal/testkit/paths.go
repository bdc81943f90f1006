package testkit

import "testing"

// OnEachPath runs f as this machine does and, if it has those instructions, as one without them would. has is the
// variable that says so.
func OnEachPath(t *testing.T, instructions string, has *bool, f func(t *testing.T)) {
	t.Run("here", f)
	if *has {
		t.Run("without "+instructions+" instructions", func(t *testing.T) {
			defer func() { *has = true }()
			*has = false
			f(t)
		})
	}
}
