package scan

import "strings"

// forcedKeyset reads by id because the caller asked for it. A filter that is known to be ignored
// could make a short list look complete.
func (b *builder) forcedKeyset() (reader, *flaw) {
	rd, bad := b.keysetPlan()
	if bad == nil && b.known && !b.facts.Keyset && (!b.named() || b.facts.NoBounds) {
		return nil, &flaw{reason: ErrUnsupported, detail: b.o.Method + " is not known to be readable by id; read it by offset, or name the id for filter and order"}
	}
	return rd, bad
}

// autoKeyset reads by id unless the caller wants another order, which only offset paging keeps.
func (b *builder) autoKeyset() (reader, *flaw) {
	b.assume()
	list := append(args{}, b.list...)
	_, _, by, bad := callerOrder(&list, &b.facts)
	switch {
	case bad != nil:
		return nil, bad
	case by == orderElse:
		b.why = "it is in another order than that of the ids"
		return b.offsetPlan()
	}
	rd, bad := b.keysetPlan()
	if bad != nil && bad.reason == ErrUnsupported {
		b.why = bad.detail
		return b.offsetPlan()
	}
	return rd, bad
}

// ordered reports whether the caller gives an order.
func (b *builder) ordered() bool {
	list := append(args{}, b.list...)
	_, _, by, bad := callerOrder(&list, &b.facts)
	return bad == nil && by != orderNone
}

func (b *builder) keysetPlan() (reader, *flaw) {
	b.assume()
	if g := b.given(); g != nil {
		return g, nil
	}
	if strings.Contains(b.facts.Filter+b.facts.Order, ".") {
		return nil, &flaw{reason: ErrUnsupported, detail: b.o.Method + " takes its filter inside of another parameter; it can be read by offset"}
	}
	k, bad := b.keyset()
	if bad != nil {
		return nil, bad
	}
	return k, nil
}

// keyset builds the reader by id.
func (b *builder) keyset() (*keyset, *flaw) {
	form, all, bad := newKeyForm(b.o, &b.facts, b.list)
	if bad != nil {
		return nil, bad
	}
	single := 0
	if b.o.V3 {
		// A chain that runs past the end fails as a whole there (docs/protocol.md 9.7), so single
		// pages first show that the list is long.
		single = 4
	}
	k := &keyset{
		form: form, layout: b.layout(true), ref: b.ref, spans: []span{all},
		pace: newPace(b.most(), single), count: b.o.WantTotal && !b.o.V3 && b.counted() < 0 && !b.facts.Uncounted,
		empty: b.o.UntilEmpty || b.facts.Steps, hides: b.o.UntilEmpty, quota: b.quota(), bind: b.bind, left: -1,
	}
	if !b.o.V3 && b.known {
		k.size, k.sized, k.least = b.facts.PageSize, b.facts.PageSize > 0, b.facts.PageSize
		k.doubt = k.least > 0
	}
	scouts := b.scouts(form) && k.pace.most > 1 && !k.count && !form.tail
	k.scout, k.later = scouts && !b.o.V3, scouts && b.o.V3
	k.unsure = !b.o.V3 && !b.known
	if c := b.from; c != nil {
		k.spans, k.done, k.size, k.sized = c.Spans, c.Done, c.Size, c.Sized
		k.count = k.count && len(k.spans) == 1 // otherwise only the rows of one span would be counted
	}
	k.top = all.hi
	if len(k.spans) > 0 {
		k.behind = k.spans[len(k.spans)-1].lo
	}
	ordered := form.desc || b.o.Limit > 0 || b.ordered()
	k.parallel = b.o.Concurrency > 1 && !ordered
	if b.paging == PagingAuto && b.o.IDKey == "" && b.from == nil {
		k.instead = b.insteadOfKeyset
	}
	if b.facts.Forgets && b.paging == PagingAuto && !form.desc && b.from == nil {
		k.counting = func() reader { return b.behind(k) }
	}
	return k, nil
}

// scouts reports whether an early request also asks for the last row. In REST 3.0, the method has
// to be documented, with one place for its rows, and a page of one row would not show whether the
// portal reversed the order.
func (b *builder) scouts(form *keyForm) bool {
	return b.known && (!b.o.V3 || !b.facts.AnyContainer && string(form.limit) != "1")
}

func (b *builder) most() int {
	if b.paging == PagingKeyset || b.o.Alone != "" {
		return 1
	}
	return mostPages
}

// insteadOfKeyset returns the reader for a list whose rows do not have numeric ids, or nil if there
// is none.
func (b *builder) insteadOfKeyset() reader {
	s, bad := b.offset(b.facts.Paging)
	if bad != nil {
		return nil
	}
	s.why = "its rows have no numbers for ids"
	return s
}

// behind continues after k by row offset, in the same order.
func (b *builder) behind(k *keyset) reader {
	s, bad := b.offset(b.facts.Paging)
	if bad != nil || b.facts.PageSize == 0 || k.done%b.facts.PageSize != 0 {
		return nil
	}
	s.start, s.done, s.quota = k.done, k.done, k.quota
	s.high = k.spans[0].lo - 1
	s.why = "the portal drops bounds of the id"
	return s
}

func (b *builder) tail() (reader, *flaw) {
	if b.paging == PagingOffset || b.paging == PagingChained {
		return nil, &flaw{reason: ErrUnsupported, detail: b.o.Method + " can be read by its own cursor only"}
	}
	k, bad := b.keyset()
	if bad != nil {
		return nil, bad
	}
	k.pace = newPace(1, 0)
	k.instead, k.parallel = nil, false
	return k, nil
}
