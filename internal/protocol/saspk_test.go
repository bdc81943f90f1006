package protocol

import (
	"bytes"
	"crypto/ed25519"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/internal/wire"
)

func TestSAS(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	randomA, randomB := testkit.Random(rng, SASRandomLen), testkit.Random(rng, SASRandomLen)
	var a, b SAS
	if a.Created() {
		t.Error("created before it is")
	}
	a.Start(randomA)
	b.Start(randomB)
	if !a.Created() || a.Established() || !bytes.Equal(a.Public()[:], testkit.X25519Public(randomA)) {
		t.Errorf("created %v, established %v, public %x", a.Created(), a.Established(), *a.Public())
	}
	if a.Establish(b.Public(), wire.Strict) != errcode.OK || b.Establish(a.Public(), wire.Lenient) != errcode.OK {
		t.Fatal("not established")
	}
	if !a.Established() || *a.Theirs() != *b.Public() || *b.Theirs() != *a.Public() || *a.Public() != *b.Theirs() {
		t.Errorf("established %v, keys %x, %x and %x, %x", a.Established(), *a.Public(), *b.Theirs(), *b.Public(), *a.Theirs())
	}
	shared := testkit.X25519(randomA, b.Public()[:])
	for _, s := range []*SAS{&a, &b} {
		for _, n := range []int{0, 1, 5, 6, 32, 33, 1000, MaxSASBytes} {
			got := make([]byte, n)
			s.Bytes(got, []byte("info"))
			testkit.Equal(t, testkit.HKDF(shared, nil, "info", n), got)
		}
		for _, input := range []string{"", "input", "a long input that is more than a block of SHA-256, which has sixty-four bytes"} {
			var mac [32]byte
			if s.MAC(&mac, []byte(input), []byte("info")); !bytes.Equal(mac[:], testkit.HMAC(testkit.HKDF(shared, nil, "info", 32), []byte(input))) {
				t.Errorf("MAC %x", mac)
			}
			if s.LongKDFMAC(&mac, []byte(input), []byte("info")); !bytes.Equal(mac[:], testkit.HMAC(testkit.HKDF(shared, nil, "info", 256), []byte(input))) {
				t.Errorf("long KDF: MAC %x", mac)
			}
		}
	}
	if MaxSASBytes != 8160 {
		t.Errorf("at most %d bytes", MaxSASBytes)
	}
	// A new key pair forgets the other side.
	a.Start(randomB)
	var fresh SAS
	fresh.Start(randomB)
	testkit.Equal(t, fresh, a)
}

func TestEstablishRefuses(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var good SAS
	good.Start(testkit.Random(rng, 32))
	for name, c := range map[string]struct {
		key             [32]byte
		strict, lenient errcode.Code
	}{
		"good":        {*good.Public(), errcode.OK, errcode.OK},
		"high bit":    {highBit(*good.Public()), errcode.BadPublicKey, errcode.OK},
		"not reduced": {notReduced, errcode.BadPublicKey, errcode.OK},
		"zero":        {lowOrder[0], errcode.NonContributory, errcode.NonContributory},
		"order 1":     {lowOrder[1], errcode.NonContributory, errcode.NonContributory},
		"order 8":     {lowOrder[2], errcode.NonContributory, errcode.NonContributory},
	} {
		for tol, want := range map[wire.Tolerance]errcode.Code{wire.Strict: c.strict, wire.Lenient: c.lenient} {
			var s SAS
			s.Start(testkit.Random(rng, 32))
			before := s
			code := s.Establish(&c.key, tol)
			if code != want || code != errcode.OK && s != before || s.Established() != (code == errcode.OK) {
				t.Errorf("%s, lenient %v: code %d, want %d", name, tol, code, want)
			}
		}
	}
}

// TestLegacyMACText compares with libolm's mistake, written out: it encodes three bytes at a time, in
// place from the front, so that from the second group on it reads characters that it wrote itself.
func TestLegacyMACText(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	rng := rand.New(rand.NewPCG(5, 6))
	for range 50 {
		mac := [32]byte(testkit.Random(rng, 32))
		want := append(slices.Clone(mac[:]), make([]byte, 11)...)
		for g := range 10 {
			v := int(want[3*g])<<16 | int(want[3*g+1])<<8 | int(want[3*g+2])
			for i := range 4 {
				want[4*g+i] = alphabet[v>>(18-6*i)&63]
			}
		}
		v := (int(want[30])<<8 | int(want[31])) << 2
		for i := range 3 {
			want[40+i] = alphabet[v>>(12-6*i)&63]
		}
		var got [MACTextLen]byte
		if LegacyMACText(&got, &mac); !bytes.Equal(got[:], want) {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestPK takes a ciphertext apart with the standard library.
func TestPK(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	private := testkit.Random(rng, 32)
	var d PKDecryption
	if d.Created() {
		t.Error("created before it is")
	}
	d.Start(private)
	if !d.Created() || !bytes.Equal(d.Public()[:], testkit.X25519Public(private)) || !bytes.Equal(d.Private()[:], private) || d.Check() != errcode.OK {
		t.Errorf("created %v, public %x, code %d, or another private key", d.Created(), *d.Public(), d.Check())
	}
	for _, n := range []int{0, 1, 15, 16, 17, 100} {
		plaintext, random := testkit.Random(rng, n), testkit.Random(rng, PKRandomLen)
		ciphertext := make([]byte, PKCiphertextLen(n))
		var mac [8]byte
		var ephemeral [32]byte
		if code := PKEncrypt(ciphertext, &mac, &ephemeral, d.Public(), plaintext, random, wire.Strict); code != errcode.OK {
			t.Fatalf("code %d", code)
		}
		keys := testkit.NewAESSHA2(testkit.X25519(private, ephemeral[:]), "")
		if !bytes.Equal(ephemeral[:], testkit.X25519Public(random)) || !bytes.Equal(mac[:], keys.Tag(nil)) {
			t.Errorf("%d bytes: ephemeral key %x, MAC %x", n, ephemeral, mac)
		}
		padded := keys.Decrypt(ciphertext)
		if !bytes.Equal(padded[:n], plaintext) {
			t.Errorf("%x, want %x", padded, plaintext)
		}
		dst := make([]byte, len(ciphertext))
		if m, code := d.Decrypt(dst, ciphertext, mac[:], &ephemeral, wire.Strict); code != errcode.OK || !bytes.Equal(dst[:m], plaintext) {
			t.Errorf("%x, code %d, want %x", dst[:m], code, plaintext)
		}

		// What is refused, and leaves nothing behind.
		wrong := mac
		wrong[7] ^= 1
		other := *d.Public()
		for name, c := range map[string]struct {
			ciphertext, mac []byte
			ephemeral       [32]byte
			strict, lenient errcode.Code
		}{
			"another MAC":              {ciphertext, wrong[:], ephemeral, errcode.BadMessageMAC, errcode.BadMessageMAC},
			"a short MAC":              {ciphertext, mac[:7], ephemeral, errcode.BadMessageMAC, errcode.BadMessageMAC},
			"a long MAC":               {ciphertext, append(bytes.Clone(mac[:]), 0), ephemeral, errcode.BadMessageMAC, errcode.BadMessageMAC},
			"no MAC":                   {ciphertext, nil, ephemeral, errcode.BadMessageMAC, errcode.BadMessageMAC},
			"another key":              {ciphertext, mac[:], other, errcode.BadMessageMAC, errcode.BadMessageMAC},
			"no ciphertext":            {nil, mac[:], ephemeral, errcode.BadMessageMAC, errcode.BadMessageMAC},
			"a byte short":             {ciphertext[1:], mac[:], ephemeral, errcode.BadMessageMAC, errcode.BadMessageMAC},
			"the key's high bit":       {ciphertext, mac[:], highBit(ephemeral), errcode.BadPublicKey, errcode.OK},
			"a key of small order":     {ciphertext, mac[:], lowOrder[2], errcode.NonContributory, errcode.NonContributory},
			"a key that is zero":       {ciphertext, mac[:], lowOrder[0], errcode.NonContributory, errcode.NonContributory},
			"a key that's not reduced": {ciphertext, mac[:], notReduced, errcode.BadPublicKey, errcode.BadMessageMAC},
		} {
			for tol, want := range map[wire.Tolerance]errcode.Code{wire.Strict: c.strict, wire.Lenient: c.lenient} {
				dst := make([]byte, len(ciphertext))
				m, code := d.Decrypt(dst, c.ciphertext, c.mac, &c.ephemeral, tol)
				if code != want || code != errcode.OK && (m != 0 || !bytes.Equal(dst, make([]byte, len(dst)))) {
					t.Errorf("%s, lenient %v: code %d, want %d, %x", name, tol, code, want, dst)
				}
			}
		}
	}
	// The MAC does not cover the ciphertext: a wrong padding is all that shows, and it must get the same
	// code.
	ciphertext, mac, ephemeral := make([]byte, 16), [8]byte{}, [32]byte{}
	PKEncrypt(ciphertext, &mac, &ephemeral, d.Public(), []byte("abc"), testkit.Random(rng, 32), wire.Strict)
	refused := 0
	for i := range 100 {
		ciphertext[i%16]++
		switch _, code := d.Decrypt(make([]byte, 16), ciphertext, mac[:], &ephemeral, wire.Strict); code {
		case errcode.BadMessageMAC:
			refused++
		case errcode.OK:
		default:
			t.Fatalf("code %d", code)
		}
	}
	if refused < 90 {
		t.Errorf("%d of 100 were refused", refused)
	}
}

func TestPKEncryptRefuses(t *testing.T) {
	var d PKDecryption
	d.Start(bytes.Repeat([]byte{5}, 32))
	for name, c := range map[string]struct {
		key             [32]byte
		strict, lenient errcode.Code
	}{
		"high bit":    {highBit(*d.Public()), errcode.BadPublicKey, errcode.OK},
		"not reduced": {notReduced, errcode.BadPublicKey, errcode.OK},
		"zero":        {lowOrder[0], errcode.NonContributory, errcode.NonContributory},
		"order 8":     {lowOrder[2], errcode.NonContributory, errcode.NonContributory},
	} {
		for tol, want := range map[wire.Tolerance]errcode.Code{wire.Strict: c.strict, wire.Lenient: c.lenient} {
			ciphertext, mac, ephemeral := make([]byte, 16), [8]byte{}, [32]byte{}
			code := PKEncrypt(ciphertext, &mac, &ephemeral, &c.key, []byte("abc"), bytes.Repeat([]byte{6}, 32), tol)
			if code != want || code != errcode.OK && (!bytes.Equal(ciphertext, make([]byte, 16)) || mac != [8]byte{} || ephemeral != [32]byte{}) {
				t.Errorf("%s, lenient %v: code %d, want %d", name, tol, code, want)
			}
		}
	}
}

func TestPKPickle(t *testing.T) {
	private := testkit.Random(rand.New(rand.NewPCG(9, 10)), 32)
	var d PKDecryption
	d.Start(private)
	sealed := make([]byte, PKPickleLen)
	d.Pickle(sealed, pickleKey)
	raw := open(t, sealed)
	testkit.Equal(t, slices.Concat(u32(1), testkit.X25519Public(private), private), raw)
	for _, tol := range []wire.Tolerance{wire.Strict, wire.Lenient} {
		var again PKDecryption
		if code := again.Unpickle(raw, tol); code != errcode.OK || again != d {
			t.Errorf("code %d", code)
		}
		for n := range raw {
			var again PKDecryption
			if code := again.Unpickle(raw[:n], tol); code != errcode.CorruptedPickle || again.Created() {
				t.Errorf("%d bytes: code %d", n, code)
			}
		}
		if code := again.Unpickle(append(bytes.Clone(raw), 0), tol); code != errcode.PickleExtraData {
			t.Errorf("code %d", code)
		}
		for _, version := range []uint32{0, 2, 1 << 24} {
			if code := again.Unpickle(append(u32(version), raw[4:]...), tol); code != errcode.UnknownPickleVersion {
				t.Errorf("version %d: code %d", version, code)
			}
		}
		want := map[wire.Tolerance]errcode.Code{wire.Strict: errcode.CorruptedPickle, wire.Lenient: errcode.OK}[tol]
		for _, at := range []int{4, 36} {
			bad := bytes.Clone(raw)
			clear(bad[at : at+32])
			if code := again.Unpickle(bad, tol); code != want {
				t.Errorf("zero at %d: code %d", at, code)
			}
		}
		bad := bytes.Clone(raw)
		bad[4] ^= 1
		if code := again.Unpickle(bad, tol); code != errcode.OK || again.Check() != errcode.KeyPairMismatch {
			t.Errorf("code %d, %d", code, again.Check())
		}
	}
}

func TestSigning(t *testing.T) {
	seed := testkit.Random(rand.New(rand.NewPCG(11, 12)), 32)
	key := ed25519.NewKeyFromSeed(seed)
	var s Signing
	if s.Created() {
		t.Error("created before it is")
	}
	s.Start(seed)
	var sig [64]byte
	s.Sign(&sig, []byte("message"))
	if !s.Created() || !bytes.Equal(s.Public()[:], key.Public().(ed25519.PublicKey)) || !bytes.Equal(sig[:], ed25519.Sign(key, []byte("message"))) {
		t.Errorf("%x, %x", s.Public(), sig)
	}
}
