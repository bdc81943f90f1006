package differential

import (
	"fmt"
	"strings"

	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/ratchet"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/vectors/oracle/libolm"
)

// The engine as the C surface drives it: libolm's rules, storage of fixed size.

// codeError is nil or libolm's code.
func codeError(c errcode.Code) error {
	if c == errcode.OK {
		return nil
	}
	return libolm.Code(c.Libolm())
}

func decode64(text string) ([]byte, error) {
	b, err := raw64.DecodeString(text)
	if err != nil {
		return nil, libolm.Code(errcode.InvalidBase64)
	}
	return b, nil
}

func key32(text string) *[32]byte { return (*[32]byte)(must(raw64.DecodeString(text))) }

func text(b []byte) string { return raw64.EncodeToString(b) }

func openPickle(key []byte, pickled string, read func(raw []byte) errcode.Code) error {
	raw, code := envelope.Open([]byte(pickled), key)
	if code == errcode.OK {
		code = read(raw)
	}
	return codeError(code)
}

var engineImpl = implementation{
	name: "engine",
	newAccount: func(random []byte) account {
		a := new(eAccount)
		a.a.Create(random)
		return a
	},
	newSender: func(random []byte) sender {
		g := new(eSender)
		g.g.Start(random)
		return g
	},
	inbound: func(key string) (receiver, error) {
		raw, err := decode64(key)
		if err != nil {
			return nil, err
		}
		g := new(eReceiver)
		return g, codeError(g.g.Start(raw))
	},
	imported: func(key string) (receiver, error) {
		raw, err := decode64(key)
		if err != nil {
			return nil, err
		}
		g := new(eReceiver)
		return g, codeError(g.g.Import(raw, wire.Lenient))
	},
}

type eAccount struct {
	a     protocol.Account
	store [protocol.MaxOneTimeKeys]protocol.OneTimeKey
}

func (a *eAccount) identityKeys() string {
	return fmt.Sprintf(`{"curve25519":%q,"ed25519":%q}`, text(a.a.Curve25519()[:]), text(a.a.Ed25519()[:]))
}

func (a *eAccount) sign(message []byte) string {
	var sig [64]byte
	a.a.Sign(&sig, message)
	return text(sig[:])
}

func (a *eAccount) generateOneTimeKeys(n int, random []byte) {
	for i := range n {
		a.a.GenerateOneTimeKey(a.store[:], random[32*i:])
	}
}

func keyJSON(list []*protocol.OneTimeKey) string {
	var parts []string
	for _, k := range list {
		id := k.ID()
		parts = append(parts, fmt.Sprintf("%q:%q", text([]byte{byte(id >> 24), byte(id >> 16), byte(id >> 8), byte(id)}), text(k.Public()[:])))
	}
	return `{"curve25519":{` + strings.Join(parts, ",") + `}}`
}

func (a *eAccount) oneTimeKeys() string {
	var list []*protocol.OneTimeKey
	for i := a.a.OneTimeKeys() - 1; i >= 0; i-- {
		if k := &a.store[i]; !k.Published() {
			list = append(list, k)
		}
	}
	return keyJSON(list)
}

func (a *eAccount) markPublished() int             { return a.a.MarkPublished(a.store[:]) }
func (a *eAccount) generateFallback(random []byte) { a.a.GenerateFallbackKey(random) }
func (a *eAccount) forgetFallback()                { a.a.ForgetOldFallback() }
func (a *eAccount) free()                          { a.a.Wipe(a.store[:]) }

func (a *eAccount) unpublishedFallback() string {
	if k := a.a.Fallback(); k != nil && !k.Published() {
		return keyJSON([]*protocol.OneTimeKey{k})
	}
	return keyJSON(nil)
}

func (a *eAccount) outbound(identity, oneTime string, random []byte) (session, error) {
	s := new(eSession)
	return s, codeError(s.s.StartOutbound(&a.a, key32(identity), key32(oneTime), random, wire.Lenient))
}

func (a *eAccount) inbound(from, body string) (session, []byte, error) {
	raw, err := decode64(body)
	if err != nil {
		return nil, nil, err
	}
	var m wire.PreKeyMessage
	if code := m.Decode(raw, wire.Lenient); code != errcode.OK {
		return nil, nil, codeError(code)
	}
	s := new(eSession)
	if code := s.s.StartInbound(&a.a, a.store[:], &m, key32(from), wire.Lenient); code != errcode.OK {
		return nil, nil, codeError(code)
	}
	plaintext, err := s.decrypt(protocol.TypePreKey, body)
	if err != nil {
		return nil, nil, err
	}
	_, code := a.a.Remove(a.store[:], &s.s)
	return s, plaintext, codeError(code)
}

func (a *eAccount) pickle(key []byte) string {
	out := make([]byte, a.a.PickleLen())
	a.a.Pickle(out, key, a.store[:])
	return string(out)
}

func (a *eAccount) unpickle(key []byte, pickled string) (account, error) {
	n := new(eAccount)
	return n, openPickle(key, pickled, func(raw []byte) errcode.Code { return n.a.Unpickle(raw, n.store[:], wire.Lenient) })
}

type eSession struct {
	s         protocol.Session
	keys      [40]ratchet.SkippedKey
	forgotten [40]ratchet.ForgottenChain
}

func (s *eSession) skipped() *ratchet.Skipped {
	return &ratchet.Skipped{Keys: s.keys[:], Forgotten: s.forgotten[:]}
}

func (s *eSession) id() string {
	var id [32]byte
	s.s.ID(&id)
	return text(id[:])
}

func (s *eSession) describe() string {
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

func (s *eSession) hasReceived() bool { return s.s.HasReceived() }
func (s *eSession) needsRandom() bool { return s.s.NeedsRandom() }
func (s *eSession) free()             { s.s.Wipe() }

func (s *eSession) matches(body string) bool {
	raw, err := decode64(body)
	var m wire.PreKeyMessage
	return err == nil && m.Decode(raw, wire.Lenient) == errcode.OK && s.s.Matches(&m, nil)
}

func (s *eSession) encrypt(plaintext, random []byte) (int, string, error) {
	kind, out := s.s.Type(), make([]byte, s.s.MessageLen(len(plaintext)))
	code := s.s.Encrypt(out, plaintext, random)
	return kind, text(out), codeError(code)
}

func (s *eSession) decrypt(messageType int, body string) ([]byte, error) {
	raw, err := decode64(body)
	if err != nil {
		return nil, err
	}
	if messageType == protocol.TypePreKey {
		var outer wire.PreKeyMessage
		if code := outer.Decode(raw, wire.Lenient); code != errcode.OK {
			return nil, codeError(code)
		}
		raw = outer.Message
	}
	if _, code := wire.MaxPlaintextLen(raw); code != errcode.OK { // callers ask that first
		return nil, codeError(code)
	}
	var m wire.Message
	if code := m.Decode(raw, wire.Lenient); code != errcode.OK {
		return nil, codeError(code)
	}
	var p ratchet.Pending
	out := make([]byte, len(m.Ciphertext))
	n, code := s.s.Decrypt(&p, s.skipped(), out, &m, wire.Lenient)
	if code != errcode.OK {
		return nil, codeError(code)
	}
	s.s.Commit(&p, s.skipped())
	return out[:n], nil
}

func (s *eSession) pickle(key []byte) string {
	out := make([]byte, s.s.PickleLen())
	s.s.Pickle(out, key, s.skipped())
	return string(out)
}

func (s *eSession) unpickle(key []byte, pickled string) (session, error) {
	n := new(eSession)
	return n, openPickle(key, pickled, func(raw []byte) errcode.Code {
		var r protocol.SessionReader
		if code := r.Open(raw); code != errcode.OK {
			return code
		}
		return n.s.Unpickle(&r, n.skipped(), wire.Lenient)
	})
}

type eSender struct{ g protocol.OutboundGroup }

func (g *eSender) id() string    { return text(g.g.Public()[:]) }
func (g *eSender) index() uint32 { return g.g.Index() }
func (g *eSender) free()         { g.g.Wipe() }

func (g *eSender) sessionKey() string {
	out := make([]byte, protocol.SessionKeyLen)
	g.g.SessionKey(out)
	return text(out)
}

func (g *eSender) encrypt(plaintext []byte) string {
	out := make([]byte, g.g.MessageLen(len(plaintext)))
	if err := codeError(g.g.Encrypt(out, plaintext)); err != nil {
		panic(err)
	}
	return text(out)
}

func (g *eSender) pickle(key []byte) string {
	out := make([]byte, protocol.OutboundPickleLen)
	g.g.Pickle(out, key)
	return string(out)
}

func (g *eSender) unpickle(key []byte, pickled string) (sender, error) {
	n := new(eSender)
	return n, openPickle(key, pickled, func(raw []byte) errcode.Code { return n.g.Unpickle(raw, wire.Lenient) })
}

type eReceiver struct{ g protocol.InboundGroup }

func (g *eReceiver) firstKnown() uint32 { return g.g.FirstKnownIndex() }
func (g *eReceiver) free()              { g.g.Wipe() }

func (g *eReceiver) verified() bool {
	_, ok := g.g.VerifiedFrom() // libolm's flag
	return ok
}

func (g *eReceiver) decrypt(body string) ([]byte, uint32, error) {
	raw, err := decode64(body)
	if err != nil {
		return nil, 0, err
	}
	var m wire.GroupMessage
	if code := m.Decode(raw, wire.Lenient); code != errcode.OK {
		return nil, 0, codeError(code)
	}
	out := make([]byte, len(m.Ciphertext))
	n, code := g.g.Decrypt(out, &m, wire.Lenient)
	if code != errcode.OK {
		return nil, m.Index, codeError(code)
	}
	return out[:n], m.Index, nil
}

func (g *eReceiver) export(index uint32) (string, error) {
	out := make([]byte, protocol.ExportLen)
	if code := g.g.Export(out, index, wire.Lenient); code != errcode.OK {
		return "", codeError(code)
	}
	return text(out), nil
}

func (g *eReceiver) pickle(key []byte) string {
	out := make([]byte, protocol.InboundPickleLen)
	g.g.Pickle(out, key, wire.Lenient)
	return string(out)
}

func (g *eReceiver) unpickle(key []byte, pickled string) (receiver, error) {
	n := new(eReceiver)
	return n, openPickle(key, pickled, func(raw []byte) errcode.Code { return n.g.Unpickle(raw, wire.Lenient) })
}
