package b24test

import (
	"maps"
	"slices"

	"github.com/b24go/b24/b24test/internal/php"
)

// joined returns the joins that a query needs.
func (s *store) joined(q query, sel *php.Array) []join {
	var used []join
	for _, j := range s.fam.joins {
		if s.names(j, q, sel) {
			used = append(used, j)
		}
	}
	return used
}

// uncountable returns the error for a query that finds rows by fields that it cannot count them by.
func (s *store) uncountable(q query) error {
	if !q.count || s.fam.countable == nil {
		return nil
	}
	where := q.where
	if len(where) == 1 && where[0].top {
		where = where[0].inner
	}
	for _, c := range where {
		list, several := c.value.(*php.Array)
		if slices.Contains(s.fam.countable, c.field) && c.op == "" && (!several || list.Len() > 0) {
			continue
		}
		for _, j := range q.joins {
			if conditionOn([]condition{c}, j) {
				return s.fam.unknownField(j.member)
			}
		}
	}
	return nil
}

// names reports whether a query names a field of a join: in the filter, and if its fields are
// returned, in the order or select.
func (s *store) names(j join, q query, sel *php.Array) bool {
	if conditionOn(q.where, j) {
		return true
	}
	if !j.shown {
		return false
	}
	selected := func(_ string, v any) bool { return j.has(s.fam.resolve(php.Text(v), inSelect)) }
	return sel.Contains(selected) || slices.ContainsFunc(q.order, func(t term) bool { return j.has(t.field) })
}

func conditionOn(where []condition, j join) bool {
	return slices.ContainsFunc(where, func(c condition) bool { return c.inner == nil && j.has(c.field) || conditionOn(c.inner, j) })
}

// has reports whether a field belongs to the join.
func (j join) has(field string) bool {
	if j.fields == nil {
		return field == j.member
	}
	_, ok := j.fields[field]
	return ok
}

// unfold repeats a row once for each of the values that a join finds.
func unfold(from rows, joins []join) kept {
	found := slices.Collect(each(from))
	for _, j := range joins {
		var out []*record
		for _, r := range found {
			out = append(out, j.unfold(r)...)
		}
		found = out
	}
	return found
}

func (j join) unfold(r *record) []*record {
	list, _ := r.fields[j.member].(*php.Array)
	if list.Len() == 0 {
		list = php.List(j.single(r))
	}
	var out []*record
	for _, v := range list.All() {
		fields := maps.Clone(r.fields)
		for field, member := range j.columns() {
			fields[field] = v
			if inner, ok := v.(*php.Array); ok {
				fields[field], _ = inner.Get(member)
			}
		}
		out = append(out, &record{id: r.id, fields: fields, whole: r.original()})
	}
	return out
}

// single returns the only value of a row without a list of values: it may be in the row itself.
func (j join) single(r *record) any {
	if first := r.fields[boundFields()[j.member]]; j.fields == nil && r.fields[j.member] == nil {
		return first
	}
	if j.fields == nil {
		return r.fields[j.member]
	}
	own := php.NewArray()
	for _, member := range j.fields {
		own.Set(member, r.fields[member])
	}
	return own
}

// columns returns the fields of a join by their names in the values.
func (j join) columns() map[string]string {
	if j.fields == nil {
		return map[string]string{j.member: ""}
	}
	return j.fields
}

// original returns the row as it is stored.
func (r *record) original() *record {
	if r.whole != nil {
		return r.whole
	}
	return r
}

// folded undoes unfold, except for rows that return the value they were found by.
func folded(rows []*record, joins []join) []*record {
	if len(joins) == 0 || slices.ContainsFunc(joins, func(j join) bool { return j.shown }) {
		return rows
	}
	for i, r := range rows {
		rows[i] = r.original()
	}
	return rows
}
