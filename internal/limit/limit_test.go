package limit_test

import (
	"context"
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

func TestDeadlineThatCannotBeMetFailsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
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

func TestRefusalCountsThePlaceInTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(2, 1)
		drain(t, b, 1)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		start := time.Now()
		errs := make(chan error, 2)
		for range 2 {
			go func() { errs <- b.Wait(ctx) }()
		}
		synctest.Wait()
		sleep(100 * ms)
		b.Refused(0) // tokens come at 1.6 s and at 2.225 s

		require.ErrorIs(t, <-errs, context.DeadlineExceeded)
		assert.Equal(t, 100*ms, time.Since(start))
		require.NoError(t, <-errs)
		assert.Equal(t, 1600*ms, time.Since(start))
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

func ExampleDeadlineError() {
	fmt.Println(&limit.DeadlineError{Reason: limit.Operating, Key: "crm.deal.list", Wait: time.Minute, Left: time.Second})
	// Output: operating limit of crm.deal.list: the wait would be 1m0s, the deadline is in 1s
}
