package olm

import (
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/failure"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/keys"
)

// MessageType tells the two kinds of message apart; the values are those of Matrix events.
type MessageType int

const (
	// PreKey messages carry what sets up a session. A session sends them until it has received one.
	PreKey MessageType = 0
	// Normal messages carry nothing but a ratchet key and the ciphertext.
	Normal MessageType = 1
)

// Body is the body of a message: raw bytes, which as text, and so in JSON, are unpadded base64.
type Body []byte

// Message is an encrypted message. In JSON it is what an m.room.encrypted event holds for a device:
// {"type":0,"body":"..."}.
type Message struct {
	Type MessageType `json:"type"`
	Body Body        `json:"body"`
}

// String returns the unpadded base64 of b.
func (b Body) String() string { return wire.Text(b) }

// AppendText implements encoding.TextAppender.
func (b Body) AppendText(dst []byte) ([]byte, error) { return wire.AppendText(dst, b), nil }

// MarshalText implements encoding.TextMarshaler.
func (b Body) MarshalText() ([]byte, error) { return wire.AppendText(nil, b), nil }

// UnmarshalText implements encoding.TextUnmarshaler. It returns ErrMessageFormat if text is not
// base64, with or without padding; b is then unchanged.
func (b *Body) UnmarshalText(text []byte) error {
	raw, ok := wire.ParseText(text)
	if !ok {
		return ErrMessageFormat
	}
	*b = raw
	return nil
}

// PreKeyMessage is a pre-key message taken apart. Nothing in it is authenticated. As text, and so in JSON, it
// is its body in unpadded base64.
type PreKeyMessage struct {
	body []byte
	m    wire.PreKeyMessage
}

// ParsePreKeyMessage takes the body of a pre-key message apart, which must not change as long as
// the result is in use. It returns ErrMessageFormat or ErrMessageVersion.
func ParsePreKeyMessage(body []byte) (*PreKeyMessage, error) {
	p := &PreKeyMessage{body: body}
	if code := p.m.Decode(body, wire.Strict); code != errcode.OK {
		return nil, failure.Of(code)
	}
	return p, nil
}

// AppendText implements encoding.TextAppender. It returns ErrMessageFormat if p is the zero value.
func (p PreKeyMessage) AppendText(dst []byte) ([]byte, error) {
	if len(p.body) == 0 {
		return nil, ErrMessageFormat
	}
	return wire.AppendText(dst, p.body), nil
}

// MarshalText implements encoding.TextMarshaler. It returns ErrMessageFormat if p is the zero value.
func (p PreKeyMessage) MarshalText() ([]byte, error) { return p.AppendText(nil) }

// UnmarshalText implements encoding.TextUnmarshaler, and is ParsePreKeyMessage for base64, with or without
// padding. On an error p is unchanged.
func (p *PreKeyMessage) UnmarshalText(text []byte) error {
	body, ok := wire.ParseText(text)
	if !ok {
		return ErrMessageFormat
	}
	parsed, err := ParsePreKeyMessage(body)
	if err != nil {
		return err
	}
	*p = *parsed
	return nil
}

// IdentityKey returns the identity key of the sender.
func (p *PreKeyMessage) IdentityKey() keys.Curve25519 { return publicKey(p.m.IdentityKey) }

// BaseKey returns the key that the sender made for the session.
func (p *PreKeyMessage) BaseKey() keys.Curve25519 { return publicKey(p.m.BaseKey) }

// OneTimeKey returns the one-time or fallback key of the receiver that the session is set up with.
func (p *PreKeyMessage) OneTimeKey() keys.Curve25519 { return publicKey(p.m.OneTimeKey) }

// Message returns the message inside.
func (p *PreKeyMessage) Message() Message { return Message{Normal, p.m.Message} }

// SessionID returns the id of the session that p sets up, as Session.ID does. It is what tells a message that
// came before: see [Account.Accept].
func (p *PreKeyMessage) SessionID() string {
	var id [32]byte
	if len(p.m.IdentityKey) == 0 {
		return ""
	}
	protocol.PreKeySessionID(&id, &p.m)
	return wire.Text(id[:])
}

func publicKey(b []byte) (k keys.Curve25519) {
	copy(k[:], b)
	return k
}
