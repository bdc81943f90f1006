// Package curve implements X25519 (RFC 7748) and Ed25519 (RFC 8032) the way Olm and Megolm need them:
// Curve25519 keys as raw bytes that are clamped at every use, and Ed25519 keys either as a seed or as
// the 64 expanded bytes that libolm stores, from which the seed can't be recovered.
//
// It is the only package that knows about field arithmetic. The protocol packages use the key types
// built on top of it; programs outside this module should use crypto/ecdh and crypto/ed25519.
//
// All functions may be called from several goroutines at once, and none retains its arguments. An output
// may be the same memory as any input. No function but Verify allocates or keeps anything. Verify keeps
// multiples of the base point and of public keys that have signed before, unless the tag is purego; that
// changes how long it takes, and no verdict.
package curve

//go:generate go run gen.go

import "github.com/karst-im/karst/internal/cpu"

// Notes for reviewers.
//
// Goals, in this order: no secret reaches a branch, an address or a division; the same results in all
// builds; no allocation; speed (without the purego tag) or size (with it).
//
// x25519.go and ed25519.go are common to all builds and follow the two RFCs. Below them lies one small
// set of functions, with a body for each kind of build:
//
//	fe...    field elements modulo p = 2^255 - 19
//	sc...    scalars modulo L, the order of the base point
//	base..., equationVarTime, onCurveVarTime   the group
//
// amd64, unless purego: our own, for speed. fe64_amd64.go is the field, in four saturated limbs; curve_amd64.s,
// written by _asm, multiplies, squares, adds and doubles points, does the step of the ladder and reads the table of
// the base point; formulas_amd64.go chooses between it and the portable code, which processors without ADX run.
// base_amd64.go and table_amd64.go (written by gen.go) are the multiples of the base point. Scalars are those of
// filippo.io/edwards25519.
//
// All others, unless purego: group_edwards.go and scalar_edwards.go, a thin cover over filippo.io/edwards25519 and
// its field package.
//
// Both of these: verify.go and verify_known.go, verification with tables for keys that sign again.
//
// purego: our own, for size. Every function writes through its first argument and returns nothing, because methods
// that return their receiver, which is how edwards25519 is used, force TinyGo's heap.
// The files of this build alone end in _purego. fe51 is the field on 64-bit machines, fe25 on all others and in
// WebAssembly, wide the sums of products for fe51, febytes what both share; base is the multiplication of the base
// point, table (written by gen.go) its multiples, scalar the scalars, verify what verification has of its own here.
//
// Purego and amd64: base.go, and fepow.go, the powers.
//
// All builds without our assembly: formulas_noasm.go.
//
// All: point.go, and for verification verify_straus.go, on verify_odd.go and verify_halve.go.
//
// Field elements of all kinds follow one contract. A *tight* element is what feMul, feSquare, feSub,
// feMul121666, feSetBytes and feSetWords give. feAdd adds without carrying. Every function takes sums of
// up to three tight elements, except feBytes, which wants a tight one. (With saturated limbs all are tight.)
//
// The names x2, z2, x3, z3 and the letters A to H are those of RFC 7748 section 5 and of the formulas in
// the Explicit-Formulas Database (hyperelliptic.org/EFD).
//
// Why assembly of our own. Most of the time of an Olm message that turns the ratchet, and of every Megolm
// message, goes into multiplications in the field. In one run on an AMD EPYC, microseconds, minima:
//
//	                   before   now    purego   crypto/...   circl   dalek
//	X25519             44.2     28.3   55.0     44.1         31.3    51.7
//	public key         17.7     9.6    22.5     44.4         20.8    16.3
//	signature          19.3     11.3            22.7                 18.3
//	verification       42.0     33.5            50.0                 38.5
//	  of a known key   23.1     15.3
//
// "Before" is edwards25519 with its own assembly for the multiplication (five limbs, MULQ). github.com/cloudflare/circl
// v1.6.5 has assembly for the ladder alone, in a module of 53 MB. Whole formulas are in assembly because the calls
// between Go and assembly would cost a fifth of the time. They call two routines, product and square, so that there is
// little to review, and TestElements and TestFormulas compare every one with the portable code and with math/big.

// Implementation names what runs in this build on this processor. "adx" is our assembly, "go" is the same field
// without it, on amd64 without ADX. "edwards25519" is that module, and "compact" what purego has. The scalars of
// the first two are those of edwards25519.
func Implementation() string {
	if cpu.ADX {
		return "adx"
	}
	return withoutADX
}
