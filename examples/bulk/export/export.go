package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/b24go/b24"
	"github.com/b24go/b24/examples/bulk/internal/progress"
	"github.com/b24go/b24/examples/bulk/internal/statefile"
)

// pagesPerSave is the number of pages between two stores of the state: the pages of one request.
// Fewer would cost time; more would be read again after a crash.
const pagesPerSave = 50

// state is what a restart must know: a place in the list, and the size of the file at that place.
type state struct {
	Portal  string          `json:"portal"`
	Out     string          `json:"out"` // an absolute path
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
	Format  string          `json:"format"`
	Columns []string        `json:"columns,omitempty"`
	Cursor  b24.Cursor      `json:"cursor"`
	Rows    int             `json:"rows"`
	Size    int64           `json:"size"` // bytes
}

// output is the destination of the rows: a file.
type output interface {
	io.WriteCloser
	Sync() error
}

// export is one run.
type export struct {
	settings settings
	w        io.Writer
	display  progress.Display
	out      output
	buffered *bufio.Writer
	size     int64 // written, including what is still buffered
	rows     int
	table    *table // nil for JSON lines
	state    state  // after the last page
	unsaved  int    // pages since it was stored
	stored   int    // rows before the place that was stored last
	lost     bool   // rows of the state may not be on the disk
	unlock   func() error
}

// newExport opens the file and continues at the place that an earlier run stored.
func newExport(w io.Writer, s settings, portal string) (*export, error) {
	params, err := json.Marshal(s.params)
	if err != nil {
		return nil, err
	}
	out, err := filepath.Abs(s.out)
	if err != nil {
		return nil, err
	}
	e := &export{settings: s, w: w, state: state{Portal: portal, Out: out, Method: s.method, Params: params, Format: s.format}}
	if e.unlock, err = statefile.Lock(s.resume); err != nil {
		return nil, err
	}
	if err := e.open(); err != nil {
		return nil, errors.Join(err, e.unlock())
	}
	e.size, e.rows, e.stored = e.state.Size, e.state.Rows, e.state.Rows
	e.buffered = bufio.NewWriterSize(e.out, 1<<16)
	e.display = progress.New(w, "rows")
	return e, nil
}

// open opens the file of a new or a continued run.
func (e *export) open() error {
	stored, found, err := statefile.Load[state](e.settings.resume)
	if err != nil {
		return err
	}
	if !found {
		return e.begin()
	}
	if err := e.goOn(stored); err != nil {
		return err
	}
	f, err := statefile.Appended(e.state.Out, e.state.Size)
	if err != nil {
		return err
	}
	e.out = f
	_, err = fmt.Fprintf(e.w, "going on after %d rows\n", e.state.Rows)
	return err
}

// begin ensures that no other file is overwritten. The state is stored first: without a state, the
// next run would treat the file as not its own.
func (e *export) begin() error {
	if _, err := os.Lstat(e.state.Out); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("%s exists: move it away or give another -out", e.settings.out))
	}
	if err := statefile.Save(e.settings.resume, e.state); err != nil {
		return err
	}
	f, err := os.OpenFile(e.state.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return errors.Join(err, os.Remove(e.settings.resume))
	}
	e.out = f
	return nil
}

// goOn continues from the state of an earlier run, which must have been the same export.
func (e *export) goOn(stored state) error {
	var params bytes.Buffer
	if err := json.Compact(&params, stored.Params); err != nil { // the file has it indented
		return fmt.Errorf("%s: params: %w", e.settings.resume, err)
	}
	stored.Params = params.Bytes()
	if stored.Portal != e.state.Portal || stored.Out != e.state.Out || stored.Method != e.state.Method ||
		stored.Format != e.state.Format || !bytes.Equal(stored.Params, e.state.Params) {
		return fmt.Errorf("%s is about another export, from %s to %s: %s %s; give another -resume, or remove it to begin anew",
			e.settings.resume, stored.Portal, stored.Out, stored.Method, stored.Params)
	}
	e.state = stored
	return nil
}

// run reads the list to its end and reports the result.
func (e *export) run(ctx context.Context, c b24.Client) error {
	write := e.writer()
	var report b24.ListReport
	err := e.read(ctx, c, write, &report)
	e.display.Close()
	if err != nil {
		err = errors.Join(err, e.save())
		return fmt.Errorf("stopped after %d rows, the same command goes on: %w", e.stored, err)
	}
	if err := e.save(); err != nil { // the state stays: it records what part of the file is certain
		return fmt.Errorf("all was read, but only %d rows are certain to be in the file, the same command goes on: %w", e.stored, err)
	}
	if err := os.Remove(e.settings.resume); err != nil { //nolint:gosec // the user chose the file
		return fmt.Errorf("the export is complete, but its state stays: %w", err)
	}
	_, err = fmt.Fprintf(e.w, "%d rows in %s, this run by %d requests\n", e.rows, e.settings.out, report.Requests)
	return err
}

func (e *export) writer() rowWriter {
	if e.settings.format == formatJSON {
		return &jsonLines{w: e}
	}
	e.table = &table{w: e, columns: e.settings.columns, headed: e.state.Size > 0}
	if e.state.Columns != nil {
		e.table.columns = e.state.Columns
	}
	return e.table
}

// Write adds to the file and counts.
func (e *export) Write(p []byte) (int, error) {
	n, err := e.buffered.Write(p)
	e.size += int64(n)
	e.lost = e.lost || err != nil
	return n, err
}

func (e *export) read(ctx context.Context, c b24.Client, out rowWriter, report *b24.ListReport) error {
	for page, err := range b24.Pages(ctx, c, e.settings.method, e.settings.params, b24.WithResume(e.state.Cursor),
		b24.WithReport(report), b24.WithConcurrency(e.settings.concurrency), b24.WithProgress(e.progress)) {
		if err != nil {
			return err
		}
		for _, row := range page.Rows {
			if err := out.write(row); err != nil {
				return fmt.Errorf("row %d: %w", e.rows+1, err)
			}
			e.rows++
		}
		if err := e.checkpoint(page.Cursor); err != nil {
			return err
		}
	}
	return nil
}

// checkpoint records the place after a page that was written. A partly written page does not count:
// its rows are cut off and read again.
func (e *export) checkpoint(c b24.Cursor) error {
	e.state.Cursor, e.state.Rows, e.state.Size = c, e.rows, e.size
	if e.table != nil {
		e.state.Columns = e.table.columns
	}
	if e.unsaved++; e.unsaved == pagesPerSave {
		return e.save()
	}
	return nil
}

// save stores the place, after the rows before it: a place without its rows would lose them. After
// an error of the file it stores no further place, because a second Sync may succeed without the
// rows that the first one lost.
func (e *export) save() error {
	e.unsaved = 0
	if e.lost {
		return nil // already reported
	}
	if err := errors.Join(e.buffered.Flush(), e.out.Sync()); err != nil {
		e.lost = true
		return err
	}
	if err := statefile.Save(e.settings.resume, e.state); err != nil {
		return err
	}
	e.stored = e.state.Rows
	return nil
}

func (e *export) progress(p b24.Progress) {
	total := -1
	if p.Total > 0 {
		total = e.rows + (p.Total-p.Done)*b24.PageSize // the last page may be shorter
		if p.Done == p.Total {
			total = e.rows
		}
	}
	e.display.Set(e.rows, total)
}

// close releases the lock, so that another run can start.
func (e *export) close() error { return errors.Join(e.out.Close(), e.unlock()) }
