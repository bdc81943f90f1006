package main

import "slices"

// formats are changes to base64, messages, keys and the envelope of pickles.
func formats() []mutation {
	return slices.Concat(
		in("internal/wire/base64.go", nil, changes{
			{"unused trailing bits of base64 may be set", "bad |= b | x<<(16+8*m) // what is left must be zero", "bad |= b"},
			{"a character behind z is base64", "(c + (128-('z'+1))*lanes)", "(c + (128-('z'+2))*lanes)"},
			{"the top bit of a character is ignored", "bad = c & highs\n", "bad = 0\n"},
			{"a length that no base64 has is decoded", "if n%4 == 1 {", "if n%4 == 5 {"},
			{"padding is trimmed at any length", "if n == 0 || n%4 != 0 {", "if n < 2 {"},
			{"a key may be shorter than it should be", "DecodedLen(len(text)) != len(dst) ||", "DecodedLen(len(text)) > len(dst) ||"},
			{"a key that is refused stays in the output", "		secret.Wipe(dst)\n		return false", "		secret.Wipe(dst[:0])\n		return false"},
		}),
		in("internal/wire/base64_lenient.go", nil, changes{
			{"an invalid character spills into the group before, in libolm's decoder", "&^ (1<<56 | 1<<24) << 8", "&^ (1 << 56) << 8"},
		}),
		in("internal/wire/cursor.go", nil, changes{
			{"reading past the end leaves old bytes", "		r.short = true\n		secret.Wipe(dst)", "		r.short = true"},
			{"reading past the end is not noticed", "		r.short = true\n		secret.Wipe(dst)", "		secret.Wipe(dst)"},
			{"a flag of 2 is false", "return r.Uint8() != 0", "return r.Uint8() == 1"},
		}),
		in("internal/wire/wire.go", nil, changes{
			{"the version of a message is not checked", "if len(raw) <= trailer || raw[0] != Version {", "if len(raw) <= trailer {"},
			{"a message without room for a version is taken apart", "if len(raw) <= trailer || raw[0] != Version {", "if len(raw) < trailer || raw[0] != Version {"},
			{"a varint may be longer than needed", "&& (i == 0 || b != 0)", ""},
			{"a varint may overflow", "x>>32 == 0 && i < 5", "i < 5"},
			{"a field may be repeated", "if tol == Strict && (!ok || want.set[i]) {", "if tol == Strict && !ok {"},
			{"unknown fields are skipped", "			if tol == Strict {\n				return errcode.BadMessageFormat\n			}\n			if body = skipUnknown(body); body == nil {", "			if body = skipUnknown(body); body == nil {"},
			{"the end of a field is off by one", "if x > uint64(len(rest)) {", "if x >= uint64(len(rest)) {"},
		}),
		[]mutation{{
			name: "a field that is cut off ends a message", file: "internal/wire/wire.go",
			old:     "				if tol == Strict {\n					return errcode.BadMessageFormat\n				}\n				return errcode.OK // libolm",
			new:     "				return errcode.OK // libolm",
			excused: "every field is required once, so that the one that is cut off is missed at the end, with the same error",
		}},
		in("internal/wire/olm.go", nil, changes{
			{"a ciphertext need not be whole blocks", "return len(ciphertext) > 0 && len(ciphertext)%16 == 0", "return len(ciphertext) > 0"},
			{"a ciphertext may be empty", "return len(ciphertext) > 0 && len(ciphertext)%16 == 0", "return len(ciphertext)%16 == 0"},
			{"a ratchet key may have any length", "if len(m.RatchetKey) != KeyLen || ", "if "},
			{"an Olm message needs no index", "if !f.set[0] || !f.set[1] || !f.set[2] {", "if !f.set[0] || !f.set[2] {"},
			{"the MAC of an Olm message does not cover its last byte", "m.Signed, m.MAC = raw[:len(raw)-MACLen], raw", "m.Signed, m.MAC = raw[:len(raw)-MACLen-1], raw"},
			{"an identity key in a pre-key message may have any length", "len(m.BaseKey) != KeyLen || len(m.IdentityKey) != KeyLen)", "len(m.BaseKey) != KeyLen)"},
			{"base key and identity key of a pre-key message change places", "tagBaseKey     = 0x12\n	tagIdentityKey = 0x1a", "tagBaseKey     = 0x1a\n	tagIdentityKey = 0x12"},
		}),
		in("internal/wire/megolm.go", nil, changes{
			{"a Megolm message needs no index", "if !f.set[0] || !f.set[1] {", "if !f.set[1] {"},
			{"the signature of a Megolm message does not cover its MAC", "m.Signed, m.Signature = raw[:n-SignatureLen]", "m.Signed, m.Signature = raw[:n-groupTrailer]"},
			{"the MAC of a Megolm message covers nothing", "m.MACed, m.MAC = raw[:n-groupTrailer]", "m.MACed, m.MAC = raw[:0]"},
		}),
		in("keys/keys.go", nil, changes{
			{"a Curve25519 key need not be canonical", "if !curve.CanonicalMontgomery(&b) {", "if false {"},
			{"a key that is refused is written", "	if !curve.CanonicalMontgomery(&b) {\n		return ErrNotCanonical\n	}\n	*k = b", "	*k = b\n	if !curve.CanonicalMontgomery(&b) {\n		return ErrNotCanonical\n	}"},
			{"a signature that is no base64 is zeros", "	var b [64]byte\n	if !wire.DecodeKey(b[:], text) {\n		return ErrSyntax", "	var b [64]byte\n	if !wire.DecodeKey(b[:], text) {\n		return nil"},
		}),
		in("internal/envelope/envelope.go", nil, changes{
			{"the MAC of a pickle is not checked", "(mac), ciphertext) == 1", "(mac), ciphertext) >= 0"},
			{"the label of pickles is another", `[]byte("Pickle")`, `[]byte("pickle")`},
			{"a pickle need not be base64", "if n < 0 || !wire.Decode(buf, buf) {", "if wire.Decode(buf, buf); n < 0 {"},
			{"the MAC of a pickle does not cover its first byte", "k.MAC(&mac, ciphertext)", "k.MAC(&mac, ciphertext[1:])"},
			{"a pickle has other bytes of its MAC", "mac[:macLen])", "mac[1:macLen+1])"},
			{"a pickle too short for a MAC is opened", "if len(buf) < macLen {", "if len(buf) < 1 {"},
		}),
		in("internal/envelope/read.go", nil, changes{
			{"a pickle is opened where the caller has it", "	buf := make([]byte, len(text))\n	copy(buf, text)\n", "	buf := text\n"},
			{"the contents of a pickle that does not open are read", "	if code != errcode.OK {\n		return code\n	}\n	return take", "	_ = code\n	return take"},
			{"contents that are refused are taken", "	return take(contents)", "	take(contents)\n	return errcode.OK"},
		}),
		in("internal/failure/failure.go", nil, changes{
			{"trailing data is called something else", "		return ErrPickleTrailing", "		return ErrPickleCorrupt"},
			{"an insecure legacy account is called an unknown version", "		return ErrPickleLegacy", "		return ErrPickleVersion"},
			{"the error of a wrong key pair is swallowed", "		return ErrPickleKeyPair", "		return nil"},
			{"a wrong pickle key is called bad base64", "		return ErrPickleKey\n", "		return ErrPickleBase64\n"},
			{"a used message key is called a bad MAC", "		return ErrNoMessageKey", "		return ErrBadMAC"},
			{"a bad MAC is no error", "		return ErrBadMAC", "		return nil"},
			{"a chain at its end is no error", "		return ErrExhausted", "		return nil"},
			{"a bad signature is called malformed", "		return ErrSignature", "		return ErrMessageFormat"},
			{"a message of another session is called one of another identity", "		return ErrSessionMismatch", "		return ErrIdentityMismatch"},
			{"an unknown key is called another error", "case errcode.BadPublicKey, errcode.NonContributory:", "case errcode.BadPublicKey:"},
			{"a code without an error is no error", "	panic(\"karst: internal error: code \" + strconv.Itoa(int(code)) + \" has no error\")", "	_ = strconv.Itoa\n	return nil"},
			{"two errors say the same", `errors.New("pickle: trailing data")`, `errors.New("pickle: corrupt contents")`},
		}),
	)
}
