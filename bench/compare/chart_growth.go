package main

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"
)

// growthChart draws what an operation costs against what it grows with, on logarithmic axes.
func (r *Results) growthChart(g growth) *chart {
	var xs []float64
	least, most := math.Inf(1), 0.0
	type curve struct {
		peer   string
		points []point
	}
	var curves []curve
	for _, peer := range r.present(append([]string{subject}, rivals...)...) {
		points := r.points(g, peer)
		if len(points) < 2 {
			continue
		}
		curves = append(curves, curve{peer, points})
		for _, at := range points {
			xs, least, most = append(xs, at.X), min(least, at.Y), max(most, at.Y)
		}
	}
	if len(curves) == 0 {
		return nil
	}
	p := newPlot()
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Label.Text, p.Y.Label.Text = g.axis, "time (minimum)"
	p.X.Min, p.X.Max = slices.Min(xs)/1.15, slices.Max(xs)*1.15
	p.Y.Min, p.Y.Max = decades(least, most)
	p.X.Tick.Marker, p.Y.Tick.Marker = g.ticks(xs), timeTicks(p.Y.Min, p.Y.Max)
	p.Add(grid{p.X.Tick.Marker.Ticks(0, 0), p.Y.Tick.Marker.Ticks(0, 0)})
	// karst is drawn last, and so above the others, although it is named first.
	for i := len(curves) - 1; i >= 0; i-- {
		xys := make(plotter.XYs, 0, len(curves[i].points))
		for _, at := range curves[i].points {
			xys = append(xys, plotter.XY(at))
		}
		line, dots, err := plotter.NewLinePoints(xys)
		if err != nil {
			panic(err) // of points that are not finite, which results can't have
		}
		line.Color, line.Width = colourOf(curves[i].peer), 1.4
		if curves[i].peer == subject {
			line.Width = 2.2
		}
		dots.GlyphStyle = draw.GlyphStyle{Color: line.Color, Radius: 2, Shape: draw.CircleGlyph{}}
		p.Add(line, dots)
	}
	c := &chart{Plot: p, name: g.file, title: capital(g.title), columns: 2, height: 310}
	for _, of := range curves {
		c.key = append(c.key, entry{of.peer, of.peer + ": " + g.inWords(of.points)})
	}
	return c
}

func capital(text string) string {
	return string(text[0]-'a'+'A') + text[1:]
}

// ticks labels at most seven of the values.
func (g growth) ticks(xs []float64) plot.ConstantTicks {
	xs = slices.Compact(slices.Sorted(slices.Values(xs)))
	step := (len(xs) + 6) / 7
	var ticks plot.ConstantTicks
	for i, x := range xs {
		t := plot.Tick{Value: x}
		if i%step == 0 {
			t.Label = thousands(x)
			if g.bytes {
				t.Label = inBinary(x)
			}
		}
		ticks = append(ticks, t)
	}
	return ticks
}

// timeTicks labels powers of ten of nanoseconds.
func timeTicks(least, most float64) plot.ConstantTicks {
	var ticks plot.ConstantTicks
	for exponent := math.Floor(math.Log10(least) + 1e-9); math.Pow(10, exponent) <= most; exponent++ {
		v := math.Pow(10, exponent)
		ticks = append(ticks, plot.Tick{Value: v, Label: duration(v)})
		for _, digit := range []float64{2, 5} {
			if digit*v <= most {
				ticks = append(ticks, plot.Tick{Value: digit * v})
			}
		}
	}
	return ticks
}

// duration renders nanoseconds in the unit of their size.
func duration(ns float64) string {
	for _, unit := range []struct {
		name string
		ns   float64
	}{{"s", 1e9}, {"ms", 1e6}, {"µs", 1e3}} {
		if ns >= unit.ns*0.9999 {
			return fmt.Sprintf("%.3g %s", ns/unit.ns, unit.name)
		}
	}
	return fmt.Sprintf("%.3g ns", ns)
}
