package hostile_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	engine "github.com/karst-im/karst/internal/ratchet"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pickle"
	"github.com/karst-im/karst/pk"
	"github.com/karst-im/karst/proof/internal/readers"
	"github.com/karst-im/karst/ratchet"
	"github.com/karst-im/karst/sas"
)

// A decoder is an exported function or method that reads what others sent, or may have written.
type decoder struct {
	name string // package.Function, or package.Type.Method
	fuzz string // the target that covers it, in its own package's tests or, with a slash, elsewhere
	// open returns what reads one input, and reports whether it was accepted. What open itself sets up costs
	// the input nothing.
	open func() func(in []byte) bool
	// authentic decoders accept nothing that is not signed, or authenticated by a MAC.
	authentic bool
	// copies says how often what open returns hands an input over, or copies it itself; 0 is once.
	copies int
	// crafted returns inputs of about n bytes that go as far as they can, and claim what they don't hold.
	crafted func(n int) [][]byte
}

// stateless is open for a function that needs nothing.
func stateless(read func(in []byte) error) func() func(in []byte) bool {
	return func() func(in []byte) bool {
		return func(in []byte) bool { return read(in) == nil }
	}
}

func curveKey(in []byte) (k keys.Curve25519) {
	copy(k[:], in)
	return k
}

// claims returns prefixes of bytes that say how much is to come, as varints: nothing, what there is, one
// more, 2^31, 2^32-1, 2^63 and a number without an end.
func claims(n int) (all [][]byte) {
	for _, x := range []uint64{0, 16, uint64(n), uint64(n) + 1, 1<<31 - 1, 1 << 31, 1<<32 - 1, 1 << 32, 1<<63 - 1, 1<<64 - 1} {
		all = append(all, binary.AppendUvarint(nil, x))
	}
	return append(all, bytes.Repeat([]byte{0xff}, 20), bytes.Repeat([]byte{0x80}, 20))
}

// messages has fields of messages of all kinds with lengths that are lies.
func messages(n int) (all [][]byte) {
	body := make([]byte, n)
	for _, claim := range claims(n) {
		for _, tag := range []byte{0x0a, 0x12, 0x1a, 0x22, 0x08, 0x10, 0x2a} {
			all = append(all, slices.Concat([]byte{3, tag}, claim, body))
		}
		key := append([]byte{3, 0x0a, 32}, bytes.Repeat([]byte{9}, 32)...)
		all = append(all,
			slices.Concat(key, []byte{0x10, 1, 0x22}, claim, body, make([]byte, wire.MACLen)),
			slices.Concat([]byte{3, 0x08, 1, 0x12}, claim, body, make([]byte, wire.MACLen+64)),
			slices.Concat(key, []byte{0x12, 32}, key[3:], []byte{0x1a, 32}, key[3:], []byte{0x22}, claim, body))
	}
	// A great many small fields.
	many := []byte{3}
	for len(many) < n {
		many = append(many, 0x10, 1)
	}
	return append(all, many)
}

// craftedPickles has contents with counts that are lies, under a MAC that is right.
func craftedPickles(kind string) func(n int) [][]byte {
	return func(n int) (all [][]byte) {
		raw := wellFormed()[kind]
		for _, f := range fieldsOf(kind, raw) {
			if !f.number {
				continue
			}
			for _, count := range []uint32{0, 1, 2, 5, 40, 100, 101, 1 << 16, 62244681, 63161283, 1 << 31, 1<<32 - 1} {
				b := append(bytes.Clone(raw), make([]byte, n)...)
				setField(f, b, count)
				all = append(all, sealed(b))
			}
		}
		return append(all, sealed(make([]byte, n)), sealed(bytes.Repeat([]byte{0xff}, n)))
	}
}

func openSession() *olm.Session {
	s, other := busy()
	send(other)
	return s
}

// preKeyMessage returns in as a pre-key message if it is one, and otherwise around the bytes of in.
func preKeyMessage(in []byte) *olm.PreKeyMessage {
	p, err := olm.ParsePreKeyMessage(in)
	if err != nil {
		k := olm.SessionKeys{Identity: curveKey(in), Base: curveKey(in), OneTime: curveKey(in)}
		return must(olm.ParsePreKeyMessage(wrap(k, in).Body))
	}
	return p
}

func inbound(name string, begin func(a *olm.Account, in []byte) error) decoder {
	return decoder{name: name, fuzz: "FuzzAccept", authentic: true, crafted: messages, open: func() func(in []byte) bool {
		a := olm.NewAccount()
		claim(a)
		return func(in []byte) bool { return begin(a, in) == nil }
	}}
}

func decrypts(name string, decrypt func(s *olm.Session, m olm.Message) error) decoder {
	return decoder{name: name, fuzz: "FuzzSessionDecrypt", authentic: true, copies: 4, crafted: messages, open: func() func(in []byte) bool {
		s := openSession()
		return func(in []byte) bool {
			return decrypt(s, olm.Message{Type: olm.Normal, Body: in}) == nil || decrypt(s, olm.Message{Type: olm.PreKey, Body: in}) == nil ||
				decrypt(s, wrap(s.Keys(), in)) == nil
		}
	}}
}

func groupDecrypts(name string, decrypt func(s *megolm.InboundSession, m megolm.Message) error) decoder {
	return decoder{name: name, fuzz: "FuzzMegolmDecrypt", authentic: true, crafted: messages, open: func() func(in []byte) bool {
		_, s := newGroup()
		return func(in []byte) bool { return decrypt(s, in) == nil }
	}}
}

func unpickles(name, fuzz, kind string) decoder {
	return decoder{name: name, fuzz: fuzz, crafted: craftedPickles(kind), open: stateless(func(in []byte) error {
		return second(readers.ByKind[kind](pickleKey, in))
	})}
}

func established(verify func(e *sas.Established, in []byte) error) func() func(in []byte) bool {
	return func() func(in []byte) bool {
		e := must(sas.New().Establish(sas.New().PublicKey()))
		return func(in []byte) bool { return verify(e, in) == nil }
	}
}

func code(c errcode.Code) error {
	if c == errcode.OK {
		return nil
	}
	return pickle.ErrCorrupt
}

func sessionKey(in []byte) error {
	k, err := megolm.SessionKeyFromBytes(in)
	if err != nil {
		return err
	}
	return second(megolm.NewInboundSession(k))
}

func exportedKey(in []byte) error {
	k, err := megolm.ExportedKeyFromBytes(in)
	if err != nil {
		return err
	}
	return second(megolm.ImportSession(k))
}

// decoders has all of the packages that are inventoried: TestInventory sees to that.
var decoders = []decoder{
	{name: "keys.ParseCurve25519", fuzz: "FuzzText", copies: 2, open: stateless(func(in []byte) error { return second(keys.ParseCurve25519(string(in))) })},
	{name: "keys.ParseEd25519", fuzz: "FuzzText", copies: 2, open: stateless(func(in []byte) error { return second(keys.ParseEd25519(string(in))) })},
	{name: "keys.ParseSignature", fuzz: "FuzzText", copies: 2, open: stateless(func(in []byte) error { return second(keys.ParseSignature(string(in))) })},
	{name: "keys.Curve25519.UnmarshalText", fuzz: "FuzzText", open: stateless(new(keys.Curve25519).UnmarshalText)},
	{name: "keys.Ed25519.UnmarshalText", fuzz: "FuzzText", open: stateless(new(keys.Ed25519).UnmarshalText)},
	{name: "keys.Signature.UnmarshalText", fuzz: "FuzzText", open: stateless(new(keys.Signature).UnmarshalText)},
	{name: "keys.Ed25519.Verify", fuzz: "FuzzVerify", authentic: true, open: func() func(in []byte) bool {
		a := olm.NewAccount()
		return func(in []byte) bool {
			var sig keys.Signature
			copy(sig[:], in)
			var key keys.Ed25519
			copy(key[:], in)
			return key.Verify(in, sig) || a.IdentityKeys().Ed25519.Verify(in, sig)
		}
	}},

	{name: "pickle.Open", fuzz: "FuzzOpen", crafted: craftedPickles("account"), open: stateless(func(in []byte) error {
		return second(pickle.Open(pickleKey, in))
	})},
	{name: "internal/envelope.Open", fuzz: "FuzzOpen", crafted: craftedPickles("account"), open: stateless(func(in []byte) error {
		return code(second2(envelope.Open(bytes.Clone(in), pickleKey)))
	})},
	{name: "internal/envelope.Read", fuzz: "FuzzOpen", crafted: craftedPickles("account"), open: stateless(func(in []byte) error {
		return code(envelope.Read(pickleKey, in, func([]byte) errcode.Code { return errcode.OK }))
	})},
	{name: "internal/envelope.OpenSealed", fuzz: "FuzzOpen", authentic: true, open: stateless(func(in []byte) error {
		return code(second2(envelope.OpenSealed(bytes.Clone(in), pickleKey)))
	})},

	{name: "olm.KeyID.UnmarshalText", fuzz: "FuzzMessageJSON", open: stateless(new(olm.KeyID).UnmarshalText)},
	{name: "olm.Body.UnmarshalText", fuzz: "FuzzMessageJSON", open: stateless(new(olm.Body).UnmarshalText)},
	{name: "olm.ParsePreKeyMessage", fuzz: "FuzzAccept", crafted: messages, open: stateless(func(in []byte) error {
		return second(olm.ParsePreKeyMessage(in))
	})},
	{name: "olm.PreKeyMessage.UnmarshalText", fuzz: "FuzzAccept", crafted: messages, open: stateless(new(olm.PreKeyMessage).UnmarshalText)},
	{name: "olm.PreKeyMessage.SessionID", fuzz: "FuzzAccept", crafted: messages, open: stateless(func(in []byte) error {
		preKeyMessage(in).SessionID()
		return nil
	})},
	{name: "olm.PreKeyMessage.IdentityKey", fuzz: "FuzzAccept", crafted: messages, open: stateless(func(in []byte) error {
		preKeyMessage(in).IdentityKey()
		return nil
	})},
	{name: "olm.PreKeyMessage.BaseKey", fuzz: "FuzzAccept", crafted: messages, open: stateless(func(in []byte) error {
		preKeyMessage(in).BaseKey()
		return nil
	})},
	{name: "olm.PreKeyMessage.OneTimeKey", fuzz: "FuzzAccept", crafted: messages, open: stateless(func(in []byte) error {
		preKeyMessage(in).OneTimeKey()
		return nil
	})},
	{name: "olm.PreKeyMessage.Message", fuzz: "FuzzAccept", crafted: messages, open: stateless(func(in []byte) error {
		preKeyMessage(in).Message()
		return nil
	})},
	{name: "olm.Account.NewOutboundSession", fuzz: "FuzzAccept", open: func() func(in []byte) bool {
		a := olm.NewAccount()
		return func(in []byte) bool { return second(a.NewOutboundSession(curveKey(in), curveKey(in))) == nil }
	}},
	inbound("olm.Account.Accept", func(a *olm.Account, in []byte) error {
		m := wrap(olm.SessionKeys{Identity: curveKey(in), Base: curveKey(in), OneTime: identity(a)}, in)
		if _, _, err := a.Accept(curveKey(in), m); err == nil {
			return nil
		}
		_, _, err := a.Accept(curveKey(in), olm.Message{Type: olm.PreKey, Body: in})
		return err
	}),
	inbound("olm.Account.NewInboundSession", func(a *olm.Account, in []byte) error {
		return second(a.NewInboundSession(preKeyMessage(in)))
	}),
	inbound("olm.Account.NewInboundSessionFrom", func(a *olm.Account, in []byte) error {
		return second(a.NewInboundSessionFrom(curveKey(in), preKeyMessage(in)))
	}),
	decrypts("olm.Session.Decrypt", func(s *olm.Session, m olm.Message) error { return second(s.Decrypt(m)) }),
	decrypts("olm.Session.AppendDecrypt", func(s *olm.Session, m olm.Message) error { return second(s.AppendDecrypt(nil, m)) }),
	{name: "olm.Session.Matches", fuzz: "FuzzAccept", authentic: true, crafted: messages, open: func() func(in []byte) bool {
		s := openSession()
		return func(in []byte) bool { return s.Matches(preKeyMessage(in)) }
	}},
	unpickles("olm.UnpickleAccount", "FuzzUnpickleAccount", "account"),
	unpickles("olm.UnpickleSession", "FuzzUnpickleSession", "session"),

	{name: "megolm.ParseSessionKey", fuzz: "FuzzSessionKey", open: stateless(func(in []byte) error {
		return second(megolm.ParseSessionKey(string(in)))
	})},
	{name: "megolm.ParseExportedKey", fuzz: "FuzzSessionKey", open: stateless(func(in []byte) error {
		return second(megolm.ParseExportedKey(string(in)))
	})},
	{name: "megolm.SessionKeyFromBytes", fuzz: "FuzzSessionKey", open: stateless(func(in []byte) error {
		return second(megolm.SessionKeyFromBytes(in))
	})},
	{name: "megolm.ExportedKeyFromBytes", fuzz: "FuzzSessionKey", open: stateless(func(in []byte) error {
		return second(megolm.ExportedKeyFromBytes(in))
	})},
	{name: "megolm.NewInboundSession", fuzz: "FuzzSessionKey", authentic: true, open: stateless(sessionKey)},
	{name: "megolm.ImportSession", fuzz: "FuzzSessionKey", open: stateless(exportedKey)},
	{name: "megolm.Message.UnmarshalText", fuzz: "FuzzMessageJSON", open: stateless(new(megolm.Message).UnmarshalText)},
	{name: "megolm.Message.MessageIndex", fuzz: "FuzzMegolmDecrypt", crafted: messages, open: stateless(func(in []byte) error {
		return second(megolm.Message(in).MessageIndex())
	})},
	groupDecrypts("megolm.InboundSession.Decrypt", func(s *megolm.InboundSession, m megolm.Message) error {
		_, _, err := s.Decrypt(m)
		return err
	}),
	groupDecrypts("megolm.InboundSession.AppendDecrypt", func(s *megolm.InboundSession, m megolm.Message) error {
		_, _, err := s.AppendDecrypt(nil, m)
		return err
	}),
	unpickles("megolm.UnpickleInboundSession", "FuzzUnpickleInbound", "inbound"),
	unpickles("megolm.UnpickleOutboundSession", "FuzzUnpickleOutbound", "outbound"),

	{name: "sas.SAS.Establish", fuzz: "FuzzVerify", open: func() func(in []byte) bool {
		return func(in []byte) bool { return second(sas.New().Establish(curveKey(in))) == nil }
	}},
	{name: "sas.MAC.UnmarshalText", fuzz: "FuzzVerify", open: stateless(new(sas.MAC).UnmarshalText)},
	{name: "sas.Established.VerifyMAC", fuzz: "FuzzVerify", authentic: true, copies: 4, open: established(func(e *sas.Established, in []byte) error {
		return e.VerifyMAC(string(in), string(in), sas.MAC(curveKey(in)))
	})},
	{name: "sas.Established.VerifyLegacyMAC", fuzz: "FuzzVerify", authentic: true, open: established(func(e *sas.Established, in []byte) error {
		return e.VerifyLegacyMAC("key", "info", string(in))
	})},
	{name: "sas.Established.VerifyLongKDFMAC", fuzz: "FuzzVerify", authentic: true, open: established(func(e *sas.Established, in []byte) error {
		return e.VerifyLongKDFMAC("key", "info", string(in))
	})},

	{name: "pk.Text.UnmarshalText", fuzz: "FuzzDecrypt", open: stateless(new(pk.Text).UnmarshalText)},
	{name: "pk.DecryptionFromKey", fuzz: "FuzzKeys", open: stateless(func(in []byte) error { return second(pk.DecryptionFromKey(in)) })},
	{name: "pk.NewSigning", fuzz: "FuzzKeys", open: stateless(func(in []byte) error { return second(pk.NewSigning(in)) })},
	{name: "pk.NewEncryption", fuzz: "FuzzKeys", open: stateless(func(in []byte) error {
		return second(pk.NewEncryption(curveKey(in)).Encrypt(in))
	})},
	{name: "pk.Decryption.Decrypt", fuzz: "FuzzDecrypt", authentic: true, copies: 2, open: func() func(in []byte) bool {
		d := pk.NewDecryption()
		return func(in []byte) bool {
			mac := in[:min(len(in), wire.MACLen)]
			return second(d.Decrypt(pk.Message{Ciphertext: in, MAC: mac, Ephemeral: curveKey(in)})) == nil ||
				second(d.Decrypt(pk.Message{Ciphertext: in, MAC: mac, Ephemeral: d.PublicKey()})) == nil
		}
	}},
	unpickles("pk.UnpickleDecryption", "FuzzUnpickle", "decryption"),

	{name: "ratchet.Respond", fuzz: "FuzzDouble", open: stateless(func(in []byte) error {
		return second(ratchet.Respond(new([ratchet.SharedLen]byte), curveKey(in)))
	})},
	{name: "ratchet.Double.Receive", fuzz: "FuzzDouble", open: func() func(in []byte) bool {
		return func(in []byte) bool {
			d := ratchet.Initiate(new([ratchet.SharedLen]byte))
			refused := errors.New("refused")
			if err := receiveKey(d, in, func(*[ratchet.KeyLen]byte) error { return refused }); err != refused {
				return err == nil
			}
			return receiveKey(d, in, func(*[ratchet.KeyLen]byte) error { return nil }) == nil
		}
	}},
	unpickles("ratchet.UnpickleDouble", "FuzzUnpickle", "double"),
	{name: "ratchet.MegolmFromKey", fuzz: "FuzzUnpickle", open: stateless(func(in []byte) error {
		var key [ratchet.MegolmLen]byte
		copy(key[:], in)
		return ratchet.MegolmFromKey(&key, uint32(len(in))).Advance()
	})},
	unpickles("ratchet.UnpickleMegolm", "FuzzUnpickle", "megolm"),

	{name: "internal/ratchet.PassPickle", fuzz: "FuzzUnpickle", open: stateless(unpickleDouble)},
	{name: "internal/ratchet.Double.Unpickle", fuzz: "FuzzUnpickle", open: stateless(unpickleDouble)},
	{name: "internal/ratchet.Double.Receive", fuzz: "FuzzUnpickle", open: func() func(in []byte) bool {
		return func(in []byte) bool {
			var d engine.Double
			var p engine.Pending
			d.StartAlice(new([96]byte), new([32]byte))
			theirs := [32]byte(curveKey(in))
			return d.Receive(&p, new(engine.Skipped), &theirs, indexIn(in)) == errcode.OK
		}
	}},
	{name: "internal/ratchet.Megolm.Unpickle", fuzz: "FuzzUnpickle", open: stateless(func(in []byte) error {
		r := wire.NewReader(in)
		new(engine.Megolm).Unpickle(&r)
		return nil
	})},
}

// indexIn returns an index that the beginning of in says, about twice as far ahead at most as one may be.
func indexIn(in []byte) uint32 {
	var index [4]byte
	copy(index[:], in)
	return binary.LittleEndian.Uint32(index[:]) % 4000
}

func receiveKey(d *ratchet.Double, in []byte, open func(key *[ratchet.KeyLen]byte) error) error {
	return d.Receive(curveKey(in), indexIn(in), open)
}

func second2[T any](_ T, c errcode.Code) errcode.Code { return c }

func unpickleDouble(in []byte) error {
	for _, tol := range []wire.Tolerance{wire.Strict, wire.Lenient} {
		r := wire.NewReader(in)
		var d engine.Double
		look := r
		n, c := engine.PassPickle(&look)
		if c == errcode.OK {
			s := engine.Skipped{Keys: make([]engine.SkippedKey, n)}
			if tol == wire.Lenient { // libolm's rules
				s.Forgotten = make([]engine.ForgottenChain, max(n, 1))
			}
			c = d.Unpickle(&r, &s, tol)
		}
		if tol == wire.Strict && c != errcode.OK {
			return code(c)
		}
	}
	return nil
}

type input struct {
	sealed bool
	bytes  []byte
}

// everyLength yields inputs of 0 to 200 bytes, nil among them: of one byte, random, as text, as the fields
// of a message, and in an envelope whose MAC is right.
func everyLength(rng *rand.Rand, yield func(isSealed bool, in []byte)) {
	yield(false, nil)
	for n := range 201 {
		for _, in := range [][]byte{make([]byte, n), bytes.Repeat([]byte{0xff}, n), fill(make([]byte, n), rng)} {
			yield(false, in)
			yield(false, wire.AppendText(nil, in))
			yield(true, sealed(in))
		}
		yield(false, bytes.Repeat([]byte{'A'}, n))
		yield(false, bytes.Repeat([]byte{'='}, n))
		prefixed := fill(make([]byte, n), rng)
		copy(prefixed, []byte{3, 0x0a, 32})
		yield(false, prefixed)
		prefixed = fill(make([]byte, n), rng)
		copy(prefixed, []byte{0, 0, 0, byte(n % 5)})
		yield(true, sealed(prefixed))
	}
}

// TestEveryLength: no input of 0 to 200 bytes makes a decoder panic or write to it, and none is accepted
// that nobody has authenticated.
func TestEveryLength(t *testing.T) {
	rng := deterministic(t, 7)
	n, accepted := 0, 0
	var inputs []input
	everyLength(rng, func(sealed bool, in []byte) { inputs = append(inputs, input{sealed, in}) })
	step := 1
	if short() {
		step = 7
	}
	for _, d := range decoders {
		t.Run(d.name, func(t *testing.T) {
			read := d.open()
			reads := strings.Contains(d.name, "npickle") || strings.Contains(d.name, "pickle.") || strings.Contains(d.name, "envelope.")
			for i := 0; i < len(inputs); i += step {
				in := inputs[i].bytes
				if inputs[i].sealed && !reads {
					continue // a text like any other to all but those who open envelopes
				}
				before := bytes.Clone(in)
				ok := read(in)
				n++
				if ok {
					accepted++
				}
				if ok && d.authentic {
					t.Errorf("accepts %x", in)
				}
				if !bytes.Equal(before, in) {
					t.Fatalf("%x was written to", before)
				}
			}
		})
	}
	t.Logf("hostile: %d inputs of 0 to 200 bytes to %d decoders: no panic; %d are well-formed", n, len(decoders), accepted)
}
