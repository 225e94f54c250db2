// Package scan reads all rows of a list method: the list is complete, or there is an error. It runs
// in constant memory, except for about 20 bytes per row if the method has its own cursor, or if
// rows that are read by offset are not in the order of their ids.
//
// A plan is a pure function of the options and of what is known of the method. It chooses a reader,
// a state machine without I/O: it decides what to ask next and what an answer proves. Its form
// writes the requests. Only the run sends them and delivers pages:
//
//	Options, Facts --> plan
//	                    |
//	        next()      v      call()
//	 run ----------> reader ----------> form: the text of the next request
//	  |                 ^
//	  v                 | take(reply): pages that are certain, or an error
//	Source -------------+
//
// What is unknown before the first page is learned from it:
//
//	layout   where the rows are, and how they spell their id
//	keyset   how long a page is; if chains follow, a second call in the same request
//	         asks which row is the last (in REST 3.0, with the second page)
//	given    whether the portal applies a list of ids; if not, keyset continues
//	probe    whether there is a second page, and so which reader continues
//	pace     how long a page takes, and so how many the next request asks for
//	outlook  how close the ids are, and so how many pages are left up to the last row
//	run      the total, if the caller wants it
//
// The caller's parameters for the list are kept or refused, never dropped. A bound of the id is
// merged with the reader's. An order by the id alone sets the direction; with another order, the
// list is read by offset with the id appended to make the order total, or refused if reading by id
// was requested. The id is added to a select without it. A start, an offset or a page is refused.
//
// A list is complete if its end was proved: by an empty page, by a page shorter than the method's
// page size, or by the portal's total. Each page read by id must continue the previous one, in
// order. Pages read by offset overlap by a row if the method can begin at any row. With `start`,
// which counts whole pages only, the total and the ids reveal rows that moved, unless one row is
// added and another removed between the same two requests. If the method has its own cursor, no row
// and no cursor may come twice.
//
// The files:
//
//	scan, options, paging, error   what goes in and what comes out
//	run                            sends requests, delivers pages and fills the report
//	plan_*                         chooses the way to read, and builds its reader
//	resume                         the place in a list as text, for Options.Resume
//	reader_*                       ways to read: keyset, ranges of it, given ids, offset, follow (a
//	                               cursor in the answer), probe; pace: pages per request; outlook:
//	                               pages that are left
//	form_*                         the content of a request: key, row and follow write it; args,
//	                               filter, order, select and paging split the caller's parameters
//	row_*, span                    a parsed answer: rows, ids, marks; ranges of ids
//	method_*                       what is known of each method: table (written by
//	                               internal/cmd/listmethods), corrections, families; check
package scan

import (
	"context"
	"encoding/json"
	"time"
)

// Source makes the calls of one list method. With [Options.Concurrency] above 1, several goroutines
// use it at the same time.
type Source interface {
	// Page makes one call. The params are a JSON object.
	Page(ctx context.Context, params []byte) (Answer, error)
	// Chain makes up to 50 calls in one request, in order, up to the first that fails. It returns
	// an Answer per call; one that failed or did not run has an Err. An error means that nothing is
	// known of any call.
	Chain(ctx context.Context, calls [][]byte) ([]Answer, error)
	// Ref returns the JSON value that, in the params of a later call of a chain, refers to the
	// value at path in the result of an earlier one. The parts of the path are names and positions
	// from 0.
	Ref(call int, path ...any) []byte
	// Shorter reports whether a chain that ended with err may succeed with fewer calls: after a
	// timeout, a 5xx or, in REST 3.0, a Ref that found nothing.
	Shorter(err error) bool
}

// Answer is the portal's answer to one call.
type Answer struct {
	// Result is the text of the member `result`; the pages are views of it.
	Result []byte
	// Total is the member `total`, if HasTotal.
	Total    int
	HasTotal bool
	// Next is the member `next`, if HasNext.
	Next    int
	HasNext bool
	// Duration is the time the portal took, 0 if it did not report it.
	Duration time.Duration
	// Err is why a call of a chain failed or did not run.
	Err error
}

// Page is a part of the list.
type Page struct {
	// Rows are the rows as sent; they share memory with the answer.
	Rows []json.RawMessage
	// Number counts the pages of this reading from 1.
	Number int
	// Done is the number of rows up to the end of this page, including those before
	// [Options.Resume].
	Done int
	// Total is the number of rows expected, -1 if unknown. It is never below Done.
	Total int
	// Expected is the number of pages this reading will have had, according to Total; -1 if
	// unknown.
	Expected int

	state cursor
}

// Cursor returns the place after the page, for [Options.Resume].
func (p *Page) Cursor() string { return p.state.encode() }

// Report describes a reading.
type Report struct {
	// Paging is how the list was read.
	Paging Paging
	// Rows and Pages count what was delivered.
	Rows, Pages int
	// FirstID and LastID are the ids of the first and the last row delivered, with PagingRanges the
	// lowest and the highest; empty if unknown.
	FirstID, LastID string
	// Why is why the list was read in a slower way than its method allows; empty if it was not.
	Why string
	// Complete means that the end of the list was reached and proved.
	Complete bool
	// Cursor continues after the last row that was delivered.
	Cursor string
}
