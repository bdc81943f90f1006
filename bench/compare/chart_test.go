package main

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/karst-im/karst/bench"
)

// label is a text in a chart, and the rectangle that it takes.
type label struct {
	text                     string
	left, right, top, bottom float64
}

// labels reads the texts of a chart, but for rotated ones, of which it returns the number.
func labels(t *testing.T, svg []byte) (all []label, rotated int) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(string(svg)))
	var groups []bool // whether one is rotated
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return all, rotated
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			attributes := map[string]string{}
			for _, a := range token.Attr {
				attributes[a.Name.Local] = a.Value
			}
			switch {
			case token.Name.Local == "g":
				groups = append(groups, strings.Contains(attributes["transform"], "rotate"))
			case token.Name.Local == "text" && slices.Contains(groups, true):
				rotated++
			case token.Name.Local == "text":
				all = append(all, readLabel(t, decoder, token, attributes))
			}
		case xml.EndElement:
			if token.Name.Local == "g" {
				groups = groups[:len(groups)-1]
			}
		}
	}
}

var (
	fontSize  = regexp.MustCompile(`font-size:([0-9.]+)px`)
	svgHeight = regexp.MustCompile(`<svg [^>]*height="([0-9.]+)pt"`)
)

func readLabel(t *testing.T, decoder *xml.Decoder, start xml.StartElement, attributes map[string]string) label {
	t.Helper()
	var text string
	if err := decoder.DecodeElement(&text, &start); err != nil {
		t.Fatal(err)
	}
	number := func(s string) float64 {
		x, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatalf("text %q: %v", text, err)
		}
		return x
	}
	size := fontSize.FindStringSubmatch(attributes["style"])
	if size == nil {
		t.Fatalf("text %q has no size: %q", text, attributes)
	}
	x, y := number(attributes["x"]), -number(attributes["y"])
	return label{text, x, x + number(attributes["textLength"]), y + 0.72*number(size[1]), y}
}

// everything returns results with as many rows, and as long names, as there are.
func everything() *Results {
	r := some(nil)
	r.Peers = nil
	for _, name := range slices.Concat([]string{subject}, beside) {
		r.Peers = append(r.Peers, PeerInfo{Name: name, Version: "1.0"})
	}
	for i, op := range bench.Operations() {
		row := Row{Name: op.Name, Figures: map[string]Figures{}}
		for k, p := range r.Peers {
			ns := 100 * math.Pow(1.1, float64(i)) * (1 + 0.8*float64(k)*math.Sin(float64(i))*math.Sin(float64(i))*float64(k))
			if i%7 == 0 && k > 0 {
				ns = 40 * math.Pow(1.1, float64(i))
			}
			row.Figures[p.Name] = Figures{Min: ns, Median: ns, Count: 1, Visits: []float64{ns}}
		}
		r.Rows = append(r.Rows, row)
	}
	for i, held := range bench.Memory() {
		for k, p := range r.Peers {
			r.addMemory(held.Name, p.Name, float64(320+1000*i*k))
		}
	}
	return r
}

// TestCharts checks that every text of every chart lies within it, and on no other text, and that all names are there.
func TestCharts(t *testing.T) {
	folder := t.TempDir()
	r := everything()
	files, err := r.charts(folder, "day")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 6 {
		t.Errorf("charts %+v", files)
	}
	for _, file := range files {
		svg, err := os.ReadFile(filepath.Join(folder, file.file))
		if err != nil {
			t.Fatal(err)
		}
		all, rotated := labels(t, svg)
		height, err := strconv.ParseFloat(svgHeight.FindStringSubmatch(string(svg))[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for i, a := range all {
			texts = append(texts, a.text)
			if a.left < 0 || a.right > float64(chartWidth) || a.bottom < 0 || a.top > height {
				t.Errorf("%s: %q is cut off: %+v", file.file, a.text, a)
			}
			for _, b := range all[:i] {
				if a.left < b.right && b.left < a.right && a.bottom < b.top && b.bottom < a.top {
					t.Errorf("%s: %q is written upon %q", file.file, a.text, b.text)
				}
			}
		}
		want := []string{file.title}
		isGrowthChart := !strings.Contains(file.file, "operations") && !strings.Contains(file.file, "memory")
		if isGrowthChart != (rotated == 1) {
			t.Errorf("%s: %d rotated texts", file.file, rotated)
		}
		if strings.Contains(file.file, "operations") {
			for _, row := range r.Rows {
				if isComparison(row.Name) {
					want = append(want, row.Name)
				}
			}
		}
		if !isGrowthChart {
			want = append(want, rivals...)
		}
		for _, text := range want {
			if !slices.Contains(texts, text) {
				t.Errorf("%s lacks %q", file.file, text)
			}
		}
		if all := strings.Join(texts, "\n"); isGrowthChart && len(inWords.FindAllString(all, -1)) != 1+len(rivals) || strings.Contains(all, "slope") {
			t.Errorf("%s does not say in words how the cost grows: %q", file.file, texts)
		}
	}
}

// inWords is what a key says of a curve.
var inWords = regexp.MustCompile(`(?m)^[a-z-]+: (\d+ MB/s for [0-9.]+ (B|KiB|MiB)|[0-9.]+ [nµm]?s for [0-9,]+ and [0-9.]+ [nµm]?s for [0-9,]+)$`)

func TestInWords(t *testing.T) {
	number, size := growth{}, growth{bytes: true}
	for _, c := range []struct {
		g      growth
		points []point
		want   string
	}{
		{number, []point{{1, 17_000}, {10, 500}, {1_000_000, 129_300}}, "17 µs for 1 and 129 µs for 1,000,000"},
		{number, []point{{1000, 960}, {2000, 2e6}}, "960 ns for 1,000 and 2 ms for 2,000"},
		{size, []point{{64, 100}, {1 << 20, 1e6}}, "1049 MB/s for 1 MiB"},
		{size, []point{{64, 100}}, "640 MB/s for 64 B"},
	} {
		if got := c.g.inWords(c.points); got != c.want {
			t.Errorf("%v: %q, want %q", c.points, got, c.want)
		}
	}
}

// TestFewCharts checks that what was not measured has no chart.
func TestFewCharts(t *testing.T) {
	r := some(map[string]map[string]float64{"Growth/Jump/1": {"karst": 10, "goolm": 10}, "Growth/Jump/2": {"karst": 10}}, "Growth/Jump/1", "Growth/Jump/2")
	files, err := r.charts(t.TempDir(), "day")
	if err != nil || len(files) != 1 || files[0].file != "day-jump.svg" {
		t.Errorf("charts %+v, %v", files, err)
	}
}

func TestAreas(t *testing.T) {
	for _, op := range bench.Operations() {
		if isComparison(op.Name) && areaOf(op.Name) == len(areas) {
			t.Errorf("%s is in no area", op.Name)
		}
	}
}
