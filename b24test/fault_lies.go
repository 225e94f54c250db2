package b24test

import "github.com/b24go/b24/b24test/internal/php"

// lies are the changes that make the list of a seeded entity wrong.
type lies struct {
	reversed   bool
	repeated   bool
	unfiltered bool
	noIDs      bool
	nullRows   bool
	nullRow    bool
	hidden     int    // hide this many of the last rows
	moved      bool   // the rows are under another key
	under      string // that key; empty: the rows are missing
}

func lie(l lies) Fault {
	f := Pass()
	f.lies = l
	return f
}

// Reversed returns a page in reverse order. Like all faults of this kind it affects only lists of
// seeded entities; use [Fault.Always] to repeat it.
func Reversed() Fault { return lie(lies{reversed: true}) }

// Repeated returns a page whose last row comes twice.
func Repeated() Fault { return lie(lies{repeated: true}) }

// FilterIgnored returns a page as if no filter, and no other selecting argument, had been given, to
// test cursors that rely on it.
func FilterIgnored() Fault { return lie(lies{unfiltered: true}) }

// WithoutIDs returns a page whose rows have no id.
func WithoutIDs() Fault { return lie(lies{noIDs: true}) }

// NullRows returns a page with null in place of the rows.
func NullRows() Fault { return lie(lies{nullRows: true}) }

// NullRow returns a page with null in place of its last row.
func NullRow() Fault { return lie(lies{nullRow: true}) }

// Hidden returns a page without its last n rows, as if the user were not allowed to see them: a
// short page that is not the last.
func Hidden(n int) Fault { return lie(lies{hidden: n}) }

// RowsUnder returns a page whose rows are under the wrong key of the result, even if the result
// should be the list itself. With "" the rows are missing.
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

// told changes the values of the rows.
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

// wrapped returns the result that holds the rows.
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
