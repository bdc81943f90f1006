package main

import (
	"fmt"
	"slices"

	"github.com/karst-im/karst/bench"
)

// What surrounds a text of n bytes on the wire, about: version, counter, keys, and in Megolm's a signature.
const (
	olmOverhead    = 50
	megolmOverhead = 80
)

// olmEncrypt is the sending chain's two HMACs, the message's keys, the text, its MAC, and base64.
func olmEncrypt(n int) []part {
	return []part{hmacByte.of(2), messageKeys.of(1), encrypt.of(1, n), mac.of(1, n+olmOverhead), toText.of(1, n+olmOverhead)}
}

func olmDecrypt(n int) []part {
	return []part{fromText.of(1, n+olmOverhead), hmacByte.of(2), messageKeys.of(1), mac.of(1, n+olmOverhead), decrypt.of(1, n)}
}

// megolmEncrypt advances the ratchet by one, which takes 1.01 HMACs on average.
func megolmEncrypt(n int) []part {
	return []part{messageKeys.of(1), encrypt.of(1, n), mac.of(1, n+16), sign.of(1, n+32), hmacByte.of(1.01), toText.of(1, n+megolmOverhead+20)}
}

func megolmDecrypt(n int) []part {
	return []part{fromText.of(1, n+megolmOverhead+20), verifyKnown.of(1, n+32), hmacByte.of(1.01), messageKeys.of(1), mac.of(1, n+16), decrypt.of(1, n)}
}

// pickling and unpickling are of n bytes.
func pickling(n int) []part {
	return []part{messageKeys.of(1), encrypt.of(1, n), mac.of(1, n), toText.of(1, n+24)}
}

func unpickling(n int) []part {
	return []part{fromText.of(1, n+24), messageKeys.of(1), mac.of(1, n), decrypt.of(1, n)}
}

const (
	accountLen = 4 + 64 + 96 + 4 + 50*69 + 8 // version, identity keys, 50 one-time keys
	sessionLen = 4 + 1 + 96 + 32 + 4 + 4 + 64 + 36 + 4 + 4 + 68
	inboundLen = 4 + 132 + 132 + 32 + 1
)

// operation is what one of package bench's consists of, by the specifications.
type operation struct {
	name  string
	parts []part
}

var operations = func() []operation {
	all := []operation{
		{"AccountNew", []part{publicKey.of(2), sha512.of(1, 32)}},
		{"OneTimeKeys50", []part{publicKey.of(50)}},
		{"AccountSign", []part{sign.of(1, 256)}},
		{"OlmOutbound", slices.Concat([]part{publicKey.of(2), x25519.of(3), hkdf64.of(1)}, olmEncrypt(64+150))},
		{"OlmInbound", slices.Concat([]part{x25519.of(3), hkdf64.of(1)}, olmDecrypt(64+150))},
		{"OlmPingPong", slices.Concat([]part{publicKey.of(2), x25519.of(4), hkdf64.of(4)}, olmEncrypt(64), olmEncrypt(64), olmDecrypt(64), olmDecrypt(64))},
		{"MegolmNew", []part{publicKey.of(1), sha512.of(1, 32)}},
		{"MegolmInboundNew", []part{fromText.of(1, 229), verifyNew.of(1, 165)}},
		{"MegolmFar", slices.Concat(megolmDecrypt(64), []part{hmacByte.of(3)})},
		{"MegolmImport", []part{fromText.of(1, 165), validPublic.of(1)}},
		{"PickleAccount50", pickling(accountLen)},
		{"UnpickleAccount50", slices.Concat(unpickling(accountLen), []part{publicKey.of(2)})},
		{"PickleSession", pickling(sessionLen)},
		{"UnpickleSession", unpickling(sessionLen)},
		{"PickleMegolm", pickling(inboundLen)},
		{"UnpickleMegolm", unpickling(inboundLen)},
		{"HotOlm", slices.Concat(unpickling(sessionLen), olmDecrypt(64), pickling(sessionLen))},
		{"HotMegolm", slices.Concat(unpickling(inboundLen), megolmDecrypt(64), pickling(inboundLen))},
		{"SAS", []part{publicKey.of(1), x25519.of(1), hkdf64.of(1)}},
		{"PkEncrypt1KiB", []part{publicKey.of(1), x25519.of(1), messageKeys.of(1), encrypt.of(1, 1024), mac.of(1, 0), toText.of(1, 1024)}},
		{"PkDecrypt1KiB", []part{fromText.of(1, 1024), x25519.of(1), messageKeys.of(1), mac.of(1, 0), decrypt.of(1, 1024)}},
	}
	for _, size := range bench.Sizes() {
		all = append(all,
			operation{"OlmEncrypt/" + size.Name, olmEncrypt(size.Bytes)},
			operation{"OlmDecrypt/" + size.Name, olmDecrypt(size.Bytes)},
			operation{"MegolmEncrypt/" + size.Name, megolmEncrypt(size.Bytes)},
			operation{"MegolmDecrypt/" + size.Name, megolmDecrypt(size.Bytes)})
	}
	// In the order of package bench.
	var ordered []operation
	for _, op := range bench.Operations() {
		if i := slices.IndexFunc(all, func(o operation) bool { return o.name == op.Name }); i >= 0 {
			ordered = append(ordered, all[i])
		}
	}
	if len(ordered) != len(all) {
		panic(fmt.Sprintf("package bench has %d of the %d operations", len(ordered), len(all)))
	}
	return ordered
}()
