//go:build unix

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// gate is the steps that are to run.
type gate struct {
	out     io.Writer
	command []string
	jobs    int
	limit   time.Duration
	steps   []*step

	start   time.Time
	running []*job
	begun   []*job
	ends    chan *job
}

// job is a step that has begun.
type job struct {
	*step
	cmd   *exec.Cmd
	log   *os.File // nil if the step writes to the gate's own output
	began time.Time
	took  time.Duration
	ended bool
	err   error
}

// grace is how long a step that is told to end has for that.
const grace = 5 * time.Second

// run runs the steps until all have ended or one has failed, which the error names.
func (g *gate) run(interrupted <-chan os.Signal) error {
	g.start, g.ends = time.Now(), make(chan *job)
	late := time.After(g.limit)
	for {
		for _, s := range g.steps {
			if len(g.running) < g.jobs && g.ready(s) {
				if err := g.begin(s); err != nil {
					g.stop()
					return fmt.Errorf("step %s: %w", s.name, err)
				}
			}
		}
		if len(g.running) == 0 {
			break
		}
		select {
		case j := <-g.ends:
			g.end(j)
			if j.err != nil {
				g.stop()
				return fmt.Errorf("step %s: %w", j.name, j.err)
			}
		case <-late:
			names := g.stop()
			return fmt.Errorf("not done after %v: %s", g.limit, names)
		case s := <-interrupted:
			names := g.stop()
			return fmt.Errorf("%v: %s", s, names)
		}
	}
	g.times()
	if len(g.begun) != len(g.steps) {
		return errors.New("not all steps have run")
	}
	return nil
}

// ready reports whether a step may begin now. A step that is not to run is waited for by nobody.
func (g *gate) ready(s *step) bool {
	if g.job(s.name) != nil {
		return false
	}
	if s.alone {
		return len(g.running) == 0 && len(g.begun) == len(g.steps)-1
	}
	return !slices.ContainsFunc(s.after, func(other string) bool {
		if find(g.steps, other) == nil {
			return false
		}
		j := g.job(other)
		return j == nil || !j.ended
	})
}

func (g *gate) job(name string) *job {
	if i := slices.IndexFunc(g.begun, func(j *job) bool { return j.name == name }); i >= 0 {
		return g.begun[i]
	}
	return nil
}

func (g *gate) begin(s *step) error {
	j := &job{step: s, began: time.Now(), cmd: exec.Command(g.command[0], append(slices.Clone(g.command[1:]), s.name)...)}
	j.cmd.Stdout, j.cmd.Stderr = g.out, g.out
	if len(g.steps) > 1 {
		// A file, and no pipe: what a step leaves running could keep one open.
		log, err := os.CreateTemp("", "step-"+s.name+"-")
		if err != nil {
			return err
		}
		if err := os.Remove(log.Name()); err != nil {
			return err
		}
		j.log = log
		j.cmd.Stdout, j.cmd.Stderr = log, log
	}
	// A group of processes of its own, so that all that it starts can be ended.
	j.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	fmt.Fprintf(g.out, "-- %s begins (%.0f s)\n", s.name, time.Since(g.start).Seconds())
	if err := j.cmd.Start(); err != nil {
		return err
	}
	g.running = append(g.running, j)
	g.begun = append(g.begun, j)
	go func() {
		j.err = j.cmd.Wait()
		g.ends <- j
	}()
	return nil
}

// end notes that a job has ended and shows what it has printed.
func (g *gate) end(j *job) {
	j.took, j.ended = time.Since(j.began), true
	g.running = slices.DeleteFunc(g.running, func(other *job) bool { return other == j })
	if j.log == nil {
		return
	}
	fmt.Fprintf(g.out, "\n== %s: %s (%.0f s)\n", j.name, j.what, j.took.Seconds())
	defer j.log.Close()
	_, err := j.log.Seek(0, io.SeekStart)
	if err == nil {
		_, err = io.Copy(g.out, j.log)
	}
	if err != nil {
		j.err = errors.Join(j.err, fmt.Errorf("what it has printed can't be read: %w", err))
	}
}

// stop ends what is still running, shows what it has printed, and the times. It returns the names.
func (g *gate) stop() string {
	var names []string
	for _, j := range g.running {
		names = append(names, j.name)
		_ = syscall.Kill(-j.cmd.Process.Pid, syscall.SIGTERM)
	}
	patience := time.After(grace)
	for len(g.running) > 0 {
		select {
		case j := <-g.ends:
			g.end(j)
			// The step has ended; what it has started may be slower.
			_ = syscall.Kill(-j.cmd.Process.Pid, syscall.SIGKILL)
			fmt.Fprintf(g.out, "-- %s was ended here\n", j.name)
		case <-patience:
			for _, j := range g.running {
				_ = syscall.Kill(-j.cmd.Process.Pid, syscall.SIGKILL)
			}
		}
	}
	g.times()
	return strings.Join(names, " ")
}

func (g *gate) times() {
	fmt.Fprintf(g.out, "\n%-16s%8s%8s\n", "step", "began", "took")
	for _, j := range g.begun {
		fmt.Fprintf(g.out, "%-16s%6.0f s%6.0f s\n", j.name, j.began.Sub(g.start).Seconds(), j.took.Seconds())
	}
}
