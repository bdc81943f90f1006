package side

import (
	"bytes"
	"io"
	"strings"

	"github.com/karst-im/karst/internal/cabi"
)

type libolmAccount struct{ object[cabi.Account] }

func (libolm) NewAccount(random io.Reader) Account {
	a := libolmAccount{construct[cabi.Account]()}
	must(a.check(a.at().Create(draw(random, cabi.CreateAccountRandomLen))))
	return a
}

func (libolm) UnpickleAccount(key []byte, pickled string) (Account, error) {
	a := libolmAccount{construct[cabi.Account]()}
	if _, err := a.check(a.at().Unpickle(key, []byte(pickled))); err != nil {
		return nil, err
	}
	return a, nil
}

func (a libolmAccount) Pickle(key []byte) string {
	return must(a.write(a.at().PickleLen(), func(out []byte) uint { return a.at().Pickle(key, out) }))
}

func (a libolmAccount) IdentityKeys() string {
	return must(a.write(uint(cabi.IdentityKeysLen), a.at().IdentityKeys))
}

func (a libolmAccount) Sign(message []byte) string {
	return must(a.write(cabi.SignatureLen, func(out []byte) uint { return a.at().Sign(message, out) }))
}

func (a libolmAccount) GenerateOneTimeKeys(n int, random io.Reader) error {
	_, err := a.check(a.at().GenerateOneTimeKeys(uint(n), draw(random, cabi.OneTimeKeyRandomLen(uint(n)))))
	return err
}

func (a libolmAccount) OneTimeKeys() string {
	return must(a.write(a.at().OneTimeKeysLen(), a.at().OneTimeKeys))
}

func (a libolmAccount) MaxOneTimeKeys() int { return cabi.MaxOneTimeKeys }

// OneTimeKeyCount returns how many one-time keys are kept, published ones too: all of them would give way to as many
// new ones as there is room for.
func (a libolmAccount) OneTimeKeyCount() int {
	list := must(a.write(cabi.DroppedKeysLen, func(out []byte) uint { return a.at().DroppedKeys(cabi.MaxOneTimeKeys, out) }))
	return strings.Count(list, `":"`)
}

func (a libolmAccount) MarkPublished() int { return int(a.at().MarkKeysAsPublished()) }

func (a libolmAccount) GenerateFallbackKey(random io.Reader) error {
	_, err := a.check(a.at().GenerateFallbackKey(draw(random, cabi.FallbackKeyRandomLen)))
	return err
}

func (a libolmAccount) FallbackKey() string            { return a.fallback(true) }
func (a libolmAccount) UnpublishedFallbackKey() string { return a.fallback(false) }
func (a libolmAccount) ForgetOldFallbackKey()          { a.at().ForgetOldFallbackKey() }

func (a libolmAccount) fallback(published bool) string {
	return must(a.write(a.at().FallbackKeyLen(published), func(out []byte) uint { return a.at().FallbackKey(published, out) }))
}

func (a libolmAccount) Outbound(identity, oneTime string, random io.Reader) (Session, error) {
	s := libolmSession{construct[cabi.Session]()}
	drawn := draw(random, cabi.CreateOutboundRandomLen)
	if _, err := s.check(s.at().CreateOutbound(a.at(), []byte(identity), []byte(oneTime), drawn)); err != nil {
		return nil, err
	}
	return s, nil
}

func (a libolmAccount) Inbound(from, body string) (Session, error) {
	s := libolmSession{construct[cabi.Session]()}
	var result uint
	if from == "" {
		result = s.at().CreateInbound(a.at(), []byte(body))
	} else {
		result = s.at().CreateInboundFrom(a.at(), []byte(from), []byte(body))
	}
	if _, err := s.check(result); err != nil {
		return nil, err
	}
	return s, nil
}

func (a libolmAccount) Accept(from, body string) (Session, []byte, error) {
	s, err := a.Inbound(from, body)
	if err != nil {
		return nil, nil, err
	}
	plaintext, err := s.Decrypt(0, body)
	if err == nil {
		_, err = a.Remove(s)
	}
	if err != nil {
		s.Free()
		return nil, nil, err
	}
	return s, plaintext, nil
}

func (a libolmAccount) Remove(s Session) (uint32, error) {
	id, err := a.check(a.at().RemoveOneTimeKeys(s.(libolmSession).at()))
	return uint32(id), err
}

type libolmSession struct{ object[cabi.Session] }

func (libolm) UnpickleSession(key []byte, pickled string) (Session, error) {
	s := libolmSession{construct[cabi.Session]()}
	if _, err := s.check(s.at().Unpickle(key, []byte(pickled))); err != nil {
		return nil, err
	}
	return s, nil
}

func (s libolmSession) Pickle(key []byte) string {
	return must(s.write(s.at().PickleLen(), func(out []byte) uint { return s.at().Pickle(key, out) }))
}

func (s libolmSession) ID() string        { return must(s.write(cabi.SessionIDLen, s.at().ID)) }
func (s libolmSession) HasReceived() bool { return s.at().HasReceivedMessage() }

func (s libolmSession) Describe() string {
	out := make([]byte, 1024) // olm.h promises that 600 do
	s.at().Describe(out)
	return string(out[:bytes.IndexByte(out, 0)])
}

func (s libolmSession) Matches(from, body string) (bool, error) {
	var result uint
	if from == "" {
		result = s.at().MatchesInbound([]byte(body))
	} else {
		result = s.at().MatchesInboundFrom([]byte(from), []byte(body))
	}
	yes, err := s.check(result)
	return yes == 1, err
}

func (s libolmSession) Encrypt(plaintext []byte, random io.Reader) (kind int, body string, err error) {
	kind = int(s.at().EncryptMessageType())
	drawn := draw(random, s.at().EncryptRandomLen())
	body, err = s.write(s.at().EncryptMessageLen(uint(len(plaintext))), func(out []byte) uint {
		return s.at().Encrypt(plaintext, drawn, out)
	})
	return kind, body, err
}

func (s libolmSession) Decrypt(kind int, body string) ([]byte, error) {
	room, err := s.check(s.at().DecryptMaxPlaintextLen(uint(kind), []byte(body)))
	if err != nil {
		return nil, err
	}
	out := make([]byte, room)
	n, err := s.check(s.at().Decrypt(uint(kind), []byte(body), out))
	if err != nil {
		return nil, err
	}
	return out[:n], nil
}
