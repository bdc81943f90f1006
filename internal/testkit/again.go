package testkit

import (
	"os"
	"os/exec"
	"runtime"
	"testing"
)

// Again returns the command that starts the program that is running once more, with those variables in its
// environment besides its own. Under an emulator, which KARST_EMULATOR names, the system can't start it alone; in
// WebAssembly nothing can be started, and the test is skipped.
func Again(t testing.TB, variables []string, arguments ...string) *exec.Cmd {
	t.Helper()
	if runtime.GOARCH == "wasm" {
		t.Skip("no processes here")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := append([]string{exe}, arguments...)
	if emulator := os.Getenv("KARST_EMULATOR"); emulator != "" {
		command = append([]string{emulator}, command...)
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), variables...)
	return cmd
}
