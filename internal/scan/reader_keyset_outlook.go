package scan

import "math"

// sample is how many rows came from how many ids.
type sample struct{ rows, ids float64 }

// in estimates the rows of so many ids. Without a sample, each id may have one.
func (s sample) in(ids float64) float64 {
	if s.ids == 0 {
		return ids
	}
	return ids * min(s.rows/s.ids, 1)
}

// outlook estimates how many rows are left up to a known id, from the distances between the ids so
// far. It only decides how much a request asks for: it never ends a list.
type outlook struct {
	page   sample // the most recent page
	lately sample // the most recent request
	all    sample // everything so far
}

// learn takes the pages of a request. Before the first page of a list, it is not known where the ids
// begin.
//
//nolint:revive // flag-parameter: first is about the pages
func (o *outlook) learn(pieces []piece, first bool) {
	var lately sample
	var from uint64
	for i := range pieces {
		ids := pieces[i].ids
		if len(ids) == 0 {
			continue
		}
		n, begin, end := float64(len(ids)), pieces[i].over.lo, ids[len(ids)-1]
		if ids[0] > end {
			begin = pieces[i].over.hi
		}
		if first && i == 0 {
			begin = ids[0]
		}
		o.all.rows, o.all.ids = o.all.rows+n, o.all.ids+distance(begin, end)+1
		if lately.rows == 0 {
			from = ids[0]
		}
		if len(ids) > 1 {
			o.page = sample{n, distance(ids[0], end) + 1}
		}
		lately = sample{lately.rows + n, distance(from, end) + 1}
	}
	if lately.rows > 1 {
		o.lately = lately
	}
}

// distance is the distance between two ids in either direction.
func distance(a, b uint64) float64 { return float64(max(a, b) - min(a, b)) }

// rows estimates the rows of so many further ids: near ones come as densely as those of the most
// recent request, or of its last page if that is far denser, the others as all so far.
func (o *outlook) rows(ids float64) float64 {
	near := min(ids, growth*o.lately.ids)
	dense := o.lately.in(near)
	if page := o.page.in(near); page > 1.5*dense {
		dense = page
	}
	return dense + o.all.in(ids-near)
}

// pages is how many pages to ask for if the rows of so many further ids are left. A page beyond the
// end is in vain, but a missing one costs a request, so a sixth is added. If a page beyond the end
// makes the request fail, only pages that very likely exist are asked for: the root is how far
// chance puts the estimate off, in the sample and in what is left.
//
//nolint:revive // flag-parameter: fails is about the API
func (o *outlook) pages(ids float64, size int, fails bool) int {
	const plenty = 1 << 30 // rows, so that an int holds them
	n := min(o.rows(ids), ids)
	if fails {
		n -= 2 * math.Sqrt(n*(1-n/max(ids, 1))*(1+n/max(o.lately.rows, 1)))
	} else {
		n += n / 6
	}
	return int(min(max(n, 0), ids, plenty)/float64(size)) + 1
}
