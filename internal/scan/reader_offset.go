package scan

// offset reads by row offset. If a page can begin at any row, pages overlap by one row, which
// proves that nothing moved. With `start`, the total reveals removed rows and the ids reveal
// inserted ones, but not both between the same two pages. Rows ordered by id must ascend; other
// rows are remembered by a 64-bit hash, because an order that leaves rows equal can repeat one and
// omit another.
//
// Some methods make a page of a fixed number of rows and then drop some of them, or repeat rows.
// Their pages are taken step by step, each row is delivered once, and an empty page is the end.
type offset struct {
	form   *rowForm
	layout layout
	pace   pace
	start  int // offset of the next page
	skip   int // rows of that page that were read before
	size   int // rows of a full page; while sized is false, of the longest page
	sized  bool
	total  int // as last counted, -1 if not counted
	marks  []uint64
	mark   uint64              // of the last row read, from the cursor
	seen   map[uint64]struct{} // all rows of this reading; nil while their ids ascend
	high   uint64              // the highest id so far, if ids ascend
	done   int
	quota  int
	bind   uint64
	strict bool   // the caller declares that each row has an id
	plain  bool   // the method was called without paging
	fixed  bool   // the answer must be complete
	better string // the method that returns the rest, if fixed
	ended  bool
	closed bool

	uncounted bool   // total and next do not count the rows
	loose     bool   // rows are dropped from pages, or repeated
	step      int    // rows from one loose page to the next, however many it has; 0: as many as it has
	moreKey   string // member of the result that is true if more rows follow; empty if there is none
	replay    int    // rows to skip because they were delivered before
	first     []uint64
	idle      int    // consecutive pages without a new row
	why       string // why rows are read by offset, if that was not planned
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

// finish compares the number of rows read with the portal's total.
func (s *offset) finish(pieces []piece) ([]piece, *Error) {
	if s.ended && !s.closed && !s.uncounted && s.total >= 0 && s.done != s.total {
		detail := itoa(s.done) + " rows were read, the portal counts " + itoa(s.total)
		return pieces, &Error{Reason: ErrIncomplete, Detail: detail}
	}
	return pieces, nil
}

func (s *offset) successor() reader { return s }

func (s *offset) complete() bool { return s.ended && !s.closed }

// page takes one answer. More reports whether the next answer continues after it.
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

// counts takes a page of consecutive rows.
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

// again ends a reading whose method ignores the start: it returns all rows each time, and those
// after the earlier ones are new.
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

// beyond returns where the next page begins, and whether this one of n rows is the last.
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
	case a.HasNext && s.form.style == StyleOffset: // next belongs to `start`, which such a method does not know
		return next, n == 0 || s.total >= 0 && next >= s.total, nil
	case a.HasNext && a.Next <= s.start:
		return next, false, &flaw{reason: ErrStalled, detail: "the next page that the portal names does not follow this one"}
	case a.HasNext && counts && (step < n || step > max(n, page)):
		return next, false, &flaw{reason: ErrChanged, detail: "the next page is to begin " + itoa(step) + " rows after the start of this one, which has " + itoa(n)}
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
		// The next page repeats the last row; if it does not, rows before it were removed or
		// inserted.
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

// spend cuts a page to the remaining quota and reports whether it did.
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
	if s.loose { // reading the rows again shows which ones came
		c.Start, c.Skip, c.Total = 0, 0, -1
	}
	if s.plain && s.skip == 0 && s.start > 0 && s.start == len(s.marks) {
		// Only the second page shows whether the method accepts a start; until then, the place is
		// in the first one.
		c.Start, c.Skip = 0, s.start
	}
	return c
}
