package b24test

import "github.com/b24go/b24/b24test/internal/php"

// lies are what the list of a seeded entity tells wrongly.
type lies struct {
	reversed   bool
	repeated   bool
	unfiltered bool
	noIDs      bool
	nullRows   bool
	nullRow    bool
	hidden     int    // of the last rows
	moved      bool   // the rows stand
	under      string // under this key
}

func lie(l lies) Fault {
	f := Pass()
	f.lies = l
	return f
}

// Reversed is a page whose rows come in the opposite of their order. Like all faults of this kind it concerns the lists of seeded entities and
// changes nothing else; see [Fault.Always] for a portal that does it each time.
func Reversed() Fault { return lie(lies{reversed: true}) }

// Repeated is a page whose last row comes twice.
func Repeated() Fault { return lie(lies{repeated: true}) }

// FilterIgnored is a page found without the filter, and without any other argument that says which rows are meant: what a cursor in a filter is worth there.
func FilterIgnored() Fault { return lie(lies{unfiltered: true}) }

// WithoutIDs is a page whose rows have no id.
func WithoutIDs() Fault { return lie(lies{noIDs: true}) }

// NullRows is a page with null in place of the rows.
func NullRows() Fault { return lie(lies{nullRows: true}) }

// NullRow is a page with null in place of its last row.
func NullRow() Fault { return lie(lies{nullRow: true}) }

// Hidden is a page without its last n rows, as rights hide them after the page was made: it is short and not the last one.
func Hidden(n int) Fault { return lie(lies{hidden: n}) }

// RowsUnder is a page whose rows stand under another key of the result than they should, where the result is the list itself too;
// with "" they stand nowhere.
func RowsUnder(key string) Fault { return lie(lies{moved: true, under: key}) }

// found changes the rows of a page.
func (l lies) found(rows []*record) []*record {
	out := rows
	if l.reversed {
		out = nil
		for i := range rows {
			out = append(out, rows[len(rows)-1-i])
		}
	}
	out = out[:max(0, len(out)-l.hidden)]
	if n := len(out); l.repeated && n > 0 {
		out = append(out[:n:n], out[n-1])
	}
	return out
}

// told changes what is told of them.
func (l lies) told(rows *php.Array, id string) *php.Array {
	left := rows.Len()
	for key, v := range rows.All() {
		left--
		row, _ := v.(*php.Array)
		if l.noIDs && row != nil {
			row = row.Clone()
			row.Remove(id)
			rows.Set(key, row)
		}
		if l.nullRow && left == 0 {
			rows.Set(key, nil)
		}
	}
	return rows
}

// wrapped is the result that holds the rows.
func (l lies) wrapped(rows any, key string) any {
	if l.nullRows {
		rows = nil
	}
	switch {
	case l.moved && l.under == "":
		return php.Object()
	case l.moved:
		return php.Object(l.under, rows)
	case key != "":
		return php.Object(key, rows)
	}
	return rows
}
