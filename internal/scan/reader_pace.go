package scan

import "time"

const (
	// mostPages is the portal's limit of commands in a batch (docs/protocol.md 4.3).
	mostPages = 50
	// mostRows bounds what one request brings, and so the memory.
	mostRows = 2500
	// longBatch is the time a batch should take at most; at 60 s the portal
	// ends it (docs/protocol.md 7.2).
	longBatch = 25 * time.Second
	// growth is how much longer the next chain may be.
	growth = 4
	// proof is the number of chains at the ceiling after which it rises again.
	proof = 4
)

// pace says how many pages the next request asks for.
type pace struct {
	length  int // pages of the next chain
	ceiling int // what length may grow to, lowered by a failure
	most    int // what ceiling may rise to
	single  int // pages still to be read alone
	good    int // chains at the ceiling since it was set
	fits    int // pages that fit into the time of a batch
	proved  bool
}

func newPace(most, single int) pace {
	return pace{length: 1, ceiling: most, most: most, single: single, fits: 1}
}

// settled reports whether it is known that chains work, or that there are none.
func (p *pace) settled() bool { return p.proved || p.ceiling == 1 }

// widest makes the next chain as long as may be.
func (p *pace) widest() { p.length = min(max(p.fits, 1), p.ceiling) }

// took learns from n pages that were read in d; 0 is a time that is not known.
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

// broke learns that of a chain of n pages only the first ones were of use. If
// it is the references that do not work, this ends at single pages.
func (p *pace) broke(n, useful int) {
	p.lower(max(n/growth, useful))
	p.length = 1
}

func (p *pace) lower(ceiling int) {
	p.ceiling = max(ceiling, 1)
	p.length = min(p.length, p.ceiling)
	p.good = 0
}
