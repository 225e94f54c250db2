package b24

import (
	"cmp"

	"github.com/b24go/b24/internal/scan"
)

// Paging is a way to read a list. Its text is what logs and reports show: "auto", "keyset",
// "chained", "offset", "ranges", "tail", "once", "ids", "cursor". The empty Paging means [PagingAuto].
type Paging string

// The ways to read a list. [WithPaging] asks for one of the first four; the others follow from the
// method and from other options, and [ListReport] names them.
const (
	// PagingAuto takes the fastest way that is safe for the method. It is the default.
	PagingAuto Paging = Paging(scan.PagingAuto)
	// PagingKeyset goes by id, one page a request: rows that are added or deleted
	// meanwhile shift nothing.
	PagingKeyset Paging = Paging(scan.PagingKeyset)
	// PagingChained is PagingKeyset with up to 50 pages in one request.
	PagingChained Paging = Paging(scan.PagingChained)
	// PagingOffset counts rows, for methods without an id to go by. Rows that are
	// added or deleted meanwhile are an error, as are rows that come twice. What cannot
	// be noticed: one row added and one deleted between the same two requests, if
	// pages begin at multiples of 50. Unless the rows come in the order of their ids,
	// some 20 bytes a row are kept in memory.
	PagingOffset Paging = Paging(scan.PagingOffset)
	// PagingRanges is PagingChained over several ranges of ids at once. It is chosen
	// by [WithConcurrency] and cannot be asked for.
	PagingRanges Paging = Paging(scan.PagingRanges)
	// PagingTail goes by the id through the cursor that methods named *.tail take. It
	// cannot be asked for.
	PagingTail Paging = Paging(scan.PagingTail)
	// PagingOnce is for methods that answer with all rows. It cannot be asked for.
	PagingOnce Paging = Paging(scan.PagingOnce)
	// PagingIDs goes by the ids that a filter names, 50 a page and 50 pages a request, each
	// once. It is chosen for a filter such as "@ID": ids and cannot be asked for.
	PagingIDs Paging = Paging(scan.PagingIDs)
	// PagingCursor goes by the cursor that each answer names for the next page. It is chosen for
	// methods known to have one, and by NextParam of [ListMethod]. It cannot be asked for.
	PagingCursor Paging = Paging(scan.PagingCursor)
)

// String returns the text of the way, "auto" for the empty one.
func (p Paging) String() string { return string(cmp.Or(p, PagingAuto)) }
