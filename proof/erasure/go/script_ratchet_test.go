//go:build linux && amd64 && !race

package erasure_test

import (
	"errors"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/pickle"
	"github.com/karst-im/karst/pk"
	"github.com/karst-im/karst/ratchet"
)

func ratchetScript(s *stage, pickleKey []byte) {
	shared := new([ratchet.SharedLen]byte)
	s.run(func() {
		for i := range 3 {
			seed := pk.GenerateSeed()
			copy(shared[32*i:], seed)
			clear(seed)
		}
	})
	s.hold("shared", shared[:])
	s.know(func(l *learner) { l.learnHKDF("the shared secret", shared[:], nil, "OLM_ROOT", 64) })
	s.did("making a shared secret")

	var alice, bob *ratchet.Double
	s.run(func() { alice = ratchet.Initiate(shared) })
	s.hold("double of alice", alice)
	s.did("ratchet.Initiate")
	type header struct {
		ours  keys.Curve25519
		index uint32
	}
	send := func(from *ratchet.Double, what string) (h header) {
		key := new([ratchet.KeyLen]byte)
		s.run(func() {
			var err error
			h.ours, h.index, err = from.Send(key)
			must(err)
		})
		s.hold("message key", key[:])
		s.did("Double.Send, " + what)
		s.wipe("message key")
		s.did("clear of a message key")
		return h
	}
	first := send(alice, "the first")
	s.run(func() { bob = must1(ratchet.Respond(shared, first.ours)) })
	s.hold("double of bob", bob)
	s.did("ratchet.Respond")
	s.wipe("shared")
	s.did("clear of the shared secret")

	refusal := errors.New("refused")
	receive := func(to *ratchet.Double, h header, what string) {
		s.run(func() {
			refused(to.Receive(h.ours, h.index, func(*[ratchet.KeyLen]byte) error { return refusal }))
		})
		s.did("Double.Receive, refused, " + what)
		s.run(func() {
			defer func() { _ = recover() }()
			_ = to.Receive(h.ours, h.index, func(*[ratchet.KeyLen]byte) error { panic(refusal) })
		})
		s.did("Double.Receive, with a panic, " + what)
		s.run(func() { // whatever open needs of the stack: the old one stays behind as it was
			refused(to.Receive(h.ours, h.index, func(*[ratchet.KeyLen]byte) error {
				growStack(128)
				return refusal
			}))
		})
		s.did("Double.Receive, whose open makes the stack grow, " + what)
		s.run(func() { must(to.Receive(h.ours, h.index, func(*[ratchet.KeyLen]byte) error { return nil })) })
		s.did("Double.Receive, " + what)
	}
	receive(bob, first, "the first")
	late, other := send(alice, "late"), send(alice, "late, too")
	receive(bob, send(alice, "ahead"), "ahead")
	receive(bob, late, "late")
	receive(alice, send(bob, "an answer"), "an answer")
	receive(bob, send(alice, "a turn"), "a turn")

	var pickled []byte
	s.run(func() { pickled = must1(bob.Pickle(pickleKey)) })
	s.did("Double.Pickle")
	var restored *ratchet.Double
	s.run(func() { restored = must1(ratchet.UnpickleDouble(pickleKey, pickled)) })
	s.hold("restored double", restored)
	s.did("UnpickleDouble")
	receive(restored, other, "after it was unpickled")
	s.wipe("restored double")
	s.did("Double.Wipe of the unpickled one")
	s.run(func() { refused(second(ratchet.UnpickleMegolm(pickleKey, pickled))) })
	s.did("UnpickleMegolm of a Double")

	s.wipe("double of alice")
	s.wipe("double of bob")
	s.did("Double.Wipe")

	var m, member *ratchet.Megolm
	s.run(func() { m = ratchet.NewMegolm() })
	s.hold("megolm", m)
	s.did("ratchet.NewMegolm")
	s.run(func() { must(m.Advance()) })
	s.did("Megolm.Advance")
	value := new([ratchet.MegolmLen]byte)
	s.run(func() { must(m.Key(value)) })
	s.hold("value", value[:])
	s.did("Megolm.Key")
	s.run(func() { member = ratchet.MegolmFromKey(value, m.Index()) })
	s.hold("megolm of a member", member)
	s.did("ratchet.MegolmFromKey")
	s.wipe("value")
	s.did("clear of a Megolm value")
	s.run(func() { must(member.AdvanceTo(1 << 20)) })
	s.did("Megolm.AdvanceTo")
	s.run(func() { pickled = must1(member.Pickle(pickleKey)) })
	s.did("Megolm.Pickle")
	var read *ratchet.Megolm
	s.run(func() { read = must1(ratchet.UnpickleMegolm(pickleKey, pickled)) })
	s.hold("restored megolm", read)
	s.did("UnpickleMegolm")
	var contents []byte // nothing public is in them
	s.run(func() { contents = must1(pickle.Open(pickleKey, pickled)) })
	s.hold("contents", contents)
	s.did("pickle.Open")
	s.run(func() { pickled = must1(pickle.Seal(pickleKey, contents)) })
	s.did("pickle.Seal")
	s.wipe("contents")
	s.did("clear of contents")
	for _, name := range []string{"restored megolm", "megolm of a member", "megolm"} {
		s.wipe(name)
		s.did("Megolm.Wipe of " + name)
	}
}
