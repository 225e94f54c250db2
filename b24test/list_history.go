package b24test

import "github.com/b24go/b24/b24test/internal/php"

// history answers the methods that are read by FIRST_ID and LAST_ID: the rows after a row, oldest
// first, or before it, newest first. Without either, a method that has pages returns them.
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
	case isFirst && php.Int(first) > 0:
		q.where = append(q.where, compares(">", s.fam.id, php.Number(php.Int(first))))
	case !isFirst && php.Int(last) > 0:
		q.where = append(q.where, compares("<", s.fam.id, php.Number(php.Int(last))))
	}
	return s.pageResult(req, q, s.page(q), nil), nil
}

// confirm deletes the rows below the argument offset, which is its meaning in the queues of events.
func (s *store) confirm(req Request) {
	from, _ := s.fam.arg(req, "offset")
	offset := php.Int(from)
	if offset <= 0 {
		return
	}
	var below []string
	for r := range each(s.rows()) {
		if php.Int(r.fields[s.fam.id]) < offset {
			below = append(below, r.id)
		}
	}
	for _, id := range below {
		s.drop(id)
	}
}

// nextOffset returns the offset that confirms the rows of a page.
func nextOffset(q query, p page) any {
	next := q.nav
	for _, r := range p.rows {
		next = max(next, php.Int(r.fields["eventId"])+1)
	}
	return php.Number(next)
}
