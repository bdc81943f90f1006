package errcode

import "testing"

// numbers are those of libolm's enum OlmErrorCode, as its error.h has them. Programs have them
// compiled in, so that none may ever change.
var numbers = [...]Code{
	0:  OK,
	1:  NotEnoughRandom,
	2:  OutputBufferTooSmall,
	3:  BadMessageVersion,
	4:  BadMessageFormat,
	5:  BadMessageMAC,
	6:  BadMessageKeyID,
	7:  InvalidBase64,
	8:  BadAccountKey,
	9:  UnknownPickleVersion,
	10: CorruptedPickle,
	11: BadSessionKey,
	12: UnknownMessageIndex,
	13: BadLegacyAccountPickle,
	14: BadSignature,
	15: InputBufferTooSmall,
	16: SASTheirKeyNotSet,
	17: PickleExtraData,
}

// finer has the code of libolm that each of ours which it lacks stands for.
var finer = map[Code]Code{
	MessageGap:       BadMessageMAC,
	NoMessageKey:     BadMessageMAC,
	NonContributory:  BadMessageMAC,
	BadPublicKey:     BadMessageFormat,
	IdentityMismatch: BadMessageKeyID,
	SessionMismatch:  BadMessageKeyID,
	Exhausted:        BadMessageMAC,
	KeyPairMismatch:  CorruptedPickle,
}

func TestNumbers(t *testing.T) {
	for n, c := range numbers {
		if int(c) != n {
			t.Errorf("code %d has number %d", n, c)
		}
		if c.Libolm() != c {
			t.Errorf("code %d becomes %d", c, c.Libolm())
		}
	}
}

func TestFinerCodes(t *testing.T) {
	for c, want := range finer {
		if c < 32 {
			t.Errorf("code %d is in libolm's range", c)
		}
		if got := c.Libolm(); got != want {
			t.Errorf("code %d becomes %d, want %d", c, got, want)
		}
	}
	// No code is missing above: the finer ones follow one another, and what comes after them is
	// not a code.
	first, last := Code(255), Code(0)
	for c := range finer {
		first, last = min(first, c), max(last, c)
	}
	if first <= numbers[len(numbers)-1] || int(last-first)+1 != len(finer) {
		t.Errorf("codes %d to %d, but %d are known here", first, last, len(finer))
	}
	if c := last + 1; c.Libolm() != c {
		t.Errorf("code %d is mapped, but not known here", c)
	}
	for c := Code(0); c <= last; c++ {
		if _, ok := finer[c]; (ok || int(c) < len(numbers)) && int(c.Libolm()) >= len(numbers) {
			t.Errorf("code %d becomes %d, which libolm lacks", c, c.Libolm())
		}
	}
}
