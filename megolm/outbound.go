package megolm

import (
	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/pickle"
)

// outbound is the state of an OutboundSession, whose methods call those of the same name, and document them.
type outbound struct {
	handle OutboundSession // what programs have of it, in the same allocation
	p      protocol.OutboundGroup
}

func newOutbound() *outbound {
	secret.GrowStack()
	s := new(outbound)
	var random [protocol.GroupRandomLen]byte
	entropy.Fill(random[:])
	s.p.Start(random[:])
	secret.Wipe(random[:])
	return s
}

func (s *outbound) ID() string { return id(s.p.Created(), s.p.Public()) }

func id(created bool, public *[32]byte) string {
	if !created {
		return ""
	}
	return wire.Text(public[:])
}

func (s *outbound) Index() uint32 { return s.p.Index() }

func (s *outbound) SessionKey() (SessionKey, error) {
	secret.GrowStack()
	if !s.p.Created() {
		return SessionKey{}, ErrWiped
	}
	raw := new([SessionKeyLen]byte)
	s.p.SessionKey(raw[:])
	return SessionKey{raw: hide(raw)}, nil
}

func (s *outbound) MessageLen(n int) int { return s.p.MessageLen(n) }

func (s *outbound) Encrypt(plaintext []byte) (Message, error) {
	return s.AppendEncrypt(nil, plaintext)
}

func (s *outbound) AppendEncrypt(dst, plaintext []byte) ([]byte, error) {
	secret.GrowStack()
	if !s.p.Created() {
		return nil, ErrWiped
	}
	dst, tail := wire.Grow(dst, s.p.MessageLen(len(plaintext)))
	if code := s.p.Encrypt(tail, plaintext); code != errcode.OK {
		return nil, failure(code)
	}
	return dst, nil
}

func (s *outbound) Wipe() { s.p.Wipe() }

func (s *outbound) Pickle(key []byte) ([]byte, error) { return s.AppendPickle(nil, key) }

func (s *outbound) AppendPickle(dst, key []byte) ([]byte, error) {
	secret.GrowStack()
	if !s.p.Created() {
		return nil, ErrWiped
	}
	dst, tail := wire.Grow(dst, protocol.OutboundPickleLen)
	s.p.Pickle(tail, key)
	return dst, nil
}

func unpickleOutbound(key, pickled []byte) (*outbound, error) {
	secret.GrowStack()
	s := new(outbound)
	code := open(key, pickled, func(raw []byte) errcode.Code { return s.p.Unpickle(raw, protocol.Strict) })
	if code != errcode.OK {
		s.Wipe()
		return nil, failure(code)
	}
	return s, nil
}

// open hands the contents of a pickle to read, and wipes them.
func open(key, pickled []byte, read func(raw []byte) errcode.Code) errcode.Code {
	buf := make([]byte, len(pickled))
	copy(buf, pickled)
	raw, code := pickle.Open(buf, key)
	if code == errcode.OK {
		code = read(raw)
	}
	secret.Wipe(buf)
	return code
}

func (s *outbound) Check() error {
	secret.GrowStack()
	if !s.p.Created() {
		return ErrWiped
	}
	return failure(s.p.Check())
}
