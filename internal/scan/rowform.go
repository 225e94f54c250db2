package scan

import (
	"strconv"
	"strings"

	"github.com/b24go/b24/internal/jsonwalk"
)

// rowForm writes the calls of a reading by offset.
type rowForm struct {
	head  []byte
	style Style
	limit []byte // rows a page, as the caller wants it or as the method takes at most; nil: not said
	size  int    // rows a page for StylePage
	rises bool   // ordered by id upwards: new rows come last
	// verbatim are parameters that go out as they are.
	verbatim []byte
}

// newRowForm takes the caller's parameters apart and gives the list an order
// that stays the same from page to page, where the method can.
func newRowForm(o *Options, f *Facts, style Style, list args) (*rowForm, *flaw) {
	form := &rowForm{style: style, size: max(f.PageSize, 1)}
	if style == StyleNone && o.Descending {
		return nil, &flaw{ErrUnsupported, "the rows come in the order the method gives them"}
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

// takeSelect makes sure that rows which are told apart by an id come with it.
func (form *rowForm) takeSelect(o *Options, f *Facts, list *args) *flaw {
	byID := o.IDKey != "" || strings.EqualFold(f.IDKey, "id") || len(f.Stable) == 1 && f.Stable[0] == f.IDKey
	if !byID || f.CursorKey == "" {
		return nil
	}
	sel, bad := selectWith(list, f, f.CursorKey)
	if bad == nil && sel.value != nil {
		form.head = appendMember(form.head, sel.quoted, sel.value)
	}
	return bad
}

// stableKeys are the fields that order the rows one way only; none: not known.
func stableKeys(o *Options, f *Facts) []string {
	switch {
	case f.Order == "" || strings.Contains(f.Order, "."):
		return nil
	case f.Stable != nil:
		return f.Stable
	case o.CursorKey != "" || f.Keyset || strings.EqualFold(f.IDKey, "id"):
		return []string{f.CursorKey}
	default:
		return nil
	}
}

// takeOrder keeps the caller's order and puts the stable keys behind it.
func (form *rowForm) takeOrder(o *Options, f *Facts, list *args) *flaw {
	keys := stableKeys(o, f)
	order, sort, by, bad := callerOrder(list, f)
	if bad != nil {
		return bad
	}
	switch {
	case o.Descending && (by == orderAsc || by == orderElse):
		return &flaw{ErrParams, "the caller's order and Descending do not go together"}
	case o.Descending && by == orderNone && len(keys) == 0:
		return &flaw{ErrUnsupported, "no field is known to order the rows by"}
	}
	byID := len(keys) == 1 && keys[0] == f.CursorKey
	form.rises = byID && (by == orderNone && !o.Descending || by == orderAsc)
	var members []byte
	switch {
	case by == orderNone && len(keys) > 0:
		there, _ := directions(o.Descending)
		members = orderArgs(f, order, sort, keys, there)
	case by == orderElse && f.Sort == "" && order.value[0] == '{':
		members = appendMember(nil, order.quoted, tieBreak(order.value, keys))
	default:
		members = callersOrder(order, sort)
	}
	return form.place(f, list, members)
}

func callersOrder(order, sort arg) []byte {
	var members []byte
	for _, m := range []arg{sort, order} {
		if m.value != nil {
			members = appendMember(members, m.quoted, m.value)
		}
	}
	return members
}

// tieBreak orders rows that are equal to the caller by the stable keys.
func tieBreak(order []byte, keys []string) []byte {
	out := append([]byte{}, order[:len(order)-1]...)
	out = append(out, ',')
	for _, key := range keys {
		named := false
		jsonwalk.Members(order, func(quoted, _ []byte) bool {
			named = named || strings.EqualFold(unquote(quoted), key)
			return true
		})
		if !named {
			out = appendMember(out, quote(key), []byte(`"ASC"`))
		}
	}
	return shut(out, '}')
}

// place puts the order at the top level, or into the filter where the method looks for it there.
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
		return &flaw{ErrParams, filter.name + " is " + kindOf(filter.value) + ", an object was expected"}
	default:
		object := append(append([]byte{'{'}, order...), filter.value[1:]...)
		form.head = appendMember(form.head, filter.quoted, object)
	}
	return nil
}

// takePaging removes what the caller says of pages, all but their size.
func (form *rowForm) takePaging(f *Facts, list *args) (bad *flaw) {
	switch form.style {
	case StylePagination:
		form.limit, bad = paginationLimit(list)
	case StyleOffset, StyleOffsetUpper, StyleLimit:
		var limit arg
		if limit, bad = list.take("limit"); bad == nil && limit.value != nil {
			form.limit = []byte(plain(limit.value))
		}
		if bad == nil && form.style != StyleLimit {
			bad = refuse(list, "offset", "0")
		}
	case StylePage:
		bad = refuse(list, "page", "1")
	case StyleStart:
		bad = takeStart(list)
	default:
	}
	if form.limit == nil && f.MaxPageSize > 0 {
		form.limit = strconv.AppendInt(nil, int64(f.MaxPageSize), 10)
	}
	return bad
}

// refuse takes a parameter away that may only say what is done anyway.
func refuse(list *args, name, allowed string) *flaw {
	m, bad := list.take(name)
	if bad == nil && m.value != nil && plain(m.value) != allowed {
		return &flaw{ErrParams, m.name + " belongs to the reading; Resume begins at a later row"}
	}
	return bad
}

// rows is the size of a page the caller or the method names, 0: none.
func (form *rowForm) rows() int {
	n, err := strconv.Atoi(plain(form.limit))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// call writes the parameters of the page that begins at row start.
func (form *rowForm) call(start int) []byte {
	if form.verbatim != nil {
		return form.verbatim
	}
	out := append(make([]byte, 0, len(form.head)+64), '{')
	out = append(out, form.head...)
	number := strconv.AppendInt(nil, int64(start), 10)
	limit, offset := `"limit"`, `"offset"`
	switch form.style {
	case StyleStart:
		out = appendMember(out, []byte(`"start"`), number)
	case StylePage:
		out = appendMember(out, []byte(`"page"`), strconv.AppendInt(nil, int64(start/form.size+1), 10))
	case StylePagination:
		out = append(out, `"pagination":{`...)
		out = form.appendLimit(out, limit)
		out = append(shut(appendMember(out, []byte(offset), number), '}'), ',')
	case StyleLimit:
		out = form.appendLimit(out, limit)
	case StyleOffsetUpper:
		out = form.appendLimit(out, `"LIMIT"`)
		out = appendMember(out, []byte(`"OFFSET"`), number)
	case StyleOffset:
		out = form.appendLimit(out, limit)
		out = appendMember(out, []byte(offset), number)
	default:
		if start > 0 {
			out = appendMember(out, []byte(`"start"`), number)
		}
	}
	return shut(out, '}')
}

func (form *rowForm) appendLimit(out []byte, name string) []byte {
	if form.limit == nil {
		return out
	}
	return appendMember(out, []byte(name), form.limit)
}
