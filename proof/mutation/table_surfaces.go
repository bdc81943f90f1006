package main

import "slices"

// surfaces are changes to the packages that programs use.
func surfaces() []mutation {
	return slices.Concat(
		in("olm/account.go", nil, changes{
			{"a forged message uses up a one-time key", "	plaintext, err := s.Decrypt(m)\n", "	a.RemoveOneTimeKey(s)\n	plaintext, err := s.Decrypt(m)\n"},
			{"an accepted message leaves the one-time key", "	a.RemoveOneTimeKey(s)\n	return s, plaintext, nil", "	return s, plaintext, nil"},
			{"a message is accepted from anybody", "a.newInboundSession(p, (*[32]byte)(&from))", "a.newInboundSession(p, nil)"},
			{"a wiped account signs", "	if !a.p.Created() {\n		return sig, ErrWiped", "	if false {\n		return sig, ErrWiped"},
			{"a wiped account says that it has a new fallback key", "return ErrWiped\n	}\n	var random [protocol.KeyRandomLen]byte", "return nil\n	}\n	var random [protocol.KeyRandomLen]byte"},
			{"a wiped account accepts", "	if !a.p.Created() {\n		return nil, nil, ErrWiped", "	if false {\n		return nil, nil, ErrWiped"},
			{"all one-time keys made at once are the same", "	for range n {\n		entropy.Fill(random[:])\n", "	entropy.Fill(random[:])\n	for range n {\n"},
			{"a wiped account keeps its one-time keys in memory", "a.p.Wipe(a.oneTime)", "a.p.Wipe(nil)"},
			{"a one-time key that is not canonical begins a session", "(*[32]byte)(&oneTime), random[:], wire.Strict)", "(*[32]byte)(&oneTime), random[:], wire.Lenient)"},
			{"an account is read as libolm does", "a.p.Unpickle(raw, a.oneTime, wire.Strict)", "a.p.Unpickle(raw, a.oneTime, wire.Lenient)"},
			{"a published fallback key is offered", "k == nil || k.Published() {", "k == nil {"},
			{"published one-time keys are offered", "!k.Published() && !yield", "!yield"},
			{"one-time keys by the thousand are made room for", "total := min(n, MaxOneTimeKeys) + a.p.OneTimeKeys()\n	if total = min(total, MaxOneTimeKeys); total <=", "total := min(n, 1<<20) + a.p.OneTimeKeys()\n	if total <="},
		}),
		in("olm/session.go", nil, changes{
			{"a new sending chain has a key of zeros", "	if s.p.NeedsRandom() {\n", "	if !s.p.NeedsRandom() {\n"},
			{"a wiped session keeps its skipped keys in memory", "	clear(s.skipped)\n	s.skipped = nil\n	s.p.Wipe()", "	s.skipped = nil\n	s.p.Wipe()"},
			{"skipped keys stay where they were before there were more", "		clear(s.skipped)\n		s.skipped = grown", "		s.skipped = grown"},
			{"a wiped session encrypts", "		return 0, nil, ErrWiped", "		return 0, nil, nil"},
			{"a message of libolm's liking is decrypted", "return inner.Decode(body, wire.Strict)", "return inner.Decode(body, wire.Lenient)"},
			{"a message of another session is decrypted", "if code := s.p.CheckPreKey(&outer, wire.Strict); code != errcode.OK {", "if code := s.p.CheckPreKey(&outer, wire.Lenient); code != errcode.OK {"},
			{"a gap has no number", "return nil, &GapError{inner.Index}", "return nil, &GapError{}"},
			{"a message of an unknown type is decrypted", "	default:\n		return errcode.BadMessageFormat", "	default:"},
			{"a session is read as libolm does", "&ratchet.Skipped{Keys: s.skipped}, wire.Strict)", "&ratchet.Skipped{Keys: s.skipped}, wire.Lenient)"},
		}),
		in("olm/olm.go", nil, changes{
			{"a used message key is called a bad MAC", "		return ErrNoMessageKey", "		return ErrBadMAC"},
			{"an unknown key is called another error", "case errcode.BadPublicKey, errcode.NonContributory:", "case errcode.BadPublicKey:"},
		}),
		in("megolm/inbound.go", nil, changes{
			{"a merge that is refused is no error", "if !s.p.Merge(&o.p) {", "if !s.p.Merge(&o.p) && s == o {"},
			{"an inbound session is stored with libolm's flag", "s.p.Pickle(tail, key, wire.Strict)", "s.p.Pickle(tail, key, wire.Lenient)"},
			{"a group message of libolm's liking is decrypted", "if code := w.Decode(m, wire.Strict); code != errcode.OK {", "if code := w.Decode(m, wire.Lenient); code != errcode.OK {"},
			{"a wiped inbound session is exported", "return ExportedKey{}, ErrWiped", "return ExportedKey{}, nil"},
			{"an inbound session is read as libolm does", "return s.p.Unpickle(raw, wire.Strict)", "return s.p.Unpickle(raw, wire.Lenient)"},
			{"an unknown index has no number", "return &UnknownIndexError{index, s.p.FirstKnownIndex()}", "return &UnknownIndexError{index, 0}"},
		}),
		in("megolm/outbound.go", nil, changes{
			{"a new session has half a key", "entropy.Fill(random[:])", "entropy.Fill(random[:64])"},
		}),
		in("megolm/key.go", nil, changes{
			{"a wiped session key has text", "if wiped(raw) {\n		return \"\", ErrWiped", "if false {\n		return \"\", ErrWiped"},
			{"a wiped session key stays", "func (k *SessionKey) Wipe() { secret.Wipe(k.bytes()) }", "func (k *SessionKey) Wipe() { k.bytes() }"},
			{"a session key of any length is taken", "if len(b) != len(dst) || wiped(b) {", "if len(b) < len(dst) || wiped(b) {"},
		}),
		in("megolm/megolm.go", nil, changes{
			{"a bad signature is called malformed", "		return ErrSignature", "		return ErrMessageFormat"},
		}),
		in("sas/sas.go", nil, changes{
			{"any MAC is right", "if secret.Equal(want[:], mac[:]) != 1 {", "if secret.Equal(want[:], mac[:]) > 1 {"},
			{"any old MAC is right", "if err == nil && secret.Equal([]byte(want), wire.TrimPadding([]byte(got))) != 1 {", "if err == nil && secret.Equal([]byte(want), wire.TrimPadding([]byte(got))) > 1 {"},
			{"an ephemeral key serves twice", "	s.Wipe()\n	return e, nil", "	return e, nil"},
			{"more bytes are asked for than there are", "if n < 0 || n > protocol.MaxSASBytes {", "if n < 0 || n > protocol.MaxSASBytes+1 {"},
			{"a wiped SAS has a short string", "	if !e.p.Established() {\n		return b, ErrWiped", "	if false {\n		return b, ErrWiped"},
			{"a MAC of another length is taken", "	if !wire.DecodeKey(b[:], text) {\n		return ErrMAC", "	if !wire.DecodeKey(b[:], text) {\n		return nil"},
		}),
		in("sas/short.go", nil, changes{
			{"the numbers are of other bits", "x>>(27-13*i)&0x1fff", "x>>(26-13*i)&0x1fff"},
			{"the numbers begin at 0", " + 1000\n", "\n"},
			{"the emoji are of other bits", "uint8(x >> (42 - 6*i) & 63)", "uint8(x >> (41 - 6*i) & 63)"},
			{"an emoji stands for another", `{"🐶", "Dog"}, {"🐱", "Cat"}`, `{"🐱", "Cat"}, {"🐶", "Dog"}`},
		}),
		in("pk/pk.go", nil, changes{
			{"a forced key is called a wrong MAC", "case errcode.BadPublicKey, errcode.NonContributory:", "case errcode.BadPublicKey:"},
			{"the private key is handed out itself", "append([]byte(nil), d.p.Private()[:]...)", "d.p.Private()[:]"},
			{"a private key of any length is taken", "if len(private) != KeyLen {", "if len(private) < KeyLen {"},
			{"a message is encrypted with no randomness", "	entropy.Fill(random[:])\n	code :=", "	code :="},
			{"an error of encryption is swallowed", "	if code != errcode.OK {\n		return Message{}, ErrPublicKey", "	if code != errcode.OK && false {\n		return Message{}, ErrPublicKey"},
		}),
		in("pk/signing.go", nil, changes{
			{"a wiped signing key signs", "	if !s.p.Created() {\n		return sig, ErrWiped", "	if false {\n		return sig, ErrWiped"},
			{"a seed of any length is taken", "if len(seed) != KeyLen {", "if len(seed) < KeyLen {"},
		}),
	)
}
