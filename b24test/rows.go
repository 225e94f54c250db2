package b24test

import (
	"encoding/json"
	"iter"
	"strconv"
)

// rows are rows in an order.
type rows interface {
	len() int
	id(i int) string
	at(i int) *record
	span(low, high int) rows
}

// each walks rows from the first to the last.
func each(r rows) iter.Seq[*record] {
	return func(yield func(*record) bool) {
		for i := range r.len() {
			if !yield(r.at(i)) {
				return
			}
		}
	}
}

// kept are rows in memory.
type kept []*record

func (k kept) len() int                { return len(k) }
func (k kept) id(i int) string         { return k[i].id }
func (k kept) at(i int) *record        { return k[i] }
func (k kept) span(low, high int) rows { return k[low:high] }

// backward are rows from the last to the first.
type backward struct{ rows }

func (b backward) id(i int) string         { return b.rows.id(b.len() - 1 - i) }
func (b backward) at(i int) *record        { return b.rows.at(b.len() - 1 - i) }
func (b backward) span(low, high int) rows { return backward{b.rows.span(b.len()-high, b.len()-low)} }

// made are rows that are made each time somebody asks for them.
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
