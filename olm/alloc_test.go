//go:build !race

// The race detector changes what escapes to the heap.

package olm_test

import (
	"errors"
	"testing"

	"github.com/karst-im/karst/internal/aes"
	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/olm"
)

func TestAllocations(t *testing.T) {
	if aes.Allocates || entropy.Allocates {
		t.Skip("AES or random bytes come from where they are allocated")
	}
	const runs = 50
	plaintext := []byte("a plaintext of more than one block, so that there is something to do")
	buf := make([]byte, 0, 1000)
	alice, bob := newTalk(t)
	pass(t, alice, bob, "begin the chain")
	prekey, _ := outbound(t, olm.NewAccount(), olm.NewAccount(), "hello")
	for what, s := range map[string]*olm.Session{"normal": alice, "pre-key": prekey} {
		testkit.Budget(t, "AppendEncrypt, "+what, 0, runs, func(int) {
			if _, _, err := s.AppendEncrypt(buf, plaintext); err != nil {
				t.Error(err)
			}
		})
		testkit.Budget(t, "Encrypt, "+what, 1, runs, func(int) {
			if _, err := s.Encrypt(plaintext); err != nil {
				t.Error(err)
			}
		})
	}

	alice, bob = newTalk(t)
	ms := encryptN(t, alice, 3*(1+runs))
	decrypt(t, bob, ms[0], place(0))
	ms = ms[1:]
	testkit.Budget(t, "AppendDecrypt", 0, runs, func(i int) {
		if _, err := bob.AppendDecrypt(buf, ms[i]); err != nil {
			t.Error(err)
		}
	})
	ms = ms[1+runs:]
	testkit.Budget(t, "Decrypt", 1, runs, func(i int) {
		if _, err := bob.Decrypt(ms[i]); err != nil {
			t.Error(err)
		}
	})
	ms = ms[1+runs:]
	bad := ms[0]
	bad.Body = append(olm.Body(nil), bad.Body...)
	bad.Body[len(bad.Body)-1] ^= 1
	testkit.Budget(t, "a message that is refused", 0, runs, func(int) {
		if _, err := bob.AppendDecrypt(buf, bad); err != olm.ErrBadMAC {
			t.Error(err)
		}
	})

	// A turn: each message begins a chain.
	alice, bob = newTalk(t)
	testkit.Budget(t, "a turn", 0, runs, func(int) {
		body, kind, err := alice.AppendEncrypt(buf, plaintext)
		if err != nil {
			t.Error(err)
		}
		if _, err := bob.AppendDecrypt(buf[:500:1000][500:], olm.Message{Type: kind, Body: body}); err != nil {
			t.Error(err)
		}
		alice, bob = bob, alice
	})

	account := olm.NewAccount()
	generate(t, account, 2)
	public := account.IdentityKeys().Ed25519
	testkit.Budget(t, "Sign and Verify", 0, runs, func(int) {
		sig, err := account.Sign(plaintext)
		if err != nil || !public.Verify(plaintext, sig) {
			t.Error("does not verify")
		}
	})
	testkit.Budget(t, "AppendPickle", 0, runs, func(int) {
		if _, err := alice.AppendPickle(buf, pickleKey); err != nil {
			t.Error(err)
		}
		if _, err := account.AppendPickle(buf, pickleKey); err != nil {
			t.Error(err)
		}
	})
}

// TestAcceptManyKnown: what a message costs that is refused does not depend on how many sessions there are with its
// sender, who can begin as many as it likes with a fallback key.
func TestAcceptManyKnown(t *testing.T) {
	alice, bob := olm.NewAccount(), olm.NewAccount()
	known := make([]*olm.Session, 1000)
	for i := range known {
		known[i], _ = outbound(t, alice, bob, "another session")
	}
	live, m := outbound(t, alice, bob, "hello")
	bad := m
	bad.Body = append(olm.Body(nil), m.Body...)
	bad.Body[len(bad.Body)-1] ^= 1
	refused := func(m olm.Message, known []*olm.Session, want error) float64 {
		return testing.AllocsPerRun(10, func() {
			if _, _, err := bob.Accept(identity(alice), m, known...); !errors.Is(err, want) {
				t.Error(err)
			}
		})
	}
	for want, c := range map[error]struct {
		m    olm.Message
		last *olm.Session
	}{olm.ErrBadMAC: {bad, known[0]}, olm.ErrKnownSession: {m, live}} {
		known[len(known)-1] = c.last
		if one, all := refused(c.m, known[len(known)-1:], want), refused(c.m, known, want); one != all {
			t.Errorf("%v: %v allocations with one session, %v with %d", want, one, all, len(known))
		}
	}
}

// TestIdleSessionSize: what a client holds for each device that it has ever talked to.
func TestIdleSessionSize(t *testing.T) {
	alice, bob := newTalk(t)
	pass(t, alice, bob, "both directions are in use")
	p := pickled(t, bob)
	testkit.Holds(t, "an idle session", 672, func() *olm.Session {
		s, err := olm.UnpickleSession(pickleKey, p)
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
