package olm

import (
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/ratchet"
)

// SessionState is all that a Session is, for tests that nothing of it has changed. It is comparable, which makes
// many comparisons quick.
type SessionState struct {
	p       protocol.Session
	room    int
	skipped [ratchet.MaxSkipped]ratchet.SkippedKey
}

// State returns a copy of the whole of s.
func (s *Session) State() SessionState {
	state := s.state.Lock()
	defer s.state.Unlock()
	all := SessionState{p: state.p, room: len(state.skipped)}
	copy(all.skipped[:all.room], state.skipped) // panics if there is more than fits
	return all
}

// AccountState is all that an Account is.
type AccountState struct {
	p       protocol.Account
	room    int
	oneTime [MaxOneTimeKeys]protocol.OneTimeKey
}

// State returns a copy of the whole of a.
func (a *Account) State() AccountState {
	state := a.state.Lock()
	defer a.state.Unlock()
	all := AccountState{p: state.p, room: len(state.oneTime)}
	copy(all.oneTime[:all.room], state.oneTime)
	return all
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
