package b24test

import (
	"slices"
	"strings"
)

// pageResult wraps a page the way the family does.
func (s *store) pageResult(req Request, q query, p page, sel *array) Result {
	rows := req.lies.told(s.tellAll(req, req.lies.found(p.rows), sel), s.fam.id)
	res := Result{Value: req.lies.wrapped(rows, s.fam.rows), work: work{rows: len(p.rows), counted: q.count}}
	if outer, ok := res.Value.(*array); ok {
		if s.fam.more != "" {
			outer.set(s.fam.more, p.read >= q.limit)
		}
		if s.fam.confirms {
			outer.set("nextOffset", nextOffset(q, p))
		}
	}
	s.number(&res, q, p)
	return res
}

// tellAll tells the rows of a page.
func (s *store) tellAll(req Request, found []*record, sel *array) *array {
	rows := newArray()
	rows.object = s.fam.byID
	for _, r := range found {
		if s.fam.byID {
			rows.set(r.id, s.fam.show(r, sel, req))
			continue
		}
		rows.add(s.fam.show(r, sel, req))
	}
	return rows
}

// show tells a row: the selected fields, the id first, then by name.
func (f *family) show(r *record, sel *array, req Request) *array {
	names := make([]string, 0, len(r.fields))
	for name := range r.fields {
		if name != f.id && !strings.Contains(name, ".") && f.selected(name, sel) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if f.id != "" && (f.withID || f.selected(f.id, sel)) {
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
		row.set(key, f.tell(r, name))
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
		return open && (f.selects == nil || field == f.id || slices.Contains(f.selects, field))
	}
	for _, v := range sel.all() {
		name := scalar(v)
		if name == "*" && open || name == "UF_*" && isUser(field) || f.resolve(name, inSelect) == field {
			return true
		}
	}
	return false
}

// tell is a value of a row as the family tells it.
func (f *family) tell(r *record, name string) any {
	v := r.fields[name]
	_, isArray := v.(*array)
	if f.values && !isArray && v != nil && strings.HasPrefix(name, "PROPERTY_") {
		return object(r.id+"1", text(v, flags{"Y", "N"})) // the key is the id of the value, which nobody seeded
	}
	switch {
	case f.texts == textAll:
		return text(v, flags{"Y", "N"})
	case f.texts == textUser, f.texts == textNumbers && !isArray:
		return text(v, flags{true, false})
	}
	return v
}
