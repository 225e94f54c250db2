package scan

import "slices"

// givenSize is the number of ids per page: the portal's page size.
const givenSize = 50

// given reads the rows whose ids the caller lists. Its pages do not depend on each other, so they
// share requests from the start.
type given struct {
	form   *keyForm
	layout layout
	pace   pace
	ids    []uint64 // ids not read yet, in reading order
	asked  []int    // number of ids in each page of the request
	seen   bool     // a page was taken
	size   int      // rows of the longest page
	count  bool     // report the number of ids left as the number of rows
	done   int
	quota  int
	bind   uint64
	closed bool
	// instead returns a reader by id with the caller's list unchanged, if the list has no effect;
	// nil makes that an error.
	instead  func() reader
	replaced reader
}

func (*given) way() Paging { return PagingIDs }

func (g *given) successor() reader {
	if g.replaced != nil {
		return g.replaced
	}
	return g
}

func (g *given) complete() bool { return len(g.ids) == 0 && !g.closed }

func (g *given) next() [][]byte {
	if len(g.ids) == 0 || g.closed {
		return nil
	}
	start := 0 // counting rows by their ids costs nothing, and reveals a page that is cut short
	n := max(min(g.pace.length, (len(g.ids)+givenSize-1)/givenSize), 1)
	if g.quota >= 0 {
		n = max(min(n, (g.quota+givenSize-1)/givenSize), 1)
	}
	var calls [][]byte
	g.asked = nil
	for i := range n {
		some := g.ids[i*givenSize : min((i+1)*givenSize, len(g.ids))]
		g.asked = append(g.asked, len(some))
		calls = append(calls, g.form.named(listOf(some), start))
	}
	return calls
}

func listOf(ids []uint64) []byte {
	text := []byte{'['}
	for _, id := range ids {
		text = append(appendID(text, id), ',')
	}
	return shut(text, ']')
}

func (g *given) take(r reply) ([]piece, *Error) {
	if r.err != nil {
		if r.calls > 1 && r.shorter {
			g.pace.failed(r.calls)
			return nil, nil
		}
		return nil, &Error{Reason: ErrRequest, Err: r.err}
	}
	var pieces []piece
	for i := range r.calls {
		p, whole, bad := g.page(i, &r)
		switch {
		case bad == nil:
		case bad.Reason == ErrRequest && r.calls > 1:
			g.pace.broke(r.calls, i)
			return pieces, nil
		case !g.seen && bad.Reason != ErrRequest && g.instead != nil:
			g.replaced = g.instead()
			return nil, nil
		default:
			return pieces, bad
		}
		pieces = append(pieces, p)
		if !whole || g.closed {
			break
		}
	}
	g.pace.took(r.calls, r.took)
	return pieces, nil
}

// page takes one answer of a request. Whole reports whether it holds all rows of its ids.
func (g *given) page(i int, r *reply) (p piece, whole bool, bad *Error) {
	if i >= len(r.answers) {
		return p, false, &Error{Reason: ErrRequest, Detail: "a call of the chain has no answer"}
	}
	a := &r.answers[i]
	if a.Err != nil {
		return p, false, &Error{Reason: ErrRequest, Err: a.Err}
	}
	set, wrong := g.layout.parse(a.Result)
	n := len(set.rows)
	if wrong == nil {
		set.once()
		wrong = g.check(set.ids, g.ids[:g.asked[i]])
	}
	if wrong != nil {
		return p, false, &Error{Reason: wrong.reason, Detail: wrong.detail}
	}
	p, whole = g.accept(set, n, g.asked[i], a)
	return p, whole, nil
}

// check proves that the rows of a page are among those requested, in their order.
func (g *given) check(ids, asked []uint64) *flaw {
	at := 0
	for i, id := range ids {
		for at < len(asked) && asked[at] != id {
			at++
		}
		switch {
		case at < len(asked):
			at++
		case slices.Contains(asked, id):
			return &flaw{reason: ErrOrder, detail: "row " + itoa(i+1) + " of the page; the order by " + g.form.key + " has no effect"}
		default:
			return &flaw{reason: ErrStalled, detail: "row " + itoa(i+1) + " of the page was not asked for; the filter by a list of " + g.form.key + " has no effect"}
		}
	}
	return nil
}

// accept advances past a certain page, which had n rows for the asked ids.
func (g *given) accept(set rowSet, n, asked int, a *Answer) (p piece, whole bool) {
	g.seen = true
	through := asked // ids that the page covers
	if len(set.ids) > 0 && !g.isWhole(set.ids[len(set.ids)-1], n, asked, a) {
		through = slices.Index(g.ids, set.ids[len(set.ids)-1]) + 1
	}
	g.size = max(g.size, n)
	p = piece{rowSet: set, total: -1}
	if g.count {
		p.total = len(g.ids) - through + len(set.ids)
	}
	if g.quota >= 0 {
		if len(p.rows) > g.quota {
			p.rows, p.ids = p.rows[:g.quota], p.ids[:g.quota]
			through = slices.Index(g.ids, p.ids[g.quota-1]) + 1
		}
		g.quota -= len(p.rows)
	}
	whole = through == asked
	g.ids = g.ids[through:]
	g.closed = g.quota == 0 && len(g.ids) > 0
	g.done += len(p.rows)
	p.state = g.state()
	return p, whole
}

// isWhole reports whether no row of a page's ids is missing after its last row. If that row is not
// the last id, the portal's total decides, or a page that is shorter than an earlier one.
func (g *given) isWhole(last uint64, n, asked int, a *Answer) bool {
	switch {
	case last == g.ids[asked-1]:
		return true
	case a.HasNext:
		return false
	case a.HasTotal && a.Total > 0:
		return a.Total <= n
	default:
		return n < g.size
	}
}

func (g *given) state() cursor {
	c := cursor{
		Way: cursorKeys, Bind: g.bind, Done: g.done, Container: g.layout.container, Loose: g.layout.loose, ID: g.layout.id,
		Exact: g.layout.exact, Size: g.size,
	}
	if len(g.ids) > 0 {
		c.Spans = []span{{g.ids[0], open}}
		if g.form.desc {
			c.Spans = []span{{0, g.ids[0]}}
		}
	}
	return c
}

// none is an empty list: the caller's filter lists no ids.
type none struct{}

func (none) way() Paging                  { return PagingIDs }
func (none) next() [][]byte               { return nil }
func (none) take(reply) ([]piece, *Error) { return nil, nil }
func (none) successor() reader            { return none{} }
func (none) complete() bool               { return true }
