// Command goolm is the peer goolm, of whichever version of mautrix it is built with.
//
// The tags name how its functions are called: goolm017 (0.17 to 0.20), goolm021 (0.21), none (0.22 and later); and
// goolmpk, whether it has the public-key encryption (up to 0.26).
package main

import (
	"fmt"
	"log"
	"os"

	"maunium.net/go/mautrix/crypto/goolm/account"
	"maunium.net/go/mautrix/crypto/goolm/session"
	"maunium.net/go/mautrix/id"

	"github.com/karst-im/karst/vectors/peers/internal/call"
)

func main() {
	if err := call.Serve(os.Stdin, os.Stdout, do); err != nil {
		log.Fatal(err)
	}
}

var (
	accounts = map[string]*account.Account{}
	sessions = map[string]*session.OlmSession{}
	inbounds = map[string]*session.MegolmInboundSession{}
	outs     = map[string]*session.MegolmOutboundSession{}
)

func do(q call.Request) (call.Response, error) {
	switch q.Op {
	case "account", "one_time_keys", "fallback", "forget_fallback", "publish", "keys", "sign", "remove":
		return doAccount(q)
	case "outbound", "inbound", "create_inbound", "session", "encrypt", "decrypt":
		return doSession(q)
	case "group_out", "group_key", "group_encrypt", "group_in", "group_import", "group_state", "group_decrypt", "group_export":
		return doGroup(q)
	case "pickle":
		return doPickle(q)
	case "unpickle":
		return call.Response{}, doUnpickle(q)
	}
	return doPK(q)
}

func doAccount(q call.Request) (r call.Response, err error) {
	a := accounts[q.Object]
	switch q.Op {
	case "account":
		accounts[q.Object], err = newAccount()
	case "one_time_keys":
		err = generateOneTimeKeys(a, uint(q.Count))
	case "fallback":
		err = generateFallback(a)
	case "forget_fallback":
		a.ForgetOldFallbackKey()
	case "publish":
		a.MarkKeysAsPublished()
	case "keys":
		return keys(a)
	case "sign":
		var signature []byte
		signature, err = a.Sign(q.Bytes)
		r.Text = string(signature)
	case "remove":
		err = remove(a, sessions[q.Session])
	}
	return r, err
}

func doSession(q call.Request) (r call.Response, err error) {
	s := sessions[q.Object]
	switch q.Op {
	case "outbound":
		sessions[q.Object], err = outbound(accounts[q.Account], id.Curve25519(q.Identity), id.Curve25519(q.Key))
	case "inbound", "create_inbound":
		var s *session.OlmSession
		if s, err = inbound(accounts[q.Account], id.Curve25519(q.Identity), q.Text); err != nil {
			return r, err
		}
		sessions[q.Object] = s
		if q.Op == "inbound" {
			r.Bytes, err = decrypt(s, q.Text, id.OlmMsgTypePreKey)
		}
	case "session":
		r.ID = string(s.ID())
	case "encrypt":
		var kind id.OlmMsgType
		kind, r.Text, err = encrypt(s, q.Bytes)
		r.Type = int(kind)
	case "decrypt":
		r.Bytes, err = decrypt(s, q.Text, id.OlmMsgType(q.Type))
	}
	return r, err
}

func doGroup(q call.Request) (r call.Response, err error) {
	out, in := outs[q.Object], inbounds[q.Object]
	switch q.Op {
	case "group_out":
		outs[q.Object], err = session.NewMegolmOutboundSession()
	case "group_key":
		var key []byte
		key, err = out.SessionSharingMessage()
		r.Text, r.ID, r.Index = string(key), groupID(out), out.Ratchet.Counter
	case "group_encrypt":
		var text []byte
		r.Index = out.Ratchet.Counter
		text, err = out.Encrypt(q.Bytes)
		r.Text = string(text)
	case "group_in":
		inbounds[q.Object], err = session.NewMegolmInboundSession([]byte(q.Text))
	case "group_import":
		inbounds[q.Object], err = session.NewMegolmInboundSessionFromExport([]byte(q.Text))
	case "group_state":
		r.ID, r.Index, r.Verified = groupID(in), in.InitialRatchet.Counter, in.SigningKeyVerified
	case "group_decrypt":
		r.Bytes, r.Index, err = groupDecrypt(in, q.Text)
	case "group_export":
		r.Text, err = groupExport(in, q.Index)
	}
	return r, err
}

type pickler interface {
	Pickle(key []byte) ([]byte, error)
}

type jsonPickler interface {
	PickleAsJSON(key []byte) ([]byte, error)
}

func object(name string) (pickler, error) {
	switch {
	case accounts[name] != nil:
		return accounts[name], nil
	case sessions[name] != nil:
		return sessions[name], nil
	case inbounds[name] != nil:
		return inbounds[name], nil
	case outs[name] != nil:
		return outs[name], nil
	}
	return pkObject(name)
}

func doPickle(q call.Request) (call.Response, error) {
	o, err := object(q.Object)
	if err != nil {
		return call.Response{}, err
	}
	write := o.Pickle
	if q.Format == "json" {
		j, ok := o.(jsonPickler)
		if !ok {
			return call.Response{}, fmt.Errorf("there is no JSON format")
		}
		write = j.PickleAsJSON
	}
	text, err := write(q.Bytes)
	return call.Response{Text: string(text)}, err
}

type jsonUnpickler interface {
	UnpickleAsJSON(pickled, key []byte) error
}

// doUnpickle puts what was read in the place of the object of that name, of whose kind it is.
func doUnpickle(q call.Request) error {
	var o interface {
		Unpickle(pickled, key []byte) error
	}
	var keep func()
	switch {
	case accounts[q.Object] != nil:
		a := new(account.Account)
		o, keep = a, func() { accounts[q.Object] = a }
	case sessions[q.Object] != nil:
		s := new(session.OlmSession)
		o, keep = s, func() { sessions[q.Object] = s }
	default:
		return fmt.Errorf("no such object: %s", q.Object)
	}
	read := o.Unpickle
	if q.Format == "json" {
		read = any(o).(jsonUnpickler).UnpickleAsJSON
	}
	if err := read([]byte(q.Text), q.Bytes); err != nil {
		return err
	}
	keep()
	return nil
}
