package olm

import (
	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/failure"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/keys"
)

// How an account begins sessions.

// NewOutboundSession begins a session with the device that has the given identity key and one-time,
// or fallback, key. The caller has checked the signature of the one-time key. It returns ErrPublicKey
// or ErrWiped.
func (a *Account) NewOutboundSession(identity, oneTime keys.Curve25519) (*Session, error) {
	state := a.state.Lock()
	defer a.state.Unlock()
	if !state.p.Created() {
		return nil, ErrWiped
	}
	s := new(session)
	var random [protocol.OutboundRandomLen]byte
	entropy.Fill(random[:])
	code := s.p.StartOutbound(&state.p, (*[32]byte)(&identity), (*[32]byte)(&oneTime), random[:], wire.Strict)
	secret.Wipe(random[:])
	if code != errcode.OK {
		return nil, failure.Of(code)
	}
	return s.guarded(), nil
}

// Accept begins the session that m, a pre-key message, sets up, and decrypts m. from is the identity
// key of the device that is said to have sent it, and known are the sessions with that device.
//
// If m sets up one of those it returns a *KnownSessionError, before m is decrypted: that session is to
// decrypt it, and will refuse what it has decrypted before. A new session in its place would have lost all
// that the live one knows, and could not read the next message.
//
// The one-time key is dropped only if m proves authentic: a forged message can't use it up. So a message is
// accepted once. A fallback key stays, and with it Accept takes a message as often as it comes, also after a
// restart, unless its session is among known. Who deletes a session keeps its id, and compares it with
// [PreKeyMessage.SessionID] first, for as long as the account has the fallback key, which
// [Account.ForgetOldFallbackKey] ends.
//
// It also returns what [Session.Decrypt] returns, and ErrUnknownOneTimeKey, ErrIdentityMismatch and
// ErrPublicKey. On an error nothing has changed.
func (a *Account) Accept(from keys.Curve25519, m Message, known ...*Session) (*Session, []byte, error) {
	sets := oneOf(known, m)
	state := a.state.Lock()
	defer a.state.Unlock()
	if !state.p.Created() {
		return nil, nil, ErrWiped
	}
	if m.Type != PreKey {
		return nil, nil, ErrMessageFormat
	}
	p, err := ParsePreKeyMessage(m.Body)
	if err != nil {
		return nil, nil, err
	}
	if p.IdentityKey() != from {
		return nil, nil, ErrIdentityMismatch
	}
	if sets {
		return nil, nil, &KnownSessionError{p.SessionID()}
	}
	s, err := state.begin(p, (*[32]byte)(&from))
	if err != nil {
		return nil, nil, err
	}
	plaintext, err := s.appendDecrypt(nil, m)
	if err != nil {
		s.wipe()
		return nil, nil, err
	}
	state.removeOneTimeKey(s)
	return s.guarded(), plaintext, nil
}

// oneOf reports whether m sets up one of the sessions. Sessions that are nil or wiped are none.
func oneOf(sessions []*Session, m Message) bool {
	if len(sessions) == 0 || m.Type != PreKey {
		return false
	}
	p, err := ParsePreKeyMessage(m.Body)
	if err != nil {
		return false
	}
	for _, s := range sessions {
		if s != nil && s.Matches(p) {
			return true
		}
	}
	return false
}

// NewInboundSession begins the session that m sets up, without decrypting it: libolm's way, in
// which the caller decrypts m next and, if it proves authentic, calls RemoveOneTimeKey. Accept is
// all three in one, and knows the sessions that there are already. It returns ErrUnknownOneTimeKey,
// ErrPublicKey, ErrMessageFormat, ErrMessageVersion or ErrWiped.
func (a *Account) NewInboundSession(m *PreKeyMessage) (*Session, error) {
	state := a.state.Lock()
	defer a.state.Unlock()
	s, err := state.begin(m, nil)
	if err != nil {
		return nil, err
	}
	return s.guarded(), nil
}

// NewInboundSessionFrom is NewInboundSession for a message that is said to come from the device
// with a given identity key. It also returns ErrIdentityMismatch.
func (a *Account) NewInboundSessionFrom(from keys.Curve25519, m *PreKeyMessage) (*Session, error) {
	state := a.state.Lock()
	defer a.state.Unlock()
	s, err := state.begin(m, (*[32]byte)(&from))
	if err != nil {
		return nil, err
	}
	return s.guarded(), nil
}

// begin begins the session that m sets up. from, if not nil, is the identity key that m must come from.
func (a *account) begin(m *PreKeyMessage, from *[32]byte) (*session, error) {
	if !a.p.Created() {
		return nil, ErrWiped
	}
	s := new(session)
	if code := s.p.StartInbound(&a.p, a.oneTime, &m.m, from, wire.Strict); code != errcode.OK {
		return nil, failure.Of(code)
	}
	return s, nil
}
