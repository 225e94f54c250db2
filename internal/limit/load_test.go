package limit_test

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24/internal/limit"
)

func TestThousandCallsAtThePortalsOwnPace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		load    load
		clients int
	}{
		"answers at once":       {load{callers: 64}, 1},
		"answers later":         {load{callers: 64, latency: 200 * ms}, 1},
		"two clients":           {load{callers: 64}, 2},
		"two clients, later":    {load{callers: 64, latency: 200 * ms}, 2},
		"one caller":            {load{callers: 1}, 1},
		"one caller, two turns": {load{callers: 1, latency: 200 * ms}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const calls = 1000
				p := &leaky{drain: limit.StandardRate, size: limit.StandardBurst}
				var buckets []*limit.Bucket
				for range c.clients {
					s := limit.Acquire(t.Name(), p.drain, int(p.size))
					defer s.Release()
					buckets = append(buckets, s.Bucket)
				}

				d := c.load.calls(t.Context(), p, calls, buckets...)

				assert.Zero(t, p.refused)
				assert.Equal(t, calls, p.accepted)
				assert.LessOrEqual(t, d.Seconds(), 1.02*p.bound(calls).Seconds())
			})
		})
	}
}

// What a portal gives is found with few refusals and then used up, whatever the
// plan says. Refusals of requests that are under way together are one volley; of
// one caller each is one.
func TestLearnsWhatThePortalGives(t *testing.T) {
	t.Parallel()
	inf := math.Inf(1)
	one, many := load{callers: 1}, load{callers: 64}
	late := load{callers: 64, latency: 200 * ms}
	for name, c := range map[string]struct {
		rate        float64
		burst       int
		portal      *leaky
		load        load
		first, hour int // volleys at most
	}{
		"half the rate":                      {2, 50, &leaky{drain: 1, size: 50}, many, 10, 4},
		"half the rate, one caller":          {2, 50, &leaky{drain: 1, size: 50}, one, 10, 4},
		"half the rate, later":               {2, 50, &leaky{drain: 1, size: 50}, late, 10, 4},
		"half of both":                       {2, 50, &leaky{drain: 1, size: 25}, many, 10, 4},
		"half of both, one caller":           {2, 50, &leaky{drain: 1, size: 25}, one, 10, 4},
		"half of both, later":                {2, 50, &leaky{drain: 1, size: 25}, late, 10, 4},
		"a little less":                      {2, 50, &leaky{drain: 1.9, size: 50}, late, 10, 4},
		"the same":                           {2, 50, &leaky{drain: 2, size: 50}, late, 0, 0},
		"half the burst":                     {2, 50, &leaky{drain: 2, size: 25}, late, 10, 0},
		"standard on enterprise":             {2, 50, &leaky{drain: 5, size: 250}, many, 0, 0},
		"standard on enterprise, later":      {2, 50, &leaky{drain: 5, size: 250}, late, 0, 0},
		"enterprise on standard":             {5, 250, &leaky{drain: 2, size: 50}, many, 10, 5},
		"enterprise on standard, one caller": {5, 250, &leaky{drain: 2, size: 50}, one, 10, 5},
		"enterprise on standard, later":      {5, 250, &leaky{drain: 2, size: 50}, late, 10, 5},
		"enterprise":                         {5, 250, &leaky{drain: 5, size: 250}, late, 0, 0},
		"no limit on standard":               {inf, 50, &leaky{drain: 2, size: 50}, late, 10, 5},
		"no limit on enterprise":             {inf, 50, &leaky{drain: 5, size: 250}, late, 10, 10},
		"slow answers": {
			2, 50, &leaky{drain: 1, size: 50}, load{callers: 64, latency: 2 * time.Second}, 10, 5,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := c.portal
				b := newBucket(c.rate, c.burst)
				c.load.lasting(t.Context(), p, 10*time.Minute, b)
				assert.LessOrEqual(t, p.volleys, c.first, "until settled")

				p.forget()
				c.load.lasting(t.Context(), p, time.Hour, b)
				assert.LessOrEqual(t, p.volleys, c.hour, "over an hour")
				assert.GreaterOrEqual(t, float64(p.accepted), 0.9*time.Hour.Seconds()*min(c.rate, p.drain))
			})
		})
	}
}

func TestLatencyThatVariesCostsLittle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &leaky{drain: 2, size: 50}
		b := newBucket(2, 50)
		l := load{callers: 64, latency: 20 * ms, jitter: 400 * ms}
		for range 5 {
			l.lasting(t.Context(), p, 20*time.Minute, b)
			assert.LessOrEqual(t, p.volleys, 2)
			assert.GreaterOrEqual(t, p.accepted, 20*60*2)
			p.forget()
			sleep(time.Hour) // both buckets are as at first
		}
	})
}

// A second process on the same machine uses the same budget of the portal.
func TestTwoProcessesShare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &leaky{drain: 2, size: 50}
		a, b := newBucket(2, 50), newBucket(2, 50)
		l := load{callers: 64, latency: 200 * ms}
		l.lasting(t.Context(), p, 30*time.Minute, a, b)
		p.forget()
		l.lasting(t.Context(), p, time.Hour, a, b)
		assert.LessOrEqual(t, p.volleys, 20)
		assert.GreaterOrEqual(t, p.accepted, 6500)
		assert.Greater(t, min(a.State().PerSecond, b.State().PerSecond), 0.4)

		// One of them ends: the other takes over in reasonable time.
		l.lasting(t.Context(), p, time.Hour, a)
		p.forget()
		l.lasting(t.Context(), p, time.Hour, a)
		assert.GreaterOrEqual(t, p.accepted, 6500)
	})
}

// After a slow time the plan is tried again, later if that was in vain before. A
// portal that then was not slow for long is trusted as at first.
func TestTrustReturns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &leaky{size: 50}
		b := newBucket(2, 50)
		calls := func(n int) { load{callers: 8, latency: 200 * ms}.calls(t.Context(), p, n, b) }
		slow := func(volleys int) {
			p.drain = 1
			for p.forget(); p.volleys < volleys; calls(10) {
			}
		}
		recovery := func() (n int) {
			p.drain = 2
			for ; b.State().PerSecond < 2; n += 10 {
				calls(10)
			}
			return n
		}
		slow(4)
		assert.InDelta(t, 1100, recovery(), 200)
		slow(20)
		assert.InDelta(t, 2700, recovery(), 200)
		calls(10_000)
		slow(4)
		assert.InDelta(t, 1100, recovery(), 200)
	})
}

// Bursts after idle time: the burst of the portal is learned, too.
func TestBurstsAreLearned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &leaky{drain: 2, size: 25}
		b := newBucket(2, 50)
		l := load{callers: 64, latency: 200 * ms}
		bursts := func(n int) {
			for range n {
				l.calls(t.Context(), p, 60, b)
				sleep(5 * time.Minute)
			}
		}
		bursts(5)
		p.forget()
		bursts(50)
		assert.LessOrEqual(t, p.volleys, 15)
		assert.LessOrEqual(t, p.refused, 30, "of 3000")
		assert.InDelta(t, 25, b.State().Burst, 6)
	})
}
