package b24test

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/b24go/b24"
)

// pageSize is the number of rows in a page.
const pageSize = 50

// store holds the rows of one entity, by id.
type store struct {
	fam    *family
	rows   []*record
	fields map[string]bool // names that rows had so far
	lastID int64           // the highest id so far
}

// record is a row. Its map is never changed: an update puts another record in its place.
type record struct {
	id     string
	fields map[string]any
}

func newStore(fam *family) *store {
	s := &store{fam: fam, fields: map[string]bool{fam.id: true}}
	for _, name := range fam.fields {
		s.fields[name] = true
	}
	return s
}

// find is the place of an id, or where it belongs.
func (s *store) find(id string) (int, bool) {
	return slices.BinarySearchFunc(s.rows, id, func(r *record, id string) int { return compareIDs(r.id, id) })
}

func compareIDs(a, b string) int { return cmp.Or(compare(a, b), strings.Compare(a, b)) }

func (s *store) put(r *record) {
	for name := range r.fields {
		s.fields[name] = true
	}
	if n, err := strconv.ParseInt(r.id, 10, 64); err == nil {
		s.lastID = max(s.lastID, n)
	}
	i, ok := s.find(r.id)
	if ok {
		s.rows[i] = r
		return
	}
	s.rows = slices.Insert(s.rows, i, r)
}

// nextID is the id after the highest one there ever was.
func (s *store) nextID() string { return strconv.FormatInt(s.lastID+1, 10) }

// known translates a name of a filter or order; use is false where the portal ignores it.
func (s *store) known(name, where string) (field string, use bool, err error) {
	field = s.fam.field(name)
	if s.fields[field] && (!s.fam.camel || s.fam.unknown == unknownRefused || isUpper(name)) {
		return field, true, nil
	}
	switch s.fam.unknown {
	case unknownRefused:
		return "", false, &b24.Error{
			Code:        "INVALID_ARG_VALUE",
			Description: fmt.Sprintf("Invalid %s: field '%s' is not allowed in %s", where, name, where),
			Status:      http.StatusBadRequest,
		}
	case unknownEmpty:
		return field, isUpper(name), nil
	default:
		return "", false, nil
	}
}

// term is one field of an order.
type term struct {
	field string
	desc  bool
}

type query struct {
	where  []condition
	order  []term
	offset int
	count  bool
}

// page is what a query finds; total counts only if asked to.
type page struct {
	rows  []*record
	total int
	more  bool
}

func (s *store) page(q query) page {
	rows, rest := s.narrow(q.where)
	if s.byID(q.order) {
		return stream(rows, rest, q)
	}
	found := make([]*record, 0, len(rows))
	for _, r := range rows {
		if matchAll(r.fields, rest) {
			found = append(found, r)
		}
	}
	slices.SortStableFunc(found, s.less(q.order))
	low := min(q.offset, len(found))
	high := min(low+pageSize, len(found))
	return page{rows: found[low:high], total: len(found), more: high < len(found)}
}

// stream walks rows in the order of their ids, no further than needed.
func stream(rows []*record, rest []condition, q query) page {
	at := func(i int) *record {
		if len(q.order) > 0 && q.order[0].desc {
			return rows[len(rows)-1-i]
		}
		return rows[i]
	}
	var p page
	if len(rest) == 0 {
		for i := q.offset; i < min(q.offset+pageSize, len(rows)); i++ {
			p.rows = append(p.rows, at(i))
		}
		p.total, p.more = len(rows), q.offset+pageSize < len(rows)
		return p
	}
	for i := range rows {
		if p.more && !q.count {
			break
		}
		r := at(i)
		if !matchAll(r.fields, rest) {
			continue
		}
		p.total++
		switch {
		case p.total > q.offset+pageSize:
			p.more = true
		case p.total > q.offset:
			p.rows = append(p.rows, r)
		}
	}
	return p
}

// narrow uses bounds of the id to skip rows; rest is what remains to be checked.
func (s *store) narrow(where []condition) (rows []*record, rest []condition) {
	low, high := 0, len(s.rows)
	for _, c := range where {
		id := scalar(c.value)
		_, isNumber := parseNumber(id)
		if c.inner != nil || c.field != s.fam.id || !isNumber {
			rest = append(rest, c)
			continue
		}
		i, ok := s.find(id)
		after := i
		if ok {
			after++
		}
		switch c.op {
		case ">":
			low = max(low, after)
		case ">=":
			low = max(low, i)
		case "<":
			high = min(high, i)
		case "<=":
			high = min(high, after)
		case "", "=":
			low, high = max(low, i), min(high, after)
		default:
			rest = append(rest, c)
		}
	}
	return s.rows[min(low, high):high], rest
}

// byID tells whether an order, or the default where there is none, is that of the ids.
func (s *store) byID(order []term) bool {
	if len(order) == 0 {
		return s.fam.order == s.fam.id
	}
	return order[0].field == s.fam.id
}

func (s *store) less(order []term) func(a, b *record) int {
	if len(order) == 0 && s.fam.order != "" {
		order = []term{{field: s.fam.order}}
	}
	if len(order) == 0 {
		return func(a, b *record) int {
			return cmp.Or(cmp.Compare(shuffle(a.id), shuffle(b.id)), compareIDs(a.id, b.id))
		}
	}
	return func(a, b *record) int {
		for _, t := range order {
			n := compareEmpty(a.fields[t.field], b.fields[t.field])
			if t.desc {
				n = -n
			}
			if n != 0 {
				return n
			}
		}
		return 0 // rows are by id already
	}
}

// compareEmpty puts rows without a value first, as MySQL does with NULL.
func compareEmpty(a, b any) int {
	if isEmpty(a) || isEmpty(b) {
		return cmp.Compare(rank(a), rank(b))
	}
	return compare(a, b)
}

func rank(v any) int {
	if isEmpty(v) {
		return 0
	}
	return 1
}

// shuffle gives ids an order that looks accidental and is always the same.
func shuffle(id string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))
	return h.Sum32() * 2654435761
}
