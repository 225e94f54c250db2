package b24test

import (
	"errors"
	"math"
	"time"
)

// bucket is the leaky bucket behind [WithQueryLimit]; the zero bucket lets everything pass. The lock of the portal guards it.
type bucket struct {
	perSecond float64
	burst     int
	level     float64
	at        time.Time // when level was right
}

// slack is the part of a request that is forgiven: it covers rounded sums, and a caller who rounds his waits down to nanoseconds.
const slack = 1e-6

func checkQueryLimit(perSecond float64, burst int) error {
	off := perSecond == 0 && burst == 0
	if !off && (burst < 1 || !(perSecond > 0) || math.IsInf(perSecond, 1)) {
		return errors.New("query limit: the rate and the burst must be positive, or both 0 for no limit")
	}
	return nil
}

// take lets a request in and counts it, or refuses it and counts nothing.
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

// set changes the limit from now on; what is in the bucket stays there, unless the limit ends.
func (b *bucket) set(now time.Time, perSecond float64, burst int) {
	b.drain(now)
	b.perSecond, b.burst = perSecond, burst
	if burst == 0 {
		b.level = 0
	}
}

// WithQueryLimit refuses requests that come too fast: a bucket drains perSecond requests a second,
// and one that would make it hold more than burst is refused with QUERY_LIMIT_EXCEEDED. Most plans
// of the cloud have 2 and 50, Enterprise has 5 and 250. By default, and with 0 and 0, there is no
// limit. See [Portal.SetQueryLimit] for a limit that changes.
func WithQueryLimit(perSecond float64, burst int) Option {
	return func(c *config) error {
		if err := checkQueryLimit(perSecond, burst); err != nil {
			return err
		}
		c.perSecond, c.burst = perSecond, burst
		return nil
	}
}

// SetQueryLimit changes what [WithQueryLimit] set, from now on; what the bucket holds stays in it. 0 and 0 end the limit and empty the bucket.
// Values that WithQueryLimit would refuse fail the test and change nothing.
func (p *Portal) SetQueryLimit(perSecond float64, burst int) {
	if err := checkQueryLimit(perSecond, burst); err != nil {
		p.report("b24test: " + err.Error())
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bucket.set(time.Now(), perSecond, burst)
}

// Refusals counts the requests that the portal's limits refused, without those of [Portal.Fault].
// [Request] says which limit it was.
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
