package b24test

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// store is a shelf as the methods of one entity see it.
type store struct {
	*shelf

	fam   *family
	asked int // pages so far
}

func newStore(fam *family, rows *shelf) *store {
	if fam.view == nil {
		rows.fields[fam.id] = true
	}
	for _, name := range fam.fields {
		rows.fields[name] = true
	}
	for _, j := range fam.joins {
		for field := range j.fields {
			rows.fields[field] = true
			if strings.HasSuffix(field, "_ID") {
				rows.kinds[field] = kindNumber
			}
		}
	}
	return &store{shelf: rows, fam: fam}
}

// kindOf returns the kind of values of a field.
func (s *store) kindOf(field string) kind {
	if field == s.fam.id && !s.fam.textID {
		return kindNumber
	}
	if k := s.traitOf(field).kind(); k != kindUnknown {
		return k
	}
	return s.kinds[field]
}

// seen returns the store as its family sees the rows.
func (s *store) seen() *store {
	s.begin()
	if s.fam.view == nil {
		return s
	}
	return s.fam.view(s)
}

// noteSeeded records the names that a test uses for the fields of a row.
func (s *store) noteSeeded(fields map[string]any) {
	s.note(fields)
	for name := range fields {
		s.seeded[name] = true
		s.listed = s.listed || isUser(name)
	}
}

// drop removes a row; false means that it did not exist.
func (s *store) drop(id string) bool {
	if s.fam.records {
		return s.dropRecords(id)
	}
	return s.shelf.drop(id)
}

// dropRecords removes all rows with an id.
func (s *store) dropRecords(id string) bool {
	s.keep()
	before := len(s.kept)
	clear(s.sorted)
	s.kept = slices.DeleteFunc(s.kept, func(r *record) bool { return php.Text(r.fields[s.fam.id]) == id })
	return len(s.kept) < before
}

// nextID returns the id after the highest one ever used; if ids are texts, one that looks random.
func (s *store) nextID() string {
	s.given++
	if !s.fam.textID {
		return strconv.FormatInt(s.lastID+1, 10)
	}
	return textID(s.given)
}

// textID returns an id that looks random and is always the same for a number.
func textID(number int) string {
	n := strconv.Itoa(number)
	return fmt.Sprintf("%08x%08x.%08d", shuffle(n), shuffle("b"+n), shuffle("c"+n)%1e8)
}

// term is one field of an order.
type term struct {
	field string
	desc  bool
}

type query struct {
	where []condition
	order []term
	joins []join // that the request needs
	window
}

// window is the part of the rows found that makes a page.
type window struct {
	offset, limit int
	nav           int  // the base of next
	count         bool // the rows are counted
}

// page is the result of a query; total counts only if requested.
type page struct {
	rows  []*record
	read  int // before rows with the same id were merged
	total int
	more  bool
}

func (s *store) page(q query) page {
	s.asked++
	found, rest := s.narrow(q.where)
	if len(q.joins) > 0 {
		found = unfold(found, q.joins)
	}
	switch {
	case !s.inOrder(q.order), len(q.joins) > 0 && len(q.order) > 1:
		found, rest = s.sort(found, rest, q.order), nil
	case s.descends(q.order):
		found = backward{found}
	}
	p := stream(found, matcher(rest), q.window)
	for _, r := range s.hidden {
		if q.count && matchAll(r.fields, q.where) {
			p.total++
		}
	}
	p.read = len(p.rows)
	p.rows = folded(p.rows, q.joins)
	if s.fam.merged && (s.fam.records || len(q.joins) > 0) {
		p.rows = s.merge(p.rows)
	}
	return p
}

// merge keeps the first of the rows with the same id.
func (s *store) merge(rows []*record) []*record {
	seen := map[string]bool{}
	return slices.DeleteFunc(rows, func(r *record) bool {
		id := php.Text(r.fields[s.fam.id])
		old := seen[id]
		seen[id] = true
		return old
	})
}

// sort orders the rows that match. The order of all rows is cached, because a list is requested
// page after page.
func (s *store) sort(from rows, rest []condition, order []term) kept {
	if from.len() == s.rows().len() && len(rest) == 0 && !s.fam.ties {
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

// narrow uses conditions on the id to skip rows; rest is what remains to be checked.
func (s *store) narrow(where []condition) (found rows, rest []condition) {
	low, high := 0, s.rows().len()
	var given []any
	for _, c := range where {
		if c.inner != nil || c.open || c.field != s.fam.id || s.fam.id == "" || s.fam.textID {
			rest = append(rest, c)
			continue
		}
		if ids, ok := idsOf(c); ok && given == nil {
			given = ids
			continue
		}
		from, to, ok := span(s.rows(), c.op, c.value)
		if !ok {
			rest = append(rest, c)
			continue
		}
		low, high = max(low, from), min(high, to)
	}
	if given != nil {
		return s.pick(given, low, high), rest
	}
	return s.rows().span(min(low, high), high), rest
}

// idsOf returns the ids of a condition that accepts only these; false for any other condition.
func idsOf(c condition) ([]any, bool) {
	list, ok := c.value.(*php.Array)
	if !ok || c.op != "" && c.op != "=" && c.op != "@" || list.Len() == 0 {
		return nil, false
	}
	ids := make([]any, 0, list.Len())
	for _, v := range list.All() {
		if _, isNumber := php.ParseNumeric(php.Text(v)); !isNumber {
			return nil, false
		}
		ids = append(ids, v)
	}
	return ids, true
}

// pick returns the rows with the given ids from a span.
func (s *store) pick(ids []any, low, high int) kept {
	var places []int
	for _, id := range ids {
		if i, ok := s.find(php.Text(id)); ok && i >= low && i < high {
			places = append(places, i)
		}
	}
	slices.Sort(places)
	var found kept
	for _, i := range slices.Compact(places) {
		found = append(found, s.rows().at(i))
	}
	return found
}

// inOrder reports whether an order, or the default if there is none, is that of the ids.
func (s *store) inOrder(order []term) bool {
	order = s.ordered(order)
	return len(order) > 0 && order[0].field == s.fam.id && s.fam.id != ""
}

func (s *store) descends(order []term) bool { return s.ordered(order)[0].desc }

// ordered returns an order, or the default if there is none.
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
		return accidental
	}
	if !s.fam.ties {
		return byTerms(order)
	}
	compared, salt := byTerms(order), strconv.Itoa(s.asked)
	return func(a, b *record) int {
		if n := compared(a, b); n != 0 {
			return n
		}
		return cmp.Compare(shuffle(a.id+salt), shuffle(b.id+salt))
	}
}

// byTerms compares rows by the fields of an order; equal rows are in order of id already.
func byTerms(order []term) func(a, b *record) int {
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
		return 0
	}
}

// accidental compares rows in an order that a caller cannot know but that is always the same.
func accidental(a, b *record) int {
	return cmp.Or(cmp.Compare(shuffle(a.id), shuffle(b.id)), compareIDs(a.id, b.id))
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

// shuffle maps ids to an order that looks random and is always the same.
func shuffle(id string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))
	return h.Sum32() * 2654435761
}
