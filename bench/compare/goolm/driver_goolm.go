//go:build !libolm

package main

import "maunium.net/go/mautrix/crypto/goolm"

func register() { goolm.Register() }

func library() string { return "goolm" }

// own returns text for a function that, in the C library, overwrites it.
func own(text []byte) []byte { return text }
