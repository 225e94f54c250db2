package scan

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/b24go/b24/internal/jsonwalk"
)

// keyForm writes the calls of a reading by id.
type keyForm struct {
	head   []byte // members that never change
	filter arg    // name of the filter
	group  []byte // name of the group that holds rest; nil if rest is next to the bounds of the id
	rest   []byte // the caller's conditions without the bounds of the id
	ids    []byte // the list of ids that the caller filters by, or nil
	others []byte // rest without that list
	naming []byte // what precedes the list, including the colon or comma
	order  []byte // members that order by the id
	back   []byte // the same, reversed
	sel    arg    // the caller's select
	selKey string // the id's name in sel
	key    string // the id's name in the request
	limit  []byte // rows per page as the caller asked; nil if not given
	desc   bool
	full   bool // the select must hold more than the id
	v3     bool
	tail   bool
}

// newKeyForm splits the caller's parameters. The span is what the caller's own bounds leave to
// read.
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

// direct adopts the direction of the caller's order.
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

// takeFilter keeps the caller's conditions and merges their bounds of the id into the span.
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
	if group != "" { // the caller's conditions are alternatives
		form.group, form.rest = quote(group), conds.members()
		return nil
	}
	return form.takeConditions(conds, f, all)
}

// takeConditions removes the bounds of the id, and a list of ids, from conditions joined by AND.
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
	if ids != nil && !conds.without(given).has(form.key) {
		// Every method reads a list without an operator as "one of these values"; some ignore other
		// operators (docs/protocol.md 16).
		form.ids, form.naming = ids, append(quote(form.key), ':')
	}
	return nil
}

// takeNodes is takeFilter for REST 3.0, where all nodes must hold.
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

// narrow reduces the span to what a bound leaves of it.
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

// takePaging removes the caller's paging parameters except the page size.
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

func (form *keyForm) takePagination(list *args, f *Facts) *flaw {
	limit, bad := paginationLimit(list)
	if bad == nil && limit == nil && f.MaxPageSize > 0 {
		limit = strconv.AppendInt(nil, int64(f.MaxPageSize), 10)
	}
	form.limit = limit
	return bad
}

// takeCursor reads the caller's native REST 3.0 cursor, which is where to start.
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
				// Rows that share the value of a non-unique field would be skipped
				// (docs/protocol.md 13, trap 33).
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
		return &flaw{reason: ErrParams, detail: "cursor is not an object"}
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

// begin starts after the value of the caller's cursor.
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
