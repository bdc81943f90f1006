package megolm_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/megolm"
)

const last = 1<<32 - 1

// boundaries are the indices at which the parts of the ratchet move.
var boundaries = []uint32{1, 2, 127, 128, 255, 256, 257, 511, 512, 1<<16 - 1, 1 << 16, 1<<16 + 1, 0x12345, 1<<24 - 1, 1 << 24, 1<<24 + 1,
	0x1010101, 1<<31 - 1, 1 << 31, 1<<31 + 1, 0xff000000, 0xffff0000, 0xffffff00, last - 1, last}

// TestReference: the reference's two ways forward agree.
func TestReference(t *testing.T) {
	stepped := newReference(1)
	for _, index := range boundaries {
		if index > 1<<17 {
			break
		}
		for stepped.counter < index {
			stepped.advance()
		}
		require.Equal(t, newReference(1).jump(index), stepped, "index %d", index)
	}
	near := newReference(1).jump(1<<24 - 2)
	for range 3 {
		near.advance()
	}
	require.Equal(t, newReference(1).jump(1<<24+1), near)
}

func TestNewOutboundSession(t *testing.T) {
	ref := newReference(1)
	s := ref.draw(t)
	require.Zero(t, s.Index())
	require.Equal(t, text64(ref.public()), s.ID())
	require.Len(t, s.ID(), 43)
	k, err := s.SessionKey()
	require.NoError(t, err)
	testkit.Equal(t, ref.sessionKey(), must(k.Bytes()))
	require.NoError(t, s.Check())
	require.Equal(t, ref.rawOutbound(), opened(pickled(t, s)))
	require.NotEqual(t, megolm.NewOutboundSession().ID(), megolm.NewOutboundSession().ID())
}

// TestEncryptEqualsReference across every kind of step, and for many lengths.
func TestEncryptEqualsReference(t *testing.T) {
	ref := newReference(1)
	s := ref.outbound(t)
	for n := range 300 {
		plaintext := strings.Repeat("x", n)
		length := s.MessageLen(n)
		m := encrypt(t, s, plaintext)
		require.Equal(t, ref.honest(plaintext), m)
		require.Len(t, m, length)
		ref.advance()
	}
	for _, index := range boundaries {
		ref := newReference(2).jump(index - 1)
		s := ref.outbound(t)
		for range 3 {
			if s.Index() == last {
				break
			}
			require.Equal(t, ref.counter, s.Index())
			k, err := s.SessionKey()
			require.NoError(t, err)
			require.Equal(t, ref.sessionKey(), must(k.Bytes()), "index %d", ref.counter)
			length := s.MessageLen(5)
			m := encrypt(t, s, "hello")
			require.Equal(t, ref.honest("hello"), m, "index %d", ref.counter)
			require.Len(t, m, length)
			ref.advance()
		}
	}
}

func TestDecryptInAnyOrder(t *testing.T) {
	const n = 300
	out, in := newPair(t)
	require.Equal(t, out.ID(), in.ID())
	ms := encryptN(t, out, n)
	rng := rand.New(rand.NewPCG(1, 1))
	for range 2 { // a replay yields the same index again
		for _, i := range rng.Perm(n) {
			decrypt(t, in, ms[i], number(uint32(i)), uint32(i))
		}
		in = reload(t, in)
	}
	require.Zero(t, in.FirstKnownIndex())

	// From an index on.
	in = receiver(t, out)
	require.Equal(t, uint32(n), in.FirstKnownIndex())
	for i, m := range ms {
		refuseIndex(t, in, m, uint32(i))
	}
	later := encryptN(t, out, 3)
	decrypt(t, in, later[2], number(n+2), n+2)
	decrypt(t, in, later[0], number(n), n)
	refuseIndex(t, in, ms[n-1], n-1)
}

// TestFarJumps decrypts at every boundary, from every earlier one, in a random order.
func TestFarJumps(t *testing.T) {
	starts := []uint32{0, 1, 255, 256, 1<<16 - 1, 0x12345, 1<<24 - 1, 1 << 24, 0x1010101, 1<<31 - 1, 1 << 31, 0xffffff00, last - 1, last}
	messages := map[uint32]megolm.Message{}
	for _, index := range boundaries {
		messages[index] = newReference(1).jump(index).honest("far")
	}
	rng := rand.New(rand.NewPCG(2, 2))
	for _, start := range starts {
		ref := newReference(1).jump(start)
		in := ref.inbound(t)
		require.Equal(t, start, in.FirstKnownIndex())
		for _, i := range rng.Perm(len(boundaries)) {
			index := boundaries[i]
			if index < start {
				refuseIndex(t, in, messages[index], index)
				continue
			}
			decrypt(t, in, messages[index], "far", index)
			decrypt(t, ref.inbound(t), messages[index], "far", index)
			k, err := in.Export(index)
			require.NoError(t, err)
			require.Equal(t, newReference(1).jump(index).shared(1), must(k.Bytes()), "from %d to %d", start, index)
		}
	}
}

// TestExhausted: index 2^32-1 is never used, since the one after it would be 0 again.
func TestExhausted(t *testing.T) {
	ref := newReference(1).jump(last - 1)
	s := ref.outbound(t)
	in := receiver(t, s)
	decrypt(t, in, encrypt(t, s, "the last"), "the last", last-1)
	before := s.State()
	for range 3 {
		m, err := s.Encrypt([]byte("one too many"))
		require.ErrorIs(t, err, megolm.ErrExhausted)
		require.Nil(t, m)
		m, err = s.AppendEncrypt(make([]byte, 3, 500), nil)
		require.ErrorIs(t, err, megolm.ErrExhausted)
		require.Nil(t, m)
	}
	testkit.Equal(t, before, s.State())
	require.Equal(t, uint32(last), s.Index())
	require.Equal(t, uint32(last), receiver(t, s).FirstKnownIndex())
	require.Equal(t, uint32(last), reload(t, s).Index())
}

func TestAppend(t *testing.T) {
	out, in := newPair(t)
	const want = "a plaintext of some blocks, so that there is something to see"
	plaintext := []byte(want)
	n := out.MessageLen(len(plaintext))
	buf := []byte(strings.Repeat("#", 300))
	dst, err := out.AppendEncrypt(buf[:4], plaintext)
	require.NoError(t, err)
	require.Same(t, &buf[0], &dst[0], "there was room")
	require.Len(t, dst, 4+n)
	require.Equal(t, "####", string(dst[:4]))
	require.Equal(t, strings.Repeat("#", 300-4-n), string(buf[4+n:]))
	require.Equal(t, want, string(plaintext))

	m := megolm.Message(slices.Clone(dst[4:]))
	text := m.String()
	buf = []byte(strings.Repeat("#", 300))
	got, index, err := in.AppendDecrypt(buf[:4], m)
	require.NoError(t, err)
	require.Zero(t, index)
	require.Equal(t, "####"+want, string(got))
	require.Same(t, &buf[0], &got[0])
	require.Equal(t, strings.Repeat("#", 300-4-80), string(buf[4+80:]))
	require.Equal(t, text, m.String(), "the message is untouched")

	dst, err = out.AppendEncrypt([]byte("xyz"), nil)
	require.NoError(t, err)
	got, index, err = in.AppendDecrypt([]byte("before"), megolm.Message(dst[3:]))
	require.NoError(t, err)
	require.Equal(t, uint32(1), index)
	require.Equal(t, "before", string(got))
	got, _, err = in.Decrypt(megolm.Message(dst[3:]))
	require.NoError(t, err)
	require.NotNil(t, got, "an empty plaintext is one")
	require.Empty(t, got)
}

// Export and Advance.

func TestExport(t *testing.T) {
	ref := newReference(1)
	in := ref.inbound(t)
	require.True(t, in.Verified())
	for _, index := range []uint32{0, 1, 300, 70000} {
		k, err := in.Export(index)
		require.NoError(t, err)
		testkit.Equal(t, newReference(1).jump(index).shared(1), must(k.Bytes()))
		imported, err := megolm.ImportSession(k)
		require.NoError(t, err)
		require.Equal(t, in.ID(), imported.ID())
		require.Equal(t, index, imported.FirstKnownIndex())

		require.False(t, imported.Verified(), "nobody has signed it")
		imported = reload(t, imported)
		require.False(t, imported.Verified())
		refuse(t, imported, newReference(2).jump(index).honest("another session"), megolm.ErrSignature)
		require.False(t, imported.Verified())
		if index > 0 {
			refuseIndex(t, imported, ref.honest("0"), 0)
			_, err = imported.Export(index - 1)
			requireUnknownIndex(t, err, index-1, index)
		}
		decrypt(t, imported, newReference(1).jump(index+7).honest("7"), "7", index+7)
		require.True(t, imported.Verified(), "a message is signed")
		require.True(t, reload(t, imported).Verified())
		require.Equal(t, index, imported.FirstKnownIndex())
	}
}

func TestAdvance(t *testing.T) {
	out, in := newPair(t)
	ms := encryptN(t, out, 600)
	decrypt(t, in, ms[400], number(400), 400)
	require.NoError(t, in.Advance(0))
	decrypt(t, in, ms[0], number(0), 0)

	for _, index := range []uint32{1, 256, 300, 300, 401, 500} { // before and behind what is cached
		require.NoError(t, in.Advance(index))
		require.Equal(t, index, in.FirstKnownIndex())
		for _, s := range []*megolm.InboundSession{in, reload(t, in)} {
			refuseIndex(t, s, ms[index-1], index-1)
			refuseIndex(t, s, ms[0], 0)
			decrypt(t, s, ms[index], number(index), index)
			decrypt(t, s, ms[599], number(599), 599)
		}
		before := in.State()
		requireUnknownIndex(t, in.Advance(index-1), index-1, index)
		testkit.Equal(t, before, in.State())
	}
	// What is forgotten is gone: no part of the ratchet at an earlier index is left.
	raw := string(opened(pickled(t, in)))
	k, err := receiver(t, out).Export(600)
	require.NoError(t, err)
	require.NoError(t, in.Advance(600))
	gone := string(opened(pickled(t, in)))
	require.NotEqual(t, raw, gone)
	require.Equal(t, 2, strings.Count(gone, string(must(k.Bytes())[5:5+128])), "the first and the latest are the same")
}

// Messages.

func TestMessageText(t *testing.T) {
	out, _ := newPair(t)
	for range 4 {
		m := encrypt(t, out, strings.Repeat("x", 16*int(out.Index())+int(out.Index())))
		text, err := json.Marshal(struct{ M megolm.Message }{m})
		require.NoError(t, err)
		require.Equal(t, `{"M":"`+text64(m)+`"}`, string(text))
		require.Equal(t, text64(m), m.String())
		appended, err := m.AppendText([]byte("x"))
		require.NoError(t, err)
		require.Equal(t, "x"+text64(m), string(appended))
		padding := strings.Repeat("=", (4-len(text64(m))%4)%4)
		for _, ok := range []string{text64(m), text64(m) + padding} {
			var back megolm.Message
			require.NoError(t, back.UnmarshalText([]byte(ok)))
			require.Equal(t, m, back)
		}
	}
	for _, bad := range []string{"A", "AAAAA", "AA-A", "AA_A", "AA=", "AAAA=", "AB", "AAB", " AAAA", "AAAA\n", "AAA\x00", "AA=A"} {
		m := megolm.Message("old")
		require.ErrorIs(t, m.UnmarshalText([]byte(bad)), megolm.ErrMessageFormat, "%q", bad)
		require.Equal(t, "old", string(m))
	}
}

func TestMessageIndex(t *testing.T) {
	for _, index := range []uint32{0, 1, 127, 128, 1 << 14, 1 << 21, 1 << 28, last} {
		got, err := newReference(1).jump(index).honest("m").MessageIndex()
		require.NoError(t, err)
		require.Equal(t, index, got)
	}
	_, err := megolm.Message(nil).MessageIndex()
	require.ErrorIs(t, err, megolm.ErrMessageVersion)
	_, err = megolm.Message(make([]byte, 100)).MessageIndex()
	require.ErrorIs(t, err, megolm.ErrMessageVersion)
}

// TestDecryptRefusesMalformed: encodings that no honest peer sends, each under a MAC and a signature
// that are right, so that nothing but the decoder can refuse it.
func TestDecryptRefusesMalformed(t *testing.T) {
	ref := newReference(1)
	in := ref.inbound(t)
	c16 := append([]byte{0x12, 16}, make([]byte, 16)...)
	with := func(parts ...[]byte) []byte { return slices.Concat(parts...) }
	for name, c := range map[string]struct {
		want   error
		fields []byte
	}{
		"nothing":             {megolm.ErrMessageVersion, nil},
		"only a version":      {megolm.ErrMessageFormat, []byte{3}},
		"version 2":           {megolm.ErrMessageVersion, with([]byte{2, 8, 0}, c16)},
		"version 4":           {megolm.ErrMessageVersion, with([]byte{4, 8, 0}, c16)},
		"no index":            {megolm.ErrMessageFormat, with([]byte{3}, c16)},
		"no ciphertext":       {megolm.ErrMessageFormat, []byte{3, 8, 0}},
		"empty ciphertext":    {megolm.ErrMessageFormat, []byte{3, 8, 0, 0x12, 0}},
		"15 bytes":            {megolm.ErrMessageFormat, with([]byte{3, 8, 0, 0x12, 15}, make([]byte, 15))},
		"17 bytes":            {megolm.ErrMessageFormat, with([]byte{3, 8, 0, 0x12, 17}, make([]byte, 17))},
		"too long ciphertext": {megolm.ErrMessageFormat, with([]byte{3, 8, 0, 0x12, 17}, make([]byte, 16))},
		"endless ciphertext":  {megolm.ErrMessageFormat, with([]byte{3, 8, 0, 0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, make([]byte, 16))},
		"repeated index":      {megolm.ErrMessageFormat, with([]byte{3, 8, 0, 8, 0}, c16)},
		"repeated ciphertext": {megolm.ErrMessageFormat, with([]byte{3, 8, 0}, c16, c16)},
		"unknown field":       {megolm.ErrMessageFormat, with([]byte{3, 8, 0, 0x18, 0}, c16)},
		"unknown bytes":       {megolm.ErrMessageFormat, with([]byte{3, 8, 0}, c16, []byte{0x1a, 0})},
		"trailing zero":       {megolm.ErrMessageFormat, with([]byte{3, 8, 0}, c16, []byte{0})},
		"long index":          {megolm.ErrMessageFormat, with([]byte{3, 8, 0x80, 0}, c16)},
		"index 2^32":          {megolm.ErrMessageFormat, with([]byte{3, 8, 0x80, 0x80, 0x80, 0x80, 0x10}, c16)},
		"unfinished index":    {megolm.ErrMessageFormat, with([]byte{3}, c16, []byte{8, 0x80})},
		"index as bytes":      {megolm.ErrMessageFormat, with([]byte{3, 0x0a, 1, 0}, c16)},
	} {
		t.Run(name, func(t *testing.T) {
			m := ref.message(make([]byte, 16), func([]byte) []byte { return slices.Clone(c.fields) })
			refuse(t, in, m, c.want)
			_, err := m.MessageIndex()
			require.ErrorIs(t, err, c.want)
		})
	}
	// The order of the fields is free.
	m := ref.message(testkit.Pad("m"), func(ciphertext []byte) []byte {
		return with([]byte{3, 0x12, 16}, ciphertext, []byte{8, 0})
	})
	decrypt(t, in, m, "m", 0)
}

// TestInsiders: who has the ratchet can't sign, and who signs without the ratchet is found out.
func TestInsiders(t *testing.T) {
	ref, other := newReference(1), newReference(2)
	in := ref.inbound(t)
	receivers := *ref // has all but the signing key
	receivers.signing = other.signing
	refuse(t, in, receivers.honest("forged"), megolm.ErrSignature)

	other.signing = ref.signing
	for _, index := range []uint32{0, 1, 1 << 20, last} { // far ahead too: nothing is cached
		refuse(t, in, other.copy().jump(index).honest("forged"), megolm.ErrBadMAC)
	}
	for _, bad := range []byte{0, 17, 3, 255} {
		padded := testkit.Pad("0123456789abcdef0123456789abcde")
		padded[len(padded)-1] = bad
		m := ref.message(padded, nil)
		refuse(t, in, m, megolm.ErrBadMAC)
		buf := []byte(strings.Repeat("#", 100))
		_, _, err := in.AppendDecrypt(buf[:0], m)
		require.ErrorIs(t, err, megolm.ErrBadMAC)
		require.NotContains(t, string(buf), "0123", "what decrypts to bad padding is wiped")
	}
	decrypt(t, in, ref.honest("honest"), "honest", 0)
}
