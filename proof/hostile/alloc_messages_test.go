package hostile_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/ratchet"
)

// What authentic messages may make a program keep, beside bytesAtAll and bytesPerByte for each of them.
const (
	tables         = 256     // of keys with at least three valid signatures, in the whole process
	usesOfTable    = 8       // of a key, at least, for a table in exchange for another one
	bytesOfSkipped = 8 << 10 // a session's, for the keys of up to 200 messages that have not arrived
)

func allowed(in []byte) uint64 { return uint64(bytesPerByte*len(in) + bytesAtAll) }

// TestAllocationForRefusedGroupMessages: a message whose signature is not valid costs the same however many valid ones
// of its sender came before.
func TestAllocationForRefusedGroupMessages(t *testing.T) {
	deterministic(t, 9)
	alone(t)
	worst := uint64(0)
	for valid := range 12 {
		out := megolm.NewOutboundSession()
		in := must(megolm.NewInboundSession(must(out.SessionKey())))
		for range valid {
			_, _, err := in.Decrypt(must(out.Encrypt(nil)))
			require.NoError(t, err)
		}
		bad, other := must(out.Encrypt(nil)), must(out.Encrypt(nil))
		copy(bad[len(bad)-32:], other[len(other)-32:]) // S of another signature
		for range 20 {
			var err error
			got := allocated(func() { _, _, err = in.Decrypt(bad) })
			require.ErrorIs(t, err, megolm.ErrSignature)
			worst = max(worst, got)
			require.LessOrEqual(t, got, allowed(bad), "%d valid signatures, and a message of %d bytes that is refused", valid+1, len(bad))
		}
	}
	t.Logf("hostile: a refused group message costs at most %d bytes", worst)
}

// TestAllocationForGroupMessages: the messages of many senders cost what they hold and at most one table each, and there
// are few tables.
func TestAllocationForGroupMessages(t *testing.T) {
	deterministic(t, 10)
	alone(t)
	senders := 300
	if short() {
		senders = 20
	}
	type group struct {
		out *megolm.OutboundSession
		in  *megolm.InboundSession
	}
	var groups []group
	for range senders {
		out := megolm.NewOutboundSession()
		key := must(out.SessionKey())
		var in *megolm.InboundSession
		require.LessOrEqual(t, allocated(func() { in = must(megolm.NewInboundSession(key)) }), allowed(must(key.Bytes())), "a session key")
		groups = append(groups, group{out, in})
	}
	messages, made, worst := 0, 0, uint64(0)
	decrypt := func(g group) {
		m := must(g.out.Encrypt([]byte(plaintext)))
		var err error
		got := allocated(func() { _, _, err = g.in.Decrypt(m) })
		require.NoError(t, err)
		messages++
		worst = max(worst, got)
		if got > allowed(m) {
			made++
			require.LessOrEqual(t, got, allowed(m)+bytesOfTable())
		}
	}
	for range 6 { // they take turns
		for _, g := range groups {
			decrypt(g)
		}
	}
	for _, g := range groups { // they send all at once
		for range 2 * usesOfTable {
			decrypt(g)
		}
	}
	most := tables + messages/usesOfTable
	require.LessOrEqual(t, made, most)
	t.Logf("hostile: %d group messages of %d senders cost at most %d bytes each; %d tables were made, at most %d may be",
		messages, senders, worst, made, most)
}

// TestAllocationForFirstMessages: sessions that others begin.
func TestAllocationForFirstMessages(t *testing.T) {
	deterministic(t, 12)
	alone(t)
	bob, worst := olm.NewAccount(), uint64(0)
	for range 100 {
		alice := olm.NewAccount()
		m := send(must(alice.NewOutboundSession(identity(bob), claim(bob))))
		var got []byte
		var err error
		cost := allocated(func() { _, got, err = bob.Accept(identity(alice), m) })
		require.NoError(t, err)
		require.Equal(t, plaintext, string(got))
		require.LessOrEqual(t, cost, allowed(m.Body))
		worst = max(worst, cost)
	}
	t.Logf("hostile: a first message costs at most %d bytes", worst)
}

// TestAllocationForOlmMessages: all messages of every chain but the last are missing.
func TestAllocationForOlmMessages(t *testing.T) {
	deterministic(t, 11)
	alone(t)
	alice, bob := newTalk()
	worst, grew := uint64(0), 0
	for range 8 {
		for _, missing := range []int{1, 7, 30, 50, 200} {
			for range missing {
				send(alice)
			}
			m := send(alice)
			var got []byte
			var err error
			cost := allocated(func() { got, err = bob.Decrypt(m) })
			require.NoError(t, err)
			require.Equal(t, plaintext, string(got))
			worst = max(worst, cost)
			if cost > allowed(m.Body) {
				grew++
				require.LessOrEqual(t, cost, allowed(m.Body)+bytesOfSkipped, "%d messages are missing", missing)
			}
			bad := bytes.Clone(send(alice).Body)
			bad[len(bad)-1] ^= 1
			refused := allocated(func() { _, err = bob.Decrypt(olm.Message{Type: m.Type, Body: bad}) })
			require.ErrorIs(t, err, olm.ErrBadMAC)
			require.LessOrEqual(t, refused, allowed(bad), "refused")
		}
		pass(bob, alice)
	}
	t.Logf("hostile: an Olm message costs at most %d bytes, %d times more than it would without missing ones", worst, grew)
}

// TestAllocationForKeys: the same of a Double Ratchet by itself, for a message of no length.
func TestAllocationForKeys(t *testing.T) {
	deterministic(t, 13)
	alone(t)
	alice, bob := newDoubles()
	worst, refusal := uint64(0), errors.New("refused")
	for range 8 {
		for _, missing := range []int{1, 7, 30, 50, 200} {
			for range missing {
				sendKey(alice)
			}
			ours, index := sendKey(alice)
			var err error
			receive := func(answer error) uint64 {
				return allocated(func() { err = bob.Receive(ours, index, func(*[ratchet.KeyLen]byte) error { return answer }) })
			}
			refused := receive(refusal)
			require.ErrorIs(t, err, refusal)
			require.LessOrEqual(t, refused, allowed(nil), "refused")
			cost := receive(nil)
			require.NoError(t, err)
			require.LessOrEqual(t, cost, allowed(nil)+bytesOfSkipped, "%d messages are missing", missing)
			worst = max(worst, cost)
		}
		passKey(bob, alice)
	}
	t.Logf("hostile: the key of a message costs at most %d bytes", worst)
}
