package scan

import "strings"

// offsetPlan reads by row offset.
func (b *builder) offsetPlan() (reader, *flaw) {
	if !b.known && b.named() {
		b.assume()
	}
	style := b.facts.Paging
	if !b.positional() {
		if _, bad := b.facts.check(b.list, b.o.V3, false); bad != nil {
			return nil, bad
		}
	}
	switch {
	case b.facts.NoStart:
		return nil, &flaw{reason: ErrUnsupported, detail: b.o.Method + " can be read by id only: the place to begin at never reaches it"}
	case style == StyleNone && b.o.V3:
		style = StylePagination
	case style == StyleNone:
		style = StyleStart
	}
	s, bad := b.offset(style)
	if bad != nil {
		return nil, bad
	}
	return s, nil
}

// once reads a method that answers with all rows; if it names a next page, that is read too.
func (b *builder) once() (reader, *flaw) {
	s, bad := b.offset(StyleNone)
	if bad != nil {
		return nil, bad
	}
	s.plain = s.form.places == nil
	return s, nil
}

// goOn resumes a reading by offset, which may have been a single answer with all rows.
func (b *builder) goOn() (reader, *flaw) {
	if b.paging == PagingAuto && b.facts.Paging == StyleNone && !b.o.V3 {
		return b.once()
	}
	return b.offsetPlan()
}

// rowLayout is the layout for rows that need not have numeric ids. A field that identifies rows
// only together with others does not serve as the id.
func (b *builder) rowLayout() layout {
	l := b.layout(false)
	stable := b.facts.Stable
	switch alone := len(stable) == 1 && stable[0] == l.id; {
	case b.o.IDKey != "" || alone:
	case len(stable) > 0:
		l.id, l.keys = "", stable
	case !strings.EqualFold(l.id, "id"):
		l.id = ""
	}
	return l
}

func (b *builder) offset(style Style) (*offset, *flaw) {
	s := &offset{
		layout: b.rowLayout(), pace: newPace(b.most(), 0), total: -1, quota: b.quota(), bind: b.bind,
		strict: b.o.IDKey != "", uncounted: b.facts.Uncounted, moreKey: b.facts.MoreKey, fixed: b.facts.Writes,
	}
	if b.positional() {
		b.byPosition(s)
	} else {
		var bad *flaw
		if s.form, bad = newRowForm(b.o, &b.facts, style, b.list); bad != nil {
			return nil, bad
		}
	}
	if style == StyleStart || style == StylePage {
		s.size, s.sized = b.facts.PageSize, b.facts.PageSize > 0
	}
	if s.loose = b.facts.Steps || b.o.UntilEmpty && style != StyleNone; s.loose {
		s.step = b.step(s.form)
	}
	b.resumeOffset(s)
	return s, nil
}

// byPosition sends the caller's arguments as they are, or page by page if the method has pages.
func (b *builder) byPosition(s *offset) {
	if places := elapsedPages(b.o.Method, b.o.Params); places != nil {
		s.form = &rowForm{style: StylePage, places: places}
		s.size, s.sized = elapsedSize, true
		return
	}
	s.fixed, s.better = true, better(b.o.Method)
	s.form = &rowForm{verbatim: b.o.Params}
	if len(s.form.verbatim) == 0 {
		s.form.verbatim = []byte("{}")
	}
}

// step returns the number of rows that a loose page stands for, or 0 if it is the number it has.
func (b *builder) step(form *rowForm) int {
	switch {
	case form.style == StyleStart, form.style == StylePage:
		return b.facts.PageSize
	case b.facts.Steps:
		return form.rows()
	default:
		return 0 // the portal may apply a smaller limit than requested
	}
}

// resumeOffset continues at the cursor.
func (b *builder) resumeOffset(s *offset) {
	if c := b.from; c != nil {
		s.done, s.start, s.skip, s.mark, s.total = c.Done, c.Start, c.Skip, c.Mark, c.Total
		s.size, s.sized = c.Size, c.Sized
		if s.loose {
			s.replay = c.Done
		}
		if s.skip == 0 && s.start > 0 {
			s.marks = []uint64{s.mark} // this row must not come again
		}
	}
}
