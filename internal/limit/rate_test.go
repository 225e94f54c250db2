package limit_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/limit"
)

func TestBurstGoesOutAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(2, 50)
		drain(t, b, 50) // acceptance 120
		for range 10 {
			d, reason, err := b.Take(t.Context())
			require.NoError(t, err)
			assert.Equal(t, 500*ms, d) // acceptance 120
			assert.Equal(t, limit.Rate, reason)
		}
	})
}

func TestIdleTimeRefillsUpToTheBurst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(2, 50)
		drain(t, b, 50)
		sleep(10 * time.Second)
		drain(t, b, 20)
		sleep(24 * time.Hour)
		drain(t, b, 50) // acceptance 121
		d, _, err := b.Take(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 500*ms, d)
	})
}

func TestRefusalEmptiesTheBucket(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ retryAfter, want time.Duration }{
		"no time named":    {0, 1500 * ms}, // acceptance 117
		"shorter":          {200 * ms, 625 * ms},
		"longer":           {20 * time.Second, 20 * time.Second},
		"longer than ever": {time.Hour, 5 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBucket(2, 50)
				drain(t, b, 1)
				b.Refused(c.retryAfter)

				d, reason, err := b.Take(t.Context())

				require.NoError(t, err)
				assert.Equal(t, c.want, d) // acceptance 122
				assert.Equal(t, limit.Refused, reason)
				d, reason, err = b.Take(t.Context())
				require.NoError(t, err)
				assert.Equal(t, 625*ms, d, "four fifths of the rate")
				assert.Equal(t, limit.Rate, reason)
			})
		})
	}
}

func TestPauseIsJittered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := limit.New(2, 50, limit.Jitter(func() float64 { return 0.5 }))
		b.Refused(0)
		d, _, err := b.Take(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 1575*ms, d) // acceptance 119
	})
}

func TestRefusalMovesThoseWhoWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(2, 1)
		drain(t, b, 1)
		start := time.Now()
		var mu sync.Mutex
		var at []time.Duration
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				d, reason, err := b.Take(t.Context())
				assert.NoError(t, err)
				assert.Equal(t, limit.Refused, reason)
				mu.Lock()
				defer mu.Unlock()
				at = append(at, d)
			})
		}
		synctest.Wait()
		sleep(250 * ms)
		b.Refused(3 * time.Second)
		group.Wait()
		assert.Equal(t, []time.Duration{3250 * ms, 3875 * ms, 4500 * ms, 5125 * ms}, at)
		assert.Equal(t, 5125*ms, time.Since(start))
	})
}

// counting counts how often a wait looks at its context: once a wake-up.
type counting struct {
	context.Context

	looks atomic.Int64
}

func (c *counting) Done() <-chan struct{} {
	c.looks.Add(1)
	return c.Context.Done()
}

func TestWaitersGoInOrderWithOneWakeUpEach(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // acceptance 128
		const n = 60
		b := newBucket(2, 1)
		drain(t, b, 1)
		start := time.Now()
		var order [n]time.Duration
		var looks [n]*counting
		var group sync.WaitGroup
		for i := range n {
			looks[i] = &counting{Context: t.Context()}
			group.Go(func() {
				assert.NoError(t, b.Wait(looks[i]))
				order[i] = time.Since(start)
			})
			synctest.Wait() // queued before the next
		}
		assert.Equal(t, n, b.State().Waiting)
		group.Wait()
		for i := range n {
			assert.Equal(t, time.Duration(i+1)*500*ms, order[i])
			assert.Equal(t, int64(1), looks[i].looks.Load())
		}
		assert.Zero(t, b.State().Waiting)
	})
}

func TestWhoGivesUpReturnsThePlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // acceptance 132
		b := newBucket(2, 1)
		drain(t, b, 1)
		start := time.Now()
		cause := errors.New("the client is closed")
		var cancels []context.CancelCauseFunc
		var at [5]time.Duration
		var errs [5]error
		var group sync.WaitGroup
		for i := range 5 {
			ctx, cancel := context.WithCancelCause(t.Context())
			cancels = append(cancels, cancel)
			group.Go(func() {
				errs[i] = b.Wait(ctx)
				at[i] = time.Since(start)
			})
			synctest.Wait()
		}
		sleep(100 * ms)
		for _, i := range []int{0, 2, 3} { // the head, and two in the middle
			cancels[i](cause)
		}
		group.Wait()
		assert.Equal(t, [5]time.Duration{100 * ms, 500 * ms, 100 * ms, 100 * ms, time.Second}, at)
		for _, i := range []int{0, 2, 3} {
			require.ErrorIs(t, errs[i], context.Canceled)
			require.ErrorIs(t, errs[i], cause)
		}
		assert.NoError(t, errors.Join(errs[1], errs[4]))
		cancels[1](nil)
		cancels[4](nil)
	})
}

// A token that comes at the moment its waiter gives up goes to the next one.
func TestTokenOfWhoGivesUpIsNotLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const rounds = 400
		b := newBucket(1000, 1)
		drain(t, b, 1)
		start := time.Now()
		granted := 0
		for range rounds {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Millisecond, cancel) // just when the token comes
			if b.Wait(ctx) == nil {
				granted++
			} else {
				drain(t, b, 1) // it is there
			}
			cancel()
		}
		assert.Equal(t, rounds*time.Millisecond, time.Since(start))
		assert.NotZero(t, granted)
		assert.Less(t, granted, rounds, "the race was never seen")
	})
}

func TestDeadlineThatCannotBeMetFailsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // acceptance 112
		b := newBucket(2, 1)
		drain(t, b, 1)
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 300*ms)
		defer cancel()

		err := b.Wait(ctx)

		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Zero(t, time.Since(start))
		var e *limit.DeadlineError
		require.ErrorAs(t, err, &e)
		assert.Equal(t, limit.DeadlineError{Reason: limit.Rate, Wait: 500 * ms, Left: 300 * ms}, *e)
		assert.EqualError(t, err, "rate limit: the wait would be 500ms, the deadline is in 300ms")
		assert.True(t, e.Timeout())
		sleep(500 * ms)
		drain(t, b, 1) // it took nothing
	})
}

func TestDeadlineCountsThePlaceInTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(2, 1)
		drain(t, b, 1)
		ctx, cancel := context.WithTimeout(t.Context(), 1100*ms)
		defer cancel()
		var granted, failed atomic.Int64
		var group sync.WaitGroup
		for range 5 {
			group.Go(func() {
				if b.Wait(ctx) == nil {
					granted.Add(1)
				} else {
					failed.Add(1)
				}
			})
		}
		synctest.Wait()
		assert.Equal(t, int64(3), failed.Load(), "at once")
		group.Wait()
		assert.Equal(t, int64(2), granted.Load())
	})
}

func TestRefusalFailsThoseWhoseDeadlineIsNowTooEarly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(2, 1)
		drain(t, b, 1)
		ctx, cancel := context.WithTimeout(t.Context(), 900*ms)
		defer cancel()
		start := time.Now()
		errs := make(chan error, 1)
		go func() { errs <- b.Wait(ctx) }()
		synctest.Wait()
		sleep(100 * ms)
		b.Refused(0)

		err := <-errs

		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.EqualError(t, err, "refused limit: the wait would be 1.5s, the deadline is in 800ms")
		assert.Equal(t, 100*ms, time.Since(start))
		assert.Zero(t, b.State().Waiting)
	})
}

func TestShortDeadlineInEveryState(t *testing.T) {
	t.Parallel()
	use := func(b *limit.Bucket, n int) {
		for range n {
			_ = b.Wait(context.Background()) //nolint:usetesting // the bubble has another
		}
	}
	for name, prepare := range map[string]func(b *limit.Bucket){
		"empty":        func(b *limit.Bucket) { use(b, 50) },
		"refused":      func(b *limit.Bucket) { b.Refused(0) },
		"refused long": func(b *limit.Bucket) { b.Refused(time.Hour) },
		"refused in the wait": func(b *limit.Bucket) {
			b.Refused(time.Second)
			sleep(850 * ms) // the next token is near
			time.AfterFunc(100*ms, func() { b.Refused(0) })
		},
		"slowest": func(b *limit.Bucket) {
			b.Configure(1e-300, 1)
			use(b, 1)
		},
		"others wait": func(b *limit.Bucket) {
			use(b, 50)
			for range 100 {
				go use(b, 1)
			}
			synctest.Wait()
		},
		"unlimited and refused": func(b *limit.Bucket) {
			b.Configure(math.Inf(1), 1)
			b.Refused(0)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBucket(2, 50)
				prepare(b)
				ctx, cancel := context.WithTimeout(t.Context(), 300*ms)
				defer cancel()
				start := time.Now()
				require.ErrorIs(t, b.Wait(ctx), context.DeadlineExceeded)
				assert.LessOrEqual(t, time.Since(start), 300*ms)
				sleep(time.Hour) // the others are gone
			})
		})
	}
}

func TestContextThatIsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(2, 1)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, b.Wait(ctx), context.Canceled)
		past, done := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
		defer done()
		require.ErrorIs(t, b.Wait(past), context.DeadlineExceeded)
		drain(t, b, 1) // neither took it
	})
}

// One burst of refusals is one step, whatever comes in between.
func TestManyRefusalsAreOneStep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // acceptance 123
		b := newBucket(2, 50)
		drain(t, b, 50)
		for range 25 {
			sleep(10 * ms)
			b.Refused(0)
		}
		s := b.State()
		assert.InDelta(t, 1.6, s.PerSecond, 1e-9)
		assert.Equal(t, 25, s.Burst, "so many were taken")
		assert.Equal(t, time.Now().Add(1500*ms), s.HeldUntil)
		require.NoError(t, b.Wait(t.Context()))
		for range 25 {
			b.Refused(0) // sent after the pause, or so late that it looks so
		}
		assert.InDelta(t, 1.28, b.State().PerSecond, 1e-9)
	})
}

func TestStepsDownEndAtTheFloors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // acceptance 123
		b := newBucket(2, 50)
		want := 2.0
		for range 20 {
			require.NoError(t, b.Wait(t.Context()))
			b.Refused(0)
			want = max(want*0.8, 0.5)
			assert.InDelta(t, want, b.State().PerSecond, 1e-9)
		}
		assert.Equal(t, 5, b.State().Burst)
	})
}

func TestSuccessesRestoreThePlan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // acceptance 124
		b := newBucket(2, 50)
		drain(t, b, 50)
		b.Refused(0) // of the 50, 49 were taken
		for _, want := range []struct {
			successes int
			rate      float64
			burst     int
		}{{0, 1.6, 40}, {19, 1.6, 40}, {1, 1.76, 44}, {20, 1.936, 48}, {20, 2, 49}, {239, 2, 49}, {1, 2, 50}, {1000, 2, 50}} {
			for range want.successes {
				b.Accepted()
			}
			s := b.State()
			assert.InDelta(t, want.rate, s.PerSecond, 1e-9)
			assert.Equal(t, want.burst, s.Burst)
		}
	})
}

func TestRefusalEndsTheRunOfSuccesses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // acceptance 125
		b := newBucket(2, 50)
		b.Refused(0)
		for range 19 {
			b.Accepted()
		}
		b.Refused(0) // of the same burst
		b.Accepted()
		assert.InDelta(t, 1.6, b.State().PerSecond, 1e-9)
		for range 19 {
			b.Accepted()
		}
		assert.InDelta(t, 1.76, b.State().PerSecond, 1e-9)
	})
}

func TestConfigureRaisesAndClampsTokens(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ spent, burst, want int }{ // acceptance 131
		"raised":               {20, 45, 25},
		"lowered":              {20, 30, 10},
		"less than is in use":  {20, 10, 0},
		"lowered when full":    {0, 10, 10},
		"raised from nothing":  {40, 50, 10},
		"the same burst again": {10, 40, 30},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBucket(2, 40)
				drain(t, b, c.spent)
				b.Configure(1, c.burst)
				drain(t, b, c.want)
				d, _, err := b.Take(t.Context())
				require.NoError(t, err)
				assert.Equal(t, time.Second, d)
			})
		})
	}
}

func TestConfigureKeepsWhatWasLearned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(2, 50)
		drain(t, b, 50)
		b.Refused(0)
		b.Configure(5, 250)
		assert.InDelta(t, 1.6, b.State().PerSecond, 1e-9)
		for range 20 * 20 {
			b.Accepted()
		}
		assert.InDelta(t, 5.0, b.State().PerSecond, 1e-9)
		b.Configure(1, 10)
		assert.InDelta(t, 1.0, b.State().PerSecond, 1e-9)
		assert.Equal(t, 10, b.State().Burst)
	})
}

func TestNumbersThatAllowNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rate, want float64
		burst      int
	}{
		"zero":         {0, 2, 0},
		"negative":     {-1, 2, -1},
		"not a number": {math.NaN(), 2, 50},
		"very slow":    {1e-300, 1.0 / 3600, 50},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := limit.New(c.rate, c.burst).State()
			assert.InDelta(t, c.want, s.PerSecond, 1e-9)
			assert.Equal(t, 50, s.Burst)
		})
	}
}

func TestUnlimitedLearnsWhenRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(math.Inf(1), 50)
		drain(t, b, 5000)
		b.Refused(0)
		d, reason, err := b.Take(t.Context())
		require.NoError(t, err)
		assert.Equal(t, time.Second, d)
		assert.Equal(t, limit.Refused, reason)
		assert.InDelta(t, 5.0, b.State().PerSecond, 1e-9)
		for range 20 * 60 {
			b.Accepted()
		}
		assert.True(t, math.IsInf(b.State().PerSecond, 1))
		drain(t, b, 5000)
	})
}

func TestEnterpriseTakesAllOfItsBurst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // acceptance 127
		b := newBucket(limit.EnterpriseRate, limit.EnterpriseBurst)
		start := time.Now()
		for range 250 {
			assert.NoError(t, b.Wait(t.Context()))
			b.Accepted()
		}
		assert.Zero(t, time.Since(start), "one after the other, at once")
		d, _, err := b.Take(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 200*ms, d)
		sleep(50 * time.Second)
		drain(t, b, 250) // known by now: all at once
	})
}

// However many wait, the timer goes off once for each token, and each waiter
// wakes up once.
func TestTenThousandWaiters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 10_000
		b := newBucket(2, 50)
		start := time.Now()
		ctx := &counting{Context: t.Context()}
		var group sync.WaitGroup
		for range n {
			group.Go(func() {
				assert.NoError(t, b.Wait(ctx))
				b.Accepted()
			})
		}
		group.Wait()
		assert.Equal(t, (n-50)*500*ms, time.Since(start))
		assert.Equal(t, n-50, b.State().Fired)
		assert.Equal(t, int64(n-50), ctx.looks.Load())
		sleep(time.Hour)
		assert.Equal(t, n-50, b.State().Fired, "the timer rests")
	})
}

func TestThousandGoroutinesInRealTime(t *testing.T) {
	t.Parallel()
	const n, each = 1000, 20
	b := newBucket(50_000, 50)
	start := time.Now()
	var granted atomic.Int64
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			for j := range each {
				if (i+j)%7 == 0 {
					short, stop := context.WithTimeout(ctx, 2*ms)
					if b.Wait(short) == nil {
						granted.Add(1)
					}
					stop()
				} else if assert.NoError(t, b.Wait(ctx)) {
					granted.Add(1)
				}
				b.Accepted()
			}
		})
	}
	group.Wait()
	most := 50 + 50_000*time.Since(start).Seconds()
	assert.LessOrEqual(t, float64(granted.Load()), most)
	assert.Zero(t, b.State().Waiting)
}

func ExampleDeadlineError() {
	fmt.Println(&limit.DeadlineError{Reason: limit.Operating, Key: "crm.deal.list", Wait: time.Minute, Left: time.Second})
	// Output: operating limit of crm.deal.list: the wait would be 1m0s, the deadline is in 1s
}
