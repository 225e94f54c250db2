package b24test

import (
	"fmt"
	"strings"
	"time"
)

// CostModel says how much operating time a call takes up. The sum of its parts is the cost of the call; the zero CostModel costs nothing.
// No part may be negative.
type CostModel struct {
	// PerCall is the cost of any call.
	PerCall time.Duration
	// PerRow is the cost of each row that a seeded entity's list or get returns.
	PerRow time.Duration
	// PerCount is the cost of counting the rows of a seeded entity: every page of a list does so unless start is negative.
	PerCount time.Duration
	// PerSkippedRow is the cost of each row before the page: those that start skips.
	PerSkippedRow time.Duration
}

// work is what the method of a seeded entity did.
type work struct {
	rows, skipped int
	counted       bool
}

func (m CostModel) of(w work) time.Duration {
	cost := m.PerCall + time.Duration(w.rows)*m.PerRow + time.Duration(w.skipped)*m.PerSkippedRow
	if w.counted {
		cost += m.PerCount
	}
	return cost
}

// costOf is the cost of a call that returned res; what the handler stated cannot make it negative.
func (c *config) costOf(method string, res Result) time.Duration {
	model, ok := c.costs[strings.ToLower(method)]
	if !ok {
		model = c.cost
	}
	return max(0, model.of(res.work)+res.Cost)
}

// WithQueryLimit refuses requests that come too fast: a bucket drains perSecond requests a second, and one that would make it hold more than
// burst is refused with QUERY_LIMIT_EXCEEDED. Most plans of the cloud have 2 and 50, Enterprise has 5 and 250.
// The default, and 0 with 0, is no limit. See [Portal.SetQueryLimit] for a limit that changes.
func WithQueryLimit(perSecond float64, burst int) Option {
	return func(c *config) error {
		if err := checkQueryLimit(perSecond, burst); err != nil {
			return err
		}
		c.perSecond, c.burst = perSecond, burst
		return nil
	}
}

// WithOperatingLimit counts the operating time of each method over ten minutes and blocks a method that used up more than limit. The answers
// tell the count, whatever [WithOperating] says; with [WithoutOperating] the method is blocked without a warning.
// The cloud is said to have 480 s. The default, and 0, is no limit; a negative one is an error. What a call costs is for [WithOperatingCost] to say.
func WithOperatingLimit(limit time.Duration) Option {
	return func(c *config) error {
		if limit < 0 {
			return fmt.Errorf("operating limit: %v is negative", limit)
		}
		c.limit = limit
		return nil
	}
}

// WithOperatingCost says what a call of the named methods costs, in any letter case and in both API versions; without names, what a call of
// all other methods costs. The last one given for a method counts. The default is nothing. A handler adds to it with [Result].
func WithOperatingCost(cost CostModel, methods ...string) Option {
	return func(c *config) error {
		if min(cost.PerCall, cost.PerRow, cost.PerCount, cost.PerSkippedRow) < 0 {
			return fmt.Errorf("operating cost: %+v is negative", cost)
		}
		if len(methods) == 0 {
			c.cost = cost
		}
		for _, m := range methods {
			c.costs[strings.ToLower(m)] = cost
		}
		return nil
	}
}

// WithLatency makes each call that is run take as long as it costs and d more: it is answered so much later. A call that ends in an error takes d.
// Refused calls take no time. The default is that calls take no time, whatever they cost; d may be 0, a negative d is an error.
func WithLatency(d time.Duration) Option {
	return func(c *config) error {
		if d < 0 {
			return fmt.Errorf("latency: %v is negative", d)
		}
		c.slow, c.latency = true, d
		return nil
	}
}

// latencyOf is how long a call of some cost takes.
func (c *config) latencyOf(cost time.Duration) time.Duration {
	if !c.slow {
		return 0
	}
	return c.latency + cost
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

// Refusals counts the requests that the portal's limits refused; those of [Portal.Fault] are none of them. [Request] tells which limit it was.
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
