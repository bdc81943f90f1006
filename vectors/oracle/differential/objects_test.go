package differential

// What the schedule asks of an implementation. Texts are libolm's: base64 and JSON.

type account interface {
	identityKeys() string
	sign(message []byte) string
	generateOneTimeKeys(n int, random []byte)
	oneTimeKeys() string
	markPublished() int
	generateFallback(random []byte)
	unpublishedFallback() string
	forgetFallback()
	outbound(identity, oneTime string, random []byte) (session, error)
	// inbound creates a session from a pre-key message, decrypts the message, and if that
	// succeeds removes the one-time key.
	inbound(from, body string) (session, []byte, error)
	pickle(key []byte) string
	unpickle(key []byte, pickled string) (account, error)
	free()
}

type session interface {
	id() string
	describe() string
	hasReceived() bool
	needsRandom() bool
	matches(body string) bool
	encrypt(plaintext, random []byte) (messageType int, body string, err error)
	decrypt(messageType int, body string) ([]byte, error)
	pickle(key []byte) string
	unpickle(key []byte, pickled string) (session, error)
	free()
}

type sender interface {
	id() string
	index() uint32
	sessionKey() string
	encrypt(plaintext []byte) string
	pickle(key []byte) string
	unpickle(key []byte, pickled string) (sender, error)
	free()
}

type receiver interface {
	firstKnown() uint32
	verified() bool // by anything, which is what libolm's flag says
	decrypt(body string) ([]byte, uint32, error)
	export(index uint32) (string, error)
	pickle(key []byte) string
	unpickle(key []byte, pickled string) (receiver, error)
	free()
}

// implementation makes objects.
type implementation struct {
	name       string
	newAccount func(random []byte) account
	newSender  func(random []byte) sender
	inbound    func(sessionKey string) (receiver, error)
	imported   func(exported string) (receiver, error)
}

// The places of the three implementations in every array.
const (
	reference = iota // libolm
	engine           // karst under libolm's rules
	goAPI            // karst's Go API
	nImpl
)

var implementations = [nImpl]implementation{libolmImpl, engineImpl, goImpl}

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}
