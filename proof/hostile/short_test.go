package hostile_test

import (
	"runtime"
	"testing"
)

// short reports whether a sample is to do. What is shown here does not depend on the machine, so that
// those which are slow, or emulated, need not show all of it again.
func short() bool { return testing.Short() || runtime.GOARCH != "amd64" }
