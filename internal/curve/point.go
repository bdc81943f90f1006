package curve

import "github.com/karst-im/karst/internal/secret"

// point is a point (x/z, y/z) of the curve -x^2 + y^2 = 1 + d x^2 y^2 with t = xy/z, the extended
// coordinates of Hisil, Wong, Carter and Dawson (Asiacrypt 2008). Their addition law is complete: it needs
// no exception for equal or neutral points. e, f, g and h are scratch space, kept here so that one wipe
// covers it too.
type point struct{ x, y, z, t, e, f, g, h fe }

// wipe goes by parts: TinyGo would put on the heap what is assigned as a whole and has 64 words or more.
func (p *point) wipe() {
	feWipe(&p.x)
	feWipe(&p.y)
	feWipe(&p.z)
	feWipe(&p.t)
	feWipe(&p.e)
	feWipe(&p.f)
	feWipe(&p.g)
	feWipe(&p.h)
}

// cached is a point prepared for being added: y+x, y-x, 2dt and 2z.
type cached struct{ sum, diff, dt, zz fe }

func (q *cached) wipe() {
	feWipe(&q.sum)
	feWipe(&q.diff)
	feWipe(&q.dt)
	feWipe(&q.zz)
}

// d of the curve equation, twice that, and the square root of -1 that is 2^((p-1)/4).
var (
	curveD  = [4]uint64{0x75eb4dca135978a3, 0x700a4d4141d8ab, 0x8cc740797779e898, 0x52036cee2b6ffe73}
	curveD2 = [4]uint64{0xebd69b9426b2f159, 0xe0149a8283b156, 0x198e80f2eef3d130, 0x2406d9dc56dffce7}
	sqrtM1  = [4]uint64{0xc4ee1b274a0ea0b0, 0x2f431806ad2fe478, 0x2b4d00993dfbd7a7, 0x2b8324804fc1df0b}
)

// pointSetNeutral sets p = (0, 1).
func pointSetNeutral(p *point) {
	p.wipe()
	feSetOne(&p.y)
	feSetOne(&p.z)
}

// pointDoubleByElements sets p = 2p, with t if the next step is an addition: only that uses it. This is dbl-2008-hwcd
// with F and H negated, which negates all coordinates and keeps the point.
func pointDoubleByElements(p *point, t bool) {
	feAdd(&p.e, &p.x, &p.y)
	feSquare(&p.e, &p.e)
	feSquare(&p.f, &p.x)    // A
	feSquare(&p.g, &p.y)    // B
	feAdd(&p.h, &p.f, &p.g) // H = A + B
	feSub(&p.g, &p.g, &p.f) // G = B - A
	feSub(&p.e, &p.e, &p.h) // E = (X + Y)^2 - H
	feSquare(&p.f, &p.z)
	feAdd(&p.f, &p.f, &p.f) // C
	feSub(&p.f, &p.f, &p.g) // F = C - G
	pointComplete(p, t)
}

// pointAddByElements sets p = p + q, with t if the next step is another addition. This is add-2008-hwcd-3; affine
// says that z is 1 in q and its zz isn't set.
func pointAddByElements(p *point, q *cached, affine, t bool) {
	feSub(&p.e, &p.y, &p.x)
	feAdd(&p.h, &p.y, &p.x)
	feMul(&p.x, &p.e, &q.diff) // A
	feMul(&p.y, &p.h, &q.sum)  // B
	feSub(&p.e, &p.y, &p.x)    // E = B - A
	feAdd(&p.h, &p.y, &p.x)    // H = B + A
	feMul(&p.x, &p.t, &q.dt)   // C
	if affine {
		feAdd(&p.y, &p.z, &p.z) // D
	} else {
		feMul(&p.y, &p.z, &q.zz)
	}
	feSub(&p.f, &p.y, &p.x) // F = D - C
	feAdd(&p.g, &p.y, &p.x) // G = D + C, the sum of three
	pointComplete(p, t)
}

func pointComplete(p *point, t bool) {
	feMul(&p.x, &p.e, &p.f)
	feMul(&p.y, &p.g, &p.h)
	feMul(&p.z, &p.f, &p.g)
	if t {
		feMul(&p.t, &p.e, &p.h)
	}
}

// pointBytes sets out to the encoding of p, RFC 8032 section 5.1.2. It destroys p.
func pointBytes(out *[32]byte, p *point) {
	feInvert(&p.e, &p.z)
	feMul(&p.x, &p.x, &p.e)
	feMul(&p.y, &p.y, &p.e)
	feBytes(out, &p.x)
	sign := out[0] & 1
	feBytes(out, &p.y)
	out[31] |= sign << 7
}

// pointSetBytesVarTime sets p to the point that b encodes, RFC 8032 section 5.1.3, and reports whether there
// is one. Callers have checked that b is canonical and not of small order, so that x is not 0.
//
//go:noinline
func pointSetBytesVarTime(p *point, b *[32]byte) bool {
	var u, v, vv, w fe
	feSetBytes(&p.y, b)
	feSetOne(&p.z)
	feSquare(&w, &p.y)
	feSub(&u, &w, &p.z) // u = y^2 - 1
	feSetWords(&v, &curveD)
	feMul(&v, &v, &w)
	feAdd(&v, &v, &p.z) // v = d y^2 + 1

	// The candidate root is x = u v^3 (u v^7)^((p-5)/8).
	feSquare(&vv, &v)
	feMul(&p.x, &vv, &v)
	feMul(&p.x, &p.x, &u) // u v^3
	feSquare(&w, &vv)
	feMul(&w, &w, &p.x) // u v^7
	fePow58(&vv, &w)
	feMul(&p.x, &p.x, &vv)

	feSquare(&w, &p.x)
	feMul(&w, &w, &v) // v x^2
	if !feEqualVarTime(&w, &u) {
		feSetWords(&p.t, &sqrtM1)
		feMul(&p.x, &p.x, &p.t)
		feSquare(&w, &p.x)
		feMul(&w, &w, &v)
		if !feEqualVarTime(&w, &u) {
			return false
		}
	}
	var x [32]byte
	feBytes(&x, &p.x)
	if x[0]&1 != b[31]>>7 {
		pointNegate(p)
	}
	feMul(&p.t, &p.x, &p.y)
	return true
}

// pointNegate sets p = -p.
func pointNegate(p *point) {
	feNegate(&p.x, &p.x)
	feNegate(&p.t, &p.t)
}

func feNegate(v, a *fe) {
	var zero fe
	feSub(v, &zero, a)
}

// feEqualVarTime reports whether a and b are the same; b is tight.
func feEqualVarTime(a, b *fe) bool {
	var d fe
	var bytes [32]byte
	feSub(&d, a, b)
	feBytes(&bytes, &d)
	return secret.IsZero(bytes[:]) == 1
}
