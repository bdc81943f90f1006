//go:build !purego

package curve

import "github.com/karst-im/karst/internal/cpu"

// The formulas in assembly, which spare the calls between their steps.

// product and square are what that assembly calls, with arguments in registers.
//
//lint:ignore U1000 assembly calls it
func product()

//lint:ignore U1000 assembly calls it
func square()

//go:noescape
func ladderStepADX(s *ladder, swap int)

//go:noescape
func pointAddADX(p *point, q *cached, affine, t bool)

//go:noescape
func pointDoubleADX(p *point, t bool)

//go:noescape
func selectMultipleADX(q *cached, row *[16]affine, digit int64)

// step exchanges and then does what stepByElements does.
func (s *ladder) step(swap int) {
	if cpu.ADX {
		ladderStepADX(s, swap)
	} else {
		s.exchange(swap)
		s.stepByElements()
	}
}

func pointAdd(p *point, q *cached, affine, t bool) {
	if cpu.ADX {
		pointAddADX(p, q, affine, t)
	} else {
		pointAddByElements(p, q, affine, t)
	}
}

func pointDouble(p *point, t bool) {
	if cpu.ADX {
		pointDoubleADX(p, t)
	} else {
		pointDoubleByElements(p, t)
	}
}

func selectMultiple(q *cached, row *[16]affine, digit int64) {
	if cpu.ADX {
		selectMultipleADX(q, row, digit)
	} else {
		selectMultipleByElements(q, row, digit)
	}
}
