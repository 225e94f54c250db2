package scan

import "strconv"

// rowForm writes the calls of a reading by offset.
type rowForm struct {
	head  []byte
	style Style
	in    arg    // the parameter that holds limit and offset; without a name, they are parameters themselves
	limit []byte // rows per page, as the caller asked or the method's maximum; nil if not given
	size  int    // rows per page for StylePage
	rises bool   // ordered by id, ascending: new rows come last
	// verbatim are parameters that are sent unchanged.
	verbatim []byte
	// places are the arguments before the page of a method that takes them by position.
	places []byte
}

// newRowForm splits the caller's parameters and, if the method allows it, gives the list an order
// that stays the same from page to page.
func newRowForm(o *Options, f *Facts, style Style, list args) (*rowForm, *flaw) {
	form := &rowForm{style: style, size: max(f.PageSize, 1)}
	if style == StyleNone && o.Descending {
		return nil, &flaw{reason: ErrUnsupported, detail: "the rows come in the order the method gives them"}
	}
	if style != StyleNone {
		if bad := form.takeOrder(o, f, &list); bad != nil {
			return nil, bad
		}
	}
	if bad := form.takePaging(f, &list); bad != nil {
		return nil, bad
	}
	if bad := form.takeSelect(o, f, &list); bad != nil {
		return nil, bad
	}
	form.head = append(form.head, list.members()...)
	return form, nil
}

// takeOrder keeps the caller's order and appends the stable keys.
func (form *rowForm) takeOrder(o *Options, f *Facts, list *args) *flaw {
	keys := stableKeys(o, f)
	order, sort, by, bad := callerOrder(list, f)
	if bad != nil {
		return bad
	}
	switch {
	case o.Descending && (by == orderAsc || by == orderElse):
		return &flaw{reason: ErrParams, detail: "the caller's order and WithDescending do not go together"}
	case o.Descending && by == orderNone && len(keys) == 0:
		return &flaw{reason: ErrUnsupported, detail: "no field is known to order the rows by"}
	}
	if by == orderElse && f.endsOrder(order.value) {
		keys = nil // the portal would move an appended id before it
	}
	byID := len(keys) == 1 && keys[0] == f.CursorKey
	form.rises = byID && !f.Steps && (by == orderNone && !o.Descending || by == orderAsc)
	var members []byte
	switch {
	case by == orderNone && len(keys) > 0:
		there, _ := f.directions(o.Descending)
		members = orderArgs(f, order, sort, keys, there)
	case by == orderElse && f.Sort == "" && order.value[0] == '{':
		there, _ := f.directions(false)
		members = appendMember(nil, order.quoted, tieBreak(order.value, keys, there))
	default:
		members = callersOrder(order, sort)
	}
	return form.place(f, list, members)
}

// place puts the order at the top level, or into the filter if the method looks for it there.
func (form *rowForm) place(f *Facts, list *args, order []byte) *flaw {
	if !f.OrderInFilter || order == nil {
		form.head = append(form.head, order...)
		return nil
	}
	filter, bad := list.take(f.Filter)
	switch {
	case bad != nil:
		return bad
	case nothing(filter.value):
		form.head = append(form.head, order...)
	case filter.value[0] != '{':
		return &flaw{reason: ErrParams, detail: filter.name + " is " + kindOf(filter.value) + ", an object was expected"}
	default:
		object := append(append([]byte{'{'}, order...), filter.value[1:]...)
		form.head = appendMember(form.head, filter.quoted, object)
	}
	return nil
}

// takePaging removes the caller's paging parameters except the page size.
func (form *rowForm) takePaging(f *Facts, list *args) (bad *flaw) {
	if f.PagingIn != "" {
		return form.takePagingIn(f, list)
	}
	switch form.style {
	case StylePagination:
		form.limit, bad = paginationLimit(list)
	case StyleOffset, StyleOffsetUpper, StyleLimit:
		bad = form.takeLimit(list)
	case StylePage:
		bad = refuse(list, "page", "1")
	case StyleStart:
		bad = takeStart(list)
	default:
	}
	form.overlap(f)
	return bad
}

// takeLimit takes the limit and offset parameters.
func (form *rowForm) takeLimit(list *args) *flaw {
	limit, bad := list.take("limit")
	if bad == nil && limit.value != nil {
		form.limit = []byte(plain(limit.value))
	}
	if bad == nil && form.style != StyleLimit {
		bad = refuse(list, "offset", "0")
	}
	return bad
}

// takePagingIn is takePaging for limit and offset inside another parameter. If the list is read in
// one answer, they must not cut it.
func (form *rowForm) takePagingIn(f *Facts, list *args) *flaw {
	in, bad := list.take(f.PagingIn)
	if bad != nil {
		return bad
	}
	inner, bad := parseArgs(in.value)
	if nothing(in.value) {
		inner, bad = nil, nil
	}
	if bad != nil {
		return &flaw{reason: ErrParams, detail: in.name + " is " + kindOf(in.value) + ", an object was expected"}
	}
	if form.style != StyleNone {
		bad = form.takeLimit(&inner)
	} else if bad = refuse(&inner, "limit", ""); bad == nil {
		bad = refuse(&inner, "offset", "0")
	}
	if bad != nil {
		return &flaw{reason: bad.reason, detail: in.name + "." + bad.detail}
	}
	if form.style == StyleNone {
		if in.value != nil {
			*list = append(*list, in)
		}
		return nil
	}
	form.in = arg{in.name, in.quoted, inner.members()}
	form.overlap(f)
	return nil
}

// overlap asks for the largest pages, and for at least two rows: pages of one row cannot overlap,
// and would not show that a row was removed.
func (form *rowForm) overlap(f *Facts) {
	if n := form.rows(); f.Steps && n > f.MaxPageSize && f.MaxPageSize > 0 {
		form.limit = nil // the next page would begin after rows that were not sent
	}
	if form.limit == nil && f.MaxPageSize > 0 {
		form.limit = strconv.AppendInt(nil, int64(f.MaxPageSize), 10)
	}
	if plain(form.limit) == "1" && form.style != StyleLimit {
		form.limit = []byte("2")
	}
}

// rows returns the page size that the caller or the method names, 0 if neither does.
func (form *rowForm) rows() int {
	n, err := strconv.Atoi(plain(form.limit))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// call writes the parameters of the page that begins at row start.
func (form *rowForm) call(start int) []byte {
	switch {
	case form.verbatim != nil:
		return form.verbatim
	case form.places != nil:
		return appendElapsedPage(form.places, start)
	}
	out := append(make([]byte, 0, len(form.head)+len(form.in.value)+64), '{')
	out = append(out, form.head...)
	if form.in.name != "" {
		out = append(append(append(out, form.in.quoted...), ':', '{'), form.in.value...)
		out = append(shut(form.appendPage(out, start), '}'), ',')
	} else {
		out = form.appendPage(out, start)
	}
	return shut(out, '}')
}

func (form *rowForm) appendPage(out []byte, start int) []byte {
	number := strconv.AppendInt(nil, int64(start), 10)
	limit, offset := `"limit"`, []byte(`"offset"`)
	switch form.style {
	case StyleStart:
		return appendMember(out, []byte(`"start"`), number)
	case StylePage:
		return appendMember(out, []byte(`"page"`), strconv.AppendInt(nil, int64(start/form.size+1), 10))
	case StylePagination:
		out = append(out, `"pagination":{`...)
		out = form.appendLimit(out, limit)
		return append(shut(appendMember(out, offset, number), '}'), ',')
	case StyleLimit:
		return form.appendLimit(out, limit)
	case StyleOffsetUpper:
		return appendMember(form.appendLimit(out, `"LIMIT"`), []byte(`"OFFSET"`), number)
	case StyleOffset:
		return appendMember(form.appendLimit(out, limit), offset, number)
	default:
		if start == 0 {
			return out
		}
		return appendMember(out, []byte(`"start"`), number)
	}
}

func (form *rowForm) appendLimit(out []byte, name string) []byte {
	if form.limit == nil {
		return out
	}
	return appendMember(out, []byte(name), form.limit)
}
