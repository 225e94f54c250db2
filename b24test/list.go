package b24test

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test/internal/php"
)

// list answers *.list, user.get and the like.
func list(s *store, req Request) (any, error) {
	a, err := s.listArgs(req)
	if err != nil {
		return nil, err
	}
	if s.fam.confirms {
		s.confirm(req)
	}
	q, err := s.query(req, a)
	switch {
	case errors.Is(err, errNothing), err != nil && s.fam.silent:
		return php.NewArray(), nil
	case err != nil:
		return nil, err
	}
	p := s.page(q)
	if s.fam.wraps && q.count && len(p.rows) == 0 && p.total > 0 {
		q.offset, q.nav = 0, 0 // the database class of the classic methods replaces a page that does not exist by the first one
		p = s.page(q)
	}
	return s.pageResult(req, q, p, a.sel), nil
}

// listArgs holds the arguments of a list that are lists or maps; none is nil.
type listArgs struct {
	filter, order, sel *php.Array
}

func (s *store) listArgs(req Request) (a listArgs, err error) {
	if a.order, err = s.fam.arrayArg(req, "order"); err != nil {
		return a, err
	}
	if a.filter, err = s.filterArg(req); err != nil {
		return a, err
	}
	if a.sel, err = s.fam.arrayArg(req, "select"); err != nil {
		return a, err
	}
	if s.fam.allIfNone && !a.sel.Contains(func(_ string, v any) bool { return s.selects(php.Text(v)) }) {
		a.sel = php.NewArray()
	}
	return a, nil
}

// selects reports whether a value of a select names anything.
func (s *store) selects(name string) bool {
	return name == "*" || name == "UF_*" || s.has(s.fam.resolve(name, inSelect))
}

// query returns what a request asks for.
func (s *store) query(req Request, a listArgs) (q query, err error) {
	if q.where, err = s.where(req, a.filter); err != nil {
		return q, err
	}
	if q.order, err = s.orderTerms(req, a); err != nil {
		return q, err
	}
	if err := s.checkSelect(a.sel); err != nil {
		return q, err
	}
	s.remarkSelect(req, a.sel)
	q.window = s.window(req)
	q.joins = s.joined(q, a.sel)
	return q, s.uncountable(q)
}

// checkSelect refuses a select with unknown fields, if the method does.
func (s *store) checkSelect(sel *php.Array) error {
	if len(s.fam.selectNeed) > 0 {
		return s.fam.lacksSelected(sel)
	}
	if s.fam.strays[inSelect] == strayIgnored {
		return nil
	}
	for _, v := range sel.All() {
		if name := php.Text(v); name != "*" && name != "UF_*" {
			if _, _, err := s.known(name, name, inSelect); err != nil {
				return err
			}
		}
	}
	return nil
}

// lacksSelected refuses a select that leaves out a required field.
func (f *family) lacksSelected(sel *php.Array) error {
	missing := slices.DeleteFunc(slices.Clone(f.selectNeed), func(need string) bool {
		return sel.Contains(func(_ string, v any) bool { return f.resolve(php.Text(v), inSelect) == need })
	})
	if len(missing) == 0 {
		return nil
	}
	return badRequest("0", "Required select fields: "+strings.Join(missing, ", "))
}

// where returns all conditions of a request.
func (s *store) where(req Request, filter *php.Array) ([]condition, error) {
	if req.lies.unfiltered {
		return nil, nil
	}
	if err := s.complete(filter); err != nil {
		return nil, err
	}
	where, err := s.conditions(filter, req)
	if err != nil {
		return nil, err
	}
	more, err := s.scoped(req)
	return append(where, more...), err
}

// arg finds an argument as the family does.
func (f *family) arg(req Request, name string) (any, bool) {
	if f.positions != nil {
		i, values := slices.Index(f.positions, name), req.places()
		if i < 0 || i >= len(values) {
			return nil, false
		}
		return values[i], true
	}
	params := req.params
	if f.inside != "" {
		outer, _ := params.Fold(f.inside)
		if params, _ = outer.(*php.Array); params == nil {
			return nil, false
		}
	}
	if other := f.names[name]; other != "" {
		name = other
	}
	switch {
	case f.exact:
		return params.Get(name)
	case f.insists:
		return params.FirstSet(name, strings.ToUpper(name), strings.ToUpper(name[:1])+name[1:])
	}
	return params.Fold(name)
}

// arrayArg returns an argument that has to be a list or map; never nil. Controllers and the classic
// CRM refuse any other value, all others ignore it.
func (f *family) arrayArg(req Request, name string) (*php.Array, error) {
	v, _ := f.arg(req, name)
	if a, ok := v.(*php.Array); ok {
		return a, nil
	}
	switch {
	case v == nil:
	case f.checked:
		return nil, &b24.Error{
			Code:        "100",
			Description: fmt.Sprintf("Invalid value {%s} to match with parameter {%s}. Should be value of type array.", php.Text(v), name),
			Status:      http.StatusBadRequest,
		}
	case f.insists && name != "select":
		return nil, badRequest("", "Parameter '"+name+"' must be array.")
	}
	return php.NewArray(), nil
}

// filterArg returns the filter, or the fields at the top level if the family reads them from there.
func (s *store) filterArg(req Request) (*php.Array, error) {
	filter, err := s.fam.arrayArg(req, "filter")
	if err != nil || !s.fam.loose {
		return filter, err
	}
	if given, _ := s.fam.arg(req, "filter"); given != any(filter) {
		filter = req.params
	}
	return without(filter, "sort", "order", "filter", "select", "admin_mode", "image_resize"), nil
}

func without(a *php.Array, names ...string) *php.Array {
	out := php.NewArray()
	for k, v := range a.All() {
		if !slices.Contains(names, strings.ToLower(k)) {
			out.Set(k, v)
		}
	}
	return out
}

// orderTerms returns the fields of an order, as they arrived.
func (s *store) orderTerms(req Request, a listArgs) ([]term, error) {
	if s.fam.sort {
		return s.sortArgs(req, a.filter)
	}
	var terms []term
	for name, dir := range a.order.All() {
		t, use, err := s.term(name, dir)
		if err != nil {
			return nil, err
		}
		if use {
			terms = append(terms, t)
		}
	}
	if last := s.fam.last; last != "" {
		slices.SortStableFunc(terms, func(a, b term) int { return cmp.Compare(rankOf(a, last), rankOf(b, last)) })
	}
	return terms, nil
}

func rankOf(t term, last string) int {
	if t.field == last {
		return 1
	}
	return 0
}

// term is one field of an order.
func (s *store) term(name string, dir any) (t term, use bool, err error) {
	field, use, err := s.known(name, name, inOrder)
	if err != nil {
		return t, false, err
	}
	switch orderable := s.fam.orderable == nil || slices.Contains(s.fam.orderable, field); {
	case !use && !s.exists(name, inOrder):
		s.remarkUnknown("order", name)
	case !orderable:
		s.remarkIgnored("order", name, "by which the portal does not sort")
	}
	if !use || s.fam.orderable != nil && !slices.Contains(s.fam.orderable, field) {
		return t, false, nil
	}
	desc, use, err := s.fam.turn(name, php.Text(dir))
	return term{field: field, desc: desc}, use, err
}

// turn returns the direction that an order names for a field.
func (f *family) turn(name, dir string) (desc, use bool, err error) {
	folded := strings.ToUpper(dir)
	is := dir
	if f.turns == turnsORM || f.turns == turnsFold {
		is = folded
	}
	named := is == "ASC" || is == "DESC"
	switch f.turns {
	case turnsAsc:
		return folded != "ASC", true, nil
	case turnsUpper:
		return dir == "DESC", true, nil
	case turnsLower:
		return dir == "desc", dir == "asc" || dir == "desc", nil
	case turnsExact:
		return dir == "DESC", named, nil
	case turnsORM:
		if !named {
			err = f.wrongTurn(folded)
		}
	case turnsFold, turnsStrict:
		if !named {
			text := fmt.Sprintf("Invalid order: allowed sort directions are ASC, DESC. But got '%s' for field '%s'", is, snakeCapitals(name))
			err = badRequest("INVALID_ARG_VALUE", text)
		}
	case turnsDesc:
	}
	return folded == "DESC", true, err
}

// wrongTurn returns the error of an ORM for an unknown direction.
func (f *family) wrongTurn(dir string) error {
	if f.checked {
		return badRequest("100", `Invalid order "`+dir+`"`)
	}
	return badRequest("ERROR_ARGUMENT", `Invalid order "`+dir+`"`)
}

// sortArgs reads the scalars sort and order. If there is a filter, department.get looks for them in
// it.
func (s *store) sortArgs(req Request, filter *php.Array) ([]term, error) {
	from := req.params
	if given, _ := s.fam.arg(req, "filter"); !s.fam.both && given != nil && filter.Len() > 0 {
		from, _ = given.(*php.Array)
	}
	sort, _ := from.Fold("sort")
	dir, _ := from.Fold("order")
	if php.Text(sort) == "" || s.fam.both && php.Text(dir) == "" {
		return nil, nil
	}
	t, use, err := s.term(strings.TrimSpace(php.Text(sort)), dir)
	if err != nil || !use {
		return nil, err
	}
	return []term{t}, nil
}
