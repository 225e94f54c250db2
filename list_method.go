package b24

import "github.com/b24go/b24/internal/scan"

// ListMethod describes a list method, for [WithMethod]: what the client neither knows of it nor
// finds in its first page. Every field may be left out.
type ListMethod struct {
	// IDKey is the id field of a row in the answer. Without it "id" in any letter case is looked for.
	IDKey string
	// CursorKey is the id field in filter and order, if it is written otherwise than in the
	// answer: "ID" for tasks.task.list, whose rows have "id".
	CursorKey string
	// NextParam and NextField are for a method that pages by a cursor of its own: what an answer has
	// under NextField in its result goes unchanged into the parameter NextParam of the next call. A dot
	// in NextParam leads into another parameter, dots in NextField into the result:
	// "pagination.afterCursor" and "nextCursor".
	//
	// A field that is null or absent ends the list, unless the result says hasMore: check its
	// spelling. The rows come in the order of the method, one page after the other, so that
	// [WithDescending], [WithConcurrency] above 1 and [WithPaging] are errors. A row or a cursor
	// that comes twice ends the list with [ErrListChanged] or [ErrCursorStalled], as does a run of
	// pages without rows; to notice it, some 20 bytes a row are kept in memory.
	NextParam, NextField string
	// ShortPages says that a short page need not be the last, as with methods that hide rows the user
	// may not see. The list then ends at an empty page, one request later. Without it a short page
	// ends the list of a known method, except that one read in chained batches looks behind the last
	// row of its first page; the list of a method that is not known ends there only if the page is
	// the first.
	ShortPages bool
}

// WithMethod says what the client cannot know of the list's method. What m says wins over what is
// known of the method. A field that means nothing to the way the list is read is an error that
// names it and matches [ErrInvalidParams]: CursorKey and ShortPages if the method goes by a cursor
// of its own, answers with all its rows or takes its parameters by position. Of several WithMethod
// the last counts.
func WithMethod(m ListMethod) ListOption {
	return listOption(func(o *listOptions) {
		o.idKey, o.cursorKey, o.shortPages, o.next = m.IDKey, m.CursorKey, m.ShortPages, nil
		if m.NextParam != "" || m.NextField != "" {
			o.next = &scan.Next{Param: m.NextParam, Key: m.NextField}
		}
	})
}
