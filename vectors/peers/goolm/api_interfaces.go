//go:build !goolm017

package main

import (
	"maunium.net/go/mautrix/crypto/goolm/account"
	"maunium.net/go/mautrix/crypto/goolm/session"
	"maunium.net/go/mautrix/id"

	"github.com/karst-im/karst/vectors/peers/internal/call"
)

// From 0.21 on the objects are what the interfaces of mautrix's crypto/olm ask for.

func keys(a *account.Account) (r call.Response, err error) {
	ed, curve, err := a.IdentityKeys()
	if err != nil {
		return r, err
	}
	oneTime, err := a.OneTimeKeys()
	return keysResponse(ed, curve, oneTime, a.FallbackKey()), err
}

func keysResponse(ed id.Ed25519, curve id.Curve25519, oneTime, fallback map[string]id.Curve25519) call.Response {
	return call.Response{Ed25519: string(ed), Curve25519: string(curve), OneTime: texts(oneTime), Fallback: texts(fallback)}
}

func outbound(a *account.Account, identity, oneTime id.Curve25519) (*session.OlmSession, error) {
	s, err := a.NewOutboundSession(identity, oneTime)
	if err != nil {
		return nil, err
	}
	return s.(*session.OlmSession), nil
}

func inbound(a *account.Account, identity id.Curve25519, message string) (*session.OlmSession, error) {
	s, err := a.NewInboundSessionFrom(&identity, message)
	if err != nil {
		return nil, err
	}
	return s.(*session.OlmSession), nil
}

func remove(a *account.Account, s *session.OlmSession) error { return a.RemoveOneTimeKeys(s) }

func decrypt(s *session.OlmSession, text string, kind id.OlmMsgType) ([]byte, error) {
	return s.Decrypt(text, kind)
}

func groupID(o interface{ ID() id.SessionID }) string { return string(o.ID()) }

func groupDecrypt(in *session.MegolmInboundSession, text string) ([]byte, uint32, error) {
	plaintext, index, err := in.Decrypt([]byte(text))
	return plaintext, uint32(index), err
}

func groupExport(in *session.MegolmInboundSession, index uint32) (string, error) {
	text, err := in.Export(index)
	return string(text), err
}
