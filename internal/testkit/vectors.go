package testkit

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Hex returns the bytes that text spells in hexadecimal.
func Hex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Wycheproof reads a file of Project Wycheproof's test vectors into v. root is the way to the module.
func Wycheproof(t testing.TB, root, name string, v any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "vectors/wycheproof", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, v); err != nil {
		t.Fatal(err)
	}
}
