package b24test

import "slices"

// pageResult wraps a page the way the family does.
func (s *store) pageResult(req Request, q query, p page, sel *array) Result {
	rows := req.lies.told(s.tellAll(req, req.lies.found(p.rows), sel), s.fam.told(s.fam.id))
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

// selected tells whether a select asks for a field; nil asks for all. UF_* asks for the custom ones, * and none at all for those that are not shy.
func (f *family) selected(field string, sel *array) bool {
	if sel == nil || field == f.id && f.withID {
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
