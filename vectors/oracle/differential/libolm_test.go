package differential

import "github.com/karst-im/karst/vectors/oracle/libolm"

var libolmImpl = implementation{
	name:       "libolm",
	newAccount: func(random []byte) account { return lAccount{must(libolm.NewAccount(random))} },
	newSender:  func(random []byte) sender { return lSender{must(libolm.NewOutboundGroup(random))} },
	inbound: func(key string) (receiver, error) {
		g, err := libolm.NewInboundGroup(key)
		return lReceiver{g}, err
	},
	imported: func(key string) (receiver, error) {
		g, err := libolm.ImportInboundGroup(key)
		return lReceiver{g}, err
	},
}

type lAccount struct{ a *libolm.Account }

func (a lAccount) identityKeys() string        { return a.a.IdentityKeys() }
func (a lAccount) sign(message []byte) string  { return a.a.Sign(message) }
func (a lAccount) oneTimeKeys() string         { return a.a.OneTimeKeys() }
func (a lAccount) markPublished() int          { return a.a.MarkPublished() }
func (a lAccount) unpublishedFallback() string { return a.a.UnpublishedFallbackKey() }
func (a lAccount) forgetFallback()             { a.a.ForgetOldFallbackKey() }
func (a lAccount) pickle(key []byte) string    { return a.a.Pickle(key) }
func (a lAccount) free()                       { a.a.Free() }

func (a lAccount) generateOneTimeKeys(n int, random []byte) {
	must(a.a.GenerateOneTimeKeys(n, random))
}

func (a lAccount) generateFallback(random []byte) {
	if err := a.a.GenerateFallbackKey(random); err != nil {
		panic(err)
	}
}

func (a lAccount) unpickle(key []byte, pickled string) (account, error) {
	n, err := libolm.UnpickleAccount(key, pickled)
	return lAccount{n}, err
}

func (a lAccount) outbound(identity, oneTime string, random []byte) (session, error) {
	s, err := libolm.NewOutboundSession(a.a, identity, oneTime, random)
	return lSession{s}, err
}

func (a lAccount) inbound(from, body string) (session, []byte, error) {
	s, err := libolm.NewInboundSessionFrom(a.a, from, body)
	if err != nil {
		return nil, nil, err
	}
	plaintext, err := s.Decrypt(libolm.TypePreKey, body)
	if err != nil {
		s.Free()
		return nil, nil, err
	}
	must(a.a.RemoveOneTimeKeys(s))
	return lSession{s}, plaintext, nil
}

type lSession struct{ s *libolm.Session }

func (s lSession) id() string               { return s.s.ID() }
func (s lSession) describe() string         { return s.s.Describe() }
func (s lSession) hasReceived() bool        { return s.s.HasReceived() }
func (s lSession) needsRandom() bool        { return s.s.EncryptRandomLength() > 0 }
func (s lSession) pickle(key []byte) string { return s.s.Pickle(key) }
func (s lSession) free()                    { s.s.Free() }

func (s lSession) matches(body string) bool {
	ok, err := s.s.Matches(body)
	return ok && err == nil
}

func (s lSession) encrypt(plaintext, random []byte) (int, string, error) {
	return s.s.Encrypt(plaintext, random)
}

func (s lSession) decrypt(messageType int, body string) ([]byte, error) {
	return s.s.Decrypt(messageType, body)
}

func (s lSession) unpickle(key []byte, pickled string) (session, error) {
	n, err := libolm.UnpickleSession(key, pickled)
	return lSession{n}, err
}

type lSender struct{ g *libolm.OutboundGroup }

func (g lSender) id() string                      { return g.g.ID() }
func (g lSender) index() uint32                   { return g.g.Index() }
func (g lSender) sessionKey() string              { return g.g.Key() }
func (g lSender) encrypt(plaintext []byte) string { return must(g.g.Encrypt(plaintext)) }
func (g lSender) pickle(key []byte) string        { return g.g.Pickle(key) }
func (g lSender) free()                           { g.g.Free() }

func (g lSender) unpickle(key []byte, pickled string) (sender, error) {
	n, err := libolm.UnpickleOutboundGroup(key, pickled)
	return lSender{n}, err
}

type lReceiver struct{ g *libolm.InboundGroup }

func (g lReceiver) firstKnown() uint32                  { return g.g.FirstKnownIndex() }
func (g lReceiver) verified() bool                      { return g.g.IsVerified() }
func (g lReceiver) export(index uint32) (string, error) { return g.g.Export(index) }
func (g lReceiver) pickle(key []byte) string            { return g.g.Pickle(key) }
func (g lReceiver) free()                               { g.g.Free() }

func (g lReceiver) decrypt(body string) ([]byte, uint32, error) { return g.g.Decrypt(body) }

func (g lReceiver) unpickle(key []byte, pickled string) (receiver, error) {
	n, err := libolm.UnpickleInboundGroup(key, pickled)
	return lReceiver{n}, err
}
