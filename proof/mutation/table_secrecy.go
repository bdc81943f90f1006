package main

import "slices"

// secrecy are wipes that are gone, which change no result: most of them only a look into the memory of the
// process can tell.
func secrecy() []mutation {
	return slices.Concat(
		[]mutation{{
			name: "the secret of a new root is left", file: "ratchet/double.go",
			old:     "	secret.Wipe(out[:])\n	secret.Wipe(dh[:])\n	return errcode.OK",
			new:     "	return errcode.OK",
			gates:   byErasure,
			excused: "what is left on the stack is overwritten by the next functions, as things are compiled today, before the search can see it",
		}},
		in("ratchet/double.go", byErasure, changes{
			{"a pending message is left after it was committed", "chain.index = p.index + 1\n	p.Wipe()", "chain.index = p.index + 1"},
			{"the private ratchet key is left", "	secret.Wipe(d.ratchetKey[:])\n", ""},
			{"a wiped ratchet keeps its root", "	secret.Wipe(d.root[:])\n", ""},
			{"a wiped ratchet keeps its receiving chains", "		secret.Wipe(c.key[:])\n", ""},
			{"a wiped pending message keeps its root", "	secret.Wipe(p.root[:])\n", ""},
			{"the sending chain is left", "	secret.Wipe(d.sendChain[:])\n", ""},
		}),
		in("ratchet/skipped.go", byErasure, changes{
			{"a used skipped key is left", "	secret.Wipe(last.key[:])\n", ""},
		}),
		in("ratchet/megolm.go", byErasure, changes{
			{"a wiped Megolm ratchet is left", "	secret.Wipe(m.r[:])\n", ""},
		}),
		in("internal/curve/scalar_edwards.go", byErasure, changes{
			{"what edwards25519 leaves on the stack is left", "func wipeStack() { secret.WipeStack() }", "func wipeStack() { _ = secret.WipeStack }"},
		}),
		in("internal/protocol/session.go", byErasure, changes{
			{"the message key is left after encryption", "	k.Derive(key[:], olmInfo)\n	secret.Wipe(key[:])", "	k.Derive(key[:], olmInfo)"},
			{"the secret of the handshake is left", "	base.wipe()\n	secret.Wipe(shared[:])", "	base.wipe()"},
		}),
		in("internal/protocol/outbound.go", byErasure, changes{
			{"the ratchet's copy for a message is left", "	k.Derive(key[:], megolmInfo)\n	secret.Wipe(key[:])", "	k.Derive(key[:], megolmInfo)"},
		}),
		in("internal/aessha2/aessha2.go", byErasure, changes{
			{"the derived keys of a message are left", "	secret.Copy(k.iv[:], d[64:])\n	secret.Wipe(d[:])", "	secret.Copy(k.iv[:], d[64:])"},
			{"a wiped key is left", "	secret.Wipe(k.aes[:])\n", ""},
		}),
		in("olm/account.go", byErasure, changes{
			{"an opened account pickle is left", "	defer secret.Wipe(buf)\n", ""},
			{"the randomness of an account is left", "	a.p.Create(random[:])\n	secret.Wipe(random[:])", "	a.p.Create(random[:])"},
			{"one-time keys are left where they were before there were more", "	clear(a.oneTime)\n", ""},
		}),
		in("olm/session.go", byErasure, changes{
			{"an opened session pickle is left", "	defer secret.Wipe(buf)\n", ""},
		}),
		in("megolm/outbound.go", byErasure, changes{
			{"an opened pickle of a group session is left", "	secret.Wipe(buf)\n	return code", "	_ = secret.Wipe\n	return code"},
		}),
		in("pk/pk.go", byErasure, changes{
			{"an opened pickle of a recipient is left", "	defer secret.Wipe(buf)\n", ""},
		}),
	)
}
