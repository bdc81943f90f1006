package main

import (
	"bytes"
	"fmt"
	"html"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	_ "gonum.org/v1/plot/font/liberation" // the font whose metrics are laid out by
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// chartWidth is that of a README, 800 pixels.
const chartWidth vg.Length = 600

// The background is solid, so that a chart is the same on a dark page.
var (
	background = color.White
	ink        = color.Gray{0x24}
	faint      = color.Gray{0xdd}
	muted      = color.Gray{0x66}
)

// colours are those of Okabe and Ito, which most people can tell apart.
var colours = map[string]color.Color{
	"karst":            rgb(0x00, 0x72, 0xb2),
	"vodozemac":        rgb(0xd5, 0x5e, 0x00),
	"vodozemac-native": rgb(0xe6, 0x9f, 0x00),
	"goolm":            rgb(0x00, 0x9e, 0x73),
	"libolm":           rgb(0xcc, 0x79, 0xa7),
}

func rgb(r, g, b uint8) color.Color { return color.NRGBA{r, g, b, 0xff} }

func colourOf(peer string) color.Color {
	if c, ok := colours[peer]; ok {
		return c
	}
	return color.Gray{0x99}
}

var sans = font.Font{Typeface: "Liberation", Variant: "Sans"}

// chart is what is drawn, with a key above that can't come in the way of anything.
type chart struct {
	*plot.Plot
	name    string // the end of the file's
	title   string
	key     []entry
	columns int // of the key
	height  vg.Length
}

// entry of a key.
type entry struct{ peer, text string }

// newPlot returns empty axes in the style of all charts.
func newPlot() *plot.Plot {
	plot.DefaultFont = sans
	p := plot.New()
	p.BackgroundColor = background
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Color, axis.Tick.Color = muted, muted
		axis.Label.TextStyle.Color, axis.Label.TextStyle.Font.Size = ink, 9.5
		axis.Tick.Label.Color, axis.Tick.Label.Font.Size = ink, 9
		axis.LineStyle.Width, axis.Tick.LineStyle.Width = 0.6, 0.6
	}
	return p
}

func textStyle(c color.Color, size vg.Length) text.Style {
	f := sans
	f.Size = size
	return text.Style{Color: c, Font: f, Handler: plot.DefaultTextHandler, YAlign: draw.YCenter}
}

// svg renders a chart.
func (c *chart) svg() ([]byte, error) {
	const margin, line vg.Length = 10, 15
	canvas := vgsvg.New(chartWidth, c.height)
	all := draw.New(canvas)
	rectangle(all, background, 0, 0, chartWidth, c.height)
	inner := draw.Crop(all, margin, -margin, margin, -margin)
	top := inner.Max.Y - line/2
	inner.FillText(textStyle(ink, 12), vg.Point{X: inner.Min.X, Y: top}, c.title)
	top -= line + 4
	width := (inner.Max.X - inner.Min.X) / vg.Length(c.columns)
	for i, e := range c.key {
		x, y := inner.Min.X+vg.Length(i%c.columns)*width, top-vg.Length(i/c.columns)*line
		rectangle(inner, colourOf(e.peer), x, y-4, x+12, y+4)
		inner.FillText(textStyle(ink, 9), vg.Point{X: x + 17, Y: y}, e.text)
	}
	rows := (len(c.key) + c.columns - 1) / c.columns
	c.Draw(draw.Crop(inner, 0, -8, 0, -(line+4)-vg.Length(rows)*line-6))
	var out bytes.Buffer
	if _, err := canvas.WriteTo(&out); err != nil {
		return nil, err
	}
	return portable(out.Bytes()), nil
}

func rectangle(c draw.Canvas, colour color.Color, x0, y0, x1, y1 vg.Length) {
	c.FillPolygon(colour, []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}})
}

var textElement = regexp.MustCompile(`(?s)<text ([^>]*)font-family:Liberation Sans;([^>]*)font-size:([0-9.]+)px([^>]*)>([^<]*)</text>`)

// portable makes texts as long as they were laid out, in whatever font a viewer has: those of the same metrics
// are named first.
func portable(svg []byte) []byte {
	return textElement.ReplaceAllFunc(svg, func(element []byte) []byte {
		m := textElement.FindSubmatch(element)
		size, err := strconv.ParseFloat(string(m[3]), 64)
		if err != nil {
			panic(err) // of a number that vgsvg wrote
		}
		face := font.DefaultCache.Lookup(sans, vg.Length(size))
		width := face.Width(html.UnescapeString(string(m[5])))
		return fmt.Appendf(nil, `<text textLength="%.1f" lengthAdjust="spacingAndGlyphs" %sfont-family:Liberation Sans,Arimo,Arial,Helvetica,sans-serif;%sfont-size:%spx%s>%s</text>`,
			width.Points(), m[1], m[2], m[3], m[4], m[5])
	})
}

// chartFile is a chart that was written.
type chartFile struct{ file, title string }

// charts writes all charts that the results suffice for into a folder, and returns which.
func (r *Results) charts(folder, stem string) (files []chartFile, err error) {
	all := []*chart{r.operationsChart()}
	for _, g := range growths {
		all = append(all, r.growthChart(g))
	}
	all = append(all, r.memoryChart())
	for _, c := range all {
		if c == nil {
			continue
		}
		image, err := c.svg()
		if err != nil {
			return nil, err
		}
		name := stem + "-" + c.name + ".svg"
		if err := os.WriteFile(filepath.Join(folder, name), image, 0o644); err != nil {
			return nil, err
		}
		files = append(files, chartFile{name, c.title})
	}
	return files, nil
}

// decades returns the powers of ten around some values.
func decades(least, most float64) (float64, float64) {
	low, high := math.Floor(math.Log10(least)), math.Ceil(math.Log10(most))
	if low == high {
		high++
	}
	return math.Pow(10, low), math.Pow(10, high)
}
