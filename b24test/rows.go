package b24test

import (
	"cmp"
	"encoding/json"
	"iter"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// rows is a sequence of rows in an order.
type rows interface {
	len() int
	id(i int) string
	at(i int) *record
	span(low, high int) rows
}

// each yields rows from the first to the last.
func each(r rows) iter.Seq[*record] {
	return func(yield func(*record) bool) {
		for i := range r.len() {
			if !yield(r.at(i)) {
				return
			}
		}
	}
}

// find returns the index of an id among rows ordered by id, or where it belongs.
func find(all rows, id string) (int, bool) {
	return sort.Find(all.len(), func(i int) int { return compareIDs(id, all.id(i)) })
}

func compareIDs(a, b string) int { return cmp.Or(compare(a, b), strings.Compare(a, b)) }

// span returns the range that a bound of the id leaves of rows ordered by id; false if it is not a
// bound.
func span(all rows, op string, bound any) (from, to int, ok bool) {
	id := php.Text(bound)
	if _, isNumber := php.ParseNumeric(id); !isNumber {
		return 0, 0, false
	}
	i, found := find(all, id)
	after, to := i, all.len()
	if found {
		after++
	}
	switch op {
	case ">":
		return after, to, true
	case ">=":
		return i, to, true
	case "<":
		return 0, i, true
	case "<=":
		return 0, after, true
	case "", "=":
		return i, after, true
	}
	return 0, 0, false
}

// stream reads rows no further than necessary; a nil match takes all of them.
func stream(from rows, match func(row map[string]any) bool, w window) page {
	var p page
	if match == nil {
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
		if !match(r.fields) {
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

// higher returns the greater of last and an id, if the id is a number.
func higher(last int64, id string) int64 {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return last
	}
	return max(last, n)
}

// kept holds rows in memory.
type kept []*record

func (k kept) len() int                { return len(k) }
func (k kept) id(i int) string         { return k[i].id }
func (k kept) at(i int) *record        { return k[i] }
func (k kept) span(low, high int) rows { return k[low:high] }

// put stores a row in rows ordered by id, replacing one with the same id.
func (k kept) put(r *record) kept {
	i, ok := find(k, r.id)
	if ok {
		k[i] = r
		return k
	}
	return slices.Insert(k, i, r)
}

// drop removes a row from rows ordered by id; false means that it did not exist.
func (k kept) drop(id string) (kept, bool) {
	i, ok := find(k, id)
	if !ok {
		return k, false
	}
	return slices.Delete(k, i, i+1), true
}

// backward yields rows from the last to the first.
type backward struct{ rows }

func (b backward) id(i int) string         { return b.rows.id(b.len() - 1 - i) }
func (b backward) at(i int) *record        { return b.rows.at(b.len() - 1 - i) }
func (b backward) span(low, high int) rows { return backward{b.rows.span(b.len()-high, b.len()-low)} }

// made holds rows that are generated on each access.
type made struct {
	low, high int
	idName    string
	idOf      func(i int) int64
	row       func(i int) map[string]any // without the id
}

func (m made) len() int        { return m.high - m.low }
func (m made) id(i int) string { return strconv.FormatInt(m.idOf(m.low+i), 10) }

func (m made) at(i int) *record {
	r := &record{id: m.id(i), fields: m.row(m.low + i)}
	r.fields[m.idName] = json.Number(r.id)
	return r
}

func (m made) span(low, high int) rows {
	m.low, m.high = m.low+low, m.low+high
	return m
}
