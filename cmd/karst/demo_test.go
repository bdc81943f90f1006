package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rivo/uniseg"
	"github.com/stretchr/testify/require"
)

// console is a run of the command with buffers for a terminal.
type console struct {
	streams
	out, err bytes.Buffer
}

func newConsole(t *testing.T) *console {
	t.Helper()
	null, err := os.Open(os.DevNull)
	require.NoError(t, err)
	t.Cleanup(func() { _ = null.Close() })
	c := new(console)
	c.streams = streams{in: null, out: &c.out, err: &c.err, width: defaultWidth, errWidth: func() int { return defaultWidth }}
	return c
}

func (c *console) run(args ...string) int { return run(context.Background(), args, c.streams) }

// noise returns n bytes that look random and are the same in every run.
func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return path
}

func TestDemoFiles(t *testing.T) {
	binary := make([]byte, 256)
	for i := range binary {
		binary[i] = byte(i)
	}
	tests := map[string]struct {
		name     string
		content  []byte
		messages int
		sum      string
	}{
		"empty":  {"empty", nil, 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		"1 byte": {"one", []byte("a"), 1, "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"},
		"binary": {"a name with spaces.bin", binary, 8, "40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880"},
		"chunk":  {"chunk", noise(chunkLen), 1, ""},
		"more":   {"chunk and a byte", noise(chunkLen + 1), 2, ""},
		"window": {"window", noise(windowLen * chunkLen), windowLen, ""},
		"wider":  {"window and a byte", noise(windowLen*chunkLen + 1), windowLen + 1, ""},
		"1 MiB":  {"noise", noise(1 << 20), 32, ""},
	}
	for title, tt := range tests {
		t.Run(title, func(t *testing.T) {
			c := newConsole(t)
			require.Equal(t, exitFine, c.run("demo", write(t, tt.name, tt.content)), "%s", &c.err)
			require.Empty(t, c.err.String())
			out := c.out.String()
			require.Contains(t, out, tt.name)
			require.Contains(t, out, "SHA-256  "+tt.sum)
			require.Equal(t, 2, strings.Count(out, "has the same, byte for byte"))
			require.Contains(t, out, fmt.Sprintf("All went well: 1 input, %s.", count(len(tt.content), "byte")))
			last := fmt.Sprintf("%7d", tt.messages-1) // the index of the last message
			require.Contains(t, out, "Alice  → group  Megolm message        group      "+last)
			for _, line := range strings.Split(out, "\n") {
				if !strings.Contains(line, os.TempDir()) { // the length of that is not ours
					require.LessOrEqual(t, uniseg.StringWidth(line), defaultWidth, line)
				}
			}
		})
	}
}

func TestDemoTellsTheWholeStory(t *testing.T) {
	c := newConsole(t)
	c.inTerminal = true
	require.Equal(t, exitFine, c.run("demo"), "%s", &c.err)
	require.Empty(t, c.err.String())
	out := c.out.String()
	at := 0
	for _, part := range []string{
		"1. Three devices make their keys",
		"Bob    → server one-time key, signed",
		"2. Alice sets up an Olm session",
		"Alice  → Bob    Olm message           0 pre-key        0",
		"Bob    → Alice  Olm message           1 normal         0",
		"3. Alice begins a Megolm session",
		"4. Two Olm messages are held up",
		"held up",
		"arrives",
		"5. The group gets 1 input",
		"a short text of our own",
		"more messages",
		"Bob gets them in the order",
		"Carol gets them in the order",
		"all three stopped",
		"Olm session",
		"Megolm session, to read",
		"6. What was held up arrives after all",
		"forger → Bob    Olm message           1 normal         1",
		"refused: one bit was changed",
		"late",
		"refused: its key is used up",
		"7. A forger and a late-comer",
		"refused: the signature is not Alice's",
		"refused: what Dave has begins at 8",
		"8. Alice and Bob compare emoji",
		"Alice sees",
		"9. What came of it",
		"All went well: 1 input",
		"Megolm: decrypt",
	} {
		next := strings.Index(out[at:], part)
		require.GreaterOrEqual(t, next, 0, "%q is not in, or not after what is before it:\n%s", part, out)
		at += next + len(part)
	}
	require.NotContains(t, out, "\x1b", "no styles where there is no terminal")
}

func TestDemoSeveralInputs(t *testing.T) {
	c := newConsole(t)
	pipe(t, c, []byte("from a pipe"))
	one, two := write(t, "one", []byte("1")), write(t, "two", noise(100_000))
	require.Equal(t, exitFine, c.run("demo", one, "-", two), "%s", &c.err)
	require.Equal(t, 6, strings.Count(c.out.String(), "has the same, byte for byte"))
	require.Contains(t, c.out.String(), "All went well: 3 inputs, 100,012 bytes.")
	require.Contains(t, c.out.String(), "standard input (size unknown)")
}

// newPipe returns the ends of a pipe. A test that wants one is skipped where there are none.
func newPipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skipf("no pipes here: %v", err)
	}
	require.NoError(t, err)
	return r, w
}

// pipe makes content the standard input of c, through a pipe.
func pipe(t *testing.T, c *console, content []byte) {
	t.Helper()
	r, w := newPipe(t)
	t.Cleanup(func() { _ = r.Close() })
	go func() {
		_, _ = w.Write(content)
		_ = w.Close()
	}()
	c.in = r
}

func TestDemoStandardInput(t *testing.T) {
	for title, args := range map[string][]string{"no argument": {"demo"}, "dash": {"demo", "-"}} {
		t.Run(title, func(t *testing.T) {
			c := newConsole(t)
			pipe(t, c, noise(300_000))
			require.Equal(t, exitFine, c.run(args...), "%s", &c.err)
			require.Contains(t, c.out.String(), "All went well: 1 input, 300,000 bytes.")
		})
	}
	t.Run("a file", func(t *testing.T) {
		c := newConsole(t)
		f, err := os.Open(write(t, "in", []byte("abc")))
		require.NoError(t, err)
		defer func() { _ = f.Close() }()
		c.in = f
		require.Equal(t, exitFine, c.run("demo"), "%s", &c.err)
		require.Contains(t, c.out.String(), "standard input (3 bytes)")
	})
	t.Run("twice", func(t *testing.T) {
		c := newConsole(t)
		require.Equal(t, exitUsage, c.run("demo", "-", "-"))
		require.Contains(t, c.err.String(), "only once")
	})
}

func TestDemoUnreadable(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "not there")
	t.Run("alone", func(t *testing.T) {
		c := newConsole(t)
		require.Equal(t, exitFailed, c.run("demo", missing))
		require.Contains(t, c.err.String(), "karst: "+missing+": ")
		require.Empty(t, c.out.String())
	})
	t.Run("a folder", func(t *testing.T) {
		c := newConsole(t)
		require.Equal(t, exitFailed, c.run("demo", dir))
		require.Equal(t, "karst: "+dir+": is a directory\n", c.err.String())
	})
	t.Run("among others", func(t *testing.T) {
		c := newConsole(t)
		require.Equal(t, exitFailed, c.run("demo", missing, write(t, "good", []byte("good"))))
		require.Contains(t, c.err.String(), missing)
		require.Equal(t, 2, strings.Count(c.out.String(), "has the same, byte for byte"), "the other is sent")
		require.Contains(t, c.out.String(), "Not all went well: 1 problem")
		require.NotContains(t, c.out.String(), "All went well")
	})
	t.Run("forbidden", func(t *testing.T) {
		path := write(t, "forbidden", []byte("x"))
		require.NoError(t, os.Chmod(path, 0))
		if f, err := os.Open(path); err == nil {
			_ = f.Close()
			t.Skip("this user or system can read anything")
		}
		c := newConsole(t)
		require.Equal(t, exitFailed, c.run("demo", path))
		require.Contains(t, c.err.String(), path)
	})
	t.Run("a name that is not for terminals", func(t *testing.T) {
		c := newConsole(t)
		require.Equal(t, exitFailed, c.run("demo", filepath.Join(dir, "\x1b[2J")))
		require.NotContains(t, c.err.String(), "\x1b")
	})
}

// TestDemoSeesOneByte is the test of the test: a single byte that differs must not pass.
func TestDemoSeesOneByte(t *testing.T) {
	content := noise(1 << 20)
	for _, member := range []string{"Bob", "Carol"} {
		for _, at := range []struct {
			index uint32
			byte  int
		}{{0, 0}, {20, 777}, {31, chunkLen - 1}} {
			c := newConsole(t)
			c.tamper = func(who string, index uint32, plaintext []byte) {
				if who == member && index == at.index {
					plaintext[at.byte] ^= 1
				}
			}
			require.Equal(t, exitFailed, c.run("demo", write(t, "noise", content)))
			where := comma(int64(at.index)*chunkLen + int64(at.byte))
			require.Contains(t, c.err.String(), member+" has something else from byte "+where+" on")
			require.Contains(t, c.out.String(), "DIFFERS")
			require.Equal(t, 1, strings.Count(c.out.String(), "has the same, byte for byte"))
			require.Contains(t, c.out.String(), "Not all went well")
		}
	}
}

func TestDemoInterrupted(t *testing.T) {
	c := newConsole(t)
	r, w := newPipe(t) // to which nobody ever writes
	defer func() { _, _ = w.Close(), r.Close() }()
	c.in = r
	ctx, cancel := context.WithCancel(context.Background())
	opened := make(chan struct{})
	c.streams.out = writerFunc(func(p []byte) (int, error) {
		if strings.Contains(string(p), "standard input") {
			close(opened)
		}
		return len(p), nil
	})
	go func() { <-opened; cancel() }()
	require.Equal(t, exitInterrupted, run(ctx, []string{"demo"}, c.streams))
	require.Equal(t, "karst: interrupted\n", c.err.String())
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestDemoCannotWrite(t *testing.T) {
	c := newConsole(t)
	c.streams.out = writerFunc(func([]byte) (int, error) { return 0, os.ErrClosed })
	require.Equal(t, exitFailed, c.run("demo", write(t, "x", []byte("x"))))
	require.Contains(t, c.err.String(), "can't write")
}

// TestDemoMemory sees that memory does not grow with the input.
func TestDemoMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("sends 24 MiB")
	}
	const size = 24 << 20
	c := newConsole(t)
	path := write(t, "large", noise(size))
	var peak uint64
	c.tamper = func(_ string, index uint32, _ []byte) {
		if index%64 == 0 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		}
	}
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	require.Equal(t, exitFine, c.run("demo", path), "%s", &c.err)
	require.Less(t, int64(peak)-int64(before.HeapAlloc), int64(6<<20))
}
