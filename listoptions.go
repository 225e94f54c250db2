package b24

import (
	"cmp"
	"strings"

	"github.com/b24go/b24/internal/scan"
)

// Paging is a way to read a list (protocol.md 6).
type Paging int

const (
	// PagingAuto takes the fastest way that is safe for the method. It is the
	// default.
	PagingAuto Paging = iota
	// PagingKeyset goes by id, one page a request: rows that are added or deleted
	// meanwhile shift nothing.
	PagingKeyset
	// PagingChained is PagingKeyset with up to 50 pages in one request.
	PagingChained
	// PagingOffset counts rows, for methods without an id to go by. Rows that are
	// added or deleted meanwhile are an error, as are rows that come twice. What cannot
	// be noticed: one row added and one deleted between the same two requests, where
	// pages begin at multiples of 50. Unless the rows come in the order of their ids,
	// some 20 bytes a row are kept in memory.
	PagingOffset
	// PagingRanges is PagingChained over several ranges of ids at once. It is chosen
	// by WithConcurrency and cannot be asked for.
	PagingRanges
	// PagingTail goes by the id through the cursor that methods named *.tail take. It
	// cannot be asked for.
	PagingTail
	// PagingOnce is for methods that answer with all rows. It cannot be asked for.
	PagingOnce
	// PagingIDs goes by the ids that a filter names, 50 a page and 50 pages a request, each
	// once. It is chosen for a filter such as "@ID": ids and cannot be asked for.
	PagingIDs
	// PagingCursor goes by the cursor that each answer names for the next page. It is
	// chosen by WithNextCursor, and for methods known to have one.
	PagingCursor
)

// String names the way: "auto", "keyset", "chained", "offset", "ranges", "tail",
// "once", "ids", "cursor".
func (p Paging) String() string {
	switch p {
	case PagingKeyset:
		return string(scan.WayKeyset)
	case PagingChained:
		return string(scan.WayChained)
	case PagingOffset:
		return string(scan.WayOffset)
	case PagingRanges:
		return string(scan.WayRanges)
	case PagingTail:
		return string(scan.WayTail)
	case PagingOnce:
		return string(scan.WayOnce)
	case PagingIDs:
		return string(scan.WayIDs)
	case PagingCursor:
		return string(scan.WayCursor)
	default:
		return "auto"
	}
}

func pagingOf(way scan.Way) Paging {
	for p := PagingKeyset; p <= PagingCursor; p++ {
		if p.String() == string(way) {
			return p
		}
	}
	return PagingAuto
}

// ListOption changes the reading of a list. Every CallOption is one.
type ListOption interface {
	applyList(o *listOptions)
}

type listOption func(*listOptions)

func (f listOption) applyList(o *listOptions) { f(o) }

// listOptions is what the options of a list add up to.
type listOptions struct {
	call             callOptions
	idKey, cursorKey string
	next             *scan.Next
	paging           Paging
	descending       bool
	limit            int
	resume           Cursor
	checkpoint       func(Cursor)
	into             *ListReport
	shortPages       bool

	left  bool    // the consumer left the page it has
	place Cursor  // behind the last page that was taken
	told  float64 // percent
}

func newListOptions(opts []ListOption) listOptions {
	var o listOptions
	for _, opt := range opts {
		if opt != nil {
			opt.applyList(&o)
		}
	}
	return o
}

// scan translates the options for the engine.
func (o *listOptions) scan(source *listSource) scan.Options {
	ways := map[Paging]scan.Paging{
		PagingKeyset: scan.PagingKeyset, PagingChained: scan.PagingChained, PagingOffset: scan.PagingOffset,
	}
	translated := scan.Options{
		Method: source.method, Params: source.params, Alone: source.alone, RowsKey: strings.Join(o.call.resultKey, ""), IDKey: o.idKey, CursorKey: o.cursorKey,
		Next: o.next, Paging: ways[o.paging], Descending: o.descending, Limit: o.limit, Concurrency: o.call.workers(),
		Resume: string(o.resume), WantTotal: o.call.progress != nil, UntilEmpty: o.shortPages,
	}
	source.dialect.reading(&translated)
	return translated
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
		Paging: pagingOf(report.Way), Rows: report.Rows, Pages: report.Pages, Requests: source.sent,
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

// WithIDKey names the id field of a row in the answer, where it is not found by
// itself.
func WithIDKey(key string) ListOption {
	return listOption(func(o *listOptions) { o.idKey = key })
}

// WithCursorKey names the id field in filter and order, where it is written
// otherwise than in the answer: "ID" for tasks.task.list, whose rows have "id".
func WithCursorKey(key string) ListOption {
	return listOption(func(o *listOptions) { o.cursorKey = key })
}

// WithNextCursor reads a method that pages by a cursor of its own: what an answer
// has under field in its result goes into the parameter param of the next call,
// unchanged. A dot in param leads into another parameter, dots in field into the
// result:
//
//	b24.WithNextCursor("pagination.afterCursor", "nextCursor")
//
// A field that is null or absent ends the list, unless the result says hasMore:
// check its spelling. note.collection.list and call.followup.list of REST 3.0 need
// no such option.
//
// The rows come in the order of the method, one page after the other:
// WithDescending, WithConcurrency above 1 and WithPaging with another way are
// ErrInvalidParams, as are empty names. A row or a cursor that comes twice ends
// the list with ErrListChanged or ErrCursorStalled, as does a run of pages without
// rows; to notice it, some 20 bytes a row are kept in memory.
func WithNextCursor(param, field string) ListOption {
	return listOption(func(o *listOptions) { o.next = &scan.Next{Param: param, Key: field} })
}

// WithShortPages is for a method that drops rows from its pages, those the user may not
// see for example: then a page shorter than the others is not the last one, and the list
// is read until a page is empty, which takes one request more. Without it a short page
// ends a list of a method that is known, except that one read in chained batches looks
// behind the last row of its first page; of a method that is not known it does so only
// where it is the first.
func WithShortPages() ListOption {
	return listOption(func(o *listOptions) { o.shortPages = true })
}

// WithPaging sets the way to read: PagingAuto, the default, PagingKeyset, PagingChained
// or PagingOffset. Any other is an error that matches ErrInvalidParams, and so is one
// that the method cannot be read by.
func WithPaging(p Paging) ListOption {
	return listOption(func(o *listOptions) { o.paging = p })
}

// WithDescending reads from the highest id down; of a method whose order cannot be
// turned it is an error that matches ErrInvalidParams.
func WithDescending() ListOption {
	return listOption(func(o *listOptions) { o.descending = true })
}

// WithLimit ends the list after so many rows; 0 means all, a negative limit is an error
// that matches ErrInvalidParams. A list with a limit is read by one worker.
func WithLimit(rows int) ListOption {
	return listOption(func(o *listOptions) { o.limit = rows })
}

// WithResume goes on where an earlier reading of the same method with the same
// parameters and keys, in the same direction and of the same portal ended: after the
// page whose cursor c is. The empty Cursor begins at the first row; one that does not
// fit is an error that matches ErrCursor. A cursor of a reading by offset goes on by
// offset, whatever WithPaging says; one by id with any WithConcurrency.
func WithResume(c Cursor) ListOption {
	return listOption(func(o *listOptions) { o.resume = c })
}

// WithCheckpoint has f told the place in the list after each page that the
// consumer took, in the goroutine of the consumer. Store it, and after a crash WithResume goes on there: the rows of
// both runs together are each row once, but for rows that were created or deleted
// in between.
func WithCheckpoint(f func(Cursor)) ListOption {
	return listOption(func(o *listOptions) { o.checkpoint = f })
}

// WithReport has r filled when the list ends, however it does: how it was read, and why
// so where that is slower than the method allows. The report of a list that was refused
// for its parameters is empty.
func WithReport(r *ListReport) ListOption {
	return listOption(func(o *listOptions) { o.into = r })
}
