//go:build linux && amd64 && !race

package erasure_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/karst-im/karst/internal/entropy"
	"github.com/karst-im/karst/megolm"
)

// The same deterministic program, script, runs twice. In this process it runs under a learner, which
// looks into every object after every operation, notes all secrets, and derives what lies between them.
// In a process of its own, the subject, it runs as any program would, but stops after every operation,
// and its memory is searched. The subject knows of no needles, so that the search can't find its own.

// stage is what the script acts on.
type stage struct {
	held map[string]any // the objects that are alive
	role
}

// role is the side of the stage that the learner and the subject do in their own ways.
type role interface {
	// stop ends an operation.
	stop(s *stage, operation string)
	// know calls f if secrets are to be learned: f tells of those that no object shows.
	know(f func(l *learner))
	// perform calls f, which does what an operation does.
	perform(s *stage, f func())
	// wiping calls f, which wipes an object.
	wiping(f func())
}

// hold says that the caller keeps an object, and drop that it has let go of it.
func (s *stage) hold(name string, object any) { s.held[name] = object }

func (s *stage) drop(names ...string) {
	for _, name := range names {
		if s.held[name] == nil {
			panic("drop: nothing has the name " + name)
		}
		delete(s.held, name)
	}
}

// wipe wipes an object and drops it.
func (s *stage) wipe(name string) {
	object := s.held[name]
	s.wiping(func() {
		s.run(func() {
			switch o := object.(type) {
			case interface{ Wipe() }:
				o.Wipe()
			case []byte:
				clear(o)
			default:
				panic(fmt.Sprintf("wipe: %T", o))
			}
		})
	})
	s.drop(name)
	runtime.KeepAlive(object)
}

// run calls f, an operation, as the role has it.
func (s *stage) run(f func()) { s.perform(s, f) }

// look lets a learner see what lies between two stops.
func (s *stage) look() { s.know(func(l *learner) { l.look(s) }) }

// did ends an operation.
func (s *stage) did(operation string) { s.stop(s, operation) }

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func must1[T any](x T, err error) T {
	must(err)
	return x
}

func refused(err error) {
	if err == nil {
		panic("an error was expected")
	}
}

// deterministic makes the random bytes of a run follow from nothing but how many were drawn. drawn, if
// not nil, sees them.
func deterministic(drawn func(b []byte)) (restore func()) {
	source := rand.New(rand.NewPCG(6, 28))
	return entropy.Replace(func(b []byte) {
		for i := range b {
			b[i] = byte(source.Uint32())
		}
		if drawn != nil {
			drawn(slices.Clone(b))
		}
	})
}

// The learner.

// act is what a learner knows of one stop.
type act struct {
	operation string
	memory    [][]byte // of the objects that are alive, at that time
}

// learner gathers the secrets of a run.
type learner struct {
	acts     []act
	names    map[string]string // of secrets
	draws    [][]byte          // random bytes, one entry for each time that some were drawn
	chains   map[string]bool
	roots    map[string]bool
	private  map[string]privateKey
	public   map[string]publicKey
	prefixes [][]byte
}

func newLearner() *learner {
	return &learner{
		names: map[string]string{}, chains: map[string]bool{}, roots: map[string]bool{},
		private: map[string]privateKey{}, public: map[string]publicKey{},
	}
}

// learn adds a secret.
func (l *learner) learn(name string, secret []byte) {
	if l.names[string(secret)] == "" && len(secret) >= wordLen {
		l.names[string(secret)] = name
	}
}

func (l *learner) know(f func(l *learner)) { f(l) }

func (l *learner) perform(_ *stage, f func()) { f() }

func (l *learner) wiping(f func()) { f() }

func (l *learner) stop(s *stage, operation string) {
	a := act{operation: operation}
	for _, object := range s.held {
		_, _, memory := walk("", object)
		for _, m := range memory {
			a.memory = append(a.memory, slices.Clone(m))
		}
	}
	l.look(s)
	l.acts = append(l.acts, a)
}

// look learns what the objects hold.
func (l *learner) look(s *stage) {
	for name, object := range s.held {
		secrets, public, _ := walk(name, object)
		for _, v := range secrets {
			if random(v.bytes) {
				l.learnValue(v)
			}
		}
		for _, v := range public {
			l.learnPublic(v.bytes)
		}
	}
}

// learnValue adds a field of an object, and what follows from it.
func (l *learner) learnValue(v value) {
	if l.names[string(v.bytes)] != "" {
		return
	}
	switch {
	case strings.HasSuffix(v.path, ".root"):
		l.learnHMAC(v.path, v.bytes)
		l.roots[string(v.bytes)] = true
	case strings.HasSuffix(v.path, ".sendChain"), strings.Contains(v.path, ".receiving["):
		l.learnChain(v.path, v.bytes)
	case strings.Contains(v.path, ".skipped["):
		l.learnCipher(v.path, v.bytes, "OLM_KEYS")
	case strings.HasSuffix(v.path, ".private") && len(v.bytes) == 32, strings.HasSuffix(v.path, ".ratchetKey"):
		l.learnPrivate(v.path, v.bytes)
	case strings.HasSuffix(v.path, ".private") && len(v.bytes) == 64:
		l.learnScalar(v.path, v.bytes[:32])
		l.prefixes = append(l.prefixes, v.bytes[32:])
	case strings.HasSuffix(v.path, ".r"):
		l.learnMegolm(v.path, v.bytes)
	case len(v.bytes) == megolm.SessionKeyLen || len(v.bytes) == megolm.ExportedKeyLen:
		// The ratchet lies between a header and a public key.
		l.learnMegolm(v.path, v.bytes[5:5+128])
		return
	case len(v.bytes) == base64.RawStdEncoding.EncodedLen(megolm.SessionKeyLen), len(v.bytes) == base64.RawStdEncoding.EncodedLen(megolm.ExportedKeyLen):
		l.learn(v.path, v.bytes[8:8+168]) // the same in base64, from the second byte on
		return
	}
	l.learn(v.path, v.bytes)
}

// The subject.

// subject is the role of the process that is searched. Of what it does, nothing but the stops shows.
type subject struct {
	in    *bufio.Reader
	fault string
	kept  []any
}

// What a subject can do wrong, for the search to find, or otherwise.
const (
	honest     = "honest"
	skipsWipes = "skips wipes" // drops objects without wiping them
	leaksStack = "leaks stack" // leaves a copy of what it holds on its stack
	leaksHeap  = "leaks heap"  // leaves a copy of what it holds in memory that it frees
	freshStack = "fresh stack" // does every operation on a new goroutine, whose stack has to grow
)

func (u *subject) know(func(*learner)) {}

func (u *subject) wiping(f func()) {
	if u.fault != skipsWipes {
		f()
	}
}

// perform calls f deeper in the stack than anything that happens before the next stop reaches: what f
// leaves there would be overwritten otherwise, and not be found.
//
//go:noinline
func (u *subject) perform(s *stage, f func()) {
	if u.fault == freshStack {
		done := make(chan struct{})
		go func() {
			f()
			close(done)
		}()
		<-done
		return
	}
	var depth [16 << 10]byte
	f()
	switch u.fault {
	case leaksStack:
		leaveOnStack(s)
	case leaksHeap:
		leaveOnHeap(s)
	}
	runtime.KeepAlive(&depth)
}

//go:noinline
func leaveOnStack(s *stage) {
	var frame [4096]byte
	at := frame[:]
	for name, object := range s.held {
		_, _, memory := walk(name, object)
		for _, m := range memory {
			at = at[copy(at, m):]
		}
	}
}

func leaveOnHeap(s *stage) {
	for name, object := range s.held {
		_, _, memory := walk(name, object)
		for _, m := range memory {
			garbage = slices.Clone(m)
		}
	}
	garbage = nil
}

var garbage []byte // makes sure that the copies are on the heap

// stop says that an operation is over and where the stack is, and waits to be searched.
func (u *subject) stop(s *stage, operation string) {
	var here byte
	if u.fault == skipsWipes {
		for _, o := range s.held { // or the memory may be used for something else
			u.kept = append(u.kept, o)
		}
	}
	if _, err := fmt.Fprintf(os.Stdout, "%p %s\n", &here, operation); err != nil {
		os.Exit(3)
	}
	if _, err := u.in.ReadByte(); err == io.EOF {
		os.Exit(0)
	}
}
