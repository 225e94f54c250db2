package scan

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/b24go/b24/internal/jsonwalk"
)

// keyForm writes the calls of a reading by id.
type keyForm struct {
	head   []byte // members that stay as they are
	filter arg    // name of the filter
	group  []byte // name of the group that holds rest; nil: it stands beside the bounds of the id
	rest   []byte // what the caller filters by, without the bounds of the id
	ids    []byte // the list of ids that the caller filters by; nil: there is none
	others []byte // rest without that list
	naming []byte // what stands before the list, up to and with the colon or comma
	order  []byte // members that order by the id
	back   []byte // the same the other way round
	sel    arg    // the caller's select
	selKey string // the id's name in it
	key    string // the id's name in the request
	limit  []byte // rows a page, as the caller wants it; nil: not said
	desc   bool
	full   bool // the select must hold more than the id
	v3     bool
	tail   bool
}

// newKeyForm takes the caller's parameters apart. The span is what the
// caller's own bounds leave to read.
func newKeyForm(o *Options, f *Facts, list args) (*keyForm, span, *flaw) {
	form := &keyForm{
		key: f.CursorKey, selKey: cmp.Or(f.SelectKey, f.CursorKey), v3: o.V3, desc: o.Descending,
		tail: f.Paging == StyleTail, full: f.FullSelect,
	}
	all := span{0, open}
	list, bad := f.gather(list)
	if bad != nil {
		return nil, all, bad
	}
	order, sort, by, bad := callerOrder(&list, f)
	if bad != nil {
		return nil, all, bad
	}
	if bad := form.direct(by); bad != nil {
		return nil, all, bad
	}
	if !form.tail {
		there, back := f.directions(form.desc)
		form.order = orderArgs(f, order, sort, []string{f.CursorKey}, there)
		form.back = orderArgs(f, order, sort, []string{f.CursorKey}, back)
	}
	for _, step := range []func(*args, *Facts, *span) *flaw{form.takeFilter, form.takeSelect, form.takePaging} {
		if bad := step(&list, f, &all); bad != nil {
			return nil, all, bad
		}
	}
	form.head = list.members()
	return form, all, nil
}

// direct takes over the direction of the caller's order.
func (form *keyForm) direct(by ordering) *flaw {
	switch by {
	case orderElse:
		return &flaw{reason: ErrParams, detail: "an order other than by " + form.key + " alone cannot be read by id"}
	case orderDesc:
		form.desc = true
	case orderAsc:
		if form.desc {
			return &flaw{reason: ErrParams, detail: "the order is rising, the reading was asked to go down"}
		}
	default:
	}
	return nil
}

// takeFilter keeps the caller's conditions and makes its bounds of the id ours.
func (form *keyForm) takeFilter(list *args, f *Facts, all *span) *flaw {
	var bad *flaw
	if form.filter, bad = list.take(f.Filter); bad != nil || nothing(form.filter.value) {
		return bad
	}
	if form.v3 {
		return form.takeNodes()
	}
	conds, bad := conditions(form.filter)
	if bad != nil {
		return bad
	}
	group, why := f.bounds(conds, form.key)
	if why != "" {
		return &flaw{reason: ErrUnsupported, detail: why}
	}
	if group != "" { // all that the caller wants is one alternative or another
		form.group, form.rest = quote(group), conds.members()
		return nil
	}
	return form.takeConditions(conds, f, all)
}

// takeConditions takes the bounds of the id, and a list of ids, out of conditions that
// must all hold.
func (form *keyForm) takeConditions(conds args, f *Facts, all *span) (bad *flaw) {
	given, ids := f.givenIDs(conds, form.key)
	spelled := map[string]string{}
	for i, m := range conds {
		op, ok := f.boundOf(m.name, form.key)
		if !ok {
			form.rest = appendMember(form.rest, m.quoted, m.value)
			if i != given {
				form.others = appendMember(form.others, m.quoted, m.value)
			}
			continue
		}
		if before, twice := spelled[op]; twice {
			return &flaw{reason: ErrParams, detail: "the filter has both " + before + " and " + m.name + ", of which the portal takes one"}
		}
		spelled[op] = m.name
		if *all, bad = narrow(*all, op, m.value); bad != nil {
			return bad
		}
	}
	if _, plainly := conds.without(given).find(form.key); ids != nil && !plainly {
		// Without an operator a list is one of these values to all methods; some drop others (docs/protocol.md 16).
		form.ids, form.naming = ids, append(quote(form.key), ':')
	}
	return nil
}

// takeNodes is takeFilter for REST 3.0, whose nodes must all hold.
func (form *keyForm) takeNodes() *flaw {
	if form.tail && mentions(form.filter.value, form.key) {
		return &flaw{reason: ErrParams, detail: "the filter of a tail must not name " + form.key + ", which the cursor goes by"}
	}
	nodes, bad := filterNodes(form.filter.value)
	for _, node := range nodes {
		form.rest = append(append(form.rest, node...), ',')
		if ids := idsOf(node, form.key); ids != nil && form.ids == nil {
			form.ids = ids
			form.naming = append(append([]byte{'['}, quote(form.key)...), `,"in",`...)
		} else {
			form.others = append(append(form.others, node...), ',')
		}
	}
	return bad
}

// narrow cuts the span to what a bound leaves of it.
func narrow(s span, op string, value []byte) (span, *flaw) {
	id, kind := parseID(value)
	below := kind == idRange && strings.HasPrefix(plain(value), "-")
	switch {
	case below && op[0] == '<':
		return nowhere(), nil
	case below:
		return s, nil
	case kind != idFine:
		return s, &flaw{reason: ErrParams, detail: "the bound " + op + " of the id is no whole number that fits 64 bits"}
	case op == ">":
		s.lo = max(s.lo, id+1)
	case op == ">=":
		s.lo = max(s.lo, id)
	case op == "<=":
		s.hi = min(s.hi, id)
	case id == 0:
		return nowhere(), nil
	default:
		s.hi = min(s.hi, id-1)
	}
	return s, nil
}

// takeSelect makes sure that the rows come with their id.
func (form *keyForm) takeSelect(list *args, f *Facts, _ *span) (bad *flaw) {
	form.sel, bad = selectWith(list, f, form.selKey)
	return bad
}

// selectWith takes the caller's select and puts those of the keys into it that are not there.
func selectWith(list *args, f *Facts, keys ...string) (arg, *flaw) {
	if f.Select == "" || strings.Contains(f.Select, ".") {
		return arg{}, nil
	}
	sel, bad := list.take(f.Select)
	if bad != nil || nothing(sel.value) {
		return sel, bad
	}
	missing := slices.Clone(keys)
	whole := jsonwalk.Elements(sel.value, func(value []byte) bool {
		name := plain(value)
		missing = slices.DeleteFunc(missing, func(key string) bool {
			return name == "*" || name == key || f.Letters != LettersCount && strings.EqualFold(name, key)
		})
		return true
	})
	if whole && len(missing) > 0 {
		fields := slices.Clip(sel.value[:len(sel.value)-1])
		for _, key := range missing {
			fields = append(append(fields, ','), quote(key)...)
		}
		sel.value = append(fields, ']')
	}
	return sel, nil
}

// takePaging removes what the caller says of pages, all but their size.
func (form *keyForm) takePaging(list *args, f *Facts, all *span) *flaw {
	switch {
	case form.tail:
		return form.takeCursor(list, all)
	case form.v3:
		return form.takePagination(list, f)
	default:
		return takeStart(list)
	}
}

// takeStart lets a caller's start pass that says what is done anyway.
func takeStart(list *args) *flaw {
	start, bad := list.take("start")
	if bad != nil {
		return bad
	}
	switch plain(start.value) {
	case "", "null", "0", "-1":
		return nil
	default:
		return &flaw{reason: ErrParams, detail: "start belongs to the reading; a filter or Resume begins at a later row"}
	}
}

func (form *keyForm) takePagination(list *args, f *Facts) *flaw {
	limit, bad := paginationLimit(list)
	if bad == nil && limit == nil && f.MaxPageSize > 0 {
		limit = strconv.AppendInt(nil, int64(f.MaxPageSize), 10)
	}
	form.limit = limit
	return bad
}

// paginationLimit takes the caller's pagination, of which only the limit may stay.
func paginationLimit(list *args) (limit []byte, bad *flaw) {
	pagination, bad := list.take("pagination")
	if bad != nil || nothing(pagination.value) {
		return nil, bad
	}
	whole := jsonwalk.Members(pagination.value, func(quoted, value []byte) bool {
		switch name := unquote(quoted); {
		case name == "limit":
			limit = value
		case name == "offset" && plain(value) == "0", name == "page" && plain(value) == "1":
		default:
			bad = &flaw{reason: ErrParams, detail: "pagination." + name + " belongs to the reading; a filter or Resume begins at a later row"}
		}
		return bad == nil
	})
	if !whole {
		return nil, &flaw{reason: ErrParams, detail: "pagination is no object"}
	}
	return limit, bad
}

// takeCursor reads the native cursor of REST 3.0: where the caller wants to begin.
func (form *keyForm) takeCursor(list *args, all *span) *flaw {
	native, bad := list.take("cursor")
	if bad != nil {
		return bad
	}
	begins := false
	if !nothing(native.value) && !jsonwalk.Members(native.value, func(quoted, value []byte) bool {
		switch unquote(quoted) {
		case "field":
			if plain(value) != form.key {
				// A field that is not unique skips the rows that share a value (protocol.md 13, trap 33).
				bad = &flaw{reason: ErrParams, detail: "cursor.field is " + plain(value) + ", rows are told apart by " + form.key}
			}
		case "order":
			form.desc = form.desc || direction(value) == orderDesc
		case "limit":
			form.limit = value
		case "value":
			begins = !nothing(value)
		}
		return bad == nil
	}) {
		return &flaw{reason: ErrParams, detail: "cursor is no object"}
	}
	switch {
	case bad != nil:
		return bad
	case begins:
		return form.begin(native.value, all)
	case form.desc:
		return &flaw{reason: ErrParams, detail: "a tail that goes down needs cursor.value to begin below"}
	default:
		return nil
	}
}

// begin starts behind the value of the caller's cursor.
func (form *keyForm) begin(native []byte, all *span) *flaw {
	var bad *flaw
	jsonwalk.Members(native, func(quoted, value []byte) bool {
		if unquote(quoted) != "value" {
			return true
		}
		op := ">"
		if form.desc {
			op = "<"
		}
		*all, bad = narrow(*all, op, value)
		return false
	})
	return bad
}

// call writes the parameters of one page of s. A ref stands for the last id
// before the page, which is not known yet. The start is 0 to have the rows
// counted, -1 otherwise.
func (form *keyForm) call(s span, ref []byte, start int) []byte {
	out := append(make([]byte, 0, len(form.head)+len(form.rest)+len(form.sel.value)+192), '{')
	out = append(out, form.head...)
	if form.sel.value != nil {
		out = appendMember(out, form.sel.quoted, form.sel.value)
	}
	above, below := form.bounds(s, ref)
	if form.tail {
		return shut(form.appendCursor(out, above, below), '}')
	}
	out = form.appendFilter(out, above, below)
	out = append(out, form.order...)
	return shut(form.appendPaging(out, start), '}')
}

// bounds are the strict bounds of a page; nil: none.
func (form *keyForm) bounds(s span, ref []byte) (above, below []byte) {
	if s.hi != open {
		below = appendID(nil, s.hi+1)
	}
	if s.lo > 0 {
		above = appendID(nil, s.lo-1)
	}
	switch {
	case ref == nil:
	case form.desc:
		below = ref
	default:
		above = ref
	}
	return above, below
}

func (form *keyForm) appendFilter(out, above, below []byte) []byte {
	if form.rest == nil && above == nil && below == nil {
		return out
	}
	out = append(append(out, form.filter.quoted...), ':')
	if form.v3 {
		out = append(append(out, '['), form.rest...)
		out = appendNode(out, form.key, ">", above)
		out = appendNode(out, form.key, "<", below)
		return append(shut(out, ']'), ',')
	}
	out = append(out, '{')
	if form.group != nil {
		out = append(append(out, form.group...), ':', '{')
	}
	if out = append(out, form.rest...); form.group != nil {
		out = append(shut(out, '}'), ',')
	}
	if above != nil {
		out = appendMember(out, quote(">"+form.key), above)
	}
	if below != nil {
		out = appendMember(out, quote("<"+form.key), below)
	}
	return append(shut(out, '}'), ',')
}

// named writes the call for some of the ids that the caller names.
func (form *keyForm) named(ids []byte, start int) []byte {
	only := *form
	only.limit = []byte(itoa(givenSize))
	out := append(make([]byte, 0, len(form.head)+len(form.others)+len(form.sel.value)+len(ids)+192), '{')
	out = append(out, form.head...)
	if form.sel.value != nil {
		out = appendMember(out, form.sel.quoted, form.sel.value)
	}
	open, closing := byte('{'), byte('}')
	if form.v3 {
		open, closing = '[', ']'
	}
	out = append(append(append(out, form.filter.quoted...), ':', open), form.others...)
	out = append(append(out, form.naming...), ids...)
	if form.v3 {
		out = append(out, ']')
	}
	out = append(append(out, closing), ',')
	out = append(out, form.order...)
	return shut(only.appendPaging(out, start), '}')
}

func (form *keyForm) appendPaging(out []byte, start int) []byte {
	switch {
	case !form.v3:
		return appendMember(out, []byte(`"start"`), strconv.AppendInt(nil, int64(start), 10))
	case form.limit != nil:
		return append(append(append(out, `"pagination":{"limit":`...), form.limit...), `},`...)
	default:
		return out
	}
}

func (form *keyForm) appendCursor(out, above, below []byte) []byte {
	if form.rest != nil {
		out = append(append(append(out, form.filter.quoted...), `:[`...), form.rest...)
		out = append(shut(out, ']'), ',')
	}
	value, dir := above, `"ASC"`
	if form.desc {
		value, dir = below, `"DESC"`
	}
	if value == nil {
		value = []byte{'0'} // the portal wants one (docs/protocol.md 9.5)
	}
	out = append(out, `"cursor":{`...)
	out = appendMember(out, []byte(`"field"`), quote(form.key))
	out = appendMember(out, []byte(`"value"`), value)
	out = appendMember(out, []byte(`"order"`), []byte(dir))
	if form.limit != nil {
		out = appendMember(out, []byte(`"limit"`), form.limit)
	}
	return append(shut(out, '}'), ',')
}

// farthest writes the call that tells the last id of a span, first in its page.
func (form *keyForm) farthest(s span) []byte {
	turned := *form
	turned.order = form.back
	if form.sel.quoted != nil && !form.full {
		turned.sel.value = append(append([]byte{'['}, quote(form.selKey)...), ']')
	}
	return turned.call(s, nil, -1)
}
