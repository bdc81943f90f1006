package protocol

import (
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/pickle"
	"github.com/karst-im/karst/ratchet"
)

// The versions of a session's pickle. The other one was written by a branch of libolm that logged
// chain indices: it has one number more at its end.
const (
	sessionVersion     = 1
	sessionLogsVersion = 0x80000001
)

func (s *Session) rawPickleLen() int { return 4 + 1 + 3*32 + s.ratchet.PickleLen() }

// PickleLen returns the length of what Pickle writes.
func (s *Session) PickleLen() int { return pickle.SealedLen(s.rawPickleLen()) }

// Pickle writes s, encrypted under key, to dst.
func (s *Session) Pickle(dst, key []byte, skipped *ratchet.Skipped) {
	n := s.rawPickleLen()
	w := wire.NewWriter(pickle.Contents(dst, n))
	w.Uint32(sessionVersion)
	w.Bool(s.received)
	w.Bytes(s.identity[:])
	w.Bytes(s.base[:])
	w.Bytes(s.oneTime[:])
	s.ratchet.Pickle(&w, skipped)
	pickle.Seal(dst, key, n)
}

// SessionReader is a session's pickle read up to its skipped keys, for which the caller then
// provides room.
type SessionReader struct {
	r       wire.Reader
	logs    bool
	skipped int
}

// Skipped returns how many skipped keys follow.
func (sr *SessionReader) Skipped() int { return sr.skipped }

// Unpickle reads s from the contents of a pickle, up to its skipped keys. After an error s is not
// usable, and must be wiped.
func (s *Session) Unpickle(sr *SessionReader, raw []byte, tol wire.Tolerance) errcode.Code {
	sr.r = wire.NewReader(raw)
	version := sr.r.Uint32()
	switch {
	case sr.r.Short():
		return errcode.CorruptedPickle
	case version != sessionVersion && version != sessionLogsVersion:
		return errcode.UnknownPickleVersion
	}
	sr.logs = version == sessionLogsVersion
	s.received = sr.r.Bool()
	sr.r.Bytes(s.identity[:])
	sr.r.Bytes(s.base[:])
	sr.r.Bytes(s.oneTime[:])
	n, code := s.ratchet.UnpickleChains(&sr.r, tol == Strict)
	if code != errcode.OK {
		return code
	}
	if tol == Strict && secret.IsZero(s.identity[:])|secret.IsZero(s.base[:])|secret.IsZero(s.oneTime[:]) == 1 {
		return errcode.CorruptedPickle
	}
	sr.skipped = n
	return errcode.OK
}

// UnpickleSkipped reads the skipped keys, and completes s.
func (s *Session) UnpickleSkipped(sr *SessionReader, skipped *ratchet.Skipped) errcode.Code {
	if code := s.ratchet.UnpickleSkipped(&sr.r, skipped, sr.skipped); code != errcode.OK {
		return code
	}
	if sr.logs {
		sr.r.Uint32()
	}
	if sr.r.Short() {
		return errcode.CorruptedPickle
	}
	if sr.r.Len() > 0 {
		return errcode.PickleExtraData
	}
	s.created = true
	return errcode.OK
}

// CanEncrypt reports whether s, which may have been read from a pickle, has what Encrypt needs.
func (s *Session) CanEncrypt() bool { return s.ratchet.CanSend() }

// Check recomputes the public ratchet key, which Unpickle takes as it finds it.
func (s *Session) Check() errcode.Code { return s.ratchet.Check() }
