package libolm_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/karst-im/karst/vectors/oracle/internal/reference"
	"github.com/karst-im/karst/vectors/oracle/libolm"
)

var rng = rand.NewChaCha8([32]byte{1})

func random(n int) []byte {
	b := make([]byte, n)
	rng.Read(b)
	return b
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

type oneTimeKeys struct {
	Curve25519 map[string]string `json:"curve25519"`
}

func curveKeys(t *testing.T, text string) []string {
	t.Helper()
	var k oneTimeKeys
	if err := json.Unmarshal([]byte(text), &k); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, v := range k.Curve25519 {
		out = append(out, v)
	}
	return out
}

func identity(t *testing.T, a *libolm.Account) (curve, ed string) {
	t.Helper()
	var k struct{ Curve25519, Ed25519 string }
	if err := json.Unmarshal([]byte(a.IdentityKeys()), &k); err != nil {
		t.Fatal(err)
	}
	return k.Curve25519, k.Ed25519
}

func TestVersion(t *testing.T) {
	if v := libolm.Version(); !strings.HasPrefix(v, "3.2.") {
		t.Errorf("version %q: the vectors are libolm 3.2's", v)
	}
}

func TestCodes(t *testing.T) {
	for code, want := range map[libolm.Code]string{
		libolm.Success: "SUCCESS", libolm.NotEnoughRandom: "NOT_ENOUGH_RANDOM",
		libolm.OutputBufferTooSmall: "OUTPUT_BUFFER_TOO_SMALL", libolm.BadMessageVersion: "BAD_MESSAGE_VERSION",
		libolm.BadMessageFormat: "BAD_MESSAGE_FORMAT", libolm.BadMessageMAC: "BAD_MESSAGE_MAC",
		libolm.BadMessageKeyID: "BAD_MESSAGE_KEY_ID", libolm.InvalidBase64: "INVALID_BASE64",
		libolm.BadAccountKey: "BAD_ACCOUNT_KEY", libolm.UnknownPickleVersion: "UNKNOWN_PICKLE_VERSION",
		libolm.CorruptedPickle: "CORRUPTED_PICKLE", libolm.BadSessionKey: "BAD_SESSION_KEY",
		libolm.UnknownMessageIndex: "UNKNOWN_MESSAGE_INDEX", libolm.BadLegacyAccountPickle: "BAD_LEGACY_ACCOUNT_PICKLE",
		libolm.BadSignature: "BAD_SIGNATURE", libolm.InputBufferTooSmall: "OLM_INPUT_BUFFER_TOO_SMALL",
		libolm.SASTheirKeyNotSet: "OLM_SAS_THEIR_KEY_NOT_SET", libolm.PickleExtraData: "OLM_PICKLE_EXTRA_DATA",
		libolm.Code(99): "UNKNOWN_ERROR",
	} {
		if got := code.Error(); got != want {
			t.Errorf("code %d: %s, want %s", int(code), got, want)
		}
	}
}

func TestAccount(t *testing.T) {
	r := random(64)
	given := bytes.Clone(r)
	a := must(libolm.NewAccount(r))
	defer a.Free()
	if !bytes.Equal(r, given) {
		t.Error("the caller's random bytes were wiped")
	}
	_, ed := identity(t, a)
	want := ed25519.NewKeyFromSeed(r[:32])
	if ed != base64.RawStdEncoding.EncodeToString(want.Public().(ed25519.PublicKey)) {
		t.Error("the Ed25519 key is not the seed's")
	}
	for _, m := range [][]byte{nil, {}, []byte("x"), random(1000)} {
		if got := a.Sign(m); got != base64.RawStdEncoding.EncodeToString(ed25519.Sign(want, m)) {
			t.Errorf("signature of %d bytes differs from RFC 8032", len(m))
		}
	}
	if n := must(a.GenerateOneTimeKeys(0, nil)); n != 0 {
		t.Errorf("generated %d", n)
	}
	if n := must(a.GenerateOneTimeKeys(3, random(96))); n != 3 || len(curveKeys(t, a.OneTimeKeys())) != 3 {
		t.Errorf("generated %d", n)
	}
	if n := a.MarkPublished(); n != 3 || a.OneTimeKeys() != `{"curve25519":{}}` {
		t.Errorf("marked %d, left %s", n, a.OneTimeKeys())
	}
	if a.MaxOneTimeKeys() != 100 {
		t.Error("maximum")
	}
	if err := a.GenerateFallbackKey(random(32)); err != nil {
		t.Error(err)
	}
	if a.FallbackKey() != a.UnpublishedFallbackKey() || len(curveKeys(t, a.FallbackKey())) != 1 {
		t.Error("fallback key")
	}
	a.MarkPublished()
	if len(curveKeys(t, a.UnpublishedFallbackKey())) != 0 || len(curveKeys(t, a.FallbackKey())) != 1 {
		t.Error("published fallback key")
	}
	a.ForgetOldFallbackKey()
	for _, key := range [][]byte{nil, {}, random(1), random(65)} {
		p := a.Pickle(key)
		b := must(libolm.UnpickleAccount(key, p))
		if b.Pickle(key) != p {
			t.Error("pickle does not survive")
		}
		b.Free()
		if _, err := libolm.UnpickleAccount(append([]byte{9}, key...), p); err != libolm.BadAccountKey {
			t.Errorf("wrong key: %v", err)
		}
	}
	if _, err := libolm.NewAccount(random(63)); err != libolm.NotEnoughRandom {
		t.Errorf("63 random bytes: %v", err)
	}
	if _, err := a.GenerateOneTimeKeys(2, random(63)); err != libolm.NotEnoughRandom {
		t.Errorf("63 random bytes for two keys: %v", err)
	}
}

func TestSession(t *testing.T) {
	alice, bob := must(libolm.NewAccount(random(64))), must(libolm.NewAccount(random(64)))
	defer alice.Free()
	defer bob.Free()
	must(bob.GenerateOneTimeKeys(1, random(32)))
	aliceKey, _ := identity(t, alice)
	bobKey, _ := identity(t, bob)
	oneTime := curveKeys(t, bob.OneTimeKeys())[0]

	a := must(libolm.NewOutboundSession(alice, bobKey, oneTime, random(64)))
	defer a.Free()
	if a.EncryptType() != libolm.TypePreKey || a.EncryptRandomLength() != 0 || a.HasReceived() {
		t.Error("a fresh session")
	}
	typ, body, err := a.Encrypt(nil, nil)
	if err != nil || typ != libolm.TypePreKey {
		t.Fatal(typ, err)
	}
	b := must(libolm.NewInboundSession(bob, body))
	defer b.Free()
	c := must(libolm.NewInboundSessionFrom(bob, aliceKey, body))
	defer c.Free()
	if a.ID() != b.ID() || b.ID() != c.ID() || len(a.ID()) != 43 {
		t.Error("ids differ")
	}
	if !must(b.Matches(body)) || !must(b.MatchesFrom(aliceKey, body)) || must(b.MatchesFrom(bobKey, body)) {
		t.Error("matching")
	}
	if p := must(b.Decrypt(typ, body)); len(p) != 0 {
		t.Errorf("plaintext %q", p)
	}
	if _, err := b.Decrypt(typ, body); err != libolm.BadMessageMAC {
		t.Errorf("replay: %v", err)
	}
	must(bob.RemoveOneTimeKeys(b))
	if _, err := bob.RemoveOneTimeKeys(b); err != libolm.BadMessageKeyID {
		t.Errorf("second removal: %v", err)
	}
	for i, n := range []int{0, 1, 15, 16, 17, 1000, 70000} {
		from, to := b, a
		if i%2 == 1 {
			from, to = a, b
		}
		plaintext := random(n)
		if from.EncryptRandomLength() != 32 {
			t.Error("a new chain needs 32 bytes")
		}
		if _, _, err := from.Encrypt(plaintext, nil); err != libolm.NotEnoughRandom {
			t.Errorf("no random bytes: %v", err)
		}
		typ, body, err := from.Encrypt(plaintext, random(32))
		if err != nil || typ != libolm.TypeMessage {
			t.Fatal(typ, err)
		}
		if got := must(to.Decrypt(typ, body)); !bytes.Equal(got, plaintext) {
			t.Errorf("%d bytes differ", n)
		}
	}
	if want := "sender chain index: 1 receiver chain indices: 1 1 1 1 skipped message keys:"; b.Describe() != want {
		t.Errorf("described as %q", b.Describe())
	}
	p := a.Pickle([]byte("key"))
	d := must(libolm.UnpickleSession([]byte("key"), p))
	defer d.Free()
	if d.Pickle([]byte("key")) != p || d.ID() != a.ID() {
		t.Error("pickle does not survive")
	}
}

func TestGroup(t *testing.T) {
	r := random(160)
	out := must(libolm.NewOutboundGroup(r))
	defer out.Free()
	in := must(libolm.NewInboundGroup(out.Key()))
	defer in.Free()
	public := ed25519.NewKeyFromSeed(r[128:]).Public().(ed25519.PublicKey)
	if out.ID() != in.ID() || out.ID() != base64.RawStdEncoding.EncodeToString(public) {
		t.Error("ids differ")
	}
	var messages []string
	for i, n := range []int{0, 1, 16, 5000} {
		if out.Index() != uint32(i) {
			t.Errorf("index %d", out.Index())
		}
		m := must(out.Encrypt(bytes.Repeat([]byte{'m'}, n)))
		messages = append(messages, m)
		p, index, err := in.Decrypt(m)
		if err != nil || index != uint32(i) || len(p) != n {
			t.Errorf("%d bytes: %d, %d, %v", n, len(p), index, err)
		}
	}
	exported := must(in.Export(2))
	late := must(libolm.ImportInboundGroup(exported))
	defer late.Free()
	if late.IsVerified() || !in.IsVerified() || late.FirstKnownIndex() != 2 {
		t.Error("imported session")
	}
	if _, index, err := late.Decrypt(messages[1]); err != libolm.UnknownMessageIndex || index != 1 {
		t.Errorf("early message: %d, %v", index, err)
	}
	if _, _, err := late.Decrypt(messages[2]); err != nil || !late.IsVerified() {
		t.Errorf("%v, verified %v", err, late.IsVerified())
	}
	if _, err := late.Export(1); err != libolm.UnknownMessageIndex {
		t.Errorf("early export: %v", err)
	}
	if _, err := libolm.NewInboundGroup(exported); err != libolm.BadSessionKey {
		t.Errorf("export as session key: %v", err)
	}
	key := random(32)
	p := in.Pickle(key)
	again := must(libolm.UnpickleInboundGroup(key, p))
	defer again.Free()
	q := out.Pickle(key)
	outAgain := must(libolm.UnpickleOutboundGroup(key, q))
	defer outAgain.Free()
	if again.Pickle(key) != p || outAgain.Pickle(key) != q {
		t.Error("pickle does not survive")
	}
	if _, err := libolm.NewOutboundGroup(r[:159]); err != libolm.NotEnoughRandom {
		t.Errorf("159 random bytes: %v", err)
	}
}

func TestPK(t *testing.T) {
	private := random(32)
	d, public, err := libolm.NewPKDecryption(private)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Free()
	if !bytes.Equal(d.PrivateKey(), private) {
		t.Error("private key")
	}
	e := must(libolm.NewPKEncryption(public))
	defer e.Free()
	for _, n := range []int{0, 1, 16, 1000} {
		plaintext := random(n)
		m := must(e.Encrypt(plaintext, random(32)))
		if got := must(d.Decrypt(m)); !bytes.Equal(got, plaintext) {
			t.Errorf("%d bytes differ", n)
		}
		if _, err := d.Decrypt(libolm.PKMessage{Ciphertext: m.Ciphertext, MAC: m.MAC, Ephemeral: public}); err != libolm.BadMessageMAC {
			t.Errorf("wrong ephemeral key: %v", err)
		}
	}
	p := d.Pickle(nil)
	again, samePublic, err := libolm.UnpicklePKDecryption(nil, p)
	if err != nil || samePublic != public || again.Pickle(nil) != p {
		t.Error("pickle does not survive", err)
	}
	again.Free()
	if _, err := libolm.NewPKEncryption("short"); err != libolm.InputBufferTooSmall {
		t.Errorf("short key: %v", err)
	}

	seed := random(32)
	s, signer, err := libolm.NewPKSigning(seed)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Free()
	signature := s.Sign([]byte("message"))
	if want := ed25519.Sign(ed25519.NewKeyFromSeed(seed), []byte("message")); signature != base64.RawStdEncoding.EncodeToString(want) {
		t.Error("signature differs from RFC 8032")
	}
	u := libolm.NewUtility()
	defer u.Free()
	if err := u.Verify(signer, []byte("message"), signature); err != nil {
		t.Error(err)
	}
	if err := u.Verify(signer, []byte("massage"), signature); err != libolm.BadMessageMAC {
		t.Errorf("other message: %v", err)
	}
	for _, in := range [][]byte{nil, []byte("abc")} {
		h := sha256.Sum256(in)
		if u.SHA256(in) != base64.RawStdEncoding.EncodeToString(h[:]) {
			t.Error("hash")
		}
	}
}

func TestSAS(t *testing.T) {
	a, b := must(libolm.NewSAS(random(32))), must(libolm.NewSAS(random(32)))
	defer a.Free()
	defer b.Free()
	if _, err := a.Bytes(nil, 6); err != libolm.SASTheirKeyNotSet {
		t.Errorf("no key: %v", err)
	}
	if err := errors.Join(a.SetTheirKey(b.PublicKey()), b.SetTheirKey(a.PublicKey())); err != nil {
		t.Fatal(err)
	}
	if !a.IsTheirKeySet() {
		t.Error("key not set")
	}
	for _, n := range []int{0, 5, 6, 100} {
		x, y := must(a.Bytes([]byte("info"), n)), must(b.Bytes([]byte("info"), n))
		if len(x) != n || !bytes.Equal(x, y) {
			t.Errorf("%d bytes differ", n)
		}
	}
	for i, f := range []func(s *libolm.SAS) (string, error){
		func(s *libolm.SAS) (string, error) { return s.MAC([]byte("in"), nil) },
		func(s *libolm.SAS) (string, error) { return s.MACFixedBase64([]byte("in"), nil) },
		func(s *libolm.SAS) (string, error) { return s.MACLongKDF(nil, []byte("info")) },
	} {
		if x, y := must(f(a)), must(f(b)); x != y || len(x) != 43 {
			t.Errorf("MAC %d: %s, %s", i, x, y)
		}
	}
}

// Objects that were never created have pickles too.
func TestEmpty(t *testing.T) {
	for i, p := range []interface {
		Pickle([]byte) string
		Free()
	}{libolm.EmptyAccount(), libolm.EmptySession(), libolm.EmptyInboundGroup(), libolm.EmptyOutboundGroup(), libolm.EmptyPKDecryption()} {
		if _, ok := reference.OpenPickle(nil, p.Pickle(nil)); !ok {
			t.Errorf("object %d", i)
		}
		p.Free()
		p.Free()
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("object %d: no panic after Free", i)
				}
			}()
			p.Pickle(nil)
		}()
	}
}

func TestUnsafeInputs(t *testing.T) {
	text := func(b ...[]byte) string {
		return base64.RawStdEncoding.EncodeToString(bytes.Join(b, nil))
	}
	s := libolm.EmptySession()
	defer s.Free()
	g := libolm.EmptyInboundGroup()
	defer g.Free()
	d, _, err := libolm.NewPKDecryption(random(32))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Free()
	for _, n := range []int{0, 1, 15, 17, 31} {
		ct := make([]byte, n)
		normal := bytes.Join([][]byte{{3}, reference.StringField(0x0a, random(32)), {0x10, 0}, reference.StringField(0x22, ct), make([]byte, 8)}, nil)
		group := bytes.Join([][]byte{{3, 8, 0}, reference.StringField(0x12, ct), make([]byte, 72)}, nil)
		if _, err := s.Decrypt(1, text(normal)); err != libolm.ErrUnsafeForLibolm {
			t.Errorf("normal message, %d bytes: %v", n, err)
		}
		if _, err := s.Decrypt(0, text([]byte{3}, reference.StringField(0x22, normal))); err != libolm.ErrUnsafeForLibolm {
			t.Errorf("pre-key message, %d bytes: %v", n, err)
		}
		if _, _, err := g.Decrypt(text(group)); err != libolm.ErrUnsafeForLibolm {
			t.Errorf("group message, %d bytes: %v", n, err)
		}
		if _, err := d.Decrypt(libolm.PKMessage{Ciphertext: text(ct)}); err != libolm.ErrUnsafeForLibolm {
			t.Errorf("PK message, %d bytes: %v", n, err)
		}
		k := reference.DeriveKeys(nil, "Pickle")
		if _, err := libolm.UnpickleSession(nil, text(ct, k.Tag(ct))); err != libolm.ErrUnsafeForLibolm {
			t.Errorf("pickle, %d bytes: %v", n, err)
		}
		if _, err := libolm.UnpickleSession([]byte("other key"), text(ct, k.Tag(ct))); err != libolm.BadAccountKey {
			t.Errorf("pickle, %d bytes, other key: %v", n, err)
		}
	}
	a := must(libolm.NewAccount(random(64)))
	defer a.Free()
	anonymous := text([]byte{3}, reference.StringField(0x0a, random(32)), reference.StringField(0x12, random(32)), reference.StringField(0x22, random(60)))
	if _, err := libolm.NewInboundSessionFrom(a, strings.Repeat("A", 43), anonymous); err != libolm.ErrUnsafeForLibolm {
		t.Errorf("message without an identity key: %v", err)
	}
	if _, err := libolm.NewInboundSession(a, anonymous); err != libolm.BadMessageFormat {
		t.Errorf("message without an identity key: %v", err)
	}
	if _, _, err := s.Encrypt(nil, random(32)); err != libolm.ErrUnsafeForLibolm {
		t.Errorf("encryption without a chain: %v", err)
	}
}

// Every short input goes to libolm, where a sanitizer or valgrind would see what the guard missed.
func TestGarbage(t *testing.T) {
	a := must(libolm.NewAccount(random(64)))
	defer a.Free()
	s, g := libolm.EmptySession(), libolm.EmptyInboundGroup()
	defer s.Free()
	defer g.Free()
	for n := range 400 {
		raw := random(n)
		if n > 0 {
			raw[0] = 3
		}
		for _, text := range []string{string(raw), reference.Base64.EncodeToString(raw)} {
			if _, err := s.Decrypt(n%3, text); err == nil {
				t.Error("garbage decrypts")
			}
			if _, _, err := g.Decrypt(text); err == nil {
				t.Error("garbage decrypts")
			}
			if _, err := libolm.NewInboundSession(a, text); err == nil {
				t.Error("garbage makes a session")
			}
			if _, err := libolm.NewInboundGroup(text); err == nil {
				t.Error("garbage makes a group session")
			}
			if _, err := libolm.UnpickleAccount(raw, text); err == nil {
				t.Error("garbage makes an account")
			}
		}
		// And the same with an envelope that opens.
		for _, f := range []func(k []byte, p string) error{
			func(k []byte, p string) error { x, err := libolm.UnpickleAccount(k, p); return free(x, err) },
			func(k []byte, p string) error { x, err := libolm.UnpickleSession(k, p); return free(x, err) },
			func(k []byte, p string) error { x, err := libolm.UnpickleInboundGroup(k, p); return free(x, err) },
			func(k []byte, p string) error { x, err := libolm.UnpickleOutboundGroup(k, p); return free(x, err) },
			func(k []byte, p string) error { x, _, err := libolm.UnpicklePKDecryption(k, p); return free(x, err) },
		} {
			versioned := append([]byte{0, 0, 0, byte(n % 5)}, raw...)
			var code libolm.Code
			if err := f(nil, reference.SealPickle(nil, versioned)); err != nil && !errors.As(err, &code) {
				t.Errorf("%d bytes: %v", n, err)
			}
		}
	}
}

func free(x interface{ Free() }, err error) error {
	if err == nil {
		x.Free()
	}
	return err
}

func Example() {
	alice, _ := libolm.NewAccount(make([]byte, 64))
	defer alice.Free()
	fmt.Println(alice.OneTimeKeys())
	// Output: {"curve25519":{}}
}
