package b24test

import (
	"errors"
	"math"
	"time"
)

// bucket is the leaky bucket behind [WithQueryLimit]; the zero bucket lets everything pass. The
// lock of the portal guards it.
type bucket struct {
	perSecond float64
	burst     int
	level     float64
	at        time.Time // the time at which level was right
}

// slack is the fraction of a request that is forgiven: it covers rounding of sums, and callers who
// round their waits down to nanoseconds.
const slack = 1e-6

func checkQueryLimit(perSecond float64, burst int) error {
	off := perSecond == 0 && burst == 0
	if !off && (burst < 1 || !(perSecond > 0) || math.IsInf(perSecond, 1)) {
		return errors.New("query limit: the rate and the burst must be positive, or both 0 for no limit")
	}
	return nil
}

// take admits a request and counts it, or refuses it and counts nothing.
func (b *bucket) take(now time.Time) bool {
	if b.burst == 0 {
		return true
	}
	b.drain(now)
	if b.level+1 > float64(b.burst)+slack {
		return false
	}
	b.level++
	return true
}

func (b *bucket) drain(now time.Time) {
	b.level = max(0, b.level-b.perSecond*now.Sub(b.at).Seconds())
	b.at = now
}

// set changes the limit from now on; the bucket keeps its content, unless the limit ends.
func (b *bucket) set(now time.Time, perSecond float64, burst int) {
	b.drain(now)
	b.perSecond, b.burst = perSecond, burst
	if burst == 0 {
		b.level = 0
	}
}

// WithQueryLimit refuses requests that come too fast: a bucket drains perSecond requests a second,
// and a request that would make it hold more than burst is refused with QUERY_LIMIT_EXCEEDED. Most
// plans of the cloud have 2 and 50, Enterprise has 5 and 250. By default, and with 0 and 0, there
// is no limit. To change the limit later, see [Portal.SetQueryLimit].
func WithQueryLimit(perSecond float64, burst int) Option {
	return func(c *config) error {
		if err := checkQueryLimit(perSecond, burst); err != nil {
			return err
		}
		c.perSecond, c.burst = perSecond, burst
		return nil
	}
}

// SetQueryLimit changes the limit set with [WithQueryLimit] from now on; the bucket keeps its
// content. 0 and 0 end the limit and empty the bucket. Values that WithQueryLimit would refuse fail
// the test and change nothing.
func (p *Portal) SetQueryLimit(perSecond float64, burst int) {
	if err := checkQueryLimit(perSecond, burst); err != nil {
		p.report("b24test: " + err.Error())
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bucket.set(time.Now(), perSecond, burst)
}

// Refusals returns the number of requests that the portal's limits refused, without those refused
// by [Portal.Fault]. [Request.Refused] names the limit.
func (p *Portal) Refusals() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, r := range p.requests {
		if r.Refused != "" {
			n++
		}
	}
	return n
}
