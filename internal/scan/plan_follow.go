package scan

// follow plans a reading by the method's own cursor.
func (b *builder) follow() (reader, *flaw) {
	switch {
	case b.paging != PagingAuto:
		return nil, &flaw{reason: ErrUnsupported, detail: b.o.Method + " can be read by its own cursor only"}
	case b.o.Concurrency > 1:
		return nil, &flaw{reason: ErrUnsupported, detail: b.o.Method + " is read by its own cursor, one page after the other"}
	case b.o.Descending:
		return nil, &flaw{reason: ErrUnsupported, detail: "the rows come in the order the method gives them"}
	case b.from != nil && b.from.Way != cursorNext:
		return nil, &flaw{reason: ErrCursor, detail: "it is of another way to read"}
	}
	form, place, bad := newFollowForm(&b.facts, b.list)
	if bad != nil {
		return nil, bad
	}
	f := &follow{
		form: form, layout: b.layout(false), nextKey: b.facts.NextKey, moreKey: b.facts.MoreKey, place: place,
		rows: map[uint64]struct{}{}, places: map[uint64]struct{}{}, quota: b.quota(), bind: b.bind, strict: b.o.IDKey != "",
	}
	f.row, f.byRow = rowCursorOf(b.facts.NextKey)
	if f.layout.id == "" {
		f.layout.id = "id"
	}
	if c := b.from; c != nil {
		f.done, f.skip, f.mark, f.place = c.Done, c.Skip, c.Mark, []byte(c.Next)
	}
	if len(f.place) == 0 {
		f.place = nil
	}
	f.places[fingerprint(f.place)] = struct{}{}
	return f, nil
}
