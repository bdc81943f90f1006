package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// bars are horizontal bars from zero, in rows under headings.
type bars struct {
	series []string // who the bars of a row are of
	lines  []line   // from top to bottom
}

// line is a heading, or a row of bars.
type line struct {
	label   string
	heading bool
	values  []float64 // NaN for no bar
	texts   []string  // beside the bars, if there are any
}

// Plot implements plot.Plotter.
func (b bars) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	for i, l := range b.lines {
		top := -float64(i)
		if l.heading {
			c.FillText(textStyle(muted, 9.5), vg.Point{X: c.Min.X + 5, Y: y(top - 0.55)}, l.label)
			c.StrokeLine2(draw.LineStyle{Color: faint, Width: 0.5}, c.Min.X, y(top), c.Max.X, y(top))
			continue
		}
		const gap = 0.12 // above and below
		height := (1 - 2*gap) / float64(len(b.series))
		for k, v := range l.values {
			if math.IsNaN(v) {
				continue
			}
			upper := top - gap - float64(k)*height
			x0, x1, y0, y1 := x(0), x(v), y(upper), y(upper-height)
			rectangle(c, colourOf(b.series[k]), x0, y0, x1, y1)
			if l.texts != nil {
				c.FillText(textStyle(ink, 8), vg.Point{X: max(x0, x1) + 3, Y: (y0 + y1) / 2}, l.texts[k])
			}
		}
	}
	c.StrokeLine2(draw.LineStyle{Color: ink, Width: 0.8}, x(0), c.Min.Y, x(0), c.Max.Y)
}

// chart returns the chart of bars, whose rows are labelled on the left. ticks are those below.
func (b bars) chart(lineHeight vg.Length, ticks plot.ConstantTicks) *chart {
	p := newPlot()
	var labels plot.ConstantTicks
	for i, l := range b.lines {
		if !l.heading {
			labels = append(labels, plot.Tick{Value: -float64(i) - 0.5, Label: l.label})
		}
	}
	p.Y.Tick.Marker, p.Y.Tick.Length, p.Y.LineStyle.Width = labels, 0, 0
	p.Y.Min, p.Y.Max = -float64(len(b.lines)), 0
	p.X.Tick.Marker = ticks
	p.Add(grid{vertical: ticks}, b)
	c := &chart{Plot: p, columns: 5, height: vg.Length(len(b.lines))*lineHeight + 65}
	for _, name := range b.series {
		c.key = append(c.key, entry{name, name})
	}
	return c
}

// areas are the headings, and what the names of the operations below them begin with.
var areas = []struct {
	heading  string
	prefixes []string
}{
	{"Accounts", []string{"Account", "OneTimeKeys"}},
	{"Olm", []string{"Olm"}},
	{"Megolm", []string{"Megolm"}},
	{"Pickles", []string{"Pickle", "Unpickle"}},
	{"What a bridge does", []string{"Hot", "Backfill", "FanOut"}},
	{"Verification and backup", []string{"SAS", "Pk"}},
}

// areaOf returns the place of an operation among the areas; after them if it is of none.
func areaOf(op string) int {
	at := slices.IndexFunc(areas, func(area struct {
		heading  string
		prefixes []string
	}) bool {
		return slices.ContainsFunc(area.prefixes, func(prefix string) bool { return strings.HasPrefix(op, prefix) })
	})
	if at < 0 {
		return len(areas)
	}
	return at
}

// operationsChart shows how many times karst's time the others need.
func (r *Results) operationsChart() *chart {
	b := bars{series: r.present(rivals...)}
	low, high := 1.0, 2.0
	for area := range len(areas) + 1 {
		var lines []line
		for _, row := range r.Rows {
			if !isComparison(row.Name) || areaOf(row.Name) != area {
				continue
			}
			l := line{label: row.Name}
			some := false
			for _, peer := range b.series {
				ratio, ok := r.ratio(peer, subject, row.Name)
				if !ok {
					l.values = append(l.values, math.NaN())
					continue
				}
				some = true
				low, high = min(low, ratio), max(high, ratio)
				l.values = append(l.values, math.Log10(ratio))
			}
			if some {
				lines = append(lines, l)
			}
		}
		if lines != nil {
			heading := "Others"
			if area < len(areas) {
				heading = areas[area].heading
			}
			b.lines = append(append(b.lines, line{label: heading, heading: true}), lines...)
		}
	}
	if len(b.lines) == 0 {
		return nil
	}
	low, high = low*0.9, high*1.1
	var ticks plot.ConstantTicks
	for decade := math.Pow(10, math.Floor(math.Log10(low))); decade <= high; decade *= 10 {
		for _, digit := range []float64{1, 2, 5} {
			if v := digit * decade; v >= low && v <= high {
				ticks = append(ticks, plot.Tick{Value: math.Log10(v), Label: fmt.Sprintf("%.4g", v)})
			}
		}
	}
	c := b.chart(15, ticks)
	c.name, c.title = "operations", "How long the others take, karst being 1"
	c.X.Label.Text = "minima of one run, logarithmic; to the right of 1, karst is faster"
	c.X.Min, c.X.Max = math.Log10(low), math.Log10(high)
	c.height += 25
	return c
}

// memoryChart shows the heap that an object takes.
func (r *Results) memoryChart() *chart {
	b := bars{}
	for _, peer := range r.present(append([]string{subject}, rivals...)...) {
		if slices.ContainsFunc(r.Memory, func(row MemoryRow) bool { return row.Bytes[peer] > 0 }) {
			b.series = append(b.series, peer)
		}
	}
	if len(b.series) == 0 {
		return nil
	}
	most := 0.0
	for _, row := range r.Memory {
		l := line{label: memoryLabel(row.Name)}
		for _, peer := range b.series {
			bytes, ok := row.Bytes[peer]
			if !ok {
				bytes = math.NaN()
			}
			most = max(most, row.Bytes[peer])
			l.values, l.texts = append(l.values, bytes), append(l.texts, thousands(bytes))
		}
		b.lines = append(b.lines, l)
	}
	c := b.chart(vg.Length(12*len(b.series)+8), plot.ConstantTicks{})
	c.name, c.title = "memory", "Bytes on the heap for an idle object, over 100,000 of each"
	c.X.Min, c.X.Max, c.X.LineStyle.Width = 0, most*1.1, 0
	return c
}

func memoryLabel(name string) string {
	switch name {
	case "MemorySession":
		return "Olm session"
	case "MemorySession40":
		return "with 40 skipped keys"
	case "MemoryMegolm":
		return "inbound Megolm session"
	}
	return strings.TrimPrefix(name, "Memory")
}

// grid are faint lines at ticks that have a label.
type grid struct{ vertical, horizontal []plot.Tick }

// Plot implements plot.Plotter.
func (g grid) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	style := draw.LineStyle{Color: faint, Width: 0.5}
	for _, t := range g.vertical {
		if !t.IsMinor() {
			c.StrokeLine2(style, x(t.Value), c.Min.Y, x(t.Value), c.Max.Y)
		}
	}
	for _, t := range g.horizontal {
		if !t.IsMinor() {
			c.StrokeLine2(style, c.Min.X, y(t.Value), c.Max.X, y(t.Value))
		}
	}
}
