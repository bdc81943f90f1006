package atomicity_test

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/ratchet"
)

// A box is a message of a protocol on a Double: the ratchet key, the index, and the plaintext in AES-GCM, which
// authenticates all three.

const boxHeader = 32 + 4

var errBox = errors.New("no box")

func gcm(key *[ratchet.KeyLen]byte) cipher.AEAD {
	return must(cipher.NewGCM(must(aes.NewCipher(key[:]))))
}

func sealBox(d *ratchet.Double) []byte {
	var key [ratchet.KeyLen]byte
	ours, index, err := d.Send(&key)
	if err != nil {
		panic(err)
	}
	box := binary.BigEndian.AppendUint32(ours[:], index)
	return gcm(&key).Seal(box, make([]byte, 12), []byte(plaintext), box)
}

func openBox(d *ratchet.Double, box []byte) error {
	if len(box) < boxHeader {
		return errBox
	}
	header := box[:boxHeader]
	return d.Receive(keys.Curve25519(header[:32]), binary.BigEndian.Uint32(header[32:]), func(key *[ratchet.KeyLen]byte) error {
		got, err := gcm(key).Open(nil, make([]byte, 12), box[boxHeader:], header)
		if err == nil && string(got) != plaintext {
			panic("another plaintext")
		}
		return err
	})
}

// newDoubles returns both sides of a ratchet. Each has received, and the other one has sent last.
func newDoubles() (d, other *ratchet.Double) {
	shared := [ratchet.SharedLen]byte{1}
	d = ratchet.Initiate(&shared)
	first := sealBox(d)
	other = must(ratchet.Respond(&shared, keys.Curve25519(first[:32])))
	for _, err := range []error{openBox(other, first), openBox(d, sealBox(other))} {
		if err != nil {
			panic(err)
		}
	}
	return d, other
}

// ratchetBoxes has a message at every place where its key may be: next on a chain, behind a gap, kept, on a new
// chain; and the first one of all, which Respond begins with.
func ratchetBoxes(*testing.T) (all []subject) {
	add := func(name string, d *ratchet.Double, box []byte) {
		all = append(all, subject{
			name: "ratchet/" + name, honest: box, owners: []any{d},
			try:   func(b []byte) error { return openBox(d, b) },
			works: func(t *testing.T) { require.NoError(t, openBox(d, box)) },
		})
	}
	boxes := func(kept, passed int) (d *ratchet.Double, late, next []byte) {
		from, d := newDoubles()
		late = sealBox(from)
		for range kept {
			must(0, openBox(d, sealBox(from)))
		}
		for range passed {
			sealBox(from)
		}
		return d, late, sealBox(from)
	}
	d, _, next := boxes(0, 0)
	add("on a new chain", d, next)
	d, _, next = boxes(0, 50)
	add("on a new chain, behind a gap", d, next)
	d, _, next = boxes(1, 0)
	add("on a chain", d, next)
	d, _, next = boxes(1, 50)
	add("on a chain, behind a gap", d, next)
	d, late, _ := boxes(3, 0)
	add("late", d, late)

	shared := [ratchet.SharedLen]byte{2}
	sender := ratchet.Initiate(&shared)
	first := sealBox(sender)
	respond := func(b []byte) error {
		if len(b) < boxHeader {
			return errBox
		}
		d, err := ratchet.Respond(&shared, keys.Curve25519(b[:32]))
		if err != nil {
			return err
		}
		before := stateOf(d)
		if err = openBox(d, b); err != nil && stateOf(d) != before {
			return nil
		}
		return err
	}
	return append(all, subject{
		name: "ratchet/first", honest: first, owners: []any{sender, &shared}, try: respond, stateless: true,
		works: func(t *testing.T) { require.NoError(t, respond(first)) },
	})
}
