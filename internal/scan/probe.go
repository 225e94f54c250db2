package scan

import "slices"

// probe is the first request to a method nothing is known of: it tells where
// the rows are, how their id is spelled, and whether there is a second page.
type probe struct {
	b     *builder
	form  *rowForm
	then  reader
	ended bool
}

// probe asks for the first page as it comes. If that is all, it is the list;
// otherwise the reading begins anew in an order that holds.
func (b *builder) probe() (*plan, *flaw) {
	if order, bad := b.foreignOrder(); bad != nil || order {
		if bad != nil {
			return nil, bad
		}
		return b.offsetPlan()
	}
	any := *b.o
	any.Descending = false // whatever the order: a second request puts it right
	form, bad := newRowForm(&any, &Facts{}, StyleStart, b.list)
	if bad != nil {
		return nil, bad
	}
	p := &probe{b: b, form: form}
	p.then = p
	return &plan{way: WayOnce, reader: p}, nil
}

// foreignOrder reports whether the caller orders the rows of a method nothing is known of.
func (b *builder) foreignOrder() (bool, *flaw) {
	list := append(args{}, b.list...)
	order, bad := list.take("order")
	return !nothing(order.value), bad
}

func (p *probe) successor() reader { return p.then }

func (p *probe) complete() bool { return p.ended }

func (p *probe) next() [][]byte {
	if p.ended {
		return nil
	}
	return [][]byte{p.form.call(0)}
}

func (p *probe) take(r reply) ([]piece, *Error) {
	if r.err != nil || len(r.answers) == 0 || r.answers[0].Err != nil {
		err := r.err
		if err == nil && len(r.answers) > 0 {
			err = r.answers[0].Err
		}
		return nil, &Error{Reason: ErrRequest, Err: err}
	}
	a := &r.answers[0]
	l := p.b.layout(false)
	set, bad := l.parse(a.Result)
	if bad == nil {
		p.then, bad = p.choose(&l, set, a)
	}
	if bad != nil {
		return nil, &Error{Reason: bad.reason, Detail: bad.detail}
	}
	if p.then != reader(p) {
		return nil, nil
	}
	return p.all(&l, set)
}

// choose finds the reader for what the first page showed.
func (p *probe) choose(l *layout, set rowSet, a *Answer) (reader, *flaw) {
	n := len(set.rows)
	const page = 50
	// Without a total a full page may be the last one or not.
	counted := a.HasTotal && a.Total >= n && a.Total > 0 // some say 0 or -1 where they did not count (protocol.md 5.2)
	more := a.HasNext || counted && a.Total > n || n > 0 && n%page == 0 && (!counted || a.Total == page)
	ordered := p.b.o.Descending && n > 1
	if !more && !ordered && (p.b.o.Limit == 0 || n <= p.b.o.Limit) {
		return p, nil
	}
	b := *p.b
	b.facts.Container, b.facts.AnyContainer = l.container, l.loose
	// The page goes on: its ids tell how.
	l.id, l.numbers = "id", true
	if bad := l.identify(&set); bad != nil {
		return p.counting(&b, a, n)
	}
	b.facts.IDKey = l.id
	if b.facts.CursorKey == "" {
		b.facts.CursorKey = l.id
	}
	b.assume()
	k, bad := b.keyset()
	if bad != nil {
		return nil, bad
	}
	k.instead = nil
	if slices.Contains(set.ids, 0) {
		k.form.lower, k.spans[0].lo = true, 0
	}
	if a.HasNext {
		k.size, k.sized = n, true
	}
	return k, nil
}

// counting reads rows without numbers for ids.
func (*probe) counting(b *builder, a *Answer, n int) (reader, *flaw) {
	b.facts.IDKey = ""
	s, bad := b.offset(StyleStart)
	if bad != nil {
		return nil, bad
	}
	if a.HasNext {
		s.size, s.sized = n, true
	}
	return s, nil
}

// all ends the reading: the page is the list.
func (p *probe) all(l *layout, set rowSet) ([]piece, *Error) {
	p.ended = true
	n := len(set.rows)
	c := cursor{Way: cursorRows, Bind: p.b.bind, Done: n, Skip: n, Total: n, Container: l.container, Loose: l.loose}
	if n > 0 {
		c.Mark = fingerprint(set.rows[n-1])
	}
	return []piece{{rowSet: set, total: n, state: c}}, nil
}
