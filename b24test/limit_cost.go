package b24test

import (
	"fmt"
	"strings"
	"time"
)

// CostModel sets the operating time of a call, which is the sum of its parts. The zero CostModel
// costs nothing. No part may be negative.
type CostModel struct {
	// PerCall is the cost of any call.
	PerCall time.Duration
	// PerRow is the cost of each row that a seeded entity's list or get returns.
	PerRow time.Duration
	// PerCount is the cost of counting the rows of a seeded entity. Every page of a list counts
	// them unless start is negative.
	PerCount time.Duration
	// PerSkippedRow is the cost of each row before the page, that is, of the rows that start skips.
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

// costOf returns the cost of a call that returned res; the handler's own cost cannot make it
// negative.
func (c *config) costOf(method string, res Result) time.Duration {
	model, ok := c.costs[strings.ToLower(method)]
	if !ok {
		model = c.cost
	}
	return max(0, model.of(res.work)+res.Cost)
}

// WithOperatingCost sets the cost of a call of the named methods, in any letter case and in both
// API versions; without names, of all other methods. The last setting for a method applies. The
// default is zero. A handler adds to it with [Result].
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

// WithLatency delays each answer by the call's operating cost plus d. A call that ends in an error
// is delayed by d. Refused calls take no time. By default calls take no time, whatever they cost; d
// may be 0, and a negative d is an error.
func WithLatency(d time.Duration) Option {
	return func(c *config) error {
		if d < 0 {
			return fmt.Errorf("latency: %v is negative", d)
		}
		c.slow, c.latency = true, d
		return nil
	}
}

// latencyOf returns how long a call of the given cost takes.
func (c *config) latencyOf(cost time.Duration) time.Duration {
	if !c.slow {
		return 0
	}
	return c.latency + cost
}
