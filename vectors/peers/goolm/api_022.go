//go:build !goolm017 && !goolm021

package main

import (
	"maunium.net/go/mautrix/crypto/goolm/account"
	"maunium.net/go/mautrix/crypto/goolm/session"
	"maunium.net/go/mautrix/id"
)

func newAccount() (*account.Account, error) { return account.NewAccount() }

func generateOneTimeKeys(a *account.Account, n uint) error { return a.GenOneTimeKeys(n) }

func generateFallback(a *account.Account) error { return a.GenFallbackKey() }

func encrypt(s *session.OlmSession, plaintext []byte) (id.OlmMsgType, string, error) {
	kind, text, err := s.Encrypt(plaintext)
	return kind, string(text), err
}
