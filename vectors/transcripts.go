package vectors

// Transcript is what happens to accounts and sessions, in order.
type Transcript struct {
	Name      string   `json:"name"`
	Note      string   `json:"note"`
	Label     string   `json:"label"`
	Needs     []string `json:"needs"` // of the whole case, or of any step
	PickleKey Bytes    `json:"pickle_key"`
	Steps     []Step   `json:"steps"`
}

// Step is one call on an account or session, with its inputs and outputs. Account, Session and
// Message are names within the case.
type Step struct {
	Op          string  `json:"op"`
	Account     string  `json:"account"`
	Session     string  `json:"session"`
	Message     string  `json:"message"`
	Needs       string  `json:"needs"`
	Random      Bytes   `json:"random"`
	Count       *int    `json:"count"`
	IdentityKey string  `json:"identity_key"`
	OneTimeKey  string  `json:"one_time_key"`
	Key         Bytes   `json:"key"`
	Input       Bytes   `json:"input"`
	Expect      string  `json:"expect"`
	Type        *int    `json:"type"`
	Body        string  `json:"body"`
	Plaintext   Bytes   `json:"plaintext"`
	Result      *uint32 `json:"result"`
	SessionID   string  `json:"session_id"`
	JSON        string  `json:"json"`
	Unpublished string  `json:"unpublished"`
	Signature   string  `json:"signature"`
	Text        string  `json:"text"`
	SHA256      string  `json:"sha256"`
	Pickle      string  `json:"pickle"`
	State       string  `json:"state"`
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
	Needs     []string    `json:"needs"`
	PickleKey Bytes       `json:"pickle_key"`
	Steps     []GroupStep `json:"steps"`
}

// GroupStep is one call on a Megolm session. Session is the name of an outbound or of an inbound one.
type GroupStep struct {
	Op         string  `json:"op"`
	Session    string  `json:"session"`
	Message    string  `json:"message"`
	Needs      string  `json:"needs"`
	Random     Bytes   `json:"random"`
	SessionKey string  `json:"session_key"`
	Exported   string  `json:"exported"`
	Key        Bytes   `json:"key"`
	Pickle     string  `json:"pickle"`
	Expect     string  `json:"expect"`
	Index      *uint32 `json:"index"`
	Plaintext  Bytes   `json:"plaintext"`
	Body       string  `json:"body"`
	SessionID  string  `json:"session_id"`
	Verified   *bool   `json:"verified"`
	State      string  `json:"state"`
}

// Megolm returns conversations of a room, and a table of one ratchet at many indices.
func Megolm() []GroupTranscript {
	cases, _ := read[GroupTranscript]("megolm.json")
	return cases
}
