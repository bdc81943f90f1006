package ratchet

import (
	"bytes"
	"testing"

	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/wire"
)

// FuzzUnpickle reads raw as either ratchet, by our rules and by libolm's, and uses what comes out.
func FuzzUnpickle(f *testing.F) {
	f.Add(make([]byte, 32+4+4+4), uint32(0))
	f.Add(bytes.Repeat([]byte{1}, MegolmPickleLen), uint32(1<<31))
	parts := [][]byte{bytes.Repeat([]byte{7}, 32), {0, 0, 0, 1}, bytes.Repeat([]byte{8}, sendingPickleLen), {0, 0, 0, 1}, bytes.Repeat([]byte{9}, chainPickleLen), {0, 0, 0, 1}, bytes.Repeat([]byte{9}, chainPickleLen)}
	f.Add(bytes.Join(parts, nil), uint32(0x09090909))
	f.Fuzz(func(t *testing.T, raw []byte, index uint32) {
		for _, tol := range []wire.Tolerance{wire.Strict, wire.Lenient} {
			s := new(side)
			if tol == wire.Lenient {
				s.s = Skipped{Keys: make([]SkippedKey, MaxSkippedPerChain), Forgotten: make([]ForgottenChain, MaxSkippedPerChain)}
			}
			code, left := unpickle(s, raw, tol)
			if code != errcode.OK {
				continue
			}
			checkPickle(t, s, raw[:len(raw)-left], tol)
			useDouble(t, s, index)
		}
		r := wire.NewReader(raw)
		var m Megolm
		m.Unpickle(&r)
		if r.Short() != (len(raw) < MegolmPickleLen) {
			t.Fatalf("%d bytes, short: %v", len(raw), r.Short())
		}
		if m.Counter() <= index {
			m.AdvanceTo(index)
			if m.Counter() != index {
				t.Fatalf("%d where it was to be %d", m.Counter(), index)
			}
		}
	})
}

// checkPickle pickles s, which was read from raw. By libolm's rules nothing of it is dropped.
func checkPickle(t *testing.T, s *side, raw []byte, tol wire.Tolerance) {
	t.Helper()
	out := make([]byte, s.d.PickleLen())
	w := wire.NewWriter(out)
	s.d.Pickle(&w, &s.s)
	if w.Len() != 0 {
		t.Fatalf("%d bytes of a pickle are not written", w.Len())
	}
	if len(out) > len(raw) || len(out) == len(raw) && !bytes.Equal(out, raw) || tol == wire.Lenient && len(out) != len(raw) {
		t.Fatalf("%x becomes %x", raw, out)
	}
}

// useDouble receives on every chain and on a new one, and sends.
func useDouble(t *testing.T, s *side, index uint32) {
	t.Helper()
	_ = s.d.Check()
	keys := [][32]byte{{31: 1}, {9}}
	for i := range s.d.ReceivingChains() {
		keys = append(keys, s.d.receiving[i].theirs)
	}
	for _, theirs := range keys {
		for _, at := range []uint32{index, s.d.ReceiveIndex(0), s.d.ReceiveIndex(0) + index%3000} {
			before, kept := s.d, append([]SkippedKey(nil), s.s.Keys...)
			var p Pending
			code := s.d.Receive(&p, &s.s, &theirs, at)
			if s.d != before {
				t.Fatal("receiving changes nothing before it is committed")
			}
			for i := range kept {
				if kept[i] != s.s.Keys[i] {
					t.Fatal("receiving changes no skipped key before it is committed")
				}
			}
			if code != errcode.OK {
				continue
			}
			if room := s.d.Room(&p); s.s.Forgotten == nil && room > len(s.s.Keys) {
				s.s.Keys = append(s.s.Keys, make([]SkippedKey, room-len(s.s.Keys))...)
			}
			s.d.Commit(&p, &s.s)
			if at == ^uint32(0) {
				t.Fatal("the last index was taken")
			}
		}
	}
	var key [32]byte
	if s.d.NeedsRatchetKey() && s.d.StartSending(&[32]byte{1}) != errcode.OK {
		return
	}
	n := s.d.SendIndex()
	code := s.d.NextMessageKey(&key)
	if (code == errcode.Exhausted) != (n == ^uint32(0)) || code == errcode.OK && s.d.SendIndex() != n+1 {
		t.Fatalf("code %d at index %d", code, n)
	}
}
