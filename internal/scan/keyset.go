package scan

import (
	"cmp"
	"slices"
	"time"
)

// reader is one way to read: a state that says what to ask next and takes the
// answers. It does no I/O.
type reader interface {
	// next returns the calls of the next request; none: the end.
	next() [][]byte
	// take returns the pages of an answer that are certain, also with a failure.
	take(r reply) ([]piece, *Error)
	// successor is the reader that goes on, which may be another one.
	successor() reader
	// complete reports whether the end of the list was proved.
	complete() bool
}

// reply is what came back for the calls of one request.
type reply struct {
	calls   int
	answers []Answer
	err     error         // of the request as a whole
	shorter bool          // fewer calls may do better
	took    time.Duration // 0: not known
}

// piece is a page whose rows are certain.
type piece struct {
	rowSet

	state cursor
	total int  // rows the portal counted from this page on, -1: not counted
	over  span // the ids it stands for: no other rows of the list have one
}

// keyset reads by id.
type keyset struct {
	form   *keyForm
	layout layout
	ref    func(call int, path ...any) []byte
	spans  []span // what is not read yet, the current one first
	pace   pace
	size   int  // rows of a full page; as long as it is not sized: of the longest page
	sized  bool // a shorter page is the last one
	least  int  // rows of a page as documented: one of so many is not the last; 0: not known
	count  bool // the next request has the rows counted
	empty  bool // only an empty page is the last one
	unsure bool // the same: nothing is known of the method
	quota  int  // rows that may still come; -1: any number
	left   int  // rows still to come as counted; -1: not counted
	share  int  // pages to ask for at most; 0: any number
	done   int  // rows so far, those of an earlier reading among them
	bind   uint64
	behind uint64 // the id after the highest row
	top    uint64 // the highest id that is asked for
	seen   bool   // a page was taken
	closed bool   // the quota is used up
	// parallel tells that ranges of the ids may be read at a time.
	parallel bool
	// instead makes the reader for rows without numbers for ids; nil: they are an error.
	instead  func() reader
	replaced reader
}

func (k *keyset) successor() reader {
	if k.replaced != nil {
		return k.replaced
	}
	return k
}

func (k *keyset) complete() bool { return k.unread() == nil && !k.closed }

// divides reports whether it is time to share out the rest among workers: what
// would fail for all of them was tried by one.
func (k *keyset) divides() bool {
	return k.parallel && k.layout.exact && k.unread() != nil && (k.pace.settled() || k.layout.shape != ShapeArray)
}

// unread is the current span; nil at the end.
func (k *keyset) unread() *span {
	for len(k.spans) > 0 && k.spans[0].empty() {
		k.spans = k.spans[1:]
	}
	if len(k.spans) == 0 {
		return nil
	}
	return &k.spans[0]
}

// next writes the calls of a chain: the first goes on from the last certain
// row, each later one from the last row of the page before it.
func (k *keyset) next() [][]byte {
	current := k.unread()
	if current == nil || k.closed {
		return nil
	}
	start := -1
	if k.count {
		start = 0
	}
	calls := [][]byte{k.form.call(*current, nil, start)}
	for i := 1; i < k.length(); i++ {
		calls = append(calls, k.form.call(*current, k.ref(i-1, k.path()...), -1))
	}
	return calls
}

// path leads to the last id of a full page.
func (k *keyset) path() []any {
	if k.layout.container == "" {
		return []any{k.size - 1, k.layout.id}
	}
	return []any{k.layout.container, k.size - 1, k.layout.id}
}

// length is the number of pages to ask for. A chain needs to know where the
// last row of a page stands and how its id is spelled.
func (k *keyset) length() int {
	if !k.sized || !k.layout.exact || k.layout.shape != ShapeArray || k.count {
		return 1
	}
	n := min(k.pace.length, max(mostRows/k.size, 1))
	if k.quota >= 0 {
		n = min(n, (k.quota+k.size-1)/k.size)
	}
	if k.left >= 0 {
		n = min(n, k.left/k.size+1)
	}
	if k.share > 0 {
		n = min(n, k.share)
	}
	if s := k.spans[0]; s.hi != open && (s.hi-s.lo)/uint64(k.size) < mostPages { //nolint:gosec // G115: a number of rows
		n = min(n, int((s.hi-s.lo)/uint64(k.size))+1) //nolint:gosec // G115: below 50
	}
	return max(n, 1)
}

func (k *keyset) take(r reply) ([]piece, *Error) {
	if r.err != nil {
		if r.calls > 1 && r.shorter {
			k.pace.failed(r.calls)
			return nil, nil
		}
		return nil, &Error{Reason: ErrRequest, Err: r.err}
	}
	var pieces []piece
	for i := range r.calls {
		p, more, bad := k.page(i, &r)
		switch {
		case bad == nil:
		case i > 0 || bad.Reason == ErrRequest && r.calls > 1:
			// A later page stands on a reference; alone it stands on a number.
			k.pace.broke(r.calls, i)
			return pieces, nil
		case k.giveWay(bad.Reason):
			return nil, nil
		default:
			return pieces, bad
		}
		pieces = append(pieces, p)
		if !more {
			break
		}
	}
	k.pace.took(r.calls, r.took)
	return pieces, nil
}

// giveWay hands over to another reader where the first page shows that the
// rows have no numbers for ids.
func (k *keyset) giveWay(why Reason) bool {
	if k.instead == nil || k.seen || why != ErrNoID && why != ErrBadID {
		return false
	}
	k.replaced = k.instead()
	return k.replaced != nil
}

// page takes one answer of a request. More reports whether the next answer
// of the chain goes on behind this page.
func (k *keyset) page(i int, r *reply) (p piece, more bool, bad *Error) {
	if i >= len(r.answers) {
		return p, false, &Error{Reason: ErrRequest, Detail: "a call of the chain has no answer"}
	}
	a := &r.answers[i]
	if a.Err != nil {
		return p, false, &Error{Reason: ErrRequest, Err: a.Err}
	}
	set, wrong := k.layout.parse(a.Result)
	if wrong == nil {
		wrong = k.check(set.ids)
	}
	if wrong != nil {
		return p, false, &Error{Reason: wrong.reason, Detail: wrong.detail}
	}
	return k.accept(set, a)
}

// check proves that a page goes on behind the one before it, in order.
func (k *keyset) check(ids []uint64) *flaw {
	if len(ids) == 0 {
		return nil
	}
	s := k.spans[0]
	if !k.form.desc && ids[0] < s.lo || k.form.desc && ids[0] > s.hi {
		detail := "its first id was asked to be beyond the last one before it; the filter by " + k.form.key + " has no effect"
		return &flaw{ErrStalled, detail}
	}
	for i := 1; i < len(ids); i++ {
		if k.form.desc != (ids[i] < ids[i-1]) || ids[i] == ids[i-1] {
			return &flaw{ErrOrder, "row " + itoa(i+1) + " of the page; the order by " + k.form.key + " has no effect"}
		}
	}
	return nil
}

// accept moves on behind a page that is certain.
func (k *keyset) accept(set rowSet, a *Answer) (p piece, more bool, bad *Error) {
	n := len(set.rows)
	full := k.sized && n == k.size
	over := k.cut(&set)
	counted := k.count && a.HasTotal && a.Total >= n
	last := over || k.isLast(n, a)
	if counted {
		last = over || n == 0 || a.Total == n && !a.HasNext
	}
	k.learn(n)
	k.seen = true
	p = piece{rowSet: set, total: -1, over: k.advance(set.ids, last)}
	if counted {
		p.total, k.left = a.Total, a.Total
	}
	if k.left -= n; k.left <= 0 {
		k.left = -1 // nothing is left of what was counted: more may have come
	}
	k.count = false
	k.spend(&p)
	k.done += len(p.rows)
	p.state = k.state()
	return p, full && !last && !k.closed, nil
}

// cut drops rows beyond the span: they belong to another one, or the caller
// does not want them.
func (k *keyset) cut(set *rowSet) bool {
	s := k.spans[0]
	beyond := slices.IndexFunc(set.ids, func(id uint64) bool {
		return !k.form.desc && id > s.hi || k.form.desc && id < s.lo
	})
	if beyond < 0 {
		return false
	}
	set.rows, set.ids = set.rows[:beyond], set.ids[:beyond]
	return true
}

// isLast reports whether a page of n rows is the last one.
func (k *keyset) isLast(n int, a *Answer) bool {
	switch {
	case n == 0:
		return true
	case a.HasNext || k.empty || k.unsure:
		return false
	default:
		return n < k.size && (k.least == 0 || n < k.least)
	}
}

// learn keeps the size of a page: the longest one, certain once it came twice.
func (k *keyset) learn(n int) {
	switch {
	case n > k.size:
		k.size, k.sized = n, false
	case n == k.size && n > 0:
		k.sized = true
	}
}

// advance takes the rows out of what is unread and returns the ids they stand for.
func (k *keyset) advance(ids []uint64, last bool) span {
	s := &k.spans[0]
	over := *s
	if len(ids) > 0 && !k.form.desc {
		k.behind = max(k.behind, ids[len(ids)-1]+1) // stretches below others are read, too
	}
	switch {
	case last:
		*s = span{1, 0}
	case k.form.desc:
		over.lo = ids[len(ids)-1]
		if over.lo == 0 {
			*s = span{1, 0}
		} else {
			s.hi = over.lo - 1
		}
	default:
		over.hi = ids[len(ids)-1]
		s.lo = over.hi + 1
	}
	return over
}

// spend cuts a page to the rows that may still come.
func (k *keyset) spend(p *piece) {
	if k.quota < 0 {
		return
	}
	if n := len(p.rows); n > k.quota {
		p.rows, p.ids = p.rows[:k.quota], p.ids[:k.quota]
		k.giveBack(p.over, p.ids)
	}
	k.quota -= len(p.rows)
	k.closed = k.quota == 0 && k.unread() != nil
}

// giveBack makes what a cut page no longer stands for unread again.
func (k *keyset) giveBack(over span, ids []uint64) {
	if k.form.desc {
		over.hi = ids[len(ids)-1] - 1
	} else {
		over.lo = ids[len(ids)-1] + 1
	}
	if rest := k.spans[0]; !rest.empty() {
		over.lo, over.hi = min(over.lo, rest.lo), max(over.hi, rest.hi)
	}
	k.spans[0] = over
}

// state is the place behind the last page.
func (k *keyset) state() cursor {
	return cursor{
		Way: cursorKeys, Bind: k.bind, Done: k.done, Spans: k.grown(slices.Clone(k.spans)),
		Container: k.layout.container, Loose: k.layout.loose, ID: k.layout.id, Exact: k.layout.exact,
		Size: k.size, Sized: k.sized,
	}
}

// grown is what is not read yet. Of a list that rises the end is a place, too: where a
// later reading finds what was added.
func (k *keyset) grown(unread []span) []span {
	unread = slices.DeleteFunc(unread, span.empty)
	behind := k.behind
	if n := len(unread); n > 0 {
		if unread[n-1].hi == k.top {
			return unread
		}
		behind = max(behind, unread[n-1].hi+1)
	}
	if k.form.desc || behind > k.top {
		return unread
	}
	return append(unread, span{behind, k.top})
}

func compareSpans(a, b span) int { return cmp.Compare(a.lo, b.lo) }
