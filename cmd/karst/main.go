// Command karst shows the module at work.
//
//	karst demo [FILE...]   the whole job, on real files, before the reader's eyes
//	karst version          what this is and which code runs
//	karst help
//
// It exits with 0 if all went well, 1 if anything failed or any byte differed, 2 if it was called in a
// way that it does not know, and 130 if it was interrupted.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"
)

const (
	exitFine        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program whatever it is doing
	os.Exit(run(ctx, os.Args[1:], standardStreams()))
}

// streams are what the command reads and writes. Tests put files and buffers here.
type streams struct {
	in         *os.File
	inTerminal bool
	out        io.Writer
	err        io.Writer
	errBar     bool       // draw a progress bar on err
	errWidth   func() int // columns of err
	styled     bool       // bold and colour on out
	width      int        // columns of out

	// tamper, if set, may change what a member decrypted. Tests see with it that nothing slips through.
	tamper func(member string, index uint32, plaintext []byte)
}

func standardStreams() streams {
	s := streams{in: os.Stdin, out: os.Stdout, err: os.Stderr, width: defaultWidth}
	s.errWidth = func() int {
		if width, _, err := term.GetSize(int(os.Stderr.Fd())); err == nil && width > 0 {
			return width
		}
		return defaultWidth
	}
	s.inTerminal = term.IsTerminal(int(os.Stdin.Fd()))
	s.errBar = term.IsTerminal(int(os.Stderr.Fd()))
	if fd := int(os.Stdout.Fd()); term.IsTerminal(fd) {
		s.styled = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		if width, _, err := term.GetSize(fd); err == nil && width > 0 {
			s.width = width
		}
	}
	return s
}

// run runs the command and returns its exit status.
func run(ctx context.Context, args []string, s streams) int {
	root := command(s)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var failed *failure
	switch {
	case err == nil:
		return exitFine
	case errors.Is(err, context.Canceled):
		if s.errBar {
			_, _ = fmt.Fprintln(s.err) // behind the ^C that terminals show
		}
		_, _ = fmt.Fprintln(s.err, "karst: interrupted")
		return exitInterrupted
	case errors.As(err, &failed):
		if !failed.told {
			_, _ = fmt.Fprintln(s.err, "karst:", harmless(err.Error()))
		}
		return exitFailed
	}
	lines := strings.Split(strings.TrimSpace(err.Error()), "\n") // of suggestions; cobra quotes what it was given
	for i, line := range lines {
		lines[i] = harmless(strings.ReplaceAll(line, "\t", "  "))
	}
	_, _ = fmt.Fprintf(s.err, "karst: %s\nRun \"karst help\" to see what there is.\n", strings.Join(lines, "\n"))
	return exitUsage
}

// usageError says what is wrong with how the command was called, with what the caller wrote in quotes where that
// could confuse a terminal.
func usageError(_ *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		if shorts := unknown.GetSpecifiedShortnames(); shorts != "" {
			return fmt.Errorf("unknown flag: %s", printable("-"+shorts))
		}
		return fmt.Errorf("unknown flag: %s", printable("--"+unknown.GetSpecifiedName()))
	}
	return errors.New(harmless(err.Error()))
}

// help writes what there is to know of a command.
func help(cmd *cobra.Command, args []string) error {
	of := cmd.Root()
	for _, name := range args {
		i := slices.IndexFunc(of.Commands(), func(c *cobra.Command) bool { return c.Name() == name })
		if i < 0 {
			return fmt.Errorf("there is no help on %s", printable(strings.Join(args, " ")))
		}
		of = of.Commands()[i]
	}
	return of.Help()
}

// failure is an error of a command that was called correctly.
type failure struct {
	err  error
	told bool // the reader has seen it
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func command(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:               "karst",
		Short:             "Olm and Megolm, the end-to-end encryption of Matrix, in pure Go",
		Long:              "karst is Olm and Megolm, the end-to-end encryption of Matrix, in pure Go.\nThis command shows it at work.",
		Version:           moduleVersion(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetFlagErrorFunc(usageError)
	root.SetHelpCommand(&cobra.Command{
		Use: "help [command]", Short: "Say more about a command", RunE: help, DisableFlagsInUseLine: true,
	})
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.AddCommand(&cobra.Command{
		Use:   "demo [FILE...]",
		Short: "Encrypt files to a group and decrypt them, step by step",
		Long: `Three devices, Alice's, Bob's and Carol's, do all that a Matrix client does:
they publish keys, set up Olm sessions, and hand out a Megolm key; Alice encrypts
every FILE to the group, Bob and Carol decrypt it. On the way messages come late,
out of order, twice and forged, and everybody is stopped and started again.

Everything stays in this process. What would cross the wire is listed, and every
byte that Bob and Carol get is compared with the source.

Without FILE the demo reads standard input, or, if that is a terminal, a short
text of its own. "-" is standard input too. Files are read in pieces: their size
does not matter. A FILE that can't be read is named, the others still run.`,
		Example: `  karst demo
  karst demo README.md "a photo.jpg"
  git log | karst demo`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runDemo(cmd.Context(), args, s)
		},
		DisableFlagsInUseLine: true,
	})
	root.AddCommand(&cobra.Command{
		Use:   "version",
		Short: "Say which version this is and which code it runs",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := printVersion(s.out); err != nil {
				return &failure{err: err}
			}
			return nil
		},
	})
	return root
}
