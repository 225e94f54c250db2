package scan

import "cmp"

// span is a stretch of ids, both ends included.
type span struct{ lo, hi uint64 }

// nowhere is a span without ids.
func nowhere() span { return span{1, 0} }

func (s span) empty() bool { return s.lo > s.hi }

func (s span) holds(id uint64) bool { return s.lo <= id && id <= s.hi }

func compareSpans(a, b span) int { return cmp.Compare(a.lo, b.lo) }

// without removes a range from an ascending list of spans.
func without(spans []span, over span) []span {
	var left []span
	for _, s := range spans {
		if over.hi < s.lo || over.lo > s.hi {
			left = append(left, s)
			continue
		}
		if s.lo < over.lo {
			left = append(left, span{s.lo, over.lo - 1})
		}
		if over.hi < s.hi {
			left = append(left, span{over.hi + 1, s.hi})
		}
	}
	return left
}
