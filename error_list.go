package b24

import (
	"errors"
	"strconv"

	"github.com/b24go/b24/internal/scan"
)

// ListError reports why a list ended early. The rows before it are certain. It matches the error of
// the request that failed, or one of [ErrCursorStalled], [ErrListOrder], [ErrListChanged],
// [ErrListRows], [ErrCursor], [ErrInvalidParams].
type ListError struct {
	// Method is the method that was read.
	Method string
	// Rows is the number of rows delivered before the error.
	Rows int
	// Cursor continues after these rows; see [WithResume]. If it is empty, read from the first row.
	Cursor Cursor
	// Err is the reason.
	Err error
}

// Error returns how many rows were read, and why the list ended.
func (e *ListError) Error() string { return textOf(e) }

func (e *ListError) speak() (about, says string) {
	about, says = e.Method+": ", "list ended after "+strconv.Itoa(e.Rows)+" rows"
	if e.Err != nil {
		whose, why := parts(e.Err)
		if whose == about { // the whole text begins with it
			whose = ""
		}
		says += ": " + whose + why
	}
	return about, oneLine(says)
}

// Unwrap returns Err.
func (e *ListError) Unwrap() error { return e.Err }

func (e *ListError) outcome() Outcome { return OutcomeOf(e.Err) }

// Errors of lists, matched by a [*ListError] unless they say otherwise.
var (
	// ErrCursorStalled: a page does not continue the previous one, because the method ignores the
	// filter or the start, or because its id field has another name. See [ListMethod] and
	// [WithPaging].
	ErrCursorStalled = newKind("the cursor stalled")
	// ErrListOrder: the ids are not in order, because the method ignores the order.
	ErrListOrder = newKind("the ids are not in order")
	// ErrListChanged: a list read by offset, or by the method's own cursor, changed while it was
	// read, or its row count differs from the portal's total.
	ErrListChanged = newKind("the list changed while it was read")
	// ErrListRows: the rows or their ids were not found in the answer. See [WithResultKey] and
	// [ListMethod].
	ErrListRows = newKind("the rows of the list were not found")
	// ErrCursor: the [Cursor] is malformed, or belongs to another method or other parameters.
	// Nothing was sent.
	ErrCursor = newKind("the cursor cannot be used")
	// ErrNoRow: [First] found no row. The portal answered, and nothing was changed.
	ErrNoRow = newRefused("the list has no row")
)

// listSentinel returns the error of this package for a reason of internal/scan.
func listSentinel(reason scan.Reason) error {
	switch reason {
	case scan.ErrStalled:
		return ErrCursorStalled
	case scan.ErrOrder:
		return ErrListOrder
	case scan.ErrChanged, scan.ErrIncomplete:
		return ErrListChanged
	case scan.ErrRows, scan.ErrNoID, scan.ErrBadID, scan.ErrUnreadable:
		return ErrListRows
	case scan.ErrCursor:
		return ErrCursor
	default:
		return ErrInvalidParams
	}
}

func (c *client) listError(method string, report *scan.Report, err error) error {
	e := &ListError{Method: method, Rows: report.Rows, Cursor: Cursor(report.Cursor), Err: err}
	if se, ok := errors.AsType[*scan.Error](err); ok {
		e.Err = se.Err
		if se.Reason != scan.ErrRequest || se.Err == nil {
			text := se.Error()
			if se.Reason == scan.ErrParams && se.Page == 0 && se.Err == nil {
				text = se.Detail + "; nothing was sent"
			}
			e.Err = detailed(listSentinel(se.Reason), ": "+c.secrets.Text(text))
		}
	}
	return e
}
