package scan

import "strconv"

// Reason says why a reading ended before its end; errors.Is finds it in an [Error].
type Reason uint8

const (
	// ErrRequest is for a request that failed; the error of the source is wrapped.
	ErrRequest Reason = iota + 1
	// ErrOptions is for options that do not go together. Nothing was sent.
	ErrOptions
	// ErrParams is for parameters that would break the reading. Nothing was sent.
	ErrParams
	// ErrCursor is for a text that is no cursor, or one of another method or other parameters. Nothing was sent.
	ErrCursor
	// ErrUnsupported is for a method that cannot be read as a list, or not in the way asked for.
	ErrUnsupported
	// ErrRows is for an answer without the rows where they were expected.
	ErrRows
	// ErrUnreadable is for an answer that is cut off.
	ErrUnreadable
	// ErrNoID is for a row without the id field.
	ErrNoID
	// ErrBadID is for an id that is no whole number from 0 to 2^64-2.
	ErrBadID
	// ErrStalled is for a page that begins at or before the end of the one before it: the method ignores the filter
	// or the start.
	ErrStalled
	// ErrOrder is for a page whose ids are not in order: the method ignores the order.
	ErrOrder
	// ErrChanged is for a list that changed while it was read by offset, so that rows may be missing or twice.
	ErrChanged
	// ErrIncomplete is for a list that ended with fewer or more rows than the portal had counted.
	ErrIncomplete
)

// Error implements error.
func (r Reason) Error() string {
	switch r {
	case ErrRequest:
		return "request failed"
	case ErrOptions:
		return "options do not go together"
	case ErrParams:
		return "parameters would break the reading of the list"
	case ErrCursor:
		return "cursor cannot be used"
	case ErrUnsupported:
		return "method cannot be read as a list"
	case ErrRows:
		return "no rows in the answer"
	case ErrUnreadable:
		return "answer is cut off"
	case ErrNoID:
		return "row without id"
	case ErrBadID:
		return "id is no number to go on from"
	case ErrStalled:
		return "page does not go on from the one before"
	case ErrOrder:
		return "ids are not in order"
	case ErrChanged:
		return "list changed while it was read"
	case ErrIncomplete:
		return "number of rows differs from the total"
	default:
		return "unknown reason"
	}
}

// Error tells why a reading ended. [Report] tells where it can go on.
type Error struct {
	// Reason is the kind of the failure.
	Reason Reason
	// Detail says more in words; it holds no values of rows.
	Detail string
	// Page is the number of the page that failed, counted from 1; 0: none was asked for.
	Page int
	// Err is the error of the source, if it was a request that failed.
	Err error
}

// Error implements error.
func (e *Error) Error() string {
	text := e.Reason.Error()
	if e.Page > 0 {
		text = "page " + itoa(e.Page) + ": " + text
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the reason and the error of the source.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Reason}
	}
	return []error{e.Reason, e.Err}
}

func itoa(n int) string { return strconv.Itoa(n) }
