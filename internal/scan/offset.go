package scan

import (
	"bytes"
	"hash/fnv"
	"slices"

	"github.com/b24go/b24/internal/jsonwalk"
)

// offset reads by counting rows. Where a page can begin at any row, pages
// overlap by one row, which proves that nothing moved. With `start` the total
// tells that rows were taken away and the ids that rows were put in, but not both between the same two pages.
// Rows in the order of their ids must rise; of others each is remembered by 64 bits, for an order that leaves
// some rows equal can bring one twice, and leave another out.
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
	strict bool // each row has an id, says the caller
	plain  bool // the method was asked without pages
	fixed  bool // the method takes no parameter more: what it answers must be all
	ended  bool
	closed bool
}

func (s *offset) successor() reader { return s }

func (s *offset) complete() bool { return s.ended && !s.closed }

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
	if s.form.style != StyleStart || !s.sized || s.total < 0 || s.skip > 0 {
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
	if s.ended && !s.closed && s.total >= 0 && s.done != s.total {
		detail := itoa(s.done) + " rows were read, the portal counts " + itoa(s.total)
		return pieces, &Error{Reason: ErrIncomplete, Detail: detail}
	}
	return pieces, nil
}

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
	n := len(set.rows)
	marks, wrong := s.marksOf(set)
	if wrong != nil {
		return p, false, &Error{Reason: wrong.reason, Detail: wrong.detail}
	}
	if old := len(s.marks); s.plain && s.start > 0 && old > 0 && len(marks) >= old && slices.Equal(marks[:old], s.marks) {
		return s.again(set, marks), false, nil
	}
	for _, wrong := range []*flaw{s.counted(n, a), s.goesOn(set, marks), s.resumed(marks), s.whole(n, a)} {
		if wrong != nil {
			return p, false, &Error{Reason: wrong.reason, Detail: wrong.detail}
		}
	}
	from, begin := s.skip, s.start
	next, last, wrong := s.beyond(n, a)
	if wrong != nil {
		return p, false, &Error{Reason: wrong.reason, Detail: wrong.detail}
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

// marksOf tells rows apart by their id, or else by all of their text.
func (s *offset) marksOf(set rowSet) ([]uint64, *flaw) {
	marks := make([]uint64, len(set.rows))
	for i, row := range set.rows {
		mark, told := s.layout.mark(row)
		if !told && s.strict {
			return nil, flawOf(idAbsent, s.layout.id, i)
		}
		marks[i] = mark
	}
	return marks, nil
}

// mark tells a row apart by its id, or else, not told by one, by all of its text.
func (l *layout) mark(row []byte) (mark uint64, told bool) {
	if id := l.rawID(row); id != nil {
		return fingerprint(id), true
	}
	return fingerprint(row), false
}

// rawID is the text of a row's id, nil without one.
func (l *layout) rawID(row []byte) (id []byte) {
	if l.id == "" {
		return nil
	}
	jsonwalk.Members(row, func(quoted, value []byte) bool {
		if bytes.EqualFold(quoted[1:len(quoted)-1], []byte(l.id)) {
			id = value
		}
		return id == nil
	})
	return id
}

func fingerprint(text []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(text)
	return h.Sum64()
}

// same reports whether a page is the one before it again.
func (s *offset) same(marks []uint64) bool { return len(marks) > 0 && slices.Equal(marks, s.marks) }

// counted follows the total the portal counts with each page.
func (s *offset) counted(n int, a *Answer) *flaw {
	if !a.HasTotal || a.Total < n {
		return nil // some methods say 0 or -1 where they did not count (protocol.md 5.2)
	}
	switch grown := a.Total - s.total; {
	case s.total < 0, grown == 0, s.start == 0:
	case grown < 0:
		return &flaw{ErrChanged, "the total fell from " + itoa(s.total) + " to " + itoa(a.Total)}
	case !s.form.rises && (s.layout.id == "" || grown > n):
		// Otherwise the last row of the page before would be seen again.
		return &flaw{ErrChanged, "the total rose from " + itoa(s.total) + " to " + itoa(a.Total)}
	}
	s.total = a.Total
	return nil
}

// resumed checks that the first page of a resumed reading is still the one its cursor was made of.
func (s *offset) resumed(marks []uint64) *flaw {
	if s.skip == 0 || s.skip <= len(marks) && marks[s.skip-1] == s.mark {
		return nil
	}
	return &flaw{ErrChanged, "the rows read last are not where they were"}
}

// goesOn checks that no row comes again, where rows have an id.
func (s *offset) goesOn(set rowSet, marks []uint64) *flaw {
	switch {
	case s.same(marks):
		return &flaw{ErrStalled, "the same page came again; the method ignores the place to begin at"}
	case s.layout.id == "":
		return nil
	case s.seen != nil || !s.form.rises:
		return s.remember(marks)
	}
	at := s.rise(set)
	switch {
	case at < 0:
		return nil
	case s.high > 0:
		return &flaw{ErrOrder, "row " + itoa(at+1) + " of the page; the ids rose so far"}
	default: // whatever the order is, that all rows come is told by the total
		return s.remember(marks)
	}
}

// rise returns the first row of a page whose id is no number above those before; -1: none.
func (s *offset) rise(set rowSet) int {
	high := s.high
	for i, row := range set.rows {
		id, kind := parseID(s.layout.rawID(row))
		if kind != idFine || i >= s.skip && high > 0 && id <= high {
			return i
		}
		high = max(high, id)
	}
	s.high = high
	return -1
}

// remember keeps the rows of a page and reports one that came before.
func (s *offset) remember(marks []uint64) *flaw {
	if s.seen == nil {
		s.seen = map[uint64]struct{}{}
		for _, mark := range s.marks {
			s.seen[mark] = struct{}{}
		}
	}
	for i, mark := range marks {
		if i < s.skip {
			continue
		}
		if _, twice := s.seen[mark]; twice {
			return &flaw{ErrChanged, "row " + itoa(i+1) + " of the page came before"}
		}
		s.seen[mark] = struct{}{}
	}
	return nil
}

// whole checks that an answer which cannot be continued holds all rows.
func (s *offset) whole(n int, a *Answer) *flaw {
	limit := s.form.rows()
	switch {
	case s.form.style == StyleLimit && limit > 0 && n >= limit:
		return &flaw{ErrIncomplete, "there are as many rows as the limit, and the method has no way to go on"}
	case s.fixed && (a.HasNext || s.total > n):
		return &flaw{ErrIncomplete, "there are more rows, which this method gives by parameters of its own"}
	default:
		return nil
	}
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
	case a.HasNext && a.Next <= s.start:
		return next, false, &flaw{ErrStalled, "the portal names a next page that does not lie behind this one"}
	case a.HasNext && counts && (step < n || step > max(n, page)):
		return next, false, &flaw{ErrChanged, "the next page is to begin " + itoa(step) + " rows behind this one, which has " + itoa(n)}
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
	if s.plain && s.skip == 0 && s.start > 0 && s.start == len(s.marks) {
		// Only the second page shows whether the method takes a start: until then the place is in the first one.
		c.Start, c.Skip = 0, s.start
	}
	return c
}
