package b24

import (
	"strings"

	"github.com/b24go/b24/internal/scan"
)

// ListOption changes the reading of a list. Every [CallOption] is one.
type ListOption interface {
	applyList(o *listOptions)
}

type listOption func(*listOptions)

func (f listOption) applyList(o *listOptions) { f(o) }

// listOptions is what the options of a list add up to.
type listOptions struct {
	call             callOptions
	idKey, cursorKey string
	next             *scan.Next
	paging           Paging
	descending       bool
	limit            int
	resume           Cursor
	checkpoint       func(Cursor)
	into             *ListReport
	shortPages       bool

	left  bool    // the consumer left the page it has
	place Cursor  // behind the last page that was taken
	told  float64 // percent
}

func newListOptions(opts []ListOption) listOptions {
	var o listOptions
	for _, opt := range opts {
		if opt != nil {
			opt.applyList(&o)
		}
	}
	return o
}

// scan translates the options for the engine.
func (o *listOptions) scan(source *listSource) scan.Options {
	translated := scan.Options{
		Method: source.method, Params: source.params, Alone: source.alone, RowsKey: strings.Join(o.call.resultKey, ""), IDKey: o.idKey, CursorKey: o.cursorKey,
		Next: o.next, Paging: scan.Paging(o.paging), Descending: o.descending, Limit: o.limit, Concurrency: o.call.workers(),
		Resume: string(o.resume), WantTotal: o.call.progress != nil, UntilEmpty: o.shortPages,
	}
	source.dialect.reading(&translated)
	return translated
}

// WithPaging sets the way to read: [PagingAuto], the default, [PagingKeyset], [PagingChained]
// or [PagingOffset]. Any other is an error that matches [ErrInvalidParams], and so is one
// that the method cannot be read by.
func WithPaging(p Paging) ListOption {
	return listOption(func(o *listOptions) { o.paging = p })
}

// WithDescending reads from the highest id down. If the order of the method cannot be turned, it is
// an error that matches [ErrInvalidParams].
func WithDescending() ListOption {
	return listOption(func(o *listOptions) { o.descending = true })
}

// WithLimit ends the list after so many rows; 0 means all, a negative limit is an error
// that matches [ErrInvalidParams]. A list with a limit is read by one worker.
func WithLimit(rows int) ListOption {
	return listOption(func(o *listOptions) { o.limit = rows })
}
