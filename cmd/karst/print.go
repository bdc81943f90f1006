package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

const (
	defaultWidth = 80
	minWidth     = 40
	maxWidth     = 96 // longer lines are hard to read
)

// printer writes the story. It keeps the first error, so that the story need not ask after every line.
type printer struct {
	w      io.Writer
	errs   io.Writer
	bar    *bar
	width  int
	styled bool
	steps  int
	err    error
}

func newPrinter(s streams) *printer {
	return &printer{
		w: s.out, errs: s.err, bar: &bar{w: s.err, on: s.errBar},
		width: min(max(s.width, minWidth), maxWidth), styled: s.styled,
	}
}

// The styles, as ANSI escape sequences.
const (
	bold  = "1"
	faint = "2"
	green = "32"
	red   = "1;31"
)

func (p *printer) style(style, text string) string {
	if !p.styled {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

// line writes one line as it is.
func (p *printer) line(text string) {
	p.bar.clear()
	if _, err := io.WriteString(p.w, strings.TrimRight(text, " ")+"\n"); err != nil && p.err == nil {
		p.err = fmt.Errorf("can't write: %w", err)
	}
}

// step begins the next numbered part.
func (p *printer) step(title string) {
	p.steps++
	p.line("")
	p.line(p.style(bold, strconv.Itoa(p.steps)+". "+title))
}

// say writes prose, broken into lines.
func (p *printer) say(format string, args ...any) {
	const indent = "   "
	for _, line := range wrap(fmt.Sprintf(format, args...), p.width-len(indent)) {
		p.line(indent + line)
	}
}

// complain writes an error where errors go.
func (p *printer) complain(err error) {
	p.bar.clear()
	_, _ = fmt.Fprintln(p.errs, "karst:", err)
}

// A table of columns.

// table is a table whose first column is flush left and whose others, if numbers, are flush right.
type table struct {
	head []string // a heading that begins with a space is over a column of numbers
	rows [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (p *printer) table(t table) {
	widths := make([]int, len(t.head))
	for i, head := range t.head {
		widths[i] = uniseg.StringWidth(strings.TrimPrefix(head, " "))
		for _, row := range t.rows {
			widths[i] = max(widths[i], uniseg.StringWidth(row[i]))
		}
	}
	format := func(cells []string) string {
		var b strings.Builder
		b.WriteString("  ")
		for i, cell := range cells {
			fill := strings.Repeat(" ", widths[i]-uniseg.StringWidth(cell))
			if strings.HasPrefix(t.head[i], " ") {
				cell = fill + cell
			} else {
				cell += fill
			}
			b.WriteString(" " + cell + " ")
		}
		return strings.TrimRight(b.String(), " ")
	}
	head := make([]string, len(t.head))
	for i := range head {
		head[i] = strings.TrimPrefix(t.head[i], " ")
	}
	p.line(p.style(faint, format(head)))
	for _, row := range t.rows {
		p.line(format(row))
	}
}

// Text.

// wrap breaks text into lines of at most width columns, at spaces.
func wrap(text string, width int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case uniseg.StringWidth(line)+1+uniseg.StringWidth(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}

// printable returns name, quoted if it holds anything that could confuse a terminal or its reader.
func printable(name string) string {
	odd := func(r rune) bool { return !unicode.IsPrint(r) }
	if name == "" || !utf8.ValidString(name) || strings.ContainsFunc(name, odd) {
		return strconv.Quote(name)
	}
	return name
}

// shorten takes out the middle of text if it is wider than width.
func shorten(text string, width int) string {
	if uniseg.StringWidth(text) <= width {
		return text
	}
	var clusters []string
	for g := uniseg.NewGraphemes(text); g.Next(); {
		clusters = append(clusters, g.Str())
	}
	head, tail := 0, len(clusters)
	for used, front := 1, true; ; front = !front {
		next := clusters[head]
		if !front {
			next = clusters[tail-1]
		}
		if used += uniseg.StringWidth(next); used > width {
			return strings.Join(clusters[:head], "") + "…" + strings.Join(clusters[tail:], "")
		}
		if front {
			head++
		} else {
			tail--
		}
	}
}

// comma writes n with commas between thousands.
func comma[T int | int64 | uint32](n T) string {
	digits := strconv.FormatInt(int64(n), 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// count writes how many there are of something.
func count[T int | int64 | uint32](n T, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return comma(n) + " " + noun + "s"
}

var errDiffers = errors.New("what was decrypted is not what was sent")
