// Package curve implements X25519 (RFC 7748) and Ed25519 (RFC 8032) the way Olm and Megolm need them:
// Curve25519 keys as raw bytes that are clamped at every use, and Ed25519 keys either as a seed or as
// the 64 expanded bytes that libolm stores, from which the seed can't be recovered.
//
// It is the only package that knows about field arithmetic. The protocol packages use the key types
// built on top of it; programs outside this module should use crypto/ecdh and crypto/ed25519.
//
// No function allocates, keeps state or retains its arguments, so all of them may be called from
// several goroutines at once. An output may be the same memory as any input.
package curve

//go:generate go run gen.go

// Notes for reviewers.
//
// Goals, in this order: no secret reaches a branch, an address or a division; the same results from
// both twins; no allocation; speed (without the purego tag) or size (with it).
//
// x25519.go and ed25519.go are common to all builds and follow the two RFCs. Below them lies one small
// set of functions with two bodies:
//
//	fe...    field elements modulo p = 2^255 - 19
//	sc...    scalars modulo L, the order of the base point
//	base..., equationVarTime, onCurveVarTime   the group
//
// !purego: fast.go, a thin cover over filippo.io/edwards25519 and its field package; verify.go and known.go,
// verification with points of our own over that field.
//
// purego: our own. Every function writes through its first argument and returns nothing, because methods
// that return their receiver, which is how edwards25519 is used, force TinyGo's heap.
// fe51.go is the field on 64-bit machines, fe25.go on all others and in WebAssembly, fepow.go the powers;
// base.go is the group, scalar.go the scalars, table.go (written by gen.go) the multiples of the base point.
//
// Both: point.go, and for verification straus.go, on odd.go and halve.go.
//
// Field elements of both kinds follow one contract. A *tight* element is what feMul, feSquare, feSub,
// feMul121666, feSetBytes and feSetWords give. feAdd adds without carrying. Every function takes sums of
// up to three tight elements, except feBytes, which wants a tight one.
//
// The names x2, z2, x3, z3 and the letters A to H are those of RFC 7748 section 5 and of the formulas in
// the Explicit-Formulas Database (hyperelliptic.org/EFD).
//
// Why no faster ladder. github.com/cloudflare/circl v1.6.5 (dh/x25519) has the ladder step in amd64
// assembly: four saturated limbs, MULX, ADCX and ADOX. In one run on an AMD EPYC, microseconds, best of 20
// interleaved rounds:
//
//	             ours   ours, purego   circl   crypto/ecdh
//	X25519       44.6   55.0           31.3    44.1
//	public key   18.0   22.5           20.8    44.4
//
// It doesn't allocate, and its only branch is on the features of the processor. But it saves 13 of the 45
// microseconds of a DH, of which Olm needs two when the direction of a conversation turns and Megolm none,
// and nothing for public keys, where the Edwards table is ahead of it. For that it would bring a module of
// 53 MB, with golang.org/x/sys and x/crypto behind it, and a page of macros that whoever reviews this
// module would have to review too. So: not circl, and no assembly of our own for now. Three quarters of our
// time in the ladder are the multiplications and squarings of edwards25519/field; should DH ever matter
// more, ladder.step is the one function to write in assembly, behind a check in internal/cpu.
