//go:build goolm017

package main

import (
	"maunium.net/go/mautrix/crypto/goolm/account"
	"maunium.net/go/mautrix/crypto/goolm/session"
	"maunium.net/go/mautrix/id"

	"github.com/karst-im/karst/vectors/peers/internal/call"
)

func newAccount() (*account.Account, error) { return account.NewAccount(nil) }

func generateOneTimeKeys(a *account.Account, n uint) error { return a.GenOneTimeKeys(nil, n) }

func generateFallback(a *account.Account) error { return a.GenFallbackKey(nil) }

func keys(a *account.Account) (call.Response, error) {
	ed, curve := a.IdentityKeys()
	return call.Response{Ed25519: string(ed), Curve25519: string(curve), OneTime: texts(a.OneTimeKeys()), Fallback: texts(a.FallbackKey())}, nil
}

func outbound(a *account.Account, identity, oneTime id.Curve25519) (*session.OlmSession, error) {
	return a.NewOutboundSession(identity, oneTime)
}

func inbound(a *account.Account, identity id.Curve25519, message string) (*session.OlmSession, error) {
	return a.NewInboundSession(&identity, []byte(message))
}

func remove(a *account.Account, s *session.OlmSession) error {
	a.RemoveOneTimeKeys(s)
	return nil
}

func encrypt(s *session.OlmSession, plaintext []byte) (id.OlmMsgType, string, error) {
	kind, text, err := s.Encrypt(plaintext, nil)
	return kind, string(text), err
}

func decrypt(s *session.OlmSession, text string, kind id.OlmMsgType) ([]byte, error) {
	return s.Decrypt([]byte(text), kind)
}

func groupID(o interface{ SessionID() id.SessionID }) string { return string(o.SessionID()) }

func groupDecrypt(in *session.MegolmInboundSession, text string) ([]byte, uint32, error) {
	return in.Decrypt([]byte(text))
}

func groupExport(in *session.MegolmInboundSession, index uint32) (string, error) {
	text, err := in.SessionExportMessage(index)
	return string(text), err
}
