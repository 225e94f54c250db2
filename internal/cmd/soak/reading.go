package main

// table is a list method and the rows it must deliver.
type table struct {
	name   string // in the report
	method string
	params map[string]any
	v3     bool
	ids    []string        // of the rows that always exist, ascending
	all    map[string]bool // ids that may exist; nil if rows come and go
}

// reading is what one list delivered, in one run or in several consecutive ones. It belongs to one
// goroutine.
type reading struct {
	table *table
	how   string // way and options
	must  []string
	seen  map[string]int
}

func newReading(t *table, how string) *reading {
	return &reading{table: t, how: how, must: t.ids, seen: map[string]int{}}
}

// took records rows that were delivered.
func (r *reading) took(ids ...string) {
	for _, id := range ids {
		r.seen[id]++
	}
}

// restart forgets the rows because the list starts again.
func (r *reading) restart() { clear(r.seen) }

// part checks a list that ended with an error, or whose loop was left.
func (r *reading) part(found *findings) {
	for id, n := range r.seen {
		if n > 1 {
			found.add(rowsDoubled, "%s (%s): row %s came %d times", r.table.name, r.how, id, n)
		}
		if r.table.all != nil && !r.table.all[id] {
			found.add(rowsForeign, "%s (%s): row %s", r.table.name, r.how, id)
		}
	}
}

// whole checks a list that ended without an error: all rows must have come.
func (r *reading) whole(found *findings) {
	r.part(found)
	for _, id := range r.must {
		if r.seen[id] == 0 {
			found.add(rowsLost, "%s (%s): row %s of %d, %d came", r.table.name, r.how, id, len(r.must), len(r.seen))
		}
	}
}
