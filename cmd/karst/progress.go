package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/rivo/uniseg"
)

// barFrom is the size, in bytes, above which waiting deserves a progress bar.
const barFrom = 16 << 20

// barEvery is how often the bar is drawn at most.
const barEvery = 50 * time.Millisecond

// bar is the progress bar. It appears when there is more than barFrom to do, or, if nobody knows how
// much there is, when so much is done. It never fills a row of the terminal: one that wraps could not be taken away.
type bar struct {
	w     io.Writer
	on    bool
	width func() int // columns there are now
	total int64      // -1 if it is not known
	done  int64
	begun time.Time
	last  time.Time
	drawn int // columns
}

// add says that n more bytes have gone all the way.
func (b *bar) add(n int) {
	b.done += int64(n)
	if b.begun.IsZero() {
		b.begun = time.Now()
	}
	if !b.on || max(b.total, b.done) <= barFrom || time.Since(b.last) < barEvery {
		return
	}
	b.last = time.Now()
	room := b.width() - 1
	line := b.line(room)
	width := uniseg.StringWidth(line)
	b.drawn = max(min(b.drawn, room), width)
	_, _ = io.WriteString(b.w, "\r"+line+strings.Repeat(" ", b.drawn-width))
}

// line is what the bar says in width columns: the less room, the less of it.
func (b *bar) line(width int) string {
	const cells = 24
	amount, share, cellsText := megabytes(b.done)+" MB", "", ""
	if b.total > 0 {
		part := min(float64(b.done)/float64(b.total), 1) // a file can grow meanwhile
		amount = megabytes(b.done) + " of " + megabytes(b.total) + " MB"
		share = fmt.Sprintf("%3.0f %%  ", part*100)
		full := int(part * cells)
		cellsText = "|" + strings.Repeat("█", full) + strings.Repeat(" ", cells-full) + "|  "
	}
	rate := ""
	if t := time.Since(b.begun).Seconds(); t > 0 {
		rate = fmt.Sprintf(", %.0f MB/s", float64(b.done)/1e6/t)
	}
	for _, line := range []string{
		"   on the way  " + share + cellsText + amount + rate,
		"   on the way  " + share + amount + rate,
		"   on the way  " + share + amount,
		"   " + share + amount,
		share, amount,
	} {
		if line = strings.TrimRight(line, " "); line != "" && uniseg.StringWidth(line) <= width {
			return line
		}
	}
	return ""
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f", float64(n)/1e6) }

// clear takes the bar away, until the next add, so that something else can be written.
func (b *bar) clear() {
	if b.drawn > 0 {
		_, _ = io.WriteString(b.w, "\r"+strings.Repeat(" ", b.drawn)+"\r")
		b.drawn = 0
	}
}
