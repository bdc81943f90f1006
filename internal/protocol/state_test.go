package protocol

import (
	"reflect"
	"testing"
	"unsafe"

	"github.com/karst-im/karst/internal/testkit"
)

// TestPlainMemory checks that all state is memory without pointers, which the user of the C library may
// copy, and which no other object shares; and that there isn't too much of it.
func TestPlainMemory(t *testing.T) {
	for _, p := range []any{
		new(Account), new(OneTimeKey), new(Session), new(InboundGroup), new(OutboundGroup), new(SAS), new(PKDecryption), new(Signing),
	} {
		testkit.Fill(t, p)
	}
	// With a slice header or a lock beside them, as in the Go packages, these two, of which a program has many,
	// stay within size classes of Go's allocator.
	if n := unsafe.Sizeof(Session{}) + 24; n > 640 {
		t.Errorf("a session has %d bytes", n)
	}
	if n := unsafe.Sizeof(InboundGroup{}) + 16; n > 320 {
		t.Errorf("an inbound group session has %d bytes", n)
	}
}

// TestWipe fills whole objects and wipes them: a field that is added later and forgotten shows.
func TestWipe(t *testing.T) {
	var a Account
	store := make([]OneTimeKey, 3)
	testkit.Fill(t, &a)
	for i := range store {
		testkit.Fill(t, &store[i])
	}
	a.Wipe(store)
	for i := range store {
		testkit.Equal(t, OneTimeKey{}, store[i])
	}
	var (
		s  Session
		in InboundGroup
		og OutboundGroup
		sa SAS
		pk PKDecryption
		si Signing
	)
	for p, wipe := range map[any]func(){
		&a: func() { a.Wipe(nil) }, &s: s.Wipe, &in: in.Wipe, &og: og.Wipe, &sa: sa.Wipe, &pk: pk.Wipe, &si: si.Wipe,
	} {
		testkit.Fill(t, p)
		wipe()
		testkit.Leaves(p, func(path string, leaf reflect.Value) {
			if !leaf.IsZero() {
				t.Errorf("%T%s stays", p, path)
			}
		})
	}
}
