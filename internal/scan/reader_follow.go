package scan

import (
	"bytes"
	"cmp"
	"slices"
)

// mostIdle is the number of consecutive pages without rows that is accepted: access rights may
// empty some, a cursor that leads nowhere empties all.
const mostIdle = 10

// follow reads by the cursor that each answer, or a row of it, holds for the following page. The
// cursor is opaque and goes back as it came. Each row and each cursor is remembered by a 64-bit hash: an order by
// values that may change can repeat a row, and cursors can form a loop of any length.
type follow struct {
	form    *followForm
	layout  layout
	nextKey string // member of the result with the next cursor
	byRow   bool   // the cursor is a field of a row instead, and a page without rows is the last
	row     rowCursor
	moreKey string // member of the result that is true if more rows follow; empty if there is none
	place   []byte // cursor of the page to ask for; nil for the first page
	skip    int    // rows of that page that were read before
	mark    uint64 // of the last of those rows
	page    uint64 // of all rows of the previous page
	rows    map[uint64]struct{}
	places  map[uint64]struct{}
	idle    int // consecutive pages without rows
	done    int
	quota   int
	bind    uint64
	strict  bool // the caller declares that each row has an id
	ended   bool
	closed  bool
}

func (f *follow) way() Paging {
	if f.form.name == nil {
		return PagingOnce // without a cursor there is a single page
	}
	return PagingCursor
}

func (f *follow) successor() reader { return f }

func (f *follow) complete() bool { return f.ended && !f.closed }

func (f *follow) next() [][]byte {
	if f.ended || f.closed {
		return nil
	}
	return [][]byte{f.form.call(f.place)}
}

func (f *follow) take(r reply) ([]piece, *Error) {
	if err := cmp.Or(r.err, r.answers[0].Err); err != nil {
		return nil, &Error{Reason: ErrRequest, Err: err}
	}
	result := r.answers[0].Result
	set, bad := f.layout.parse(result)
	if bad == nil {
		bad = f.check(set)
	}
	if bad != nil {
		return nil, &Error{Reason: bad.reason, Detail: bad.detail}
	}
	next, bad := f.cursorIn(set, result)
	if bad != nil {
		return nil, &Error{Reason: bad.reason, Detail: bad.detail}
	}
	p, bad := f.accept(set, result, next)
	if bad != nil {
		return []piece{p}, &Error{Reason: bad.reason, Detail: bad.detail}
	}
	return []piece{p}, nil
}

// check proves that no row of a page came before, except those that an earlier reading read of it.
func (f *follow) check(set rowSet) *flaw {
	page := fingerprint(slices.Concat(set.rows...))
	if len(set.rows) > 0 && page == f.page {
		return &flaw{reason: ErrStalled, detail: "the same page came again; the method ignores its cursor"}
	}
	for i, row := range set.rows {
		mark, told := f.layout.mark(row)
		_, twice := f.rows[mark]
		switch {
		case !told && f.strict:
			return flawOf(idAbsent, f.layout.id, i)
		case i == f.skip-1 && mark != f.mark:
			return f.moved()
		case told && twice:
			return &flaw{reason: ErrChanged, detail: "row " + itoa(i+1) + " of the page came before"}
		case told:
			f.rows[mark] = struct{}{}
		}
	}
	if len(set.rows) < f.skip {
		return f.moved()
	}
	if len(set.rows) > 0 {
		f.page = page
	}
	return nil
}

func (*follow) moved() *flaw {
	return &flaw{reason: ErrChanged, detail: "the rows read last are not where they were"}
}

// accept advances past a certain page. A flaw concerns only the way to continue.
func (f *follow) accept(set rowSet, result, next []byte) (piece, *flaw) {
	more := string(memberAt(result, f.moreKey))
	p := piece{rowSet: rowSet{rows: set.rows[f.skip:]}, total: -1}
	cut := f.spend(&p, next == nil && more != "true" || f.byRow && more == "false")
	if cut && f.byRow {
		next = f.row.within(set, f.skip+len(p.rows))
	}
	bad := f.goesOn(next, more == "true", len(p.rows))
	if cut && !f.byRow || next == nil || bad != nil {
		f.skip += len(p.rows) // a later reading finds here what follows them
	} else {
		f.place, f.skip = next, 0
	}
	if f.skip > 0 {
		f.mark, _ = f.layout.mark(set.rows[f.skip-1])
	}
	f.done += len(p.rows)
	p.state = f.state()
	return p, bad
}

// spend cuts a page to the remaining quota and reports whether it did.
func (f *follow) spend(p *piece, last bool) (cut bool) {
	if cut = f.quota >= 0 && len(p.rows) > f.quota; cut {
		p.rows = p.rows[:f.quota]
	}
	f.ended = last && !cut
	if f.quota >= 0 {
		f.quota -= len(p.rows)
		f.closed = f.quota == 0 && !f.ended
	}
	return cut
}

// goesOn checks that the next cursor leads to new pages; n is the number of rows of this one.
func (f *follow) goesOn(next []byte, left bool, n int) *flaw {
	f.idle++
	if n > 0 {
		f.idle = 0
	}
	_, twice := f.places[fingerprint(next)]
	switch {
	case f.ended || f.closed:
		return nil
	case next == nil && left:
		return &flaw{reason: ErrIncomplete, detail: f.moreKey + " reports more rows, but there is no cursor to continue from"}
	case twice:
		return &flaw{reason: ErrStalled, detail: "the cursor of the next page, " + f.nextKey + ", came before"}
	case f.idle > mostIdle:
		return &flaw{reason: ErrStalled, detail: itoa(f.idle) + " pages in a row have no rows"}
	}
	f.places[fingerprint(next)] = struct{}{}
	return nil
}

// cursorIn returns the cursor in a result, or nil at the end. It is a copy, so that it does not
// keep the page in memory.
func (f *follow) cursorIn(set rowSet, result []byte) ([]byte, *flaw) {
	if f.byRow {
		return f.row.next(set, f.place)
	}
	value := memberAt(result, f.nextKey)
	if f.nextKey == "" || nothing(value) || string(value) == `""` || string(value) == "false" {
		return nil, nil
	}
	return bytes.Clone(value), nil
}

func (f *follow) state() cursor {
	return cursor{
		Way: cursorNext, Bind: f.bind, Done: f.done, Next: string(f.place), Skip: f.skip, Mark: f.mark,
		Container: f.layout.container, Loose: f.layout.loose, ID: f.layout.id,
	}
}
