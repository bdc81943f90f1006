// Command libolm is the peer libolm, of whichever version the dynamic linker finds. Its random bytes are those of a
// stream, so that it writes the same in every run.
package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/karst-im/karst/vectors/oracle/libolm"

	"github.com/karst-im/karst/vectors/peers/internal/call"
)

func main() {
	if err := call.Serve(os.Stdin, os.Stdout, do); err != nil {
		log.Fatal(err)
	}
}

var (
	accounts    = map[string]*libolm.Account{}
	sessions    = map[string]*libolm.Session{}
	inbounds    = map[string]*libolm.InboundGroup{}
	outs        = map[string]*libolm.OutboundGroup{}
	decryptions = map[string]*libolm.PKDecryption{}
)

var drawn uint64

// random returns the next n bytes of the stream.
func random(n int) []byte {
	var out []byte
	for len(out) < n {
		block := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("karst peers "), drawn))
		drawn++
		out = append(out, block[:]...)
	}
	return out[:n]
}

func do(q call.Request) (call.Response, error) {
	switch q.Op {
	case "version":
		return call.Response{Text: libolm.Version()}, nil
	case "account", "one_time_keys", "fallback", "forget_fallback", "publish", "keys", "sign", "remove":
		return doAccount(q)
	case "outbound", "inbound", "create_inbound", "session", "encrypt", "decrypt":
		return doSession(q)
	case "pk", "pk_encrypt":
		return doPK(q)
	case "pickle":
		return doPickle(q)
	case "unpickle":
		return call.Response{}, doUnpickle(q)
	}
	return doGroup(q)
}

// hasFallback reports whether this libolm knows fallback keys: from 3.2 on.
func hasFallback() bool { return libolm.Version() >= "3.2" }

func doAccount(q call.Request) (r call.Response, err error) {
	a := accounts[q.Object]
	switch q.Op {
	case "account":
		accounts[q.Object], err = libolm.NewAccount(random(64))
	case "one_time_keys":
		_, err = a.GenerateOneTimeKeys(q.Count, random(32*q.Count))
	case "fallback":
		if !hasFallback() {
			return r, fmt.Errorf("there are no fallback keys")
		}
		err = a.GenerateFallbackKey(random(32))
	case "forget_fallback":
		if libolm.Version() < "3.2.7" {
			return r, fmt.Errorf("fallback keys are not forgotten")
		}
		a.ForgetOldFallbackKey()
	case "publish":
		a.MarkPublished()
	case "keys":
		return keys(a)
	case "sign":
		r.Text = a.Sign(q.Bytes)
	case "remove":
		_, err = a.RemoveOneTimeKeys(sessions[q.Session])
	}
	return r, err
}

func keys(a *libolm.Account) (r call.Response, err error) {
	if err := json.Unmarshal([]byte(a.IdentityKeys()), &r); err != nil {
		return r, err
	}
	if r.OneTime, err = curve25519(a.OneTimeKeys()); err == nil && hasFallback() {
		r.Fallback, err = curve25519(a.FallbackKey())
	}
	return r, err
}

// curve25519 returns the keys in an object that libolm wrote.
func curve25519(text string) (map[string]string, error) {
	var keys struct{ Curve25519 map[string]string }
	err := json.Unmarshal([]byte(text), &keys)
	return keys.Curve25519, err
}

func doSession(q call.Request) (r call.Response, err error) {
	s := sessions[q.Object]
	switch q.Op {
	case "outbound":
		sessions[q.Object], err = libolm.NewOutboundSession(accounts[q.Account], q.Identity, q.Key, random(64))
	case "inbound", "create_inbound":
		var s *libolm.Session
		if s, err = libolm.NewInboundSessionFrom(accounts[q.Account], q.Identity, q.Text); err != nil {
			return r, err
		}
		sessions[q.Object] = s
		if q.Op == "inbound" {
			r.Bytes, err = s.Decrypt(libolm.TypePreKey, q.Text)
		}
	case "session":
		r.ID = s.ID()
	case "encrypt":
		r.Type, r.Text, err = s.Encrypt(q.Bytes, random(s.EncryptRandomLength()))
	case "decrypt":
		r.Bytes, err = s.Decrypt(q.Type, q.Text)
	}
	return r, err
}

func doGroup(q call.Request) (r call.Response, err error) {
	out, in := outs[q.Object], inbounds[q.Object]
	switch q.Op {
	case "group_out":
		outs[q.Object], err = libolm.NewOutboundGroup(random(160))
	case "group_key":
		r.Text, r.ID, r.Index = out.Key(), out.ID(), out.Index()
	case "group_encrypt":
		r.Index = out.Index()
		r.Text, err = out.Encrypt(q.Bytes)
	case "group_in":
		inbounds[q.Object], err = libolm.NewInboundGroup(q.Text)
	case "group_import":
		inbounds[q.Object], err = libolm.ImportInboundGroup(q.Text)
	case "group_state":
		r.ID, r.Index, r.Verified = in.ID(), in.FirstKnownIndex(), in.IsVerified()
	case "group_decrypt":
		r.Bytes, r.Index, err = in.Decrypt(q.Text)
	case "group_export":
		r.Text, err = in.Export(q.Index)
	default:
		err = fmt.Errorf("no such operation: %s", q.Op)
	}
	return r, err
}

func doPK(q call.Request) (r call.Response, err error) {
	switch q.Op {
	case "pk":
		decryptions[q.Object], r.Curve25519, err = libolm.NewPKDecryption(random(32))
	case "pk_encrypt":
		var e *libolm.PKEncryption
		if e, err = libolm.NewPKEncryption(q.Key); err == nil {
			var m libolm.PKMessage
			m, err = e.Encrypt(q.Bytes, random(32))
			r.Text, r.MAC, r.Ephemeral = m.Ciphertext, m.MAC, m.Ephemeral
		}
	}
	return r, err
}

func doPickle(q call.Request) (call.Response, error) {
	var o interface{ Pickle(key []byte) string }
	switch {
	case q.Format != "":
		return call.Response{}, fmt.Errorf("there is no other format")
	case accounts[q.Object] != nil:
		o = accounts[q.Object]
	case sessions[q.Object] != nil:
		o = sessions[q.Object]
	case inbounds[q.Object] != nil:
		o = inbounds[q.Object]
	case outs[q.Object] != nil:
		o = outs[q.Object]
	case decryptions[q.Object] != nil:
		o = decryptions[q.Object]
	default:
		return call.Response{}, fmt.Errorf("no such object: %s", q.Object)
	}
	return call.Response{Text: o.Pickle(q.Bytes)}, nil
}

// doUnpickle puts what was read in the place of the object of that name, of whose kind it is.
func doUnpickle(q call.Request) (err error) {
	switch {
	case accounts[q.Object] != nil:
		accounts[q.Object], err = libolm.UnpickleAccount(q.Bytes, q.Text)
	case sessions[q.Object] != nil:
		sessions[q.Object], err = libolm.UnpickleSession(q.Bytes, q.Text)
	default:
		err = fmt.Errorf("no such object: %s", q.Object)
	}
	return err
}
