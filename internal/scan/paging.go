package scan

// Paging is a way to read a list.
type Paging string

const (
	// PagingAuto takes the best way that is safe for the method. Empty means the same.
	PagingAuto Paging = "auto"
	// PagingKeyset is by id, one page a request.
	PagingKeyset Paging = "keyset"
	// PagingChained is by id, up to 50 pages a request.
	PagingChained Paging = "chained"
	// PagingOffset is by counting rows.
	PagingOffset Paging = "offset"
	// PagingRanges is by ranges of ids in parallel; Options.Concurrency chooses it.
	PagingRanges Paging = "ranges"
	// PagingTail is by the native cursor of REST 3.0.
	PagingTail Paging = "tail"
	// PagingOnce is one answer with all rows.
	PagingOnce Paging = "once"
	// PagingIDs is by the ids that the caller's filter names.
	PagingIDs Paging = "ids"
	// PagingCursor is by the cursor that each answer names.
	PagingCursor Paging = "cursor"
)

// Askable reports whether a caller may choose the way; the others follow from the method and
// from other options.
func (p Paging) Askable() bool {
	switch p {
	case "", PagingAuto, PagingKeyset, PagingChained, PagingOffset:
		return true
	default:
		return false
	}
}
