package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// growth is a series of rows, whose names end in what the cost grows with.
type growth struct {
	prefix, file, title, axis string
	// bytes says that this is a size, so that there is a throughput.
	bytes bool
}

var growths = []growth{
	{"Growth/Sessions/", "sessions", "unpickle, decrypt, pickle (HotMegolm), by the number of sessions held", "sessions held", false},
	{"Growth/Size/", "size", "decrypting with Megolm, by the size of the message", "bytes", true},
	{"Growth/OlmSize/", "olm-size", "decrypting with Olm, by the size of the message", "bytes", true},
	{"Growth/Jump/", "jump", "decrypting with Megolm, by the distance from the last message", "messages skipped", false},
}

// points returns the minima of a peer by what they grow with, in ascending order.
func (r *Results) points(g growth, peer string) (points []point) {
	for _, row := range r.Rows {
		f, ok := row.Figures[peer]
		number, isOf := strings.CutPrefix(row.Name, g.prefix)
		x, err := strconv.ParseFloat(number, 64)
		if ok && isOf && err == nil && x > 0 {
			points = append(points, point{x, f.Min})
		}
	}
	slices.SortFunc(points, func(a, b point) int { return cmp.Compare(a.X, b.X) })
	return points
}

// inWords says, for the key of a chart, what the growth of a peer's points comes to: how fast it is with the largest
// of sizes, or how long it takes at both ends of the axis.
func (g growth) inWords(points []point) string {
	first, last := points[0], points[len(points)-1]
	if g.bytes {
		return fmt.Sprintf("%.0f MB/s for %s", last.X/last.Y*1e3, inBinary(last.X))
	}
	return fmt.Sprintf("%s for %s and %s for %s", duration(first.Y), thousands(first.X), duration(last.Y), thousands(last.X))
}

// slopeOf names the slope of a peer's points, for the table.
func (g growth) slopeOf(points []point) string {
	if len(points) < 2 {
		return "no slope"
	}
	text := fmt.Sprintf("%.2f", tidy(slope(points)))
	if g.bytes {
		last := points[len(points)-1]
		if half := upperHalf(points); len(half) > 1 {
			text += fmt.Sprintf(", from %s %.2f", inBinary(half[0].X), tidy(slope(half)))
		}
		text += fmt.Sprintf(", %.0f MB/s", last.X/last.Y*1e3)
	}
	return text
}

// tidy makes zero of what would be rendered as minus zero.
func tidy(x float64) float64 {
	if -0.005 < x && x < 0 {
		return 0
	}
	return x
}

// inBinary renders a size.
func inBinary(bytes float64) string {
	switch {
	case bytes >= 1<<20:
		return fmt.Sprintf("%.4g MiB", bytes/(1<<20))
	case bytes >= 1<<10:
		return fmt.Sprintf("%.4g KiB", bytes/(1<<10))
	}
	return fmt.Sprintf("%.0f B", bytes)
}

// growthTable renders a row for each x, and the slopes.
func (r *Results) growthTable(g growth) string {
	header, points := []string{g.axis}, map[float64]map[string]float64{}
	slopes := []string{"slope"}
	for _, p := range r.Peers {
		of := r.points(g, p.Name)
		if len(of) == 0 {
			continue
		}
		header, slopes = append(header, p.Name), append(slopes, g.slopeOf(of))
		for _, at := range of {
			if points[at.X] == nil {
				points[at.X] = map[string]float64{}
			}
			points[at.X][p.Name] = at.Y
		}
	}
	if len(header) == 1 {
		return ""
	}
	var rows [][]string
	for _, x := range slices.Sorted(maps.Keys(points)) {
		cells := []string{thousands(x)}
		for _, peer := range header[1:] {
			cell := "-"
			if y, ok := points[x][peer]; ok {
				cell = microseconds(y)
			}
			cells = append(cells, cell)
		}
		rows = append(rows, cells)
	}
	return "Microseconds, minima. The slope is that of a line through all points on logarithmic axes, by least squares: 0 is a cost\n" +
		"that stays the same, 1 one that grows in proportion.\n\n" + markdown(header, append(rows, slopes))
}
