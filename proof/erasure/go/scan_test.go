//go:build linux && amd64 && !race

package erasure_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// region is a part of a process's address space.
type region struct {
	from, to uint64
	name     string
}

// writable lists the parts of a process's memory that it can write: heap, stacks, data.
func writable(pid int) ([]region, error) {
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return nil, err
	}
	var regions []region
	for line := range strings.Lines(string(maps)) {
		f := strings.Fields(line)
		if len(f) < 5 || !strings.HasPrefix(f[1], "rw") {
			continue
		}
		name := "anonymous"
		if len(f) > 5 {
			name = f[5]
		}
		from, to, _ := strings.Cut(f[0], "-")
		r := region{name: name}
		if r.from, err = strconv.ParseUint(from, 16, 64); err != nil {
			return nil, err
		}
		if r.to, err = strconv.ParseUint(to, 16, 64); err != nil {
			return nil, err
		}
		regions = append(regions, r)
	}
	return regions, nil
}

// populated cuts regions down to the pages that were ever written: a Go program reserves many that
// were not.
func populated(pid int, regions []region) (used []region, err error) {
	file, err := os.Open(fmt.Sprintf("/proc/%d/pagemap", pid))
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	size := uint64(os.Getpagesize())
	for _, r := range regions {
		entries := make([]byte, (r.to-r.from)/size*8)
		if _, err := file.ReadAt(entries, int64(r.from/size*8)); err != nil {
			return nil, err
		}
		joins := false // the page continues the last region
		for at := r.from; at < r.to; at += size {
			entry := binary.LittleEndian.Uint64(entries[(at-r.from)/size*8:])
			switch isUsed := entry>>62 != 0; { // present, or in swap
			case isUsed && joins:
				used[len(used)-1].to = at + size
			case isUsed:
				used = append(used, region{at, at + size, r.name})
				joins = true
			default:
				joins = false
			}
		}
	}
	return used, nil
}

// sighting is a place in memory that holds a needle.
type sighting struct {
	word    uint64
	address uint64
	where   string
}

// scan looks at every byte offset of a process's writable memory for the words in needles.
func scan(pid int, needles *wordSet) (seen []sighting, scanned uint64, err error) {
	regions, err := writable(pid)
	if err != nil {
		return nil, 0, err
	}
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = mem.Close() }()
	if regions, err = populated(pid, regions); err != nil {
		return nil, 0, err
	}
	buf := make([]byte, 1<<20+wordLen-1)
	for _, r := range regions {
		for at := r.from; at < r.to; at += 1 << 20 {
			b := buf[:min(uint64(len(buf)), r.to-at)]
			n, err := mem.ReadAt(b, int64(at))
			if err != nil && !errors.Is(err, io.EOF) {
				return nil, 0, fmt.Errorf("%s at %#x: %w", r.name, at, err)
			}
			scanned += uint64(n)
			needles.find(b[:n], func(offset int, word uint64) {
				if offset < 1<<20 { // what begins later is found in the next piece
					seen = append(seen, sighting{word, at + uint64(offset), r.name})
				}
			})
		}
	}
	return seen, scanned, nil
}

// wordLen is the length of what is searched for: a secret counts as left if eight bytes in a row are.
const wordLen = 8

// wordSet is a set of words, with a filter in front that nearly every position of memory stops at.
type wordSet struct {
	words  map[uint64]bool
	filter []uint64
}

const filterBits = 25

func newWordSet() *wordSet {
	return &wordSet{words: map[uint64]bool{}, filter: make([]uint64, 1<<(filterBits-6))}
}

func filterPlace(word uint64) (int, uint64) {
	h := word * 0x9e3779b97f4a7c15 >> (64 - filterBits)
	return int(h >> 6), 1 << (h & 63)
}

func (s *wordSet) add(word uint64) {
	s.words[word] = true
	i, bit := filterPlace(word)
	s.filter[i] |= bit
}

// page is how much is skipped at once if all of it is zero, as most of a Go program's memory is.
const page = 4096

var zeros [page + wordLen - 1]byte

// find calls f for each position of b at which a word of s begins.
func (s *wordSet) find(b []byte, f func(offset int, word uint64)) {
	for i := 0; i+wordLen <= len(b); {
		if len(b)-i >= len(zeros) && bytes.Equal(b[i:i+len(zeros)], zeros[:]) {
			i += page
			continue
		}
		for end := min(i+page, len(b)-wordLen+1); i < end; i++ {
			word := binary.LittleEndian.Uint64(b[i:])
			if p, bit := filterPlace(word); s.filter[p]&bit != 0 && s.words[word] {
				f(i, word)
			}
		}
	}
}
