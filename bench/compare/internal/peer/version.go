package peer

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// Module returns the version of a module that the program was built with.
func Module(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == path {
				return m.Version
			}
		}
	}
	return "(unknown)"
}

// Revision returns the commit that the program was built from, as far as the Go command recorded it.
func Revision() string {
	revision := setting("vcs.revision")
	switch {
	case revision == "":
		return "(unknown)"
	case setting("vcs.modified") == "true":
		return revision[:min(12, len(revision))] + " with changes"
	}
	return revision[:min(12, len(revision))]
}

// Build says what the program was compiled with and for.
func Build() string {
	build := fmt.Sprintf("%s %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	for _, key := range []string{"GO" + strings.ToUpper(runtime.GOARCH), "-tags", "GOEXPERIMENT"} {
		if value := setting(key); value != "" {
			build += " " + strings.TrimPrefix(key, "-") + "=" + value
		}
	}
	return build
}

func setting(key string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == key {
				return s.Value
			}
		}
	}
	return ""
}
