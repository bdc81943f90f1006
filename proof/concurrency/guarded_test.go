package concurrency_test

import (
	"errors"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/karst-im/karst/internal/sealed"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pk"
	"github.com/karst-im/karst/ratchet"
	"github.com/karst-im/karst/sas"
)

// TestGuarded: all methods of an object at once, each in two goroutines, first without Wipe, then with it. It
// fails under the race detector if one of them touches the state without the lock, with a panic if one finds
// the state torn, and it never ends if one leaves the lock behind.
func TestGuarded(t *testing.T) {
	n, types := 0, 0
	for i, o := range objects() {
		if o.guarded == nil {
			continue
		}
		types++
		actions := slices.Concat(o.allowed, o.changing)
		requireAllMethods(t, o, actions)
		without := slices.DeleteFunc(slices.Clone(actions), func(a action) bool { return a.name == "Wipe" })
		if len(without) != len(actions)-1 {
			t.Errorf("%s: it has no Wipe, or two", o.typ)
		}
		together(documented(t, o.typ, slices.Concat(without, without))...)
		fresh := objects()[i]
		actions = slices.Concat(fresh.allowed, fresh.changing)
		together(documented(t, o.typ, slices.Concat(actions, actions))...)
		n += len(actions)
	}
	t.Logf("guarded: %d methods of %d types at once, with Wipe and without; race detector: %v", n, types, raceDetector)
}

// requireAllMethods: the list of actions leaves out no method.
func requireAllMethods(t *testing.T, o object, actions []action) {
	t.Helper()
	for method := range reflect.TypeOf(o.guarded).Methods() {
		named := func(a action) bool { return a.name == method.Name }
		_, refuses := reflect.TypeFor[sealed.Object[error]]().MethodByName(method.Name) // without a look at the object
		if method.Name != "GoString" && !refuses && !slices.ContainsFunc(actions, named) {
			t.Errorf("%s.%s is not called: add it to objects", o.typ, method.Name)
		}
	}
}

// documented returns actions that may fail, but only as the documentation of their methods has it.
func documented(t *testing.T, typ string, actions []action) (tolerant []action) {
	for _, a := range actions {
		tolerant = append(tolerant, action{a.name, func(n int) {
			defer func() {
				switch err := recover().(type) {
				case nil:
				case runtime.Error:
					panic(err)
				case error:
					if !isDocumented(err) {
						t.Errorf("%s.%s: %v", typ, a.name, err)
					}
				default:
					panic(err)
				}
			}()
			// The lists of arguments are long enough for each action twice.
			a.call(n % (2 * rounds))
		}})
	}
	return tolerant
}

func isDocumented(err error) bool {
	for _, e := range []error{
		olm.ErrWiped, olm.ErrUnknownOneTimeKey, olm.ErrNoMessageKey, megolm.ErrWiped, sas.ErrWiped, sas.ErrMAC, pk.ErrWiped, ratchet.ErrPast,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	var unknown *megolm.UnknownIndexError
	return errors.As(err, &unknown)
}

const goroutines = 8

// each runs f in several goroutines at once, n times in each.
func each(n int, f func(g, i int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for g := range goroutines {
		all.Go(func() {
			<-start
			for i := range n {
				f(g, i)
			}
		})
	}
	close(start)
	all.Wait()
}

// text is a plaintext that no other call encrypts.
func text(g, i int) string { return string([]byte{'g', byte(g), 'i', byte(i), byte(i >> 8)}) }

// collector gathers what several goroutines make.
type collector[T any] struct {
	mu   sync.Mutex
	list []T
}

func (c *collector[T]) add(x T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = append(c.list, x)
}

// TestGroupKeysServeOnce: goroutines that encrypt with one Megolm session. Every message has an index of its
// own, none is left out, and all decrypt to what was encrypted.
func TestGroupKeysServeOnce(t *testing.T) {
	const n = 200
	out := megolm.NewOutboundSession()
	in := must(megolm.NewInboundSession(must(out.SessionKey())))
	type sent struct {
		text    string
		message megolm.Message
	}
	var all collector[sent]
	each(n, func(g, i int) { all.add(sent{text(g, i), must(out.Encrypt([]byte(text(g, i))))}) })
	seen := map[uint32]bool{}
	for _, s := range all.list {
		plaintext, index, err := in.Decrypt(s.message)
		if err != nil || string(plaintext) != s.text {
			t.Fatalf("%q instead of %q: %v", plaintext, s.text, err)
		}
		if seen[index] || index >= goroutines*n {
			t.Errorf("index %d is used twice, or out of range", index)
		}
		seen[index] = true
	}
	if len(seen) != goroutines*n || out.Index() != goroutines*n {
		t.Errorf("%d indices, and %d is next, instead of %d", len(seen), out.Index(), goroutines*n)
	}
	t.Logf("Megolm: %d messages by %d goroutines, %d indices", len(all.list), goroutines, len(seen))
}

// talk returns two sessions that talk to each other; the second one has a chain to begin.
func talk() (*olm.Session, *olm.Session) {
	alice, bob := olm.NewAccount(), olm.NewAccount()
	out := must(alice.NewOutboundSession(bob.IdentityKeys().Curve25519, claim(bob)))
	in, _, err := bob.Accept(alice.IdentityKeys().Curve25519, must(out.Encrypt(nil)))
	must(0, err)
	return out, in
}

// TestKeysServeOnce: goroutines that encrypt with one Olm session. Each message decrypts, once: two under one
// key, or two beginnings of one chain, would not.
func TestKeysServeOnce(t *testing.T) {
	const turns, n = 10, 20
	alice, bob := talk()
	total := 0
	for range turns {
		alice, bob = bob, alice
		type sent struct {
			text    string
			message olm.Message
		}
		var all collector[sent]
		each(n, func(g, i int) { all.add(sent{text(g, i), must(alice.Encrypt([]byte(text(g, i))))}) })
		bodies := map[string]bool{}
		for _, s := range all.list {
			if plaintext, err := bob.Decrypt(s.message); err != nil || string(plaintext) != s.text {
				t.Fatalf("%q instead of %q: %v", plaintext, s.text, err)
			}
			if _, err := bob.Decrypt(s.message); err != olm.ErrNoMessageKey {
				t.Fatalf("decrypts again: %v", err)
			}
			bodies[string(s.message.Body)] = true
		}
		if len(bodies) != goroutines*n {
			t.Errorf("%d messages instead of %d", len(bodies), goroutines*n)
		}
		total += len(bodies)
	}
	t.Logf("Olm: %d messages by %d goroutines, each decrypted once", total, goroutines)
}

// TestRatchetKeysServeOnce: the same of a Double by itself. Each key is another one, and the other side finds it.
func TestRatchetKeysServeOnce(t *testing.T) {
	const turns, n = 10, 20
	shared := [ratchet.SharedLen]byte{1}
	alice := ratchet.Initiate(&shared)
	first := sendKey(alice)
	bob := must(ratchet.Respond(&shared, first.ours))
	must(0, receiveKey(bob, first))
	total := 0
	for range turns {
		alice, bob = bob, alice
		var all collector[keyed]
		each(n, func(int, int) { all.add(sendKey(alice)) })
		seen := map[[ratchet.KeyLen]byte]bool{}
		for _, k := range all.list {
			if err := receiveKey(bob, k); err != nil {
				t.Fatalf("message %d: %v", k.index, err)
			}
			if err := receiveKey(bob, k); err != ratchet.ErrNoMessageKey {
				t.Fatalf("message %d again: %v", k.index, err)
			}
			seen[k.key] = true
		}
		if len(seen) != goroutines*n {
			t.Errorf("%d keys instead of %d", len(seen), goroutines*n)
		}
		total += len(seen)
	}
	m := ratchet.NewMegolm()
	each(n, func(int, int) { must(0, m.Advance()) })
	if m.Index() != goroutines*n {
		t.Errorf("index %d after %d calls of Advance", m.Index(), goroutines*n)
	}
	t.Logf("ratchet: %d keys by %d goroutines, each found once", total, goroutines)
}

// onlyOne wants one of several goroutines to succeed, and all others to get want.
func onlyOne(t *testing.T, what string, want error, f func() error) {
	t.Helper()
	var ok atomic.Int32
	each(1, func(int, int) {
		switch err := f(); {
		case err == nil:
			ok.Add(1)
		case err != want:
			t.Errorf("%s: %v instead of %v", what, err, want)
		}
	})
	if ok.Load() != 1 {
		t.Errorf("%s: %d of %d goroutines succeeded", what, ok.Load(), goroutines)
	}
}

// TestOnlyOneSucceeds: goroutines that want what there is once.
func TestOnlyOneSucceeds(t *testing.T) {
	const n = 50
	alice, bob := talk()
	var messages []olm.Message
	for range n {
		messages = append(messages, must(alice.Encrypt([]byte("a message"))))
	}
	// The last one first, so that the others' keys are kept ones; a chain keeps 40.
	for i := range slices.Backward(messages[n-40:]) {
		onlyOne(t, "decrypting one message", olm.ErrNoMessageKey, func() error {
			_, err := bob.Decrypt(messages[n-40+i])
			return err
		})
	}
	sender, account := olm.NewAccount(), olm.NewAccount()
	for range n {
		begun := must(sender.NewOutboundSession(account.IdentityKeys().Curve25519, claim(account)))
		first := must(begun.Encrypt(nil))
		onlyOne(t, "accepting one message", olm.ErrUnknownOneTimeKey, func() error {
			_, _, err := account.Accept(sender.IdentityKeys().Curve25519, first)
			return err
		})
	}
	shared := [ratchet.SharedLen]byte{1}
	d := ratchet.Initiate(&shared)
	first := sendKey(d)
	other := must(ratchet.Respond(&shared, first.ours))
	for k := first; k.index < n; k = sendKey(d) {
		onlyOne(t, "receiving one key", ratchet.ErrNoMessageKey, func() error { return receiveKey(other, k) })
	}
	for range n {
		mine, theirs := sas.New(), sas.New().PublicKey()
		onlyOne(t, "establishing", sas.ErrWiped, func() error {
			_, err := mine.Establish(theirs)
			return err
		})
	}
}

// TestManyReadGroupMessages: Megolm decrypts a message as often as it is asked to, also at once.
func TestManyReadGroupMessages(t *testing.T) {
	out := megolm.NewOutboundSession()
	in := must(megolm.NewInboundSession(must(out.SessionKey())))
	var messages []megolm.Message
	for i := range 100 {
		messages = append(messages, must(out.Encrypt([]byte(text(0, i)))))
	}
	each(len(messages), func(g, i int) {
		at := (i*7 + g*13) % len(messages)
		if plaintext, index, err := in.Decrypt(messages[at]); err != nil || index != uint32(at) || string(plaintext) != text(0, at) {
			t.Errorf("message %d: %q, index %d, %v", at, plaintext, index, err)
		}
	})
}

// TestPairsDontWaitForEachOther: calls with two objects, in both orders. If they did, this would never end.
func TestPairsDontWaitForEachOther(t *testing.T) {
	key := must(megolm.NewOutboundSession().SessionKey())
	a, b := must(megolm.NewInboundSession(key)), must(megolm.NewInboundSession(key))
	account, other := olm.NewAccount(), olm.NewAccount()
	session := must(other.NewOutboundSession(account.IdentityKeys().Curve25519, claim(account)))
	each(500, func(g, i int) {
		x, y := a, b
		if g%2 == 1 {
			x, y = b, a
		}
		if err := x.Merge(y); err != nil {
			t.Error(err)
		}
		if order := x.Compare(y); order != megolm.Equal {
			t.Errorf("order %d", order)
		}
		if x.Compare(x) != megolm.Equal {
			t.Error("a session is not equal to itself")
		}
		account.RemoveOneTimeKey(session)
		other.RemoveOneTimeKey(session)
	})
}

// TestPanicsUnlock: a call that panics, from which the program recovers, leaves the object in use.
func TestPanicsUnlock(t *testing.T) {
	account := olm.NewAccount()
	out, in := talk()
	key := must(megolm.NewOutboundSession().SessionKey())
	group := must(megolm.NewInboundSession(key))
	shared := [ratchet.SharedLen]byte{1}
	double := ratchet.Initiate(&shared)
	k := sendKey(double)
	otherDouble := must(ratchet.Respond(&shared, k.ours))
	m := ratchet.NewMegolm()
	for name, f := range map[string]func(){
		"a message":     func() { _, _ = account.NewInboundSession(nil) },
		"a session":     func() { account.RemoveOneTimeKey(nil) },
		"what to match": func() { out.Matches(nil) },
		"another one":   func() { _ = group.Merge(nil) },
		"a key":         func() { _, _, _ = double.Send(nil) },
		"what opens":    func() { _ = otherDouble.Receive(k.ours, k.index, nil) },
		"a value":       func() { _ = m.Key(nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s that is nil: no panic", name)
				}
			}()
			f()
		}()
	}
	must(account.Sign(nil))
	must(in.Decrypt(must(out.Encrypt(nil))))
	must(0, receiveKey(otherDouble, k))
	must(0, receiveKey(otherDouble, sendKey(double)))
	must(0, m.Advance())
	if group.Merge(group) != nil || group.Compare(group) != megolm.Equal {
		t.Error("not equal to itself")
	}
}

// TestOpenMayPanic: what Receive calls panics, or ends its goroutine, and the program goes on with the Double.
func TestOpenMayPanic(t *testing.T) {
	shared := [ratchet.SharedLen]byte{1}
	d := ratchet.Initiate(&shared)
	k := sendKey(d)
	other := must(ratchet.Respond(&shared, k.ours))
	for _, ends := range []func(){func() { panic("open") }, runtime.Goexit} {
		var all sync.WaitGroup
		all.Go(func() {
			defer func() { _ = recover() }()
			_ = other.Receive(k.ours, k.index, func(*[ratchet.KeyLen]byte) error {
				ends()
				return nil
			})
			t.Error("Receive returns")
		})
		all.Wait()
	}
	must(0, receiveKey(other, k))
}

// TestLoopMayCall: the body of a loop over one-time keys calls the account, and changes it.
func TestLoopMayCall(t *testing.T) {
	account := olm.NewAccount()
	must(account.GenerateOneTimeKeys(10))
	seen := 0
	for id, key := range account.OneTimeKeys() {
		must(account.Sign([]byte(id.String() + key.String())))
		account.MarkKeysAsPublished()
		must(account.GenerateOneTimeKeys(olm.MaxOneTimeKeys))
		seen++
	}
	if seen != 10 {
		t.Errorf("%d keys instead of 10", seen)
	}
	for range account.OneTimeKeys() {
		account.Wipe()
	}
}
