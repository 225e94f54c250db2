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
	scout  bool // the next request asks for the last id, too
	doubt  bool // no page was as long as documented yet: a shorter one proves nothing
	told   bool // it is known which row was the last one
	end    uint64
	fresh  bool     // it was so in the request at hand
	alike  []uint64 // the ids of the page that should have told it, and came in the order of the reading
	short  bool     // the page before was no full one
	count  bool     // the next request has the rows counted
	check  bool     // and the one behind the last page, which came before the rows that were counted
	empty  bool     // only an empty page is the last one
	hides  bool     // says the caller: rows are dropped from their pages
	unsure bool     // the same: nothing is known of the method
	quota  int      // rows that may still come; -1: any number
	left   int      // rows still to come as counted; -1: not counted
	share  int      // pages to ask for at most; 0: any number
	done   int      // rows so far, those of an earlier reading among them
	bind   uint64
	behind uint64 // the id after the highest row
	top    uint64 // the highest id that is asked for
	seen   bool   // a page was taken
	closed bool   // the quota is used up
	// parallel tells that ranges of the ids may be read at a time.
	parallel bool
	// instead makes the reader for rows without numbers for ids; nil: they are an error.
	instead func() reader
	// counting makes the reader that goes on by counting rows where the portal drops the bounds of the id; nil: that is an error.
	counting func() reader
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
	return k.parallel && k.layout.exact && !k.short && k.unread() != nil && (k.pace.settled() || k.layout.shape != ShapeArray)
}

// unread is the current span; nil at the end.
func (k *keyset) unread() *span {
	for len(k.spans) > 0 && k.spans[0].empty() {
		k.spans, k.told = k.spans[1:], false // what is known of the last row was of that stretch
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
	if k.count || k.check {
		start = 0
	}
	calls := [][]byte{k.form.call(*current, nil, start)}
	if k.scout {
		return append(calls, k.form.farthest(*current))
	}
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
	if !k.sized || !k.layout.exact || k.layout.shape != ShapeArray || k.count || k.check {
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
	if k.passed() {
		n = 1 // for what was added since
	}
	if ids, beyond := k.width(); ids/uint64(k.size) < mostPages { //nolint:gosec // G115: a number of rows
		n = min(n, int(ids/uint64(k.size))+1+beyond) //nolint:gosec // G115: below 50
	}
	return max(n, 1)
}

// passed reports whether the row that was the last one was read.
func (k *keyset) passed() bool {
	s := k.spans[0]
	return k.told && (k.form.desc && s.hi < k.end || !k.form.desc && s.lo > k.end)
}

// width is the number of ids that may still come, less one, and the number of pages beyond them: where
// the last row is known by an earlier request, a page behind it shows that it still is.
func (k *keyset) width() (ids uint64, beyond int) {
	s := k.spans[0]
	if k.told && k.form.desc && s.lo < k.end && k.end <= s.hi {
		s.lo, beyond = k.end, 1
	}
	if k.told && !k.form.desc && s.lo <= k.end && k.end < s.hi {
		s.hi, beyond = k.end, 1
	}
	return s.hi - s.lo, beyond
}

func (k *keyset) take(r reply) ([]piece, *Error) {
	scouted := k.scout
	k.scout, k.fresh, k.alike = false, false, nil
	if scouted && r.err == nil {
		k.learnEnd(&r)
	}
	if r.err != nil {
		switch {
		case scouted && r.shorter:
			return nil, nil
		case r.calls > 1 && r.shorter:
			k.pace.failed(r.calls)
			return nil, nil
		default:
			return nil, &Error{Reason: ErrRequest, Err: r.err}
		}
	}
	var pieces []piece
	for i := range r.calls {
		p, more, bad := k.page(i, &r)
		switch {
		case bad == nil:
		case scouted && bad.Reason == ErrRequest:
			return nil, nil // the portal says more of a call that is no command of a batch
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

// learnEnd takes the answer that tells the last row out of a reply: the first of a page in the
// other order. Where the portal did not turn the order, it tells nothing, unless all rows are on one page.
func (k *keyset) learnEnd(r *reply) {
	r.calls = 1
	if len(r.answers) < 2 || r.answers[1].Err != nil {
		return
	}
	l := k.layout
	set, bad := l.parse(r.answers[1].Result)
	if bad != nil || len(set.ids) == 0 {
		return
	}
	set.once()
	first, last := set.ids[0], set.ids[len(set.ids)-1]
	if len(set.ids) > 1 && k.form.desc == (first > last) {
		k.alike = set.ids
		return
	}
	k.told, k.fresh, k.end = true, true, first
}

// giveWay hands over to another reader: where the first page shows that the rows have
// no numbers for ids, and where the second shows that the bounds of the id are dropped.
func (k *keyset) giveWay(why Reason) bool {
	var other func() reader
	switch {
	case !k.seen && (why == ErrNoID || why == ErrBadID):
		other = k.instead
	case k.seen && why == ErrStalled:
		other = k.counting
	}
	if other == nil {
		return false
	}
	k.replaced = other()
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
	n := len(set.rows)
	if wrong == nil {
		set.once()
		wrong = k.inOrder(set.ids)
	}
	if wrong == nil {
		wrong = k.agrees(n, a)
	}
	if wrong != nil {
		return p, false, &Error{Reason: wrong.reason, Detail: wrong.detail}
	}
	return k.accept(set, n, a)
}

// inOrder proves that a page goes on behind the one before it, in order.
func (k *keyset) inOrder(ids []uint64) *flaw {
	if len(ids) == 0 {
		return nil
	}
	s := k.spans[0]
	if !k.form.desc && ids[0] < s.lo || k.form.desc && ids[0] > s.hi {
		detail := "its first id was asked to be beyond the last one before it; the filter by " + k.form.key + " has no effect"
		return &flaw{reason: ErrStalled, detail: detail}
	}
	for i := 1; i < len(ids); i++ {
		switch {
		case ids[i] == ids[i-1]:
			return &flaw{reason: ErrOrder, detail: "row " + itoa(i+1) + " of the page has the " + k.form.key + " of the row before it, and differs: that does not tell its rows apart"}
		case k.form.desc != (ids[i] < ids[i-1]):
			return &flaw{reason: ErrOrder, detail: "row " + itoa(i+1) + " of the page; the order by " + k.form.key + " has no effect"}
		}
	}
	return nil
}

// agrees finds an answer that denies what it says itself: a total below its own rows,
// or rows that it counts and does not have.
func (k *keyset) agrees(n int, a *Answer) *flaw {
	switch {
	case !k.count && !k.check || k.hides || !a.HasTotal || a.Total <= 0:
		return nil
	case a.Total < n:
		return &flaw{reason: ErrIncomplete, detail: "a page has " + itoa(n) + " rows, the portal counts " + itoa(a.Total)}
	case n == 0:
		return &flaw{reason: ErrIncomplete, detail: "a page is empty, the portal counts " + itoa(a.Total) + " rows"}
	default:
		return nil
	}
}

// accept moves on behind a page that is certain, which had n rows.
func (k *keyset) accept(set rowSet, n int, a *Answer) (p piece, more bool, bad *Error) {
	full := k.sized && n == k.size
	over := k.cut(&set)
	counted := k.count && a.HasTotal && a.Total >= n
	last := over || k.isLast(n, &set, a)
	if counted {
		last = over || n == 0 || a.Total == n && !a.HasNext
	}
	k.seen, k.short = true, !last && n < k.size
	k.learn(n, last)
	p = piece{rowSet: set, total: -1, over: k.advance(set.ids, last)}
	if counted {
		p.total, k.left = a.Total, a.Total
	}
	if k.left -= n; k.left <= 0 {
		k.left = -1 // nothing is left of what was counted: more may have come
	}
	k.check = k.left > 0 && !full && !last
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
func (k *keyset) isLast(n int, set *rowSet, a *Answer) bool {
	switch {
	case n == 0:
		return true
	case a.HasNext:
		return false
	case k.told && (k.fresh || n < k.size):
		return k.reached(set.ids)
	case k.alike != nil && n < k.least && slices.Equal(k.alike, set.ids):
		return true
	case k.empty || k.unsure || k.left > n:
		return false
	case k.doubt && n < k.least:
		return false
	default:
		return n < k.size && (k.least == 0 || n < k.least)
	}
}

// reached reports whether a page ends with the row that is the last one.
func (k *keyset) reached(ids []uint64) bool {
	if len(ids) == 0 {
		return false
	}
	last := ids[len(ids)-1]
	return k.form.desc && last <= k.end || !k.form.desc && last >= k.end
}

// learn keeps the size of a page: the longest one, certain once it came twice. A first page that
// is shorter than documented and not the last says that the pages of this portal are.
func (k *keyset) learn(n int, last bool) {
	switch {
	case k.doubt && n >= k.least:
		k.doubt = false
	case k.doubt && !last:
		k.doubt, k.least, k.size = false, 0, 0
		k.empty = true
	}
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
		*s = nowhere()
	case k.form.desc:
		over.lo = ids[len(ids)-1]
		if over.lo == 0 {
			*s = nowhere()
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
