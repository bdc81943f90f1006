package concurrency_test

import (
	"errors"
	"fmt"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pk"
	"github.com/karst-im/karst/ratchet"
	"github.com/karst-im/karst/sas"
)

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

var pickleKey = []byte("a pickle key")

func objects() []object {
	return append(append(olmObjects(), megolmObjects()...), append(smallObjects(), ratchetObjects()...)...)
}

func claim(a *olm.Account) (key keys.Curve25519) {
	if _, err := a.GenerateOneTimeKeys(1); err != nil {
		panic(err)
	}
	for _, key = range a.OneTimeKeys() {
		break
	}
	return key
}

func olmObjects() []object {
	alice, bob := olm.NewAccount(), olm.NewAccount()
	identity := bob.IdentityKeys().Curve25519
	out := must(alice.NewOutboundSession(identity, claim(bob)))
	prekey := must(out.Encrypt([]byte("hello")))
	parsed := must(olm.ParsePreKeyMessage(prekey.Body))
	fresh := must(olm.ParsePreKeyMessage(must(must(alice.NewOutboundSession(identity, claim(bob))).Encrypt(nil)).Body))
	var offers []olm.Message // one for each call
	var offered []*olm.Session
	for range 2 * rounds {
		offers = append(offers, must(must(alice.NewOutboundSession(identity, claim(bob))).Encrypt(nil)))
		offered = append(offered, must(bob.NewInboundSession(must(olm.ParsePreKeyMessage(offers[len(offers)-1].Body)))))
	}
	in, _, err := bob.Accept(alice.IdentityKeys().Curve25519, prekey)
	must(0, err)
	must(out.Decrypt(must(in.Encrypt([]byte("answer")))))
	var messages []olm.Message
	for range 200 {
		messages = append(messages, must(out.Encrypt([]byte("a message"))))
	}
	return []object{
		{
			typ: "olm.Account", guarded: bob,
			allowed: []action{
				{"IdentityKeys", func(int) { bob.IdentityKeys() }},
				{"Sign", func(int) { must(bob.Sign([]byte("message"))) }},
				{"OneTimeKeys", func(int) {
					for range bob.OneTimeKeys() {
						bob.OneTimeKeyCount() // the loop may call the account
					}
				}},
				{"OneTimeKeyCount", func(int) { bob.OneTimeKeyCount() }},
				{"FallbackKey", func(int) { bob.FallbackKey() }},
				{"UnpublishedFallbackKey", func(int) { bob.UnpublishedFallbackKey() }},
				{"NewOutboundSession", func(int) { must(alice.NewOutboundSession(identity, identity)) }},
				{"NewInboundSession", func(int) { must(bob.NewInboundSession(fresh)) }},
				{"NewInboundSessionFrom", func(int) { must(bob.NewInboundSessionFrom(alice.IdentityKeys().Curve25519, fresh)) }},
				{"Pickle", func(int) { must(bob.Pickle(pickleKey)) }},
				{"AppendPickle", func(int) { must(bob.AppendPickle(nil, pickleKey)) }},
				{"Check", func(int) { must(0, bob.Check()) }},
				{"String", func(int) { _ = fmt.Sprint(bob) }},
			},
			changing: []action{
				{"GenerateOneTimeKeys", func(int) { _, _ = bob.GenerateOneTimeKeys(7) }},
				{"GenerateFallbackKey", func(int) { _ = bob.GenerateFallbackKey() }},
				{"MarkKeysAsPublished", func(int) { bob.MarkKeysAsPublished() }},
				{"RemoveOneTimeKey", func(n int) { bob.RemoveOneTimeKey(offered[n]) }},
				{"ForgetOldFallbackKey", func(int) { _ = bob.GenerateFallbackKey(); bob.ForgetOldFallbackKey() }},
				{"Accept", func(n int) { _, _, _ = bob.Accept(alice.IdentityKeys().Curve25519, offers[n]) }},
				{"Wipe", func(int) { bob.Wipe() }},
			},
		},
		{
			typ: "olm.Session", guarded: in,
			allowed: []action{
				{"ID", func(int) { in.ID() }},
				{"Keys", func(int) { in.Keys() }},
				{"Matches", func(int) { in.Matches(parsed) }},
				{"HasReceivedMessage", func(int) { in.HasReceivedMessage() }},
				{"NextType", func(int) { in.NextType() }},
				{"MessageLen", func(int) { in.MessageLen(10) }},
				{"Describe", func(int) { in.Describe() }},
				{"Pickle", func(int) { must(in.Pickle(pickleKey)) }},
				{"AppendPickle", func(int) { must(in.AppendPickle(nil, pickleKey)) }},
				{"Check", func(int) { must(0, in.Check()) }},
				{"String", func(int) { _ = fmt.Sprint(in) }},
			},
			changing: []action{
				{"Encrypt", func(int) { _, _ = in.Encrypt([]byte("message")) }},
				{"AppendEncrypt", func(int) { _, _, _ = in.AppendEncrypt(nil, []byte("message")) }},
				{"Decrypt", func(int) {
					for i := range messages { // out of order, so that keys are kept
						_, _ = in.Decrypt(messages[i*7%len(messages)])
					}
				}},
				{"AppendDecrypt", func(n int) { _, _ = in.AppendDecrypt(nil, messages[n]) }},
				{"Wipe", func(int) { in.Wipe() }},
			},
		},
	}
}

func megolmObjects() []object {
	out := megolm.NewOutboundSession()
	key := must(out.SessionKey())
	in, other := must(megolm.NewInboundSession(key)), must(megolm.NewInboundSession(key))
	var messages []megolm.Message
	for range 20 {
		messages = append(messages, must(out.Encrypt([]byte("a message"))))
	}
	exported := must(must(megolm.NewInboundSession(key)).Export(3))
	scratch, scratchExport := must(megolm.SessionKeyFromBytes(must(key.Bytes()))), must(megolm.ExportedKeyFromBytes(must(exported.Bytes())))
	return []object{
		{
			typ: "megolm.OutboundSession", guarded: out,
			allowed: []action{
				{"ID", func(int) { out.ID() }},
				{"Index", func(int) { out.Index() }},
				{"SessionKey", func(int) { must(out.SessionKey()) }},
				{"MessageLen", func(int) { out.MessageLen(10) }},
				{"Pickle", func(int) { must(out.Pickle(pickleKey)) }},
				{"AppendPickle", func(int) { must(out.AppendPickle(nil, pickleKey)) }},
				{"Check", func(int) { must(0, out.Check()) }},
				{"String", func(int) { _ = fmt.Sprint(out) }},
			},
			changing: []action{
				{"Encrypt", func(int) { _, _ = out.Encrypt([]byte("message")) }},
				{"AppendEncrypt", func(int) { _, _ = out.AppendEncrypt(nil, []byte("message")) }},
				{"Wipe", func(int) { out.Wipe() }},
			},
		},
		{
			typ: "megolm.InboundSession", guarded: in,
			allowed: []action{
				{"ID", func(int) { in.ID() }},
				{"FirstKnownIndex", func(int) { in.FirstKnownIndex() }},
				{"Verified", func(int) { in.Verified() }},
				{"VerifiedFrom", func(int) { in.VerifiedFrom() }},
				{"Compare", func(int) { in.Compare(other); other.Compare(in) }},
				{"Pickle", func(int) { must(in.Pickle(pickleKey)) }},
				{"AppendPickle", func(int) { must(in.AppendPickle(nil, pickleKey)) }},
				{"String", func(int) { _ = fmt.Sprint(in) }},
			},
			changing: []action{
				{"Decrypt", func(int) {
					for _, m := range messages {
						_, _, _ = in.Decrypt(m)
					}
				}},
				{"AppendDecrypt", func(n int) { _, _, _ = in.AppendDecrypt(nil, messages[n%len(messages)]) }},
				{"Export", func(int) { // keeps the ratchet that it came by
					_, _ = in.Export(in.FirstKnownIndex() + 5)
				}},
				{"Advance", func(int) { _ = in.Advance(in.FirstKnownIndex() + 1) }},
				{"Merge", func(int) { _ = in.Merge(other); _ = other.Merge(in); _ = in.Merge(in) }},
				{"Wipe", func(int) { in.Wipe() }},
			},
		},
		{
			typ: "megolm.SessionKey",
			allowed: []action{
				{"Base64", func(int) { must(key.Base64()) }}, {"Bytes", func(int) { must(key.Bytes()) }}, {"String", func(int) { _ = fmt.Sprint(key) }},
				{"NewInboundSession", func(int) { must(megolm.NewInboundSession(key)) }},
			},
			forbidden: []action{{"Wipe", func(int) { scratch.Wipe() }}},
		},
		{
			typ: "megolm.ExportedKey",
			allowed: []action{
				{"Base64", func(int) { must(exported.Base64()) }}, {"Bytes", func(int) { must(exported.Bytes()) }}, {"String", func(int) { _ = fmt.Sprint(exported) }},
				{"ImportSession", func(int) { must(megolm.ImportSession(exported)) }},
			},
			forbidden: []action{{"Wipe", func(int) { scratchExport.Wipe() }}},
		},
	}
}

func smallObjects() []object {
	mine, established := sas.New(), must(sas.New().Establish(sas.New().PublicKey()))
	public := sas.New().PublicKey()
	mac := must(established.MAC("input", "info"))
	legacy, long := must(established.LegacyMAC("input", "info")), must(established.LongKDFMAC("input", "info"))
	decryption := pk.NewDecryption()
	encryption := pk.NewEncryption(decryption.PublicKey())
	backup := must(encryption.Encrypt([]byte("hello")))
	signing := must(pk.NewSigning(pk.GenerateSeed()))
	return []object{
		{
			typ: "sas.SAS", guarded: mine,
			allowed:  []action{{"PublicKey", func(int) { mine.PublicKey() }}, {"String", func(int) { _ = fmt.Sprint(mine) }}},
			changing: []action{{"Establish", func(int) { _, _ = mine.Establish(public) }}, {"Wipe", func(int) { mine.Wipe() }}},
		},
		{
			typ: "sas.Established", guarded: established,
			allowed: []action{
				{"PublicKey", func(int) { established.PublicKey() }},
				{"TheirPublicKey", func(int) { established.TheirPublicKey() }},
				{"Bytes", func(int) { must(established.Bytes("info")) }},
				{"RawBytes", func(int) { must(established.RawBytes("info", 40)) }},
				{"MAC", func(int) { must(established.MAC("input", "info")) }},
				{"LegacyMAC", func(int) { must(established.LegacyMAC("input", "info")) }},
				{"LongKDFMAC", func(int) { must(established.LongKDFMAC("input", "info")) }},
				{"VerifyMAC", func(int) { must(0, established.VerifyMAC("input", "info", mac)) }},
				{"VerifyLegacyMAC", func(int) { must(0, established.VerifyLegacyMAC("input", "info", legacy)) }},
				{"VerifyLongKDFMAC", func(int) { must(0, established.VerifyLongKDFMAC("input", "info", long)) }},
				{"String", func(int) { _ = fmt.Sprint(established) }},
			},
			changing: []action{{"Wipe", func(int) { established.Wipe() }}},
		},
		{
			typ: "pk.Decryption", guarded: decryption,
			allowed: []action{
				{"PublicKey", func(int) { decryption.PublicKey() }},
				{"PrivateKey", func(int) { must(decryption.PrivateKey()) }},
				{"Decrypt", func(int) { must(decryption.Decrypt(backup)) }},
				{"Pickle", func(int) { must(decryption.Pickle(pickleKey)) }},
				{"Check", func(int) { must(0, decryption.Check()) }},
				{"String", func(int) { _ = fmt.Sprint(decryption) }},
			},
			changing: []action{{"Wipe", func(int) { decryption.Wipe() }}},
		},
		{
			typ: "pk.Signing", guarded: signing,
			allowed: []action{
				{"PublicKey", func(int) { signing.PublicKey() }},
				{"Sign", func(int) { must(signing.Sign([]byte("message"))) }},
				{"String", func(int) { _ = fmt.Sprint(signing) }},
			},
			changing: []action{{"Wipe", func(int) { signing.Wipe() }}},
		},
		{
			typ:     "pk.Encryption",
			allowed: []action{{"Encrypt", func(int) { must(encryption.Encrypt([]byte("hello"))) }}},
		},
	}
}

func ratchetObjects() []object {
	shared := [ratchet.SharedLen]byte{1}
	sender := ratchet.Initiate(&shared)
	var sent []keyed
	for range 2 * rounds {
		sent = append(sent, sendKey(sender))
	}
	first := must(ratchet.Respond(&shared, sent[0].ours))
	m := ratchet.NewMegolm()
	return []object{
		{
			typ: "ratchet.Double", guarded: first,
			allowed: []action{
				{"Send", func(int) { sendKey(first) }},
				{"Pickle", func(int) { must(first.Pickle(pickleKey)) }},
				{"String", func(int) { _ = fmt.Sprint(first) }},
			},
			changing: []action{
				{"Receive", func(n int) {
					for i := range sent { // out of order, so that keys are kept
						_ = receiveKey(first, sent[(n+i*7)%len(sent)])
					}
				}},
				{"Wipe", func(int) { first.Wipe() }},
			},
		},
		{
			typ: "ratchet.Megolm", guarded: m,
			allowed: []action{
				{"Index", func(int) { m.Index() }},
				{"Key", func(int) { var key [ratchet.MegolmLen]byte; must(0, m.Key(&key)) }},
				{"Advance", func(int) { must(0, m.Advance()) }},
				{"Pickle", func(int) { must(m.Pickle(pickleKey)) }},
				{"String", func(int) { _ = fmt.Sprint(m) }},
			},
			changing: []action{
				{"AdvanceTo", func(int) { _ = m.AdvanceTo(m.Index() + 300) }},
				{"Wipe", func(int) { m.Wipe() }},
			},
		},
	}
}

// keyed is what goes with a message of a Double, and its key.
type keyed struct {
	ours  keys.Curve25519
	index uint32
	key   [ratchet.KeyLen]byte
}

func sendKey(d *ratchet.Double) (k keyed) {
	var err error
	k.ours, k.index, err = d.Send(&k.key)
	must(0, err)
	return k
}

var errOtherKey = errors.New("another key")

// receiveKey wants d to find the key of k.
func receiveKey(d *ratchet.Double, k keyed) error {
	return d.Receive(k.ours, k.index, func(key *[ratchet.KeyLen]byte) error {
		if *key != k.key {
			return errOtherKey
		}
		return nil
	})
}
