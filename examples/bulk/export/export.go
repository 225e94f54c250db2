package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/b24go/b24"
	"github.com/b24go/b24/examples/bulk/internal/progress"
	"github.com/b24go/b24/examples/bulk/internal/statefile"
)

// pagesPerSave is how many pages go between two states on the disk: those of one
// request. Fewer would cost time, more would be read again after a crash.
const pagesPerSave = 50

// state is what a restart must know: a place in the list, and how long the file
// was there.
type state struct {
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
	Format  string          `json:"format"`
	Columns []string        `json:"columns,omitempty"`
	Cursor  b24.Cursor      `json:"cursor"`
	Rows    int             `json:"rows"`
	Size    int64           `json:"size"` // bytes
}

// export is one run.
type export struct {
	settings settings
	w        io.Writer
	display  progress.Display
	out      *os.File
	buffered *bufio.Writer
	size     int64 // written, also what is still buffered
	rows     int
	table    *table // nil for JSON lines
	state    state  // after the last page
	unsaved  int    // pages since it was stored
	failed   error  // to store it
}

// newExport opens the file, and goes back to the place that an earlier run stored.
func newExport(w io.Writer, s settings) (*export, error) {
	params, err := json.Marshal(s.params)
	if err != nil {
		return nil, err
	}
	e := &export{settings: s, w: w}
	stored, found, err := statefile.Load[state](s.resume)
	if err != nil {
		return nil, err
	}
	e.state = state{Method: s.method, Params: params, Format: s.format}
	if found {
		if err := e.goOn(stored); err != nil {
			return nil, err
		}
	} else if err := e.begin(); err != nil {
		return nil, err
	}
	if e.out, err = statefile.Appended(s.out, e.state.Size); err != nil {
		return nil, err
	}
	e.size, e.rows = e.state.Size, e.state.Rows
	e.buffered = bufio.NewWriterSize(e.out, 1<<16)
	e.display = progress.New(w, "rows")
	return e, nil
}

// begin makes sure that no file of somebody else is written over.
func (e *export) begin() error {
	if _, err := os.Stat(e.settings.out); !errors.Is(err, os.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("%s exists: move it away or give another -out", e.settings.out))
	}
	return statefile.Save(e.settings.resume, e.state)
}

// goOn takes up the state of an earlier run, which must have been the same export.
func (e *export) goOn(stored state) error {
	var old, given any // the file has it indented
	if err := errors.Join(json.Unmarshal(stored.Params, &old), json.Unmarshal(e.state.Params, &given)); err != nil {
		return err
	}
	if stored.Method != e.state.Method || stored.Format != e.state.Format || fmt.Sprint(old) != fmt.Sprint(given) {
		return fmt.Errorf("%s is about another export: %s %s", e.settings.resume, stored.Method, stored.Params)
	}
	e.state = stored
	_, err := fmt.Fprintf(e.w, "going on after %d rows\n", stored.Rows)
	return err
}

// run reads the list to its end, and tells about it.
func (e *export) run(ctx context.Context, c b24.Client) error {
	write := e.writer()
	var report b24.ListReport
	err := e.read(ctx, c, write, &report)
	e.display.Close()
	if err != nil {
		return fmt.Errorf("stopped after %d rows, the same command goes on: %w", e.state.Rows, errors.Join(err, e.save()))
	}
	if err := errors.Join(e.save(), os.Remove(e.settings.resume)); err != nil { //nolint:gosec // the file that the user names
		return err
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
	return n, err
}

func (e *export) read(ctx context.Context, c b24.Client, out rowWriter, report *b24.ListReport) error {
	for page, err := range c.FetchListMethod(ctx, e.settings.method, e.settings.params,
		b24.WithResume(e.state.Cursor), b24.WithCheckpoint(e.checkpoint), b24.WithReport(report),
		b24.WithConcurrency(e.settings.concurrency), b24.WithProgress(e.progress)) {
		if err := errors.Join(err, e.failed); err != nil {
			return err
		}
		for _, row := range page {
			if err := out.write(row); err != nil {
				return fmt.Errorf("row %d: %w", e.rows+1, err)
			}
			e.rows++
		}
	}
	return e.failed
}

// checkpoint notes the place after a page that was written. A page that was written
// in part is none: its rows are cut off and read again.
func (e *export) checkpoint(c b24.Cursor) {
	e.state.Cursor, e.state.Rows, e.state.Size = c, e.rows, e.size
	if e.table != nil {
		e.state.Columns = e.table.columns
	}
	if e.unsaved++; e.unsaved == pagesPerSave {
		e.failed = errors.Join(e.failed, e.save())
	}
}

// save stores the place, but first the rows before it: a place without its rows
// would lose them.
func (e *export) save() error {
	e.unsaved = 0
	if err := errors.Join(e.buffered.Flush(), e.out.Sync()); err != nil {
		return err
	}
	return statefile.Save(e.settings.resume, e.state)
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

func (e *export) close() error { return e.out.Close() }
