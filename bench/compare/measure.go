package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// Plan says how much is measured.
type Plan struct {
	// Passes have fresh processes each: where the loader puts code and stack moves some operations by half.
	Passes int `json:"passes"`
	// Visits are how often a process goes through all operations: first with a young heap, then with one that
	// has grown, to which allocators and collectors are not indifferent.
	Visits int `json:"visits"`
	// Rounds are how many samples of an operation each peer takes in a visit.
	Rounds int `json:"rounds"`
	// GrowthRounds are the same for the operations that charts are drawn of, which have one pass and one visit.
	GrowthRounds int `json:"growth_rounds"`
	// Operations, if not empty, is a regular expression: the others are left out.
	Operations string `json:"operations,omitempty"`
	// Memory says whether memory is measured too.
	Memory bool `json:"memory"`
}

const (
	// A visit to an operation whose samples take long ends after this, if it had fewRounds.
	longVisit = 5 * time.Second
	fewRounds = 3
)

// campaign is a run of measurements.
type campaign struct {
	plan     Plan
	peers    []Peer
	has      map[string][]string // the operations of each peer
	ops      []string            // those of all peers, as far as the plan wants them
	samples  map[string]map[string][][]float64
	progress io.Writer
}

// measure takes all samples that a plan asks for.
func measure(ctx context.Context, plan Plan, peers []Peer, progress io.Writer) (*Results, error) {
	c := &campaign{plan: plan, has: map[string][]string{}, samples: map[string]map[string][][]float64{}, progress: progress}
	results := &Results{Started: time.Now().UTC().Truncate(time.Second), Machine: thisMachine(), Plan: plan}
	for _, p := range peers {
		info := PeerInfo{Name: p.Name, Missing: p.Missing}
		if p.Missing == "" {
			if err := c.meet(ctx, p, &info); err != nil {
				return nil, err
			}
		}
		results.Peers = append(results.Peers, info)
	}
	if err := c.choose(); err != nil {
		return nil, err
	}
	if err := c.run(ctx); err != nil {
		return nil, err
	}
	if plan.Memory {
		if err := c.weigh(ctx, results); err != nil {
			return nil, err
		}
	}
	for _, op := range c.ops {
		row := Row{Name: op, Figures: map[string]Figures{}}
		for peer, visits := range c.samples[op] {
			row.Figures[peer] = figures(visits)
		}
		results.Rows = append(results.Rows, row)
	}
	results.Seconds = int(time.Since(results.Started).Seconds())
	results.Machine.LoadAfter = load()
	return results, nil
}

// meet asks a peer what it is and has.
func (c *campaign) meet(ctx context.Context, p Peer, info *PeerInfo) (err error) {
	if info.Version, err = p.version(ctx); err != nil {
		return err
	}
	if c.has[p.Name], err = p.operations(ctx); err != nil {
		return err
	}
	c.peers = append(c.peers, p)
	return nil
}

// choose collects the operations: in the order of the first peer, and what only others have after what
// precedes it there.
func (c *campaign) choose() error {
	pattern, err := regexp.Compile(c.plan.Operations)
	if err != nil {
		return err
	}
	var all []string
	for _, p := range c.peers {
		place := 0
		for _, op := range c.has[p.Name] {
			if at := slices.Index(all, op); at >= 0 {
				place = at + 1
			} else {
				all = slices.Insert(all, place, op)
				place++
			}
		}
	}
	for _, op := range all {
		if pattern.MatchString(op) {
			c.ops = append(c.ops, op)
		}
	}
	if len(c.ops) == 0 {
		return fmt.Errorf("no peer has an operation that matches %q", c.plan.Operations)
	}
	return nil
}

func (c *campaign) run(ctx context.Context) error {
	var ops, growth, held []string
	for _, op := range c.ops {
		switch {
		case strings.HasPrefix(op, "Growth/Sessions/"):
			held = append(held, op)
		case strings.HasPrefix(op, "Growth/"):
			growth = append(growth, op)
		default:
			ops = append(ops, op)
		}
	}
	for i := range c.plan.Passes {
		if len(ops) == 0 {
			break
		}
		if err := c.pass(ctx, fmt.Sprintf("pass %d of %d", i+1, c.plan.Passes), c.peers, ops, c.plan.Visits, c.plan.Rounds); err != nil {
			return err
		}
	}
	if len(growth) > 0 {
		if err := c.pass(ctx, "growth", c.peers, growth, 1, c.plan.GrowthRounds); err != nil {
			return err
		}
	}
	// A million sessions of each peer at once would not fit into memory: one peer after the other here.
	for _, op := range held {
		for _, p := range c.peers {
			if !slices.Contains(c.has[p.Name], op) {
				continue
			}
			if err := c.pass(ctx, p.Name, []Peer{p}, []string{op}, 1, c.plan.GrowthRounds); err != nil {
				return err
			}
		}
	}
	return nil
}

// pass starts peers, visits each operation so many times, and ends the peers.
func (c *campaign) pass(ctx context.Context, title string, peers []Peer, ops []string, visits, rounds int) error {
	var running []*process
	for _, p := range peers {
		process, err := p.start(ctx, c.has[p.Name])
		if err != nil {
			return err
		}
		defer process.kill() // if something fails
		running = append(running, process)
	}
	for visit := range visits {
		begin := time.Now()
		for _, op := range ops {
			if err := c.visit(running, op, rounds); err != nil {
				return err
			}
		}
		fmt.Fprintf(c.progress, "%s, visit %d of %d: %s, %.0f s\n", title, visit+1, visits, count(ops), time.Since(begin).Seconds())
	}
	for _, p := range running {
		if err := p.close(); err != nil {
			return err
		}
	}
	return nil
}

func count(ops []string) string {
	if len(ops) == 1 {
		return ops[0]
	}
	return fmt.Sprintf("%d operations", len(ops))
}

// visit takes samples of an operation in rounds, of one peer after the other, so that what else happens on the
// machine hits all alike. Each round begins with another peer: nobody always comes after the same neighbour.
func (c *campaign) visit(running []*process, op string, rounds int) error {
	var mine []*process
	for _, p := range running {
		if p.has[op] {
			mine = append(mine, p)
		}
	}
	taken, begin := map[string][]float64{}, time.Now()
	for round := range rounds {
		if round == 1 {
			begin = time.Now() // the first round prepares too
		}
		if enough(round, time.Since(begin)) {
			break
		}
		for i := range mine {
			p := mine[(i+round)%len(mine)]
			ns, err := p.sample(op)
			if err != nil {
				return err
			}
			taken[p.Name] = append(taken[p.Name], ns)
		}
	}
	if c.samples[op] == nil {
		c.samples[op] = map[string][][]float64{}
	}
	for name, samples := range taken {
		c.samples[op][name] = append(c.samples[op][name], samples)
	}
	return nil
}

// enough tells that a visit has had as many rounds as there is time for.
func enough(rounds int, took time.Duration) bool { return rounds >= fewRounds && took > longVisit }

// weigh measures memory, of as many peers at once as there are cores: no time is measured here.
func (c *campaign) weigh(ctx context.Context, results *Results) error {
	begin := time.Now()
	all, errs := make([][]held, len(c.peers)), make([]error, len(c.peers))
	var working sync.WaitGroup
	free := make(chan struct{}, runtime.NumCPU())
	for i, p := range c.peers {
		working.Go(func() {
			free <- struct{}{}
			all[i], errs[i] = p.memory(ctx)
			<-free
		})
	}
	working.Wait()
	for i, p := range c.peers {
		for _, held := range all[i] {
			results.addMemory(held.name, p.Name, held.bytes)
		}
	}
	fmt.Fprintf(c.progress, "memory, %.0f s\n", time.Since(begin).Seconds())
	return errors.Join(errs...)
}
