package main

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/sas"
)

// compareEmoji verifies, the way of Matrix's SAS, that Alice and Bob have each other's real keys. In
// Matrix the commitment and the info strings hold more: user and device ids, and what was agreed on.
func (d *demo) compareEmoji() error {
	d.p.step("Alice and Bob compare emoji, to see that nobody is between them")
	begin := time.Now()
	alice, bob := sas.New(), sas.New()
	defer alice.Wipe()
	defer bob.Wipe()
	alicesKey, bobsKey := alice.PublicKey(), bob.PublicKey()

	// Bob commits himself before he sees Alice's key, so that he can't look for one that fits.
	commitment := commit(bobsKey)
	d.p.wireHead()
	d.p.wire(crossing{from: "Bob", to: "Alice", what: "commitment", kind: "-", index: -1, bytes: sha256.Size})
	d.p.wire(crossing{from: "Alice", to: "Bob", what: "key for this once", kind: "-", index: -1, bytes: len(alicesKey)})
	d.p.wire(crossing{from: "Bob", to: "Alice", what: "key for this once", kind: "-", index: -1, bytes: len(bobsKey)})
	if commit(bobsKey) != commitment {
		return fmt.Errorf("Bob's key is not the one that he was committed to")
	}
	atAlice, err := alice.Establish(bobsKey)
	if err != nil {
		return fmt.Errorf("Alice agrees on a secret: %w", err)
	}
	defer atAlice.Wipe()
	atBob, err := bob.Establish(alicesKey)
	if err != nil {
		return fmt.Errorf("Bob agrees on a secret: %w", err)
	}
	defer atBob.Wipe()
	d.times.add(opSAS, 2, begin, 0)

	info := "MATRIX_KEY_VERIFICATION_SAS|" + d.alice.identity().String() + "|" + d.bob.identity().String()
	shownByAlice, err := atAlice.Bytes(info)
	if err != nil {
		return err
	}
	shownByBob, err := atBob.Bytes(info)
	if err != nil {
		return err
	}
	same := true
	tab := table{head: []string{"Alice sees", "Bob sees"}}
	bobs := shownByBob.Emoji()
	for i, emoji := range shownByAlice.Emoji() {
		same = same && emoji == bobs[i]
		tab.add(emoji.Symbol+"  "+emoji.Name, bobs[i].Symbol+"  "+bobs[i].Name)
	}
	d.p.table(tab)
	a, b := shownByAlice.Decimals(), shownByBob.Decimals()
	d.p.say("As numbers: %d %d %d for Alice, %d %d %d for Bob.", a[0], a[1], a[2], b[0], b[1], b[2])
	if !same || shownByAlice != shownByBob {
		return fmt.Errorf("Alice and Bob see different emoji")
	}

	// They match, so each tells the other which long-term key is its own.
	d.p.wireHead()
	macInfo := "MATRIX_KEY_VERIFICATION_MAC|"
	for _, end := range []struct {
		from, to     *device
		mine, theirs *sas.Established
	}{{d.alice, d.bob, atAlice, atBob}, {d.bob, d.alice, atBob, atAlice}} {
		key := end.from.identity().String()
		mac, err := end.mine.MAC(key, macInfo+end.from.name)
		if err != nil {
			return err
		}
		d.p.wire(crossing{from: end.from.name, to: end.to.name, what: "MAC of identity key", kind: "-", index: -1, bytes: len(mac)})
		if err := end.theirs.VerifyMAC(key, macInfo+end.from.name, mac); err != nil {
			return fmt.Errorf("%s checks %s's key: %w", end.to.name, end.from.name, err)
		}
	}
	d.p.say("The same on both sides: from now on they know each other's Ed25519 keys.")
	return nil
}

func commit(key keys.Curve25519) string {
	sum := sha256.Sum256([]byte(key.String()))
	return base64.RawStdEncoding.EncodeToString(sum[:])
}
