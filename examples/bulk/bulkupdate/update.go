package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/b24go/b24"
	"github.com/b24go/b24/examples/bulk/internal/progress"
	"github.com/b24go/b24/examples/bulk/internal/statefile"
)

const (
	blockSize = 50 // the most commands a batch can have
	// grace is how long batches in flight may continue after Ctrl-C. The outcome of what is cut off
	// is unknown.
	grace = 20 * time.Second
	// manyUnknown is how many consecutive lines may have an unknown outcome before the portal
	// counts as broken.
	manyUnknown = 4 * blockSize
)

// sentRow is a row that was passed to the client.
type sentRow struct {
	Line int    `json:"line"`
	ID   string `json:"id"`
}

// state is what a restart must know.
type state struct {
	Portal string `json:"portal"`
	Input  string `json:"input"` // identifies the file
	Method string `json:"method"`
	Next   int    `json:"next"` // the first line that was not taken
	// Sent are the lines taken whose outcome is not known yet. They are stored before they are
	// sent, because they may have been executed if the program is killed.
	Sent []sentRow `json:"sent,omitempty"`
	// Again are the lines taken that certainly did not run.
	Again []int `json:"again,omitempty"`

	Updated int   `json:"updated"`
	Failed  int   `json:"failed"`
	Unknown int   `json:"unknown"`
	Report  int64 `json:"report"` // size in bytes of the report that belongs to this state
}

func (s *state) settled() int { return s.Updated + s.Failed + s.Unknown }

// updater does the work. It belongs to one goroutine.
type updater struct {
	w       io.Writer
	file    string
	state   state
	total   int
	sent    []sentRow // of state, up to now
	report  *os.File
	display progress.Display
	unsaved int   // outcomes since the state was stored
	unknown int   // consecutive lines
	stopped error // why no further lines are taken
	unlock  func() error
}

// newUpdater reads the file and the state of an earlier run.
func newUpdater(w io.Writer, s settings, portal string) (*updater, error) {
	n, sum, err := check(s.file)
	if err != nil {
		return nil, err
	}
	u := &updater{w: w, file: s.file, total: n, state: state{Portal: portal, Input: sum, Method: s.method}}
	if u.unlock, err = statefile.Lock(u.stateFile()); err != nil {
		return nil, err
	}
	if err := u.goOn(); err != nil {
		return nil, errors.Join(err, u.unlock())
	}
	u.display = progress.New(w, "lines")
	return u, nil
}

// goOn continues from the state of an earlier run, if there is one.
func (u *updater) goOn() error {
	stored, found, err := statefile.Load[state](u.stateFile())
	switch {
	case err != nil:
		return err
	case !found:
	case stored.Portal != u.state.Portal || stored.Input != u.state.Input || stored.Method != u.state.Method:
		return fmt.Errorf("%s is about another file, method or portal, %s of %s: move it away to begin anew", u.stateFile(), stored.Method, stored.Portal)
	default:
		u.state = stored
	}
	u.report, err = statefile.Appended(u.reportFile(), u.state.Report)
	return err
}

func (u *updater) stateFile() string  { return u.file + ".state" }
func (u *updater) reportFile() string { return u.file + ".report.csv" }

// run sends the remaining lines and reports the result.
func (u *updater) run(ctx context.Context, c b24.Client, concurrency int) error {
	if err := u.lost(); err != nil {
		return err
	}
	// After Ctrl-C no further lines are taken; batches in flight may finish.
	sending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-sending.Done():
		}
	})()

	// The loop never ends early, because that would cut off batches in flight.
	for _, err := range b24.StreamBatch(sending, c, u.commands(ctx), b24.WithHaltOnError(false), b24.WithConcurrency(concurrency)) {
		u.settle(err)
	}
	u.putBack()
	u.stop(ctx.Err())
	u.stop(u.save())
	u.display.Close()
	return u.summary()
}

// putBack records that the rows for which the client took no command were not sent: it ended in the
// middle of a block.
func (u *updater) putBack() {
	for _, r := range u.sent {
		u.state.Again = append(u.state.Again, r.Line)
	}
	u.sent = nil
}

// lost reports the lines that were in flight when an earlier run was killed.
func (u *updater) lost() error {
	for _, r := range u.state.Sent {
		u.state.Unknown++
		u.tell(r, "unknown", "the program ended before the answer came")
	}
	u.stop(u.save())
	return u.stopped
}

// commands yields the remaining updates. Before a line can be sent, the state records that it may
// have been.
func (u *updater) commands(ctx context.Context) iter.Seq[b24.Command] {
	next, again := u.state.Next, u.state.Again
	wanted := func(line int) bool { return line >= next || slices.Contains(again, line) }
	return func(yield func(b24.Command) bool) {
		for block, err := range blocks(u.file, blockSize, wanted) {
			u.stop(err)
			u.stop(ctx.Err())
			if u.stopped == nil {
				u.stop(u.take(block))
			}
			if u.stopped != nil {
				return
			}
			for _, r := range block {
				if !yield(r.command(u.state.Method)) {
					return
				}
			}
		}
	}
}

// take records the rows as sent. Rows to be sent again come before all others.
func (u *updater) take(block []row) error {
	last := block[len(block)-1].line
	before := u.state
	for _, r := range block {
		u.sent = append(u.sent, sentRow{Line: r.line, ID: r.id})
	}
	u.state.Next = max(u.state.Next, last+1)
	u.state.Again = slices.DeleteFunc(slices.Clone(u.state.Again), func(line int) bool { return line <= last })
	if err := u.save(); err != nil {
		u.state, u.sent = before, u.sent[:len(u.sent)-len(block)] // they will not be sent
		return err
	}
	return nil
}

// settle records the outcome of the row that was sent first.
func (u *updater) settle(err error) {
	r := u.sent[0]
	u.sent = u.sent[1:]
	switch outcomeOf(err) {
	case updated:
		u.state.Updated++
		u.unknown = 0
	case failed:
		u.state.Failed++
		u.unknown = 0
		u.tell(r, "failed", err.Error())
	case unknown:
		u.state.Unknown++
		u.tell(r, "unknown", err.Error())
		if u.unknown++; u.unknown >= manyUnknown {
			u.stop(err)
		}
	case notDone:
		u.state.Again = append(u.state.Again, r.Line)
		u.stop(err)
	}
	u.display.Set(u.state.settled(), u.total)
	if u.unsaved++; u.unsaved == blockSize {
		u.stop(u.save())
	}
}

// stop keeps the first reason to take no further lines.
func (u *updater) stop(err error) {
	if u.stopped == nil {
		u.stopped = err
	}
}

// tell adds a line to the report.
func (u *updater) tell(r sentRow, outcome, reason string) {
	out := csv.NewWriter(u.report)
	err := out.Write([]string{strconv.Itoa(r.Line), r.ID, outcome, reason})
	out.Flush()
	u.stop(errors.Join(err, out.Error()))
}

// save stores the state, after writing the report that the state refers to.
func (u *updater) save() error {
	if err := u.report.Sync(); err != nil {
		return err
	}
	info, err := u.report.Stat()
	if err != nil {
		return err
	}
	u.unsaved = 0
	u.state.Sent, u.state.Report = u.sent, info.Size()
	return statefile.Save(u.stateFile(), u.state)
}

// close releases the lock, so that another run can start.
func (u *updater) close() error { return errors.Join(u.report.Close(), u.unlock()) }

// summary returns nil if every line was updated, otherwise an error that describes the result.
func (u *updater) summary() error {
	_, err := fmt.Fprintf(u.w, "%d of %d lines: %d updated, %d failed, %d unknown\n",
		u.state.settled(), u.total, u.state.Updated, u.state.Failed, u.state.Unknown)
	switch {
	case u.stopped != nil:
		return fmt.Errorf("stopped, the same command goes on: %w", u.stopped)
	case err != nil:
		return err
	case u.state.Updated < u.total:
		return fmt.Errorf("%d lines were not updated, see %s", u.total-u.state.Updated, u.reportFile())
	}
	return nil
}
