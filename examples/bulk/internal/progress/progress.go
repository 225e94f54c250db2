// Package progress shows the progress of a long job: a bar with rate and remaining time on a
// terminal, a line for each tenth elsewhere.
package progress

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// Display shows the progress of a job. [Display.Set] is called by one goroutine.
type Display interface {
	// Set shows how much of the total is done; a total of less than 1 means unknown.
	Set(done, total int)
	// Close ends the display in its current state.
	Close()
}

// New returns a bar if w is a terminal, otherwise lines. unit names what is counted: "rows".
func New(w io.Writer, unit string) Display {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return newBar(w, unit)
	}
	return &lines{w: w, unit: unit, tenth: -1}
}

// bar is the display on a terminal.
type bar struct {
	on    *progressbar.ProgressBar
	total int
	first int // done before this run: excluded from the rate
	began bool
}

func newBar(w io.Writer, unit string) *bar {
	return &bar{total: -1, on: progressbar.NewOptions(-1,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetItsString(unit),
		progressbar.OptionShowIts(),
		progressbar.OptionShowCount(),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionFullWidth(),
		progressbar.OptionThrottle(100*time.Millisecond),
	)}
}

func (b *bar) Set(done, total int) {
	if !b.began {
		b.began, b.first = true, done
	}
	if total > 0 && total != b.total {
		b.total = total
		b.on.ChangeMax(max(total, done) - b.first)
	}
	_ = b.on.Set(done - b.first) // a bar that cannot be drawn is no reason to stop
}

func (b *bar) Close() { _ = b.on.Exit() } // as in Set

// lines is the display in a file or a pipe: at most a line for each tenth, or for each ten thousand
// if the total is unknown.
type lines struct {
	w     io.Writer
	unit  string
	tenth int
}

func (l *lines) Set(done, total int) {
	tenth := done / 10_000
	if total > 0 {
		tenth = 10 * done / total
	}
	if tenth == l.tenth || done == 0 {
		return
	}
	l.tenth = tenth
	if total > 0 {
		_, _ = fmt.Fprintf(l.w, "%d of %d %s\n", done, total, l.unit) // as in Set of the bar
		return
	}
	_, _ = fmt.Fprintf(l.w, "%d %s\n", done, l.unit)
}

func (*lines) Close() {}
