//go:build !race

// The race detector keeps the compiler from inlining what then would stay on the stack: not with it.

package protocol

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/karst-im/karst/internal/aes"
	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/ratchet"
	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/internal/wire"
)

// TestAllocations runs every method of every type, and complains about one that it doesn't know.
func TestAllocations(t *testing.T) {
	if aes.Allocates {
		t.Skip("crypto/aes allocates")
	}
	rng := rand.New(rand.NewPCG(1, 2))
	random := testkit.Random(rng, 200)
	var (
		key, other [32]byte
		sig        [64]byte
		mac        [8]byte
		text       [MACTextLen]byte
		buf, raw   = make([]byte, 16384), make([]byte, 16384)
		bob        = newDevice(rng, 5)
		alice      = newDevice(rng, 0)
		in         Session
		out        Session
		reader     SessionReader
		pending    ratchet.Pending
		skipped    = &ratchet.Skipped{Keys: make([]ratchet.SkippedKey, 40), Forgotten: make([]ratchet.ForgottenChain, 40)}
		message    wire.Message
		group      OutboundGroup
		inbound    InboundGroup
		second     InboundGroup
		sas        SAS
		pk         PKDecryption
		signing    Signing
	)
	ok := func(code errcode.Code) {
		if code != errcode.OK {
			t.Fatalf("code %d", code)
		}
	}
	opened := func(n int) []byte { // the contents of the pickle in buf
		raw, code := envelope.Open(raw[:copy(raw, buf[:n])], pickleKey)
		ok(code)
		return raw
	}
	copy(key[:], random)
	other = *bob.Curve25519()
	out.StartOutbound(&alice.Account, bob.Curve25519(), bob.store[0].Public(), random, wire.Strict)
	first := make([]byte, out.MessageLen(3))
	ok(out.Encrypt(first, []byte("abc"), nil))
	preKey := decodePreKey(t, first)
	ok(message.Decode(preKey.Message, wire.Strict))
	ok(in.StartInbound(&bob.Account, bob.store, preKey, nil, wire.Strict))
	inFresh, outFresh := in, out
	group.Start(random)
	sessionKey := make([]byte, SessionKeyLen)
	group.SessionKey(sessionKey)
	ok(inbound.Start(sessionKey))
	ok(second.Start(sessionKey))
	export := make([]byte, ExportLen)
	ok(inbound.Export(export, 0, wire.Strict))
	megolm := make([]byte, group.MessageLen(3))
	ok(group.Encrypt(megolm, []byte("abc")))
	var groupMessage wire.GroupMessage
	ok(groupMessage.Decode(megolm, wire.Strict))
	sas.Start(random)
	pk.Start(random)
	signing.Start(random)
	ok(PKEncrypt(buf[:PKCiphertextLen(3)], &mac, &key, pk.Public(), []byte("abc"), random, wire.Strict))
	pkText := append([]byte(nil), buf[:PKCiphertextLen(3)]...)

	methods := map[any]map[string]func(){
		&alice.Account: {
			"Create":             func() { alice.Create(random) },
			"Created":            func() { alice.Created() },
			"Ed25519":            func() { alice.Ed25519() },
			"Curve25519":         func() { alice.Curve25519() },
			"Sign":               func() { alice.Sign(&sig, random) },
			"OneTimeKeys":        func() { alice.OneTimeKeys() },
			"GenerateOneTimeKey": func() { alice.GenerateOneTimeKey(alice.store, random) },
			"MarkPublished":      func() { alice.MarkPublished(alice.store) },
			"GenerateFallbackKey": func() {
				alice.GenerateFallbackKey(random)
				alice.GenerateFallbackKey(random[32:])
			},
			"Fallback":          func() { alice.Fallback() },
			"ForgetOldFallback": func() { alice.ForgetOldFallback() },
			"Remove": func() {
				alice.GenerateOneTimeKey(alice.store, random)
				in.oneTime = alice.store[alice.nOneTime-1].pair.public
				if _, code := alice.Remove(alice.store, &in); code != errcode.OK {
					t.Fatalf("code %d", code)
				}
			},
			"Check":     func() { ok(alice.Check(alice.store)) },
			"PickleLen": func() { alice.PickleLen() },
			"Pickle":    func() { alice.Pickle(buf[:alice.PickleLen()], pickleKey, alice.store) },
			"Unpickle": func() {
				alice.Pickle(buf[:alice.PickleLen()], pickleKey, alice.store)
				raw := opened(alice.PickleLen())
				CountPickled(raw)
				ok(alice.Unpickle(raw, alice.store, wire.Strict))
				ok(alice.Unpickle(raw, alice.store, wire.Lenient))
			},
			"Wipe": func() {
				a := alice.Account
				a.Wipe(nil)
			},
		},
		&bob.store[0]: {
			"ID":        func() { bob.store[0].ID() },
			"Public":    func() { bob.store[0].Public() },
			"Published": func() { bob.store[0].Published() },
		},
		&in: {
			"Created":     func() { in.Created() },
			"HasReceived": func() { in.HasReceived() },
			"Keys":        func() { in.Keys() },
			"Ratchet":     func() { in.Ratchet() },
			"ID": func() {
				in.ID(&key)
				PreKeySessionID(&key, preKey)
			},
			"StartOutbound": func() { ok(out.StartOutbound(&alice.Account, &other, bob.store[0].Public(), random, wire.Strict)) },
			"StartInbound":  func() { ok(in.StartInbound(&bob.Account, bob.store, preKey, nil, wire.Strict)) },
			"Matches":       func() { in.Matches(preKey, &other) },
			"Type":          func() { in.Type() },
			"NeedsRandom":   func() { in.NeedsRandom() },
			"MessageLen":    func() { in.MessageLen(3) },
			"Encrypt": func() {
				in = inFresh
				ok(in.Encrypt(buf[:in.MessageLen(3)], random[:3], random))
			},
			"CheckPreKey": func() { in.CheckPreKey(preKey, wire.Strict) },
			"CanEncrypt":  func() { in.CanEncrypt() },
			"Decrypt": func() {
				in = inFresh
				if _, code := in.Decrypt(&pending, skipped, buf, &message, wire.Strict); code != errcode.OK {
					t.Fatalf("code %d", code)
				}
			},
			"Room": func() {}, // with Commit
			"Commit": func() {
				in = inFresh
				in.Decrypt(&pending, skipped, buf, &message, wire.Lenient)
				in.Room(&pending)
				in.Commit(&pending, skipped)
			},
			"Pickle": func() { outFresh.Pickle(buf[:outFresh.PickleLen()], pickleKey, skipped) },
			"Unpickle": func() {
				outFresh.Pickle(buf[:outFresh.PickleLen()], pickleKey, skipped)
				ok(reader.Open(opened(outFresh.PickleLen())))
				reader.Skipped()
				ok(out.Unpickle(&reader, skipped, wire.Strict))
			},
			"PickleLen": func() { out.PickleLen() },
			"Check":     func() { ok(outFresh.Check()) },
			"Wipe":      func() { out.Wipe() },
		},
		&reader: {"Open": func() {}, "Skipped": func() {}}, // with Unpickle
		&group: {
			"Start":      func() { group.Start(random) },
			"Created":    func() { group.Created() },
			"Public":     func() { group.Public() },
			"Index":      func() { group.Index() },
			"SessionKey": func() { group.SessionKey(buf[:SessionKeyLen]) },
			"MessageLen": func() { group.MessageLen(3) },
			"Encrypt":    func() { ok(group.Encrypt(buf[:group.MessageLen(3)], random[:3])) },
			"Check":      func() { ok(group.Check()) },
			"Pickle":     func() { group.Pickle(buf[:OutboundPickleLen], pickleKey) },
			"Unpickle": func() {
				group.Pickle(buf[:OutboundPickleLen], pickleKey)
				ok(group.Unpickle(opened(OutboundPickleLen), wire.Strict))
			},
			"Wipe": func() {
				g := group
				g.Wipe()
			},
		},
		&inbound: {
			"Start":           func() { ok(inbound.Start(sessionKey)) },
			"Import":          func() { ok(second.Import(export, wire.Strict)) },
			"Created":         func() { inbound.Created() },
			"Public":          func() { inbound.Public() },
			"FirstKnownIndex": func() { inbound.FirstKnownIndex() },
			"Verified":        func() { inbound.Verified() },
			"VerifiedFrom":    func() { inbound.VerifiedFrom() },
			"Decrypt": func() {
				if _, code := inbound.Decrypt(buf, &groupMessage, wire.Strict); code != errcode.OK {
					t.Fatalf("code %d", code)
				}
			},
			"Export":  func() { ok(inbound.Export(buf, 700, wire.Strict)) },
			"Advance": func() { ok(second.Advance(second.FirstKnownIndex() + 300)) },
			"Compare": func() { inbound.Compare(&second) },
			"Merge":   func() { inbound.Merge(&second) },
			"Pickle":  func() { inbound.Pickle(buf[:InboundPickleLen], pickleKey, wire.Strict) },
			"Unpickle": func() {
				inbound.Pickle(buf[:InboundPickleLen], pickleKey, wire.Strict)
				ok(second.Unpickle(opened(InboundPickleLen), wire.Strict))
			},
			"Wipe": func() { second.Wipe() },
		},
		&sas: {
			"Start":       func() { sas.Start(random) },
			"Created":     func() { sas.Created() },
			"Established": func() { sas.Established() },
			"Public":      func() { sas.Public() },
			"Theirs":      func() { sas.Theirs() },
			"Establish":   func() { ok(sas.Establish(&other, wire.Strict)) },
			"Bytes":       func() { sas.Bytes(buf[:100], random) },
			"MAC": func() {
				sas.MAC(&key, random, random)
				LegacyMACText(&text, &key)
			},
			"LongKDFMAC": func() { sas.LongKDFMAC(&key, random, random) },
			"TakeOver": func() {
				var established SAS
				established.TakeOver(&sas)
			},
			"Wipe": func() { sas.Wipe() },
		},
		&pk: {
			"Start":   func() { pk.Start(random) },
			"Created": func() { pk.Created() },
			"Public":  func() { pk.Public() },
			"Private": func() { pk.Private() },
			"Check":   func() { ok(pk.Check()) },
			"Decrypt": func() {
				ok(PKEncrypt(pkText, &mac, &key, pk.Public(), random[:3], random, wire.Strict))
				if _, code := pk.Decrypt(buf, pkText, mac[:], &key, wire.Strict); code != errcode.OK {
					t.Fatalf("code %d", code)
				}
			},
			"Pickle": func() { pk.Pickle(buf[:PKPickleLen], pickleKey) },
			"Unpickle": func() {
				pk.Pickle(buf[:PKPickleLen], pickleKey)
				ok(pk.Unpickle(opened(PKPickleLen), wire.Strict))
			},
			"Wipe": func() {
				d := pk
				d.Wipe()
			},
		},
		&signing: {
			"Start":   func() { signing.Start(random) },
			"Created": func() { signing.Created() },
			"Public":  func() { signing.Public() },
			"Sign":    func() { signing.Sign(&sig, random) },
			"Wipe": func() {
				s := signing
				s.Wipe()
			},
		},
	}
	for p, runs := range methods {
		typ := reflect.TypeOf(p)
		for i := range typ.NumMethod() {
			if name := typ.Method(i).Name; runs[name] == nil {
				t.Errorf("%v.%s is not here: add it", typ, name)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(runs)) {
			testkit.NoAllocations(t, fmt.Sprintf("%v.%s", typ, name), 5, runs[name])
		}
	}
}
