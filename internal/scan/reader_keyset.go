package scan

// keyset reads by id.
type keyset struct {
	form   *keyForm
	layout layout
	ref    func(call int, path ...any) []byte
	pace   pace
	bind   uint64

	// What is left to read, and what was.
	spans  []span // ids not read yet, the current span first
	behind uint64 // the id after that of the highest row
	top    uint64 // the highest id to read
	done   int    // rows so far, including those of an earlier reading
	quota  int    // rows still wanted; -1: any number
	share  int    // maximum number of pages per request; 0: any number
	ahead  bool   // requests go on behind the span, see next
	seen   bool   // a page was taken
	short  bool   // the previous page was not full
	closed bool   // the quota is used up

	// How long a page is, and what a shorter one proves.
	size   int  // rows of a full page; while sized is false, of the longest page
	sized  bool // a shorter page is the last one
	least  int  // documented rows per page: a page of that many is not the last; 0 if unknown
	doubt  bool // no page has reached the documented length yet, so a shorter one proves nothing
	empty  bool // only an empty page is the last one
	hides  bool // the caller declares that rows are dropped from their pages
	unsure bool // the method is unknown, so a short page proves nothing

	// Which row is the last one.
	scout bool // the next request also asks for the last id
	later bool // the one after the first page does
	told  bool // end is known
	end   uint64
	fresh bool     // the request at hand reported it
	alike []uint64 // the ids of the page that should have reported it, if they came in reading order

	// How many rows are likely to be left.
	outlook outlook

	// How many rows the list has.
	count bool // the next request makes the portal count the rows
	check bool // it counts again: a short page came while counted rows were left
	left  int  // counted rows still to come; -1 if not counted

	// Which reader continues.
	parallel bool          // id ranges may be read in parallel
	instead  func() reader // returns the reader for rows without numeric ids; nil makes them an error
	counting func() reader // returns the reader by row offset if the portal drops bounds of the id; nil makes that an error
	replaced reader
}

func (k *keyset) way() Paging {
	switch {
	case k.form.tail:
		return PagingTail
	case k.pace.most > 1:
		return PagingChained
	default:
		return PagingKeyset
	}
}

// next writes the calls of a chain: the first continues after the last certain row, each later one
// after the last row of the page before it. If rows are known to be behind the span, the chain may
// go on there: the first of them proves that the span has no more, and a reference finds a row.
func (k *keyset) next() [][]byte {
	current := k.unread()
	if current == nil || k.closed {
		return nil
	}
	start := -1
	if k.count || k.check {
		start = 0
	}
	wanted := *current
	if k.ahead {
		wanted.hi = k.top
	}
	calls := [][]byte{k.form.call(wanted, nil, start)}
	if k.scout {
		return append(calls, k.form.farthest(*current))
	}
	for i := 1; i < k.length(); i++ {
		calls = append(calls, k.form.call(wanted, k.ref(i-1, k.path()...), -1))
	}
	return calls
}

// unread returns the current span, or nil at the end.
func (k *keyset) unread() *span {
	for len(k.spans) > 0 && k.spans[0].empty() {
		k.spans, k.told = k.spans[1:], false // what is known of the last row was about that span
	}
	if len(k.spans) == 0 {
		return nil
	}
	return &k.spans[0]
}

// path is the path of the last id of a full page.
func (k *keyset) path() []any {
	if k.layout.container == "" {
		return []any{k.size - 1, k.layout.id}
	}
	return []any{k.layout.container, k.size - 1, k.layout.id}
}

// length is the number of pages to ask for. A chain requires that the position of a page's last row
// and the spelling of its id are known.
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
		return max(min(n, k.share), 1)
	}
	if k.passed() {
		n = 1 // for rows added since
	}
	ids, beyond := k.width()
	if k.form.v3 { // a further page would fail the request (docs/protocol.md 9.7)
		return max(min(n, k.outlook.pages(float64(ids)+float64(beyond), k.size, true)), 1)
	}
	return max(min(n, k.outlook.pages(float64(ids), k.size, false)+beyond), 1)
}

// passed reports whether the row that was the last one has been read.
func (k *keyset) passed() bool {
	s := k.spans[0]
	return k.told && (k.form.desc && s.hi < k.end || !k.form.desc && s.lo > k.end)
}

// width returns the number of ids that may still come, less one, and the number of pages beyond
// them: if an earlier request reported the last row, a further page shows that it still is the
// last.
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
	scouted, first := k.scout, !k.seen
	k.scout, k.fresh, k.alike = false, false, nil
	if scouted && r.err == nil {
		k.learnEnd(&r)
	}
	if r.err != nil {
		switch {
		case scouted && (r.shorter || k.form.v3): // in REST 3.0, one call fails the other, too
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
			return nil, nil // for a single call, unlike a command of a batch, the portal gives the reason
		case i > 0 || bad.Reason == ErrRequest && r.calls > 1:
			// A later page relies on a reference; sent alone, it relies on a number.
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
	k.scout = first && k.later
	k.outlook.learn(pieces, first)
	k.pace.took(r.calls, r.took)
	return pieces, nil
}

// learnEnd removes the answer about the last row from a reply: that row is the first of a page in
// the opposite order. If the portal did not reverse the order, the answer proves nothing, unless
// all rows are on one page.
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
	k.pace.single = 0 // chains end before the last row
}

// giveWay hands over to another reader if the first page shows that the rows do not have numeric
// ids, or the second that the portal drops the bounds of the id.
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

func (k *keyset) successor() reader {
	if k.replaced != nil {
		return k.replaced
	}
	return k
}

func (k *keyset) complete() bool { return k.unread() == nil && !k.closed }

// divides reports whether to split the rest among workers now: what would fail for all of them has
// been tried by one.
func (k *keyset) divides() bool {
	return k.parallel && k.layout.exact && !k.short && k.unread() != nil && (k.pace.settled() || k.layout.shape != ShapeArray)
}
