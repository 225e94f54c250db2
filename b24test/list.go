package b24test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/b24go/b24"
)

// list answers *.list, user.get and department.get.
func list(s *store, req Request) (any, error) {
	filter, err := s.filterArg(req)
	if err != nil {
		return nil, err
	}
	var q query
	if q.where, err = s.conditions(filter); err != nil {
		return nil, err
	}
	if q.order, err = s.orderArg(req); err != nil {
		return nil, err
	}
	sel, err := s.fam.arrayArg(req, "select")
	if err != nil {
		return nil, err
	}
	start, _ := req.Start()
	q.offset = max(start, 0) / pageSize * pageSize
	q.count = start >= 0
	return s.pageResult(req, q, s.page(q), sel), nil
}

// pageResult wraps a page the way the family does.
func (s *store) pageResult(req Request, q query, p page, sel *array) Result {
	rows := newArray()
	for _, r := range p.rows {
		rows.add(s.fam.show(r, sel, req))
	}
	res := Result{Value: rows, work: work{rows: len(p.rows), counted: q.count}}
	if s.fam.rows != "" {
		res.Value = object(s.fam.rows, rows)
	}
	total := 0
	if q.count {
		total = p.total
		res.work.skipped = min(q.offset, p.total)
		if p.more {
			res.Next = new(q.offset + pageSize)
		}
	}
	absent := s.fam.noCount == totalAbsent && !q.count || s.fam.noCount == totalOnRows && len(p.rows) == 0
	if !absent {
		res.Total = &total
	}
	return res
}

// arg finds an argument the way the family does.
func (f *family) arg(req Request, name string) (any, bool) {
	if f.exact {
		return req.params.get(name)
	}
	return req.params.fold(name)
}

// arrayArg is an argument that has to be a list or map; never nil. A controller refuses any other value, a classic method ignores it.
func (f *family) arrayArg(req Request, name string) (*array, error) {
	v, _ := f.arg(req, name)
	if a, ok := v.(*array); ok {
		return a, nil
	}
	if v != nil && f.exact {
		return nil, &b24.Error{
			Code:        "100",
			Description: fmt.Sprintf("Invalid value {%s} to match with parameter {%s}. Should be value of type array.", scalar(v), name),
			Status:      http.StatusBadRequest,
		}
	}
	return newArray(), nil
}

// filterArg is the filter, with the fields at the top level added where the family takes them from there.
func (s *store) filterArg(req Request) (*array, error) {
	filter, err := s.fam.arrayArg(req, "filter")
	if err != nil || !s.fam.loose {
		return filter, err
	}
	merged := newArray()
	if !s.fam.equal || filter.len() == 0 {
		merged = without(req.params, "sort", "order", "filter", "select", "admin_mode", "image_resize")
	}
	if s.fam.equal {
		filter = without(filter, "sort", "order")
	}
	for k, v := range filter.all() {
		merged.set(k, v)
	}
	return merged, nil
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
	if s.fam.missing != missingTask {
		return s.known(name, "order")
	}
	field = s.fam.field(name)
	if !s.fields[field] {
		return "", false, &b24.Error{Code: "0", Description: "Wrong order field", Status: http.StatusBadRequest}
	}
	return field, true, nil
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
	if err != nil || !s.fields[field] {
		return nil, err
	}
	return []term{{field: field, desc: strings.EqualFold(scalar(dir), "DESC")}}, nil
}

// show tells a row: the selected fields, the id first, then by name.
func (f *family) show(r *record, sel *array, req Request) *array {
	names := make([]string, 0, len(r.fields))
	for name := range r.fields {
		if name != f.id && f.selected(name, sel) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if f.selected(f.id, sel) {
		names = slices.Insert(names, 0, f.id)
	}
	original := f.typed && scalar(req.Params["useOriginalUfNames"]) == "Y"
	row := newArray()
	row.object = true
	for _, name := range names {
		key := name
		if original && isUser(name) {
			key = toUpper(name)
		}
		row.set(key, f.tell(r.fields[name]))
	}
	return row
}

// selected tells whether a select asks for a field; nil asks for all. UF_* asks for the custom ones, * and none at all for those that are not shy.
func (f *family) selected(field string, sel *array) bool {
	if sel == nil {
		return true
	}
	open := f.shy == shyNone || !isUser(field) && (f.shy != shyMulti || !isMulti(field))
	if sel.len() == 0 {
		return open
	}
	for _, v := range sel.all() {
		name := scalar(v)
		if name == "*" && open || name == "UF_*" && isUser(field) || f.field(name) == field {
			return true
		}
	}
	return false
}

// tell is a value as the family tells it.
func (f *family) tell(v any) any {
	switch f.texts {
	case textNone:
	case textAll:
		return text(v, flags{"Y", "N"})
	case textUser:
		return text(v, flags{true, false})
	case textNumbers:
		if _, ok := v.(*array); !ok {
			return text(v, flags{true, false})
		}
	}
	return v
}
