package differential

import (
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/karst-im/karst/vectors/internal/side"
)

// world is what one schedule runs over: some people, their conversations and rooms, and the messages
// under way.
type world struct {
	t      testing.TB
	choose func(n int) int // the schedule: a number below n
	rng    *rand.ChaCha8   // random bytes for the objects
	name   string          // of the schedule, for failures
	step   int

	people [3]person
	links  []*link
	mail   []letter
	rooms  []*room
	count  map[string]int
}

// person is one account in every implementation.
type person struct {
	accounts [nImpl]side.Account
	oneTime  []string // public keys, used or not
}

func newWorld(t testing.TB, name string, seed [32]byte, choose func(n int) int, count map[string]int) *world {
	w := &world{t: t, choose: choose, rng: rand.NewChaCha8(seed), name: name, count: count}
	for i := range w.people {
		random := w.random(64)
		for j, impl := range implementations {
			w.people[i].accounts[j] = must(drawing(w, random, func(random io.Reader) (side.Account, error) { return impl.NewAccount(random), nil }))
		}
		p := &w.people[i]
		same(w, "identity keys", each(&p.accounts, side.Account.IdentityKeys))
		w.generateOneTimeKeys(p, 3)
	}
	return w
}

func (w *world) free() {
	for _, p := range w.people {
		each(&p.accounts, func(a side.Account) int { a.Free(); return 0 })
	}
	for _, l := range w.links {
		l.free()
	}
	for _, r := range w.rooms {
		r.free()
	}
}

func (w *world) random(n int) []byte {
	b := make([]byte, n)
	_, _ = w.rng.Read(b)
	return b
}

func (w *world) fail(format string, args ...any) {
	w.t.Helper()
	w.t.Fatalf("%s, step %d: %s", w.name, w.step, fmt.Sprintf(format, args...))
}

// each calls f on an object in every implementation.
func each[O, R any](objects *[nImpl]O, f func(O) R) (results [nImpl]R) {
	for i, o := range objects {
		results[i] = f(o)
	}
	return results
}

// same fails if an implementation differs from libolm.
func same[R comparable](w *world, what string, results [nImpl]R) R {
	w.t.Helper()
	for i, r := range results {
		if r != results[reference] {
			w.fail("%s: %s has %v, libolm %v", what, implementations[i].name, r, results[reference])
		}
	}
	return results[reference]
}

// sameCabi fails if package cabi differs from libolm, and returns whether the Go API agrees.
func sameCabi[R comparable](w *world, what string, results [nImpl]R) bool {
	w.t.Helper()
	if results[cabi] != results[reference] {
		w.fail("%s: package cabi has %v, libolm %v", what, results[cabi], results[reference])
	}
	return results[goAPI] == results[reference]
}

func pick[T any](w *world, list []T) T { return list[w.choose(len(list))] }

// steps by weight.
var steps = []struct {
	weight int
	name   string
	run    func(w *world)
}{
	{200, "send", (*world).send},
	{160, "deliver", (*world).deliver},
	{20, "deliver the newest", (*world).deliverNewest},
	{8, "send a burst", (*world).burst},
	{25, "drop", (*world).drop},
	{10, "accept again", (*world).acceptAgain},
	{6, "begin a conversation", (*world).begin},
	{10, "one-time keys", func(w *world) { w.generateOneTimeKeys(pick(w, people(w)), w.choose(4)) }},
	{5, "fallback key", (*world).fallback},
	{5, "mark as published", (*world).markPublished},
	{5, "sign", (*world).sign},
	{20, "pickle a session", (*world).pickleSession},
	{8, "pickle an account", (*world).pickleAccount},
	{3, "new room", (*world).newRoom},
	{60, "send to a room", (*world).sendToRoom},
	{60, "deliver to a member", (*world).deliverToMember},
	{8, "join a room", (*world).join},
	{12, "export", (*world).export},
	{12, "pickle a room", (*world).pickleRoom},
}

var totalWeight = func() (total int) {
	for _, s := range steps {
		total += s.weight
	}
	return total
}()

func (w *world) run(n int) {
	for range n {
		x := w.choose(totalWeight)
		for _, s := range steps {
			if x -= s.weight; x < 0 {
				w.step++
				w.count["step: "+s.name]++
				s.run(w)
				break
			}
		}
	}
}

func people(w *world) []*person { return []*person{&w.people[0], &w.people[1], &w.people[2]} }

// baseKeyEnd is where the base key of a pre-key message ends: after the version, the one-time key and the
// base key, each with a tag and a length.
const baseKeyEnd = 1 + 2*(2+32)

// changed changes raw, a message, now and then, and reports whether it did.
func (w *world) changed(raw []byte) bool {
	if w.choose(8) != 0 {
		return false
	}
	// One bit, anywhere; or one byte, which reaches lengths and tags that no single bit does.
	i := w.choose(len(raw))
	if w.choose(2) == 0 {
		i = w.choose(min(len(raw), 120)) // the header, more often than its share
	}
	if w.choose(8) == 0 && len(raw) > baseKeyEnd {
		raw[baseKeyEnd-1] ^= 0x80 // the one bit of a pre-key message that nothing authenticates
		return true
	}
	if old := raw[i]; w.choose(2) == 0 {
		raw[i] ^= 1 << w.choose(8)
	} else if raw[i] = byte(w.choose(256)); raw[i] == old {
		raw[i]++
	}
	return true
}

// pickleKey returns a pickle key of any length, none included.
func (w *world) pickleKey() []byte { return w.random(pick(w, []int{0, 1, 16, 32, 64, 65, 100})) }

// Accounts.

func (w *world) generateOneTimeKeys(p *person, n int) {
	random := w.random(32 * n)
	w.draw(p, random, func(a side.Account, random io.Reader) error { return a.GenerateOneTimeKeys(n, random) })
	w.noteOneTimeKeys(p)
}

// draw makes a call on every account of p, with the same random bytes.
func (w *world) draw(p *person, random []byte, call func(a side.Account, random io.Reader) error) {
	for i, a := range p.accounts {
		if _, err := drawing(w, random, func(random io.Reader) (int, error) { return 0, call(a, random) }); err != nil {
			w.fail("%s: new keys: %v", implementations[i].name, err)
		}
	}
}

func (w *world) noteOneTimeKeys(p *person) {
	list := same(w, "one-time keys", each(&p.accounts, side.Account.OneTimeKeys))
	p.oneTime = append(p.oneTime, publicKeys(list)...)
	p.oneTime = p.oneTime[max(0, len(p.oneTime)-150):] // some are gone by then
}

func (w *world) fallback() {
	p := pick(w, people(w))
	if w.choose(3) == 0 {
		each(&p.accounts, func(a side.Account) int { a.ForgetOldFallbackKey(); return 0 })
	} else {
		random := w.random(32)
		w.draw(p, random, side.Account.GenerateFallbackKey)
	}
	same(w, "fallback key", each(&p.accounts, side.Account.FallbackKey))
	p.oneTime = append(p.oneTime, publicKeys(same(w, "unpublished fallback key", each(&p.accounts, side.Account.UnpublishedFallbackKey)))...)
}

func (w *world) markPublished() {
	p := pick(w, people(w))
	same(w, "keys marked", each(&p.accounts, side.Account.MarkPublished))
	w.noteOneTimeKeys(p)
	same(w, "unpublished fallback key", each(&p.accounts, side.Account.UnpublishedFallbackKey))
}

func (w *world) sign() {
	p, message := pick(w, people(w)), w.random(w.choose(300))
	same(w, "signature", each(&p.accounts, func(a side.Account) string { return a.Sign(message) }))
}

func (w *world) pickleAccount() {
	p, key := pick(w, people(w)), w.pickleKey()
	pickled := same(w, "account pickle", each(&p.accounts, func(a side.Account) string { return a.Pickle(key) }))
	if w.choose(2) == 0 {
		for i, a := range p.accounts {
			n, err := implementations[i].UnpickleAccount(key, pickled)
			if err != nil {
				w.fail("%s does not read an account: %v", implementations[i].name, err)
			}
			a.Free()
			p.accounts[i] = n
		}
	}
}
