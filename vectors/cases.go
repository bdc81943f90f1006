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
	Version *uint32 `json:"version"` // nil if it does not open with Key
	Key     Bytes   `json:"key"`
	Pickle  string  `json:"pickle"`
	Verdict
	Shows     string `json:"shows"`     // one fact about the object
	Repickled string `json:"repickled"` // by libolm; empty if that is Pickle again
	Kept      string `json:"kept"`      // by who keeps the newest of a list that is too long; empty if none is
}

// Pickles returns pickles of every kind and version, good and bad.
func Pickles() []Pickle {
	cases, _ := read[Pickle]("pickles.json")
	return cases
}

// SASExchange is one side of an exchange of keys for short authentication strings, and what it derives.
type SASExchange struct {
	Name        string `json:"name"`
	Label       string `json:"label"`
	Random      Bytes  `json:"random"`
	PublicKey   string `json:"public_key"`
	TheirRandom Bytes  `json:"their_random"`
	TheirKey    string `json:"their_key"`
	Verdict            // on TheirKey
	Outputs     []struct {
		Op     string `json:"op"`
		Info   Bytes  `json:"info"`
		Input  Bytes  `json:"input"`
		Length *int   `json:"length"`
		Bytes  Bytes  `json:"bytes"`
		MAC    string `json:"mac"`
	} `json:"outputs"`
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
	Private   Bytes      `json:"private"`
	PublicKey string     `json:"public_key"`
	Random    Bytes      `json:"random"`
	Message   *PKMessage `json:"message"`
	Input     Bytes      `json:"input"`
	Signature string     `json:"signature"`
	Verdict
	Plaintext Bytes `json:"plaintext"`
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
	Expanded      Bytes  `json:"expanded"` // scalar and prefix
	PublicKey     string `json:"public_key"`
	AccountPickle string `json:"account_pickle"` // an account with this key
	PickleKey     Bytes  `json:"pickle_key"`
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
	Setup       string `json:"setup"` // name of the receiving object
	IdentityKey string `json:"identity_key"`
	Type        *int   `json:"type"`
	Input       string `json:"input"`
	Verdict
	Plaintext Bytes   `json:"plaintext"`
	Index     *uint32 `json:"index"`
	Result    *uint32 `json:"result"`
	Codes     []int   `json:"codes"` // libolm's number for each input, -1 where it can't be asked
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
	Name      string `json:"name"`
	Kind      string `json:"kind"` // olm or megolm
	Label     string `json:"label"`
	PickleKey Bytes  `json:"pickle_key"`
	Reordered bool   `json:"reordered"`
	Hashes    []struct {
		Messages int    `json:"messages"`
		SHA256   string `json:"sha256"`
	} `json:"hashes"`
}

// Accumulated returns long conversations.
func Accumulated() []Conversation {
	cases, _ := read[Conversation]("accumulated.json")
	return cases
}
