package libolm

/*
#include <stdlib.h>
#include <olm/olm.h>
*/
import "C"

import (
	"strings"
	"unsafe"
)

// Session is an OlmSession.
type Session struct{ p *C.OlmSession }

// EmptySession is a session that was constructed, never created.
func EmptySession() *Session {
	return &Session{C.olm_session(C.malloc(C.olm_session_size()))}
}

// NewOutboundSession starts a session from 64 random bytes: base key, first ratchet key.
func NewOutboundSession(a *Account, identityKey, oneTimeKey string, random []byte) (*Session, error) {
	s := EmptySession()
	i, o, r := copyIn(identityKey), copyIn(oneTimeKey), copyIn(random)
	if C.olm_create_outbound_session(s.p, a.ptr(), addr(i), size(i), addr(o), size(o), addr(r), size(r)) == failed {
		return nil, s.giveUp()
	}
	return s, nil
}

// NewInboundSession creates the peer's session from a pre-key message. Nothing is decrypted and the
// account keeps its one-time key.
func NewInboundSession(a *Account, message string) (*Session, error) {
	s := EmptySession()
	m := copyIn(message)
	if C.olm_create_inbound_session(s.p, a.ptr(), addr(m), size(m)) == failed {
		return nil, s.giveUp()
	}
	return s, nil
}

// NewInboundSessionFrom is NewInboundSession for a message from a known identity key.
func NewInboundSessionFrom(a *Account, identityKey, message string) (*Session, error) {
	if err := checkInboundFrom(message); err != nil {
		return nil, err
	}
	s := EmptySession()
	i, m := copyIn(identityKey), copyIn(message)
	if C.olm_create_inbound_session_from(s.p, a.ptr(), addr(i), size(i), addr(m), size(m)) == failed {
		return nil, s.giveUp()
	}
	return s, nil
}

// UnpickleSession reads a session.
func UnpickleSession(key []byte, pickled string) (*Session, error) {
	if err := checkPickle(key, pickled); err != nil {
		return nil, err
	}
	s := EmptySession()
	k, b := copyIn(key), copyIn(pickled)
	if C.olm_unpickle_session(s.p, addr(k), size(k), addr(b), size(b)) == failed {
		return nil, s.giveUp()
	}
	return s, nil
}

// Free clears and releases the session. A second call does nothing.
func (s *Session) Free() {
	if s.p != nil {
		C.olm_clear_session(s.p)
		C.free(unsafe.Pointer(s.p))
		s.p = nil
	}
}

func (s *Session) ptr() *C.OlmSession { return live(s.p) }

func (s *Session) last() error { return Code(C.olm_session_last_error_code(s.ptr())) }

func (s *Session) giveUp() error {
	err := s.last()
	s.Free()
	return err
}

// Pickle writes the session.
func (s *Session) Pickle(key []byte) string {
	return pickle(key, C.olm_pickle_session_length(s.ptr()), func(key, out []byte) C.size_t {
		return C.olm_pickle_session(s.p, addr(key), size(key), addr(out), size(out))
	})
}

// ID is the same for both ends.
func (s *Session) ID() string {
	out := buffer(C.olm_session_id_length(s.ptr()))
	return string(out[:C.olm_session_id(s.p, addr(out), size(out))])
}

// HasReceived reports whether a message has been decrypted.
func (s *Session) HasReceived() bool { return C.olm_session_has_received_message(s.ptr()) != 0 }

// Describe is libolm's one-line summary of chain and key indices.
func (s *Session) Describe() string {
	out := buffer(1024) // 600 are documented as enough
	C.olm_session_describe(s.ptr(), (*C.char)(addr(out)), size(out))
	return C.GoString((*C.char)(addr(out)))
}

// Matches reports whether a pre-key message belongs to this session.
func (s *Session) Matches(message string) (bool, error) {
	m := copyIn(message)
	n := C.olm_matches_inbound_session(s.ptr(), addr(m), size(m))
	if n == failed {
		return false, s.last()
	}
	return n == 1, nil
}

// MatchesFrom is Matches for a message from a known identity key.
func (s *Session) MatchesFrom(identityKey, message string) (bool, error) {
	i, m := copyIn(identityKey), copyIn(message)
	n := C.olm_matches_inbound_session_from(s.ptr(), addr(i), size(i), addr(m), size(m))
	if n == failed {
		return false, s.last()
	}
	return n == 1, nil
}

// EncryptType is the type that the next message will have.
func (s *Session) EncryptType() int { return int(C.olm_encrypt_message_type(s.ptr())) }

// EncryptRandomLength is how many random bytes the next message needs: 32 or none.
func (s *Session) EncryptRandomLength() int { return int(C.olm_encrypt_random_length(s.ptr())) }

// Encrypt gives a message's type and base64 body.
func (s *Session) Encrypt(plaintext, random []byte) (messageType int, body string, err error) {
	if s.EncryptRandomLength() > 0 && strings.Contains(s.Describe(), "receiver chain indices: skipped") {
		return 0, "", ErrUnsafeForLibolm // no chain at all: a new one has nothing to start from
	}
	messageType = s.EncryptType()
	p, r := copyIn(plaintext), copyIn(random)
	out := buffer(C.olm_encrypt_message_length(s.p, size(p)))
	n := C.olm_encrypt(s.p, addr(p), size(p), addr(r), size(r), addr(out), size(out))
	if n == failed {
		return 0, "", s.last()
	}
	return messageType, string(out[:n]), nil
}

// Decrypt asks for the largest possible plaintext first, as every caller of the C functions must; an
// error of that call ends the matter.
func (s *Session) Decrypt(messageType int, body string) ([]byte, error) {
	if err := checkMessage(messageType, body); err != nil {
		return nil, err
	}
	t, m := C.size_t(messageType), copyIn(body)
	room := C.olm_decrypt_max_plaintext_length(s.ptr(), t, addr(m), size(m))
	if room == failed {
		return nil, s.last()
	}
	m, out := copyIn(body), buffer(room)
	n := C.olm_decrypt(s.p, t, addr(m), size(m), addr(out), size(out))
	if n == failed {
		return nil, s.last()
	}
	return out[:n:n], nil
}
