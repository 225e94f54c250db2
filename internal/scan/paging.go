package scan

// Paging is a way to read a list.
type Paging string

const (
	// PagingAuto chooses the fastest way that is safe for the method. Empty means the same.
	PagingAuto Paging = "auto"
	// PagingKeyset reads by id, one page per request.
	PagingKeyset Paging = "keyset"
	// PagingChained reads by id, up to 50 pages per request.
	PagingChained Paging = "chained"
	// PagingOffset reads by row offset.
	PagingOffset Paging = "offset"
	// PagingRanges reads id ranges in parallel; [Options.Concurrency] selects it.
	PagingRanges Paging = "ranges"
	// PagingTail reads by the native cursor of REST 3.0.
	PagingTail Paging = "tail"
	// PagingOnce reads one answer with all rows.
	PagingOnce Paging = "once"
	// PagingIDs reads the ids that the caller's filter lists.
	PagingIDs Paging = "ids"
	// PagingCursor reads by the cursor in each answer.
	PagingCursor Paging = "cursor"
)

// Askable reports whether a caller may choose the way; the others follow from the method and other
// options.
func (p Paging) Askable() bool {
	switch p {
	case "", PagingAuto, PagingKeyset, PagingChained, PagingOffset:
		return true
	default:
		return false
	}
}
