package scan

import "slices"

// page takes one answer of a request. More reports whether the next answer of the chain continues
// after this page.
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

// inOrder proves that a page continues the previous one, in order.
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

// agrees rejects an answer that contradicts itself: a total below the number of its rows, or an
// empty page with a positive total.
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

// accept advances past a certain page, which had n rows.
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
		k.left = -1 // all counted rows have come, so any further rows are new
	}
	k.check = k.left > 0 && !full && !last
	k.count = false
	k.spend(&p)
	k.done += len(p.rows)
	p.state = k.state()
	return p, full && !last && !k.closed, nil
}

// cut drops rows beyond the span: they belong to another span, or the caller does not want them.
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

// reached reports whether a page ends with the last row.
func (k *keyset) reached(ids []uint64) bool {
	if len(ids) == 0 {
		return false
	}
	last := ids[len(ids)-1]
	return k.form.desc && last <= k.end || !k.form.desc && last >= k.end
}

// learn keeps the page size: the longest page so far, certain once it has come twice. If the first
// page is shorter than documented and not the last, all pages of this portal are shorter.
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

// advance marks the rows as read and returns the span of ids they cover.
func (k *keyset) advance(ids []uint64, last bool) span {
	s := &k.spans[0]
	over := *s
	if len(ids) > 0 && !k.form.desc {
		k.behind = max(k.behind, ids[len(ids)-1]+1) // spans below others are read later
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

// spend cuts a page to the remaining quota.
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

// giveBack marks as unread what a cut page no longer covers.
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

// state is the place after the last page.
func (k *keyset) state() cursor {
	return cursor{
		Way: cursorKeys, Bind: k.bind, Done: k.done, Spans: k.grown(slices.Clone(k.spans)),
		Container: k.layout.container, Loose: k.layout.loose, ID: k.layout.id, Exact: k.layout.exact,
		Size: k.size, Sized: k.sized,
	}
}

// grown returns what is unread. In an ascending list this includes the ids above all rows, where a
// later reading finds rows that were added.
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
