package scan

import (
	"slices"
	"strconv"
	"strings"
)

// Options is what to read, and how.
type Options struct {
	// Method is the name of the method.
	Method string
	// V3 is true for a method of REST 3.0.
	V3 bool
	// Params is the JSON of the caller's parameters; empty means {}.
	Params []byte
	// RowsKey is the member of the result that holds the rows; empty: known or found.
	RowsKey string
	// IDKey is the id field of a row; empty: known or found.
	IDKey string
	// CursorKey is the id's name in filter and order; empty: known, or else IDKey.
	CursorKey string
	// Next names the cursor of a method with its own cursor paging; nil: as known.
	Next *Next
	// Paging is the requested way to read.
	Paging Paging
	// Descending reads from the highest id down.
	Descending bool
	// Limit is the maximum number of rows, 0 for all.
	Limit int
	// Concurrency is the number of id ranges read at the same time; 0 and 1 mean one. Rows then
	// come unordered, so it is ignored together with Descending, Limit or an order in Params.
	Concurrency int
	// Resume continues after a page of an earlier reading of the same method with the same
	// parameters.
	Resume string
	// WantTotal makes the portal count the rows with the first page, which costs portal time.
	WantTotal bool
	// UntilEmpty means that a short page need not be the last, for methods that hide rows.
	UntilEmpty bool
	// Alone is why a batch cannot carry Params, so each page is a separate call; empty if it can.
	Alone string
}

// Next names the cursor that an answer holds for the following page.
type Next struct {
	// Param is the parameter for the cursor, with a dot if it is inside another one:
	// "pagination.afterCursor".
	Param string
	// Key is the member of the result that holds the cursor; if it is null or absent, the list
	// ends. "[last].id" is the field of a row instead: of the first, the last, or the one with the
	// lowest or the highest number; the list then ends at a page without rows.
	Key string
}

func checkOptions(o *Options) *flaw {
	switch {
	case o.Method == "":
		return &flaw{reason: ErrOptions, detail: "no method"}
	case !o.Paging.Askable():
		return &flaw{reason: ErrOptions, detail: "the paging " + strconv.Quote(string(o.Paging)) + " cannot be asked for"}
	case o.Limit < 0, o.Concurrency < 0:
		return &flaw{reason: ErrOptions, detail: "limit and concurrency must not be below 0"}
	default:
		return o.Next.check()
	}
}

// check refuses incomplete names.
func (n *Next) check() *flaw {
	if n == nil {
		return nil
	}
	key := n.Key
	if row, ok := rowCursorOf(n.Key); ok || strings.HasPrefix(n.Key, "[") {
		if key = row.field; !row.known() || key == "" {
			return &flaw{reason: ErrOptions, detail: "NextField names a field of a row by [first], [last], [lowest] or [highest], a dot and its name, such as [last].id"}
		}
	}
	parts := append(strings.Split(n.Param, "."), strings.Split(key, ".")...)
	if slices.Contains(parts, "") || strings.Count(n.Param, ".") > 1 {
		return &flaw{reason: ErrOptions, detail: "NextParam and NextField belong together: the parameter that takes the cursor, with one dot at most, and the member of the result, or of a row, that holds it"}
	}
	return nil
}
