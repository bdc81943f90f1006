//go:build purego || !amd64

package curve

// Where there is no assembly, the formulas are made of one call for each step.

func (s *ladder) step(swap int) {
	s.exchange(swap)
	s.stepByElements()
}

func pointAdd(p *point, q *cached, affine, t bool) { pointAddByElements(p, q, affine, t) }

func pointDouble(p *point, t bool) { pointDoubleByElements(p, t) }
