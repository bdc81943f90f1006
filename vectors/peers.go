package vectors

import (
	"bytes"
	"embed"
	"encoding/json"
)

//go:embed testdata/peers/*.json
var peerFiles embed.FS

// PeerPickles are pickles as other libraries wrote them, of many versions, and what works after they are read.
type PeerPickles struct {
	Accounts       []PeerAccount
	Sessions       []PeerSession
	OutboundGroups []PeerOutboundGroup `json:"outbound_groups"`
	InboundGroups  []PeerInboundGroup  `json:"inbound_groups"`
	PKDecryptions  []PeerPKDecryption  `json:"pk_decryptions"`
}

// Written is a state as its writer wrote it.
type Written struct {
	Writer string `json:"writer"` // with its version
	Name   string `json:"name"`
	Key    Bytes  `json:"key"`
	Texts
}

// Texts are the pickles of one state: in libolm's format and, of some states, in the one around JSON that goolm had too.
type Texts struct {
	Pickle string `json:"pickle"`
	JSON   string `json:"json"`
}

// ByWriter says whether a message decrypts with the writer itself, once it has read its own pickle.
type ByWriter struct {
	Kept     bool `json:"kept"`
	KeptJSON bool `json:"kept_json"`
}

// PeerAccount is an account.
type PeerAccount struct {
	Written
	Ed25519       string             `json:"ed25519"`
	Curve25519    string             `json:"curve25519"`
	Unpublished   map[string]string  `json:"unpublished"`   // one-time keys, by their ids
	OneTimeKeys   int                `json:"one_time_keys"` // in all
	Fallback      map[string]string  `json:"fallback"`      // the current one
	Input         Bytes              `json:"input"`
	Signature     string             `json:"signature"` // of Input
	FirstMessages []PeerFirstMessage `json:"first_messages"`
}

// PeerFirstMessage is a pre-key message to a key of an account.
type PeerFirstMessage struct {
	To        string `json:"to"`
	Newer     int    `json:"newer"` // how many one-time keys are; 0 for a fallback key
	From      string `json:"from"`  // identity key
	Body      string `json:"body"`
	Plaintext Bytes  `json:"plaintext"`
	ByWriter
}

// PeerSession is a pair of sessions that talk to each other. Side 0 sent the first message.
type PeerSession struct {
	Writer string      `json:"writer"`
	Name   string      `json:"name"`
	Key    Bytes       `json:"key"`
	ID     string      `json:"id"`
	Sides  [2]PeerSide `json:"sides"`
}

// PeerSide is one session of a pair.
type PeerSide struct {
	Texts
	Skipped int               `json:"skipped"` // how many messages are missing before others
	Sends   []PeerMessage     `json:"sends"`   // the next ones, to the other side
	Late    []PeerLateMessage `json:"late"`    // some that are missing
}

// PeerMessage is a message to a session.
type PeerMessage struct {
	Type      int    `json:"type"`
	Body      string `json:"body"`
	Plaintext Bytes  `json:"plaintext"`
	ByWriter
}

// PeerLateMessage is a message before others that have come.
type PeerLateMessage struct {
	PeerMessage
	NewerChains int `json:"newer_chains"` // receiving chains of the session
	Newer       int `json:"newer"`        // missing messages in the chain
	NewerInAll  int `json:"newer_in_all"` // missing messages in the session
}

// PeerOutboundGroup is the sender's side of a Megolm session.
type PeerOutboundGroup struct {
	Written
	ID         string             `json:"id"`
	Index      uint32             `json:"index"`
	SessionKey string             `json:"session_key"`
	Sends      []PeerGroupMessage `json:"sends"`
}

// PeerInboundGroup is a receiver's side of a Megolm session.
type PeerInboundGroup struct {
	Written
	ID              string             `json:"id"`
	FirstKnownIndex uint32             `json:"first_known_index"`
	Verified        bool               `json:"verified"`
	Messages        []PeerGroupMessage `json:"messages"`
	ExportAt        uint32             `json:"export_at"`
	Exported        string             `json:"exported"`
}

// PeerGroupMessage is a message of a Megolm session.
type PeerGroupMessage struct {
	Index     uint32 `json:"index"`
	Body      string `json:"body"`
	Plaintext Bytes  `json:"plaintext"`
}

// PeerPKDecryption is a key pair of the public-key encryption.
type PeerPKDecryption struct {
	Written
	PublicKey string     `json:"public_key"`
	Message   *PKMessage `json:"message"` // nil if the writer encrypts in a way of its own
	Plaintext Bytes      `json:"plaintext"`
}

// Peers returns the pickles that other libraries wrote.
func Peers() (all PeerPickles) {
	entries, err := peerFiles.ReadDir("testdata/peers")
	if err != nil {
		panic("vectors: " + err.Error())
	}
	for _, e := range entries {
		text, err := peerFiles.ReadFile("testdata/peers/" + e.Name())
		if err != nil {
			panic("vectors: " + err.Error())
		}
		var file struct {
			Format      int    `json:"format"`
			Description string `json:"description"`
			PeerPickles
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&file); err != nil {
			panic("vectors: " + e.Name() + ": " + err.Error())
		}
		if file.Format != Format {
			panic("vectors: " + e.Name() + " has another format")
		}
		all.Accounts = append(all.Accounts, file.Accounts...)
		all.Sessions = append(all.Sessions, file.Sessions...)
		all.OutboundGroups = append(all.OutboundGroups, file.OutboundGroups...)
		all.InboundGroups = append(all.InboundGroups, file.InboundGroups...)
		all.PKDecryptions = append(all.PKDecryptions, file.PKDecryptions...)
	}
	return all
}
