package b24test

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
)

// store is a shelf as the methods of one entity see it.
type store struct {
	*shelf

	fam *family
}

func newStore(fam *family, rows *shelf) *store {
	if fam.traits == nil {
		fam.traits = fieldTraits(fam.entity)
	}
	rows.fields[fam.id] = true
	for _, name := range fam.fields {
		rows.fields[name] = true
	}
	return &store{shelf: rows, fam: fam}
}

// seen is the store as its family sees the rows.
func (s *store) seen() *store {
	if s.fam.view == nil {
		return s
	}
	return s.fam.view(s)
}

// noteSeeded notes the names that a test gives to the fields of a row.
func (s *store) noteSeeded(fields map[string]any) {
	s.note(fields)
	for name := range fields {
		s.seeded[name] = true
	}
}

// nextID is the id after the highest one there ever was; where an id is a text, it is one that looks accidental.
func (s *store) nextID() string {
	s.given++
	if !s.fam.textID {
		return strconv.FormatInt(s.lastID+1, 10)
	}
	n := strconv.Itoa(s.given)
	return fmt.Sprintf("%08x%08x.%08d", shuffle(n), shuffle("b"+n), shuffle("c"+n)%1e8)
}

// known translates a name of a filter or order; use is false where the portal ignores it.
func (s *store) known(name, where string) (field string, use bool, err error) {
	if s.fam.upper {
		name = strings.ToUpper(name)
	}
	field = s.fam.field(name)
	if s.fields[field] && (!s.fam.capitals || isUpper(name)) {
		return field, true, nil
	}
	switch s.fam.unknown {
	case unknownRefused:
		return "", false, badRequest("INVALID_ARG_VALUE", fmt.Sprintf("Invalid %s: field '%s' is not allowed in %s", where, name, where))
	case unknownWrong:
		return "", false, badRequest("ERROR_ARGUMENT", "Filter field not allowed: "+name)
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
	where []condition
	order []term
	window
}

// window is the part of the rows found that makes a page.
type window struct {
	offset, limit int
	count         bool // the rows are counted
}

// page is what a query finds; total counts only if asked to.
type page struct {
	rows  []*record
	total int
	more  bool
}

func (s *store) page(q query) page {
	found, rest := s.narrow(q.where)
	switch {
	case !s.inOrder(q.order):
		found, rest = s.sort(found, rest, q.order), nil
	case s.descends(q.order):
		found = backward{found}
	}
	return stream(found, rest, q.window)
}

// sort puts the rows that match into an order. That of all rows is kept: a list is asked for page after page.
func (s *store) sort(from rows, rest []condition, order []term) kept {
	if from.len() == s.rows().len() && len(rest) == 0 {
		key := fmt.Sprint(order)
		if s.sorted[key] == nil {
			s.sorted[key] = slices.SortedStableFunc(each(from), s.less(order))
		}
		return s.sorted[key]
	}
	var found kept
	for r := range each(from) {
		if matchAll(r.fields, rest) {
			found = append(found, r)
		}
	}
	slices.SortStableFunc(found, s.less(order))
	return found
}

// stream walks rows no further than needed.
func stream(from rows, rest []condition, w window) page {
	var p page
	if len(rest) == 0 {
		for i := w.offset; i < min(w.offset+w.limit, from.len()); i++ {
			p.rows = append(p.rows, from.at(i))
		}
		p.total, p.more = from.len(), w.offset+w.limit < from.len()
		return p
	}
	for r := range each(from) {
		if p.more && !w.count {
			break
		}
		if !matchAll(r.fields, rest) {
			continue
		}
		p.total++
		switch {
		case p.total > w.offset+w.limit:
			p.more = true
		case p.total > w.offset:
			p.rows = append(p.rows, r)
		}
	}
	return p
}

// narrow uses bounds of the id to skip rows; rest is what remains to be checked.
func (s *store) narrow(where []condition) (found rows, rest []condition) {
	low, high := 0, s.rows().len()
	for _, c := range where {
		id := scalar(c.value)
		_, isNumber := parseNumber(id)
		if c.inner != nil || c.field != s.fam.id || s.fam.id == "" || !isNumber || s.fam.textID {
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
	return s.rows().span(min(low, high), high), rest
}

// inOrder tells whether an order, or the default where there is none, is that of the ids.
func (s *store) inOrder(order []term) bool {
	order = s.ordered(order)
	return len(order) > 0 && order[0].field == s.fam.id && s.fam.id != ""
}

func (s *store) descends(order []term) bool { return s.ordered(order)[0].desc }

// ordered is an order, or the default where there is none.
func (s *store) ordered(order []term) []term {
	if len(order) > 0 || s.fam.order == "" {
		return order
	}
	field, desc := strings.CutPrefix(s.fam.order, "-")
	return []term{{field: field, desc: desc}}
}

func (s *store) less(order []term) func(a, b *record) int {
	order = s.ordered(order)
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
