package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
)

// moduleVersion returns the version that the Go command recorded: a tag, a pseudo-version, or "(devel)".
func moduleVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unknown)"
}

func printVersion(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "karst    %s\n", moduleVersion())
	fmt.Fprintf(&b, "go       %s %s/%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	for _, line := range implementations() {
		fmt.Fprintf(&b, "%-8s %s\n", line[0], line[1])
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			switch setting.Key {
			case "-tags", "vcs.revision", "vcs.time":
				fmt.Fprintf(&b, "%-8s %s\n", strings.TrimLeft(strings.TrimPrefix(setting.Key, "vcs."), "-"), setting.Value)
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
