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
		w: s.out, errs: s.err, bar: &bar{w: s.err, on: s.errBar, width: s.errWidth},
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
	number := strconv.Itoa(p.steps) + ". "
	for i, line := range wrap(title, p.width-len(number)) {
		if i > 0 {
			number = strings.Repeat(" ", len(number))
		}
		p.line(p.style(bold, number+line))
	}
}

const indent = "   "

// say writes prose, broken into lines.
func (p *printer) say(format string, args ...any) { p.tell("", fmt.Sprintf(format, args...)) }

// tell is say in a style, or in none.
func (p *printer) tell(style, text string) {
	for _, line := range wrap(text, p.width-len(indent)) {
		if style != "" {
			line = p.style(style, line)
		}
		p.line(indent + line)
	}
}

// hang writes text behind a first word in a style: what does not fit goes on below, as far in.
func (p *printer) hang(column int, style, first, text string) {
	column = min(column, p.width/4)
	for i, line := range wrap(first+text, p.width-column) {
		if rest, ok := strings.CutPrefix(line, first); ok && i == 0 {
			line = p.style(style, first) + rest
		}
		p.line(strings.Repeat(" ", column) + line)
	}
}

// value writes a key, an id or a hash behind what it is of: below that, and in pieces, where it is too long.
func (p *printer) value(column int, label, text string) {
	if in := strings.Repeat(" ", column); column+uniseg.StringWidth(label+text) <= p.width {
		p.line(in + label + text)
		return
	}
	if label = strings.TrimSpace(label); label != "" {
		p.line(indent + label)
	}
	const more = indent + "  "
	for _, piece := range wrap(text, p.width-len(more)) {
		p.line(more + piece)
	}
}

// complain writes an error where errors go.
func (p *printer) complain(err error) {
	p.bar.clear()
	_, _ = fmt.Fprintln(p.errs, "karst:", harmless(err.Error()))
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
	if total := sum(widths) + 2*len(widths) + 1; total > p.width {
		p.blocks(head, t.rows)
		return
	}
	p.line(p.style(faint, format(head)))
	for _, row := range t.rows {
		p.line(format(row))
	}
}

// blocks writes a table that is wider than there is room: the first cell of a row, and below it the others, each
// behind its heading.
func (p *printer) blocks(head []string, rows [][]string) {
	for _, row := range rows {
		var rest []string
		for i, cell := range row[1:] {
			if cell != "" {
				rest = append(rest, head[i+1]+" "+cell)
			}
		}
		p.block(row[0], rest)
	}
}

// block writes a title, and below it parts, as many to a line as there is room for.
func (p *printer) block(title string, parts []string) {
	p.tell("", title)
	const more = indent + "  "
	line := ""
	for i, part := range parts {
		if i < len(parts)-1 {
			part += ","
		}
		switch {
		case line == "":
			line = part
		case uniseg.StringWidth(more+line+" "+part) <= p.width:
			line += " " + part
		default:
			p.line(more + line)
			line = part
		}
	}
	p.line(more + line)
}

func sum(numbers []int) (total int) {
	for _, n := range numbers {
		total += n
	}
	return total
}

// Text.

// wrap breaks text into lines of at most width columns, at spaces, or within a word that is longer than that.
func wrap(text string, width int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		if uniseg.StringWidth(word) > width {
			if line != "" {
				lines = append(lines, line)
			}
			pieces := cut(word, width)
			lines, line = append(lines, pieces[:len(pieces)-1]...), pieces[len(pieces)-1]
			continue
		}
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

// cut cuts a word into pieces of at most width columns, or of one character.
func cut(word string, width int) (pieces []string) {
	piece := ""
	for g := uniseg.NewGraphemes(word); g.Next(); {
		if piece != "" && uniseg.StringWidth(piece+g.Str()) > width {
			pieces, piece = append(pieces, piece), ""
		}
		piece += g.Str()
	}
	return append(pieces, piece)
}

// harmless returns text with whatever could confuse a terminal, line breaks too, written as an escape of Go's. What
// is in it that others wrote is quoted before: this is for what nobody thought of.
func harmless(text string) string {
	if utf8.ValidString(text) && !strings.ContainsFunc(text, unprintable) {
		return text
	}
	quoted := strconv.Quote(text)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// printable returns name, quoted if it holds anything that could confuse a terminal or its reader.
func printable(name string) string {
	if name == "" || !utf8.ValidString(name) || strings.ContainsFunc(name, unprintable) {
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
