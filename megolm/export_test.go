package megolm

import "github.com/karst-im/karst/internal/protocol"

// InboundState is all that an InboundSession is, for tests that nothing of it has changed.
type InboundState = protocol.InboundGroup

// State returns a copy of the whole of s.
func (s *InboundSession) State() InboundState {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.p
}

// OutboundState is all that an OutboundSession is.
type OutboundState = protocol.OutboundGroup

// State returns a copy of the whole of s.
func (s *OutboundSession) State() OutboundState {
	state := s.state.Lock()
	defer s.state.Unlock()
	return state.p
}
