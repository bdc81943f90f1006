package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
)

// demo is one run of the story: its people, and what has happened so far.
type demo struct {
	ctx    context.Context
	p      *printer
	times  times
	tamper func(member string, index uint32, plaintext []byte)

	alice, bob, carol *device
	published         map[*device]*listedKeys // what the server has
	late              []lateMessage           // Olm messages that have not arrived yet
	lastSealed        []byte                  // the last message to the group, to try things with
	restarted         bool
	stored            pickles

	sent     int64 // bytes of all sources
	problems []error
}

// listedKeys is what the server has of a device.
type listedKeys struct {
	device  []byte
	oneTime [][]byte
}

type lateMessage struct {
	m    olm.Message
	text string
}

// runDemo is the command.
func runDemo(ctx context.Context, args []string, s streams) error {
	sources, bad, usage := inputs(ctx, args, s)
	if usage != nil {
		return usage
	}
	d := &demo{ctx: ctx, p: newPrinter(s), tamper: s.tamper, published: map[*device]*listedKeys{}}
	for _, err := range bad {
		d.problem(err)
	}
	if len(sources) == 0 {
		return &failure{err: errors.New("nothing to send"), told: true}
	}
	err := d.run(sources)
	if err == nil {
		err = d.p.err
	}
	if ctx.Err() != nil { // whatever came of it
		d.p.bar.clear()
		return ctx.Err()
	}
	if err != nil {
		d.p.complain(err)
		return &failure{err: err, told: true}
	}
	if len(d.problems) > 0 {
		return &failure{err: d.problems[0], told: true}
	}
	return nil
}

// problem tells of something that went wrong without ending the story.
func (d *demo) problem(err error) {
	d.problems = append(d.problems, err)
	d.p.complain(err)
}

func (d *demo) run(sources []source) error {
	d.p.say("Alice writes to a group: Bob and Carol. All that follows is done for real, in this process. " +
		"What would cross the wire is listed; its size is in bytes, before base64.")
	if err := warmUp(); err != nil {
		return err
	}
	d.alice, d.bob, d.carol = d.newDevice("Alice"), d.newDevice("Bob"), d.newDevice("Carol")
	for _, v := range []*device{d.alice, d.bob, d.carol} {
		defer v.wipe()
	}
	for _, step := range []func() error{
		d.publishKeys,
		d.setUpOlm,
		d.shareRoomKey,
		d.loseMessages,
		func() error { return d.sendAll(sources) },
		d.deliverLate,
		d.tryGroup,
		d.compareEmoji,
	} {
		if err := d.ctx.Err(); err != nil {
			return err
		}
		if err := step(); err != nil {
			return err
		}
	}
	d.conclude(sources)
	return nil
}

// warmUp does once what builds tables at its first use, so that the times are those of every other use.
func warmUp() error {
	account := olm.NewAccount()
	defer account.Wipe()
	signature, err := account.Sign(nil)
	if err != nil {
		return err
	}
	if !account.IdentityKeys().Ed25519.Verify(nil, signature) {
		return errors.New("a signature does not verify")
	}
	return nil
}

func (d *demo) publishKeys() error {
	d.p.step("Three devices make their keys and publish them")
	d.p.wireHead()
	for _, v := range []*device{d.alice, d.bob, d.carol} {
		text, err := d.publishDevice(v)
		if err != nil {
			return err
		}
		d.published[v] = &listedKeys{device: text}
		d.p.wire(crossing{from: v.name, to: "server", what: "identity keys, signed", kind: "-", index: -1, bytes: len(text)})
		if v == d.alice {
			continue // nobody begins a session with her in this story
		}
		if d.published[v].oneTime, err = d.publishOneTimeKeys(v, 2); err != nil {
			return err
		}
		for _, text := range d.published[v].oneTime {
			d.p.wire(crossing{from: v.name, to: "server", what: "one-time key, signed", kind: "-", index: -1, bytes: len(text)})
		}
	}
	d.p.say("A device is known by its Ed25519 key:")
	for _, v := range []*device{d.alice, d.bob, d.carol} {
		d.p.value(5, fmt.Sprintf("%-6s ", v.name), v.account.IdentityKeys().Ed25519.String())
	}
	return nil
}

func (d *demo) setUpOlm() error {
	d.p.step("Alice sets up an Olm session with Bob, and one with Carol")
	d.p.say("Olm is between two devices. Type 0 carries what the other needs to set up its side.")
	d.p.wireHead()
	toBob, err := d.beginSession(d.bob)
	if err != nil {
		return err
	}
	toCarol, err := d.beginSession(d.carol)
	if err != nil {
		return err
	}
	d.alice.olm, d.alice.second = toBob, toCarol
	d.p.say("Both sides of each session have the same id, and nobody else has its keys:")
	d.p.value(5, "Bob    ", d.bob.olm.ID())
	d.p.value(5, "Carol  ", d.carol.olm.ID())
	return nil
}

// beginSession claims a one-time key of v, sets up a session, and has v answer.
func (d *demo) beginSession(v *device) (*olm.Session, error) {
	listed := d.published[v]
	claimed := listed.oneTime[0]
	listed.oneTime = listed.oneTime[1:]
	d.p.wire(crossing{
		from: "server", to: "Alice", what: v.name + "'s keys", kind: "-", index: -1,
		bytes: len(listed.device) + len(claimed),
	})
	identity, err := d.checkDevice(listed.device)
	if err != nil {
		return nil, err
	}
	oneTimeKey, err := d.checkOneTimeKey(identity.Ed25519, claimed)
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	session, err := d.alice.account.NewOutboundSession(identity.Curve25519, oneTimeKey)
	if err != nil {
		return nil, fmt.Errorf("Alice begins a session: %w", err)
	}
	d.times.add(opOlmOutbound, 1, begin, 0)

	hello := []byte("Hello " + v.name + ".")
	m, err := d.olmEncrypt(session, hello)
	if err != nil {
		return nil, fmt.Errorf("Alice greets %s: %w", v.name, err)
	}
	d.p.wire(olmCrossing(d.alice, v, m, ""))
	begin = time.Now()
	accepted, plaintext, err := v.account.Accept(d.alice.account.IdentityKeys().Curve25519, m)
	if err != nil {
		return nil, fmt.Errorf("%s accepts the session: %w", v.name, err)
	}
	d.times.add(opOlmAccept, 1, begin, 0)
	v.olm = accepted
	if !bytes.Equal(plaintext, hello) || accepted.ID() != session.ID() {
		return nil, fmt.Errorf("%s accepts the session: %w", v.name, errDiffers)
	}

	answer, err := d.olmEncrypt(accepted, []byte("Hello Alice."))
	if err != nil {
		return nil, fmt.Errorf("%s answers: %w", v.name, err)
	}
	d.p.wire(olmCrossing(v, d.alice, answer, ""))
	if plaintext, err = d.olmDecrypt(session, answer); err != nil {
		return nil, fmt.Errorf("Alice reads %s's answer: %w", v.name, err)
	}
	if string(plaintext) != "Hello Alice." {
		return nil, fmt.Errorf("Alice reads %s's answer: %w", v.name, errDiffers)
	}
	return session, nil
}

func (d *demo) shareRoomKey() error {
	d.p.step("Alice begins a Megolm session, and sends its key over Olm")
	d.p.say("Megolm is from one device to many: each message is encrypted once, for all who have the key.")
	begin := time.Now()
	d.alice.sending = megolm.NewOutboundSession()
	d.times.add(opMegolmNew, 1, begin, 0)
	key, err := d.alice.sending.SessionKey()
	if err != nil {
		return err
	}
	defer key.Wipe()
	raw, err := key.Bytes()
	if err != nil {
		return err
	}
	defer clear(raw)
	d.p.wireHead()
	for _, to := range []struct {
		session *olm.Session
		member  *device
	}{{d.alice.olm, d.bob}, {d.alice.second, d.carol}} {
		m, err := d.olmEncrypt(to.session, raw)
		if err != nil {
			return fmt.Errorf("Alice sends the key to %s: %w", to.member.name, err)
		}
		d.p.wire(olmCrossing(d.alice, to.member, m, ""))
		if err := d.takeRoomKey(to.member, m); err != nil {
			return fmt.Errorf("%s takes the key: %w", to.member.name, err)
		}
	}
	d.p.say("The key has %s. With it Bob and Carol can read what Alice sends to the group from now on; "+
		"they can't send in her name. The session's id is", count(megolm.SessionKeyLen, "byte"))
	d.p.value(5, "", d.alice.sending.ID())
	return nil
}

func (d *demo) takeRoomKey(v *device, m olm.Message) error {
	plaintext, err := d.olmDecrypt(v.olm, m)
	if err != nil {
		return err
	}
	defer clear(plaintext)
	key, err := megolm.SessionKeyFromBytes(plaintext)
	if err != nil {
		return err
	}
	defer key.Wipe()
	begin := time.Now()
	if v.room, err = megolm.NewInboundSession(key); err != nil {
		return err
	}
	d.times.add(opMegolmImport, 1, begin, 0)
	if v.room.ID() != d.alice.sending.ID() {
		return errDiffers
	}
	return nil
}

// conclude says what came of it, and how long each thing took.
func (d *demo) conclude(sources []source) {
	d.p.step("What came of it")
	if len(d.problems) > 0 {
		d.p.tell(red, fmt.Sprintf("Not all went well: %s.", count(len(d.problems), "problem")))
		for _, err := range d.problems {
			d.p.say("%s", harmless(err.Error()))
		}
	} else {
		d.p.tell(green, fmt.Sprintf("All went well: %s, %s.", count(len(sources), "input"), count(d.sent, "byte")))
		d.p.say("Bob and Carol each have every byte as it was sent.")
	}
	d.p.line("")
	d.p.table(d.times.table())
	d.p.say("One run on a busy machine is no benchmark; folder bench has those.")
}

// identity returns the long-term key of v that others verify.
func (v *device) identity() keys.Ed25519 { return v.account.IdentityKeys().Ed25519 }
