package vectors

import (
	"bytes"
	"strings"
)

// Kinds of pickled objects.
const (
	KindAccount       = "account"
	KindSession       = "session"
	KindInboundGroup  = "inbound_group"
	KindOutboundGroup = "outbound_group"
	KindPKDecryption  = "pk_decryption"
)

// Pickle is a pickle, and what libolm makes of it.
type Pickle struct {
	Name    string  `json:"name"`
	Kind    string  `json:"kind"`
	Version *uint32 `json:"version,omitempty"` // nil if it does not open with Key
	Key     Bytes   `json:"key"`
	Pickle  string  `json:"pickle"`
	Verdict
	Repickled string `json:"repickled,omitempty"` // by libolm; empty if that is Pickle again
	Kept      string `json:"kept,omitempty"`      // by who keeps the newest of a list that is too long; empty if none is
	Shows     string `json:"shows,omitempty"`     // one fact about the object
}

// Pickles returns pickles of every kind and version, good and bad.
func Pickles() []Pickle {
	cases, _ := read[Pickle]("pickles.json")
	return cases
}

// SASExchange is one side of an exchange of keys for short authentication strings, and what it derives.
type SASExchange struct {
	Name        string      `json:"name"`
	Label       string      `json:"label,omitempty"`
	Random      Bytes       `json:"random"`
	PublicKey   string      `json:"public_key"`
	TheirRandom Bytes       `json:"their_random,omitzero"`
	TheirKey    string      `json:"their_key"`
	Verdict                 // on TheirKey
	Outputs     []SASOutput `json:"outputs,omitempty"`
}

// SASOutput is a short string or a MAC that both sides of an exchange derive.
type SASOutput struct {
	Op     string `json:"op"`
	Info   Bytes  `json:"info"`
	Input  Bytes  `json:"input,omitzero"`
	Length *int   `json:"length,omitempty"`
	Bytes  Bytes  `json:"bytes,omitzero"`
	MAC    string `json:"mac,omitempty"`
}

// SAS returns exchanges of keys for short authentication strings.
func SAS() []SASExchange {
	cases, _ := read[SASExchange]("sas.json")
	return cases
}

// PKMessage is a message of the public-key encryption, each part as base64.
type PKMessage struct {
	Ciphertext string `json:"ciphertext"`
	MAC        string `json:"mac"`
	Ephemeral  string `json:"ephemeral"`
}

// PKCase is an encryption, a decryption, a signature with a seed, or a key pair.
type PKCase struct {
	Name      string     `json:"name"`
	Op        string     `json:"op"`
	Label     string     `json:"label"`
	Private   Bytes      `json:"private,omitzero"`
	PublicKey string     `json:"public_key,omitempty"`
	Random    Bytes      `json:"random,omitzero"`
	Message   *PKMessage `json:"message,omitempty"`
	Input     Bytes      `json:"input,omitzero"`
	Signature string     `json:"signature,omitempty"`
	Verdict
	Plaintext Bytes `json:"plaintext,omitzero"`
}

// PK returns cases of the public-key encryption of backups, and of signing with a seed.
func PK() []PKCase {
	cases, _ := read[PKCase]("pk.json")
	return cases
}

// SignatureCase is a signature with an expanded private key, or one to verify.
type SignatureCase struct {
	Name          string `json:"name"`
	Op            string `json:"op"`
	Label         string `json:"label"`
	Expanded      Bytes  `json:"expanded,omitzero"` // scalar and prefix
	PublicKey     string `json:"public_key"`
	AccountPickle string `json:"account_pickle,omitempty"` // an account with this key
	PickleKey     Bytes  `json:"pickle_key,omitzero"`
	Input         Bytes  `json:"input"`
	Signature     string `json:"signature"`
	Verdict
}

// Signatures returns Ed25519 signatures, good and bad.
func Signatures() []SignatureCase {
	cases, _ := read[SignatureCase]("signatures.json")
	return cases
}

// Setup is the pickle of an object.
type Setup struct {
	Kind   string `json:"kind"`
	Key    Bytes  `json:"key"`
	Pickle string `json:"pickle"`
}

// NegativeCase is one call with an input that is refused, or taken by the lenient alone. Sweeps, which are
// many calls, have Codes and no verdict.
type NegativeCase struct {
	Name        string `json:"name"`
	Op          string `json:"op"`
	Setup       string `json:"setup,omitempty"` // name of the receiving object
	IdentityKey string `json:"identity_key,omitempty"`
	Type        *int   `json:"type,omitempty"`
	Input       string `json:"input"`
	Verdict
	Plaintext Bytes   `json:"plaintext,omitzero"`
	Index     *uint32 `json:"index,omitempty"`
	Result    *uint32 `json:"result,omitempty"`
	Codes     []int   `json:"codes,omitempty"` // libolm's number for each input, -1 where it can't be asked
}

// Sweep returns the call that a sweep makes again and again, and the inputs, as bytes, for raw, the
// bytes of Input. For a case that is no sweep it returns nothing.
func (c NegativeCase) Sweep(raw []byte) (op string, inputs [][]byte) {
	if op, ok := strings.CutPrefix(c.Op, "truncate_"); ok {
		for n := range raw {
			inputs = append(inputs, raw[:n:n])
		}
		return op, inputs
	}
	if op, ok := strings.CutPrefix(c.Op, "flip_"); ok {
		for i := range 8 * len(raw) {
			b := bytes.Clone(raw)
			b[i/8] ^= 1 << (i % 8)
			inputs = append(inputs, b)
		}
		return op, inputs
	}
	return "", nil
}

// Negative returns bad messages and keys, and the objects that they are for. Each case wants a fresh
// one.
func Negative() ([]NegativeCase, map[string]Setup) { return read[NegativeCase]("negative.json") }

// Conversation is a long one, of which only hashes are known. Its randomness is NewStream(Label).
type Conversation struct {
	Name      string             `json:"name"`
	Kind      string             `json:"kind"` // olm or megolm
	Label     string             `json:"label"`
	PickleKey Bytes              `json:"pickle_key"`
	Reordered bool               `json:"reordered"`
	Hashes    []ConversationHash `json:"hashes"`
}

// ConversationHash is the hash of a conversation up to so many messages.
type ConversationHash struct {
	Messages int    `json:"messages"`
	SHA256   string `json:"sha256"`
}

// Accumulated returns long conversations.
func Accumulated() []Conversation {
	cases, _ := read[Conversation]("accumulated.json")
	return cases
}
