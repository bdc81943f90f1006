package main

import (
	"fmt"
	"strconv"

	"github.com/rivo/uniseg"

	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/olm"
)

// crossing is something that crosses the wire.
type crossing struct {
	from, to string
	what     string
	kind     string // the type of a message
	index    int64  // of a message on its ratchet; -1 if it has none
	bytes    int
	note     string
}

// Both end their number of bytes in column 68, and leave room for a note of 10 before column 80.
const (
	crossingFormat = "   %-6s %s %-7s%-22s%-11s%7s%9s  %s"
	skippedFormat  = "   %-16s%-30s%19s"
)

// crossingWidth is the width of such a line with a note.
const crossingWidth = 80

// wireHead begins a list of what crosses the wire.
func (p *printer) wireHead() {
	if p.width < crossingWidth {
		return // each says what is what: see parts
	}
	p.line(p.style(faint, fmt.Sprintf(crossingFormat, "from", " ", "to", "what", "type", "index", "bytes", "")))
}

func (p *printer) wire(c crossing) {
	index := "-"
	if c.index >= 0 {
		index = comma(c.index)
	}
	arrow := "→"
	if uniseg.StringWidth(arrow) != 1 { // where East Asian widths rule
		arrow = ">"
	}
	if p.width < crossingWidth {
		p.block(fmt.Sprintf("%-6s %s %-6s %s", c.from, arrow, c.to, c.what), c.parts())
		return
	}
	p.line(fmt.Sprintf(crossingFormat, c.from, arrow, c.to, c.what, c.kind, index, comma(int64(c.bytes)), c.note))
}

// parts are what a line has no room for beside who sends what.
func (c crossing) parts() (parts []string) {
	if c.kind != "-" {
		parts = append(parts, "type "+c.kind)
	}
	if c.index >= 0 {
		parts = append(parts, "index "+comma(c.index))
	}
	parts = append(parts, count(c.bytes, "byte"))
	if c.note != "" {
		parts = append(parts, c.note)
	}
	return parts
}

// olmCrossing reads type and index off the message itself, as anybody on the way could.
func olmCrossing(from, to *device, m olm.Message, note string) crossing {
	c := crossing{from: from.name, to: to.name, what: "Olm message", index: -1, bytes: len(m.Body), note: note}
	body := []byte(m.Body)
	c.kind = strconv.Itoa(int(m.Type)) + " normal"
	if m.Type == olm.PreKey {
		c.kind = strconv.Itoa(int(m.Type)) + " pre-key"
		var outer wire.PreKeyMessage
		if outer.Decode(body, wire.Strict) != errcode.OK {
			return c
		}
		body = outer.Message
	}
	var inner wire.Message
	if inner.Decode(body, wire.Strict) == errcode.OK {
		c.index = int64(inner.Index)
	}
	return c
}

func groupCrossing(from *device, to string, index uint32, n int, note string) crossing {
	return crossing{
		from: from.name, to: to, what: "Megolm message", kind: "group",
		index: int64(index), bytes: n, note: note,
	}
}

// listing shows the first few messages of many and the last one, as they pass.
type listing struct {
	p     *printer
	count int
	bytes int64
	last  crossing
}

const listed = 3 // at the beginning

func (l *listing) add(c crossing) {
	l.count++
	if l.count <= listed {
		l.p.wire(c)
		return
	}
	if l.count > listed+1 {
		l.bytes += int64(l.last.bytes)
	}
	l.last = c
}

func (l *listing) end() {
	if left := l.count - listed - 1; left > 0 {
		if l.p.width < crossingWidth {
			l.p.block("... "+count(left, "more message"), []string{count(l.bytes, "byte")})
		} else {
			l.p.line(fmt.Sprintf(skippedFormat, "...", count(left, "more message"), comma(l.bytes)))
		}
	}
	if l.count > listed {
		l.p.wire(l.last)
	}
}
