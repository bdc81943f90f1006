package atomicity_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/cabi"
	"github.com/karst-im/karst/internal/wire"
)

// The calling convention of C and JavaScript. Its objects lie in memory of the caller's, they are unpickled
// into where they are, and no types keep a message from the wrong call.

func newC[T cabi.Object]() *T {
	memory := make([]byte, cabi.Size[T]())
	cabi.Construct[T](unsafe.Pointer(&memory[0]))
	return cabi.At[T](unsafe.Pointer(&memory[0]))
}

// undoing returns what calls a function and puts o back if that succeeds: not every bit of every input is
// authenticated, and what it is taken for is then no failure that left something behind.
func undoing[T cabi.Object](o *T) func(func() uint) error {
	return func(call func() uint) error {
		before := *o
		if call() == cabi.Error {
			return errC
		}
		*o = before
		return nil
	}
}

var errC = errors.New("an error of the C interface")

func ofC(result uint) error {
	if result == cabi.Error {
		return errC
	}
	return nil
}

// written returns what a function writes to a buffer of n bytes.
func written(n uint, write func([]byte) uint) []byte {
	b := make([]byte, n)
	if write(b) == cabi.Error {
		panic("no success in C")
	}
	return b
}

func drawn(n uint) []byte {
	b := make([]byte, n)
	_, _ = drawnFrom.Read(b)
	return b
}

var drawnFrom = rand.NewChaCha8([32]byte{})

func okC(result uint) {
	if result == cabi.Error {
		panic("no success in C")
	}
}

func accountInC() *cabi.Account {
	a := newC[cabi.Account]()
	okC(a.Create(drawn(cabi.CreateAccountRandomLen)))
	return a
}

func identityInC(a *cabi.Account) []byte {
	return written(uint(cabi.IdentityKeysLen), a.IdentityKeys)[15:58]
}

func claimInC(a *cabi.Account) []byte {
	okC(a.GenerateOneTimeKeys(1, drawn(32)))
	list := written(a.OneTimeKeysLen(), a.OneTimeKeys)
	a.MarkKeysAsPublished()
	at := bytes.Index(list, []byte(`":"`)) + 3
	return list[at : at+43]
}

func sendInC(s *cabi.Session) []byte {
	random := drawn(s.EncryptRandomLen())
	return written(s.EncryptMessageLen(uint(len(plaintext))), func(b []byte) uint { return s.Encrypt([]byte(plaintext), random, b) })
}

func receiveInC(s *cabi.Session, kind uint, message []byte) error {
	return ofC(s.Decrypt(kind, bytes.Clone(message), make([]byte, 200)))
}

// throughC has an input of every kind for the calls of C. What the caller's buffers hold after a call is
// theirs: each gets a copy.
func throughC(*testing.T) (all []subject) {
	works := func(call func() error) func(*testing.T) {
		return func(t *testing.T) { require.NoError(t, call()) }
	}
	decoded := func(text []byte) []byte {
		raw, ok := wire.ParseText(text)
		if !ok {
			panic("no base64")
		}
		return raw
	}

	// Olm. libolm looks at nothing around the message that a pre-key message carries, nor do we for its
	// callers: that one is damaged, and in the first message of a session all but what nothing hangs on.
	a, b := accountInC(), accountInC()
	alice, bob := newC[cabi.Session](), newC[cabi.Session]()
	okC(alice.CreateOutbound(a, identityInC(b), claimInC(b), drawn(64)))
	first := sendInC(alice)
	var p wire.PreKeyMessage
	if p.Decode(decoded(first), wire.Strict) != 0 {
		panic("no pre-key message")
	}
	wrapped := func(message []byte) []byte {
		whole := make([]byte, wire.PreKeyMessageLen(len(message)))
		copy(wire.PutPreKeyMessage(whole, (*[32]byte)(p.OneTimeKey), (*[32]byte)(p.BaseKey), (*[32]byte)(p.IdentityKey), len(message)), message)
		return text64(whole)
	}
	inside := bytes.Clone(p.Message)
	accept := func(s *cabi.Session, text []byte) error {
		if s.CreateInbound(b, bytes.Clone(text)) == cabi.Error {
			return errC
		}
		return receiveInC(s, 0, text)
	}
	all = append(all, subject{
		name: "C/first message", honest: inside, owners: []any{b},
		try: func(inner []byte) error { return accept(newC[cabi.Session](), wrapped(inner)) },
		works: works(func() error {
			if err := accept(bob, first); err != nil {
				return err
			}
			return ofC(b.RemoveOneTimeKeys(bob))
		}),
	})
	c, d := accountInC(), accountInC()
	early, late := newC[cabi.Session](), newC[cabi.Session]()
	okC(early.CreateOutbound(c, identityInC(d), claimInC(d), drawn(64)))
	one := sendInC(early)
	okC(late.CreateInbound(d, bytes.Clone(one)))
	if receiveInC(late, 0, one) != nil || receiveInC(early, 1, sendInC(late)) != nil {
		panic("no session")
	}
	ms := [][]byte{sendInC(late), sendInC(late), sendInC(late), sendInC(late)}
	if receiveInC(early, 1, ms[2]) != nil {
		panic("no message")
	}
	for name, m := range map[string][]byte{"next message": ms[3], "late message": ms[0]} {
		all = append(all, subject{
			name: "C/" + name, honest: decoded(m), owners: []any{early},
			try:   func(raw []byte) error { return receiveInC(early, 1, text64(raw)) },
			works: works(func() error { return receiveInC(early, 1, m) }),
		})
	}

	// Megolm.
	g, in := newC[cabi.OutboundGroupSession](), newC[cabi.InboundGroupSession]()
	okC(g.Init(drawn(cabi.InitOutboundGroupRandomLen)))
	key := written(cabi.SessionKeyLen(), g.Key)
	okC(in.Init(bytes.Clone(key)))
	stranger, other := newC[cabi.OutboundGroupSession](), newC[cabi.InboundGroupSession]()
	okC(stranger.Init(drawn(cabi.InitOutboundGroupRandomLen)))
	okC(other.Init(written(cabi.SessionKeyLen(), stranger.Key)))
	written(g.EncryptMessageLen(0), func(b []byte) uint { return g.Encrypt(nil, b) }) // is lost
	posted := written(g.EncryptMessageLen(5), func(b []byte) uint { return g.Encrypt([]byte("hello"), b) })
	exported := written(cabi.ExportLen(), func(b []byte) uint { return in.Export(b, 0) })
	all = append(all, subject{
		name: "C/group message", honest: decoded(posted), owners: []any{in},
		try:   func(raw []byte) error { return ofC(in.Decrypt(text64(raw), make([]byte, 100), nil)) },
		works: works(func() error { return ofC(in.Decrypt(bytes.Clone(posted), make([]byte, 100), nil)) }),
	}, subject{
		name: "C/session key", honest: decoded(key), owners: []any{other},
		try:   func(raw []byte) error { return ofC(other.Init(text64(raw))) },
		works: works(func() error { return ofC(other.Init(bytes.Clone(key))) }),
	}, subject{
		name: "C/exported key", honest: decoded(exported), owners: []any{in}, unauthenticated: true,
		try:   func(raw []byte) error { return undoing(in)(func() uint { return in.Import(text64(raw)) }) },
		works: works(func() error { return ofC(in.Import(bytes.Clone(exported))) }),
	})

	// Backups, verification, signatures.
	dec, enc := newC[cabi.PKDecryption](), newC[cabi.PKEncryption]()
	public := written(cabi.PKKeyLen, func(b []byte) uint { return dec.KeyFromPrivate(b, drawn(32)) })
	okC(enc.SetRecipientKey(public))
	ciphertext := make([]byte, cabi.PKCiphertextLen(5))
	mac, ephemeral := make([]byte, cabi.PKMACLen), make([]byte, cabi.PKKeyLen)
	okC(enc.Encrypt([]byte("hello"), ciphertext, mac, ephemeral, drawn(32)))
	decrypt := func(ephemeral, mac, ciphertext []byte) error {
		return ofC(dec.Decrypt(bytes.Clone(ephemeral), bytes.Clone(mac), bytes.Clone(ciphertext), make([]byte, 200)))
	}
	var sas [2]*cabi.SAS
	for i := range sas {
		sas[i] = newC[cabi.SAS]()
		okC(sas[i].Create(drawn(32)))
	}
	theirs := written(cabi.SASKeyLen, sas[1].PublicKey)
	utility := newC[cabi.Utility]()
	signature := written(cabi.SignatureLen, func(s []byte) uint { return a.Sign([]byte(plaintext), s) })
	signer := written(uint(cabi.IdentityKeysLen), a.IdentityKeys)[71:114]
	verify := func(signature []byte) error {
		return ofC(utility.Verify(signer, []byte(plaintext), bytes.Clone(signature)))
	}
	all = append(all, subject{
		// The MAC covers nothing of it.
		name: "C/backup", honest: decoded(ciphertext), owners: []any{dec}, unauthenticated: true, stateless: true,
		try:   func(raw []byte) error { return decrypt(ephemeral, mac, text64(raw)) },
		works: works(func() error { return decrypt(ephemeral, mac, ciphertext) }),
	}, subject{
		name: "C/MAC of a backup", honest: decoded(mac), owners: []any{dec}, stateless: true,
		try:   func(raw []byte) error { return decrypt(ephemeral, text64(raw), ciphertext) },
		works: works(func() error { return decrypt(ephemeral, mac, ciphertext) }),
	}, subject{
		name: "C/recipient of backups", honest: decoded(public), owners: []any{enc}, unauthenticated: true, stateless: true,
		try:   func(raw []byte) error { return undoing(enc)(func() uint { return enc.SetRecipientKey(text64(raw)) }) },
		works: works(func() error { return ofC(enc.SetRecipientKey(public)) }),
	}, subject{
		name: "C/key of a verification", honest: decoded(theirs), owners: []any{sas[0]}, unauthenticated: true,
		try:   func(raw []byte) error { return undoing(sas[0])(func() uint { return sas[0].SetTheirKey(text64(raw)) }) },
		works: works(func() error { return ofC(sas[0].SetTheirKey(bytes.Clone(theirs))) }),
	}, subject{
		// What is behind a signature libolm does not look at.
		name: "C/signature", honest: decoded(signature), owners: []any{utility}, unauthenticated: true, stateless: true,
		try:   verify,
		works: works(func() error { return verify(signature) }),
	})

	return slices.Concat(all,
		pickledInC("account", d, d.PickleLen(), (*cabi.Account).Pickle, (*cabi.Account).Unpickle, func(a *cabi.Account) { claimInC(a) }),
		pickledInC("session", late, late.PickleLen(), (*cabi.Session).Pickle, (*cabi.Session).Unpickle, func(s *cabi.Session) { sendInC(s) }),
		pickledInC("outbound", g, cabi.OutboundGroupPickleLen(), (*cabi.OutboundGroupSession).Pickle, (*cabi.OutboundGroupSession).Unpickle,
			func(g *cabi.OutboundGroupSession) {
				written(g.EncryptMessageLen(0), func(b []byte) uint { return g.Encrypt(nil, b) })
			}),
		pickledInC("inbound", in, cabi.InboundGroupPickleLen(), (*cabi.InboundGroupSession).Pickle, (*cabi.InboundGroupSession).Unpickle,
			func(g *cabi.InboundGroupSession) {
				written(cabi.ExportLen(), func(b []byte) uint { return g.Export(b, 9) })
			}),
		pickledInC("decryption", dec, cabi.PKPickleLen(), (*cabi.PKDecryption).Pickle,
			func(d *cabi.PKDecryption, key, text []byte) uint { return d.Unpickle(key, text, nil) },
			func(d *cabi.PKDecryption) {
				written(cabi.PKKeyLen, func(b []byte) uint { return d.KeyFromPrivate(b, drawn(32)) })
			}),
	)
}

// pickledInC unpickles the pickle of an object into what that has become in the meantime: its text, the
// pickle key, and the contents under the right key, whose errors show late.
func pickledInC[T cabi.Object](name string, o *T, n uint, pickle, unpickle func(o *T, key, text []byte) uint, move func(*T)) (all []subject) {
	text := written(n, func(b []byte) uint { return pickle(o, pickleKey, b) })
	add := func(what string, honest []byte, unauthenticated bool, read func(o *T, bad []byte) uint) {
		own := newC[T]()
		*own = *o
		move(own)
		all = append(all, subject{
			name: "C/pickle/" + name + ", " + what, honest: honest, owners: []any{own}, unauthenticated: unauthenticated,
			try: func(bad []byte) error { return undoing(own)(func() uint { return read(own, bad) }) },
			works: func(t *testing.T) {
				require.NotEqual(t, cabi.Error, unpickle(own, pickleKey, bytes.Clone(text)))
				require.Equal(t, text, written(n, func(b []byte) uint { return pickle(own, pickleKey, b) }))
			},
		})
	}
	// Base64 in C accepts every character.
	add("text", text, true, func(o *T, bad []byte) uint { return unpickle(o, pickleKey, bytes.Clone(bad)) })
	add("key", pickleKey, false, func(o *T, bad []byte) uint { return unpickle(o, bad, bytes.Clone(text)) })
	add("contents", bytes.Clone(opened(text)), true, func(o *T, bad []byte) uint { return unpickle(o, pickleKey, sealed(bad)) })
	return all
}
