// Package scan reads all rows of a list method, complete or with an error, in
// constant memory, but for some 20 bytes a row where only a cursor of the method's
// own leads on, and by offset where the rows do not come in the order of their ids.
//
// A planner that is a pure function of what is known (the table of methods, the
// options, the answers so far) says what to ask next and what an answer is
// worth; a runner sends the requests and hands out pages. There are five ways
// to read: by id page by page, by id with pages chained in batches, by ranges
// of ids in parallel, by offset, and by the cursor that an answer names.
//
// What the caller's parameters say of the list is kept or refused, never
// dropped. A bound of the id is joined with ours. An order by the id alone
// gives the direction; another order is read by offset, with the id behind it
// to make it total, or refused where reading by id was asked for. A select
// without the id gets it. A start, an offset or a page is refused.
//
// A list is complete where its end was proved: by an empty page, by one
// shorter than the method's pages are, or by the total of the portal. Each page
// read by id must go on behind the one before it, in order. Pages read by
// offset overlap by a row where the method can begin at any row; with `start`,
// which counts whole pages only, the total and the ids tell of rows that moved,
// unless one row comes and another goes between the same two requests. Where
// the method has a cursor of its own, no row and no cursor may come twice.
package scan

import (
	"context"
	"encoding/json"
	"time"
)

// Source does the calls of one list method. With Options.Concurrency above 1
// several goroutines use it at a time.
type Source interface {
	// Page makes one call. The params are the text of a JSON object.
	Page(ctx context.Context, params []byte) (Answer, error)
	// Chain makes up to 50 calls in one request, in order, up to the first one
	// that fails. It returns an Answer per call; one that failed or did not
	// run has an Err. An error means that nothing is known of any call.
	Chain(ctx context.Context, calls [][]byte) ([]Answer, error)
	// Ref is the JSON value that stands in the params of a chain's later call
	// for the value at path in the result of an earlier one. The path's parts are names
	// and positions from 0.
	Ref(call int, path ...any) []byte
	// Shorter reports whether a chain that ended with err may succeed with
	// fewer calls: a timeout, a 5xx, in REST 3.0 also a Ref that found nothing.
	Shorter(err error) bool
}

// Answer is what the portal said to one call.
type Answer struct {
	// Result is the text of the member `result`; the pages are views of it.
	Result []byte
	// Total is the member `total`, if HasTotal.
	Total    int
	HasTotal bool
	// Next is the member `next`, if HasNext.
	Next    int
	HasNext bool
	// Duration is the time the portal took, 0 if it did not say.
	Duration time.Duration
	// Err tells of a chain's call that it failed or did not run.
	Err error
}

// Paging is a caller's choice of the way to read.
type Paging uint8

const (
	// PagingAuto takes the best way that is safe for the method.
	PagingAuto Paging = iota
	// PagingKeyset reads by id, one page a request.
	PagingKeyset
	// PagingChained reads by id, up to 50 pages a request.
	PagingChained
	// PagingOffset counts rows.
	PagingOffset
)

// Options say what to read and how.
type Options struct {
	// Method is the method's name.
	Method string
	// V3 is for a method of REST 3.0.
	V3 bool
	// Params is the text of the caller's parameters; empty means {}.
	Params []byte
	// RowsKey is the member of the result with the rows; empty: as known or found.
	RowsKey string
	// IDKey is the id field of a row; empty: as known or found.
	IDKey string
	// CursorKey is the id's name in filter and order; empty: as known, else IDKey.
	CursorKey string
	// Next names the cursor of a method that pages by one of its own; nil: as known.
	Next *Next
	// Paging is the way to read.
	Paging Paging
	// Descending reads from the highest id down.
	Descending bool
	// Limit is the most rows to read, 0: all.
	Limit int
	// Concurrency is the number of ranges of ids that are read at a time; 0
	// and 1: one. Rows then come unordered, so that it has no effect
	// together with Descending, Limit or an order in Params.
	Concurrency int
	// Resume goes on behind a page of an earlier reading of the same method with the same parameters.
	Resume string
	// MaxChain is the most pages in one request, 1 to 50; 0: 50.
	MaxChain int
	// WantTotal has the rows counted with the first page, which costs the portal time.
	WantTotal bool
	// UntilEmpty takes no short page for the last one: for methods that drop rows from a page.
	UntilEmpty bool
	// Alone says why a batch cannot carry Params, so that each page is a call of its own; empty: it can.
	Alone string
}

// Next names the cursor that an answer has for the page behind it.
type Next struct {
	// Param is the parameter that takes it, with a dot where it stands in another one: "pagination.afterCursor".
	Param string
	// Key is the member of the result that holds it; null, and no such member, are the end.
	Key string
}

// Page is a part of the list.
type Page struct {
	// Rows are the rows as sent; they share memory with the answer.
	Rows []json.RawMessage
	// Number counts the pages of this reading from 1.
	Number int
	// Done is the number of rows up to this page, those before Options.Resume among them.
	Done int
	// Total is the number of rows expected, -1 where it is not known. It never falls below Done.
	Total int
	// Expected is the number of pages this reading will have had, as far as Total tells; -1 where it does not.
	Expected int

	state cursor
}

// Cursor is the place behind the page, for Options.Resume.
func (p *Page) Cursor() string { return p.state.encode() }

// Way is how a list was read.
type Way string

const (
	// WayIDs is by the ids that the caller names.
	WayIDs Way = "ids"
	// WayOnce is one answer with all rows.
	WayOnce Way = "once"
	// WayKeyset is by id, page by page.
	WayKeyset Way = "keyset"
	// WayChained is by id, pages chained in batches.
	WayChained Way = "chained"
	// WayRanges is by ranges of ids in parallel.
	WayRanges Way = "ranges"
	// WayOffset is by counting rows.
	WayOffset Way = "offset"
	// WayTail is by the native cursor of REST 3.0.
	WayTail Way = "tail"
	// WayCursor is by the cursor that each answer names.
	WayCursor Way = "cursor"
)

// Report tells of a reading.
type Report struct {
	// Way is how the list was read.
	Way Way
	// Rows and Pages are what was delivered; Requests is what was sent.
	Rows, Pages, Requests int
	// FirstID and LastID are the ids of the first and the last row delivered,
	// the lowest and the highest if it was by ranges; empty: not known.
	FirstID, LastID string
	// Why says why the list was read in a slower way than its method allows; empty: it was not.
	Why string
	// Complete tells that the end of the list was reached and proved.
	Complete bool
	// Cursor goes on behind the last row that was delivered.
	Cursor string
}
