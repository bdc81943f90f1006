package hostile_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/binary"
	"math/big"
	"math/rand/v2"
	"testing"

	"filippo.io/edwards25519"
	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/megolm"
)

// torsion returns the eight points whose order divides 8, as multiples of one of order 8.
func torsion() (points []*edwards25519.Point) {
	neutral := edwards25519.NewIdentityPoint()
	for i := byte(2); ; i++ {
		p, err := new(edwards25519.Point).SetBytes(append([]byte{i}, make([]byte, 31)...))
		if err != nil {
			continue
		}
		// L·p is of small order: -p by the order less one, and p.
		q := new(edwards25519.Point).ScalarMult(scalarMinusOne(), p)
		q.Add(q, p)
		four := new(edwards25519.Point).Add(q, q)
		if four.Add(four, four).Equal(neutral) == 1 {
			continue // of order 4 or less
		}
		at := edwards25519.NewIdentityPoint()
		for range 8 {
			points = append(points, at)
			at = new(edwards25519.Point).Add(at, q)
		}
		return points
	}
}

func scalarMinusOne() *edwards25519.Scalar {
	one := must(edwards25519.NewScalar().SetCanonicalBytes(append([]byte{1}, make([]byte, 31)...)))
	return edwards25519.NewScalar().Negate(one)
}

// smallOrder returns every encoding that a lax decoder takes for a point of small order: the eight of
// RFC 8032, and those whose y is not below p or whose x is zero and has a sign.
func smallOrder(t testing.TB) (all [][]byte) {
	t.Helper()
	for _, p := range torsion() {
		all = append(all, p.Bytes())
	}
	prime := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	neutral := edwards25519.NewIdentityPoint()
	for y := int64(-1); y < 19; y++ { // p-1 with a sign, and p to 2^255-1
		for _, sign := range []byte{0, 0x80} {
			e := new(big.Int).Add(prime, big.NewInt(y)).FillBytes(make([]byte, 32))
			reverse(e)
			e[31] |= sign
			all = addSmall(all, e, neutral)
		}
	}
	all = addSmall(all, append(append([]byte{1}, make([]byte, 30)...), 0x80), neutral)
	require.Len(t, all, 14, "the list of the 14 is well known")
	return all
}

func addSmall(all [][]byte, e []byte, neutral *edwards25519.Point) [][]byte {
	p, err := new(edwards25519.Point).SetBytes(e)
	if err != nil || p.MultByCofactor(p).Equal(neutral) != 1 {
		return all
	}
	for _, other := range all {
		if bytes.Equal(other, e) {
			return all
		}
	}
	return append(all, e)
}

func reverse(b []byte) {
	for i := range len(b) / 2 {
		b[i], b[len(b)-1-i] = b[len(b)-1-i], b[i]
	}
}

// order is L, little-endian.
var order = func() []byte {
	b := scalarMinusOne().Bytes()
	b[0]++
	return b
}()

// plusOrder returns s + n·L, or nil if it does not fit.
func plusOrder(s []byte, n int) []byte {
	sum := bytes.Clone(s)
	for range n {
		carry := 0
		for i := range sum {
			carry += int(sum[i]) + int(order[i])
			sum[i] = byte(carry)
			carry >>= 8
		}
		if carry != 0 {
			return nil
		}
	}
	return sum
}

func randomScalar(rng *rand.Rand) *edwards25519.Scalar {
	return must(edwards25519.NewScalar().SetUniformBytes(fill(make([]byte, 64), rng)))
}

func challenge(r, a, message []byte) *edwards25519.Scalar {
	h := sha512.New()
	h.Write(r)
	h.Write(a)
	h.Write(message)
	return must(edwards25519.NewScalar().SetUniformBytes(h.Sum(nil)))
}

// TestUniversalForgeries: with a key of small order, R = SB - kA can be met by trying a few messages, so
// that anybody signs anything. The standard library takes such keys, which shows that the attempts are
// what they are said to be.
func TestUniversalForgeries(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 2))
	small := smallOrder(t)
	want := 10_000
	if short() {
		want = 1_000
	}
	standard, accepted, tried := 0, 0, 0
	attempt := func(a, r, s, message []byte) {
		tried++
		sig := append(bytes.Clone(r), s...)
		if ed25519.Verify(a, message, sig) {
			standard++
		}
		if keys.Ed25519(a).Verify(message, keys.Signature(sig)) {
			accepted++
			t.Errorf("accepted: key %x, signature %x, message %x", a, sig, message)
		}
	}
	zero := make([]byte, 32)
	for i := uint32(0); tried < want; i++ {
		message := binary.BigEndian.AppendUint32(nil, i)
		for _, a := range small {
			// S any: R = SB, and whatever small point kA may be.
			s := randomScalar(rng)
			sB := new(edwards25519.Point).ScalarBaseMult(s)
			for _, p := range torsion() {
				attempt(a, p.Add(p, sB).Bytes(), s.Bytes(), message)
			}
			// S zero, R any of the fourteen.
			for _, r := range small {
				attempt(a, r, zero, message)
			}
			attempt(a, fill(make([]byte, 32), rng), s.Bytes(), message)
			attempt(a, small[rng.IntN(14)], plusOrder(zero, 1), message)
		}
	}
	t.Logf("hostile: %d of %d forgeries with keys of small order accepted; the standard library takes %d", accepted, tried, standard)
	require.Zero(t, accepted)
	require.Greater(t, standard, tried/20)
}

// TestMixedOrder: who has a private key can add a point of small order to the public key, and to R. The
// equation without the cofactor then holds for one in eight, and exactly these are signatures: those who
// check one by one and those who check all at once, or with half the doublings, must agree.
func TestMixedOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 3))
	points := torsion()
	rounds := 40
	if short() {
		rounds = 4
	}
	n, valid := 0, 0
	for range rounds {
		for i, tA := range points {
			for j, tR := range points {
				a, r := randomScalar(rng), randomScalar(rng)
				public := new(edwards25519.Point).Add(new(edwards25519.Point).ScalarBaseMult(a), tA).Bytes()
				commitment := new(edwards25519.Point).Add(new(edwards25519.Point).ScalarBaseMult(r), tR).Bytes()
				message := fill(make([]byte, rng.IntN(50)), rng)
				s := edwards25519.NewScalar().MultiplyAdd(challenge(commitment, public, message), a, r)
				sig := append(commitment, s.Bytes()...)
				want := ed25519.Verify(public, message, sig)
				got := keys.Ed25519(public).Verify(message, keys.Signature(sig))
				if got != want {
					t.Errorf("T%d in A, T%d in R: %v, the equation says %v", i, j, got, want)
				}
				n++
				if want {
					valid++
				}
			}
		}
	}
	require.Greater(t, valid, n/16)
	t.Logf("hostile: %d of %d keys and commitments of mixed order judged as the equation does, %d of them valid", n, n, valid)
}

// TestMalleable: no signature can be turned into another one.
func TestMalleable(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 4))
	small := torsion()
	n := 0
	for range 50 {
		private := ed25519.NewKeyFromSeed(fill(make([]byte, 32), rng))
		public := keys.Ed25519(private.Public().(ed25519.PublicKey))
		message := fill(make([]byte, rng.IntN(100)), rng)
		sig := keys.Signature(ed25519.Sign(private, message))
		require.True(t, public.Verify(message, sig))
		refused := func(key keys.Ed25519, sig keys.Signature, what string) {
			t.Helper()
			n++
			if key.Verify(message, sig) {
				t.Errorf("%s: accepted", what)
			}
		}
		for times := 1; ; times++ {
			s := plusOrder(sig[32:], times)
			if s == nil {
				break
			}
			refused(public, keys.Signature(append(bytes.Clone(sig[:32]), s...)), "S + nL")
		}
		negative := must(edwards25519.NewScalar().SetCanonicalBytes(sig[32:]))
		refused(public, keys.Signature(append(bytes.Clone(sig[:32]), negative.Negate(negative).Bytes()...)), "-S")
		for _, high := range []byte{0x20, 0x40, 0x80, 0xe0} {
			bad := sig
			bad[63] |= high
			refused(public, bad, "high bits of S")
		}
		bad := sig
		bad[31] ^= 0x80
		refused(public, bad, "-R")
		badKey := public
		badKey[31] ^= 0x80
		refused(badKey, sig, "-A")
		r, a := must(new(edwards25519.Point).SetBytes(sig[:32])), must(new(edwards25519.Point).SetBytes(public[:]))
		for _, p := range small[1:] {
			bad := sig
			copy(bad[:], new(edwards25519.Point).Add(r, p).Bytes())
			refused(public, bad, "R + T")
			refused(keys.Ed25519(new(edwards25519.Point).Add(a, p).Bytes()), sig, "A + T")
		}
	}
	t.Logf("hostile: %d of %d changed signatures refused", n, n)
}

// TestSmallOrderInMegolm: the same keys as those of a group session, in every form in which one comes in.
func TestSmallOrderInMegolm(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 5))
	n, standard := 0, 0
	for _, key := range smallOrder(t) {
		for i := range 16 {
			shared := make([]byte, megolm.ExportedKeyLen)
			shared[0], shared[4] = 2, byte(i)
			fill(shared[5:133], rng)
			copy(shared[133:], key)
			s := randomScalar(rng)
			sig := append(new(edwards25519.Point).ScalarBaseMult(s).Bytes(), s.Bytes()...)
			if ed25519.Verify(key, shared, sig) {
				standard++
			}
			k := must(megolm.SessionKeyFromBytes(append(bytes.Clone(shared), sig...)))
			session, err := megolm.NewInboundSession(k)
			require.ErrorIs(t, err, megolm.ErrSignature)
			require.Nil(t, session)

			shared[0] = 1
			e := must(megolm.ExportedKeyFromBytes(shared))
			session, err = megolm.ImportSession(e)
			require.ErrorIs(t, err, megolm.ErrSessionKey)
			require.Nil(t, session)
			n += 2

			// Whoever can write a pickle puts it there: nothing is signed by such a key all the same.
			out, in := newGroup()
			m := must(out.Encrypt([]byte(plaintext)))
			raw := rawOf(in)
			copy(fieldOf("inbound", raw, "signing public"), key)
			session, err = megolm.UnpickleInboundSession(pickleKey, sealed(raw))
			if err != nil {
				n++
				continue
			}
			signed := m[:len(m)-64]
			for range 4 {
				forged := append(bytes.Clone(signed), sig...)
				_, _, err = session.Decrypt(forged)
				require.ErrorIs(t, err, megolm.ErrSignature)
				n++
			}
		}
	}
	require.Greater(t, standard, 14)
	t.Logf("hostile: %d of %d session keys, exports and messages with keys of small order refused; the standard library takes %d of the session keys", n, n, standard)
}

// TestMalleableMegolm: a message, or a session key, whose signature is changed into another one that the
// bare equation would take.
func TestMalleableMegolm(t *testing.T) {
	out, in := newGroup()
	k := must(out.SessionKey())
	m := must(out.Encrypt([]byte(plaintext)))
	n := 0
	for times := 1; ; times++ {
		s := plusOrder(m[len(m)-32:], times)
		if s == nil {
			break
		}
		bad := append(bytes.Clone(m[:len(m)-32]), s...)
		before := stateOf(in)()
		got, _, err := in.Decrypt(bad)
		require.ErrorIs(t, err, megolm.ErrSignature)
		require.Nil(t, got)
		require.Equal(t, before, stateOf(in)())
		raw := must(k.Bytes())
		if s = plusOrder(raw[len(raw)-32:], times); s != nil {
			copy(raw[len(raw)-32:], s)
			badKey := must(megolm.SessionKeyFromBytes(raw))
			_, err = megolm.NewInboundSession(badKey)
			require.ErrorIs(t, err, megolm.ErrSignature)
		}
		n++
	}
	require.Greater(t, n, 10)
	_, _, err := in.Decrypt(m)
	require.NoError(t, err)
	t.Logf("hostile: %d of %d malleated group messages refused", n, n)
}
