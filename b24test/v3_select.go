package b24test

import (
	"maps"
	"slices"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// select3 is the part of a row that is returned; nil is all of it except relations.
type select3 struct {
	fields    []string
	relations []relation3
}

type relation3 struct {
	name string
	sub  *select3 // nil: all fields of the related rows
}

// selectArg reads the argument select; byDefault is the selection without one.
func (c call3) selectArg(byDefault []string) (*select3, error) {
	v, _ := c.arg("select")
	if v == nil || !php.Truthy(v) {
		if byDefault == nil {
			return nil, nil //nolint:nilnil // documented
		}
		return &select3{fields: byDefault}, nil
	}
	sel := &select3{}
	for _, item := range php.Several(v).All() {
		if a, isArray := item.(*php.Array); isArray {
			return nil, invalidSelect(string(php.AppendJSON(nil, a)))
		}
		if err := c.rest.choose(c.table, sel, php.Text(item)); err != nil {
			return nil, err
		}
	}
	return sel, nil
}

// choose adds a name to a selection: a field, a relation, or a field of a relation.
func (r *V3) choose(t *table3, sel *select3, name string) error {
	head, rest, dotted := strings.Cut(name, ".")
	rel, isRelation := t.def.Relations[head]
	_, isField := t.fields[head]
	switch {
	case isRelation:
		return r.chooseRelated(sel, head, rest, r.related(rel))
	case dotted, !isField && t.def.StrictSelect:
		return unknownProperty(t.entity, name)
	case isField:
		sel.fields = append(sel.fields, name)
	}
	return nil
}

// related returns the table behind a relation; one without rows if it does not exist.
func (r *V3) related(rel RelationV3) *table3 {
	if t := r.tables[rel.Entity]; t != nil {
		return t
	}
	return newTable3(rel.Entity, EntityV3{})
}

func (r *V3) chooseRelated(sel *select3, name, rest string, t *table3) error {
	i := slices.IndexFunc(sel.relations, func(rel relation3) bool { return rel.name == name })
	if i < 0 {
		i = len(sel.relations)
		sel.relations = append(sel.relations, relation3{name: name, sub: &select3{}})
	}
	if rest == "" {
		sel.relations[i].sub = nil
		return nil
	}
	sub := sel.relations[i].sub
	if sub == nil {
		return nil // all of it is selected already
	}
	head, _, dotted := strings.Cut(rest, ".")
	_, isField := t.fields[head]
	_, isRelation := t.def.Relations[head]
	empty := t.def.Fields == nil && len(t.rows) == 0 // its fields are not known
	if !isField && !isRelation && (dotted || !empty) {
		return unknownProperty(t.entity, rest)
	}
	return r.choose(t, sub, rest)
}

// show returns rows as selected, with their relations.
func (r *V3) show(t *table3, rows []*record, sel *select3) []*php.Array {
	told := make([]*php.Array, len(rows))
	for i, row := range rows {
		told[i] = t.show(row, sel)
	}
	if sel == nil {
		return told
	}
	for _, rel := range sel.relations {
		r.join(t, rows, told, rel)
	}
	return told
}

// show returns the fields of a row, the id first, then by name. A field that the row does not have
// is null if it was selected.
func (t *table3) show(row *record, sel *select3) *php.Array {
	out := php.Object()
	if sel == nil {
		names := slices.Sorted(maps.Keys(row.fields))
		out.Set(idField, row.fields[idField])
		for _, name := range names {
			out.Set(name, row.fields[name])
		}
		return out
	}
	names := slices.Clone(sel.fields)
	slices.Sort(names)
	if slices.Contains(names, idField) {
		out.Set(idField, row.fields[idField])
	}
	for _, name := range names {
		out.Set(name, row.fields[name])
	}
	return out
}

// join adds a relation to rows. The related rows of all of them are read as one page: rows beyond
// it are missing (docs/protocol.md 9.4).
func (r *V3) join(t *table3, rows []*record, told []*php.Array, rel relation3) {
	def := t.def.Relations[rel.name]
	from, to := def.From, def.To
	if from == "" {
		from = rel.name + "Id"
	}
	if to == "" {
		to = idField
	}
	wanted := map[string]bool{}
	for _, row := range rows {
		eachKeyV3(row.fields[from], func(key string) { wanted[key] = true })
	}
	other := r.related(def)
	var found []*record
	for _, row := range other.rows {
		if wanted[php.Text(row.fields[to])] && len(found) < pageSize {
			found = append(found, row)
		}
	}
	shown := map[string][]any{}
	for i, one := range r.show(other, found, rel.sub) {
		key := php.Text(found[i].fields[to])
		shown[key] = append(shown[key], one)
	}
	for i, row := range rows {
		if row.fields[from] == nil {
			continue // the portal leaves the relation out
		}
		told[i].Set(rel.name, matchedV3(row.fields[from], shown, def.Many))
	}
}

// eachKeyV3 calls f for a key, or for each key in a list.
func eachKeyV3(v any, f func(key string)) {
	list, ok := v.(*php.Array)
	if !ok {
		f(php.Text(v))
		return
	}
	for _, one := range list.All() {
		f(php.Text(one))
	}
}

//nolint:revive // flag-parameter: many is a property of the relation
func matchedV3(key any, shown map[string][]any, many bool) any {
	list := php.NewArray()
	eachKeyV3(key, func(key string) {
		for _, one := range shown[key] {
			list.Add(one)
		}
	})
	if many {
		return list
	}
	first, _ := list.Get("0")
	return first
}
