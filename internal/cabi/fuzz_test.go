package cabi

import (
	"bytes"
	"testing"
	"unsafe"

	"github.com/karst-im/karst/internal/errcode"
)

// program is what a fuzzer writes: every byte decides something.
type program struct{ rest []byte }

func (p *program) byte() byte {
	if len(p.rest) == 0 {
		return 0
	}
	b := p.rest[0]
	p.rest = p.rest[1:]
	return b
}

// below returns a number below n.
func (p *program) below(n int) int { return (int(p.byte())<<8 | int(p.byte())) % n }

// world is two people with all objects that they may have, and the texts that went between them, of
// which a hostile network may make what it likes.
type world struct {
	t        *testing.T
	accounts [2]memory[Account]
	sessions [3]memory[Session]
	out      memory[OutboundGroupSession]
	in       memory[InboundGroupSession]
	enc      memory[PKEncryption]
	dec      memory[PKDecryption]
	sas      [2]memory[SAS]
	texts    [][]byte
	seed     byte
}

const guard = 0xc7

// room calls write with a buffer of n bytes and checks that nothing around it is touched, and nothing
// in it if write fails.
func (w *world) room(n int, write func([]byte) uint) []byte {
	whole := bytes.Repeat([]byte{guard}, n+32)
	b := whole[16 : 16+n : 16+n]
	result := write(b)
	if !bytes.Equal(whole[:16], bytes.Repeat([]byte{guard}, 16)) || !bytes.Equal(whole[16+n:], bytes.Repeat([]byte{guard}, 16)) {
		w.t.Fatal("written outside of the buffer")
	}
	if result == Error {
		return nil
	}
	if result > uint(n) {
		w.t.Fatalf("result %d in a buffer of %d", result, n)
	}
	return b[:result]
}

func (w *world) random(n int) []byte {
	w.seed++
	return random(n, w.seed)
}

// text returns a text that went over the network, or what became of it.
func (w *world) text(p *program) []byte {
	b := bytes.Clone(w.texts[p.below(len(w.texts))])
	switch p.below(6) {
	case 0:
		b = b[:p.below(len(b)+1)]
	case 1:
		if len(b) > 0 {
			b[p.below(len(b))] = p.byte()
		}
	case 2:
		b = append(b, p.byte(), p.byte())
	case 3:
		n := p.below(200)
		b = bytes.Clone(p.rest[:min(len(p.rest), n)])
	}
	return b
}

// reseal returns a pickle whose contents are those of text with some of them changed, or text itself if it
// is no pickle.
func (w *world) reseal(p *program, text []byte) []byte {
	raw, code := openPickle(nil, bytes.Clone(text))
	if code != errcode.OK {
		raw = text
	}
	switch p.below(3) {
	case 0:
		raw = raw[:p.below(len(raw)+1)]
	case 1:
		raw = append(bytes.Clone(raw), random(p.below(150), p.byte())...)
	case 2:
		raw = bytes.Clone(raw)
		for range p.below(4) {
			if len(raw) > 0 {
				raw[p.below(len(raw))] = p.byte()
			}
		}
	}
	return sealedText(nil, raw)
}

// keeps checks that a call which fails changes nothing but the reason.
func keeps[T Object](w *world, m memory[T], call func(*T) uint) {
	o := m.object()
	before := bytes.Clone(bytesOf(o))
	if call(o) != Error {
		return
	}
	reason := any(o).(reasons).LastErrorCode()
	if reason == errcode.OK || reason > errcode.PickleExtraData {
		w.t.Fatalf("failed for the reason %d", reason)
	}
	before[0] = byte(reason)
	if !bytes.Equal(before, bytesOf(o)) {
		w.t.Fatalf("an error (%s) has changed the object", ErrorName(uint32(reason)))
	}
}

func (w *world) step(p *program) {
	account := w.accounts[p.below(2)]
	session := w.sessions[p.below(3)]
	kind := uint(p.below(3))
	switch op := p.below(30); op {
	case 0:
		account.object().GenerateOneTimeKeys(uint(p.below(4)), w.random(p.below(4)*32))
	case 1:
		n := account.object().OneTimeKeysLen()
		list := w.room(int(n), account.object().OneTimeKeys)
		if at := bytes.LastIndex(list, []byte(`":"`)); at > 0 {
			w.texts = append(w.texts, list[at+3:at+3+keyText])
		}
	case 2:
		account.object().MarkKeysAsPublished()
	case 3:
		account.object().GenerateFallbackKey(w.random(p.below(2) * 32))
	case 4:
		keeps(w, account, func(a *Account) uint { return a.RemoveOneTimeKeys(session.object()) })
	case 5:
		keys := w.room(IdentityKeysLen, account.object().IdentityKeys)
		w.texts = append(w.texts, keys[15:15+keyText])
	case 6:
		identity, oneTime := w.text(p), w.text(p)
		keeps(w, session, func(s *Session) uint {
			return s.CreateOutbound(account.object(), identity, oneTime, w.random(64))
		})
	case 7:
		m := w.text(p)
		keeps(w, session, func(s *Session) uint { return s.CreateInbound(account.object(), m) })
	case 8:
		m, from := w.text(p), w.text(p)
		keeps(w, session, func(s *Session) uint { return s.CreateInboundFrom(account.object(), from, m) })
	case 9:
		m, from := w.text(p), w.text(p)
		keeps(w, session, func(s *Session) uint { return s.MatchesInboundFrom(from, bytes.Clone(m)) })
		keeps(w, session, func(s *Session) uint { return s.MatchesInbound(m) })
	case 10, 11, 12:
		plaintext, r := w.random(p.below(50)), w.random(32)
		n := session.object().EncryptMessageLen(uint(len(plaintext)))
		keeps(w, session, func(s *Session) uint {
			result := Error
			if m := w.room(int(n), func(b []byte) uint { result = s.Encrypt(plaintext, r, b); return result }); m != nil {
				w.texts = append(w.texts, m)
			}
			return result
		})
	case 13, 14, 15, 16:
		m := w.text(p)
		n := session.object().DecryptMaxPlaintextLen(kind, bytes.Clone(m))
		if n == Error {
			n = uint(p.below(100))
		}
		keeps(w, session, func(s *Session) uint {
			result := Error
			w.room(int(n), func(b []byte) uint { result = s.Decrypt(kind, m, b); return result })
			return result
		})
	case 17:
		session.object().Describe(make([]byte, p.below(300)))
		w.room(SessionIDLen, session.object().ID)
	case 18:
		pickle := w.room(int(session.object().PickleLen()), func(b []byte) uint { return session.object().Pickle(nil, b) })
		w.texts = append(w.texts, pickle)
	case 19:
		pickle := w.room(int(account.object().PickleLen()), func(b []byte) uint { return account.object().Pickle(nil, b) })
		w.texts = append(w.texts, pickle)
	case 20:
		// Pickles of any kind, perhaps damaged, and what is encrypted under the right key and is none.
		text := w.text(p)
		if p.byte()%2 == 0 {
			text = w.reseal(p, text)
		}
		keeps(w, account, func(a *Account) uint { return a.Unpickle(nil, bytes.Clone(text)) })
		keeps(w, session, func(s *Session) uint { return s.Unpickle(nil, bytes.Clone(text)) })
		keeps(w, w.in, func(g *InboundGroupSession) uint { return g.Unpickle(nil, bytes.Clone(text)) })
		keeps(w, w.out, func(g *OutboundGroupSession) uint { return g.Unpickle(nil, bytes.Clone(text)) })
		keeps(w, w.dec, func(d *PKDecryption) uint { return d.Unpickle(nil, text, nil) })
	case 21, 22:
		plaintext := w.random(p.below(50))
		n := w.out.object().EncryptMessageLen(uint(len(plaintext)))
		if m := w.room(int(n), func(b []byte) uint { return w.out.object().Encrypt(plaintext, b) }); m != nil {
			w.texts = append(w.texts, m)
		}
	case 23:
		if key := w.room(int(SessionKeyLen()), w.out.object().Key); key != nil {
			w.texts = append(w.texts, key)
		}
	case 24:
		key := w.text(p)
		keeps(w, w.in, func(g *InboundGroupSession) uint { return g.Init(key) })
		keeps(w, w.in, func(g *InboundGroupSession) uint { return g.Import(key) })
	case 25, 26:
		m := w.text(p)
		n := w.in.object().DecryptMaxPlaintextLen(bytes.Clone(m))
		if n == Error {
			n = uint(p.below(100))
		}
		keeps(w, w.in, func(g *InboundGroupSession) uint {
			result := Error
			var index uint32
			w.room(int(n), func(b []byte) uint { result = g.Decrypt(m, b, &index); return result })
			return result
		})
	case 27:
		index := uint32(p.below(1<<16)) * uint32(p.below(1<<16))
		keeps(w, w.in, func(g *InboundGroupSession) uint {
			result := Error
			if key := w.room(int(ExportLen()), func(b []byte) uint { result = g.Export(b, index); return result }); key != nil {
				w.texts = append(w.texts, key)
			}
			return result
		})
	case 28:
		key := w.text(p)
		keeps(w, w.enc, func(e *PKEncryption) uint { return e.SetRecipientKey(key) })
		mac, ephemeral := w.text(p), w.text(p)
		ciphertext := w.text(p)
		keeps(w, w.dec, func(d *PKDecryption) uint {
			return d.Decrypt(ephemeral, mac, ciphertext, make([]byte, len(ciphertext)))
		})
	case 29:
		key := w.text(p)
		s := w.sas[p.below(2)]
		keeps(w, s, func(s *SAS) uint { return s.SetTheirKey(key) })
		keeps(w, s, func(s *SAS) uint { return s.CalculateMAC(MACMethod(p.below(3)), key, key, make([]byte, SASMACLen)) })
		sig := w.text(p)
		u := create[Utility]()
		u.Verify(key, key, sig)
	}
	if len(w.texts) > 60 {
		w.texts = w.texts[len(w.texts)-50:]
	}
}

// FuzzWorld runs a program over a world: nothing panics, is written outside of a buffer, or is changed
// by a call that fails.
func FuzzWorld(f *testing.F) {
	for seed := range byte(50) {
		f.Add(random(800, seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p := &program{text}
		w := &world{t: t, texts: [][]byte{{}, []byte("AwoK"), bytes.Repeat([]byte("A"), keyText)}}
		at := int(p.byte() % 8)
		for i := range w.accounts {
			w.accounts[i] = construct[Account](at + i)
			w.accounts[i].object().Create(w.random(64))
		}
		for i := range w.sessions {
			w.sessions[i] = construct[Session](at + i)
		}
		w.out, w.in = construct[OutboundGroupSession](at), construct[InboundGroupSession](at)
		w.enc, w.dec = construct[PKEncryption](at), construct[PKDecryption](at)
		w.sas = [2]memory[SAS]{construct[SAS](at), construct[SAS](at)}
		w.out.object().Init(w.random(InitOutboundGroupRandomLen))
		for steps := 0; len(p.rest) > 0 && steps < 500; steps++ {
			w.step(p)
			if p.byte()%16 == 0 { // an object may be copied to anywhere at any time
				w.sessions[0] = w.sessions[0].moved(int(p.byte() % 8))
				w.accounts[0] = w.accounts[0].moved(int(p.byte() % 8))
			}
		}
		if unsafe.Offsetof(Account{}.status) != 0 {
			t.Fatal("the reason is not where keeps looks for it")
		}
	})
}
