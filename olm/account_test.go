package olm_test

import (
	"crypto/ed25519"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/olm"
)

func TestAccountIdentityKeys(t *testing.T) {
	// The random bytes of an account are its Ed25519 seed and its Curve25519 private key.
	var random [64]byte
	for i := range random {
		random[i] = byte(3 * i)
	}
	restore := entropy.Replace(func(b []byte) { require.Equal(t, 64, copy(b, random[:])) })
	a := olm.NewAccount()
	restore()

	signing := ed25519.NewKeyFromSeed(random[:32])
	want := olm.IdentityKeys{
		Curve25519: keys.Curve25519(testkit.X25519Public(random[32:])),
		Ed25519:    keys.Ed25519(signing.Public().(ed25519.PublicKey)),
	}
	require.Equal(t, want, a.IdentityKeys())
	require.NoError(t, a.Check())

	text, err := json.Marshal(a.IdentityKeys())
	require.NoError(t, err)
	require.Equal(t, `{"curve25519":"`+text64(want.Curve25519[:])+`","ed25519":"`+text64(want.Ed25519[:])+`"}`, string(text))
	var back olm.IdentityKeys
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, want, back)

	for n := range 100 {
		message := make([]byte, n)
		sig, err := a.Sign(message)
		require.NoError(t, err)
		require.Equal(t, ed25519.Sign(signing, message), sig[:])
	}
	require.NotEqual(t, olm.NewAccount().IdentityKeys(), olm.NewAccount().IdentityKeys())
}

func TestAccountSign(t *testing.T) {
	a := olm.NewAccount()
	public := a.IdentityKeys().Ed25519
	for _, message := range []string{"", "m", `{"algorithms":["m.olm.v1.curve25519-aes-sha2"]}`} {
		sig, err := a.Sign([]byte(message))
		require.NoError(t, err)
		require.True(t, public.Verify([]byte(message), sig))
		require.True(t, ed25519.Verify(public[:], []byte(message), sig[:]))
		require.False(t, public.Verify([]byte(message+"."), sig))
		require.False(t, olm.NewAccount().IdentityKeys().Ed25519.Verify([]byte(message), sig))
		again, err := reloadAccount(t, a).Sign([]byte(message))
		require.NoError(t, err)
		require.Equal(t, sig, again)
	}
}

func TestKeyIDText(t *testing.T) {
	for id, want := range map[olm.KeyID]string{
		0: "AAAAAA", 1: "AAAAAQ", 2: "AAAAAg", 100: "AAAAZA", 0x01020304: "AQIDBA", 1<<32 - 1: "/////w",
	} {
		require.Equal(t, want, id.String())
		for _, text := range []string{want, want + "=="} {
			got := olm.KeyID(77)
			require.NoError(t, got.UnmarshalText([]byte(text)))
			require.Equal(t, id, got)
		}
	}
	for _, bad := range []string{"", "AAAAA", "AAAAAQ=", "AAAAAR", "AAAAAAA", "AAAAAAAA", "AAAA-Q", "AAAAA\n", "AAAAAQ==="} {
		id := olm.KeyID(77)
		require.ErrorIs(t, id.UnmarshalText([]byte(bad)), keys.ErrSyntax, "%q", bad)
		require.Equal(t, olm.KeyID(77), id)
	}
	text, err := json.Marshal(map[olm.KeyID]int{1: 1})
	require.NoError(t, err)
	require.Equal(t, `{"AAAAAQ":1}`, string(text))
}

// One-time keys.

func idsDown(from, to olm.KeyID) (ids []olm.KeyID) {
	for id := from; id >= to; id-- {
		ids = append(ids, id)
	}
	return ids
}

func TestOneTimeKeys(t *testing.T) {
	a := olm.NewAccount()
	requireUnpublished := func(want []olm.KeyID) {
		t.Helper()
		ids, public := unpublished(a)
		require.Equal(t, want, ids)
		seen := map[keys.Curve25519]bool{{}: true}
		for _, key := range public {
			require.False(t, seen[key], "a key repeats")
			seen[key] = true
		}
	}
	requireUnpublished(nil)
	generate(t, a, 0)
	requireUnpublished(nil)
	generate(t, a, 3)
	requireUnpublished(idsDown(3, 1))
	require.Equal(t, 3, a.MarkKeysAsPublished())
	require.Equal(t, 0, a.MarkKeysAsPublished())
	requireUnpublished(nil)
	require.Equal(t, 3, a.OneTimeKeyCount())

	generate(t, a, 2)
	requireUnpublished(idsDown(5, 4))
	a = reloadAccount(t, a)
	requireUnpublished(idsDown(5, 4))
	require.Equal(t, 5, a.OneTimeKeyCount())
	require.Equal(t, 2, a.MarkKeysAsPublished())
	require.NoError(t, a.Check())

	generate(t, a, 4)
	n := 0
	for range a.OneTimeKeys() { // whoever stops gets no more
		if n++; n == 2 {
			break
		}
	}
	require.Equal(t, 2, n)
}

func TestOneTimeKeysKeepTheNewest(t *testing.T) {
	for _, steps := range [][]int{{150}, {100, 50}, {99, 1, 1, 49}, {1, 149}, {10, 140}} {
		a := olm.NewAccount()
		for _, n := range steps {
			generate(t, a, n)
			a = reloadAccount(t, a)
		}
		ids, _ := unpublished(a)
		require.Equal(t, idsDown(150, 51), ids, "%v", steps)
		require.Equal(t, olm.MaxOneTimeKeys, a.OneTimeKeyCount())
		require.NoError(t, a.Check())
	}
}

// TestDroppedKeys: whatever gives way is returned, oldest first, and whoever claimed it can't begin a session.
func TestDroppedKeys(t *testing.T) {
	alice, bob := olm.NewAccount(), olm.NewAccount()
	require.Empty(t, generate(t, bob, 50))
	ids, public := unpublished(bob)
	bob.MarkKeysAsPublished()
	for range 10 { // uploads that fail
		require.Empty(t, generate(t, bob, 5))
	}
	var dropped []olm.DroppedKey
	for range 3 {
		some := generate(t, bob, 5)
		require.Len(t, some, 5)
		dropped = append(dropped, some...)
	}
	for i, d := range dropped {
		last := len(ids) - 1 - i // they are listed newest first
		require.Equal(t, olm.DroppedKey{ID: ids[last], Key: public[last], Published: true}, d)
		s, err := alice.NewOutboundSession(identity(bob), d.Key)
		require.NoError(t, err)
		refuseAccept(t, bob, identity(alice), encrypt(t, s, "hello"), olm.ErrUnknownOneTimeKey)
	}
	// Of many more than are kept, only those are returned that there were.
	bob = reloadAccount(t, bob)
	all := generate(t, bob, 1000)
	require.Len(t, all, olm.MaxOneTimeKeys)
	for i, d := range all {
		require.Equal(t, d.ID, olm.KeyID(16+i))
		require.Equal(t, i < 35, d.Published)
	}
	require.Equal(t, olm.MaxOneTimeKeys, bob.OneTimeKeyCount())
	dropped, err := bob.GenerateOneTimeKeys(-1)
	require.Error(t, err)
	require.Empty(t, dropped)

	// As the documentation has it, none is dropped, though uploads fail and most keys are never claimed.
	bob = olm.NewAccount()
	server := map[keys.Curve25519]bool{}
	for round := range 300 {
		n := olm.MaxOneTimeKeys/2 - len(server)
		for range bob.OneTimeKeys() {
			n--
		}
		require.Empty(t, generate(t, bob, max(n, 0)), "round %d", round)
		if round%3 == 0 {
			for _, key := range bob.OneTimeKeys() {
				server[key] = true
			}
			bob.MarkKeysAsPublished()
		}
		for key := range server {
			delete(server, key) // claimed, and its message arrives
			s, err := alice.NewOutboundSession(identity(bob), key)
			require.NoError(t, err)
			_, _, err = bob.Accept(identity(alice), encrypt(t, s, "hello"))
			require.NoError(t, err)
			break
		}
	}
}

func TestGenerateNegative(t *testing.T) {
	a := olm.NewAccount()
	generate(t, a, 1)
	before := a.State()
	require.Error(t, testkit.Err(a.GenerateOneTimeKeys(-1)))
	testkit.Equal(t, before, a.State())
}

func TestRemoveOneTimeKey(t *testing.T) {
	alice, bob := olm.NewAccount(), olm.NewAccount()
	generate(t, bob, 5)
	ids, public := unpublished(bob)
	s, err := alice.NewOutboundSession(identity(bob), public[2])
	require.NoError(t, err)

	require.False(t, alice.RemoveOneTimeKey(s), "it is not Alice's key")
	require.True(t, bob.RemoveOneTimeKey(s))
	require.False(t, bob.RemoveOneTimeKey(s))
	left, _ := unpublished(bob)
	require.Equal(t, []olm.KeyID{ids[0], ids[1], ids[3], ids[4]}, left)
	require.Equal(t, 4, bob.OneTimeKeyCount())
	generate(t, bob, 1)
	left, _ = unpublished(bob)
	require.Equal(t, []olm.KeyID{6, ids[0], ids[1], ids[3], ids[4]}, left)
	require.NoError(t, bob.Check())
}

// Fallback keys.

func TestFallbackKeys(t *testing.T) {
	alice, bob := olm.NewAccount(), olm.NewAccount()
	requireCurrent := func(want olm.KeyID, published bool) keys.Curve25519 {
		t.Helper()
		id, key, ok := bob.FallbackKey()
		require.True(t, ok)
		require.Equal(t, want, id)
		unpublishedID, unpublishedKey, ok := bob.UnpublishedFallbackKey()
		require.Equal(t, !published, ok)
		if !published {
			require.Equal(t, id, unpublishedID)
			require.Equal(t, key, unpublishedKey)
		}
		return key
	}
	accepts := func(key keys.Curve25519) error {
		s, err := alice.NewOutboundSession(identity(bob), key)
		require.NoError(t, err)
		_, _, err = bob.Accept(identity(alice), encrypt(t, s, "hello"))
		return err
	}

	_, _, ok := bob.FallbackKey()
	require.False(t, ok)
	_, _, ok = bob.UnpublishedFallbackKey()
	require.False(t, ok)
	require.False(t, bob.ForgetOldFallbackKey())
	bob.MarkKeysAsPublished() // must not carry over to the first fallback key

	generate(t, bob, 1)
	require.NoError(t, bob.GenerateFallbackKey())
	first := requireCurrent(2, false) // ids are shared with one-time keys
	require.Equal(t, 1, bob.MarkKeysAsPublished())
	require.Equal(t, first, requireCurrent(2, true))
	require.False(t, bob.ForgetOldFallbackKey())

	require.NoError(t, bob.GenerateFallbackKey())
	second := requireCurrent(3, false)
	require.NotEqual(t, first, second)
	bob = reloadAccount(t, bob)
	require.Equal(t, second, requireCurrent(3, false))
	require.NoError(t, accepts(first))
	require.NoError(t, accepts(first), "it is usable many times")
	require.NoError(t, accepts(second))

	require.True(t, bob.ForgetOldFallbackKey())
	require.False(t, bob.ForgetOldFallbackKey())
	require.ErrorIs(t, accepts(first), olm.ErrUnknownOneTimeKey)
	require.NoError(t, accepts(second))

	require.NoError(t, bob.GenerateFallbackKey())
	require.NoError(t, bob.GenerateFallbackKey())
	third := requireCurrent(5, false)
	require.ErrorIs(t, accepts(second), olm.ErrUnknownOneTimeKey, "there are never more than two")
	require.NoError(t, accepts(third))
	require.NoError(t, bob.Check())
	require.NoError(t, reloadAccount(t, bob).Check())
}

// Accept.

func TestAccept(t *testing.T) {
	alice, bob := olm.NewAccount(), olm.NewAccount()
	aliceSession, m := outbound(t, alice, bob, "hello")
	require.Equal(t, olm.PreKey, m.Type)
	require.Equal(t, 1, bob.OneTimeKeyCount())
	bobSession, plaintext, err := bob.Accept(identity(alice), m)
	require.NoError(t, err)
	require.Equal(t, "hello", string(plaintext))
	require.Equal(t, 0, bob.OneTimeKeyCount())
	require.Equal(t, aliceSession.ID(), bobSession.ID())
	require.Len(t, aliceSession.ID(), 43)
	require.Equal(t, aliceSession.Keys(), bobSession.Keys())
	require.Equal(t, identity(alice), bobSession.Keys().Identity)
	refuseAccept(t, bob, identity(alice), m, olm.ErrUnknownOneTimeKey)
}

func TestAcceptWithFallbackKey(t *testing.T) {
	alice, bob := olm.NewAccount(), olm.NewAccount()
	require.NoError(t, bob.GenerateFallbackKey())
	_, key, _ := bob.FallbackKey()
	s, err := alice.NewOutboundSession(identity(bob), key)
	require.NoError(t, err)
	m := encrypt(t, s, "hello")
	before := bob.State()
	for range 2 {
		accepted, plaintext, err := bob.Accept(identity(alice), m)
		require.NoError(t, err)
		require.Equal(t, "hello", string(plaintext))
		testkit.Equal(t, before, bob.State()) // the fallback key stays
		require.True(t, bob.RemoveOneTimeKey(accepted), "it counts as one that the account has")
		testkit.Equal(t, before, bob.State())
	}
}

// TestAcceptKnowsSessions: a message that sets up a session which there is already begins no other in its place,
// whatever key it was set up with, and also after a restart.
func TestAcceptKnowsSessions(t *testing.T) {
	alice, bob, carol := olm.NewAccount(), olm.NewAccount(), olm.NewAccount()
	require.NoError(t, bob.GenerateFallbackKey())
	_, fallback, _ := bob.FallbackKey()
	for name, key := range map[string]keys.Curve25519{"fallback": fallback, "one-time": claim(t, bob)} {
		s, err := alice.NewOutboundSession(identity(bob), key)
		require.NoError(t, err)
		ms := encryptN(t, s, 3)
		live, plaintext, err := bob.Accept(identity(alice), ms[0])
		require.NoError(t, err)
		require.Equal(t, place(0), string(plaintext))
		decrypt(t, live, ms[1], place(1))
		bob, live = reloadAccount(t, bob), reload(t, live)
		other, m := outbound(t, alice, bob, "another session")
		another, _, err := bob.Accept(identity(alice), m, live, nil, new(olm.Session))
		require.NoError(t, err)
		require.Equal(t, other.ID(), another.ID())

		for _, known := range [][]*olm.Session{{live}, {another, live}, {nil, live, another, live}} {
			for _, m := range ms { // also one that the session has not seen
				before, beforeLive := bob.State(), live.State()
				began, plaintext, err := bob.Accept(identity(alice), m, known...)
				require.Nil(t, began)
				require.Nil(t, plaintext)
				require.ErrorIs(t, err, olm.ErrKnownSession, name)
				var sets *olm.KnownSessionError
				require.ErrorAs(t, err, &sets)
				require.Equal(t, live.ID(), sets.SessionID)
				require.Contains(t, err.Error(), live.ID())
				p, err := olm.ParsePreKeyMessage(m.Body)
				require.NoError(t, err)
				require.Equal(t, p.SessionID(), sets.SessionID)
				testkit.Equal(t, before, bob.State())
				testkit.Equal(t, beforeLive, live.State())
			}
		}
		refuse(t, live, ms[0], olm.ErrNoMessageKey)
		decrypt(t, live, ms[2], place(2))

		// What is wrong with a message comes first; and a session that is wiped is not known.
		_, _, err = bob.Accept(identity(carol), ms[0], live)
		require.ErrorIs(t, err, olm.ErrIdentityMismatch)
		_, _, err = bob.Accept(identity(alice), inner(t, ms[0]), live)
		require.ErrorIs(t, err, olm.ErrMessageFormat)
		live.Wipe()
		_, _, err = bob.Accept(identity(alice), ms[0], live)
		if name == "fallback" {
			require.NoError(t, err, "nothing but the session knew")
			require.NoError(t, bob.GenerateFallbackKey())
			require.True(t, bob.ForgetOldFallbackKey())
			_, _, err = bob.Accept(identity(alice), ms[0])
		}
		require.ErrorIs(t, err, olm.ErrUnknownOneTimeKey)
	}
	bob.Wipe()
	_, _, err := bob.Accept(identity(alice), olm.Message{}, new(olm.Session))
	require.ErrorIs(t, err, olm.ErrWiped)
}

func TestAcceptRefuses(t *testing.T) {
	alice, bob, carol := olm.NewAccount(), olm.NewAccount(), olm.NewAccount()
	s, m := outbound(t, alice, bob, "hello")
	from := identity(alice)

	refuseAccept(t, bob, identity(carol), m, olm.ErrIdentityMismatch)
	refuseAccept(t, bob, keys.Curve25519{}, m, olm.ErrIdentityMismatch)
	refuseAccept(t, carol, from, m, olm.ErrUnknownOneTimeKey)
	refuseAccept(t, bob, from, inner(t, m), olm.ErrMessageFormat)
	refuseAccept(t, bob, from, olm.Message{Type: 2, Body: m.Body}, olm.ErrMessageFormat)
	refuseAccept(t, bob, identity(carol), olm.Message{Type: olm.Normal, Body: m.Body}, olm.ErrMessageFormat)
	refuseAccept(t, bob, from, olm.Message{Type: -1, Body: m.Body}, olm.ErrMessageFormat)
	refuseAccept(t, bob, from, olm.Message{Type: olm.PreKey, Body: inner(t, m).Body}, olm.ErrMessageFormat)
	refuseAccept(t, bob, from, olm.Message{}, nil)

	// A message too far from the first begins no session, as it would not continue one.
	ms := encryptN(t, s, 2001)
	refuseAccept(t, bob, from, ms[2000], nil)
	_, _, err := bob.Accept(from, ms[2000])
	var gap *olm.GapError
	require.ErrorAs(t, err, &gap)
	require.Equal(t, uint32(2001), gap.Index)
	accepted, plaintext, err := bob.Accept(from, ms[1999])
	require.NoError(t, err)
	require.Equal(t, place(1999), string(plaintext))
	decrypt(t, accepted, ms[2000], place(2000))
}

// The two steps of libolm.

func TestNewInboundSession(t *testing.T) {
	alice, bob, carol := olm.NewAccount(), olm.NewAccount(), olm.NewAccount()
	_, m := outbound(t, alice, bob, "hello")
	p, err := olm.ParsePreKeyMessage(m.Body)
	require.NoError(t, err)
	before := bob.State()

	_, err = bob.NewInboundSessionFrom(identity(carol), p)
	require.ErrorIs(t, err, olm.ErrIdentityMismatch)
	_, err = carol.NewInboundSession(p)
	require.ErrorIs(t, err, olm.ErrUnknownOneTimeKey)
	_, err = bob.NewInboundSession(new(olm.PreKeyMessage))
	require.ErrorIs(t, err, olm.ErrMessageFormat)

	for _, begin := range []func() (*olm.Session, error){
		func() (*olm.Session, error) { return bob.NewInboundSession(p) },
		func() (*olm.Session, error) { return bob.NewInboundSessionFrom(identity(alice), p) },
	} {
		s, err := begin()
		require.NoError(t, err)
		testkit.Equal(t, before, bob.State()) // the key is kept until RemoveOneTimeKey
		require.False(t, s.HasReceivedMessage())
		require.Equal(t, p.SessionID(), s.ID())
		require.True(t, s.Matches(p))
		decrypt(t, s, m, "hello")
		require.True(t, s.HasReceivedMessage())
		if bob.OneTimeKeyCount() == 0 {
			t.Fatal("the key is gone")
		}
	}
	s, err := bob.NewInboundSession(p)
	require.NoError(t, err)
	require.True(t, bob.RemoveOneTimeKey(s))
	_, err = bob.NewInboundSession(p)
	require.ErrorIs(t, err, olm.ErrUnknownOneTimeKey)
}
