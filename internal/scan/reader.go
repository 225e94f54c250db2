package scan

import "time"

// reader is one way to read: a state that says what to ask next and takes the
// answers. It does no I/O.
type reader interface {
	// way names how the rows are read, for the report.
	way() Paging
	// next returns the calls of the next request; none: the end.
	next() [][]byte
	// take returns the pages of an answer that are certain, also with a failure.
	take(r reply) ([]piece, *Error)
	// successor is the reader that goes on, which may be another one.
	successor() reader
	// complete reports whether the end of the list was proved.
	complete() bool
}

// reply is what came back for the calls of one request.
type reply struct {
	calls   int
	answers []Answer
	err     error         // of the request as a whole
	shorter bool          // fewer calls may do better
	took    time.Duration // 0: not known
}

// piece is a page whose rows are certain.
type piece struct {
	rowSet

	state cursor
	total int  // rows the portal counted from this page on, -1: not counted
	over  span // the ids it stands for: no other rows of the list have one
}
