package b24test

import (
	"slices"
	"strings"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test/internal/php"
)

// hardLimit3 is the size of the largest page of any method.
const hardLimit3 = 1000

// listV3 answers *.list.
func listV3(c call3) (any, error) {
	sel, err := c.selectArg(c.table.def.ListFields)
	if err != nil {
		return nil, err
	}
	filter, err := c.filterArg()
	if err != nil {
		return nil, err
	}
	if err := c.checkFilterBy(filter); err != nil {
		return nil, err
	}
	order, err := c.orderArg()
	if err != nil {
		return nil, err
	}
	w, err := c.paginationArg()
	if err != nil {
		return nil, err
	}
	return c.items(c.table.page(filter, order, w), sel, w), nil
}

func (c call3) items(rows []*record, sel *select3, w window) Result {
	list := php.NewArray()
	for _, row := range c.rest.show(c.table, rows, sel) {
		list.Add(row)
	}
	return Result{Value: php.Object("items", list), work: work{rows: len(rows), skipped: w.offset}}
}

// checkFilterBy refuses a filter without a condition that the entity requires.
func (c call3) checkFilterBy(filter node3) error {
	var missing []b24.FieldError
	for _, name := range c.table.def.FilterBy {
		if !filter.fixes(name) {
			missing = append(missing, b24.FieldError{Field: "filter." + name, Message: "Required field `" + name + "` is not specified in the filter"})
		}
	}
	if missing == nil {
		return nil
	}
	e := errorV3("VALIDATION_REQUESTFILTERVALIDATIONEXCEPTION", "Error during request filter validation")
	e.Validation = missing
	return e
}

// fixes reports whether a filter has a condition with = on a field, itself or in its list.
func (n node3) fixes(field string) bool {
	if n.cond != nil {
		return n.cond.op == "=" && n.cond.left.field == field
	}
	return slices.ContainsFunc(n.nodes, func(inner node3) bool {
		if len(inner.nodes) == 1 {
			inner = inner.nodes[0]
		}
		return inner.cond != nil && inner.fixes(field)
	})
}

// paginationArg reads the argument pagination.
func (c call3) paginationArg() (w window, err error) {
	w.limit = c.table.pageLimit()
	limit := w.limit
	v, _ := c.arg("pagination")
	a, ok := v.(*php.Array)
	if !ok {
		a = php.NewArray()
	}
	if v, ok := a.Isset("limit"); ok {
		if limit, err = limitOfV3(v); err != nil {
			return w, err
		}
	}
	if v, ok := a.Isset("offset"); ok {
		if !php.IsNumeric(v) {
			return w, invalidPagination("offset", v)
		}
		w.offset = php.Int(v)
	}
	if v, ok := a.Isset("page"); ok {
		if !php.IsNumeric(v) {
			return w, invalidPagination("page", v)
		}
		// The method's own limit is applied later: a caller who requests more than it skips rows
		// between two pages.
		w.offset = max(php.Int(v)-1, 0) * limit
	}
	if w.offset < 0 || limit < 0 {
		return w, phpErrorV3("(1064) You have an error in your SQL syntax")
	}
	w.limit = min(limit, c.maxLimit())
	return w, nil
}

// limitOfV3 reads a limit; the database refuses a negative one.
func limitOfV3(v any) (int, error) {
	if n, ok := php.ParseNumeric(strings.TrimSpace(php.Text(v))); !ok || n.Float() == 0 || !php.IsNumeric(v) {
		return 0, invalidPagination("limit", v)
	}
	return min(php.Int(v), hardLimit3), nil
}

// pageLimit returns the page size of a request without a limit.
func (t *table3) pageLimit() int {
	switch {
	case t.def.Limit > 0:
		return t.def.Limit
	case t.def.MaxLimit > 0:
		return min(t.def.MaxLimit, pageSize)
	default:
		return pageSize
	}
}

// maxLimit returns the size of the largest page of the called method.
func (c call3) maxLimit() int {
	for _, name := range []string{strings.ToLower(c.Method), ""} {
		if limit := c.rest.maxLimits[name]; limit > 0 {
			return limit
		}
	}
	if c.table.def.MaxLimit > 0 {
		return c.table.def.MaxLimit
	}
	return pageSize
}

// page finds rows. Without an order they come by id; with an empty one in an order that looks
// random.
func (t *table3) page(filter node3, order order3, w window) []*record {
	found := t.narrow(filter)
	if !order.given || len(order.terms) > 0 && order.terms[0].field == idField {
		if order.given && order.terms[0].desc {
			return stream(backward{found}, filter.holds, w).rows
		}
		return stream(found, filter.holds, w).rows
	}
	sorted := t.matching(filter)
	if len(order.terms) == 0 {
		slices.SortStableFunc(sorted, accidental)
	} else {
		slices.SortStableFunc(sorted, byTerms(order.terms))
	}
	return stream(kept(sorted), nil, w).rows
}

// matching returns all rows that a filter finds, by id.
func (t *table3) matching(filter node3) []*record {
	return stream(t.narrow(filter), filter.holds, window{limit: everything}).rows
}

// narrow uses bounds of the id to leave out rows that need not be checked.
func (t *table3) narrow(filter node3) kept {
	low, high := 0, len(t.rows)
	for _, n := range filter.required() {
		if n.left.field != idField || n.left.length || n.right.field != "" {
			continue
		}
		if from, to, ok := span(t.rows, n.op, n.right.value); ok {
			low, high = max(low, from), min(high, to)
		}
	}
	return t.rows[min(low, high):high]
}

// required returns the conditions that each row must meet.
func (n node3) required() []*cond3 {
	if n.cond != nil {
		return []*cond3{n.cond}
	}
	if n.negative || n.either {
		return nil
	}
	var all []*cond3
	for _, inner := range n.nodes {
		all = append(all, inner.required()...)
	}
	return all
}
