package scan

import "time"

const (
	// mostPages is the portal's limit of commands in a batch (docs/protocol.md 4.3).
	mostPages = 50
	// mostRows bounds the rows per request, and so the memory.
	mostRows = 2500
	// longBatch is the longest time a batch should take; the portal ends it at 60 s
	// (docs/protocol.md 7.2).
	longBatch = 25 * time.Second
	// growth is the factor by which the next chain may be longer.
	growth = 4
	// proof is the number of chains at the ceiling after which the ceiling rises again.
	proof = 4
)

// pace is how many pages the next request asks for.
type pace struct {
	length  int // pages of the next chain
	ceiling int // maximum of length, lowered by a failure
	most    int // maximum of ceiling
	single  int // pages still to be requested alone
	good    int // chains at the ceiling since it was set
	fits    int // pages that fit into longBatch
	proved  bool
}

func newPace(most, single int) pace {
	return pace{length: 1, ceiling: most, most: most, single: single, fits: 1}
}

// settled reports whether chains are known to work, or are not used.
func (p *pace) settled() bool { return p.proved || p.ceiling == 1 }

// widest makes the next chain as long as allowed.
func (p *pace) widest() { p.length = min(max(p.fits, 1), p.ceiling) }

// took learns that n pages were read in d; 0 means an unknown time.
func (p *pace) took(n int, d time.Duration) {
	if p.single > 0 {
		p.single--
		return
	}
	if n >= p.ceiling && p.ceiling < p.most {
		if p.good++; p.good >= proof {
			p.good = 0
			p.ceiling = min(2*p.ceiling, p.most)
		}
	}
	p.proved = p.proved || n > 1
	p.fits = mostPages
	if d > 0 {
		p.fits = int(min(longBatch*time.Duration(n)/d, mostPages))
	}
	p.length = min(max(p.length, n*growth), max(p.fits, 1), p.ceiling)
}

// failed learns that n pages were too many.
func (p *pace) failed(n int) { p.lower(n / growth) }

// broke learns that only the first pages of a chain of n were usable. If references do not work at
// all, this ends at single pages.
func (p *pace) broke(n, useful int) {
	p.lower(max(n/growth, useful))
	p.length = 1
}

func (p *pace) lower(ceiling int) {
	p.ceiling = max(ceiling, 1)
	p.length = min(p.length, p.ceiling)
	p.good = 0
}
