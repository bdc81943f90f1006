//go:build linux && amd64 && !race

// Package erasure_test searches a process's memory for the secrets that karst has handled: after each
// operation none may be left but those that an object which is still in use holds, each exactly once.
//
// It covers all memory that a process can write: heap, stacks, data; and of every secret each eight bytes,
// as they are and in the forms in which the hash functions hold them.
//
// It does not cover what Go's runtime and the kernel copy behind the back of a program. Registers: when
// Go preempts a goroutine at any instruction, it stores them in memory of its own, and of the signal's
// stack, where nobody can wipe them. The program that is searched runs with GODEBUG=asyncpreemptoff=1;
// without, about ten words of a run of this script are left, some even within runtime/secret.Do of
// Go 1.26. And a stack that a garbage collection shrinks in the middle of an operation.
package erasure_test

import (
	"bufio"
	"crypto/ecdh"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/karst-im/karst/internal/testkit"
)

type (
	privateKey = *ecdh.PrivateKey
	publicKey  = *ecdh.PublicKey
)

const roleVariable = "KARST_ERASURE_SUBJECT"

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		// The operations get a stack that need not grow, as that of a goroutine that has run for a while.
		growStack(64)
		defer deterministic(nil)()
		script(&stage{held: map[string]any{}, role: &subject{in: bufio.NewReader(os.Stdin), fault: role}})
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// growStack makes the stack n KiB deep.
//
//go:noinline
func growStack(n int) byte {
	var frame [1024]byte
	if n > 0 {
		frame[n] = growStack(n - 1)
	}
	return frame[n&1]
}

// learned runs the script in this process.
func learned() *learner {
	l := newLearner()
	s := &stage{held: map[string]any{}, role: l}
	defer deterministic(func(b []byte) {
		l.draws = append(l.draws, b)
		l.learnDraw(b)
	})()
	script(s)
	l.learnShared()
	return l
}

// learnDraw adds random bytes: seeds and private keys of 32 bytes each.
func (l *learner) learnDraw(b []byte) {
	for i := 0; i+32 <= len(b); i += 32 {
		l.learnSeed("random bytes as a seed", b[i:i+32])
		l.learnPrivate("random bytes as a private key", b[i:i+32])
	}
	l.learn("random bytes", b)
}

func (l *learner) learnPublic(b []byte) {
	if k, err := ecdh.X25519().NewPublicKey(b); err == nil {
		l.public[string(b)] = k
	}
}

// needles is what is searched for.
type needles struct {
	set     *wordSet
	owners  map[uint64]*needle // by word
	secrets int
}

// needle is a secret.
type needle struct{ name string }

func (l *learner) needles() *needles {
	n := &needles{set: newWordSet(), owners: map[uint64]*needle{}}
	for secret, name := range l.names {
		n.secrets++
		owner := &needle{name}
		for _, w := range words([]byte(secret)) {
			if b := binary.LittleEndian.AppendUint64(nil, w); random(b) && n.owners[w] == nil {
				n.owners[w] = owner
				n.set.add(w)
			}
		}
	}
	return n
}

// verdict is the outcome of one search.
type verdict struct {
	left    []leftover
	missing int // words that are not where they should be: the search is blind
	live    int // words that were found in the objects that hold them
}

// leftover is a word of a secret that is where it should not be.
type leftover struct {
	owner *needle
	text  string
}

// judge compares what was seen in memory with what the objects hold.
func (n *needles) judge(a act, seen []sighting, stack uint64) (v verdict) {
	want := map[uint64]int{}
	for _, m := range a.memory {
		n.set.find(m, func(_ int, w uint64) { want[w]++ })
	}
	places := map[uint64][]sighting{}
	for _, s := range seen {
		places[s.word] = append(places[s.word], s)
	}
	for w, at := range places {
		if len(at) > want[w] {
			v.left = append(v.left, leftover{n.owners[w], fmt.Sprintf("word %#x, %d times instead of %d,%s", w, len(at), want[w], describe(at, stack))})
		}
	}
	for w, count := range want {
		v.live += min(count, len(places[w]))
		v.missing += max(0, count-len(places[w]))
	}
	return v
}

func describe(at []sighting, stack uint64) string {
	var b strings.Builder
	for _, s := range at {
		fmt.Fprintf(&b, " %#x", s.address)
		if d := int64(s.address - stack); -1<<16 < d && d < 1<<16 {
			fmt.Fprint(&b, " (stack)")
		} else {
			fmt.Fprintf(&b, " (%s)", s.where)
		}
	}
	return b.String()
}

// perform runs the script in another process and calls f at each stop.
func perform(t *testing.T, role string, f func(operation string, pid int, stack uint64)) {
	t.Helper()
	// Without asynchronous preemption: a signal stores all registers on the stack of whom it meets.
	cmd := testkit.Again(t, []string{roleVariable + "=" + role, "GODEBUG=asyncpreemptoff=1"})
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		address, operation, _ := strings.Cut(lines.Text(), " ")
		stack, err := strconv.ParseUint(address, 0, 64)
		if err != nil {
			t.Fatalf("the subject says %q", lines.Text())
		}
		f(operation, cmd.Process.Pid, stack)
		if _, err := in.Write([]byte{'\n'}); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

// outcome sums up the searches of one run of the script.
type outcome struct {
	operations  int
	stopsLeft   map[string]int     // by operation: words that were where they should not be
	left        map[*needle]string // where each was seen first
	live, blind int
}

// search runs the script in another process and searches its memory: at every stop, if thorough, and
// otherwise at some, wipes among them.
func search(t *testing.T, l *learner, n *needles, role string, thorough bool) (o outcome) {
	t.Helper()
	o.stopsLeft, o.left = map[string]int{}, map[*needle]string{}
	perform(t, role, func(operation string, pid int, stack uint64) {
		if o.operations == len(l.acts) || l.acts[o.operations].operation != operation {
			t.Fatalf("stop %d is %q", o.operations, operation)
		}
		o.operations++
		if !thorough && o.operations%8 != 0 && !strings.Contains(operation, "Wipe") {
			return
		}
		seen, _, err := scan(pid, n.set)
		if err != nil {
			t.Fatal(err)
		}
		v := n.judge(l.acts[o.operations-1], seen, stack)
		for _, x := range v.left {
			if o.left[x.owner] == "" {
				o.left[x.owner] = "after " + operation + ": " + x.text
			}
		}
		o.stopsLeft[operation] += len(v.left)
		o.live += v.live
		o.blind += v.missing
	})
	if o.operations != len(l.acts) {
		t.Fatalf("%d stops of %d", o.operations, len(l.acts))
	}
	return o
}

func TestErasure(t *testing.T) {
	if !checkRoundKeys([]byte("0123456789abcdef0123456789abcdef")) {
		t.Fatal("the round keys that are looked for are wrong")
	}
	l := learned()
	n := l.needles()
	for _, role := range []string{honest, freshStack} {
		o := search(t, l, n, role, true)
		control := "control found"
		if o.live == 0 || o.blind > 0 {
			t.Errorf("%s: %d words were not found where they are in use", role, o.blind)
			control = "control NOT found"
		}
		for owner, text := range o.left {
			t.Errorf("%s: %s, %s", role, owner.name, text)
		}
		label := build
		if role != honest {
			label += ", " + role
		}
		fmt.Printf("erasure go %s: %d of %d secrets left after each of %d operations, %s\n", label, len(o.left), n.secrets, o.operations, control)
	}

	// The search finds what is left behind.
	for _, role := range []string{skipsWipes, leaksStack, leaksHeap} {
		o := search(t, l, n, role, false)
		failed := 0
		for operation, left := range o.stopsLeft {
			if left > 0 {
				failed++
			} else if role == skipsWipes && strings.Contains(operation, "Wipe") {
				t.Errorf("%s: not noticed after %s", role, operation)
			}
		}
		if failed < len(o.stopsLeft)*3/4 {
			t.Errorf("%s: noticed after %d of %d operations", role, failed, len(o.stopsLeft))
		}
		t.Logf("a program that %s: %d secrets left, noticed after %d of %d operations", role, len(o.left), failed, len(o.stopsLeft))
	}
}
