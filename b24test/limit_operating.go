package b24test

import (
	"fmt"
	"strings"
	"time"
)

// The window has ten buckets of one minute of the clock each.
const (
	bucketTime  = time.Minute
	bucketCount = 10
	windowTime  = bucketCount * bucketTime
	// shortest is the longest operating time that is not recorded.
	shortest = 100 * time.Millisecond
)

// basketKey identifies what operating time is counted for.
type basketKey struct {
	user, secret, method string
	version              int
}

func (c *call) basketKey() basketKey {
	return basketKey{user: c.User, secret: c.secret, method: strings.ToLower(c.Method), version: c.Version}
}

// basket holds the operating time of the last ten minutes; the index of a bucket is its minute
// modulo ten.
type basket [bucketCount]struct {
	minute int64
	first  time.Time // when the first recorded call of that minute began
	used   time.Duration
}

func minuteOf(t time.Time) int64 { return t.Unix() / int64(bucketTime/time.Second) }

// add records the time of a call in the minute in which it began, unless the call is too short, or
// longer than the window.
func (b *basket) add(began time.Time, used time.Duration) {
	minute := minuteOf(began)
	slot := &b[minute%bucketCount]
	if used <= shortest || slot.minute > minute {
		return
	}
	if slot.minute < minute {
		slot.minute, slot.first, slot.used = minute, began, 0
	}
	slot.used += used
}

// window returns the time used up as seen by a call that began then, and the time reported for the
// expiry of the oldest part. That is ten minutes after the first call of the oldest bucket; the
// bucket itself expires with its minute, a little earlier.
func (b *basket) window(began time.Time) (used time.Duration, resetAt time.Time) {
	minute := minuteOf(began)
	first, oldest := began, minute+1
	for _, slot := range b {
		if slot.used == 0 || slot.minute > minute || slot.minute <= minute-bucketCount {
			continue
		}
		used += slot.used
		if slot.minute < oldest {
			first, oldest = slot.first, slot.minute
		}
	}
	return used, first.Add(windowTime)
}

// blocked reports whether a method has used up its operating time, and notes it in the request.
func (p *Portal) blocked(req *call, began time.Time) bool {
	if p.cfg.limit == 0 || req.InBatch && p.cfg.batchCharged {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.baskets[req.basketKey()]
	if b == nil {
		return false
	}
	used, _ := b.window(began)
	if used <= p.cfg.limit {
		return false
	}
	req.Refused = operationTimeLimit(req.Version).Code
	return true
}

// charge records the cost of a call and puts what the answer reports about it into the result.
func (p *Portal) charge(req *call, began time.Time, cost time.Duration, res *Result) {
	if req.InBatch {
		req.batch.cost += cost
	}
	if p.cfg.limit == 0 || req.InBatch && p.cfg.batchCharged {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	key := req.basketKey()
	b := p.baskets[key]
	if b == nil {
		b = new(basket)
		p.baskets[key] = b
	}
	b.add(began, cost)
	if p.cfg.operating.hidden {
		return
	}
	used, resetAt := b.window(began)
	if res.Operating == nil {
		res.Operating = new(used.Seconds())
	}
	if res.OperatingResetAt.IsZero() {
		res.OperatingResetAt = resetAt
	}
}

// WithOperatingLimit counts the operating time of each method over ten minutes and blocks a method
// that used up more than limit. Answers report the count, whatever [WithOperating] sets; with
// [WithoutOperating] the method is blocked without a warning. The cloud is said to have 480 s. By
// default, and with 0, there is no limit; a negative limit is an error. [WithOperatingCost] sets
// what a call costs.
func WithOperatingLimit(limit time.Duration) Option {
	return func(c *config) error {
		if limit < 0 {
			return fmt.Errorf("operating limit: %v is negative", limit)
		}
		c.limit = limit
		return nil
	}
}
