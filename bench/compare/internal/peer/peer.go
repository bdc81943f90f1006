// Package peer is the side of a library in the comparison: a program that says what it can do, and measures
// one sample of an operation whenever it is asked for one, so that the samples of several libraries can be
// taken in turn.
//
//	list      prints the names of the operations, one a line
//	memory    prints the heap bytes of one idle object, over 100,000 of each: NAME BYTES
//	version   prints what is measured, in one line
//	serve     reads names of operations, one a line, and answers each with the nanoseconds that one iteration
//	          took, or with "error: " and why there are none
package peer

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/karst-im/karst/bench"
)

// Peer is a library that is measured.
type Peer struct {
	Version    string // one line
	Operations []bench.Operation
	Memory     []bench.Held
}

// Main is the main function of the program.
func (p *Peer) Main() {
	if err := p.Run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Run does what the arguments say.
func (p *Peer) Run(args []string, in io.Reader, out io.Writer) error {
	var command string
	if len(args) == 1 {
		command = args[0]
	}
	switch command {
	case "list":
		for _, op := range p.Operations {
			if _, err := fmt.Fprintln(out, op.Name); err != nil {
				return err
			}
		}
		return nil
	case "memory":
		for _, held := range p.Memory {
			if _, err := fmt.Fprintf(out, "%s %.1f\n", held.Name, held.Bytes(bench.HeldObjects)); err != nil {
				return err
			}
		}
		return nil
	case "version":
		_, err := fmt.Fprintln(out, p.Version)
		return err
	case "serve":
		return p.serve(in, out)
	}
	return errors.New("usage: list | memory | version | serve")
}

func (p *Peer) serve(in io.Reader, out io.Writer) error {
	meters := make(map[string]*meter, len(p.Operations))
	for _, op := range p.Operations {
		meters[op.Name] = &meter{op: op}
	}
	var last *meter
	names := bufio.NewScanner(in)
	for names.Scan() {
		m := meters[names.Text()]
		if last != nil && last != m {
			last.leave()
		}
		last = m
		if err := answer(out, names.Text(), m); err != nil {
			return err
		}
	}
	return names.Err()
}

// answer writes one sample.
func answer(out io.Writer, name string, m *meter) error {
	if m == nil {
		_, err := fmt.Fprintf(out, "error: there is no operation %q\n", name)
		return err
	}
	perIteration, err := m.sample()
	if err != nil {
		_, err = fmt.Fprintf(out, "error: %v\n", err)
		return err
	}
	_, err = fmt.Fprintf(out, "%.2f\n", perIteration)
	return err
}
