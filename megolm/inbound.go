package megolm

import (
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/wire"
)

// inbound is the state of an InboundSession, whose methods call those of the same name, and document them.
type inbound struct {
	handle InboundSession // what programs have of it, in the same allocation
	p      protocol.InboundGroup
}

func newInbound(k SessionKey) (*inbound, error) {
	secret.GrowStack()
	s := new(inbound)
	if code := s.p.Start(k.bytes()); code != errcode.OK {
		return nil, failure(code)
	}
	return s, nil
}

func importInbound(k ExportedKey) (*inbound, error) {
	secret.GrowStack()
	s := new(inbound)
	if code := s.p.Import(k.bytes(), protocol.Strict); code != errcode.OK {
		return nil, failure(code)
	}
	return s, nil
}

func (s *inbound) ID() string { return id(s.p.Created(), s.p.Public()) }

func (s *inbound) FirstKnownIndex() uint32 { return s.p.FirstKnownIndex() }

func (s *inbound) Verified() bool { return s.p.Verified() }

func (s *inbound) VerifiedFrom() (index uint32, ok bool) { return s.p.VerifiedFrom() }

func (s *inbound) Decrypt(m Message) (plaintext []byte, index uint32, err error) {
	return s.AppendDecrypt(nil, m)
}

func (s *inbound) AppendDecrypt(dst []byte, m Message) (plaintext []byte, index uint32, err error) {
	secret.GrowStack()
	if !s.p.Created() {
		return nil, 0, ErrWiped
	}
	var w wire.GroupMessage
	if code := w.Decode(m, protocol.Strict); code != errcode.OK {
		return nil, 0, failure(code)
	}
	before := len(dst)
	dst, tail := wire.Grow(dst, len(w.Ciphertext))
	n, code := s.p.Decrypt(tail, &w, protocol.Strict)
	if code != errcode.OK {
		return nil, 0, s.failure(code, w.Index)
	}
	return dst[:before+n], w.Index, nil
}

func (s *inbound) failure(code errcode.Code, index uint32) error {
	if code == errcode.UnknownMessageIndex {
		return &UnknownIndexError{index, s.p.FirstKnownIndex()}
	}
	return failure(code)
}

func (s *inbound) Export(index uint32) (ExportedKey, error) {
	secret.GrowStack()
	if !s.p.Created() {
		return ExportedKey{}, ErrWiped
	}
	raw := new([ExportedKeyLen]byte)
	if code := s.p.Export(raw[:], index, protocol.Strict); code != errcode.OK {
		return ExportedKey{}, s.failure(code, index)
	}
	return ExportedKey{raw: hide(raw)}, nil
}

func (s *inbound) Advance(index uint32) error {
	secret.GrowStack()
	if !s.p.Created() {
		return ErrWiped
	}
	return s.failure(s.p.Advance(index), index)
}

// Order says how two inbound sessions relate.
type Order int

const (
	Unrelated Order = Order(protocol.Unrelated) // the second contradicts the first, and is not better proven
	Equal     Order = Order(protocol.Equal)     // both know the same messages
	Better    Order = Order(protocol.Better)    // the first knows earlier messages, or the second is forged there
	Worse     Order = Order(protocol.Worse)     // the second knows earlier messages, or proves what the first doesn't
)

func (s *inbound) Compare(o *inbound) Order {
	secret.GrowStack()
	if !s.p.Created() || !o.p.Created() {
		return Unrelated
	}
	return Order(s.p.Compare(&o.p))
}

func (s *inbound) Merge(o *inbound) error {
	secret.GrowStack()
	if !s.p.Created() || !o.p.Created() {
		return ErrWiped
	}
	if !s.p.Merge(&o.p) {
		return ErrUnrelated
	}
	return nil
}

func (s *inbound) Wipe() { s.p.Wipe() }

func (s *inbound) Pickle(key []byte) ([]byte, error) { return s.AppendPickle(nil, key) }

func (s *inbound) AppendPickle(dst, key []byte) ([]byte, error) {
	secret.GrowStack()
	if !s.p.Created() {
		return nil, ErrWiped
	}
	dst, tail := wire.Grow(dst, protocol.InboundPickleLen)
	s.p.Pickle(tail, key, protocol.Strict)
	return dst, nil
}

func unpickleInbound(key, pickled []byte) (*inbound, error) {
	secret.GrowStack()
	s := new(inbound)
	code := open(key, pickled, func(raw []byte) errcode.Code { return s.p.Unpickle(raw, protocol.Strict) })
	if code != errcode.OK {
		s.Wipe()
		return nil, failure(code)
	}
	return s, nil
}
