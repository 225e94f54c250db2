package b24test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/b24go/b24"
)

// list answers *.list, user.get and the like.
func list(s *store, req Request) (any, error) {
	where, err := s.where(req)
	if err != nil {
		return nil, err
	}
	order, err := s.orderArg(req)
	if err != nil {
		return nil, err
	}
	sel, err := s.fam.arrayArg(req, "select")
	if err != nil {
		return nil, err
	}
	q := query{where: where, order: order, window: s.window(req)}
	p := s.page(q)
	if s.fam.wraps && q.count && len(p.rows) == 0 && p.total > 0 {
		q.offset = 0 // the database class of the classic methods takes a page that is not there for the first one
		p = s.page(q)
	}
	return s.pageResult(req, q, p, sel), nil
}

// where are all conditions of a request.
func (s *store) where(req Request) ([]condition, error) {
	if req.lies.unfiltered {
		return nil, nil
	}
	filter, err := s.filterArg(req)
	if err != nil {
		return nil, err
	}
	where, err := s.conditions(filter)
	if err != nil {
		return nil, err
	}
	if err := s.complete(where); err != nil {
		return nil, err
	}
	more, err := s.scoped(req)
	return append(where, more...), err
}

// pageResult wraps a page the way the family does.
func (s *store) pageResult(req Request, q query, p page, sel *array) Result {
	rows := req.lies.told(s.tellAll(req, req.lies.found(p.rows), sel), s.fam.told(s.fam.id))
	res := Result{Value: req.lies.wrapped(rows, s.fam.rows), work: work{rows: len(p.rows), counted: q.count}}
	if outer, ok := res.Value.(*array); ok && s.fam.more != "" {
		outer.set(s.fam.more, p.more)
	}
	s.number(&res, q, p)
	return res
}

// tellAll tells the rows of a page.
func (s *store) tellAll(req Request, found []*record, sel *array) *array {
	rows := newArray()
	rows.object = s.fam.byID
	t := newTeller(s, sel, req)
	for _, r := range found {
		if s.fam.byID {
			rows.set(r.id, t.row(r))
			continue
		}
		rows.add(t.row(r))
	}
	return rows
}

// number puts total and next beside a page, where the family has them.
func (s *store) number(res *Result, q query, p page) {
	if q.count {
		res.work.skipped = min(q.offset, p.total)
	}
	if p.more && (q.count || s.fam.noCount == totalMinus) {
		res.Next = new(q.offset + len(p.rows))
	}
	switch s.fam.noCount {
	case totalNever:
		return
	case totalMinus:
		res.Total = new(-1)
		return
	case totalAbsent:
		if !q.count {
			return
		}
	case totalOnRows:
		if len(p.rows) == 0 {
			return
		}
	case totalZero, totalAlways:
	}
	res.Total = new(0)
	if q.count {
		*res.Total = p.total
	}
}

// arg finds an argument the way the family does.
func (f *family) arg(req Request, name string) (any, bool) {
	if i := slices.Index(f.positions, name); i >= 0 {
		values := req.places()
		if i >= len(values) {
			return nil, false
		}
		return values[i], true
	}
	params := req.params
	if f.inside != "" {
		outer, _ := params.fold(f.inside)
		if params, _ = outer.(*array); params == nil {
			return nil, false
		}
	}
	if other := f.names[name]; other != "" {
		name = other
	}
	if f.exact {
		return params.get(name)
	}
	return params.fold(name)
}

// arrayArg is an argument that has to be a list or map; never nil. A controller refuses any other value, a classic method ignores it.
func (f *family) arrayArg(req Request, name string) (*array, error) {
	v, _ := f.arg(req, name)
	if a, ok := v.(*array); ok {
		return a, nil
	}
	if v != nil && f.checked {
		return nil, &b24.Error{
			Code:        "100",
			Description: fmt.Sprintf("Invalid value {%s} to match with parameter {%s}. Should be value of type array.", scalar(v), name),
			Status:      http.StatusBadRequest,
		}
	}
	return newArray(), nil
}

// filterArg is the filter, or the fields at the top level where the family takes them from there.
func (s *store) filterArg(req Request) (*array, error) {
	filter, err := s.fam.arrayArg(req, "filter")
	if err != nil || !s.fam.loose {
		return filter, err
	}
	if given, _ := s.fam.arg(req, "filter"); given != any(filter) {
		filter = req.params
	}
	return without(filter, "sort", "order", "filter", "select", "find", "admin_mode", "image_resize"), nil
}

func without(a *array, names ...string) *array {
	out := newArray()
	for k, v := range a.all() {
		if !slices.Contains(names, strings.ToLower(k)) {
			out.set(k, v)
		}
	}
	return out
}

// orderArg is the order in order of arrival.
func (s *store) orderArg(req Request) ([]term, error) {
	if s.fam.sort {
		return s.sortArgs(req)
	}
	order, err := s.fam.arrayArg(req, "order")
	if err != nil {
		return nil, err
	}
	var terms []term
	for name, dir := range order.all() {
		field, use, err := s.orderField(name)
		if err != nil {
			return nil, err
		}
		if use {
			terms = append(terms, term{field: field, desc: strings.HasPrefix(strings.ToUpper(scalar(dir)), "DESC")})
		}
	}
	return terms, nil
}

// orderField is known for an order: tasks.task.list takes any letter case there and refuses what it does not know.
func (s *store) orderField(name string) (field string, use bool, err error) {
	if s.fam.missing == missingTask {
		if field = s.fam.field(name); !s.fields[field] {
			return "", false, badRequest("0", "Wrong order field")
		}
		return field, true, nil
	}
	field, use, err = s.known(name, "order")
	if s.fam.anyOrder {
		return field, use, nil
	}
	return field, use, err
}

// sortArgs reads the scalars sort and order. department.get looks for them in its filter, if it has one.
func (s *store) sortArgs(req Request) ([]term, error) {
	from := req.params
	filter, err := s.fam.arrayArg(req, "filter")
	if s.fam.equal && filter.len() > 0 {
		from = filter
	}
	sort, _ := from.fold("sort")
	dir, _ := from.fold("order")
	field := strings.ToUpper(scalar(sort))
	if err != nil || !s.fields[field] || s.fam.both && scalar(dir) == "" {
		return nil, err
	}
	return []term{{field: field, desc: strings.EqualFold(scalar(dir), "DESC")}}, nil
}

// selected tells whether a select asks for a field; nil asks for all. UF_* asks for the custom ones, * and none at all for those that are not shy.
func (f *family) selected(field string, sel *array) bool {
	if sel == nil {
		return true
	}
	open := f.shy == shyNone || !isUser(field) && (f.shy != shyMulti || !isMulti(field))
	if sel.len() == 0 {
		return open && (f.selects == nil || field == f.id || slices.Contains(f.selects, field))
	}
	for _, v := range sel.all() {
		name := scalar(v)
		if name == "*" && open || name == "UF_*" && isUser(field) || f.field(name) == field {
			return true
		}
	}
	return false
}
