package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rivo/uniseg"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/karst-im/karst/internal/testkit"
)

const asCommand = "KARST_AS_COMMAND"

// TestMain also is the command.
func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

// pseudoTerminal opens both ends of a terminal with a number of columns. There is none in some sandboxes: the test is
// then skipped.
func pseudoTerminal(t *testing.T, columns int) (ours, theirs *os.File) {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil && os.Getenv("CI") != "true" {
		t.Skipf("no terminals here: %v", err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { _ = ours.Close() })
	require.NoError(t, unix.IoctlSetPointerInt(int(ours.Fd()), unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetUint32(int(ours.Fd()), unix.TIOCGPTN) // it has 32 bits everywhere
	require.NoError(t, err)
	theirs, err = os.OpenFile("/dev/pts/"+strconv.Itoa(int(number)), os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	require.NoError(t, unix.IoctlSetWinsize(int(theirs.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: uint16(columns)}))
	return ours, theirs
}

// inTerminal runs the command in a terminal, and returns all that it writes there.
func inTerminal(t *testing.T, columns int, args ...string) (written []byte, status int) {
	t.Helper()
	ours, theirs := pseudoTerminal(t, columns)
	cmd := testkit.Again(t, []string{asCommand + "=1", "TERM=xterm", "NO_COLOR="}, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirs, theirs, theirs
	require.NoError(t, cmd.Start())
	require.NoError(t, theirs.Close())
	var all bytes.Buffer
	if _, err := io.Copy(&all, ours); !errors.Is(err, syscall.EIO) { // that is how the end of a terminal looks
		require.NoError(t, err)
	}
	err := cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return all.Bytes(), exit.ExitCode()
	}
	require.NoError(t, err)
	return all.Bytes(), 0
}

// screen is what a terminal has after what was written to it: rows without an end.
type screen struct {
	columns int
	rows    []string
	column  int
	wrapped int      // rows that went on in the next one
	widest  int      // columns that were ever in use
	odd     []string // what is neither text nor a style
}

func (s *screen) write(text string) {
	s.rows = append(s.rows, "")
	cells := []string(nil)
	flush := func() { s.rows[len(s.rows)-1] = strings.TrimRight(strings.Join(cells, ""), " ") }
	for len(text) > 0 {
		if rest, ok := strings.CutPrefix(text, "\x1b["); ok {
			if end := strings.IndexFunc(rest, func(r rune) bool { return r != ';' && (r < '0' || r > '9') }); end >= 0 && rest[end] == 'm' {
				text = rest[end+1:]
				continue
			}
		}
		cluster, rest, width, _ := uniseg.FirstGraphemeClusterInString(text, -1)
		text = rest
		switch cluster {
		case "\r\n", "\n":
			flush()
			s.rows, cells, s.column = append(s.rows, ""), nil, 0
		case "\r":
			s.column = 0
		default:
			if strings.ContainsFunc(cluster, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x202e }) {
				s.odd = append(s.odd, cluster)
				continue
			}
			if s.column+width > s.columns {
				flush()
				s.rows, cells, s.column = append(s.rows, ""), nil, 0
				s.wrapped++
			}
			for len(cells) < s.column {
				cells = append(cells, " ")
			}
			if s.column < len(cells) {
				cells[s.column] = cluster
			} else {
				cells = append(cells, cluster)
			}
			for range width - 1 {
				if len(cells) == s.column+1 {
					cells = append(cells, "")
				}
				s.column++
			}
			s.column++
			s.widest = max(s.widest, s.column)
		}
	}
	flush()
}

func show(columns int, written []byte) *screen {
	s := &screen{columns: columns}
	s.write(string(written))
	return s
}

// TestNarrowTerminal: no line is wider than the terminal, and so none wraps, in tables neither; and the progress bar
// leaves nothing behind.
func TestNarrowTerminal(t *testing.T) {
	name := write(t, "a name that is rather long.txt", []byte("abcdef"))
	t.Chdir(filepath.Dir(name))
	for _, columns := range []int{minWidth, 41, 57, 79, 80, 96, 200} {
		t.Run(strconv.Itoa(columns), func(t *testing.T) {
			written, status := inTerminal(t, columns, "demo", filepath.Base(name), filepath.Base(name))
			require.Zero(t, status, "%s", written)
			s := show(columns, written)
			require.Empty(t, s.odd)
			require.Zero(t, s.wrapped, "%s", strings.Join(s.rows, "\n"))
			all := strings.Join(strings.Fields(strings.Join(s.rows, " ")), " ")
			for _, part := range []string{
				"into messages of 32,768 bytes, or, if it is shorter, into up to 8", "(6 bytes)", "identity keys, signed", "held up",
				"one bit was changed", "the signature is not Alice's", "Megolm session, to read", "Megolm: decrypt", "All went well: 2 inputs, 12 bytes.",
			} {
				require.Contains(t, all, part)
			}
		})
	}
}

// TestProgressBarInNarrowTerminals: however narrow it is, the bar stays in its row.
func TestProgressBarInNarrowTerminals(t *testing.T) {
	if testing.Short() {
		t.Skip("sends 17 MiB")
	}
	large := write(t, "large", noise(barFrom+(1<<20)))
	t.Chdir(filepath.Dir(large))
	for _, columns := range []int{40, 80} {
		written, status := inTerminal(t, columns, "demo", "large")
		require.Zero(t, status)
		require.Greater(t, strings.Count(string(written), " of 17.8 MB"), 1, "it is drawn, more than once")
		s := show(columns, written)
		require.Empty(t, s.odd)
		require.Zero(t, s.wrapped, "%s", strings.Join(s.rows, "\n"))
		require.NotContains(t, strings.Join(s.rows, "\n"), "MB |", "it is taken away")
		require.NotContains(t, strings.Join(s.rows, "\n"), "on the way ", "it is taken away")
		quiet, status := inTerminal(t, columns, "demo", os.DevNull)
		require.Zero(t, status)
		require.InDelta(t, len(show(columns, quiet).rows), len(s.rows), 20, "the scrollback has no rows of it")
	}
	for columns := 1; columns <= 120; columns++ {
		b := &bar{total: barFrom * 4, done: barFrom, width: func() int { return columns }}
		require.Less(t, uniseg.StringWidth(b.line(columns-1)), max(columns, 1))
		b.total = -1
		require.Less(t, uniseg.StringWidth(b.line(columns-1)), max(columns, 1))
	}
}

// TestArgumentsDoNotReachTheTerminal: whatever is in an argument, wherever it stands, a terminal gets it as text.
func TestArgumentsDoNotReachTheTerminal(t *testing.T) {
	t.Chdir(t.TempDir())
	all := []string{"\x1b[2J\x1b[31m", "\u009b2J", "a\x07b", "a\rb", "a\nkarst: all is well", "\xff\x1bc", "\u202etxt.exe", "\x1b]0;title\x07", "\x9b2J"}
	if testing.Short() {
		all = all[:2]
	}
	for _, odd := range all {
		for _, args := range [][]string{
			{odd}, {"demo", odd}, {"demo", "--" + odd}, {"demo", "-" + odd}, {"demo", "--" + odd + "=x"}, {"demo", "--help=" + odd}, {"demo", "--=" + odd},
			{"--" + odd}, {"-" + odd}, {"help", odd}, {"help", "demo", odd}, {"help", "--" + odd}, {"version", odd}, {"version", "--" + odd}, {"-h" + odd},
			{"demo", "--", odd}, {"demo", odd, "-", "-"},
		} {
			written, _ := inTerminal(t, 80, args...)
			s := show(80, written)
			require.Empty(t, s.odd, "%q: %q", args, written)
			require.NotContains(t, string(written), "\nkarst: all is well", "%q", args)
			require.NotContains(t, string(written), "a\rb")
		}
		// A file that has such a name is sent like any other.
		if name := odd; !strings.Contains(name, "/") && os.WriteFile(name, []byte("text"), 0o600) == nil {
			written, status := inTerminal(t, 80, "demo", name)
			require.Zero(t, status, "%q", written)
			require.Empty(t, show(80, written).odd)
			require.Contains(t, string(written), fmt.Sprintf("%q", name)[:3])
		}
	}
}
