package limit_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24/internal/limit"
)

// operated is the portal's count of the operating time of one method: ten
// buckets of a minute (docs/protocol.md 7.3).
type operated struct {
	limit  time.Duration
	cost   time.Duration // of a call
	wall   time.Duration // how long a call takes
	silent bool          // the answers report nothing

	mu       sync.Mutex
	minutes  [10]struct{ at, used time.Duration } // place is minute modulo ten
	done     int
	refusals []time.Time
}

// window returns what counts now and when its oldest minute no longer does.
func (o *operated) window(now time.Time) (used time.Duration, resetAt time.Time) {
	at := minuteOf(now)
	oldest := at
	for _, m := range o.minutes {
		if m.used > 0 && m.at > at-10*time.Minute {
			used += m.used
			oldest = min(oldest, m.at)
		}
	}
	return used, time.Unix(0, 0).Add(oldest + 10*time.Minute)
}

func minuteOf(t time.Time) time.Duration { return t.Sub(time.Unix(0, 0)).Truncate(time.Minute) }

// run runs a call, or refuses it.
func (o *operated) run() (used time.Duration, resetAt time.Time, ok bool) {
	if !o.take() {
		return 0, time.Time{}, false
	}
	sleep(o.wall)
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	m := &o.minutes[int(minuteOf(now)/time.Minute)%10]
	if m.at != minuteOf(now) {
		m.at, m.used = minuteOf(now), 0
	}
	m.used += o.cost
	o.done++
	used, resetAt = o.window(now)
	return used, resetAt, true
}

func (o *operated) take() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if used, _ := o.window(time.Now()); used > o.limit {
		o.refusals = append(o.refusals, time.Now())
		return false
	}
	return true
}

// refusedAfter is the number of refusals from then on.
func (o *operated) refusedAfter(t time.Time) int {
	n := 0
	for _, at := range o.refusals {
		if at.After(t) {
			n++
		}
	}
	return n
}

// call makes a call of a method through a guard, again until the portal took it.
func (o *operated) call(ctx context.Context, g *limit.Guard, method string) error {
	for {
		if _, _, err := g.Wait(ctx, method); err != nil {
			return err
		}
		used, resetAt, ok := o.run()
		switch {
		case !ok:
			g.Blocked(method, time.Time{})
		case !o.silent:
			g.Observe(method, used, resetAt)
		}
		g.Done(method)
		if ok {
			return nil
		}
	}
}

// lasting has so many callers call again and again for so long.
func (o *operated) lasting(ctx context.Context, g *limit.Guard, callers int, d time.Duration) {
	ctx, cancel := context.WithCancel(ctx)
	defer time.AfterFunc(d, cancel).Stop()
	defer cancel()
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for o.call(ctx, g, "slow") == nil {
			}
		})
	}
	group.Wait()
}

func TestSlowMethodUsesWhatTheLimitAllows(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		callers    int
		cost, wall time.Duration
	}{
		"one caller":                      {1, 30 * time.Second, 30 * time.Second},
		"one caller, answers soon":        {1, 30 * time.Second, time.Second},
		"many callers":                    {64, 30 * time.Second, 30 * time.Second},
		"many callers, answers soon":      {64, 30 * time.Second, time.Second},
		"many callers, cheaper":           {64, 2 * time.Second, 2 * time.Second},
		"very many callers":               {1000, 30 * time.Second, 30 * time.Second},
		"a few callers, a dear method":    {4, 60 * time.Second, 60 * time.Second},
		"a few callers, a cheaper method": {4, 5 * time.Second, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := &operated{limit: limit.DefaultOperating, cost: c.cost, wall: c.wall}
				g := limit.NewGuard(o.limit)
				o.lasting(t.Context(), g, c.callers, 10*time.Minute)
				settled, done := time.Now(), o.done
				o.lasting(t.Context(), g, c.callers, time.Hour)

				allowed := 6 * limit.DefaultOperating.Seconds()
				assert.GreaterOrEqual(t, float64(o.done-done)*c.cost.Seconds(), 0.95*allowed)
				assert.Zero(t, o.refusedAfter(settled))
				assert.Zero(t, admitted(t, g, contacts))
			})
		})
	}
}

// A portal that reports no operating time blocks, and little is lost.
func TestSlowMethodWithoutReports(t *testing.T) {
	t.Parallel()
	for _, callers := range []int{1, 64} {
		t.Run(strconv.Itoa(callers), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := &operated{limit: limit.DefaultOperating, cost: 30 * time.Second, wall: 30 * time.Second, silent: true}
				g := limit.NewGuard(o.limit)
				o.lasting(t.Context(), g, callers, 10*time.Minute)
				settled, done := time.Now(), o.done
				o.lasting(t.Context(), g, callers, time.Hour)

				allowed := 6 * limit.DefaultOperating.Seconds()
				assert.GreaterOrEqual(t, float64(o.done-done)*o.cost.Seconds(), 0.9*allowed)
				assert.LessOrEqual(t, o.refusedAfter(settled), 20)
			})
		})
	}
}
