package bench

import "slices"

// Operation is something to be measured.
type Operation struct {
	Name string // with slashes before what it is varied by, as in OlmEncrypt/1KiB/raw
	// Bytes is how much plaintext one iteration works on, or 0 where that is not the point.
	Bytes int
	// Heavy operations take long to prepare, or hold much memory: a quick test leaves them out, and a program
	// that measures other things too doesn't keep them.
	Heavy bool
	// Prepare makes what the operation works on, and checks on the way that it does what it should.
	Prepare func() Loop
}

// Loop runs n iterations, of which c measures the work and not the preparation. It panics if one fails.
type Loop func(c Clock, n int)

// Clock measures between StartTimer and StopTimer, and is stopped at first. *testing.B is one.
type Clock interface {
	StartTimer()
	StopTimer()
}

// Operations returns the table.
func Operations() []Operation {
	return slices.Concat(accountOperations(), olmOperations(), megolmOperations(), pickleOperations(),
		loopOperations(), sasOperations(), pkOperations(), growthOperations())
}

// Repeat returns the loop of an operation that needs nothing new for an iteration.
func Repeat(f func()) Loop {
	return func(c Clock, n int) {
		c.StartTimer()
		for range n {
			f()
		}
		c.StopTimer()
	}
}

// atOnce is how many inputs are prepared at once: so many that starting and stopping the clock is nothing
// beside the work, so few that they stay in the cache.
const atOnce = 64

// OnEach returns the loop of an operation that uses its input up. prepare makes an input.
func OnEach[T any](prepare func() T, f func(T)) Loop {
	return func(c Clock, n int) {
		inputs := make([]T, min(n, atOnce))
		for ; n > 0; n -= len(inputs) {
			inputs = inputs[:min(n, len(inputs))]
			for i := range inputs {
				inputs[i] = prepare()
			}
			c.StartTimer()
			for _, input := range inputs {
				f(input)
			}
			c.StopTimer()
		}
	}
}

// InOrder returns the loop of a receiver that takes one message after the other. When it has had them all,
// begin makes the next receiver.
func InOrder[S, M any](begin func() S, messages []M, f func(S, M)) Loop {
	return func(c Clock, n int) {
		for ; n > 0; n -= len(messages) {
			receiver := begin()
			c.StartTimer()
			for _, m := range messages[:min(n, len(messages))] {
				f(receiver, m)
			}
			c.StopTimer()
		}
	}
}

// MessagesOf returns how many messages of a size InOrder should get: as few megabytes as OnEach prepares.
func MessagesOf(size int) int { return max(1, min(256, 2<<20/size)) }

// Size is the length of a plaintext.
type Size struct {
	Name  string
	Bytes int
}

// Sizes are those of a short message, a long one, and a small file.
func Sizes() []Size { return []Size{{"64B", 64}, {"1KiB", 1 << 10}, {"32KiB", 32 << 10}} }

// The sinks keep results alive, so that nothing is optimised away.
var (
	Sink       any // of pointers, which take no memory to become an any
	sinkBytes  []byte
	sinkString string
)
