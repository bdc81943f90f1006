package side

import (
	"fmt"
	"io"

	"github.com/karst-im/karst/internal/entropy"
)

// Given has the random bytes of one call, which must draw all of them and no others.
type Given struct {
	left        []byte
	drawn, over int
}

// NewGiven returns a source of the given bytes.
func NewGiven(random []byte) *Given { return &Given{left: random} }

// Read fills b, with zeros where there is nothing left: Check tells.
func (g *Given) Read(b []byte) (int, error) {
	n := copy(b, g.left)
	clear(b[n:])
	g.left = g.left[n:]
	g.drawn, g.over = g.drawn+n, g.over+len(b)-n
	return len(b), nil
}

// Check returns an error unless the bytes were drawn by the call that ended with err. A call that fails may have drawn
// none.
func (g *Given) Check(err error) error {
	if g.over == 0 && (len(g.left) == 0 || err != nil && g.drawn == 0) {
		return nil
	}
	return fmt.Errorf("%d random bytes are drawn where libolm draws %d", g.drawn+g.over, g.drawn+len(g.left))
}

// Drawing makes the Go API draw from random while f runs.
func Drawing(random io.Reader, f func()) {
	defer entropy.Replace(func(b []byte) { fill(random, b) })()
	f()
}

// draw returns the bytes that C callers hand over.
func draw(random io.Reader, n uint) []byte {
	b := make([]byte, n)
	fill(random, b)
	return b
}

func fill(random io.Reader, b []byte) { must(io.ReadFull(random, b)) }
