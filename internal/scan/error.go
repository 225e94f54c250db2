package scan

import "strconv"

// Reason is why a reading ended early; errors.Is finds it in an [Error].
type Reason uint8

const (
	// ErrRequest means that a request failed; the error of the source is wrapped.
	ErrRequest Reason = iota + 1
	// ErrOptions means that the options contradict each other. Nothing was sent.
	ErrOptions
	// ErrParams means that the parameters would break the reading. Nothing was sent.
	ErrParams
	// ErrCursor means that the cursor is malformed, or belongs to another method or other
	// parameters. Nothing was sent.
	ErrCursor
	// ErrUnsupported means that the method cannot be read as a list, or not in the requested way.
	ErrUnsupported
	// ErrRows means that the answer has no rows at the expected place.
	ErrRows
	// ErrUnreadable means that the answer is cut off.
	ErrUnreadable
	// ErrNoID means that a row lacks the id field.
	ErrNoID
	// ErrBadID means that an id is not an integer from -2^32 to 2^64-2^32-2.
	ErrBadID
	// ErrStalled means that a page does not continue the previous one, so the method ignores the
	// filter, the start or its cursor.
	ErrStalled
	// ErrOrder means that the ids of a page are not in order, so the method ignores the order.
	ErrOrder
	// ErrChanged means that the list changed while it was read by offset, so rows may be missing or
	// repeated.
	ErrChanged
	// ErrIncomplete means that the list has fewer or more rows than the portal counted.
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
		return "id is not a number to continue from"
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

// Error is the error that ended a reading. [Report] holds the place to continue from.
type Error struct {
	// Reason is the kind of the failure.
	Reason Reason
	// Detail adds to the reason; it holds no values of rows.
	Detail string
	// Page is the number of the page that failed, counted from 1; 0 if none was requested.
	Page int
	// Err is the error of the source if a request failed.
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
