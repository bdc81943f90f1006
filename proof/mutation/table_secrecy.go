package main

import "slices"

// secrecy are wipes that are gone, which change no result: most of them only a look into the memory of the
// process can tell.
func secrecy() []mutation {
	return slices.Concat(
		[]mutation{{
			name: "the secret of a new root is left", file: "internal/ratchet/double.go",
			old:     "	secret.Wipe(out[:])\n	secret.Wipe(dh[:])\n	return errcode.OK",
			new:     "	return errcode.OK",
			gates:   byErasure,
			excused: "what is left on the stack is overwritten by the next functions, as things are compiled today, before the search can see it",
		}},
		in("internal/ratchet/double.go", byErasure, changes{
			{"a pending message is left after it was committed", "chain.index = p.index + 1\n	p.Wipe()", "chain.index = p.index + 1"},
			{"the private ratchet key is left", "	secret.Wipe(d.ratchetKey[:])\n", ""},
			{"a wiped ratchet keeps its root", "	secret.Wipe(d.root[:])\n", ""},
			{"a wiped ratchet keeps its receiving chains", "		secret.Wipe(c.key[:])\n", ""},
			{"a wiped pending message keeps its root", "	secret.Wipe(p.root[:])\n", ""},
			{"the sending chain is left", "	secret.Wipe(d.sendChain[:])\n", ""},
		}),
		in("internal/ratchet/skipped.go", byErasure, changes{
			{"a used skipped key is left", "	secret.Wipe(last.key[:])\n", ""},
		}),
		in("internal/ratchet/grow.go", byErasure, changes{
			{"skipped keys stay where they were before there were more", "	clear(keys)\n", ""},
		}),
		in("internal/ratchet/megolm.go", byErasure, changes{
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
		in("internal/envelope/read.go", byErasure, changes{
			{"an opened pickle is left", "	defer secret.Wipe(buf)\n", "	_ = secret.Wipe\n"},
			{"an opened pickle is left if its contents are refused", "	defer secret.Wipe(buf)\n	contents, code := Open(buf, key)\n	if code != errcode.OK {\n		return code\n	}\n	return take(contents)", "	contents, code := Open(buf, key)\n	if code == errcode.OK {\n		code = take(contents)\n	}\n	if code == errcode.OK {\n		secret.Wipe(buf)\n	}\n	return code"},
			{"an opened pickle is left if what reads it panics", "	defer secret.Wipe(buf)\n	contents, code := Open(buf, key)\n	if code != errcode.OK {\n		return code\n	}\n	return take(contents)", "	contents, code := Open(buf, key)\n	if code == errcode.OK {\n		code = take(contents)\n	}\n	secret.Wipe(buf)\n	return code"},
		}),
		in("internal/guard/guard.go", byErasure, changes{
			{"the stack grows with secrets on it", "	secret.GrowStack()\n", "	_ = secret.GrowStack\n"},
		}),
		in("olm/account.go", byErasure, changes{
			{"the randomness of an account is left", "	state.p.Create(random[:])\n	secret.Wipe(random[:])", "	state.p.Create(random[:])"},
		}),
		in("olm/one_time_keys.go", byErasure, changes{
			{"one-time keys are left where they were before there were more", "	clear(a.oneTime)\n", ""},
		}),
	)
}
