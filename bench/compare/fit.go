package main

import "math"

// point is what an operation costs at some size.
type point struct{ X, Y float64 }

// slope returns the exponent of the power of x that comes closest to y: the slope of the line through the
// points on logarithmic axes, by least squares. 0 is a cost that stays the same, 1 one that is proportional.
func slope(points []point) float64 {
	var x, y, xx, xy float64
	n := float64(len(points))
	for _, p := range points {
		lx, ly := math.Log(p.X), math.Log(p.Y)
		x, y, xx, xy = x+lx, y+ly, xx+lx*lx, xy+lx*ly
	}
	return (n*xy - x*y) / (n*xx - x*x)
}

// upperHalf returns the larger half of points in ascending order, in which fixed costs matter least.
func upperHalf(points []point) []point { return points[len(points)/2:] }
