package scan

import "time"

// reader is one way to read: a state machine that decides what to ask next and takes the answers.
// It does no I/O.
type reader interface {
	// way names the way to read, for the report.
	way() Paging
	// next returns the calls of the next request, or none at the end.
	next() [][]byte
	// take returns the certain pages of an answer, also together with an error.
	take(r reply) ([]piece, *Error)
	// successor returns the reader that continues, which may be another one.
	successor() reader
	// complete reports whether the end of the list was proved.
	complete() bool
}

// reply is the answer to the calls of one request.
type reply struct {
	calls   int
	answers []Answer
	err     error         // of the request as a whole
	shorter bool          // fewer calls may succeed
	took    time.Duration // 0 if unknown
}

// piece is a page whose rows are certain.
type piece struct {
	rowSet

	state cursor
	total int  // rows the portal counted from this page on, -1 if not counted
	over  span // the ids the page covers: no other rows of the list are in it
}
