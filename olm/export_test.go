package olm

import (
	"slices"

	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/ratchet"
)

// SessionState is all that a Session is, for tests that nothing of it has changed.
type SessionState struct {
	p       protocol.Session
	skipped []ratchet.SkippedKey
}

// State returns a copy of the whole of s.
func (s *Session) State() SessionState {
	state := s.state.Lock()
	defer s.state.Unlock()
	return SessionState{state.p, slices.Clone(state.skipped)}
}

// Equal reports whether x and y are the same bit for bit.
func (x SessionState) Equal(y SessionState) bool {
	return x.p == y.p && slices.Equal(x.skipped, y.skipped)
}

// AccountState is all that an Account is.
type AccountState struct {
	p       protocol.Account
	oneTime []protocol.OneTimeKey
}

// State returns a copy of the whole of a.
func (a *Account) State() AccountState {
	state := a.state.Lock()
	defer a.state.Unlock()
	return AccountState{state.p, slices.Clone(state.oneTime)}
}

// Equal reports whether x and y are the same bit for bit.
func (x AccountState) Equal(y AccountState) bool {
	return x.p == y.p && slices.Equal(x.oneTime, y.oneTime)
}

// SkippedKeys returns how many keys s keeps, and how many it has storage for.
func (s *Session) SkippedKeys() (kept, room int) {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.p.Ratchet().Skipped(), len(state.skipped)
}

// OneTimeStorage returns the memory in which a keeps its one-time keys.
func (a *Account) OneTimeStorage() []protocol.OneTimeKey {
	state := a.state.Lock()
	defer a.state.Unlock()
	return state.oneTime
}

// SkippedStorage returns the memory in which s keeps the keys of late messages.
func (s *Session) SkippedStorage() []ratchet.SkippedKey {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.skipped
}
