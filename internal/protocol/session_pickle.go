package protocol

import (
	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/ratchet"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
)

// The versions of a session's pickle. The other one was written by a branch of libolm that logged
// chain indices: it has one number more at its end.
const (
	sessionVersion     = 1
	sessionLogsVersion = 0x80000001
)

const sessionHeadLen = 1 + 3*32 // behind the version: the flag, and the keys that name the session

func (s *Session) rawPickleLen() int { return 4 + sessionHeadLen + s.ratchet.PickleLen() }

// PickleLen returns the length of what Pickle writes.
func (s *Session) PickleLen() int { return envelope.SealedLen(s.rawPickleLen()) }

// Pickle writes s, encrypted under key, to dst.
func (s *Session) Pickle(dst, key []byte, skipped *ratchet.Skipped) {
	n := s.rawPickleLen()
	w := wire.NewWriter(envelope.Contents(dst, n))
	w.Uint32(sessionVersion)
	w.Bool(s.received)
	w.Bytes(s.identity[:])
	w.Bytes(s.base[:])
	w.Bytes(s.oneTime[:])
	s.ratchet.Pickle(&w, skipped)
	envelope.Seal(dst, key, n)
}

// SessionReader is the contents of a session's pickle, which Open has found to be one.
type SessionReader struct {
	raw     []byte
	skipped int
}

// Open looks at the whole of a pickle's contents, and at no keys in them.
func (sr *SessionReader) Open(raw []byte) errcode.Code {
	r := wire.NewReader(raw)
	version := r.Uint32()
	switch {
	case r.Short():
		return errcode.CorruptedPickle
	case version != sessionVersion && version != sessionLogsVersion:
		return errcode.UnknownPickleVersion
	}
	r.Skip(1, sessionHeadLen)
	skipped, code := ratchet.PassPickle(&r)
	if code != errcode.OK {
		return code
	}
	if version == sessionLogsVersion {
		r.Skip(1, 4)
	}
	sr.raw, sr.skipped = raw, skipped
	return atEnd(&r)
}

// Skipped returns for how many skipped keys the caller provides room.
func (sr *SessionReader) Skipped() int { return sr.skipped }

// Unpickle reads s and its skipped keys from what sr has opened. If tol is wire.Strict it may yet return
// CorruptedPickle; both must then be wiped. See ratchet.Double.Unpickle for what is dropped.
func (s *Session) Unpickle(sr *SessionReader, skipped *ratchet.Skipped, tol wire.Tolerance) errcode.Code {
	r := wire.NewReader(sr.raw)
	r.Skip(1, 4)
	s.received = r.Bool()
	r.Bytes(s.identity[:])
	r.Bytes(s.base[:])
	r.Bytes(s.oneTime[:])
	if tol == wire.Strict && secret.IsZero(s.identity[:])|secret.IsZero(s.base[:])|secret.IsZero(s.oneTime[:]) == 1 {
		return errcode.CorruptedPickle
	}
	code := s.ratchet.Unpickle(&r, skipped, tol)
	s.created = code == errcode.OK
	return code
}

// CanEncrypt reports whether s, which may have been read from a pickle, has what Encrypt needs.
func (s *Session) CanEncrypt() bool { return s.ratchet.CanSend() }

// Check recomputes the public ratchet key, which Unpickle takes as it finds it.
func (s *Session) Check() errcode.Code { return s.ratchet.Check() }
