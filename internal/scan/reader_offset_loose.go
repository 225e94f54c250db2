package scan

import (
	"cmp"
	"slices"
)

// steps takes a page that advances by a step, however many rows it has.
func (s *offset) steps(set rowSet, marks []uint64, a *Answer) (p piece, bad *flaw) {
	if s.seen == nil {
		s.seen, s.first = map[uint64]struct{}{}, marks
	}
	if bad := s.stays(marks, a); bad != nil {
		return p, bad
	}
	last, replay := s.mark, s.replay
	p = piece{total: -1}
	var fresh []uint64
	for i, row := range set.rows {
		switch again, bad := s.passes(marks[i]); {
		case bad != nil:
			return p, bad
		case !again:
			p.rows, fresh = append(p.rows, row), append(fresh, marks[i])
		}
	}
	more := s.more(set, marks, last)
	if s.idle++; len(fresh)+replay > 0 {
		s.idle = 0
	}
	if more && s.idle > mostIdle {
		return p, &flaw{reason: ErrStalled, detail: itoa(s.idle) + " pages in a row have no new rows"}
	}
	s.ended = !more
	s.done += len(p.rows)
	s.start += cmp.Or(s.step, max(len(marks)-s.shared(), 1))
	s.spend(&p)
	if n := len(p.rows); n > 0 {
		s.mark = fresh[n-1]
	}
	p.state = s.state()
	return p, nil
}

// shared is the number of rows that a loose page shares with the previous one.
func (s *offset) shared() int {
	if s.step == 0 && s.overlaps() {
		return 1
	}
	return 0
}

// stays detects a list from which rows were removed: the total fell, or the last row that was read
// is not at the beginning of the next page.
func (s *offset) stays(marks []uint64, a *Answer) *flaw {
	if a.HasTotal && a.Total >= 0 {
		if a.Total < s.total {
			return &flaw{reason: ErrChanged, detail: "the total fell from " + itoa(s.total) + " to " + itoa(a.Total)}
		}
		s.total = a.Total
	}
	if s.shared() > 0 && s.start > 0 && len(marks) > 0 && s.replay == 0 && !slices.Contains(marks, s.mark) {
		return &flaw{reason: ErrChanged, detail: "the rows read last are not where they were"}
	}
	return nil
}

// more reports whether pages follow this one; last is the row read before it.
func (s *offset) more(set rowSet, marks []uint64, last uint64) bool {
	n := len(marks)
	switch {
	case s.moreKey != "":
		return string(memberAt(set.result, s.moreKey)) == "true"
	case n == 0:
		return false
	case s.start > 0 && slices.Equal(marks, s.first):
		return false // past its end the list starts over
	default:
		return n > s.shared() || marks[0] != last
	}
}

// passes reports whether a row came before, in this reading or in the one it resumes.
func (s *offset) passes(mark uint64) (bool, *flaw) {
	if _, twice := s.seen[mark]; twice {
		return true, nil
	}
	s.seen[mark] = struct{}{}
	if s.replay == 0 {
		return false, nil
	}
	if s.replay--; s.replay == 0 && mark != s.mark {
		return true, &flaw{reason: ErrChanged, detail: "the rows read last are not where they were"}
	}
	return true, nil
}
