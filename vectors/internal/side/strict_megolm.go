package side

import (
	"io"

	"github.com/karst-im/karst/megolm"
)

type strictSender struct{ g *megolm.OutboundSession }

func (strict) NewSender(random io.Reader) Sender {
	var g *megolm.OutboundSession
	Drawing(random, func() { g = megolm.NewOutboundSession() })
	return strictSender{g}
}

func (strict) UnpickleSender(key []byte, pickled string) (Sender, error) {
	g, err := megolm.UnpickleOutboundSession(key, []byte(pickled))
	if err == nil {
		err = g.Check()
	}
	if err != nil {
		return nil, err
	}
	return strictSender{g}, nil
}

func (g strictSender) Pickle(key []byte) string { return string(must(g.g.Pickle(key))) }
func (g strictSender) Free()                    { g.g.Wipe() }
func (g strictSender) ID() string               { return g.g.ID() }
func (g strictSender) Index() uint32            { return g.g.Index() }

func (g strictSender) SessionKey() string {
	k := must(g.g.SessionKey())
	return must(k.Base64())
}

func (g strictSender) Encrypt(plaintext []byte) (string, error) {
	m, err := g.g.Encrypt(plaintext)
	return m.String(), err
}

type strictReceiver struct{ g *megolm.InboundSession }

func received(g *megolm.InboundSession, err error) (Receiver, error) {
	if err != nil {
		return nil, err
	}
	return strictReceiver{g}, nil
}

func (strict) NewReceiver(sessionKey string) (Receiver, error) {
	k, err := megolm.ParseSessionKey(sessionKey)
	if err != nil {
		return nil, err
	}
	return received(megolm.NewInboundSession(k))
}

func (strict) ImportReceiver(exported string) (Receiver, error) {
	k, err := megolm.ParseExportedKey(exported)
	if err != nil {
		return nil, err
	}
	return received(megolm.ImportSession(k))
}

func (strict) UnpickleReceiver(key []byte, pickled string) (Receiver, error) {
	return received(megolm.UnpickleInboundSession(key, []byte(pickled)))
}

func (g strictReceiver) Pickle(key []byte) string { return string(must(g.g.Pickle(key))) }
func (g strictReceiver) Free()                    { g.g.Wipe() }
func (g strictReceiver) ID() string               { return g.g.ID() }
func (g strictReceiver) FirstKnown() uint32       { return g.g.FirstKnownIndex() }

func (g strictReceiver) Verified() bool {
	_, ok := g.g.VerifiedFrom()
	return ok
}

func (g strictReceiver) Decrypt(body string) (plaintext []byte, index uint32, err error) {
	var m megolm.Message
	if err := m.UnmarshalText([]byte(body)); err != nil {
		return nil, 0, TextError{err}
	}
	return g.g.Decrypt(m)
}

func (g strictReceiver) Export(index uint32) (string, error) {
	k, err := g.g.Export(index)
	if err != nil {
		return "", err
	}
	return k.Base64()
}
