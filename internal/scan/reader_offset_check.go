package scan

import (
	"cmp"
	"slices"
	"strings"
)

// marksOf identifies rows by their id or their keys, or else by their whole text; told is false if
// no row has an id or keys. A row without them among rows that have them is an error.
func (s *offset) marksOf(set rowSet) (marks []uint64, told bool, bad *flaw) {
	marks = make([]uint64, len(set.rows))
	without := -1
	for i, row := range set.rows {
		mark, ok := s.layout.mark(row)
		marks[i], told = mark, told || ok
		if !ok && (s.strict || s.layout.id != "" && row[0] != '{') {
			return nil, false, flawOf(idAbsent, s.layout.id, i)
		}
		if !ok && without < 0 {
			without = i
		}
	}
	if told && without >= 0 {
		return nil, false, flawOf(idAbsent, cmp.Or(s.layout.id, strings.Join(s.layout.keys, ", ")), without)
	}
	return marks, told || len(marks) == 0, nil
}

// same reports whether a page repeats the previous one.
func (s *offset) same(marks []uint64) bool { return len(marks) > 0 && slices.Equal(marks, s.marks) }

// counted tracks the total that the portal counts with each page.
func (s *offset) counted(n int, told bool, a *Answer) *flaw {
	switch {
	case !a.HasTotal || a.Total < 0 || a.Total == 0 && n > 0 || s.uncounted:
		return nil // some methods send 0 or -1 if they did not count (docs/protocol.md 5.2)
	case a.Total < n:
		return &flaw{reason: ErrIncomplete, detail: "a page has " + itoa(n) + " rows, the portal counts " + itoa(a.Total)}
	}
	switch grown := a.Total - s.total; {
	case s.total < 0, grown == 0, s.start == 0:
	case grown < 0:
		return &flaw{reason: ErrChanged, detail: "the total fell from " + itoa(s.total) + " to " + itoa(a.Total)}
	case !s.form.rises && (!told || grown > n):
		// If not, the last row of the previous page would be seen again.
		return &flaw{reason: ErrChanged, detail: "the total rose from " + itoa(s.total) + " to " + itoa(a.Total)}
	}
	s.total = a.Total
	return nil
}

// resumed checks that the first page of a resumed reading still matches its cursor.
func (s *offset) resumed(marks []uint64) *flaw {
	if s.skip == 0 || s.skip <= len(marks) && marks[s.skip-1] == s.mark {
		return nil
	}
	return &flaw{reason: ErrChanged, detail: "the rows read last are not where they were"}
}

// goesOn checks that no row comes again, if rows can be identified.
func (s *offset) goesOn(set rowSet, marks []uint64, told bool) *flaw {
	switch {
	case s.same(marks):
		return &flaw{reason: ErrStalled, detail: "the same page came again; the method ignores the place to begin at"}
	case !told && s.layout.id == "":
		return nil
	case s.seen != nil || !s.form.rises:
		return s.remember(marks)
	}
	at := s.rise(set)
	switch {
	case at < 0:
		return nil
	case s.high > 0:
		return &flaw{reason: ErrOrder, detail: "row " + itoa(at+1) + " of the page; the ids rose so far"}
	default: // in any order, the total shows whether all rows came
		return s.remember(marks)
	}
}

// rise returns the first row of a page whose id is not a number above the earlier ones, or -1.
func (s *offset) rise(set rowSet) int {
	high := s.high
	for i, row := range set.rows {
		id, kind := parseID(s.layout.rawID(row))
		if kind != idFine || i >= s.skip && high > 0 && id <= high {
			return i
		}
		high = max(high, id)
	}
	s.high = high
	return -1
}

// remember records the rows of a page and reports one that came before.
func (s *offset) remember(marks []uint64) *flaw {
	if s.seen == nil {
		s.seen = map[uint64]struct{}{}
		for _, mark := range s.marks {
			s.seen[mark] = struct{}{}
		}
	}
	for i, mark := range marks {
		if i < s.skip {
			continue
		}
		if _, twice := s.seen[mark]; twice {
			return &flaw{reason: ErrChanged, detail: "row " + itoa(i+1) + " of the page came before"}
		}
		s.seen[mark] = struct{}{}
	}
	return nil
}

// whole checks that an answer which cannot be continued holds all rows.
func (s *offset) whole(n int, a *Answer) *flaw {
	limit := s.form.rows()
	switch {
	case s.form.style == StyleLimit && limit > 0 && n >= limit:
		return &flaw{reason: ErrIncomplete, detail: "there are as many rows as the limit, and the method has no way to continue"}
	case s.fixed && (a.HasNext || s.total > n):
		return &flaw{reason: ErrIncomplete, detail: "there are more rows, which this method returns only with its own parameters" + s.better}
	default:
		return nil
	}
}

// overlapped rejects pages that could overlap and did not: those of one row.
func (s *offset) overlapped(n int) *flaw {
	if s.overlaps() && s.start > 0 && s.skip == 0 && n > 0 {
		return &flaw{reason: ErrUnsupported, detail: "its pages have one row, so that a row which goes away meanwhile would hide another; it can be read by id or with larger pages"}
	}
	return nil
}
