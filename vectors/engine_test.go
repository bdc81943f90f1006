package vectors_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/ratchet"
	"github.com/karst-im/karst/internal/wire"
)

// The engine as the C surface drives it: libolm's rules, storage of fixed size. It gives libolm's
// answers also where package olm has its own.

var engineOlm = olmSide{
	newAccount: func(_ *testing.T, random []byte) account {
		a := new(engineAccount)
		a.a.Create(random)
		return a
	},
	agrees: engineAgrees,
	libolm: true,
}

// codeError is an error with libolm's number.
type codeError errcode.Code

var codeNames = map[codeError]string{
	codeError(errcode.BadMessageVersion):      "BAD_MESSAGE_VERSION",
	codeError(errcode.BadMessageFormat):       "BAD_MESSAGE_FORMAT",
	codeError(errcode.BadMessageMAC):          "BAD_MESSAGE_MAC",
	codeError(errcode.BadMessageKeyID):        "BAD_MESSAGE_KEY_ID",
	codeError(errcode.InvalidBase64):          "INVALID_BASE64",
	codeError(errcode.BadAccountKey):          "BAD_ACCOUNT_KEY",
	codeError(errcode.UnknownPickleVersion):   "UNKNOWN_PICKLE_VERSION",
	codeError(errcode.CorruptedPickle):        "CORRUPTED_PICKLE",
	codeError(errcode.BadSessionKey):          "BAD_SESSION_KEY",
	codeError(errcode.UnknownMessageIndex):    "UNKNOWN_MESSAGE_INDEX",
	codeError(errcode.BadLegacyAccountPickle): "BAD_LEGACY_ACCOUNT_PICKLE",
	codeError(errcode.BadSignature):           "BAD_SIGNATURE",
	codeError(errcode.PickleExtraData):        "OLM_PICKLE_EXTRA_DATA",
}

func (c codeError) Error() string { return codeNames[c] }

func toError(c errcode.Code) error {
	if c == errcode.OK {
		return nil
	}
	return codeError(c.Libolm())
}

func engineAgrees(err error, verdict string) bool {
	switch verdict {
	case "OK", "":
		return err == nil
	case "REFUSED":
		return err != nil
	}
	return err != nil && err.Error() == verdict
}

func decode64(text string) ([]byte, error) {
	b := make([]byte, max(wire.DecodedLen(len(text)), 0))
	if !wire.Decode(b, []byte(text)) {
		return nil, codeError(errcode.InvalidBase64)
	}
	return b, nil
}

// notText reports whether text is not unpadded base64.
func notText(text string) bool {
	_, err := decode64(text)
	return err != nil
}

func key32(text string) *[32]byte { return (*[32]byte)(must(raw64.DecodeString(text))) }

func encode64(b []byte) string { return raw64.EncodeToString(b) }

func openPickle(key []byte, pickled string, read func(raw []byte) errcode.Code) error {
	raw, code := envelope.Open([]byte(pickled), key)
	if code == errcode.OK {
		code = read(raw)
	}
	return toError(code)
}

type engineAccount struct {
	a     protocol.Account
	store [protocol.MaxOneTimeKeys]protocol.OneTimeKey
}

func (a *engineAccount) identityKeys() string {
	return fmt.Sprintf(`{"curve25519":%q,"ed25519":%q}`, encode64(a.a.Curve25519()[:]), encode64(a.a.Ed25519()[:]))
}

func (a *engineAccount) sign(message []byte) string {
	var sig [64]byte
	a.a.Sign(&sig, message)
	return encode64(sig[:])
}

func (a *engineAccount) generateOneTimeKeys(_ *testing.T, n int, random []byte) {
	for i := range n {
		a.a.GenerateOneTimeKey(a.store[:], random[32*i:])
	}
}

func keysJSON(list ...*protocol.OneTimeKey) string {
	var parts []string
	for _, k := range list {
		id := k.ID()
		parts = append(parts, fmt.Sprintf("%q:%q", encode64([]byte{byte(id >> 24), byte(id >> 16), byte(id >> 8), byte(id)}), encode64(k.Public()[:])))
	}
	return `{"curve25519":{` + strings.Join(parts, ",") + `}}`
}

func (a *engineAccount) oneTimeKeys() string {
	var list []*protocol.OneTimeKey
	for i := a.a.OneTimeKeys() - 1; i >= 0; i-- {
		if k := &a.store[i]; !k.Published() {
			list = append(list, k)
		}
	}
	return keysJSON(list...)
}

func (a *engineAccount) markPublished() int { return a.a.MarkPublished(a.store[:]) }
func (a *engineAccount) forgetFallback()    { a.a.ForgetOldFallback() }

func (a *engineAccount) generateFallback(_ *testing.T, random []byte) {
	a.a.GenerateFallbackKey(random)
}

func (a *engineAccount) fallback() (current, unpublished string) {
	k := a.a.Fallback()
	if k == nil {
		return keysJSON(), keysJSON()
	}
	if current = keysJSON(k); k.Published() {
		return current, keysJSON()
	}
	return current, current
}

func (a *engineAccount) outbound(_ *testing.T, identity, oneTime string, random []byte) (session, error) {
	s := new(engineSession)
	return s, toError(s.s.StartOutbound(&a.a, key32(identity), key32(oneTime), random, wire.Lenient))
}

func (a *engineAccount) inbound(body, from string) (session, error) {
	raw, err := decode64(body)
	if err != nil {
		return nil, err
	}
	var m wire.PreKeyMessage
	if code := m.Decode(raw, wire.Lenient); code != errcode.OK {
		return nil, toError(code)
	}
	var identity *[32]byte
	if from != "" {
		identity = key32(from)
	}
	s := new(engineSession)
	return s, toError(s.s.StartInbound(&a.a, a.store[:], &m, identity, wire.Lenient))
}

func (a *engineAccount) remove(s session) bool {
	_, code := a.a.Remove(a.store[:], &s.(*engineSession).s)
	return code == errcode.OK
}

func (a *engineAccount) pickle(key []byte) string {
	out := make([]byte, a.a.PickleLen())
	a.a.Pickle(out, key, a.store[:])
	return string(out)
}

func (a *engineAccount) unpickle(key []byte, pickled string) error {
	return openPickle(key, pickled, func(raw []byte) errcode.Code { return a.a.Unpickle(raw, a.store[:], wire.Lenient) })
}

func (a *engineAccount) reload(t *testing.T, key []byte, pickled string) account {
	n := new(engineAccount)
	if err := n.unpickle(key, pickled); err != nil {
		t.Fatal(err)
	}
	return n
}

type engineSession struct {
	s         protocol.Session
	keys      [40]ratchet.SkippedKey
	forgotten [40]ratchet.ForgottenChain
}

func (s *engineSession) skipped() *ratchet.Skipped {
	return &ratchet.Skipped{Keys: s.keys[:], Forgotten: s.forgotten[:]}
}

func (s *engineSession) id() string {
	var id [32]byte
	s.s.ID(&id)
	return encode64(id[:])
}

func (s *engineSession) describe() string {
	r := s.s.Ratchet()
	out := fmt.Sprintf("sender chain index: %d receiver chain indices:", r.SendIndex())
	for i := range r.ReceivingChains() {
		out += fmt.Sprintf(" %d", r.ReceiveIndex(i))
	}
	out += " skipped message keys:"
	for i := range r.Skipped() {
		out += fmt.Sprintf(" %d", r.SkippedIndex(s.skipped(), i))
	}
	return out
}

func (s *engineSession) hasReceived() bool { return s.s.HasReceived() }

func (s *engineSession) oneTimeKey() string {
	_, _, oneTime := s.s.Keys()
	return encode64(oneTime[:])
}

func (s *engineSession) matches(body, from string) (bool, error) {
	raw, err := decode64(body)
	if err != nil {
		return false, err
	}
	var identity *[32]byte
	if from != "" {
		identity = key32(from)
	}
	var m wire.PreKeyMessage
	return m.Decode(raw, wire.Lenient) == errcode.OK && s.s.Matches(&m, identity), nil
}

func (s *engineSession) encrypt(t *testing.T, plaintext, random []byte) (int, string, error) {
	if s.s.NeedsRandom() != (len(random) > 0) {
		t.Errorf("%d random bytes, needed: %v", len(random), s.s.NeedsRandom())
	}
	kind, out := s.s.Type(), make([]byte, s.s.MessageLen(len(plaintext)))
	code := s.s.Encrypt(out, plaintext, random)
	return kind, encode64(out), toError(code)
}

func (s *engineSession) decrypt(messageType int, body string) ([]byte, error) {
	raw, err := decode64(body)
	if err != nil {
		return nil, err
	}
	if messageType != protocol.TypeNormal { // any other number means a pre-key message
		var outer wire.PreKeyMessage
		if code := outer.Decode(raw, wire.Lenient); code != errcode.OK {
			return nil, toError(code)
		}
		raw = outer.Message
	}
	// Callers ask for the length of the plaintext first.
	if _, code := wire.MaxPlaintextLen(raw); code != errcode.OK {
		return nil, toError(code)
	}
	var m wire.Message
	if code := m.Decode(raw, wire.Lenient); code != errcode.OK {
		return nil, toError(code)
	}
	var p ratchet.Pending
	out := make([]byte, len(m.Ciphertext))
	n, code := s.s.Decrypt(&p, s.skipped(), out, &m, wire.Lenient)
	if code != errcode.OK {
		return nil, toError(code)
	}
	s.s.Commit(&p, s.skipped())
	return out[:n], nil
}

func (s *engineSession) pickle(key []byte) string {
	out := make([]byte, s.s.PickleLen())
	s.s.Pickle(out, key, s.skipped())
	return string(out)
}

func (s *engineSession) unpickle(key []byte, pickled string) error {
	return openPickle(key, pickled, func(raw []byte) errcode.Code {
		var r protocol.SessionReader
		if code := r.Open(raw); code != errcode.OK {
			return code
		}
		return s.s.Unpickle(&r, s.skipped(), wire.Lenient)
	})
}

func (s *engineSession) reload(t *testing.T, key []byte, pickled string) session {
	n := new(engineSession)
	if err := n.unpickle(key, pickled); err != nil {
		t.Fatal(err)
	}
	return n
}
