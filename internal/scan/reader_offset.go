package scan

// offset reads by counting rows. Where a page can begin at any row, pages
// overlap by one row, which proves that nothing moved. With `start` the total
// tells that rows were taken away and the ids that rows were put in, but not both between the same two pages.
// Rows in the order of their ids must rise; of others each is remembered by 64 bits, for an order that leaves
// some rows equal can bring one twice, and leave another out.
//
// Some methods make a page of so many rows and then drop some of it, or bring rows again. Their pages are
// taken step by step, each row is handed out once, and the end is an empty page.
type offset struct {
	form   *rowForm
	layout layout
	pace   pace
	start  int // offset of the next page
	skip   int // rows of it that were read before
	size   int // rows of a full page; as long as it is not sized: of the longest page
	sized  bool
	total  int // as last counted, -1: not counted
	marks  []uint64
	mark   uint64              // of the last row read, as the cursor had it
	seen   map[uint64]struct{} // all rows of this reading; nil: their ids rise
	high   uint64              // the highest id so far, if they rise
	done   int
	quota  int
	bind   uint64
	strict bool   // each row has an id, says the caller
	plain  bool   // the method was asked without pages
	fixed  bool   // what the method answers must be all
	better string // the method that gives the rest, where fixed
	ended  bool
	closed bool

	uncounted bool   // total and next are no numbers of the rows
	loose     bool   // rows are dropped from pages, or come again
	step      int    // rows from one loose page to the next, whatever it has; 0: as many as it has
	moreKey   string // member of the result that is true where rows are left; empty: there is none
	replay    int    // rows to pass over: they were handed out before
	first     []uint64
	idle      int    // pages without a new row since there was one
	why       string // why rows are counted, where that was not planned
}

func (s *offset) way() Paging {
	if s.plain {
		return PagingOnce
	}
	return PagingOffset
}

// next asks for one page, or for several once their number is known.
func (s *offset) next() [][]byte {
	if s.ended || s.closed {
		return nil
	}
	var calls [][]byte
	for i := range s.length() {
		calls = append(calls, s.form.call(s.start+i*s.size))
	}
	return calls
}

func (s *offset) length() int {
	if s.form.style != StyleStart || !s.sized || s.total < 0 || s.skip > 0 || s.loose {
		return 1
	}
	left := s.total - s.start
	if s.quota >= 0 {
		left = min(left, s.quota)
	}
	n := min(s.pace.length, (left+s.size-1)/s.size, mostRows/s.size)
	return max(n, 1)
}

func (s *offset) take(r reply) ([]piece, *Error) {
	if r.err != nil {
		if r.calls > 1 && r.shorter {
			s.pace.failed(r.calls)
			return nil, nil
		}
		return nil, &Error{Reason: ErrRequest, Err: r.err}
	}
	var pieces []piece
	for i := range r.calls {
		p, more, bad := s.page(i, &r)
		if bad != nil && bad.Reason == ErrRequest && r.calls > 1 {
			s.pace.broke(r.calls, i)
			return pieces, nil
		}
		if bad != nil {
			return pieces, bad
		}
		pieces = append(pieces, p)
		if !more {
			break
		}
	}
	s.pace.took(r.calls, r.took)
	return s.finish(pieces)
}

// finish compares what was read with what the portal counted.
func (s *offset) finish(pieces []piece) ([]piece, *Error) {
	if s.ended && !s.closed && !s.uncounted && s.total >= 0 && s.done != s.total {
		detail := itoa(s.done) + " rows were read, the portal counts " + itoa(s.total)
		return pieces, &Error{Reason: ErrIncomplete, Detail: detail}
	}
	return pieces, nil
}

func (s *offset) successor() reader { return s }

func (s *offset) complete() bool { return s.ended && !s.closed }

// page takes one answer. More reports whether the next answer goes on behind it.
func (s *offset) page(i int, r *reply) (p piece, more bool, bad *Error) {
	if i >= len(r.answers) {
		return p, false, &Error{Reason: ErrRequest, Detail: "a call of the chain has no answer"}
	}
	a := &r.answers[i]
	if a.Err != nil {
		return p, false, &Error{Reason: ErrRequest, Err: a.Err}
	}
	set, wrong := s.layout.parse(a.Result)
	if wrong != nil {
		return p, false, &Error{Reason: wrong.reason, Detail: wrong.detail}
	}
	return s.accept(set, a)
}

func (s *offset) accept(set rowSet, a *Answer) (p piece, more bool, bad *Error) {
	marks, told, wrong := s.marksOf(set)
	switch {
	case wrong != nil:
		return p, false, &Error{Reason: wrong.reason, Detail: wrong.detail}
	case s.loose:
		p, wrong = s.steps(set, marks, a)
	case s.plain && s.start > 0 && isBegun(marks, s.marks):
		p = s.again(set, marks)
	default:
		p, more, wrong = s.counts(set, marks, told, a)
	}
	if wrong != nil {
		return piece{}, false, &Error{Reason: wrong.reason, Detail: wrong.detail}
	}
	return p, more, nil
}

// counts takes a page whose rows count, one after the other.
func (s *offset) counts(set rowSet, marks []uint64, told bool, a *Answer) (p piece, more bool, bad *flaw) {
	n := len(set.rows)
	for _, wrong := range []*flaw{s.counted(n, told, a), s.goesOn(set, marks, told), s.resumed(marks), s.whole(n, a), s.overlapped(n)} {
		if wrong != nil {
			return p, false, wrong
		}
	}
	from, begin := s.skip, s.start
	next, last, wrong := s.beyond(n, a)
	if wrong != nil {
		return p, false, wrong
	}
	full := s.sized && n == s.size && next == s.start+n
	p = piece{rowSet: rowSet{rows: set.rows[from:]}, total: -1}
	s.learn(n)
	s.ended = last
	s.move(n, next, marks)
	if cut := s.spend(&p); cut {
		s.start, s.skip = begin, from+len(p.rows)
		s.mark = marks[s.skip-1]
	}
	p.state = s.state()
	if s.total >= 0 {
		p.total = s.total - s.done + len(p.rows)
	}
	return p, full && !s.ended && !s.closed, nil
}

// again ends a reading whose method ignores the start: it answers with all rows each
// time, and those behind the ones before are new.
func (s *offset) again(set rowSet, marks []uint64) piece {
	old := len(s.marks)
	p := piece{rowSet: rowSet{rows: set.rows[old:]}, total: -1}
	s.ended, s.start, s.marks = true, 0, marks
	s.done += len(p.rows)
	s.spend(&p)
	s.skip = old + len(p.rows)
	s.mark = marks[s.skip-1]
	p.state = s.state()
	return p
}

// beyond tells where the next page begins, and whether this one of n rows is the last.
func (s *offset) beyond(n int, a *Answer) (next int, last bool, bad *flaw) {
	next = s.start + n
	const page = 50
	step := a.Next - s.start
	counts := s.form.style == StyleStart || s.form.style == StyleNone
	switch {
	case s.form.style == StyleLimit || s.fixed:
		return next, true, nil
	case s.uncounted:
		return next, n < s.size || n == 0, nil
	case a.HasNext && s.form.style == StyleOffset: // next follows `start`, of which such a method knows nothing
		return next, n == 0 || s.total >= 0 && next >= s.total, nil
	case a.HasNext && a.Next <= s.start:
		return next, false, &flaw{reason: ErrStalled, detail: "the portal names a next page that does not lie behind this one"}
	case a.HasNext && counts && (step < n || step > max(n, page)):
		return next, false, &flaw{reason: ErrChanged, detail: "the next page is to begin " + itoa(step) + " rows behind this one, which has " + itoa(n)}
	case a.HasNext:
		return a.Next, false, nil
	case n == 0:
		return next, true, nil
	case s.total >= 0:
		return next, next >= s.total, nil
	case s.plain:
		return next, n%page != 0, nil
	default:
		return next, n < s.size, nil
	}
}

func (s *offset) learn(n int) {
	switch {
	case n > s.size:
		s.size, s.sized = n, false
	case n == s.size && n > 0:
		s.sized = true
	}
}

func (s *offset) move(n, next int, marks []uint64) {
	s.done += n - s.skip
	s.marks = marks
	s.skip = 0
	if n > 0 {
		s.mark = marks[n-1]
	}
	if s.ended {
		s.skip = n // a later reading finds here what was added
		return
	}
	s.start = next
	if n > 1 && s.overlaps() {
		// The next page begins with the last row again: if it does not, rows were taken away or put in before it.
		s.start, s.skip = next-1, 1
	}
}

// overlaps reports whether a page can begin at any row.
func (s *offset) overlaps() bool {
	switch s.form.style {
	case StyleOffset, StyleOffsetUpper, StylePagination:
		return true
	default:
		return false
	}
}

// spend cuts a page to the rows that may still come, and tells if it did.
func (s *offset) spend(p *piece) (cut bool) {
	if s.quota < 0 {
		return false
	}
	if n := len(p.rows); n > s.quota {
		p.rows, cut = p.rows[:s.quota], true
		s.done -= n - s.quota
		s.ended = false
	}
	s.quota -= len(p.rows)
	s.closed = s.quota == 0 && !s.ended
	return cut
}

func (s *offset) state() cursor {
	c := cursor{
		Way: cursorRows, Bind: s.bind, Done: s.done, Start: s.start, Skip: s.skip, Mark: s.mark, Total: s.total,
		Container: s.layout.container, Loose: s.layout.loose, ID: s.layout.id, Size: s.size, Sized: s.sized,
	}
	if s.loose { // which rows came is told by reading them again
		c.Start, c.Skip, c.Total = 0, 0, -1
	}
	if s.plain && s.skip == 0 && s.start > 0 && s.start == len(s.marks) {
		// Only the second page shows whether the method takes a start: until then the place is in the first one.
		c.Start, c.Skip = 0, s.start
	}
	return c
}
