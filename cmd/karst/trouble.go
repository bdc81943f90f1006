package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
)

// loseMessages sends Bob four Olm messages, the first two of which are held up on the way.
func (d *demo) loseMessages() error {
	d.p.step("Two Olm messages are held up, and later ones arrive")
	d.p.wireHead()
	for i, text := range []string{"One.", "Two.", "Three.", "Four."} {
		m, err := d.olmEncrypt(d.alice.olm, []byte(text))
		if err != nil {
			return fmt.Errorf("Alice writes to Bob: %w", err)
		}
		if i < 2 {
			d.p.wire(olmCrossing(d.alice, d.bob, m, "held up"))
			d.late = append(d.late, lateMessage{m, text})
			continue
		}
		d.p.wire(olmCrossing(d.alice, d.bob, m, "arrives"))
		if err := d.expectOlm(m, text); err != nil {
			return err
		}
	}
	d.p.say("Bob reads the later ones, and keeps the keys of the two that are missing.")
	return nil
}

// expectOlm has Bob decrypt m.
func (d *demo) expectOlm(m olm.Message, text string) error {
	plaintext, err := d.olmDecrypt(d.bob.olm, m)
	if err != nil {
		return fmt.Errorf("Bob reads Alice's message: %w", err)
	}
	if string(plaintext) != text {
		return fmt.Errorf("Bob reads Alice's message: %w", errDiffers)
	}
	return nil
}

// deliverLate brings what was held up, a forgery and a duplicate. Bob's session has been in a pickle
// meanwhile, and the keys with it.
func (d *demo) deliverLate() error {
	d.p.step("What was held up arrives after all")
	d.p.wireHead()
	first, second := d.late[0], d.late[1]

	forged := olm.Message{Type: first.m.Type, Body: slices.Clone(first.m.Body)}
	forged.Body[len(forged.Body)/2] ^= 1
	c := olmCrossing(d.alice, d.bob, forged, "forged")
	c.from = "forger"
	d.p.wire(c)
	if err := d.refuseOlm(forged, olm.ErrBadMAC); err != nil {
		return err
	}
	d.refused("one bit was changed")

	for _, late := range []lateMessage{second, first} {
		d.p.wire(olmCrossing(d.alice, d.bob, late.m, "late"))
		if err := d.expectOlm(late.m, late.text); err != nil {
			return err
		}
	}
	d.p.wire(olmCrossing(d.alice, d.bob, first.m, "again"))
	if err := d.refuseOlm(first.m, olm.ErrNoMessageKey); err != nil {
		return err
	}
	d.refused("its key is used up")
	d.p.say("The keys that Bob kept were in his pickle, and opened what was late. " +
		"What he refused left his session as it was, bit for bit.")
	return nil
}

// refused says that what is listed above was not taken.
func (d *demo) refused(why string) {
	d.p.hang(9, green, "refused", ": "+why)
}

// refuseOlm sees that Bob refuses m, with the error want, and that his session does not change.
func (d *demo) refuseOlm(m olm.Message, want error) error {
	before, err := d.bob.olm.Pickle(d.bob.pickleKey)
	if err != nil {
		return err
	}
	if _, err := d.olmDecrypt(d.bob.olm, m); !errors.Is(err, want) {
		return fmt.Errorf("Bob should have refused a message (%w), and said: %w", want, orNothing(err))
	}
	after, err := d.bob.olm.Pickle(d.bob.pickleKey)
	if err != nil {
		return err
	}
	if !bytes.Equal(before, after) {
		return errors.New("a refused message changed Bob's session")
	}
	return nil
}

func orNothing(err error) error {
	if err == nil {
		return errors.New("nothing")
	}
	return err
}

// tryGroup forges a message to the group, and lets a reader in who comes too late for most.
func (d *demo) tryGroup() error {
	d.p.step("A forger and a late-comer try the group")
	d.p.wireHead()
	index := d.alice.sending.Index() - 1

	forged := slices.Clone(d.lastSealed)
	forged[len(forged)/2] ^= 1
	c := groupCrossing(d.alice, "group", index, len(forged), "forged")
	c.from = "forger"
	d.p.wire(c)
	for _, v := range []*device{d.bob, d.carol} {
		if _, _, err := v.room.Decrypt(forged); !errors.Is(err, megolm.ErrSignature) {
			return fmt.Errorf("%s should have refused a message (%w), and said: %w", v.name, megolm.ErrSignature, orNothing(err))
		}
	}
	d.refused("the signature is not Alice's")

	exported, err := d.bob.room.Export(index + 1)
	if err != nil {
		return fmt.Errorf("Bob exports the session: %w", err)
	}
	defer exported.Wipe()
	dave, err := megolm.ImportSession(exported)
	if err != nil {
		return fmt.Errorf("Dave imports the session: %w", err)
	}
	defer dave.Wipe()
	d.p.wire(crossing{from: "Bob", to: "Dave", what: "exported session", kind: "-", index: int64(index) + 1, bytes: megolm.ExportedKeyLen, note: "secret"})

	d.p.wire(groupCrossing(d.alice, "Dave", index, len(d.lastSealed), "earlier"))
	_, _, err = dave.Decrypt(d.lastSealed)
	var unknown *megolm.UnknownIndexError
	if !errors.As(err, &unknown) {
		return fmt.Errorf("Dave should not be able to read message %d, and got: %w", index, orNothing(err))
	}
	d.refused(fmt.Sprintf("what Dave has begins at %s", comma(unknown.FirstKnown)))

	const text = "Welcome, Dave."
	begin := time.Now()
	welcome, err := d.alice.sending.Encrypt([]byte(text))
	if err != nil {
		return fmt.Errorf("Alice encrypts: %w", err)
	}
	d.times.add(opMegolmEncrypt, 1, begin, len(text))
	d.p.wire(groupCrossing(d.alice, "group", index+1, len(welcome), ""))
	for _, reader := range []struct {
		name string
		room *megolm.InboundSession
	}{{"Bob", d.bob.room}, {"Carol", d.carol.room}, {"Dave", dave}} {
		begin := time.Now()
		plaintext, _, err := reader.room.Decrypt(welcome)
		if err != nil {
			return fmt.Errorf("%s reads the last message: %w", reader.name, err)
		}
		d.times.add(opMegolmDecrypt, 1, begin, len(plaintext))
		if string(plaintext) != text {
			return fmt.Errorf("%s reads the last message: %w", reader.name, errDiffers)
		}
	}
	d.p.say("Dave reads what comes from then on, as Bob and Carol do, and nothing of before.")
	return nil
}
