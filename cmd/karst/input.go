package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// builtin is what the demo sends when nobody gives it anything.
const builtin = `Karst is what rain makes of limestone.

It falls on bare rock, finds a crack, and is gone. Below, where nobody sees it,
the water goes its way: through shafts and siphons, in the dark, for days. Two
streams that vanish a step apart may come out in different valleys, and what went
in first need not come out first.

People have poured dye into such a stream and waited at the springs. It came out
at one of them, days later, every drop of it, and at no other.

That is about what we ask of a message: that it comes out where it should, whole,
whatever happened on the way, and that nobody could tell by looking at the hills.
`

// source is something to send.
type source struct {
	name string // fit to be shown
	size int64  // -1 if it is not known
	open func() (io.ReadCloser, error)
}

// inputs returns the sources that args name, or the default one, and an error for each that can't be
// read, which can be told before anything else happens.
func inputs(ctx context.Context, args []string, s streams) (sources []source, bad []error, usage error) {
	if len(args) == 0 {
		if s.inTerminal {
			open := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(builtin)), nil }
			return []source{{name: "a short text of our own", size: int64(len(builtin)), open: open}}, nil, nil
		}
		args = []string{"-"}
	}
	stdins := 0
	for _, arg := range args {
		var src source
		var err error
		if arg == "-" {
			stdins++
			src, err = stdin(ctx, s)
		} else {
			src, err = file(ctx, arg)
		}
		if err != nil {
			bad = append(bad, err)
			continue
		}
		sources = append(sources, src)
	}
	if stdins > 1 {
		return nil, nil, errors.New(`standard input ("-") can be read only once`)
	}
	return sources, bad, nil
}

func stdin(ctx context.Context, s streams) (source, error) {
	const name = "standard input"
	info, err := s.in.Stat()
	if err != nil {
		return source{}, inputError(name, err)
	}
	if info.IsDir() {
		return source{}, inputError(name, errIsDir)
	}
	src := source{name: name, size: -1}
	if info.Mode().IsRegular() {
		src.size = info.Size()
		if at, err := s.in.Seek(0, io.SeekCurrent); err == nil {
			src.size = max(src.size-at, 0)
		}
	}
	src.open = func() (io.ReadCloser, error) {
		if s.inTerminal {
			_, _ = fmt.Fprintln(s.err, "karst: reading what you type; end with Ctrl-D at the beginning of a line")
		}
		return io.NopCloser(interruptible(ctx, s.in)), nil
	}
	return src, nil
}

func file(ctx context.Context, path string) (source, error) {
	src := source{name: printable(path), size: -1}
	info, err := os.Stat(path)
	if err != nil {
		return source{}, inputError(src.name, err)
	}
	if info.IsDir() {
		return source{}, inputError(src.name, errIsDir)
	}
	if !info.Mode().IsRegular() {
		// To open a pipe waits for its other end.
		src.open = func() (io.ReadCloser, error) {
			f, err := await(ctx, func() (*os.File, error) { return os.Open(path) })
			if err != nil {
				return nil, err
			}
			return struct {
				io.Reader
				io.Closer
			}{interruptible(ctx, f), f}, nil
		}
		return src, nil
	}
	f, err := os.Open(path) // shows now whether it may be read
	if err != nil {
		return source{}, inputError(src.name, err)
	}
	src.size = info.Size()
	src.open = func() (io.ReadCloser, error) { return os.Open(path) }
	return src, f.Close()
}

var errIsDir = errors.New("is a directory")

// inputError names the source that err is about, once, in the form that is fit to be shown.
func inputError(name string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("%s: %w", name, err)
}

// await returns what f does, or the context's error if that is done before f is; f is then abandoned.
func await[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := f()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var zero T
		return zero, ctx.Err()
	}
}

// interruptible returns a reader of r, a pipe or a terminal, that does not wait once ctx is done.
func interruptible(ctx context.Context, r io.Reader) io.Reader {
	return &interruptibleReader{ctx: ctx, r: r}
}

type interruptibleReader struct {
	ctx context.Context
	r   io.Reader
	buf []byte // an abandoned Read may still write to it
}

func (i *interruptibleReader) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	if len(i.buf) < len(p) {
		i.buf = make([]byte, len(p))
	}
	buf := i.buf[:len(p)]
	n, err := await(i.ctx, func() (int, error) { return i.r.Read(buf) })
	return copy(p, buf[:n]), err
}
