package mautrix

import (
	"encoding/binary"
	"encoding/json"
	"errors"
)

// goolm had, up to mautrix 0.26, a pickle format of its own beside libolm's: the same envelope around
// JSON. The types here name its members; fields is what they are in libolm's format.

type jsonKeyPair struct {
	Private []byte `json:"private"`
	Public  []byte `json:"public"`
}

type jsonOneTimeKey struct {
	ID        uint32      `json:"id"`
	Published bool        `json:"published"`
	Key       jsonKeyPair `json:"key"`
}

type jsonAccount struct {
	IdentityKeys struct {
		Ed25519    jsonKeyPair `json:"ed25519"`
		Curve25519 jsonKeyPair `json:"curve25519"`
	} `json:"identity_keys"`
	OneTimeKeys      []jsonOneTimeKey `json:"one_time_keys"`
	CurrentFallback  jsonOneTimeKey   `json:"current_fallback_key"`
	PreviousFallback jsonOneTimeKey   `json:"prev_fallback_key"`
	NextOneTimeKeyID uint32           `json:"next_one_time_key_id"`
	FallbackKeys     uint8            `json:"number_fallback_keys"`
}

type jsonChainKey struct {
	Index uint32 `json:"index"`
	Key   []byte `json:"key"`
}

type jsonSession struct {
	ReceivedMessage bool   `json:"received_message"`
	IdentityKey     []byte `json:"alice_id_key"`
	BaseKey         []byte `json:"alice_base_key"`
	OneTimeKey      []byte `json:"bob_one_time_key"`
	Ratchet         struct {
		RootKey []byte `json:"root_key"`
		Sender  struct {
			RatchetKey jsonKeyPair  `json:"ratchet_key"`
			ChainKey   jsonChainKey `json:"chain_key"`
			IsSet      bool         `json:"set"`
		} `json:"sender_chain"`
		Receivers []struct {
			RatchetKey []byte       `json:"ratchet_key"`
			ChainKey   jsonChainKey `json:"chain_key"`
		} `json:"receiver_chains"`
		Skipped []struct {
			RatchetKey []byte       `json:"ratchet_key"`
			MessageKey jsonChainKey `json:"message_key"`
		} `json:"skipped_message_keys"`
	} `json:"ratchet"`
}

type jsonMegolmRatchet struct {
	Data    [128]byte `json:"data"`
	Counter uint32    `json:"counter"`
}

type jsonInbound struct {
	Ratchet    jsonMegolmRatchet `json:"ratchet"`
	SigningKey []byte            `json:"signing_key"`
	Initial    jsonMegolmRatchet `json:"initial_ratchet"`
	Verified   bool              `json:"signing_key_verified"`
}

type jsonOutbound struct {
	Ratchet    jsonMegolmRatchet `json:"ratchet"`
	SigningKey jsonKeyPair       `json:"signing_key"`
}

func accountFromJSON(encoded []byte) ([]byte, error) {
	var a jsonAccount
	if err := json.Unmarshal(encoded, &a); err != nil {
		return nil, err
	}
	f := new(fields)
	f.uint32(4)
	f.keyPair(a.IdentityKeys.Ed25519, 64)
	f.keyPair(a.IdentityKeys.Curve25519, 32)
	f.uint32(uint32(len(a.OneTimeKeys)))
	for _, key := range a.OneTimeKeys {
		f.oneTimeKey(key)
	}
	f.raw = append(f.raw, a.FallbackKeys)
	if a.FallbackKeys >= 1 {
		f.oneTimeKey(a.CurrentFallback)
	}
	if a.FallbackKeys >= 2 {
		f.oneTimeKey(a.PreviousFallback)
	}
	f.uint32(a.NextOneTimeKeyID)
	return f.raw, f.err
}

func sessionFromJSON(encoded []byte) ([]byte, error) {
	var s jsonSession
	if err := json.Unmarshal(encoded, &s); err != nil {
		return nil, err
	}
	f := new(fields)
	f.uint32(1)
	f.bool(s.ReceivedMessage)
	f.bytes(s.IdentityKey, 32)
	f.bytes(s.BaseKey, 32)
	f.bytes(s.OneTimeKey, 32)
	f.bytes(s.Ratchet.RootKey, 32)
	if sender := s.Ratchet.Sender; sender.IsSet {
		f.uint32(1)
		f.keyPair(sender.RatchetKey, 32)
		f.chainKey(sender.ChainKey)
	} else {
		f.uint32(0)
	}
	f.uint32(uint32(len(s.Ratchet.Receivers)))
	for _, receiver := range s.Ratchet.Receivers {
		f.bytes(receiver.RatchetKey, 32)
		f.chainKey(receiver.ChainKey)
	}
	f.uint32(uint32(len(s.Ratchet.Skipped)))
	for _, skipped := range s.Ratchet.Skipped {
		f.bytes(skipped.RatchetKey, 32)
		f.chainKey(skipped.MessageKey)
	}
	return f.raw, f.err
}

func inboundFromJSON(encoded []byte) ([]byte, error) {
	var s jsonInbound
	if err := json.Unmarshal(encoded, &s); err != nil {
		return nil, err
	}
	f := new(fields)
	f.uint32(2)
	f.megolmRatchet(s.Initial)
	f.megolmRatchet(s.Ratchet)
	f.bytes(s.SigningKey, 32)
	f.bool(s.Verified)
	return f.raw, f.err
}

func outboundFromJSON(encoded []byte) ([]byte, error) {
	var s jsonOutbound
	if err := json.Unmarshal(encoded, &s); err != nil {
		return nil, err
	}
	f := new(fields)
	f.uint32(1)
	f.megolmRatchet(s.Ratchet)
	f.keyPair(s.SigningKey, 64)
	return f.raw, f.err
}

var errKeyLength = errors.New("mautrix: key of another length in a JSON pickle")

// fields collects the contents of a pickle of libolm's format. err is the first error.
type fields struct {
	raw []byte
	err error
}

func (f *fields) uint32(n uint32) { f.raw = binary.BigEndian.AppendUint32(f.raw, n) }

func (f *fields) bool(b bool) {
	if b {
		f.raw = append(f.raw, 1)
	} else {
		f.raw = append(f.raw, 0)
	}
}

func (f *fields) bytes(b []byte, length int) {
	if len(b) != length && f.err == nil {
		f.err = errKeyLength
	}
	f.raw = append(f.raw, b...)
}

func (f *fields) keyPair(k jsonKeyPair, privateLength int) {
	f.bytes(k.Public, 32)
	f.bytes(k.Private, privateLength)
}

func (f *fields) oneTimeKey(k jsonOneTimeKey) {
	f.uint32(k.ID)
	f.bool(k.Published)
	f.keyPair(k.Key, 32)
}

func (f *fields) chainKey(k jsonChainKey) {
	f.bytes(k.Key, 32)
	f.uint32(k.Index)
}

func (f *fields) megolmRatchet(r jsonMegolmRatchet) {
	f.raw = append(f.raw, r.Data[:]...)
	f.uint32(r.Counter)
}
