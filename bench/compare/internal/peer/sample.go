package peer

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/karst-im/karst/bench"
)

const (
	sampleTime = 8 * time.Millisecond
	warmUpPart = 4 // of the sample's iterations, before it
)

// meter takes samples of one operation.
type meter struct {
	op         bench.Operation
	loop       bench.Loop // nil if it is not prepared
	iterations int        // of a sample; 0 if that is not known yet
}

// sample returns the nanoseconds of one iteration. After an error it begins anew.
func (m *meter) sample() (perIteration float64, err error) {
	defer func() {
		if why := recover(); why != nil {
			m.loop, m.iterations = nil, 0
			err = errors.New(strings.ReplaceAll(fmt.Sprintf("%s: %v", m.op.Name, why), "\n", " "))
		}
	}()
	if m.loop == nil {
		m.loop = m.op.Prepare()
		runtime.GC() // what preparing left behind is not collected in the sample
	}
	if m.iterations == 0 {
		m.calibrate()
	}
	if n := m.iterations / warmUpPart; n > 0 { // else one iteration is long enough to be its own
		Time(m.loop, n)
	}
	return float64(Time(m.loop, m.iterations)) / float64(m.iterations), nil
}

// calibrate finds how many iterations fill a sample.
func (m *meter) calibrate() {
	for n := 1; ; n *= 2 {
		if t := Time(m.loop, n); t > sampleTime/8 {
			m.iterations = max(1, int(float64(sampleTime)/float64(t)*float64(n)))
			return
		}
	}
}

// leave is called when other operations are going to be measured: they shall find the heap of an ordinary
// program.
func (m *meter) leave() {
	if m.op.Heavy {
		m.loop = nil
		runtime.GC()
	}
}

// Time returns how long n iterations take, without their preparation.
func Time(loop bench.Loop, n int) time.Duration {
	var c stopwatch
	loop(&c, n)
	return c.total
}

// stopwatch is a bench.Clock.
type stopwatch struct {
	begin time.Time
	total time.Duration
}

func (c *stopwatch) StartTimer() { c.begin = time.Now() }
func (c *stopwatch) StopTimer()  { c.total += time.Since(c.begin) }
