package main

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/rivo/uniseg"
	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/aes"
	"github.com/karst-im/karst/internal/curve"
	"github.com/karst-im/karst/internal/sha2"
)

func TestUsage(t *testing.T) {
	for title, tt := range map[string]struct {
		args []string
		exit int
		out  string
		err  string
	}{
		"nothing":       {nil, exitFine, "demo", ""},
		"help":          {[]string{"help"}, exitFine, "version", ""},
		"help demo":     {[]string{"help", "demo"}, exitFine, "Without FILE", ""},
		"-h":            {[]string{"demo", "-h"}, exitFine, "Without FILE", ""},
		"version":       {[]string{"version"}, exitFine, runtime.Version(), ""},
		"--version":     {[]string{"--version"}, exitFine, "karst", ""},
		"unknown":       {[]string{"dmeo"}, exitUsage, "", "  demo\nRun"},
		"unknown flag":  {[]string{"demo", "--fast"}, exitUsage, "", "unknown flag"},
		"too many":      {[]string{"version", "x"}, exitUsage, "", "karst help"},
		"--, then name": {[]string{"demo", "--", "-no-such-file"}, exitFailed, "", "-no-such-file: "},
	} {
		t.Run(title, func(t *testing.T) {
			c := newConsole(t)
			require.Equal(t, tt.exit, c.run(tt.args...))
			require.Contains(t, c.out.String(), tt.out)
			require.Contains(t, c.err.String(), tt.err)
			if tt.err == "" {
				require.Empty(t, c.err.String())
			} else {
				require.Empty(t, c.out.String())
			}
		})
	}
}

func TestVersionNamesImplementations(t *testing.T) {
	c := newConsole(t)
	require.Equal(t, exitFine, c.run("version"))
	sha256, sha512 := sha2.Implementation()
	for _, part := range []string{
		"karst    ", "go       ", "AES      " + aes.Implementation() + "\n", "SHA-256  " + sha256 + "\n",
		"SHA-512  " + sha512 + "\n", "curves   " + curve.Implementation() + "\n",
	} {
		require.Contains(t, "\n"+c.out.String(), "\n"+part)
	}
}

func TestChunker(t *testing.T) {
	for _, n := range []int{0, 1, 7, 8, 9, 100, chunkLen - 1, chunkLen, chunkLen + 1, 2 * chunkLen, 5*chunkLen + 3} {
		content := noise(n)
		for title, r := range map[string]io.Reader{
			"whole":       bytes.NewReader(content),
			"in halves":   iotest.HalfReader(bytes.NewReader(content)),
			"with an EOF": iotest.DataErrReader(bytes.NewReader(content)),
		} {
			c := &chunker{r: r}
			var all []byte
			messages := 0
			for more := true; more; messages++ {
				var message []byte
				message, more = c.next(nil)
				require.LessOrEqual(t, len(message), chunkLen)
				require.True(t, len(message) > 0 || n == 0, "only an empty input has an empty message")
				all = append(all, message...)
			}
			require.True(t, bytes.Equal(content, all), "%d bytes, %s", n, title)
			require.NoError(t, c.err)
			require.EqualValues(t, n, c.total)
			if n < chunkLen {
				require.LessOrEqual(t, messages, shortParts)
			} else {
				require.Equal(t, (n+chunkLen-1)/chunkLen, messages)
			}
		}
	}
	failing := errors.New("the disk is gone")
	c := &chunker{r: io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(failing))}
	for more := true; more; {
		_, more = c.next(nil)
	}
	require.ErrorIs(t, c.err, failing)
	require.EqualValues(t, 3, c.total)
}

func TestShuffled(t *testing.T) {
	for n := range 20 {
		for seed := range uint64(50) {
			order := shuffled(newOrder(seed), n)
			sorted := slices.Sorted(slices.Values(order))
			for i := range n {
				require.Equal(t, i, sorted[i])
			}
			require.True(t, n < 2 || !slices.IsSorted(order))
		}
	}
}

func TestText(t *testing.T) {
	require.Equal(t, "0", comma(0))
	require.Equal(t, "999", comma(999))
	require.Equal(t, "1,000", comma(1000))
	require.Equal(t, "1,073,741,824", comma(int64(1<<30)))
	require.Equal(t, "1 byte", count(1, "byte"))
	require.Equal(t, "0 bytes", count(0, "byte"))

	require.Equal(t, "a b.txt", printable("a b.txt"))
	require.Equal(t, "grün 🐘", printable("grün 🐘"))
	for _, odd := range []string{"", "\x1b[2J", "a\nb", "\xff", "\u202e"} {
		require.Regexp(t, `^"[\x20-\x7e]*"$`, printable(odd))
	}

	require.Equal(t, "short", shorten("short", 5))
	require.Equal(t, "lo…er", shorten("longer still, longer", 5))
	for width := 1; width < 12; width++ {
		got := shorten("🐘🐘🐘e\u0301🐘🐘🐘", width)
		require.LessOrEqual(t, uniseg.StringWidth(got), max(width, 1))
		require.Contains(t, got, "…")
	}

	require.Equal(t, []string{"a b", "c", "long", "word", "d"}, wrap("a b  c longword d", 4))
	require.Equal(t, []string{"🐘", "🐘", "a"}, wrap("🐘🐘a", 1), "one character at least")
	require.Equal(t, []string{""}, wrap("", 4))

	for want, d := range map[string]time.Duration{
		"0.00 µs": 0, "1.50 µs": 1500, "999 µs": 999 * time.Microsecond, "1.00 ms": time.Millisecond,
		"12.3 ms": 12345 * time.Microsecond, "61.0 s": 61 * time.Second,
	} {
		require.Equal(t, want, duration(d))
	}
}

func TestStyles(t *testing.T) {
	c := newConsole(t)
	c.styled = true
	require.Equal(t, exitFine, c.run("demo"))
	require.Contains(t, c.out.String(), "\x1b[1m1. Three")
	require.NotContains(t, strings.ReplaceAll(c.out.String(), "\x1b[", ""), "\x1b")
}

func TestBar(t *testing.T) {
	var w bytes.Buffer
	for title, tt := range map[string]struct {
		on    bool
		total int64
		done  int
		drawn bool
	}{
		"no terminal":       {false, 1 << 30, 1 << 25, false},
		"small":             {true, barFrom, barFrom, false},
		"large":             {true, barFrom + 1, 1, true},
		"unknown, so far":   {true, -1, barFrom, false},
		"unknown and large": {true, -1, barFrom + 1, true},
	} {
		t.Run(title, func(t *testing.T) {
			w.Reset()
			b := &bar{w: &w, on: tt.on, total: tt.total, width: func() int { return defaultWidth }}
			b.add(tt.done)
			b.clear()
			require.Equal(t, tt.drawn, w.Len() > 0)
			written := w.Len()
			time.Sleep(150 * time.Millisecond)
			require.Equal(t, written, w.Len(), "it draws only when told to")
			b.add(1)
			b.add(1) // one more than there should be
			b.clear()
			require.NotContains(t, w.String(), "\n")
		})
	}
}
