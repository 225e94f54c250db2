package scan

// probe asks for the first page as it comes. If that is all, it is the list;
// otherwise the reading begins anew in an order that holds.
func (b *builder) probe() (reader, *flaw) {
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
	return p, nil
}

// foreignOrder reports whether the caller orders the rows of a method nothing is known of.
func (b *builder) foreignOrder() (bool, *flaw) {
	order, bad := b.list.taken("order")
	return !nothing(order.value), bad
}
