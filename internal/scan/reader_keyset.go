package scan

// keyset reads by id.
type keyset struct {
	form   *keyForm
	layout layout
	ref    func(call int, path ...any) []byte
	pace   pace
	bind   uint64

	// What is left to read, and what was.
	spans  []span // what is not read yet, the current one first
	behind uint64 // the id after the highest row
	top    uint64 // the highest id that is asked for
	done   int    // rows so far, those of an earlier reading among them
	quota  int    // rows that may still come; -1: any number
	share  int    // pages to ask for at most; 0: any number
	seen   bool   // a page was taken
	short  bool   // the page before was no full one
	closed bool   // the quota is used up

	// How long a page is, and what a shorter one proves.
	size   int  // rows of a full page; as long as it is not sized: of the longest page
	sized  bool // a shorter page is the last one
	least  int  // rows of a page as documented: one of so many is not the last; 0: not known
	doubt  bool // no page was as long as documented yet: a shorter one proves nothing
	empty  bool // only an empty page is the last one
	hides  bool // says the caller: rows are dropped from their pages
	unsure bool // nothing is known of the method: a short page proves nothing

	// Which row is the last one.
	scout bool // the next request asks for the last id, too
	told  bool // it is known which row was the last one
	end   uint64
	fresh bool     // it was so in the request at hand
	alike []uint64 // the ids of the page that should have told it, and came in the order of the reading

	// How many rows there are.
	count bool // the next request has the rows counted
	check bool // and the one behind the last page, which came before the rows that were counted
	left  int  // rows still to come as counted; -1: not counted

	// Who goes on.
	parallel bool          // ranges of the ids may be read at a time
	instead  func() reader // makes the reader for rows without numbers for ids; nil: they are an error
	counting func() reader // makes the reader that counts rows if the portal drops the bounds of the id; nil: that is an error
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
