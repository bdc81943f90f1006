package failure_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/failure"
)

// errorOf has every code that there is, with its error; those without one panic.
var errorOf = map[errcode.Code]error{
	errcode.NotEnoughRandom:        nil,
	errcode.OutputBufferTooSmall:   nil,
	errcode.BadMessageVersion:      failure.MessageVersion,
	errcode.BadMessageFormat:       failure.MessageFormat,
	errcode.BadMessageMAC:          failure.BadMAC,
	errcode.BadMessageKeyID:        failure.UnknownOneTimeKey,
	errcode.InvalidBase64:          failure.PickleBase64,
	errcode.BadAccountKey:          failure.PickleKey,
	errcode.UnknownPickleVersion:   failure.PickleVersion,
	errcode.CorruptedPickle:        failure.PickleCorrupt,
	errcode.BadSessionKey:          failure.SessionKey,
	errcode.UnknownMessageIndex:    nil, // *megolm.UnknownIndexError
	errcode.BadLegacyAccountPickle: failure.PickleLegacy,
	errcode.BadSignature:           failure.Signature,
	errcode.InputBufferTooSmall:    nil,
	errcode.SASTheirKeyNotSet:      nil,
	errcode.PickleExtraData:        failure.PickleTrailing,
	errcode.MessageGap:             nil, // *olm.GapError
	errcode.NoMessageKey:           failure.NoMessageKey,
	errcode.NonContributory:        failure.PublicKey,
	errcode.BadPublicKey:           failure.PublicKey,
	errcode.IdentityMismatch:       failure.IdentityMismatch,
	errcode.SessionMismatch:        failure.SessionMismatch,
	errcode.Exhausted:              failure.Exhausted,
	errcode.KeyPairMismatch:        failure.PickleKeyPair,
}

func TestOf(t *testing.T) {
	require.NoError(t, failure.Of(errcode.OK))
	texts := map[string]error{}
	for n := 1; n < 256; n++ {
		code := errcode.Code(n)
		want := errorOf[code]
		if want == nil {
			require.Panics(t, func() { _ = failure.Of(code) }, "code %d", code)
			continue
		}
		require.Equal(t, want, failure.Of(code), "code %d", code)
		require.Same(t, want, failure.Of(code), "code %d", code)
		if other := texts[want.Error()]; other != nil && other != want {
			t.Errorf("two errors say %q", want)
		}
		texts[want.Error()] = want
	}
	require.Len(t, errorOf, int(errcode.PickleExtraData)+int(errcode.KeyPairMismatch-errcode.MessageGap)+1, "every code that there is")
}
