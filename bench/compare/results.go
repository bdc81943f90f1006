package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"time"
)

// Results are what is kept of a run.
type Results struct {
	Started time.Time   `json:"started"`
	Seconds int         `json:"seconds"`
	Plan    Plan        `json:"plan"`
	Machine Machine     `json:"machine"`
	Peers   []PeerInfo  `json:"peers"`
	Rows    []Row       `json:"operations"`
	Memory  []MemoryRow `json:"memory"`
}

// PeerInfo is what a peer says about itself, or why it is missing.
type PeerInfo struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	Missing string `json:"missing,omitempty"`
}

// Row has the figures of an operation by peer.
type Row struct {
	Name    string             `json:"name"`
	Figures map[string]Figures `json:"ns"`
}

// Figures are nanoseconds.
type Figures struct {
	Min    float64 `json:"min"`
	Median float64 `json:"median"`
	Count  int     `json:"count"`
	// Visits are the minima of the visits, in order.
	Visits []float64 `json:"visits"`
}

// MemoryRow has the bytes of an object by peer.
type MemoryRow struct {
	Name  string             `json:"name"`
	Bytes map[string]float64 `json:"bytes"`
}

// figures sums up the samples of each visit.
func figures(visits [][]float64) (f Figures) {
	all := slices.Concat(visits...)
	slices.Sort(all)
	for _, samples := range visits {
		f.Visits = append(f.Visits, round(slices.Min(samples)))
	}
	f.Count, f.Min, f.Median = len(all), round(all[0]), round((all[(len(all)-1)/2]+all[len(all)/2])/2)
	return f
}

// round leaves a tenth of a nanosecond, which is more than is known.
func round(ns float64) float64 { return math.Round(ns*10) / 10 }

// memory returns the bytes of an object, or 0.
func (r *Results) memory(peer, name string) float64 {
	for _, row := range r.Memory {
		if row.Name == name {
			return row.Bytes[peer]
		}
	}
	return 0
}

func (r *Results) addMemory(name, peer string, bytes float64) {
	at := slices.IndexFunc(r.Memory, func(row MemoryRow) bool { return row.Name == name })
	if at < 0 {
		at = len(r.Memory)
		r.Memory = append(r.Memory, MemoryRow{Name: name, Bytes: map[string]float64{}})
	}
	r.Memory[at].Bytes[peer] = bytes
}

// present returns which of the peers were measured.
func (r *Results) present(names ...string) (there []string) {
	for _, name := range names {
		if slices.ContainsFunc(r.Peers, func(p PeerInfo) bool { return p.Name == name && p.Missing == "" }) {
			there = append(there, name)
		}
	}
	return there
}

// encode returns JSON with a line for each peer and operation: what changes from run to run is seen in a diff.
func (r *Results) encode() ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("{\n")
	var failed error
	compact := func(v any) []byte {
		text, err := json.Marshal(v)
		if err != nil {
			failed = err
		}
		return text
	}
	for _, field := range []struct {
		name  string
		value any
	}{{"started", r.Started}, {"seconds", r.Seconds}, {"plan", r.Plan}, {"machine", r.Machine}} {
		fmt.Fprintf(&out, "%q: %s,\n", field.name, compact(field.value))
	}
	list := func(name string, n int, element func(int) any, end string) {
		fmt.Fprintf(&out, "%q: [", name)
		for i := range n {
			separator := ",\n"
			if i == 0 {
				separator = "\n"
			}
			fmt.Fprintf(&out, "%s%s", separator, compact(element(i)))
		}
		fmt.Fprintf(&out, "\n]%s\n", end)
	}
	list("peers", len(r.Peers), func(i int) any { return r.Peers[i] }, ",")
	list("operations", len(r.Rows), func(i int) any { return r.Rows[i] }, ",")
	list("memory", len(r.Memory), func(i int) any { return r.Memory[i] }, "")
	out.WriteString("}\n")
	return out.Bytes(), failed
}

// readResults reads a file that a run wrote.
func readResults(name string) (*Results, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	results := new(Results)
	if err := decoder.Decode(results); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for _, row := range results.Rows {
		for peer, f := range row.Figures {
			if !(f.Min > 0) || f.Median < f.Min || f.Count < 1 {
				return nil, fmt.Errorf("%s: %s of %s has impossible figures: %+v", name, row.Name, peer, f)
			}
		}
	}
	return results, nil
}
