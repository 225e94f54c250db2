package limit_test

import (
	"context"
	"errors"
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
		drain(t, b, 50)
		for range 10 {
			d, reason, err := b.Take(t.Context())
			require.NoError(t, err)
			assert.Equal(t, 500*ms, d)
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
		drain(t, b, 50)
		d, _, err := b.Take(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 500*ms, d)
	})
}

func TestRefusalEmptiesTheBucket(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ retryAfter, want time.Duration }{
		"no time named":    {0, 1500 * ms},
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
				assert.Equal(t, c.want, d)
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
		b := limit.New(2, 50).WithJitter(func() float64 { return 0.5 })
		b.Refused(0)
		d, _, err := b.Take(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 1575*ms, d)
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
	synctest.Test(t, func(t *testing.T) {
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
	synctest.Test(t, func(t *testing.T) {
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

// tardy is a context that ends after the token came, and before its waiter looks.
type tardy struct {
	context.Context

	cancel func()
}

func (c tardy) Done() <-chan struct{} {
	sleep(600 * ms)
	c.cancel()
	return c.Context.Done()
}

// A token that comes to one who gives up at the same time goes to the next one.
func TestTokenOfWhoGivesUpIsNotLost(t *testing.T) {
	t.Parallel()
	gaveUp := 0
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			b := newBucket(2, 1)
			drain(t, b, 1)
			ctx, cancel := context.WithCancel(t.Context())
			var group sync.WaitGroup
			next := time.Second
			group.Go(func() {
				if b.Wait(tardy{ctx, cancel}) != nil { //nolint:contextcheck // it is one of the test
					gaveUp++
					next = 600 * ms
				}
			})
			synctest.Wait()
			d, _, err := b.Take(t.Context())
			group.Wait()
			require.NoError(t, err)
			assert.Equal(t, next, d)
		})
	}
	assert.NotZero(t, gaveUp)
	assert.Less(t, gaveUp, 50)
}

// Nor does it come back after a refusal, which takes all tokens.
func TestTokenOfWhoGivesUpAfterARefusalIsLost(t *testing.T) {
	t.Parallel()
	for pause, want := range map[time.Duration]time.Duration{20 * time.Second: 20*time.Second - 50*ms, 200 * ms: 575 * ms} {
		gaveUp := 0
		for range 50 {
			synctest.Test(t, func(t *testing.T) {
				b := newBucket(2, 10)
				drain(t, b, 10)
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(550*ms, func() { b.Refused(pause) })
				if b.Wait(tardy{ctx, cancel}) != nil {
					gaveUp++
				}
				d, _, err := b.Take(t.Context())
				require.NoError(t, err)
				assert.Equal(t, want, d)
				d, _, err = b.Take(t.Context())
				require.NoError(t, err)
				assert.Equal(t, 625*ms, d)
			})
		}
		assert.NotZero(t, gaveUp)
		assert.Less(t, gaveUp, 50)
	}
}

// One whose deadline is too early after a refusal has no token to give back.
func TestWhoIsDismissedGivesNothingBack(t *testing.T) {
	t.Parallel()
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			b := newBucket(2, 1)
			drain(t, b, 1)
			ctx, cancel := context.WithTimeout(t.Context(), 700*ms)
			time.AfterFunc(100*ms, func() { b.Refused(400 * ms) }) // the next token is due at 725 ms
			require.Error(t, b.Wait(tardy{ctx, cancel}))
			d, _, err := b.Take(t.Context())
			require.NoError(t, err)
			assert.Equal(t, 125*ms, d)
		})
	}
}

func TestWhoComesWithTheTokenIsNotFaster(t *testing.T) {
	t.Parallel()
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			b := newBucket(2, 1)
			drain(t, b, 1)
			var group sync.WaitGroup
			group.Go(func() {
				sleep(500 * ms) // its timer is older than that of the bucket
				d, _, err := b.Take(t.Context())
				assert.NoError(t, err)
				assert.Equal(t, 500*ms, d)
			})
			synctest.Wait()
			d, _, err := b.Take(t.Context())
			require.NoError(t, err)
			assert.Equal(t, 500*ms, d)
			group.Wait()
		})
	}
}

func TestShorterPauseDoesNotEndALongerOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(2, 50)
		b.Refused(20 * time.Second)
		b.Refused(time.Second)
		d, _, err := b.Take(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 20*time.Second, d)
	})
}

func TestConfigureRaisesAndClampsTokens(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ spent, burst, want int }{
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
