package scan

import (
	"slices"
	"strconv"
	"strings"
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

// check refuses names that lead nowhere.
func (n *Next) check() *flaw {
	if n == nil {
		return nil
	}
	parts := append(strings.Split(n.Param, "."), strings.Split(n.Key, ".")...)
	if slices.Contains(parts, "") || strings.Count(n.Param, ".") > 1 {
		return &flaw{reason: ErrOptions, detail: "NextParam and NextField belong together: the parameter that takes the cursor, with one dot at most, and the member of the result that holds it"}
	}
	return nil
}
