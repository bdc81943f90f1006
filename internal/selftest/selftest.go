// Package selftest runs everything that the core can do, in memory that its caller provides and
// without allocating, and condenses what was computed to one hash.
//
// It serves two ends. Every build of the core must arrive at the same hash: on each architecture,
// with and without purego, and as compiled by TinyGo. And the program in the folder small, which
// reaches the core through it, links without a heap only if nothing in the core needs one.
package selftest

import (
	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/ratchet"
	"github.com/karst-im/karst/internal/secret"
	"github.com/karst-im/karst/internal/sha2"
	"github.com/karst-im/karst/internal/wire"
)

// State is the memory of one run: every kind of object, twice where two talk. It holds no pointers.
type State struct {
	alice, bob         party
	outbound           protocol.OutboundGroup
	inbound, imported  protocol.InboundGroup
	sasA, sasB         protocol.SAS
	pk                 protocol.PKDecryption
	signing            protocol.Signing
	pending            ratchet.Pending
	transcript         sha2.Hash256
	message            [maxMessage]byte
	kept               [nKept][maxMessage]byte // messages that arrive late
	keptLen            [nKept]int
	plaintext, decoded [maxMessage]byte
	pickled            [maxPickle]byte
	random             [160]byte
	draws              uint32
	code               errcode.Code // of the first step that failed
	step               int          // its number, counted from 1
}

type party struct {
	account   protocol.Account
	keys      [nOneTime]protocol.OneTimeKey
	session   protocol.Session
	skipped   [ratchet.MaxPickledSkipped]ratchet.SkippedKey
	forgotten [ratchet.MaxPickledSkipped]ratchet.ForgottenChain
}

const (
	nOneTime   = 10
	nKept      = 8
	maxMessage = 1024
	maxPickle  = 8192
)

var pickleKey = []byte("selftest pickle key")

// Run runs everything in s, whatever it held, and writes the hash to out. It returns 0, or the
// number of the step that failed.
func (s *State) Run(out *[32]byte) int {
	s.draws, s.step, s.code = 0, 0, errcode.OK
	s.transcript.Reset()
	s.accounts()
	s.sessions()
	s.conversation()
	s.olmPickles()
	s.groups()
	s.groupPickles()
	s.strings()
	s.backup()
	s.transcript.Sum(out)
	if s.code != errcode.OK {
		return s.step
	}
	return 0
}

// draw fills n bytes that look random: SHA-256 over a counter.
func (s *State) draw(n int) []byte {
	var seed [4]byte
	var block [32]byte
	for i := 0; i < n; i += 32 {
		s.draws++
		seed[0], seed[1], seed[2], seed[3] = byte(s.draws>>24), byte(s.draws>>16), byte(s.draws>>8), byte(s.draws)
		sha2.Sum256(&block, seed[:])
		secret.Copy(s.random[i:min(i+32, len(s.random))], block[:])
	}
	return s.random[:n]
}

// must counts a step, which has to succeed.
func (s *State) must(code errcode.Code) bool { return s.want(code, errcode.OK) }

// want counts a step, which has to end in a certain code.
func (s *State) want(got, want errcode.Code) bool {
	if s.code != errcode.OK {
		return false
	}
	s.step++
	if got != want {
		if s.code = got; got == errcode.OK {
			s.code = want
		}
		return false
	}
	return true
}

func (s *State) check(ok bool) bool {
	if !ok {
		return s.must(errcode.CorruptedPickle)
	}
	return s.must(errcode.OK)
}

func (s *State) note(b []byte) { s.transcript.Write(b) }

func (s *State) accounts() {
	for _, p := range [2]*party{&s.alice, &s.bob} {
		p.account.Wipe(p.keys[:])
		p.account.Create(s.draw(protocol.AccountRandomLen))
		for range nOneTime + 2 {
			p.account.GenerateOneTimeKey(p.keys[:], s.draw(protocol.KeyRandomLen))
		}
		p.account.MarkPublished(p.keys[:])
		p.account.GenerateFallbackKey(s.draw(protocol.KeyRandomLen))
		p.account.GenerateFallbackKey(s.draw(protocol.KeyRandomLen))
		s.check(p.account.ForgetOldFallback())
		s.note(p.account.Ed25519()[:])
		s.note(p.account.Curve25519()[:])
		s.note(p.account.Fallback().Public()[:])
		var sig [64]byte
		p.account.Sign(&sig, p.account.Curve25519()[:])
		s.note(sig[:])
		s.must(p.account.Check(p.keys[:]))
	}
}

func (p *party) storage() ratchet.Skipped {
	return ratchet.Skipped{Keys: p.skipped[:], Forgotten: p.forgotten[:]}
}

// encrypt puts the next message of p to plaintext of n bytes into s.message.
func (s *State) encrypt(p *party, n int) []byte {
	for i := range n {
		s.plaintext[i] = byte(i*7 + n)
	}
	message := s.message[:p.session.MessageLen(n)]
	var random []byte
	if p.session.NeedsRandom() {
		random = s.draw(protocol.RatchetRandomLen)
	}
	s.must(p.session.Encrypt(message, s.plaintext[:n], random))
	s.note(message)
	return message
}

// decrypt decrypts a message and compares the outcome with the last plaintext of n bytes.
func (s *State) decrypt(p *party, kind int, raw []byte, n int, want errcode.Code) {
	var outer wire.PreKeyMessage
	var m wire.Message
	if kind == protocol.TypePreKey {
		if !s.must(outer.Decode(raw, wire.Strict)) || !s.must(p.session.CheckPreKey(&outer, wire.Strict)) {
			return
		}
		raw = outer.Message
	}
	if !s.must(m.Decode(raw, wire.Strict)) {
		return
	}
	storage := p.storage()
	got, code := p.session.Decrypt(&s.pending, &storage, s.decoded[:], &m, wire.Strict)
	if s.want(code, want) && code == errcode.OK {
		p.session.Commit(&s.pending, &storage)
		s.check(got == n && (n < 0 || secret.Equal(s.decoded[:got], s.plaintext[:got]) == 1))
	}
}

func (s *State) sessions() {
	identity, oneTime := *s.bob.account.Curve25519(), *s.bob.keys[3].Public()
	s.must(s.alice.session.StartOutbound(&s.alice.account, &identity, &oneTime, s.draw(protocol.OutboundRandomLen), wire.Strict))
	message := s.encrypt(&s.alice, 5)
	var outer wire.PreKeyMessage
	from := *s.alice.account.Curve25519()
	s.must(outer.Decode(message, wire.Strict))
	if !s.must(s.bob.session.StartInbound(&s.bob.account, s.bob.keys[:], &outer, &from, wire.Strict)) {
		return
	}
	s.decrypt(&s.bob, protocol.TypePreKey, message, 5, errcode.OK)
	_, code := s.bob.account.Remove(s.bob.keys[:], &s.bob.session)
	s.must(code)
	var a, b [32]byte
	s.alice.session.ID(&a)
	s.bob.session.ID(&b)
	s.check(secret.Equal(a[:], b[:]) == 1)
	s.note(a[:])
}

// conversation sends in both directions, with messages that arrive late, twice, or changed.
func (s *State) conversation() {
	for turn := range 8 {
		from, to := &s.bob, &s.alice
		if turn%2 == 1 {
			from, to = to, from
		}
		kind := from.session.Type()
		for i := range nKept {
			message := s.encrypt(from, 100)
			s.keptLen[i] = secret.Copy(s.kept[i][:], message)
		}
		for _, i := range [...]int{2, 0, 7, 5, 1, 6} { // 3 and 4 are lost
			s.decrypt(to, kind, s.kept[i][:s.keptLen[i]], 100, errcode.OK)
		}
		s.decrypt(to, kind, s.kept[5][:s.keptLen[5]], 100, errcode.NoMessageKey)
		s.kept[3][s.keptLen[3]-20] ^= 1
		s.decrypt(to, kind, s.kept[3][:s.keptLen[3]], 100, errcode.BadMessageMAC)
	}
}

func (s *State) olmPickles() {
	for _, p := range [2]*party{&s.alice, &s.bob} {
		sealed := s.pickled[:p.account.PickleLen()]
		p.account.Pickle(sealed, pickleKey, p.keys[:])
		s.note(sealed)
		p.account.Wipe(p.keys[:])
		if raw, code := envelope.Open(sealed, pickleKey); s.must(code) {
			s.check(protocol.CountPickled(raw) <= len(p.keys))
			s.must(p.account.Unpickle(raw, p.keys[:], wire.Strict))
		}
		storage := p.storage()
		sealed = s.pickled[:p.session.PickleLen()]
		p.session.Pickle(sealed, pickleKey, &storage)
		s.note(sealed)
		p.session.Wipe()
		var r protocol.SessionReader
		if raw, code := envelope.Open(sealed, pickleKey); s.must(code) {
			s.must(r.Open(raw))
			s.must(p.session.Unpickle(&r, &storage, wire.Strict))
			s.must(p.session.Check())
		}
	}
	message := s.encrypt(&s.alice, 200)
	s.decrypt(&s.bob, protocol.TypeNormal, message, 200, errcode.OK)
}

func (s *State) groups() {
	g, in := &s.outbound, &s.inbound
	g.Start(s.draw(protocol.GroupRandomLen))
	sessionKey := s.message[:protocol.SessionKeyLen]
	g.SessionKey(sessionKey)
	s.note(sessionKey)
	s.must(in.Start(sessionKey))
	for i := range 260 {
		message := s.message[:g.MessageLen(i)]
		s.must(g.Encrypt(message, s.plaintext[:i]))
		s.note(message)
		var m wire.GroupMessage
		s.must(m.Decode(message, wire.Strict))
		n, code := in.Decrypt(s.decoded[:], &m, wire.Strict)
		s.must(code)
		s.check(n == i && secret.Equal(s.decoded[:i], s.plaintext[:i]) == 1)
		message[len(message)-70] ^= 1
		_, code = in.Decrypt(s.decoded[:], &m, wire.Strict)
		s.want(code, errcode.BadSignature)
	}
	for _, index := range [...]uint32{0, 255, 256, 65536, 1 << 24, 1<<32 - 1} {
		exported := s.message[:protocol.ExportLen]
		s.must(in.Export(exported, index, wire.Strict))
		s.note(exported)
		s.must(s.imported.Import(exported, wire.Strict))
		relation := s.imported.Compare(in)
		s.check((relation == protocol.Equal || relation == protocol.Worse && index > 0) && s.imported.FirstKnownIndex() == index)
	}
	s.check(s.imported.Merge(in) && s.imported.FirstKnownIndex() == 0 && s.imported.Verified())
	s.must(s.imported.Advance(300))
	exported := s.message[:protocol.ExportLen]
	s.want(s.imported.Export(exported, 299, wire.Strict), errcode.UnknownMessageIndex)
	// A forgery that is right from 512 on is taken for nothing that is known, and gives way to it.
	s.must(s.imported.Export(exported, 300, wire.Strict))
	exported[5+127] ^= 1
	s.must(s.imported.Import(exported, wire.Strict))
	s.check(in.Compare(&s.imported) == protocol.Unrelated && !in.Merge(&s.imported) && in.FirstKnownIndex() == 0)
	s.check(s.imported.Merge(in) && s.imported.FirstKnownIndex() == 0 && s.imported.Verified())
}

func (s *State) groupPickles() {
	sealed := s.pickled[:protocol.OutboundPickleLen]
	s.outbound.Pickle(sealed, pickleKey)
	s.note(sealed)
	s.outbound.Wipe()
	if raw, code := envelope.Open(sealed, pickleKey); s.must(code) {
		s.must(s.outbound.Unpickle(raw, wire.Strict))
		s.must(s.outbound.Check())
	}
	sealed = s.pickled[:protocol.InboundPickleLen]
	s.inbound.Pickle(sealed, pickleKey, wire.Strict)
	s.note(sealed)
	s.inbound.Wipe()
	if raw, code := envelope.Open(sealed, pickleKey); s.must(code) {
		s.must(s.inbound.Unpickle(raw, wire.Strict))
	}
}

var sasInfo, sasInput = []byte("selftest info"), []byte("selftest input")

func (s *State) strings() {
	s.sasA.Start(s.draw(protocol.SASRandomLen))
	s.sasB.Start(s.draw(protocol.SASRandomLen))
	s.must(s.sasA.Establish(s.sasB.Public(), wire.Strict))
	s.must(s.sasB.Establish(s.sasA.Public(), wire.Strict))
	s.sasA.Bytes(s.plaintext[:100], sasInfo)
	s.sasB.Bytes(s.decoded[:100], sasInfo)
	s.check(secret.Equal(s.plaintext[:100], s.decoded[:100]) == 1)
	s.note(s.decoded[:100])
	var a, b [32]byte
	var text [protocol.MACTextLen]byte
	s.sasA.MAC(&a, sasInput, sasInfo)
	s.sasB.MAC(&b, sasInput, sasInfo)
	s.check(secret.Equal(a[:], b[:]) == 1)
	protocol.LegacyMACText(&text, &a)
	s.note(text[:])
	s.sasA.LongKDFMAC(&a, sasInput, sasInfo)
	s.note(a[:])
	s.sasA.Wipe()
	s.sasB.Wipe()
}

func (s *State) backup() {
	s.pk.Start(s.draw(protocol.PKRandomLen))
	var mac [wire.MACLen]byte
	var ephemeral [32]byte
	ciphertext := s.message[:protocol.PKCiphertextLen(77)]
	s.must(protocol.PKEncrypt(ciphertext, &mac, &ephemeral, s.pk.Public(), s.plaintext[:77], s.draw(protocol.PKRandomLen), wire.Strict))
	s.note(ciphertext)
	s.note(mac[:])
	s.note(ephemeral[:])
	n, code := s.pk.Decrypt(s.decoded[:], ciphertext, mac[:], &ephemeral, wire.Strict)
	s.must(code)
	s.check(n == 77 && secret.Equal(s.decoded[:n], s.plaintext[:n]) == 1)
	sealed := s.pickled[:protocol.PKPickleLen]
	s.pk.Pickle(sealed, pickleKey)
	s.note(sealed)
	if raw, code := envelope.Open(sealed, pickleKey); s.must(code) {
		s.must(s.pk.Unpickle(raw, wire.Strict))
		s.must(s.pk.Check())
	}
	s.pk.Wipe()
	var sig [64]byte
	s.signing.Start(s.draw(32))
	s.signing.Sign(&sig, s.plaintext[:77])
	s.note(sig[:])
	s.signing.Wipe()
}
