package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/karst-im/karst/internal/aes"
	"github.com/karst-im/karst/internal/curve"
	"github.com/karst-im/karst/internal/sha2"
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
	sha256, sha512 := sha2.Implementation()
	fmt.Fprintf(&b, "AES      %s\nSHA-256  %s\nSHA-512  %s\n", aes.Implementation(), sha256, sha512)
	fmt.Fprintf(&b, "curves   %s\n", curve.Implementation())
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
