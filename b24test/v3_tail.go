package b24test

import (
	"cmp"
	"slices"

	"github.com/b24go/b24/b24test/internal/php"
)

// tailV3 answers *.tail: the rows after a cursor.
func tailV3(c call3) (any, error) {
	sel, err := c.selectArg(nil)
	if err != nil {
		return nil, err
	}
	filter, err := c.filterArg()
	if err != nil {
		return nil, err
	}
	cur, given, err := c.cursorArg()
	if err != nil {
		return nil, err
	}
	if slices.Contains(filter.fieldNames(), cur.field) {
		return nil, invalidFilter("Cursor field " + cur.field + " cannot be used at filter.")
	}
	by, err := c.table.term(cur.field, cur.dir)
	if err != nil {
		return nil, err
	}
	if given {
		op := ">"
		if by.desc {
			op = "<"
		}
		from := node3{cond: &cond3{left: side3{field: cur.field}, op: op, right: side3{value: cur.value}}}
		filter = node3{nodes: []node3{filter, from}}
	}
	w := window{limit: min(cur.limit, c.maxLimit())}
	return c.items(c.table.page(filter, order3{given: true, terms: []term{by}}, w), sel, w), nil
}

// cursor3 is where a tail begins.
type cursor3 struct {
	field string
	value any
	dir   any
	limit int
}

func (c call3) cursorArg() (cur cursor3, given bool, err error) {
	cur = cursor3{field: idField, dir: "ASC", limit: c.table.pageLimit()}
	v, ok := c.arg("cursor")
	if !ok {
		return cur, false, nil
	}
	a, ok := v.(*php.Array)
	if !ok {
		a = php.NewArray()
	}
	if v, ok := a.Isset("limit"); ok {
		if cur.limit, err = limitOfV3(v); err != nil {
			return cur, true, err
		}
		if cur.limit < 0 {
			return cur, true, phpErrorV3("(1064) You have an error in your SQL syntax")
		}
	}
	field, _ := a.Isset("field")
	if !php.Truthy(field) {
		return cur, true, requiredField("cursor.field")
	}
	cur.field = php.Text(field)
	f, ok := c.table.fields[cur.field]
	if !ok {
		return cur, true, unknownProperty(c.table.entity, cur.field)
	}
	if cur.value, ok = a.Isset("value"); !ok {
		return cur, true, requiredField("cursor.value")
	}
	if !f.Type.takes(cur.value) {
		return cur, true, wrongType(cur.field, f.Type)
	}
	if dir, ok := a.Isset("order"); ok && php.Truthy(dir) {
		cur.dir = dir
	}
	return cur, true, nil
}

// notesV3 answers note.collection.list, which has a different kind of cursor (docs/protocol.md
// 9.5): the rows are ordered by position and id, nextCursor is what the next call passes as
// pagination.afterCursor, and null at the end. It refuses nothing: an invalid limit becomes 50, one
// above the largest page becomes that, and a cursor without position and id starts at the
// beginning.
func notesV3(c call3) (any, error) {
	rows := slices.Clone(c.table.rows)
	slices.SortStableFunc(rows, comparePlaces)
	v, _ := c.arg("pagination")
	pagination, ok := v.(*php.Array)
	if !ok {
		pagination = php.NewArray()
	}
	if from := afterCursor(pagination); from != nil {
		rows = slices.DeleteFunc(rows, func(r *record) bool { return comparePlaces(r, from) <= 0 })
	}
	w := window{limit: c.notesLimit(pagination)}
	page := rows[:min(w.limit, len(rows))]
	res := c.items(page, nil, w)
	var next any
	if len(page) < len(rows) {
		last := page[len(page)-1]
		next = php.Object("position", php.Number(php.Int(last.fields["position"])), idField, last.fields[idField])
	}
	if value, ok := res.Value.(*php.Array); ok {
		value.Set("nextCursor", next)
	}
	return res, nil
}

func (c call3) notesLimit(pagination *php.Array) int {
	v, _ := pagination.Isset("limit")
	limit := php.Int(v)
	if limit < 1 {
		limit = c.table.pageLimit()
	}
	return min(limit, c.maxLimit())
}

// afterCursor returns the place after which a page begins; nil if none is given.
func afterCursor(pagination *php.Array) *record {
	v, _ := pagination.Isset("afterCursor")
	after, ok := v.(*php.Array)
	if !ok {
		return nil
	}
	fields := map[string]any{}
	for _, name := range []string{"position", idField} {
		v, ok := after.Isset(name)
		if !ok {
			return nil
		}
		fields[name] = php.Number(php.Int(v))
	}
	return &record{id: php.Text(fields[idField]), fields: fields}
}

func comparePlaces(a, b *record) int {
	return cmp.Or(cmp.Compare(php.Int(a.fields["position"]), php.Int(b.fields["position"])), compareIDs(a.id, b.id))
}
