package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/karst-im/karst/megolm"
)

const (
	chunkLen   = 32 << 10 // plaintext of one message; Matrix events end at 64 KiB, as text and with all around
	windowLen  = 16       // messages that are on the way at once, and so may overtake each other
	shortParts = 8        // messages that an input shorter than a chunk is cut into
)

// window is what is on the way: a run of consecutive messages. Nothing else of an input is in memory.
type window struct {
	n      int
	first  uint32
	plain  [windowLen][]byte // what Alice sent
	sealed [windowLen][]byte
}

// member is one who decrypts.
type member struct {
	*device
	shuffle *rand.Rand        // in which order messages come; the same in every run
	got     [windowLen][]byte // what was decrypted, by place in the window
	has     [windowLen]bool
	next    uint32 // every message before is here
	hash    hash.Hash
	wrong   int64 // where the first byte is that differs; -1 if none does
	done    int64 // bytes compared
}

// sendAll sends every source to the group.
func (d *demo) sendAll(sources []source) error {
	d.p.step("The group gets " + count(len(sources), "input"))
	d.p.say("Alice cuts each into messages of %s bytes, or, if it is shorter, into up to %d, so that there is something "+
		"to mix up: they arrive out of order, and some twice.", comma(int64(chunkLen)), shortParts)
	for _, src := range sources {
		if src.size < 0 {
			d.p.bar.total = -1
			break
		}
		d.p.bar.total += src.size
	}
	w := new(window)
	members := []*member{
		{device: d.bob, shuffle: newOrder(1)},
		{device: d.carol, shuffle: newOrder(2)},
	}
	defer func() { // what was decrypted is not left lying about
		for i := range windowLen {
			clear(w.plain[i])
			for _, m := range members {
				clear(m.got[i])
			}
		}
	}()
	for _, src := range sources {
		if err := d.send(src, w, members); err != nil {
			return err
		}
	}
	return nil
}

// send sends one source. An error of the source is told and no reason to stop.
func (d *demo) send(src source, w *window, members []*member) error {
	d.p.line("")
	size := "size unknown"
	if src.size >= 0 {
		size = count(src.size, "byte")
	}
	room := d.p.width - len(indent+" ()") - len(size)
	d.p.line(indent + d.p.style(bold, shorten(src.name, room)) + " (" + size + ")")

	in, err := src.open()
	if err != nil {
		if d.ctx.Err() != nil {
			return d.ctx.Err()
		}
		d.problem(inputError(src.name, err))
		return nil
	}
	defer func() { _ = in.Close() }()

	d.p.wireHead()
	list := &listing{p: d.p}
	sum := sha256.New()
	chunks := &chunker{r: in}
	for _, m := range members {
		m.hash, m.wrong, m.done = sha256.New(), -1, 0
	}
	var orders []string
	firstInput := !d.restarted
	for first := true; ; first = false {
		more, err := d.fill(w, chunks, list, sum)
		if err != nil {
			return err
		}
		told, err := d.deliver(w, members, first, more)
		if err != nil {
			return err
		}
		orders = append(orders, told...)
		if !more {
			break
		}
	}
	list.end()
	if chunks.err != nil {
		d.problem(inputError(src.name, fmt.Errorf("can't be read to its end: %w", chunks.err)))
	}
	d.sent += chunks.total
	d.compare(src, hexSum(sum), members)
	if !firstInput {
		d.p.say("These too came out of order, and one of them twice.")
		return nil
	}
	for _, order := range orders {
		d.p.say("%s", order)
	}
	d.tellRestart()
	return nil
}

// fill encrypts the next messages of an input. It reports whether there are more.
func (d *demo) fill(w *window, chunks *chunker, list *listing, sum hash.Hash) (more bool, err error) {
	w.n, w.first = 0, d.alice.sending.Index()
	for more = true; more && w.n < windowLen; w.n++ {
		if err := d.ctx.Err(); err != nil {
			return false, err
		}
		i := w.n
		if w.plain[i], more = chunks.next(w.plain[i][:0]); d.ctx.Err() != nil {
			return false, d.ctx.Err()
		}
		sum.Write(w.plain[i])
		begin := time.Now()
		w.sealed[i], err = d.alice.sending.AppendEncrypt(w.sealed[i][:0], w.plain[i])
		if err != nil {
			return false, fmt.Errorf("Alice encrypts: %w", err)
		}
		d.times.add(opMegolmEncrypt, 1, begin, len(w.plain[i]))
		list.add(groupCrossing(d.alice, "group", w.first+uint32(i), len(w.sealed[i]), ""))
	}
	d.lastSealed = append(d.lastSealed[:0], w.sealed[w.n-1]...)
	return more, nil
}

// deliver brings every message of w to every member, out of order, and compares what they decrypted.
// In the first window of an input one message comes twice; told says so, and in which order they came.
// more tells whether it is the only window.
func (d *demo) deliver(w *window, members []*member, first, more bool) (told []string, err error) {
	orders := make([][]int, len(members))
	for i, m := range members {
		m.next, m.has = w.first, [windowLen]bool{}
		orders[i] = shuffled(m.shuffle, w.n)
	}
	for k := range w.n {
		if k == w.n/2 && !d.restarted {
			if err := d.restart(k, w.n); err != nil {
				return nil, err
			}
		}
		for i, m := range members {
			if replay, err := d.receive(m, w.sealed[orders[i][k]]); err != nil {
				return nil, err
			} else if replay {
				return nil, fmt.Errorf("%s takes a new message for an old one", m.name)
			}
		}
	}
	if first {
		for i, m := range members {
			again := orders[i][0]
			replay, err := d.receive(m, w.sealed[again])
			if err != nil {
				return nil, err
			}
			if !replay {
				return nil, fmt.Errorf("%s did not notice that a message came twice", m.name)
			}
			told = append(told, orderText(m.name, w.first, orders[i], again, more))
		}
	}
	for _, m := range members {
		m.check(w)
	}
	for i := range w.n {
		d.p.bar.add(len(w.plain[i]))
	}
	return told, nil
}

// receive decrypts one message and files it by its index. It reports whether a message with that index
// is here already: decryption alone can't tell, and must not be asked to.
func (d *demo) receive(m *member, sealed []byte) (replay bool, err error) {
	index, err := megolm.Message(sealed).MessageIndex()
	if err != nil {
		return false, fmt.Errorf("%s reads an index: %w", m.name, err)
	}
	place := index - m.next
	if place >= windowLen {
		return false, fmt.Errorf("%s gets a message of another time: index %d", m.name, index)
	}
	replay = m.has[place]
	var dst []byte
	if !replay {
		dst = m.got[place][:0]
	}
	begin := time.Now()
	plaintext, proved, err := m.room.AppendDecrypt(dst, sealed)
	if err != nil {
		return false, fmt.Errorf("%s decrypts message %d: %w", m.name, index, err)
	}
	d.times.add(opMegolmDecrypt, 1, begin, len(plaintext))
	if proved != index {
		return false, fmt.Errorf("%s decrypts message %d: it says that it is %d", m.name, index, proved)
	}
	if replay {
		if !bytes.Equal(plaintext, m.got[place]) {
			return false, fmt.Errorf("%s decrypts message %d to something else the second time", m.name, index)
		}
		return true, nil
	}
	if d.tamper != nil {
		d.tamper(m.name, index, plaintext)
	}
	m.got[place], m.has[place] = plaintext, true
	return false, nil
}

// check compares what m decrypted with what was sent, byte by byte.
func (m *member) check(w *window) {
	for i := range w.n {
		got, want := m.got[i], w.plain[i]
		m.hash.Write(got)
		if m.wrong < 0 && !bytes.Equal(got, want) {
			at := 0
			for at < len(got) && at < len(want) && got[at] == want[at] {
				at++
			}
			m.wrong = m.done + int64(at)
		}
		m.done += int64(len(want))
	}
}

// compare says whether both members have what was sent.
func (d *demo) compare(src source, want string, members []*member) {
	d.p.value(3, "SHA-256  ", want)
	for _, m := range members {
		got := hexSum(m.hash)
		if m.wrong < 0 && got == want {
			d.p.line(fmt.Sprintf("   %-7s  %s", m.name, d.p.style(green, "has the same, byte for byte")))
			continue
		}
		d.p.line(fmt.Sprintf("   %-7s  %s", m.name, d.p.style(red, "DIFFERS")))
		where := ""
		if m.wrong >= 0 {
			where = " from byte " + comma(m.wrong) + " on"
		}
		d.problem(fmt.Errorf("%s: %s has something else%s: SHA-256 %s, not %s", src.name, m.name, where, got, want))
	}
}

func hexSum(h hash.Hash) string { return fmt.Sprintf("%x", h.Sum(nil)) }

// newOrder returns a source of orders: not secret, and the same in every run.
func newOrder(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, seed)) }

// shuffled returns the numbers below n in an order that is not theirs, if there are two.
func shuffled(r *rand.Rand, n int) []int {
	order := r.Perm(n)
	for i, place := range order {
		if place != i {
			return order
		}
	}
	if n > 1 {
		order[0], order[1] = order[1], order[0]
	}
	return order
}

// orderText says in which order messages came.
func orderText(name string, first uint32, order []int, again int, more bool) string {
	if len(order) == 1 {
		return fmt.Sprintf("%s gets message %d twice, and knows the second by its index.", name, first)
	}
	numbers := make([]string, len(order))
	for i, place := range order {
		numbers[i] = strconv.FormatUint(uint64(first)+uint64(place), 10)
	}
	which := "them"
	if more {
		which = "the first " + strconv.Itoa(len(order))
	}
	return fmt.Sprintf("%s gets %s in the order %s; then %d again, which its index gives away.",
		name, which, strings.Join(numbers, " "), uint64(first)+uint64(again))
}

// chunker cuts an input into messages. An empty input is one empty message, and a short one is cut into
// a few, so that there is something to mix up.
type chunker struct {
	r     io.Reader
	begun bool
	ahead []byte // what was read and not yet returned
	part  int    // size of a message
	eof   bool
	total int64
	err   error // why the input ended, if not because it was over
}

// next appends the next message to dst, and reports whether there is another.
func (c *chunker) next(dst []byte) (message []byte, more bool) {
	if !c.begun {
		c.begun = true
		c.ahead, c.part = make([]byte, 0, chunkLen+1), chunkLen
		c.read()
		if n := len(c.ahead); c.eof && n < chunkLen {
			c.part = max((n+shortParts-1)/shortParts, 1)
		}
	}
	n := min(c.part, len(c.ahead))
	dst = append(dst, c.ahead[:n]...)
	c.ahead = c.ahead[:copy(c.ahead[:cap(c.ahead)], c.ahead[n:])]
	c.total += int64(n)
	if !c.eof {
		c.read()
	}
	return dst, len(c.ahead) > 0
}

// read fills ahead: one byte more than a message, so that it shows whether there is another.
func (c *chunker) read() {
	n, err := io.ReadFull(c.r, c.ahead[len(c.ahead):cap(c.ahead)])
	c.ahead = c.ahead[:len(c.ahead)+n]
	if err == nil {
		return
	}
	c.eof = true
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		c.err = err
	}
}
