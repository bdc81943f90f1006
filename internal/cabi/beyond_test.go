package cabi

import (
	"bytes"
	"testing"

	"github.com/karst-im/karst/internal/errcode"
)

func TestDroppedKeys(t *testing.T) {
	for _, c := range []struct{ have, make, dropped uint }{
		{0, 0, 0},
		{0, 100, 0},
		{0, 101, 0}, // nobody has seen the one that goes at once
		{50, 50, 0},
		{50, 51, 1},
		{100, 0, 0},
		{100, 1, 1},
		{100, 99, 99},
		{100, 100, 100},
		{7, ^uint(0), 7},
	} {
		a := newAccount(t, 1)
		a.GenerateOneTimeKeys(c.have, random(32*int(c.have), 2))
		before := oneTimeKeys(t, a.OneTimeKeysLen(), a.OneTimeKeys)
		a.MarkKeysAsPublished() // published keys go like others
		write := func(out []byte) uint { return a.DroppedKeys(c.make, out) }
		want := keyListLen(c.dropped)
		dropped := oneTimeKeys(t, want, write)
		if len(dropped) != int(c.dropped) {
			t.Fatalf("%v: %d keys give way", c, len(dropped))
		}
		if c.make > 1<<16 {
			continue
		}
		a.GenerateOneTimeKeys(c.make, random(32*int(c.make), 3))
		for id, key := range before {
			var public [32]byte
			decodeKey(&public, []byte(key))
			kept := false
			for i := range a.a.OneTimeKeys() {
				kept = kept || *a.store[i].Public() == public
			}
			if kept == (dropped[id] == key) {
				t.Errorf("%v: key %s: kept %v, dropped %q", c, id, kept, dropped[id])
			}
		}
		fails(t, a, write(make([]byte, keyListLen(0)-1)), errcode.OutputBufferTooSmall)
	}
	a := newAccount(t, 1)
	a.GenerateOneTimeKeys(100, random(3200, 2))
	succeeds(t, a.DroppedKeys(100, make([]byte, DroppedKeysLen)), DroppedKeysLen)
}

func TestPreKeySessionID(t *testing.T) {
	alice, bob := newPair(t)
	kind, m := encrypt(t, alice, []byte("again"))
	succeeds(t, kind, 0)
	u := create[Utility]()
	id := text64(t, SessionIDLen, func(b []byte) uint { return u.PreKeySessionID(bytes.Clone(m), b) })
	for _, s := range []*Session{alice, bob} {
		if own := text64(t, SessionIDLen, s.ID); !bytes.Equal(id, own) {
			t.Errorf("the message belongs to %s, the session is %s", id, own)
		}
	}
	out := make([]byte, SessionIDLen)
	fails(t, u, u.PreKeySessionID([]byte("A"), out), errcode.InvalidBase64)
	fails(t, u, u.PreKeySessionID([]byte("AwAA"), out), errcode.BadMessageFormat)
	fails(t, u, u.PreKeySessionID(m[:40], out), errcode.BadMessageFormat)
	// A pre-key message with nothing in it but a message.
	fails(t, u, u.PreKeySessionID([]byte("AyIBeA"), out), errcode.BadMessageFormat)
}
