// Package call is how the generator and the programs of the peers talk: a request and a response on a line each, as JSON.
//
// Objects live in the peer's process, under names that the generator gives.
package call

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
)

// Request asks for one operation on one object. README.md lists the operations.
type Request struct {
	Op       string `json:"op"`
	Object   string `json:"object,omitempty"`
	Account  string `json:"account,omitempty"`  // of a new session
	Session  string `json:"session,omitempty"`  // whose one-time key is to go
	Identity string `json:"identity,omitempty"` // key of the other side
	Key      string `json:"key,omitempty"`      // one-time key or public key of the other side
	Count    int    `json:"count,omitempty"`
	Type     int    `json:"type,omitempty"`
	Text     string `json:"text,omitempty"`   // a message, a session key, an exported key, a pickle
	Format   string `json:"format,omitempty"` // of a pickle: empty for libolm's, or json
	Bytes    Bytes  `json:"bytes,omitempty"`  // a plaintext, a pickle key, what is to be signed
	MAC      string `json:"mac,omitempty"`
	Index    uint32 `json:"index,omitempty"`
}

// Response is what came of it. A failed operation has an error and nothing else.
type Response struct {
	Error      string            `json:"error,omitempty"`
	Text       string            `json:"text,omitempty"`
	ID         string            `json:"id,omitempty"`
	Type       int               `json:"type,omitempty"`
	Index      uint32            `json:"index,omitempty"`
	Verified   bool              `json:"verified,omitempty"`
	Bytes      Bytes             `json:"bytes,omitempty"`
	Ed25519    string            `json:"ed25519,omitempty"`
	Curve25519 string            `json:"curve25519,omitempty"`
	OneTime    map[string]string `json:"one_time,omitempty"` // unpublished, by id
	Fallback   map[string]string `json:"fallback,omitempty"`
	MAC        string            `json:"mac,omitempty"`
	Ephemeral  string            `json:"ephemeral,omitempty"`
}

// Bytes are hex in JSON.
type Bytes []byte

// MarshalText encodes hex.
func (b Bytes) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, b), nil }

// UnmarshalText decodes hex.
func (b *Bytes) UnmarshalText(text []byte) (err error) {
	*b, err = hex.AppendDecode([]byte{}, text)
	return err
}

// Serve answers requests from r until there are no more. What do panics with is answered as an error: old versions of
// some peers panic where they should return one.
func Serve(r io.Reader, w io.Writer, do func(Request) (Response, error)) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		var q Request
		if err := json.Unmarshal(line, &q); err != nil {
			return err
		}
		answer, err := protected(do, q)
		if err != nil {
			answer = Response{Error: err.Error()}
		}
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			return err
		}
	}
}

func protected(do func(Request) (Response, error), q Request) (answer Response, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return do(q)
}
