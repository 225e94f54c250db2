package scan

import (
	"bytes"
	"slices"
	"strings"

	"github.com/b24go/b24/internal/jsonwalk"
)

// rowCursor is a cursor that is a field of one row of a page.
type rowCursor struct {
	at    string // which row
	field string // its field, with dots if it is inside another one
}

// Which row of a page holds the cursor of the next one.
const (
	atFirst   = "first"
	atLast    = "last"
	atLowest  = "lowest"  // of the numbers in the field
	atHighest = "highest" // of the numbers in the field
)

// rowCursorOf reads a name such as "[last].id". It reports false if the name is none of a row.
func rowCursorOf(name string) (rowCursor, bool) {
	inner, bracket := strings.CutPrefix(name, "[")
	at, field, whole := strings.Cut(inner, "].")
	return rowCursor{at: at, field: field}, bracket && whole
}

// known reports whether the name says which row.
func (c rowCursor) known() bool {
	return slices.Contains([]string{atFirst, atLast, atLowest, atHighest}, c.at)
}

// counts reports whether the cursors are compared as numbers.
func (c rowCursor) counts() bool { return c.at == atLowest || c.at == atHighest }

// next returns the cursor that follows a page, nil if the page has no rows. It is a copy, so that it
// does not keep the page in memory.
func (c rowCursor) next(set rowSet, place []byte) ([]byte, *flaw) {
	if len(set.rows) == 0 {
		return nil, nil
	}
	chosen := 0
	if c.at == atLast {
		chosen = len(set.rows) - 1
	}
	if c.counts() {
		var bad *flaw
		if chosen, bad = c.outermost(set, place); bad != nil {
			return nil, bad
		}
	}
	value := fieldAt(set.rows[chosen], c.field)
	if nothing(value) || string(value) == `""` || string(value) == "false" {
		return nil, flawOf(idAbsent, c.field, chosen)
	}
	return bytes.Clone(value), nil
}

// outermost returns the row with the lowest or the highest number, and proves that all of them are
// beyond the place the page was asked from.
func (c rowCursor) outermost(set rowSet, place []byte) (chosen int, bad *flaw) {
	bound, kind := parseID(place)
	bounded := kind == idFine && (c.at == atHighest || bound > lowest)
	most := uint64(0)
	for i, row := range set.rows {
		n, kind := c.number(row)
		switch {
		case kind != idFine:
			return 0, flawOf(kind, c.field, i)
		case bounded && !c.beyond(n, bound):
			return 0, &flaw{reason: ErrStalled, detail: "row " + itoa(i+1) + " of the page is not beyond the cursor; the method ignores it"}
		case i == 0 || c.beyond(n, most):
			chosen, most = i, n
		}
	}
	return chosen, nil
}

// beyond reports whether the reading comes to n after it came to from.
func (c rowCursor) beyond(n, from uint64) bool {
	if c.at == atLowest {
		return n < from
	}
	return n > from
}

func (c rowCursor) number(row []byte) (uint64, idKind) {
	value := fieldAt(row, c.field)
	if nothing(value) {
		return 0, idAbsent
	}
	return parseID(value)
}

// within returns the cursor that follows the first n rows of a page, nil if the order of the rows
// does not show one.
func (c rowCursor) within(set rowSet, n int) []byte {
	if c.at == atFirst || n == 0 {
		return nil
	}
	before := uint64(0)
	for i, row := range set.rows {
		if !c.counts() {
			break // by its own meaning, the last row's field leads to those after it
		}
		id, _ := c.number(row)
		if i > 0 && !c.beyond(id, before) {
			return nil
		}
		before = id
	}
	value := fieldAt(set.rows[n-1], c.field)
	if nothing(value) {
		return nil
	}
	return bytes.Clone(value)
}

// fieldAt returns the value at a path of names in any letter case, separated by dots, or nil.
func fieldAt(value []byte, path string) []byte {
	for name := range strings.SplitSeq(path, ".") {
		var found []byte
		jsonwalk.Members(value, func(quoted, inner []byte) bool {
			if strings.EqualFold(unquote(quoted), name) {
				found = inner
			}
			return found == nil
		})
		value = found
	}
	return value
}
