package b24test

import (
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// pageSize is the number of rows in a page.
const pageSize = 50

// everything is larger than any number of rows.
const everything = 1 << 30

// window returns the part of the rows that a request asks for.
func (s *store) window(req Request) window {
	start, _ := req.Start()
	w := window{offset: max(start, 0), limit: s.fam.size(req), count: start >= 0}
	w.nav = w.offset - w.offset%pageSize
	switch s.fam.paging {
	case byPage:
		w.offset -= w.offset % w.limit
		w.nav = w.offset
	case byOffset:
		w.nav = w.offset
	case byLimit:
		w.offset, w.limit = s.fam.limits(req, start)
		w.nav = w.offset
	case byNav:
		w.offset, w.limit = s.fam.nav(req, start)
		w.nav = w.offset
	case byArg:
		from, _ := s.fam.arg(req, "offset")
		w.offset, w.limit = max(php.Int(from), 0), s.fam.limit
	case pageOne:
		w.offset = 0
	case allRows:
		w.offset, w.nav, w.limit = 0, 0, everything
	}
	if s.fam.confirms {
		w.offset = 0 // the rows below no longer exist
	}
	switch s.fam.noCount {
	case totalAlways:
		w.count = true
	case totalMinus, totalNever:
		w.count = false
	case totalZero, totalAbsent, totalOnRows, totalPage, totalNone:
	}
	return w
}

// size returns the number of rows in a page.
func (f *family) size(req Request) int {
	if req.pageSize > 0 {
		return req.pageSize
	}
	return pageSize
}

// number adds total and next to a page, if the family has them.
func (s *store) number(res *Result, q query, p page) {
	if q.count {
		res.work.skipped = min(q.offset, p.total)
	}
	next := q.nav + len(p.rows)
	switch s.fam.noCount {
	case totalNever:
		return
	case totalMinus:
		res.Total = new(-1)
		if p.read >= q.limit {
			res.Next = new(next)
		}
		return
	case totalPage, totalNone:
		if !q.count {
			return
		}
		p.total, next = 0, p.total
		if s.fam.noCount == totalPage {
			p.total = len(p.rows)
		}
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
	if q.count && next < p.total {
		res.Next = new(next)
	}
}

// limits reads the arguments limit and offset; start takes precedence over offset if a portal knows
// both.
func (f *family) limits(req Request, start int) (offset, limit int) {
	given, _ := f.arg(req, "limit")
	from, _ := f.arg(req, "offset")
	limit = php.Int(given)
	if limit <= 0 {
		limit = f.limit
	}
	if limit == 0 {
		limit = everything
	}
	if f.most > 0 {
		limit = min(limit, f.most)
	}
	if start > 0 && f.inside == "" {
		return start, limit
	}
	return max(php.Int(from), 0), limit
}

// nav reads NAV_PARAMS of the argument params. Without them, a method without a page size returns
// all rows; a method with a page size follows start, unless that is the first page.
func (f *family) nav(req Request, start int) (offset, limit int) {
	size := f.size(req)
	given, _ := f.arg(req, "params")
	params, _ := given.(*php.Array)
	nav := params.Inner("NAV_PARAMS")
	if f.limit > 0 && start >= size {
		return start - start%size, size
	}
	if nav == nil && f.limit == 0 && !f.zeroScope(req) {
		return 0, everything
	}
	limit, page := size, 1
	if v, ok := nav.Get("nPageSize"); ok && php.Int(v) > 0 {
		limit = min(size, php.Int(v))
	}
	if v, ok := nav.Get("iNumPage"); ok {
		page = max(1, php.Int(v))
	}
	return (page - 1) * limit, limit
}

// zeroScope reports whether a request is for the rows of all owners.
func (f *family) zeroScope(req Request) bool {
	if len(f.scopes) == 0 || !f.scopes[0].zero {
		return false
	}
	v, _ := f.arg(req, f.scopes[0].arg)
	return php.Int(v) == 0
}

// scoped returns the conditions that arguments other than the filter make.
func (s *store) scoped(req Request) ([]condition, error) {
	var where []condition
	for _, sc := range s.fam.scopes {
		v, ok := s.fam.arg(req, sc.arg)
		if !ok || v == nil || sc.zero && php.Int(v) == 0 {
			if sc.required {
				return nil, s.fam.lacks(sc.arg)
			}
			continue
		}
		c := compares(sc.op, sc.field, v)
		c.open = true
		where = append(where, c)
	}
	if text, ok := s.search(req); ok {
		either := condition{either: true}
		for _, field := range s.fam.find {
			either.inner = append(either.inner, condition{field: field, predicate: predicate{one: isLike([]any{text}, "%")}})
		}
		where = append(where, either)
	}
	return where, nil
}

// search returns the argument FIND, which applies in addition to the other conditions.
func (s *store) search(req Request) (any, bool) {
	if s.fam.find == nil || s.fam.findVerb != "" && !strings.HasSuffix(strings.ToLower(req.Method), "."+s.fam.findVerb) {
		return nil, false
	}
	from := req.params
	if filter, _ := s.fam.arg(req, "filter"); s.fam.loose && php.IsArray(filter) {
		from, _ = filter.(*php.Array)
	}
	return from.Fold("find")
}

// lacks returns the error for a missing required argument.
func (f *family) lacks(arg string) error {
	if f.checked {
		return badRequest("100", "Could not find value for parameter {"+arg+"}")
	}
	return badRequest("ERROR_ARGUMENT", "Required parameter "+arg+" is missing")
}

// complete refuses a filter without a required key: a portal looks for it at the top, with this
// operator.
func (s *store) complete(filter *php.Array) error {
	for _, key := range s.fam.needs {
		found := filter.Contains(func(k string, v any) bool {
			op, name := s.fam.grammar.split(k)
			return op+s.fam.resolve(name, inFilter) == key && php.Truthy(v)
		})
		switch op, _ := s.fam.grammar.split(key); {
		case found:
		case op == "":
			return badRequest("0", "Required filter fields: "+key)
		default:
			return badRequest("REQUIRED_ARG_MISSING", "Argument '"+key+"' is required")
		}
	}
	return nil
}
