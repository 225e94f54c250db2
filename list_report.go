package b24

import (
	"cmp"
	"time"

	"github.com/b24go/b24/internal/scan"
)

// ListReport describes how a list was read, see [WithReport].
type ListReport struct {
	// Paging is the way it was read.
	Paging Paging
	// Rows and Pages count what was delivered. Requests counts what was sent for it, without
	// repeats; a batch is one request.
	Rows, Pages, Requests int
	// Refusals is how often the portal refused a request for its limits.
	Refusals int
	// Waited is the time its requests waited for the limits and between attempts, summed up over all
	// requests: with [WithConcurrency] it may be more than the time that passed.
	Waited time.Duration
	// FirstID and LastID are the ids of the first and the last row, those of the
	// lowest and the highest with [WithConcurrency]; empty if not known.
	FirstID, LastID string
	// Why says why the list was read in a slower way than its method allows: another order than
	// by id, conditions joined by OR, parameters that a batch cannot carry. Empty: it was not.
	Why string
	// Complete is true if the end of the list was reached and all rows of it were
	// delivered.
	Complete bool
	// Cursor continues after the last page that was taken whole, as [WithCheckpoint] reports
	// it: the rows of a page that was left in the middle come again. After the end it
	// finds what was added since, in a list that is read from the lowest id up.
	Cursor Cursor
}

// WithReport fills r when the list ends, also on an error or an early break. The report of a list
// that was refused for its parameters is empty.
func WithReport(r *ListReport) ListOption {
	return listOption(func(o *listOptions) { o.into = r })
}

// tookPage is called when the consumer took a page.
func (o *listOptions) tookPage(page scan.Page) {
	o.left = false
	o.place = Cursor(page.Cursor())
	if o.checkpoint != nil {
		o.checkpoint(o.place)
	}
	if page.Number > 1 { // the first of several says no more than that it began
		o.tell(Progress{Done: page.Number, Total: max(page.Expected, -1), Rows: page.Done})
	}
}

// tell reports how far the list is. A list that grows faster than it is read does not
// take back what was told.
func (o *listOptions) tell(p Progress) {
	if p.Total > 0 && p.Percent() < o.told {
		p.Total = int(float64(p.Done) * 100 / o.told) //nolint:mnd // percent
	}
	o.told = max(o.told, p.Percent())
	o.call.report(p)
}

// finish is called at the end of a list, whatever the end is.
func (o *listOptions) finish(report *scan.Report, source *listSource) ListReport {
	ended := report.Complete || o.limit > 0 && report.Rows == o.limit
	if ended && !o.left && o.told < 100 { //nolint:mnd // percent
		o.tell(Progress{Done: report.Pages, Total: report.Pages, Rows: report.Rows})
	}
	secrets := source.c.secrets // a text can be an id
	source.mu.Lock()
	defer source.mu.Unlock()
	told := ListReport{
		Paging: Paging(report.Paging), Rows: report.Rows, Pages: report.Pages, Requests: source.sent,
		Refusals: source.refusals, Waited: source.waited, FirstID: secrets.Text(report.FirstID), LastID: secrets.Text(report.LastID),
		Why: secrets.Text(report.Why), Complete: report.Complete, Cursor: Cursor(report.Cursor),
	}
	if o.left {
		told.Cursor, told.Complete = cmp.Or(o.place, o.resume), false
	}
	if o.into != nil {
		*o.into = told
	}
	return told
}
