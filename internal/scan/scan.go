// Package scan reads all rows of a list method: complete, or with an error. It reads in constant
// memory, except for some 20 bytes a row if only a cursor of the method's own leads on, or if rows
// that are read by offset do not come in the order of their ids.
//
// A plan is a pure function of the options and of what is known of the method. It chooses a reader,
// which is a state without I/O: it says what to ask next and what an answer is worth. Its form
// writes the requests. Only the run sends them and hands out pages:
//
//	Options, Facts --> plan
//	                    |
//	        next()      v      call()
//	 run ----------> reader ----------> form: the text of the next request
//	  |                 ^
//	  v                 | take(reply): pages that are certain, or an error
//	Source -------------+
//
// The first page teaches what is not known before:
//
//	layout   where the rows are, and how they spell their id
//	keyset   how long a page is; if chains follow, a second call in the same request
//	         asks which row is the last
//	given    whether the portal heeds a list of ids; if it does not, keyset goes on
//	probe    whether there is a second page, and so which reader goes on
//	pace     how long a page takes, and so how many the next request asks for
//	run      the total, if the caller wants it
//
// What the caller's parameters say of the list is kept or refused, never dropped. A bound of the id
// is joined with the reader's. An order by the id alone gives the direction; with another order the
// list is read by offset, with the id behind it to make it total, or refused if reading by id was
// asked for. A select without the id gets it. A start, an offset or a page is refused.
//
// A list is complete if its end was proved: by an empty page, by one shorter than the method's
// pages are, or by the total of the portal. Each page read by id must go on behind the one before
// it, in order. Pages read by offset overlap by a row if the method can begin at any row; with
// `start`, which counts whole pages only, the total and the ids tell of rows that moved, unless one
// row comes and another goes between the same two requests. If the method has a cursor of its own,
// no row and no cursor may come twice.
//
// The files:
//
//	scan, options, paging, error   what goes in and what comes out
//	run                            sends requests, hands out pages and the report
//	plan_*                         chooses the way to read, and makes its reader
//	resume                         the place in a list as text, for Options.Resume
//	reader_*                       ways to read: keyset, ranges of it, given ids, offset, follow (a
//	                               cursor in the answer), probe; pace: how many pages a request asks for
//	form_*                         what a request says: key, row and follow write it; args, filter,
//	                               order, select and paging take the caller's parameters apart
//	row_*, span                    an answer taken apart: rows, ids, marks; stretches of ids
//	method_*                       what is known of each method: table (written by
//	                               internal/cmd/listmethods), corrections, families; check
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

// Report tells of a reading.
type Report struct {
	// Paging is how the list was read.
	Paging Paging
	// Rows and Pages are what was delivered.
	Rows, Pages int
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
