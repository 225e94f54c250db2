package b24

import (
	"cmp"
	"strings"
	"time"

	"github.com/b24go/b24/internal/scan"
)

// ListOption changes the reading of a list. Every [CallOption] is one.
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
	translated := scan.Options{
		Method: source.method, Params: source.params, Alone: source.alone, RowsKey: strings.Join(o.call.resultKey, ""), IDKey: o.idKey, CursorKey: o.cursorKey,
		Next: o.next, Paging: scan.Paging(o.paging), Descending: o.descending, Limit: o.limit, Concurrency: o.call.workers(),
		Resume: string(o.resume), WantTotal: o.call.progress != nil, UntilEmpty: o.shortPages,
	}
	source.dialect.reading(&translated)
	return translated
}

// WithPaging sets the way to read: [PagingAuto], the default, [PagingKeyset], [PagingChained]
// or [PagingOffset]. Any other is an error that matches [ErrInvalidParams], and so is one
// that the method cannot be read by.
func WithPaging(p Paging) ListOption {
	return listOption(func(o *listOptions) { o.paging = p })
}

// WithDescending reads from the highest id down. If the order of the method cannot be turned, it is
// an error that matches [ErrInvalidParams].
func WithDescending() ListOption {
	return listOption(func(o *listOptions) { o.descending = true })
}

// WithLimit ends the list after so many rows; 0 means all, a negative limit is an error
// that matches [ErrInvalidParams]. A list with a limit is read by one worker.
func WithLimit(rows int) ListOption {
	return listOption(func(o *listOptions) { o.limit = rows })
}

// ListMethod describes a list method, for [WithMethod]: what the client neither knows of it nor
// finds in its first page. Every field may be left out.
type ListMethod struct {
	// IDKey is the id field of a row in the answer. Without it "id" in any letter case is looked for.
	IDKey string
	// CursorKey is the id field in filter and order, if it is written otherwise than in the
	// answer: "ID" for tasks.task.list, whose rows have "id".
	CursorKey string
	// NextParam and NextField are for a method that pages by a cursor of its own: what an answer has
	// under NextField in its result goes unchanged into the parameter NextParam of the next call. A dot
	// in NextParam leads into another parameter, dots in NextField into the result:
	// "pagination.afterCursor" and "nextCursor".
	//
	// A field that is null or absent ends the list, unless the result says hasMore: check its
	// spelling. The rows come in the order of the method, one page after the other, so that
	// [WithDescending], [WithConcurrency] above 1 and [WithPaging] are errors. A row or a cursor
	// that comes twice ends the list with [ErrListChanged] or [ErrCursorStalled], as does a run of
	// pages without rows; to notice it, some 20 bytes a row are kept in memory.
	NextParam, NextField string
	// ShortPages says that a short page need not be the last, as with methods that hide rows the user
	// may not see. The list then ends at an empty page, one request later. Without it a short page
	// ends the list of a known method, except that one read in chained batches looks behind the last
	// row of its first page; the list of a method that is not known ends there only if the page is
	// the first.
	ShortPages bool
}

// WithMethod says what the client cannot know of the list's method. What m says wins over what is
// known of the method. A field that means nothing to the way the list is read is an error that
// names it and matches [ErrInvalidParams]: CursorKey and ShortPages if the method goes by a cursor
// of its own, answers with all its rows or takes its parameters by position. Of several WithMethod
// the last counts.
func WithMethod(m ListMethod) ListOption {
	return listOption(func(o *listOptions) {
		o.idKey, o.cursorKey, o.shortPages, o.next = m.IDKey, m.CursorKey, m.ShortPages, nil
		if m.NextParam != "" || m.NextField != "" {
			o.next = &scan.Next{Param: m.NextParam, Key: m.NextField}
		}
	})
}

// Paging is a way to read a list. Its text is what logs and reports show: "auto", "keyset",
// "chained", "offset", "ranges", "tail", "once", "ids", "cursor". The empty Paging means [PagingAuto].
type Paging string

// The ways to read a list. [WithPaging] asks for one of the first four; the others follow from the
// method and from other options, and [ListReport] names them.
const (
	// PagingAuto chooses the fastest way that is safe for the method. It is the default.
	PagingAuto Paging = Paging(scan.PagingAuto)
	// PagingKeyset reads by id, one page per request. Rows added or deleted during the reading do
	// not shift the others.
	PagingKeyset Paging = Paging(scan.PagingKeyset)
	// PagingChained is PagingKeyset with up to 50 pages in one request.
	PagingChained Paging = Paging(scan.PagingChained)
	// PagingOffset counts rows, for methods without an id to go by. Rows that are
	// added or deleted meanwhile are an error, as are rows that come twice. What cannot
	// be noticed: one row added and one deleted between the same two requests, if
	// pages begin at multiples of 50. Unless the rows come in the order of their ids,
	// some 20 bytes a row are kept in memory.
	PagingOffset Paging = Paging(scan.PagingOffset)
	// PagingRanges is PagingChained over several ranges of ids at once. It is chosen
	// by [WithConcurrency] and cannot be asked for.
	PagingRanges Paging = Paging(scan.PagingRanges)
	// PagingTail reads by id with the cursor parameter of *.tail methods. [WithPaging] does not
	// accept it.
	PagingTail Paging = Paging(scan.PagingTail)
	// PagingOnce is for methods that return all rows at once. [WithPaging] does not accept it.
	PagingOnce Paging = Paging(scan.PagingOnce)
	// PagingIDs reads the ids that a filter lists, each once, 50 per page and 50 pages per request.
	// It is chosen for a filter such as "@ID": ids; [WithPaging] does not accept it.
	PagingIDs Paging = Paging(scan.PagingIDs)
	// PagingCursor goes by the cursor that each answer names for the next page. It is chosen for
	// methods known to have one, and by NextParam of [ListMethod]. It cannot be asked for.
	PagingCursor Paging = Paging(scan.PagingCursor)
)

// String returns the text of the way, "auto" for the empty one.
func (p Paging) String() string { return string(cmp.Or(p, PagingAuto)) }

// Cursor is a place in a list, for [WithResume]. It is opaque text without secrets,
// safe to store.
type Cursor string

// WithResume continues after the page for which c was reported. Method, parameters, [ListMethod],
// direction and portal must be the same; otherwise the error matches [ErrCursor]. The empty Cursor
// begins at the first row. A cursor of a reading by offset continues by offset, whatever
// [WithPaging] says; one by id with any [WithConcurrency].
func WithResume(c Cursor) ListOption {
	return listOption(func(o *listOptions) { o.resume = c })
}

// WithCheckpoint calls f, in the consumer's goroutine, with the cursor behind each page once the
// consumer has finished it. Store it, and after a crash [WithResume] continues there: together both
// runs have each row once, except for rows that were created or deleted in between.
func WithCheckpoint(f func(Cursor)) ListOption {
	return listOption(func(o *listOptions) { o.checkpoint = f })
}

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
	// Why says why the list was read more slowly than its method allows: an order other than by id,
	// conditions joined by OR, parameters that a batch cannot carry. It is empty otherwise.
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
