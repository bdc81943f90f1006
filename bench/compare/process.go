package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os/exec"
	"strconv"
	"strings"
)

// output runs the program of a peer for one command of the protocol, and returns what it prints.
func (p Peer) output(ctx context.Context, command string) (string, error) {
	cmd := p.command(ctx, command)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s, asked for %s: %w%s", p.Name, command, err, tail(&errs))
	}
	return string(out), nil
}

func (p Peer) command(ctx context.Context, command string) *exec.Cmd {
	return exec.CommandContext(ctx, p.Command[0], append(p.Command[1:len(p.Command):len(p.Command)], command)...)
}

// operations asks a peer what it can do.
func (p Peer) operations(ctx context.Context) ([]string, error) {
	out, err := p.output(ctx, "list")
	if err == nil && len(strings.Fields(out)) == 0 {
		err = fmt.Errorf("%s has no operations", p.Name)
	}
	return strings.Fields(out), err
}

// version asks a peer what it is.
func (p Peer) version(ctx context.Context) (string, error) {
	out, err := p.output(ctx, "version")
	out = strings.TrimSpace(out)
	if err == nil && (out == "" || strings.Contains(out, "\n")) {
		err = fmt.Errorf("%s says that its version is %q, which is not one line", p.Name, out)
	}
	return out, err
}

// held is how many bytes an object takes.
type held struct {
	name  string
	bytes float64
}

// memory asks a peer how many bytes its objects take.
func (p Peer) memory(ctx context.Context) ([]held, error) {
	out, err := p.output(ctx, "memory")
	if err != nil {
		return nil, err
	}
	var all []held
	for _, line := range strings.FieldsFunc(out, func(c rune) bool { return c == '\n' }) {
		name, number, _ := strings.Cut(line, " ")
		bytes, err := parsePositive(number)
		if err != nil {
			return nil, fmt.Errorf("%s says about memory: %q", p.Name, line)
		}
		all = append(all, held{name, bytes})
	}
	return all, nil
}

// process is a peer that serves.
type process struct {
	Peer
	has     map[string]bool
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers *bufio.Reader
	errs    bytes.Buffer
}

// start starts a peer that has those operations. It ends when it is closed, or when the context does.
func (p Peer) start(ctx context.Context, operations []string) (*process, error) {
	run := &process{Peer: p, has: map[string]bool{}, cmd: p.command(ctx, "serve")}
	for _, op := range operations {
		run.has[op] = true
	}
	run.cmd.Stderr = &run.errs
	in, err := run.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := run.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	run.in, run.answers = in, bufio.NewReader(out)
	if err := run.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", p.Name, err)
	}
	return run, nil
}

// sample asks for the nanoseconds of one iteration.
func (p *process) sample(op string) (float64, error) {
	// A program that is gone shows in its answer, which says more than the broken pipe does.
	_, writeErr := fmt.Fprintln(p.in, op)
	answer, err := p.answers.ReadString('\n')
	if err = errors.Join(writeErr, err); err != nil {
		p.in.Close()
		return 0, fmt.Errorf("%s did not answer to %s: %w", p.Name, op, errors.Join(err, p.wait()))
	}
	answer = strings.TrimSpace(answer)
	if text, isError := strings.CutPrefix(answer, "error:"); isError {
		return 0, fmt.Errorf("%s failed at %s: %s", p.Name, op, strings.TrimSpace(text))
	}
	ns, err := parsePositive(answer)
	if err != nil {
		return 0, fmt.Errorf("%s answered to %s: %q, which is not a time", p.Name, op, answer)
	}
	return ns, nil
}

// close tells the peer that that was all, and waits until it has ended.
func (p *process) close() error {
	p.in.Close()
	return p.wait()
}

// kill ends a peer that is of no use any more. After close it does nothing.
func (p *process) kill() {
	if p.cmd.ProcessState == nil {
		p.cmd.Process.Kill()
		p.cmd.Wait()
	}
}

func (p *process) wait() error {
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("%s ended with %w%s", p.Name, err, tail(&p.errs))
	}
	return nil
}

// tail returns the end of what a program complained.
func tail(errs *bytes.Buffer) string {
	const enough = 2000
	text := strings.TrimSpace(errs.String())
	if text == "" {
		return ""
	}
	return "\n" + text[max(0, len(text)-enough):]
}

func parsePositive(s string) (float64, error) {
	x, err := strconv.ParseFloat(s, 64)
	if err == nil && !(x > 0 && x <= math.MaxFloat64) {
		err = fmt.Errorf("%v is not positive and finite", x)
	}
	return x, err
}
