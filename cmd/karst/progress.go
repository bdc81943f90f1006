package main

import (
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// barFrom is the size, in bytes, above which waiting deserves a progress bar.
const barFrom = 16 << 20

// bar is the progress bar. It appears when there is more than barFrom to do, or, if nobody knows how
// much there is, when so much is done.
type bar struct {
	w     io.Writer
	on    bool
	total int64 // -1 if it is not known
	done  int64
	drawn *progressbar.ProgressBar
}

// add says that n more bytes have gone all the way.
func (b *bar) add(n int) {
	b.done += int64(n)
	if !b.on || max(b.total, b.done) <= barFrom {
		return
	}
	if b.drawn == nil {
		b.drawn = progressbar.NewOptions64(b.total,
			progressbar.OptionSetWriter(b.w),
			progressbar.OptionSetDescription("  on the way"),
			progressbar.OptionShowBytes(true),
			progressbar.OptionShowCount(),
			progressbar.OptionShowTotalBytes(true),
			progressbar.OptionSetWidth(24),
			progressbar.OptionSetRenderBlankState(true),
			progressbar.OptionThrottle(50*time.Millisecond),
			progressbar.OptionSetSpinnerChangeInterval(0), // else it draws by itself, over the story
			progressbar.OptionClearOnFinish(),
		)
	}
	_ = b.drawn.Set64(b.done) // it complains of a file that has grown meanwhile
}

// clear takes the bar away, until the next add, so that something else can be written.
func (b *bar) clear() {
	if b.drawn != nil && !b.drawn.IsFinished() {
		_ = b.drawn.Clear()
	}
}
