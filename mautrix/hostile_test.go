package mautrix

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	goolmsession "maunium.net/go/mautrix/crypto/goolm/session"
	mautrix "maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/id"

	"github.com/karst-im/karst/olm"
)

// distorted yields what a hostile device or homeserver may send in the place of message.
func distorted(random *rand.Rand, message []byte) []string {
	raw := must64(message)
	encode := base64.RawStdEncoding.EncodeToString
	all := []string{
		"A", "====", "not base64", string(message[:len(message)/2]), string(message) + "AAAA", encode(nil) + "\n",
		encode(bytes.Repeat([]byte{0xff}, 300)), encode([]byte{3}), encode([]byte{4, 8, 0}), encode(raw[:len(raw)-1]),
		encode(append([]byte{3, 8}, bytes.Repeat([]byte{0xff}, 20)...)),                       // a number without an end
		encode([]byte{3, 0x12, 0xff, 0xff, 0xff, 0xff, 0x7f, 1}),                              // a length of 32 GB
		strings.Repeat("A", 12<<20), string(message) + strings.Repeat("A", 4<<20), "\x00\xff", // gigantic
	}
	for range 200 {
		bad := bytes.Clone(raw)
		bad[random.Intn(len(bad))] ^= 1 << random.Intn(8)
		all = append(all, encode(bad))
	}
	return all
}

func TestHostileOlmMessages(t *testing.T) {
	random := rand.New(rand.NewSource(3))
	alice, bob := must[*Account](t)(NewAccount()), must[*Account](t)(NewAccount())
	_, aliceKey, err := alice.IdentityKeys()
	require.NoError(t, err)
	_, bobKey, err := bob.IdentityKeys()
	require.NoError(t, err)
	require.NoError(t, bob.GenOneTimeKeys(1))
	oneTime := only(must[map[string]id.Curve25519](t)(bob.OneTimeKeys()))
	a := must[mautrix.Session](t)(alice.NewOutboundSession(bobKey, oneTime))
	_, preKey, err := a.Encrypt([]byte("first"))
	require.NoError(t, err)

	// Before there is a session: the account stays as it is, and the true message is still accepted.
	account := must[[]byte](t)(bob.Pickle(testKey))
	for _, bad := range distorted(random, preKey) {
		session, err := bob.NewInboundSessionFrom(&aliceKey, bad)
		if err == nil { // what is distorted is under the MAC
			_, err = session.Decrypt(bad, id.OlmMsgTypePreKey)
		}
		require.Error(t, err, "%.60s", bad)
		require.Equal(t, account, must[[]byte](t)(bob.Pickle(testKey)))
	}
	b := must[mautrix.Session](t)(bob.NewInboundSessionFrom(&aliceKey, string(preKey)))
	require.Equal(t, "first", string(must[[]byte](t)(b.Decrypt(string(preKey), id.OlmMsgTypePreKey))))
	require.NoError(t, bob.RemoveOneTimeKeys(b))
	say(t, b, a, "reply")

	// In a session: it stays as it is.
	msgType, message, err := a.Encrypt([]byte("text"))
	require.NoError(t, err)
	session := must[[]byte](t)(b.Pickle(testKey))
	refuse := func(message string, msgType id.OlmMsgType) {
		t.Helper()
		plaintext, err := b.Decrypt(message, msgType)
		require.Error(t, err, "%.60s", message)
		require.Nil(t, plaintext)
		require.Equal(t, session, must[[]byte](t)(b.Pickle(testKey)))
	}
	for _, bad := range distorted(random, message) {
		for _, msgType := range []id.OlmMsgType{id.OlmMsgTypePreKey, id.OlmMsgTypeMsg, 2, -1} {
			refuse(bad, msgType)
		}
		_, _ = b.MatchesInboundSession(bad)
	}
	refuse(string(message), id.OlmMsgTypePreKey)
	refuse(string(preKey), id.OlmMsgTypeMsg)
	require.Equal(t, "text", string(must[[]byte](t)(b.Decrypt(string(message), msgType))))
	session = must[[]byte](t)(b.Pickle(testKey))
	refuse(string(message), msgType)                 // replayed
	refuse(string(preKey), id.OlmMsgTypePreKey)      // replayed
	refuse(string(preKey)+"\n", id.OlmMsgTypePreKey) // spelt otherwise
}

func TestHostileMegolmMessages(t *testing.T) {
	random := rand.New(rand.NewSource(4))
	out := must[*OutboundGroupSession](t)(NewOutboundGroupSession())
	key := out.Key()
	in := must[*InboundGroupSession](t)(NewInboundGroupSession([]byte(key)))
	exported := must[[]byte](t)(in.Export(0))
	message := must[[]byte](t)(out.Encrypt([]byte("text")))
	before := must[[]byte](t)(in.Pickle(testKey))
	for _, bad := range distorted(random, message) {
		plaintext, _, err := in.Decrypt([]byte(bad))
		require.Error(t, err, "%.60s", bad)
		require.Nil(t, plaintext)
		require.Equal(t, before, must[[]byte](t)(in.Pickle(testKey)))
	}
	for _, bad := range distorted(random, []byte(key)) {
		_, err := NewInboundGroupSession([]byte(bad))
		require.Error(t, err, "%.60s", bad)
	}
	for _, bad := range distorted(random, exported) { // nothing signs it: it may be another session, or none
		if session, err := InboundGroupSessionImport([]byte(bad)); err == nil {
			require.False(t, session.IsVerified())
			if _, _, err := session.Decrypt(message); err == nil {
				require.Equal(t, in.ID(), session.ID())
			}
		}
	}
	text, _, err := in.Decrypt(message)
	require.NoError(t, err)
	require.Equal(t, "text", string(text))
}

// An import of which the beginning is forged decrypts what comes later. It is not verified by that, and does not
// become so in the stores of other drivers, which read it as before.
func TestForgedImport(t *testing.T) {
	out := must[*OutboundGroupSession](t)(NewOutboundGroupSession())
	in := must[*InboundGroupSession](t)(NewInboundGroupSession([]byte(out.Key())))
	forged := must64(must[[]byte](t)(in.Export(0)))
	forged[1+4+127] ^= 1 // R(3)
	var messages [][]byte
	for i := range 300 {
		messages = append(messages, must[[]byte](t)(out.Encrypt(fmt.Append(nil, i))))
	}
	session := must[*InboundGroupSession](t)(InboundGroupSessionImport(base64.RawStdEncoding.AppendEncode(nil, forged)))
	_, _, err := session.Decrypt(messages[5])
	require.Error(t, err)
	text, _, err := session.Decrypt(messages[299])
	require.NoError(t, err)
	require.Equal(t, "299", string(text))
	require.False(t, session.IsVerified())
	for _, to := range []driver{goolm, karst} {
		moved := move[mautrix.InboundGroupSession](t, session, to.blankInbound())
		require.False(t, moved.IsVerified(), to.name)
		require.Zero(t, moved.FirstKnownIndex())
		text, _, err := moved.Decrypt(messages[298])
		require.NoError(t, err)
		require.Equal(t, "298", string(text))
		require.Equal(t, to.name == "goolm", moved.IsVerified(), to.name)
	}
}

// A homeserver may deliver in any order, twice, or not at all. What is late decrypts once while its key is
// kept; what is too late, too far ahead or a repetition is an error, after which the session is as it was.
func TestReorderedOlmMessages(t *testing.T) {
	const late = olm.MaxSkippedPerChain
	a, b := establish(t, must[*Account](t)(NewAccount()), must[*Account](t)(NewAccount()))
	say(t, a, b, "a new chain")
	var sent []string
	for i := range olm.MaxGap + 3 {
		msgType, message, err := a.Encrypt(fmt.Append(nil, "message ", i))
		require.NoError(t, err)
		require.Equal(t, id.OlmMsgTypeMsg, msgType)
		sent = append(sent, string(message))
	}
	refuse := func(i int, want error) {
		t.Helper()
		before := must[[]byte](t)(b.Pickle(testKey))
		_, err := b.Decrypt(sent[i], id.OlmMsgTypeMsg)
		require.ErrorIs(t, err, want, i)
		require.Equal(t, before, must[[]byte](t)(b.Pickle(testKey)), i)
	}
	read := func(i int) {
		t.Helper()
		require.Equal(t, fmt.Sprint("message ", i), string(must[[]byte](t)(b.Decrypt(sent[i], id.OlmMsgTypeMsg))))
		refuse(i, mautrix.ErrMessageKeyNotFound)
	}
	refuse(len(sent)-1, mautrix.ErrMsgIndexTooHigh)
	read(late + 10)
	for i := range 10 {
		refuse(i, mautrix.ErrMessageKeyNotFound)
	}
	for _, i := range rand.New(rand.NewSource(6)).Perm(late) {
		read(10 + i)
	}
	read(late + 11)
	read(len(sent) - 1)
}

// mautrix panics if a session does not encrypt, so one that can't must not come out of a store. Other
// drivers went on with a ratchet key that makes no secret, and may have stored it.
func TestSessionsThatCannotEncryptAreRefused(t *testing.T) {
	a, b := establish(t, must[mautrix.Account](t)(goolm.newAccount()), must[mautrix.Account](t)(goolm.newAccount()))
	say(t, a, b, "text") // b answers with a new ratchet key, for which it needs that of a
	stored := b.(*goolmsession.OlmSession)
	stored.Ratchet.SenderChains.IsSet = false
	moved := NewBlankSession()
	require.NoError(t, moved.Unpickle(must[[]byte](t)(stored.Pickle(testKey)), testKey))
	_, _, err := moved.Encrypt([]byte("text"))
	require.NoError(t, err, "the session is good before its key is replaced")
	for _, bad := range []string{ // of small order, and encodings that are not canonical
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	} {
		raw, err := hex.DecodeString(bad)
		require.NoError(t, err)
		copy(stored.Ratchet.ReceiverChains[0].RKey, raw)
		session := NewBlankSession()
		err = session.Unpickle(must[[]byte](t)(stored.Pickle(testKey)), testKey)
		if err == nil {
			_, _, err = session.Encrypt([]byte("text"))
			require.NoError(t, err, "%s came out of a store, and does not encrypt", bad)
			continue
		}
		require.ErrorIs(t, err, mautrix.ErrLibolmCorruptedPickle)
	}
}

// No method panics on a blank object.
func TestBlank(t *testing.T) {
	var account Account
	ed25519, curve25519, err := account.IdentityKeys()
	require.NoError(t, err, "mautrix panics at an error")
	require.Empty(t, ed25519)
	require.Empty(t, curve25519)
	keys, err := account.OneTimeKeys()
	require.NoError(t, err, "mautrix panics at an error")
	require.Empty(t, keys)
	account.MarkKeysAsPublished()
	account.ForgetOldFallbackKey()
	require.Empty(t, account.FallbackKey())
	require.Empty(t, account.FallbackKeyUnpublished())
	other := must[*Account](t)(NewAccount())
	_, otherKey, err := other.IdentityKeys()
	require.NoError(t, err)
	session := must[mautrix.Session](t)(other.NewOutboundSession(otherKey, otherKey))
	_, message, err := session.Encrypt([]byte("text"))
	require.NoError(t, err)
	for name, do := range map[string]func() error{
		"Pickle":             func() error { _, err := account.Pickle(testKey); return err },
		"Sign":               func() error { _, err := account.Sign([]byte("text")); return err },
		"GenOneTimeKeys":     func() error { return account.GenOneTimeKeys(1) },
		"GenFallbackKey":     account.GenFallbackKey,
		"NewOutboundSession": func() error { _, err := account.NewOutboundSession(otherKey, otherKey); return err },
		"NewInboundSession":  func() error { _, err := account.NewInboundSession(string(message)); return err },
		"RemoveOneTimeKeys":  func() error { return account.RemoveOneTimeKeys(session) },
		"Session.Encrypt":    func() error { _, _, err := NewBlankSession().Encrypt([]byte("text")); return err },
		"Session.Decrypt":    func() error { _, err := NewBlankSession().Decrypt(string(message), 0); return err },
		"inbound Pickle":     func() error { _, err := NewBlankInboundGroupSession().Pickle(testKey); return err },
		"inbound Decrypt":    func() error { _, _, err := NewBlankInboundGroupSession().Decrypt(message); return err },
		"inbound Export":     func() error { _, err := NewBlankInboundGroupSession().Export(0); return err },
		"outbound Pickle":    func() error { _, err := NewBlankOutboundGroupSession().Pickle(testKey); return err },
		"outbound Encrypt":   func() error { _, err := NewBlankOutboundGroupSession().Encrypt([]byte("text")); return err },
	} {
		require.ErrorIs(t, do(), ErrBlank, name)
	}
	inbound, outbound := NewBlankInboundGroupSession(), NewBlankOutboundGroupSession()
	require.Empty(t, inbound.ID())
	require.Zero(t, inbound.FirstKnownIndex())
	require.False(t, inbound.IsVerified())
	require.Empty(t, outbound.ID())
	require.Empty(t, outbound.Key())
	require.Zero(t, outbound.MessageIndex())

	// A blank session is what mautrix's other drivers say it is, its pickle too.
	ours, theirs := NewBlankSession(), goolm.blankSession()
	require.Equal(t, theirs.ID(), ours.ID())
	require.Equal(t, theirs.Describe(), ours.Describe())
	require.Equal(t, theirs.EncryptMsgType(), ours.EncryptMsgType())
	require.Equal(t, theirs.HasReceivedMessage(), ours.HasReceivedMessage())
	require.Equal(t, must[[]byte](t)(theirs.Pickle(testKey)), must[[]byte](t)(ours.Pickle(testKey)))
	require.NoError(t, ours.Unpickle(must[[]byte](t)(theirs.Pickle(testKey)), testKey))
	matches, err := ours.MatchesInboundSession(string(message))
	require.NoError(t, err)
	require.False(t, matches)
}

func TestClear(t *testing.T) {
	alice, bob := must[*Account](t)(NewAccount()), must[*Account](t)(NewAccount())
	a, b := establish(t, alice, bob)
	out := must[*OutboundGroupSession](t)(NewOutboundGroupSession())
	in := must[*InboundGroupSession](t)(NewInboundGroupSession([]byte(out.Key())))
	for range 2 {
		for _, object := range []interface{ Clear() error }{alice, bob, a.(*Session), b.(*Session), out, in} {
			require.NoError(t, object.Clear())
		}
	}
	_, _, err := a.Encrypt([]byte("text"))
	require.ErrorIs(t, err, ErrBlank)
	_, err = alice.Sign([]byte("text"))
	require.ErrorIs(t, err, ErrBlank)
	_, err = out.Encrypt([]byte("text"))
	require.ErrorIs(t, err, ErrBlank)
}

// mautrix reaches the account under two locks. The race detector watches this; without it the test finds
// keys that are lost.
func TestConcurrency(t *testing.T) {
	account := must[*Account](t)(NewAccount())
	require.NoError(t, account.GenFallbackKey())
	_, accountKey, err := account.IdentityKeys()
	require.NoError(t, err)
	fallback := only(account.FallbackKey())
	sender := must[*Account](t)(NewAccount())
	_, senderKey, err := sender.IdentityKeys()
	require.NoError(t, err)
	out := must[*OutboundGroupSession](t)(NewOutboundGroupSession())
	in := must[*InboundGroupSession](t)(NewInboundGroupSession([]byte(out.Key())))
	session := must[mautrix.Session](t)(sender.NewOutboundSession(accountKey, fallback))

	const goroutines, rounds = 8, 20
	var group sync.WaitGroup
	failures := make(chan error, goroutines*rounds)
	indices := make(chan uint, goroutines*rounds)
	for g := range goroutines {
		group.Go(func() {
			for i := range rounds {
				failures <- func() error {
					if err := account.GenOneTimeKeys(1); err != nil {
						return err
					}
					account.MarkKeysAsPublished()
					_, message, err := session.Encrypt([]byte("text"))
					if err != nil {
						return err
					}
					accepted, err := account.NewInboundSessionFrom(&senderKey, string(message))
					if err != nil {
						return err
					}
					if _, err := accepted.Decrypt(string(message), id.OlmMsgTypePreKey); err != nil {
						return err
					}
					if err := account.RemoveOneTimeKeys(accepted); err != nil {
						return err
					}
					if _, err := account.Pickle(testKey); err != nil {
						return err
					}
					megolm, err := out.Encrypt(fmt.Append(nil, g, i))
					if err != nil {
						return err
					}
					text, index, err := in.Decrypt(megolm)
					if err == nil && string(text) != fmt.Sprint(g, i) {
						return fmt.Errorf("%d %d came as %s", g, i, text)
					}
					indices <- index
					_, _ = in.Export(in.FirstKnownIndex())
					_ = session.Describe()
					return err
				}()
			}
		})
	}
	group.Wait()
	close(failures)
	close(indices)
	for err := range failures {
		require.NoError(t, err)
	}
	seen := make(map[uint]bool)
	for index := range indices {
		require.False(t, seen[index], "an index was used twice")
		seen[index] = true
	}
	require.Len(t, seen, goroutines*rounds)
}
