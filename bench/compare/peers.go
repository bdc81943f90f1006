package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Peer is one of the programs that are compared, as run.sh found it.
type Peer struct {
	Name string
	// Command is the program and its first arguments; what it shall do is added.
	Command []string
	// Missing says why there is no program, and how to get it. It is empty if there is one.
	Missing string
}

func (p Peer) String() string {
	if p.Missing != "" {
		return p.Name + " is missing: " + p.Missing
	}
	return p.Name + " is there"
}

// parsePeers reads what run.sh writes: a line for each peer, with tabs between the name, "run" and the command,
// or the name, "missing" and the reason.
func parsePeers(text string) ([]Peer, error) {
	var peers []Peer
	seen := map[string]bool{}
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		fields := strings.Split(line, "\t")
		if len(fields) < 3 || fields[0] == "" || fields[2] == "" {
			return nil, fmt.Errorf("line %d of the peers: %q has no name, or nothing to run or to miss", i+1, line)
		}
		peer := Peer{Name: fields[0]}
		switch fields[1] {
		case "run":
			peer.Command = fields[2:]
		case "missing":
			peer.Missing = strings.Join(fields[2:], " ")
		default:
			return nil, fmt.Errorf("line %d of the peers: %q is neither run nor missing", i+1, fields[1])
		}
		if seen[peer.Name] {
			return nil, fmt.Errorf("line %d of the peers: %s is there twice", i+1, peer.Name)
		}
		seen[peer.Name] = true
		peers = append(peers, peer)
	}
	return peers, nil
}

// selectPeers leaves out the peers whose whole names don't match.
func selectPeers(peers []Peer, names string) ([]Peer, error) {
	if names == "" {
		return peers, nil
	}
	pattern, err := regexp.Compile("^(" + names + ")$")
	if err != nil {
		return nil, err
	}
	var selected []Peer
	for _, p := range peers {
		if pattern.MatchString(p.Name) {
			selected = append(selected, p)
		}
	}
	if len(selected) == 0 {
		return nil, fmt.Errorf("no peer is named %s", names)
	}
	return selected, nil
}

// complain returns an error if a peer is missing.
func complain(peers []Peer) error {
	var missing []error
	for _, p := range peers {
		if p.Missing != "" {
			missing = append(missing, errors.New(p.String()))
		}
	}
	return errors.Join(missing...)
}
