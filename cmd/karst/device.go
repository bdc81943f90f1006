package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
)

// device is one of the devices of the story, with all that it keeps.
type device struct {
	name      string
	pickleKey []byte
	account   *olm.Account
	olm       *olm.Session            // Bob's and Carol's is with Alice, Alice's with Bob
	second    *olm.Session            // Alice's with Carol
	sending   *megolm.OutboundSession // Alice's only
	room      *megolm.InboundSession  // Bob's and Carol's
}

func (d *demo) newDevice(name string) *device {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails: it ends the program instead
	begin := time.Now()
	account := olm.NewAccount()
	d.times.add(opAccount, 1, begin, 0)
	return &device{name: name, pickleKey: key, account: account}
}

func (v *device) wipe() {
	clear(v.pickleKey)
	v.account.Wipe()
	for _, s := range []*olm.Session{v.olm, v.second} {
		if s != nil {
			s.Wipe()
		}
	}
	if v.sending != nil {
		v.sending.Wipe()
	}
	if v.room != nil {
		v.room.Wipe()
	}
}

// Keys as devices publish them: JSON, signed. (Matrix has more around it.)

type publishedDevice struct {
	Keys      olm.IdentityKeys `json:"keys"`
	Signature keys.Signature   `json:"signature"`
}

type publishedOneTimeKey struct {
	Key       keys.Curve25519 `json:"key"`
	Signature keys.Signature  `json:"signature"`
}

// publishDevice returns the identity keys of v as they go to the server.
func (d *demo) publishDevice(v *device) ([]byte, error) {
	identity := v.account.IdentityKeys()
	signed, err := json.Marshal(identity)
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	signature, err := v.account.Sign(signed)
	if err != nil {
		return nil, fmt.Errorf("%s signs: %w", v.name, err)
	}
	d.times.add(opSign, 1, begin, 0)
	return json.Marshal(publishedDevice{Keys: identity, Signature: signature})
}

// publishOneTimeKeys makes n one-time keys and returns each as it goes to the server.
func (d *demo) publishOneTimeKeys(v *device, n int) (published [][]byte, err error) {
	begin := time.Now()
	if _, err := v.account.GenerateOneTimeKeys(n); err != nil {
		return nil, err
	}
	d.times.add(opOneTimeKey, n, begin, 0)
	for _, key := range v.account.OneTimeKeys() {
		begin := time.Now()
		signature, err := v.account.Sign([]byte(key.String()))
		if err != nil {
			return nil, fmt.Errorf("%s signs: %w", v.name, err)
		}
		d.times.add(opSign, 1, begin, 0)
		text, err := json.Marshal(publishedOneTimeKey{Key: key, Signature: signature})
		if err != nil {
			return nil, err
		}
		published = append(published, text)
	}
	v.account.MarkKeysAsPublished()
	return published, nil
}

// checkDevice is what a reader of published keys does first.
func (d *demo) checkDevice(text []byte) (olm.IdentityKeys, error) {
	var p publishedDevice
	if err := json.Unmarshal(text, &p); err != nil {
		return olm.IdentityKeys{}, err
	}
	signed, err := json.Marshal(p.Keys)
	if err != nil {
		return olm.IdentityKeys{}, err
	}
	return p.Keys, d.verify(p.Keys.Ed25519, signed, p.Signature)
}

func (d *demo) checkOneTimeKey(owner keys.Ed25519, text []byte) (keys.Curve25519, error) {
	var p publishedOneTimeKey
	if err := json.Unmarshal(text, &p); err != nil {
		return keys.Curve25519{}, err
	}
	return p.Key, d.verify(owner, []byte(p.Key.String()), p.Signature)
}

func (d *demo) verify(owner keys.Ed25519, message []byte, signature keys.Signature) error {
	begin := time.Now()
	ok := owner.Verify(message, signature)
	d.times.add(opVerify, 1, begin, 0)
	if !ok {
		return fmt.Errorf("the signature of a published key is wrong")
	}
	return nil
}

// Olm, with the time that it takes.

func (d *demo) olmEncrypt(s *olm.Session, plaintext []byte) (olm.Message, error) {
	begin := time.Now()
	m, err := s.Encrypt(plaintext)
	d.times.add(opOlmEncrypt, 1, begin, 0)
	return m, err
}

func (d *demo) olmDecrypt(s *olm.Session, m olm.Message) ([]byte, error) {
	begin := time.Now()
	plaintext, err := s.Decrypt(m)
	if err == nil {
		d.times.add(opOlmDecrypt, 1, begin, 0)
	}
	return plaintext, err
}
