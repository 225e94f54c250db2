package b24

import (
	"cmp"
	"strings"
	"time"

	"github.com/b24go/b24/internal/scan"
)

// ListOption changes how a list is read. Every [CallOption] is also a ListOption.
type ListOption interface {
	applyList(o *listOptions)
}

type listOption func(*listOptions)

func (f listOption) applyList(o *listOptions) { f(o) }

// listOptions is the combined options of a list.
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
	places           *places // receives the place after each page; nil: nobody asks

	left  bool    // the consumer left the loop within the current page
	place Cursor  // after the last finished page
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

// scan translates the options for internal/scan.
func (o *listOptions) scan(source *listSource) scan.Options {
	translated := scan.Options{
		Method: source.method, Params: source.params, Alone: source.alone, RowsKey: strings.Join(o.call.resultKey, ""), IDKey: o.idKey, CursorKey: o.cursorKey,
		Next: o.next, Paging: scan.Paging(o.paging), Descending: o.descending, Limit: o.limit, Concurrency: o.call.workers(),
		Resume: string(o.resume), WantTotal: o.call.progress != nil, UntilEmpty: o.shortPages,
	}
	source.dialect.reading(&translated)
	return translated
}

// WithPaging sets how to read the list: [PagingAuto], the default, [PagingKeyset], [PagingChained]
// or [PagingOffset]. Any other value, and one that the method does not support, is an error that
// matches [ErrInvalidParams].
func WithPaging(p Paging) ListOption {
	return listOption(func(o *listOptions) { o.paging = p })
}

// WithDescending reads from the highest id down. If the method cannot sort in descending order, the
// error matches [ErrInvalidParams].
func WithDescending() ListOption {
	return listOption(func(o *listOptions) { o.descending = true })
}

// WithLimit ends the list after the given number of rows. 0 means all; a negative limit is an error
// that matches [ErrInvalidParams]. It turns [WithConcurrency] off.
func WithLimit(rows int) ListOption {
	return listOption(func(o *listOptions) { o.limit = rows })
}

// ListMethod describes a list method, for [WithMethod]: what the client neither knows about it nor
// finds in its first page. Every field is optional.
type ListMethod struct {
	// IDKey is the id field of a row in the answer. If it is empty, the client looks for "id" in
	// any letter case.
	IDKey string
	// CursorKey is the id field in filter and order, if its name differs from that in the answer:
	// "ID" for tasks.task.list, whose rows have "id".
	CursorKey string
	// NextParam and NextField are for a method that pages by its own cursor. The value of NextField
	// in an answer is passed unchanged as the parameter NextParam of the next call. A dot in
	// NextParam addresses a member of another parameter: "pagination.afterCursor".
	//
	// NextField is a member of the result, with dots for a member inside another one: "nextCursor".
	// Or it is a field of a row: "[last].id" is the id of the last row of the page, "[first].id" of
	// its first row. "[lowest].id" and "[highest].id" are of the row with the lowest or highest
	// whole number there; use them if the method returns the rows below, or above, a number: List
	// then also checks that each row is. If the first call must have a cursor too, put it into the
	// parameters.
	//
	// A member that is null or absent ends the list, unless the result says hasMore; then the list
	// ends with an error: check the spelling of the member. A cursor in a row ends the list at a
	// page without rows, or where hasMore is false; a row without the field is an error. The rows
	// come in the method's own order, one page after the other, so [WithDescending],
	// [WithConcurrency] above 1 and [WithPaging] are errors. A row or a cursor that comes twice ends
	// the list with [ErrListChanged] or [ErrCursorStalled], as does a run of pages without rows.
	// Detecting this takes some 20 bytes of memory per row.
	NextParam, NextField string
	// ShortPages says that a short page need not be the last, as with methods that hide rows the
	// user may not see. The list then ends at an empty page, one request later. Without it, a short
	// page ends the list of a known method; if the list is read in chained batches, the client also
	// checks for rows after the last one of the first page. The list of an unknown method ends at a
	// short page only if that is the first page.
	ShortPages bool
}

// WithMethod describes the list's method. m takes precedence over what the client knows about the
// method. A field that has no meaning for the way the list is read is an error that names the field
// and matches [ErrInvalidParams]: CursorKey and ShortPages, if the method pages by its own cursor,
// answers with all its rows or takes its parameters by position. If WithMethod is given several
// times, the last one counts.
func WithMethod(m ListMethod) ListOption {
	return listOption(func(o *listOptions) {
		o.idKey, o.cursorKey, o.shortPages, o.next = m.IDKey, m.CursorKey, m.ShortPages, nil
		if m.NextParam != "" || m.NextField != "" {
			o.next = &scan.Next{Param: m.NextParam, Key: m.NextField}
		}
	})
}

// Paging is a way to read a list. Its text appears in logs and reports: "auto", "keyset",
// "chained", "offset", "ranges", "tail", "once", "ids", "cursor". The empty Paging means
// [PagingAuto].
type Paging string

// The ways to read a list. [WithPaging] selects one of the first four; the others follow from the
// method and from other options, and [ListReport] names them.
const (
	// PagingAuto chooses the fastest way that is safe for the method. It is the default.
	PagingAuto Paging = Paging(scan.PagingAuto)
	// PagingKeyset reads by id, one page per request. Rows added or deleted during the reading do
	// not shift the others.
	PagingKeyset Paging = Paging(scan.PagingKeyset)
	// PagingChained is [PagingKeyset] with up to 50 pages in one request.
	PagingChained Paging = Paging(scan.PagingChained)
	// PagingOffset counts rows, for methods without a usable id. Rows that are added or deleted
	// meanwhile are an error, as are rows that come twice. One change cannot be detected: one row
	// added and one deleted between the same two requests, if pages begin at multiples of 50.
	// Unless the rows come in the order of their ids, some 20 bytes of memory per row are needed.
	PagingOffset Paging = Paging(scan.PagingOffset)
	// PagingRanges is [PagingChained] over several ranges of ids at once. It is chosen by
	// [WithConcurrency]; [WithPaging] does not accept it.
	PagingRanges Paging = Paging(scan.PagingRanges)
	// PagingTail reads by id with the cursor parameter of *.tail methods. [WithPaging] does not
	// accept it.
	PagingTail Paging = Paging(scan.PagingTail)
	// PagingOnce is for methods that return all rows at once. [WithPaging] does not accept it.
	PagingOnce Paging = Paging(scan.PagingOnce)
	// PagingIDs reads the ids that a filter lists, each once, 50 per page and 50 pages per request.
	// It is chosen for a filter such as "@ID": ids; [WithPaging] does not accept it.
	PagingIDs Paging = Paging(scan.PagingIDs)
	// PagingCursor follows the cursor that each answer, or a row of it, has for the next page. It is
	// chosen for methods known to have one, such as im.dialog.messages.get, and by NextParam of
	// [ListMethod]; [WithPaging] does not accept it.
	PagingCursor Paging = Paging(scan.PagingCursor)
)

// String returns the text of p, which is "auto" if p is empty.
func (p Paging) String() string { return string(cmp.Or(p, PagingAuto)) }

// Cursor is a place in a list, for [WithResume]. It is opaque text without secrets, safe to store.
type Cursor string

// WithResume continues after the page for which c was reported. Method, parameters, [ListMethod],
// direction and portal must be the same; otherwise the error matches [ErrCursor]. The empty
// [Cursor] begins at the first row. A cursor of a list read by offset continues by offset, whatever
// [WithPaging] says; a cursor of a list read by id works with any [WithConcurrency].
func WithResume(c Cursor) ListOption {
	return listOption(func(o *listOptions) { o.resume = c })
}

// WithCheckpoint calls f, in the consumer's goroutine, with the cursor after each page once the
// consumer has finished it. Store the cursor, and after a crash [WithResume] continues there. Both
// runs together deliver each row once, except for rows that were created or deleted in between.
func WithCheckpoint(f func(Cursor)) ListOption {
	return listOption(func(o *listOptions) { o.checkpoint = f })
}

// ListReport describes how a list was read. See [WithReport].
type ListReport struct {
	// Paging is the way the list was read.
	Paging Paging
	// Rows and Pages count what was delivered. Requests counts what was sent for it, without
	// repeats; a batch is one request.
	Rows, Pages, Requests int
	// Refusals is how often the portal refused a request because of its limits.
	Refusals int
	// Waited is the time that requests waited for the limits and between attempts, summed over all
	// requests. With [WithConcurrency] it may exceed the elapsed time.
	Waited time.Duration
	// FirstID and LastID are the ids of the first and the last row; with [WithConcurrency], the
	// lowest and the highest id. They are empty if not known.
	FirstID, LastID string
	// Why explains why the list was read more slowly than its method allows: an order other than by
	// id, conditions joined by OR, parameters that a batch cannot carry. Otherwise it is empty.
	Why string
	// Complete is true if the end of the list was reached and all its rows were delivered.
	Complete bool
	// Cursor continues after the last page that was finished, as reported to [WithCheckpoint]. If
	// the loop was left in the middle of a page, the rows of that page come again. After the end of
	// a list that is read from the lowest id up, it finds the rows added since.
	Cursor Cursor
}

// WithReport fills r when the list ends, also on an error or an early break. If a list was refused
// for its parameters, its report is empty.
func WithReport(r *ListReport) ListOption {
	return listOption(func(o *listOptions) { o.into = r })
}

// tookPage is called when the consumer has finished a page.
func (o *listOptions) tookPage(page scan.Page) {
	o.left = false
	o.place = Cursor(page.Cursor())
	if o.checkpoint != nil {
		o.checkpoint(o.place)
	}
	if page.Number > 1 { // the start of the list was already reported
		o.tell(Progress{Done: page.Number, Total: max(page.Expected, -1), Rows: page.Done})
	}
}

// tell reports the progress of the list. The percentage never decreases, even if the list grows
// faster than it is read.
func (o *listOptions) tell(p Progress) {
	if p.Total > 0 && p.Percent() < o.told {
		p.Total = int(float64(p.Done) * 100 / o.told) //nolint:mnd // percent
	}
	o.told = max(o.told, p.Percent())
	o.call.report(p)
}

// finish is called when the list ends, however it does.
func (o *listOptions) finish(report *scan.Report, source *listSource) ListReport {
	ended := report.Complete || o.limit > 0 && report.Rows == o.limit
	if ended && !o.left && o.told < 100 { //nolint:mnd // percent
		o.tell(Progress{Done: report.Pages, Total: report.Pages, Rows: report.Rows})
	}
	secrets := source.c.secrets // an id can be any text
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
