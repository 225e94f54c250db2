package scan

// probe reads the first page of an unknown method, which shows where the rows are, how their id is
// spelled, and whether there is a second page.
type probe struct {
	b     *builder
	form  *rowForm
	first *Answer // a page that may be the whole list: the next one decides
	start int     // offset of the next page
	then  reader
	ended bool
}

func (*probe) way() Paging { return PagingOnce }

func (p *probe) successor() reader { return p.then }

func (p *probe) complete() bool { return p.ended }

func (p *probe) next() [][]byte {
	switch {
	case p.ended:
		return nil
	case p.first != nil:
		return [][]byte{p.form.call(p.start)}
	default:
		return [][]byte{p.form.call(0)}
	}
}

func (p *probe) take(r reply) ([]piece, *Error) {
	if r.err != nil || len(r.answers) == 0 || r.answers[0].Err != nil {
		err := r.err
		if err == nil && len(r.answers) > 0 {
			err = r.answers[0].Err
		}
		return nil, &Error{Reason: ErrRequest, Err: err}
	}
	pieces, bad := p.see(&r.answers[0])
	if bad != nil {
		return nil, &Error{Reason: bad.reason, Detail: bad.detail}
	}
	return pieces, nil
}

// see examines the first page, or the one after it.
func (p *probe) see(a *Answer) ([]piece, *flaw) {
	l := p.b.layout(false)
	set, bad := l.parse(a.Result)
	if bad != nil {
		return nil, bad
	}
	if p.first != nil {
		return p.second(&l, set)
	}
	n := len(set.rows)
	switch told := a.HasTotal && a.Total > 0; { // some send 0 or -1 if they did not count (docs/protocol.md 5.2)
	case told && a.Total < n && !p.b.o.UntilEmpty:
		return nil, &flaw{reason: ErrIncomplete, detail: "a page has " + itoa(n) + " rows, the portal counts " + itoa(a.Total)}
	case a.HasNext, told && a.Total > n, p.b.o.Descending && n > 1, p.b.o.Limit > 0 && n > p.b.o.Limit, p.b.o.UntilEmpty && n > 0:
		return nil, p.begin(&l, set, a)
	case n > 0 && n%givenSize == 0 && (!told || a.Total == givenSize):
		p.first, p.start = a, n
		return nil, nil
	default:
		return p.all(&l, set, n), nil
	}
}

// second examines the page after one that may be the whole list: if it is empty or repeats the same
// rows, the first page was.
func (p *probe) second(l *layout, set rowSet) ([]piece, *flaw) {
	first, bad := l.parse(p.first.Result)
	if bad != nil {
		return nil, bad
	}
	was := fingerprints(first)
	if len(set.rows) > 0 && !isBegun(fingerprints(set), was) {
		return nil, p.begin(l, first, p.first)
	}
	if len(set.rows) > len(was) { // including rows added meanwhile
		return p.all(l, set, len(set.rows)), nil
	}
	return p.all(l, first, len(was)), nil
}

// begin chooses the reader for a list whose first page was seen.
func (p *probe) begin(l *layout, set rowSet, a *Answer) (bad *flaw) {
	n := len(set.rows)
	b := *p.b
	b.facts.Container, b.facts.AnyContainer = l.container, l.loose
	// The list continues; the ids decide how it is read.
	l.id, l.numbers = "id", true
	if l.identify(&set) != nil {
		p.then, bad = p.counting(&b, a, n)
		return bad
	}
	b.facts.IDKey = l.id
	if b.facts.CursorKey == "" {
		b.facts.CursorKey = l.id
	}
	b.assume()
	k, bad := b.keyset()
	if bad != nil && bad.reason == ErrUnsupported {
		b.why = bad.detail
		p.then, bad = p.counting(&b, a, n)
		return bad
	}
	if bad != nil {
		return bad
	}
	k.instead = nil
	if a.HasNext {
		k.size, k.sized = n, true
	}
	p.then = k
	return nil
}

// counting reads by offset rows without numeric ids, or with conditions that cannot be combined
// with bounds of the id.
func (*probe) counting(b *builder, a *Answer, n int) (reader, *flaw) {
	b.facts.IDKey = ""
	s, bad := b.offset(StyleStart)
	if bad != nil {
		return nil, bad
	}
	if s.why = b.why; s.why == "" {
		s.why = "its rows have no numbers for ids"
	}
	if a.HasNext {
		s.size, s.sized = n, true
	}
	return s, nil
}

// all ends the reading: the page is the whole list.
func (p *probe) all(l *layout, set rowSet, n int) []piece {
	p.ended = true
	c := cursor{Way: cursorRows, Bind: p.b.bind, Done: n, Skip: n, Total: n, Container: l.container, Loose: l.loose}
	if n > 0 {
		c.Mark = fingerprint(set.rows[n-1])
	}
	return []piece{{rowSet: set, total: n, state: c}}
}
