package b24test

import (
	"slices"
	"strings"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test/internal/php"
)

// history answers the methods that are read by FIRST_ID and LAST_ID: the rows after a row, oldest
// first, or before it, newest first. Without either, a method that has pages returns them.
func history(s *store, req Request) (any, error) {
	first, isFirst := s.fam.arg(req, "first_id")
	last, isLast := s.fam.arg(req, "last_id")
	if !isFirst && !isLast && s.fam.noCount != totalNever {
		return list(s, req)
	}
	where, err := s.scoped(req)
	if err == nil {
		err = s.fam.rowIDs(req)
	}
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
	if !isFirst && !isLast && s.fam.unread != "" && !req.lies.unfiltered {
		return s.pageResult(req, q, s.fromUnread(&q), nil), nil
	}
	p := s.page(q)
	if s.fam.within != "" {
		slices.SortStableFunc(p.rows, s.less([]term{{field: s.fam.within, desc: true}}))
	}
	return s.pageResult(req, q, p, nil), nil
}

// rowIDs refuses an argument that must be a number; FIRST_ID hides LAST_ID.
func (f *family) rowIDs(req Request) error {
	if f.unread == "" {
		return nil
	}
	for _, name := range []string{"First", "Last"} {
		value, given := f.arg(req, strings.ToLower(name)+"_id")
		text := php.Text(value)
		switch {
		case !given:
		case text == "" || strings.Trim(text, "0123456789") != "":
			return badRequest(b24.Code(strings.ToUpper(name)+"_ID_STRING"), name+" ID can't be string")
		default:
			return nil
		}
	}
	return nil
}

// fromUnread is the page without an argument of a chat with unread rows: all of them and a page of
// others, or, if they are more than a page, the first of them and those before.
func (s *store) fromUnread(q *query) page {
	var unread []int
	for r := range each(s.rows()) {
		if php.Truthy(r.fields[s.fam.unread]) && matchAll(r.fields, q.where) {
			unread = append(unread, php.Int(r.fields[s.fam.id]))
		}
	}
	if len(unread) <= q.limit {
		q.limit += len(unread)
		return s.page(*q)
	}
	from, before, after := php.Number(slices.Min(unread)), *q, *q
	after.where = append(slices.Clone(q.where), compares(">=", s.fam.id, from))
	after.order = []term{{field: s.fam.id}}
	before.where = append(slices.Clone(q.where), compares("<", s.fam.id, from))
	p := s.page(after)
	slices.Reverse(p.rows)
	p.rows = append(p.rows, s.page(before).rows...)
	return p
}

// members answers im.dialog.users.list: by user id after LAST_ID, even after 0; by OFFSET without.
func members(s *store, req Request) (any, error) {
	last, given := s.fam.arg(req, "last_id")
	if !given || php.Int(last) < 0 {
		return list(s, req)
	}
	where, err := s.scoped(req)
	if err != nil {
		return nil, err
	}
	_, limit := s.fam.limits(req, 0)
	q := query{where: where, window: window{limit: limit}, order: []term{{field: s.fam.id}}}
	if !req.lies.unfiltered {
		q.where = append(q.where, compares(">", s.fam.id, php.Number(php.Int(last))))
	}
	res := s.pageResult(req, q, s.page(q), nil)
	res.Total, res.Next = nil, nil
	return res, nil
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
