package differential

import (
	"io"

	"github.com/karst-im/karst/vectors/internal/side"
	"github.com/karst-im/karst/vectors/oracle/libolm"
)

// libolmSide is the real libolm.
type libolmSide struct{}

// draw returns the bytes that libolm says it needs.
func draw(random io.Reader, n int) []byte {
	b := make([]byte, n)
	must(io.ReadFull(random, b))
	return b
}

// made has no object where there is an error.
func made[T, O any](o *T, err error, wrap func(*T) O) (none O, _ error) {
	if err != nil {
		return none, err
	}
	return wrap(o), nil
}

type lAccount struct{ *libolm.Account }

func (libolmSide) NewAccount(random io.Reader) side.Account {
	return lAccount{must(libolm.NewAccount(draw(random, 64)))}
}

func (libolmSide) UnpickleAccount(key []byte, pickled string) (side.Account, error) {
	a, err := libolm.UnpickleAccount(key, pickled)
	return made(a, err, func(a *libolm.Account) side.Account { return lAccount{a} })
}

func (a lAccount) GenerateOneTimeKeys(n int, random io.Reader) error {
	_, err := a.Account.GenerateOneTimeKeys(n, draw(random, 32*n))
	return err
}

func (a lAccount) GenerateFallbackKey(random io.Reader) error {
	return a.Account.GenerateFallbackKey(draw(random, 32))
}

func lSessionOf(s *libolm.Session) side.Session { return lSession{s} }

func (a lAccount) Outbound(identity, oneTime string, random io.Reader) (side.Session, error) {
	s, err := libolm.NewOutboundSession(a.Account, identity, oneTime, draw(random, 64))
	return made(s, err, lSessionOf)
}

func (a lAccount) Inbound(from, body string) (side.Session, error) {
	if from == "" {
		s, err := libolm.NewInboundSession(a.Account, body)
		return made(s, err, lSessionOf)
	}
	s, err := libolm.NewInboundSessionFrom(a.Account, from, body)
	return made(s, err, lSessionOf)
}

func (a lAccount) Accept(from, body string) (side.Session, []byte, error) {
	s, err := a.Inbound(from, body)
	if err != nil {
		return nil, nil, err
	}
	plaintext, err := s.Decrypt(libolm.TypePreKey, body)
	if err != nil {
		s.Free()
		return nil, nil, err
	}
	must(a.Remove(s))
	return s, plaintext, nil
}

func (a lAccount) Remove(s side.Session) (uint32, error) {
	return a.RemoveOneTimeKeys(s.(lSession).Session)
}

type lSession struct{ *libolm.Session }

func (libolmSide) UnpickleSession(key []byte, pickled string) (side.Session, error) {
	s, err := libolm.UnpickleSession(key, pickled)
	return made(s, err, lSessionOf)
}

func (s lSession) Matches(from, body string) (bool, error) {
	if from == "" {
		return s.Session.Matches(body)
	}
	return s.MatchesFrom(from, body)
}

func (s lSession) Encrypt(plaintext []byte, random io.Reader) (kind int, body string, err error) {
	return s.Session.Encrypt(plaintext, draw(random, s.EncryptRandomLength()))
}

type lSender struct{ *libolm.OutboundGroup }

func (libolmSide) NewSender(random io.Reader) side.Sender {
	return lSender{must(libolm.NewOutboundGroup(draw(random, 160)))}
}

func (libolmSide) UnpickleSender(key []byte, pickled string) (side.Sender, error) {
	g, err := libolm.UnpickleOutboundGroup(key, pickled)
	return made(g, err, func(g *libolm.OutboundGroup) side.Sender { return lSender{g} })
}

func (g lSender) SessionKey() string { return g.Key() }

type lReceiver struct{ *libolm.InboundGroup }

func lReceiverOf(g *libolm.InboundGroup) side.Receiver { return lReceiver{g} }

func (libolmSide) NewReceiver(sessionKey string) (side.Receiver, error) {
	g, err := libolm.NewInboundGroup(sessionKey)
	return made(g, err, lReceiverOf)
}

func (libolmSide) ImportReceiver(exported string) (side.Receiver, error) {
	g, err := libolm.ImportInboundGroup(exported)
	return made(g, err, lReceiverOf)
}

func (libolmSide) UnpickleReceiver(key []byte, pickled string) (side.Receiver, error) {
	g, err := libolm.UnpickleInboundGroup(key, pickled)
	return made(g, err, lReceiverOf)
}

func (g lReceiver) FirstKnown() uint32 { return g.FirstKnownIndex() }
func (g lReceiver) Verified() bool     { return g.IsVerified() }
