package scan

// probe requests the first page in the method's own order. If that is the whole list, it is the
// result; otherwise the reading starts again in a stable order.
func (b *builder) probe() (reader, *flaw) {
	if order, bad := b.foreignOrder(); bad != nil || order {
		if bad != nil {
			return nil, bad
		}
		return b.offsetPlan()
	}
	any := *b.o
	any.Descending = false // in any order: a second request corrects it
	form, bad := newRowForm(&any, &Facts{}, StyleStart, b.list)
	if bad != nil {
		return nil, bad
	}
	p := &probe{b: b, form: form}
	p.then = p
	return p, nil
}

// foreignOrder reports whether the caller orders the rows of an unknown method.
func (b *builder) foreignOrder() (bool, *flaw) {
	order, bad := b.list.taken("order")
	return !nothing(order.value), bad
}
