package olm_test

import (
	"bytes"
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pickle"
)

// sessions returns sessions in every state that differs to a pickle.
func sessions(t testing.TB) map[string]*olm.Session {
	a, b := olm.NewAccount(), olm.NewAccount()
	out, m := outbound(t, a, b, "hello")
	p, err := olm.ParsePreKeyMessage(m.Body)
	require.NoError(t, err)
	in, err := b.NewInboundSession(p)
	require.NoError(t, err)
	alice, bob := newTalk(t)
	sender, receiver := newTalk(t)
	ms := encryptN(t, sender, 30)
	decrypt(t, receiver, ms[20], place(20))
	decrypt(t, receiver, ms[29], place(29))
	decrypt(t, receiver, ms[7], place(7))
	x, many := newTalk(t)
	for range 6 {
		ms := encryptN(t, x, 6)
		decrypt(t, many, ms[5], place(5))
		pass(t, many, x, "go on")
	}
	return map[string]*olm.Session{
		"outbound": out, "inbound": in, "without a sending chain": alice, "with both": bob,
		"skipped keys": receiver, "five chains": many,
	}
}

// accounts returns accounts in every state that differs to a pickle.
func accounts(t testing.TB) map[string]*olm.Account {
	setups := map[string]func(a *olm.Account) error{
		"new":           func(*olm.Account) error { return nil },
		"one-time keys": func(a *olm.Account) error { return testkit.Err(a.GenerateOneTimeKeys(3)) },
		"published": func(a *olm.Account) error {
			defer a.MarkKeysAsPublished()
			return testkit.Err(a.GenerateOneTimeKeys(2))
		},
		"full":         func(a *olm.Account) error { return testkit.Err(a.GenerateOneTimeKeys(130)) },
		"one fallback": (*olm.Account).GenerateFallbackKey,
		"two fallbacks": func(a *olm.Account) error {
			require.NoError(t, a.GenerateFallbackKey())
			a.MarkKeysAsPublished()
			generate(t, a, 1)
			return a.GenerateFallbackKey()
		},
	}
	all := map[string]*olm.Account{}
	for _, name := range slices.Sorted(maps.Keys(setups)) { // so that randomness can be replayed
		all[name] = olm.NewAccount()
		require.NoError(t, setups[name](all[name]))
	}
	return all
}

// pickler is either kind of object.
type pickler interface {
	Pickle(key []byte) ([]byte, error)
	AppendPickle(dst, key []byte) ([]byte, error)
	Check() error
	Wipe()
}

// unpickle is the opposite for objects like o.
func unpickle(o pickler, key, pickled []byte) (pickler, error) {
	if _, ok := o.(*olm.Account); ok {
		a, err := olm.UnpickleAccount(key, pickled)
		if a == nil {
			return nil, err
		}
		return a, err
	}
	s, err := olm.UnpickleSession(key, pickled)
	if s == nil {
		return nil, err
	}
	return s, err
}

func picklers(t testing.TB) map[string]pickler {
	all := map[string]pickler{}
	for name, s := range sessions(t) {
		all["session, "+name] = s
	}
	for name, a := range accounts(t) {
		all["account, "+name] = a
	}
	return all
}

func TestPickleRoundTrip(t *testing.T) {
	for name, o := range picklers(t) {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{0, 1, 31, 32, 33, 64, 65, 1000} {
				key := bytes.Repeat([]byte{byte(n)}, n)
				p, err := o.Pickle(key)
				require.NoError(t, err)
				again, err := o.AppendPickle([]byte("before"), key)
				require.NoError(t, err)
				require.Equal(t, "before"+string(p), string(again), "the same state is the same text")
				text := string(p)

				u, err := unpickle(o, key, p)
				require.NoError(t, err)
				require.Equal(t, text, string(p), "the argument is untouched")
				require.NoError(t, u.Check())
				back, err := u.Pickle(key)
				require.NoError(t, err)
				require.Equal(t, text, string(back))

				for _, wrong := range [][]byte{append(bytes.Clone(key), 7), []byte("wrong")} {
					u, err = unpickle(o, wrong, p)
					require.ErrorIs(t, err, pickle.ErrKey)
					require.Nil(t, u)
				}
			}
		})
	}
}

// TestPickleLayout reads every pickle by the layout of libolm's, and writes it again.
func TestPickleLayout(t *testing.T) {
	for _, s := range sessions(t) {
		raw := opened(pickled(t, s))
		testkit.Equal(t, raw, parseSession(t, raw).bytes())
	}
	for _, a := range accounts(t) {
		p, err := a.Pickle(pickleKey)
		require.NoError(t, err)
		raw := opened(p)
		parsed := parseAccount(t, raw)
		testkit.Equal(t, raw, parsed.bytes())
		require.Equal(t, uint32(4), parsed.Version)
		testkit.Equal(t, a.IdentityKeys(), olm.IdentityKeys{Curve25519: parsed.Identity.Public, Ed25519: parsed.SigningPublic})
		require.True(t, slices.IsSortedFunc(parsed.OneTime, func(x, y rawOneTime) int { return int(y.ID) - int(x.ID) }), "newest first")
	}
}

func TestUnpickledSessionsGoOn(t *testing.T) {
	alice, bob := newTalk(t)
	late := encryptN(t, alice, 10)
	decrypt(t, bob, late[9], place(9))
	for i := range 4 { // until there are five chains
		bob = reload(t, bob)
		decrypt(t, bob, late[i], place(i))
		refuse(t, reload(t, bob), late[i], olm.ErrNoMessageKey)
		pass(t, bob, alice, "answer")
		alice = reload(t, alice)
		pass(t, alice, bob, "and back")
	}
}

// TestPickleKeepsTheNewestSkippedKeys: libolm's format has room for 40 in all.
func TestPickleKeepsTheNewestSkippedKeys(t *testing.T) {
	alice, bob := newTalk(t)
	late := turns(t, alice, bob, 3, 26)
	kept, _ := bob.SkippedKeys()
	require.Equal(t, 75, kept)
	bob = reload(t, bob)
	kept, _ = bob.SkippedKeys()
	require.Equal(t, 40, kept)
	for chain, ms := range late {
		for i, m := range ms {
			if 25*chain+i < 35 {
				refuse(t, bob, m, olm.ErrNoMessageKey)
			} else {
				decrypt(t, bob, m, place(i))
			}
		}
	}
}

// Refusals.

func TestUnpickleRefusesEveryChange(t *testing.T) {
	total := 0
	for name, o := range map[string]pickler{
		"account": accounts(t)["two fallbacks"], "session": sessions(t)["with both"],
	} {
		p, err := o.Pickle(pickleKey)
		require.NoError(t, err)
		raw, err := base64.RawStdEncoding.DecodeString(string(p))
		require.NoError(t, err)
		refused := func(what string, text []byte, want error) {
			t.Helper()
			total++
			u, err := unpickle(o, pickleKey, text)
			require.ErrorIs(t, err, want, "%s: %s", name, what)
			require.Nil(t, u)
		}
		for what, bad := range testkit.Corruptions(raw) {
			refused(what, []byte(text64(bad)), pickle.ErrKey)
		}
		for n := range p {
			u, err := unpickle(o, pickleKey, p[:n])
			require.Error(t, err, "%s: cut to %d characters", name, n)
			require.Nil(t, u)
			total++
		}
		for _, bad := range []string{string(p) + "===", string(p) + "A", string(p) + "\n", " " + string(p), "!" + string(p[1:]), "_" + string(p[1:])} {
			u, err := unpickle(o, pickleKey, []byte(bad))
			require.Error(t, err, "%q", bad)
			require.Nil(t, u)
			total++
		}
		refused("padding", append(bytes.Clone(p), "==="...), pickle.ErrBase64)
		refused("URL alphabet", append([]byte{'_'}, p[1:]...), pickle.ErrBase64)
		refused("a length that is none", []byte("AAAAA"), pickle.ErrBase64)
		refused("nothing", nil, pickle.ErrKey)
	}
	t.Logf("%d of %d refused", total, total)
}

// TestUnpickleRefusesCuts: behind an envelope that is right, contents of any length but their own.
func TestUnpickleRefusesCuts(t *testing.T) {
	for name, o := range picklers(t) {
		p, err := o.Pickle(pickleKey)
		require.NoError(t, err)
		raw := opened(p)
		step := max(1, len(raw)/700)
		for n := 0; n < len(raw); n += step {
			u, err := unpickle(o, pickleKey, sealed(raw[:n]))
			require.ErrorIs(t, err, pickle.ErrCorrupt, "%s: cut to %d bytes of %d", name, n, len(raw))
			require.Nil(t, u)
		}
		for _, n := range []int{1, 4, 69, 1000} {
			_, err := unpickle(o, pickleKey, sealed(append(bytes.Clone(raw), make([]byte, n)...)))
			require.ErrorIs(t, err, pickle.ErrTrailing, "%s: %d bytes more", name, n)
		}
		_, err = unpickle(o, pickleKey, sealed(raw))
		require.NoError(t, err)
	}
}

func TestUnpickleRefusesImpossibleAccounts(t *testing.T) {
	base := rawOfAccount(t, accounts(t)["two fallbacks"])
	base.OneTime = append(base.OneTime, rawOfAccount(t, accounts(t)["one-time keys"]).OneTime...)
	for name, c := range map[string]struct {
		want error
		edit func(a *rawAccount)
	}{
		"version 0":             {pickle.ErrVersion, func(a *rawAccount) { a.Version = 0 }},
		"version 1":             {pickle.ErrLegacy, func(a *rawAccount) { a.Version = 1 }},
		"version 5":             {pickle.ErrVersion, func(a *rawAccount) { a.Version = 5 }},
		"version 0x80000001":    {pickle.ErrVersion, func(a *rawAccount) { a.Version = 0x80000001 }},
		"version 2^32-1":        {pickle.ErrVersion, func(a *rawAccount) { a.Version = 1<<32 - 1 }},
		"3 fallback keys":       {pickle.ErrCorrupt, func(a *rawAccount) { a.Fallback = append(a.Fallback, a.Fallback[0]) }},
		"signing key 0":         {pickle.ErrCorrupt, func(a *rawAccount) { a.SigningPublic = [32]byte{} }},
		"signing scalar 0":      {pickle.ErrCorrupt, func(a *rawAccount) { clear(a.Signing[:32]) }},
		"signing prefix 0":      {pickle.ErrCorrupt, func(a *rawAccount) { clear(a.Signing[32:]) }},
		"identity key 0":        {pickle.ErrCorrupt, func(a *rawAccount) { a.Identity.Public = [32]byte{} }},
		"identity private 0":    {pickle.ErrCorrupt, func(a *rawAccount) { a.Identity.Private = [32]byte{} }},
		"one-time key 0":        {pickle.ErrCorrupt, func(a *rawAccount) { a.OneTime[1].Pair.Public = [32]byte{} }},
		"one-time private 0":    {pickle.ErrCorrupt, func(a *rawAccount) { a.OneTime[1].Pair.Private = [32]byte{} }},
		"fallback key 0":        {pickle.ErrCorrupt, func(a *rawAccount) { a.Fallback[1].Pair.Public = [32]byte{} }},
		"fallback private 0":    {pickle.ErrCorrupt, func(a *rawAccount) { a.Fallback[0].Pair.Private = [32]byte{} }},
		"all zero":              {pickle.ErrCorrupt, func(a *rawAccount) { *a = rawAccount{Version: 4} }},
		"other identity key":    {pickle.ErrKeyPair, func(a *rawAccount) { a.Identity.Public = a.OneTime[0].Pair.Public }},
		"other private":         {pickle.ErrKeyPair, func(a *rawAccount) { a.Identity.Private[7] ^= 1 }},
		"other signing key":     {pickle.ErrKeyPair, func(a *rawAccount) { a.SigningPublic[0] ^= 1 }},
		"other signing private": {pickle.ErrKeyPair, func(a *rawAccount) { a.Signing[8] ^= 1 }},
	} {
		a := *base
		a.OneTime, a.Fallback = slices.Clone(a.OneTime), slices.Clone(a.Fallback)
		c.edit(&a)
		u, err := olm.UnpickleAccount(pickleKey, sealed(a.bytes()))
		require.ErrorIs(t, err, c.want, name)
		require.Nil(t, u, name)
	}
	require.NoError(t, base.account(t).Check())
	// One version's contents under the number of another.
	for _, version := range []uint32{2, 3} {
		_, err := olm.UnpickleAccount(pickleKey, sealed(bytesOf(version, base.bytes()[4:])))
		require.ErrorIs(t, err, pickle.ErrTrailing, "version %d", version)
	}
}

func TestUnpickleRefusesImpossibleSessions(t *testing.T) {
	base := rawOf(t, sessions(t)["five chains"])
	require.Len(t, base.Sending, 1)
	require.Len(t, base.Receiving, 5)
	require.NotEmpty(t, base.Skipped)
	for name, c := range map[string]struct {
		want error
		edit func(s *rawSession)
	}{
		"version 0":          {pickle.ErrVersion, func(s *rawSession) { s.Version = 0 }},
		"version 2":          {pickle.ErrVersion, func(s *rawSession) { s.Version = 2 }},
		"version 0x80000000": {pickle.ErrVersion, func(s *rawSession) { s.Version = 0x80000000 }},
		"version 0x80000001": {pickle.ErrCorrupt, func(s *rawSession) { s.Version = 0x80000001 }},
		"version 0x80000002": {pickle.ErrVersion, func(s *rawSession) { s.Version = 0x80000002 }},
		"2 sending chains":   {pickle.ErrCorrupt, func(s *rawSession) { s.Sending = append(s.Sending, s.Sending[0]) }},
		"no chains":          {pickle.ErrCorrupt, func(s *rawSession) { s.Sending, s.Receiving, s.Skipped = nil, nil, nil }},
		"identity key 0":     {pickle.ErrCorrupt, func(s *rawSession) { s.Identity = [32]byte{} }},
		"base key 0":         {pickle.ErrCorrupt, func(s *rawSession) { s.Base = [32]byte{} }},
		"one-time key 0":     {pickle.ErrCorrupt, func(s *rawSession) { s.OneTime = [32]byte{} }},
		"root key 0":         {pickle.ErrCorrupt, func(s *rawSession) { s.Root = [32]byte{} }},
		"ratchet key 0":      {pickle.ErrCorrupt, func(s *rawSession) { s.Sending[0].Pair.Public = [32]byte{} }},
		"ratchet private 0":  {pickle.ErrCorrupt, func(s *rawSession) { s.Sending[0].Pair.Private = [32]byte{} }},
		"chain key 0":        {pickle.ErrCorrupt, func(s *rawSession) { s.Sending[0].Chain = [32]byte{} }},
		"their ratchet 0":    {pickle.ErrCorrupt, func(s *rawSession) { s.Receiving[4].Ratchet = [32]byte{} }},
		"their chain 0":      {pickle.ErrCorrupt, func(s *rawSession) { s.Receiving[2].Key = [32]byte{} }},
		"all zero":           {pickle.ErrCorrupt, func(s *rawSession) { *s = rawSession{Version: 1} }},
	} {
		s := *base
		s.Sending, s.Receiving, s.Skipped = slices.Clone(s.Sending), slices.Clone(s.Receiving), slices.Clone(s.Skipped)
		c.edit(&s)
		u, err := olm.UnpickleSession(pickleKey, sealed(s.bytes()))
		require.ErrorIs(t, err, c.want, name)
		require.Nil(t, u, name)
	}
	require.NoError(t, base.session(t).Check())
}

// TestHostileCounts: what a pickle says it holds costs nothing before it is there.
func TestHostileCounts(t *testing.T) {
	account := rawOfAccount(t, olm.NewAccount()).bytes()
	session := rawOf(t, sessions(t)["without a sending chain"]).bytes()
	const inAccount, inSession = 4 + 96 + 64, 4 + 1 + 4*32
	for _, count := range []uint32{1, 2, 6, 41, 100, 101, 1 << 16, 62244681 /* times 69 is 2^32 + 5 */, 1 << 31, 1<<32 - 1} {
		badAccount, badSession := bytes.Clone(account), bytes.Clone(session)
		copy(badAccount[inAccount:], bytesOf(count))
		if count > 1 {
			copy(badSession[inSession:], bytesOf(count))
		} else {
			copy(badSession[len(badSession)-4:], bytesOf(count))
		}
		lists := bytesOf(session[:inSession], uint32(0), uint32(1), bytes.Repeat([]byte{1}, 68), count)
		a, s, l := sealed(badAccount), sealed(badSession), sealed(lists)
		budget := 2*(len(a)+len(s)+len(l)) + 8000
		var err1, err2, err3 error
		got := testkit.Allocated(func() {
			_, err1 = olm.UnpickleAccount(pickleKey, a)
			_, err2 = olm.UnpickleSession(pickleKey, s)
			_, err3 = olm.UnpickleSession(pickleKey, l)
		})
		require.ErrorIs(t, err1, pickle.ErrCorrupt)
		require.ErrorIs(t, err2, pickle.ErrCorrupt)
		require.ErrorIs(t, err3, pickle.ErrCorrupt)
		if got > uint64(budget) {
			t.Errorf("count %d: %d bytes are allocated for %d characters", count, got, len(a)+len(s)+len(l))
		}
	}
}

// Check.

func TestCheck(t *testing.T) {
	account := rawOfAccount(t, accounts(t)["two fallbacks"])
	for name, edit := range map[string]func(a *rawAccount){
		"one-time key":      func(a *rawAccount) { a.OneTime[0].Pair.Public[3] ^= 1 },
		"current fallback":  func(a *rawAccount) { a.Fallback[0].Pair.Public[3] ^= 1 },
		"previous fallback": func(a *rawAccount) { a.Fallback[1].Pair.Private[3] ^= 1 },
	} {
		a := *account
		a.OneTime, a.Fallback = slices.Clone(a.OneTime), slices.Clone(a.Fallback)
		edit(&a)
		require.ErrorIs(t, a.account(t).Check(), pickle.ErrKeyPair, name)
	}
	for name, edit := range map[string]func(s *rawSession){
		"public":  func(s *rawSession) { s.Sending[0].Pair.Public[3] ^= 1 },
		"private": func(s *rawSession) { s.Sending[0].Pair.Private[3] ^= 1 },
	} {
		_, s := newTalk(t)
		require.ErrorIs(t, edited(t, s, edit).Check(), pickle.ErrKeyPair, name)
	}
}

// What others write.

func TestUnpickleOlderAccounts(t *testing.T) {
	base := rawOfAccount(t, accounts(t)["two fallbacks"])
	base.Fallback[0].Published, base.Fallback[1].Published = 1, 1
	want := base.account(t)

	v2 := *base
	v2.Version, v2.Fallback = 2, nil
	a := v2.account(t)
	_, _, ok := a.FallbackKey()
	require.False(t, ok)
	require.Equal(t, want.IdentityKeys(), a.IdentityKeys())
	require.Equal(t, want.OneTimeKeyCount(), a.OneTimeKeyCount())
	require.Equal(t, uint32(4), rawOfAccount(t, a).Version)

	// Version 3 has no count; a key is there if it is marked.
	for _, c := range []struct {
		flags [2]uint8
		count int
	}{{[2]uint8{1, 1}, 2}, {[2]uint8{1, 0}, 1}, {[2]uint8{0, 0}, 0}, {[2]uint8{0, 1}, 0}, {[2]uint8{255, 2}, 2}} {
		v3 := *base
		v3.Version, v3.Fallback = 3, slices.Clone(base.Fallback)
		for i := range v3.Fallback {
			if v3.Fallback[i].Published = c.flags[i]; c.flags[i] == 0 {
				v3.Fallback[i] = rawOneTime{}
			}
		}
		got := rawOfAccount(t, v3.account(t))
		testkit.Equal(t, base.Fallback[:c.count], got.Fallback)
		testkit.Equal(t, base.OneTime, got.OneTime)
	}
}

func TestUnpickleSessionThatLogs(t *testing.T) {
	s := sessions(t)["skipped keys"]
	raw := rawOf(t, s)
	want := raw.bytes()
	raw.Version = 0x80000001
	u, err := olm.UnpickleSession(pickleKey, sealed(append(raw.bytes(), 1, 2, 3, 4)))
	require.NoError(t, err)
	testkit.Equal(t, want, opened(pickled(t, u)))
	for n, wanted := range map[int]error{0: pickle.ErrCorrupt, 3: pickle.ErrCorrupt, 5: pickle.ErrTrailing} {
		_, err := olm.UnpickleSession(pickleKey, sealed(append(raw.bytes(), make([]byte, n)...)))
		require.ErrorIs(t, err, wanted)
	}
}

func TestUnpickleFlags(t *testing.T) {
	raw := rawOf(t, sessions(t)["with both"])
	raw.Received = 0xff
	s := raw.session(t)
	require.True(t, s.HasReceivedMessage())
	require.Equal(t, uint8(1), rawOf(t, s).Received)
	raw.Received = 0
	require.Equal(t, olm.PreKey, raw.session(t).NextType())
}

// TestUnreachableSkippedKeysAreDropped: libolm keeps keys of chains that are gone, and never looks at
// them.
func TestUnreachableSkippedKeysAreDropped(t *testing.T) {
	_, bob := newTalk(t)
	raw := rawOf(t, bob)
	key := func(ratchet [32]byte, index uint32) rawReceiving {
		return rawReceiving{Ratchet: ratchet, Key: [32]byte{byte(index), 1}, Index: index}
	}
	raw.Receiving[0].Index = 10
	mine, gone, gone2 := raw.Receiving[0].Ratchet, [32]byte{8: 1}, [32]byte{9: 1}
	raw.Skipped = []rawReceiving{key(gone, 9), key(mine, 8), key(gone, 7), key(gone2, 6), key(mine, 5), key(mine, 4), key(gone2, 3)}
	s := raw.session(t)
	require.True(t, strings.HasSuffix(s.Describe(), " skipped message keys: 8 5 4"), s.Describe())
	testkit.Equal(t, []rawReceiving{key(mine, 8), key(mine, 5), key(mine, 4)}, rawOf(t, s).Skipped)

	raw.Skipped = []rawReceiving{key(gone, 9), key(gone2, 1)}
	s = raw.session(t)
	require.True(t, strings.HasSuffix(s.Describe(), " skipped message keys:"), s.Describe())
	kept, _ := s.SkippedKeys()
	require.Zero(t, kept)
}

// TestOrderOfOneTimeKeys: vodozemac lists the oldest first. They end up newest first, so that the
// next key to go is the oldest.
func TestOrderOfOneTimeKeys(t *testing.T) {
	a := olm.NewAccount()
	generate(t, a, 100)
	ids, public := unpublished(a)
	raw := rawOfAccount(t, a)
	slices.Reverse(raw.OneTime)
	b := raw.account(t)
	gotIDs, gotPublic := unpublished(b)
	require.Equal(t, ids, gotIDs)
	require.Equal(t, public, gotPublic)
	generate(t, b, 1)
	gotIDs, gotPublic = unpublished(b)
	require.Equal(t, idsDown(101, 2), gotIDs)
	require.NotContains(t, gotPublic, public[99])
	require.NoError(t, b.Check())
}

// TestIDsAreNotGivenOutTwice: an account whose counter lags behind its keys.
func TestIDsAreNotGivenOutTwice(t *testing.T) {
	a := olm.NewAccount()
	generate(t, a, 4)
	require.NoError(t, a.GenerateFallbackKey())
	raw := rawOfAccount(t, a)
	raw.LastID = 2
	b := raw.account(t)
	generate(t, b, 1)
	ids, _ := unpublished(b)
	require.Equal(t, olm.KeyID(6), ids[0])
	raw.Fallback, raw.LastID = nil, 0
	b = raw.account(t)
	require.NoError(t, b.GenerateFallbackKey())
	id, _, _ := b.FallbackKey()
	require.Equal(t, olm.KeyID(5), id)
}

func TestPickleOfAnotherKind(t *testing.T) {
	a := olm.NewAccount()
	generate(t, a, 1)
	p, err := a.Pickle(pickleKey)
	require.NoError(t, err)
	_, err = olm.UnpickleSession(pickleKey, p)
	require.ErrorIs(t, err, pickle.ErrVersion)
	_, bob := newTalk(t)
	_, err = olm.UnpickleAccount(pickleKey, pickled(t, bob))
	require.Error(t, err)
	require.NotEqual(t, keys.Curve25519{}, identity(a))
}
