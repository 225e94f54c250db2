package b24test

import "slices"

// pageSize is the number of rows in a page.
const pageSize = 50

// everything is more rows than there can be.
const everything = 1 << 30

// window is the part of the rows that a request asks for.
func (s *store) window(req Request) window {
	start, _ := req.Start()
	w := window{offset: max(start, 0), limit: s.fam.size(req), count: start >= 0}
	switch s.fam.paging {
	case byPage:
		w.offset -= w.offset % w.limit
	case byOffset:
	case byLimit:
		w.offset, w.limit = s.fam.limits(req, start)
	case byNav:
		w.offset, w.limit = s.fam.nav(req, start)
	case allRows:
		w.offset, w.limit = 0, everything
	}
	switch s.fam.noCount {
	case totalAlways:
		w.count = true
	case totalMinus, totalNever:
		w.count = false
	case totalZero, totalAbsent, totalOnRows:
	}
	return w
}

// size is the number of rows in a page.
func (f *family) size(req Request) int {
	if req.pageSize > 0 {
		return req.pageSize
	}
	return pageSize
}

// limits reads the arguments limit and offset; start comes before offset where a portal knows both.
func (f *family) limits(req Request, start int) (offset, limit int) {
	given, _ := f.arg(req, "limit")
	from, _ := f.arg(req, "offset")
	limit = intval(given)
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
	return max(intval(from), 0), limit
}

// nav reads NAV_PARAMS of the argument params. Without them a method with no page size of its own gives all rows;
// one that has a page size goes by start where that is not the first page.
func (f *family) nav(req Request, start int) (offset, limit int) {
	size := f.size(req)
	params, _ := f.arg(req, "params")
	nav := subarray(params, "NAV_PARAMS")
	if f.limit > 0 && start >= size {
		return start - start%size, size
	}
	if nav == nil && f.limit == 0 {
		return 0, everything
	}
	limit, page := size, 1
	if v, ok := nav.lookup("nPageSize"); ok && intval(v) > 0 {
		limit = min(size, intval(v))
	}
	if v, ok := nav.lookup("iNumPage"); ok {
		page = max(1, intval(v))
	}
	return (page - 1) * limit, limit
}

// subarray is a member of v that is a list or map; nil if there is none.
func subarray(v any, key string) *array {
	a, _ := v.(*array)
	inner, _ := a.lookup(key)
	sub, _ := inner.(*array)
	return sub
}

// lookup is get for an array that may be nil.
func (a *array) lookup(key string) (any, bool) {
	if a == nil {
		return nil, false
	}
	return a.get(key)
}

// history answers the methods that are read by FIRST_ID and LAST_ID: what came after a row, the oldest first, or before it, the newest first.
// A method that knows pages gives them where neither is there.
func history(s *store, req Request) (any, error) {
	first, isFirst := s.fam.arg(req, "first_id")
	last, isLast := s.fam.arg(req, "last_id")
	if !isFirst && !isLast && s.fam.noCount != totalNever {
		return list(s, req)
	}
	where, err := s.scoped(req)
	if err != nil {
		return nil, err
	}
	_, limit := s.fam.limits(req, 0)
	q := query{where: where, window: window{limit: limit}, order: []term{{field: s.fam.id, desc: !isFirst}}}
	switch {
	case req.lies.unfiltered:
		q.where = nil
	case isFirst && intval(first) > 0:
		q.where = append(q.where, condition{field: s.fam.id, op: ">", value: number(intval(first))})
	case !isFirst && intval(last) > 0:
		q.where = append(q.where, condition{field: s.fam.id, op: "<", value: number(intval(last))})
	}
	return s.pageResult(req, q, s.page(q), nil), nil
}

// scoped are the conditions that arguments beside the filter make.
func (s *store) scoped(req Request) ([]condition, error) {
	var where []condition
	for _, sc := range s.fam.scopes {
		v, ok := s.fam.arg(req, sc.arg)
		if !ok || v == nil {
			if sc.required {
				return nil, s.fam.lacks(sc.arg)
			}
			continue
		}
		where = append(where, condition{field: sc.field, op: sc.op, value: v, open: true})
	}
	if text, ok := s.search(req); ok {
		either := condition{either: true}
		for _, field := range s.fam.find {
			either.inner = append(either.inner, condition{field: field, op: "%", value: text})
		}
		where = append(where, either)
	}
	return where, nil
}

// search is the argument FIND, which may stand in the filter too where that is so for other fields.
func (s *store) search(req Request) (any, bool) {
	if s.fam.find == nil {
		return nil, false
	}
	if text, ok := req.params.fold("find"); ok || !s.fam.loose {
		return text, ok
	}
	filter, _ := s.fam.arg(req, "filter")
	inner, _ := filter.(*array)
	if inner == nil {
		return nil, false
	}
	return inner.fold("find")
}

// lacks is the error of an argument that has to be there.
func (f *family) lacks(arg string) error {
	if f.checked {
		return badRequest("100", "Could not find value for parameter {"+arg+"}")
	}
	return badRequest("ERROR_ARGUMENT", "Required parameter "+arg+" is missing")
}

// complete refuses a filter that leaves out a field it has to name.
func (s *store) complete(where []condition) error {
	for _, field := range s.fam.needs {
		if !slices.ContainsFunc(where, func(c condition) bool { return c.field == field }) {
			return badRequest("ERROR_ARGUMENT", "Required filter field "+field+" is missing")
		}
	}
	return nil
}
