package vectors

// Transcript is what happens to accounts and sessions, in order.
type Transcript struct {
	Name      string   `json:"name"`
	Note      string   `json:"note"`
	Label     string   `json:"label"`
	Needs     []string `json:"needs,omitempty"` // of the whole case, or of any step
	PickleKey Bytes    `json:"pickle_key"`
	Steps     []Step   `json:"steps"`
}

// Step is one call on an account or session, with its inputs and outputs. Account, Session and
// Message are names within the case.
type Step struct {
	Op          string  `json:"op"`
	Account     string  `json:"account,omitempty"`
	Session     string  `json:"session,omitempty"`
	Message     string  `json:"message,omitempty"`
	Needs       string  `json:"needs,omitempty"`
	Random      Bytes   `json:"random,omitzero"`
	Count       *int    `json:"count,omitempty"`
	IdentityKey string  `json:"identity_key,omitempty"`
	OneTimeKey  string  `json:"one_time_key,omitempty"`
	Key         Bytes   `json:"key,omitzero"`
	Input       Bytes   `json:"input,omitzero"`
	Expect      string  `json:"expect,omitempty"`
	Type        *int    `json:"type,omitempty"`
	Body        string  `json:"body,omitempty"`
	Plaintext   Bytes   `json:"plaintext,omitzero"`
	Result      *uint32 `json:"result,omitempty"`
	SessionID   string  `json:"session_id,omitempty"`
	JSON        string  `json:"json,omitempty"`
	Unpublished string  `json:"unpublished,omitempty"`
	Signature   string  `json:"signature,omitempty"`
	Text        string  `json:"text,omitempty"`
	SHA256      string  `json:"sha256,omitempty"`
	Pickle      string  `json:"pickle,omitempty"`
	State       string  `json:"state,omitempty"`
}

// Sessions returns conversations of two accounts.
func Sessions() []Transcript {
	cases, _ := read[Transcript]("olm_sessions.json")
	return cases
}

// Accounts returns the lives of single accounts.
func Accounts() []Transcript {
	cases, _ := read[Transcript]("account.json")
	return cases
}

// GroupTranscript is what happens to Megolm sessions, in order.
type GroupTranscript struct {
	Name      string      `json:"name"`
	Note      string      `json:"note"`
	Label     string      `json:"label"`
	Needs     []string    `json:"needs,omitempty"`
	PickleKey Bytes       `json:"pickle_key"`
	Steps     []GroupStep `json:"steps"`
}

// GroupStep is one call on a Megolm session. Session is the name of an outbound or of an inbound one.
type GroupStep struct {
	Op         string  `json:"op"`
	Session    string  `json:"session"`
	Message    string  `json:"message,omitempty"`
	Needs      string  `json:"needs,omitempty"`
	Random     Bytes   `json:"random,omitzero"`
	SessionKey string  `json:"session_key,omitempty"`
	Exported   string  `json:"exported,omitempty"`
	Key        Bytes   `json:"key,omitzero"`
	Pickle     string  `json:"pickle,omitempty"`
	Expect     string  `json:"expect,omitempty"`
	Index      *uint32 `json:"index,omitempty"`
	Plaintext  Bytes   `json:"plaintext,omitzero"`
	Body       string  `json:"body,omitempty"`
	SessionID  string  `json:"session_id,omitempty"`
	Verified   *bool   `json:"verified,omitempty"`
	State      string  `json:"state,omitempty"`
}

// Megolm returns conversations of a room, and a table of one ratchet at many indices.
func Megolm() []GroupTranscript {
	cases, _ := read[GroupTranscript]("megolm.json")
	return cases
}
