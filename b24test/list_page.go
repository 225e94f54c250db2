package b24test

import (
	"slices"

	"github.com/b24go/b24/b24test/internal/php"
)

// pageResult wraps a page as the family does.
func (s *store) pageResult(req Request, q query, p page, sel *php.Array) Result {
	rows := req.lies.told(s.tellAll(req, req.lies.found(p.rows), sel), s.fam.told(s.fam.id))
	res := Result{Value: req.lies.wrapped(rows, s.fam.rows), work: work{rows: len(p.rows), counted: q.count}}
	if outer, ok := res.Value.(*php.Array); ok {
		if s.fam.more != "" {
			outer.Set(s.fam.more, p.read >= q.limit)
		}
		if s.fam.confirms {
			outer.Set("nextOffset", nextOffset(q, p))
		}
	}
	s.number(&res, q, p)
	return res
}

// tellAll converts the rows of a page for an answer.
func (s *store) tellAll(req Request, found []*record, sel *php.Array) *php.Array {
	rows := php.NewArray()
	rows.Object = s.fam.byID
	t := newTeller(s, sel, req)
	for _, r := range found {
		if s.fam.byID {
			rows.Set(r.id, t.row(r))
			continue
		}
		rows.Add(t.row(r))
	}
	return rows
}

// selected reports whether a select names a field; nil selects all. UF_* selects the custom fields,
// * and an empty select those that are not shy.
func (f *family) selected(field string, sel *php.Array) bool {
	if sel == nil || field == f.id && f.withID {
		return true
	}
	open := !slices.Contains(f.quiet, field) && (f.shy == shyNone || !isUser(field) && (f.shy != shyMulti || !isMulti(field)))
	if sel.Len() == 0 {
		return open && (f.selects == nil || field == f.id || slices.Contains(f.selects, field))
	}
	for _, v := range sel.All() {
		name := php.Text(v)
		if name == "*" && open || name == "UF_*" && isUser(field) || f.resolve(name, inSelect) == field {
			return true
		}
	}
	return false
}
