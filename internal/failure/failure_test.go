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
	errcode.BadMessageVersion:      failure.ErrMessageVersion,
	errcode.BadMessageFormat:       failure.ErrMessageFormat,
	errcode.BadMessageMAC:          failure.ErrBadMAC,
	errcode.BadMessageKeyID:        failure.ErrUnknownOneTimeKey,
	errcode.InvalidBase64:          failure.ErrPickleBase64,
	errcode.BadAccountKey:          failure.ErrPickleKey,
	errcode.UnknownPickleVersion:   failure.ErrPickleVersion,
	errcode.CorruptedPickle:        failure.ErrPickleCorrupt,
	errcode.BadSessionKey:          failure.ErrSessionKey,
	errcode.UnknownMessageIndex:    nil, // *megolm.UnknownIndexError
	errcode.BadLegacyAccountPickle: failure.ErrPickleLegacy,
	errcode.BadSignature:           failure.ErrSignature,
	errcode.InputBufferTooSmall:    nil,
	errcode.SASTheirKeyNotSet:      nil,
	errcode.PickleExtraData:        failure.ErrPickleTrailing,
	errcode.MessageGap:             nil, // *olm.GapError
	errcode.NoMessageKey:           failure.ErrNoMessageKey,
	errcode.NonContributory:        failure.ErrPublicKey,
	errcode.BadPublicKey:           failure.ErrPublicKey,
	errcode.IdentityMismatch:       failure.ErrIdentityMismatch,
	errcode.SessionMismatch:        failure.ErrSessionMismatch,
	errcode.Exhausted:              failure.ErrExhausted,
	errcode.KeyPairMismatch:        failure.ErrPickleKeyPair,
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
