package scan

import (
	"math"
	"slices"
	"sync"
)

// crew distributes the ids to read among workers. A worker without work takes over half of the
// largest part that is left.
type crew struct {
	mu    sync.Mutex
	moved *sync.Cond // a part was read further, or the work is over
	parts []*part    // the parts not read to their end
	top   uint64     // highest known id: beyond it there is little to distribute
	size  int        // rows per page
	least int        // pages that are worth a worker's request
	over  bool       // a worker gave up: no worker starts another part
	fails bool       // a request that goes beyond the end of the list fails
}

// part is a range of ids that one worker reads upwards.
type part struct {
	span

	taken   bool
	known   bool    // rows came since it was last divided
	begun   bool    // rows came: it is known where they begin
	outlook outlook // from its own rows
	reach   uint64  // ids beyond lo that the request in flight may cover
}

// newCrew divides what k has not read into n parts or more.
func newCrew(k *keyset, top uint64, n int) *crew {
	c := &crew{top: top, size: max(k.size, 1), fails: k.form.v3}
	c.least = max(min(k.pace.ceiling, mostRows/c.size)/2, 1)
	c.moved = sync.NewCond(&c.mu)
	for _, s := range k.spans {
		c.parts = append(c.parts, &part{span: s, outlook: k.outlook})
	}
	for len(c.parts) < n && c.split() != nil {
		continue
	}
	slices.SortFunc(c.parts, func(a, b *part) int { return compareSpans(a.span, b.span) })
	return c
}

// width is the number of ids in a part that may have rows, as far as is known.
func (c *crew) width(s span) uint64 {
	if s.empty() {
		return 0
	}
	return min(s.hi, max(c.top, s.lo)) - s.lo + 1
}

// split halves the largest part and returns its upper half, or nil if no part is worth it. A part
// without rows since it was last divided is left alone: a gap in the ids would be halved again and
// again.
func (c *crew) split() *part {
	var largest *part
	var most uint64
	for _, p := range c.parts {
		w := c.width(p.span)
		if (p.known || !p.taken) && w > p.reach && w > most && c.worth(p, w-p.reach) {
			largest, most = p, w
		}
	}
	if largest == nil {
		return nil
	}
	// What the request in flight may cover stays with the worker that waits for it.
	from := largest.lo + largest.reach
	mid := from + (largest.lo+most-1-from)/2
	upper := &part{span: span{mid + 1, largest.hi}, outlook: largest.outlook}
	largest.hi, largest.known = mid, false
	c.parts = append(c.parts, upper)
	return upper
}

// worth reports whether so many ids of a part are worth dividing: they have the rows of a request,
// by the most recent request as by all before it, and may have those of four pages. Before the
// parts are read, the most recent page counts: a gap before it says nothing about what comes.
func (c *crew) worth(p *part, ids uint64) bool {
	n := float64(ids)
	rows := p.outlook.page.in(n)
	if p.taken {
		rows = min(p.outlook.lately.in(n), p.outlook.all.in(n))
	}
	return ids > uint64(growth*c.size) && rows > float64(c.least*c.size) //nolint:gosec // G115: a positive number of rows
}

// claim returns the next part for a worker, or nil if none is left. It waits for parts that may
// turn out to be large.
func (c *crew) claim() *part {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.over {
		p := c.free()
		if p == nil {
			p = c.split()
		}
		if p != nil {
			p.taken = true
			return p
		}
		if !slices.ContainsFunc(c.parts, func(p *part) bool { return !p.known }) {
			return nil
		}
		c.moved.Wait()
	}
	return nil
}

func (c *crew) free() *part {
	for _, p := range c.parts {
		if !p.taken {
			return p
		}
	}
	return nil
}

// stop ends the work of all workers because one gave up.
func (c *crew) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	c.moved.Broadcast()
}

// begin returns what is left of the part and how many of up to so many pages the next request
// should ask for. Chains are as long as the part allows, however little is left for others: many
// short requests cost more than waiting for the last ones.
func (c *crew) begin(p *part, pages int) (rest span, share int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	share = min(c.pages(p), max(pages, 1))
	step := min(1/p.outlook.lately.in(1), math.MaxUint32) // ids per row
	p.reach = uint64(float64(c.size*share) * step)
	return p.span, share
}

// pages is the number of pages a part is likely to still have. If a page beyond the end of the list
// fails its request, there are not more than very likely exist up to that end.
func (c *crew) pages(p *part) int {
	o := p.outlook
	o.page = o.lately
	n := o.pages(float64(c.width(p.span)), c.size, c.fails && p.hi >= c.top)
	if c.fails {
		n = min(n, o.pages(float64(c.width(span{p.lo, c.top})), c.size, true))
	}
	return n
}

// settle marks what was read of the part. Rows beyond an end that moved meanwhile are dropped:
// another worker reads them.
func (c *crew) settle(p *part, pieces []piece) []piece {
	c.mu.Lock()
	defer c.mu.Unlock()
	p.reach = 0
	defer c.moved.Broadcast()
	if len(pieces) > 0 {
		p.outlook.learn(pieces, !p.begun)
		p.known, p.begun = true, true
	}
	var kept []piece
	for _, piece := range pieces {
		if p.empty() {
			break
		}
		if piece.over.hi >= p.hi {
			piece.over.hi = p.hi
			within := countWithin(piece.ids, p.hi)
			piece.rows, piece.ids = piece.rows[:within], piece.ids[:within]
			p.span = span{1, 0}
		} else {
			p.lo = piece.over.hi + 1
		}
		kept = append(kept, piece)
	}
	if p.empty() {
		c.parts = slices.DeleteFunc(c.parts, func(q *part) bool { return q == p })
	}
	return kept
}

// countWithin returns how many ids of an ascending list are at most hi.
func countWithin(ids []uint64, hi uint64) int {
	if i := slices.IndexFunc(ids, func(id uint64) bool { return id > hi }); i >= 0 {
		return i
	}
	return len(ids)
}
