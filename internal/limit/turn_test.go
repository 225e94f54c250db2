package limit_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/limit"
)

func TestDeadlineWhileOthersAreUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := crowd(t)
		ctx, cancel := context.WithTimeout(t.Context(), 300*ms)
		defer cancel()
		d, reason, err := g.Wait(ctx, deals)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 300*ms, d)
		assert.Equal(t, limit.Operating, reason)
	})
}

// crowd returns a guard with four calls of deals under way that may use up the
// rest of the limit.
func crowd(t *testing.T) *limit.Guard {
	t.Helper()
	g := newGuard()
	g.Done(deals) // without Wait: nothing happens
	resetAt := time.Now().Add(10 * time.Minute)
	for _, used := range []float64{320, 350} {
		g.Observe(deals, seconds(used), resetAt)
		admitted(t, g, deals, deals) // which is one call
	}
	g.Done(deals, deals)
	_, _, err := g.Wait(t.Context(), deals)
	require.NoError(t, err)
	admitted(t, g, deals, deals) // ends itself and no other
	for range 3 {                // 350 s and four of 30 s: too little is left for a fifth
		_, _, err := g.Wait(t.Context(), deals)
		require.NoError(t, err)
	}
	return g
}

// What a call costs is the mean, of the calls after a reset too.
func TestCallsThatBecomeDearAreFewerAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGuard()
		first := time.Now().Add(5 * time.Minute)
		next := first.Add(time.Minute)
		for _, r := range []struct {
			used  float64
			reset time.Time
		}{{100, first}, {101, first}, {1, next}, {150, next}, {300, next}} {
			g.Observe(deals, seconds(r.used), r.reset)
			admitted(t, g, deals)
		}
		for range 2 { // of 66 s each: a third would be one too many
			d, _, err := g.Wait(t.Context(), deals)
			require.NoError(t, err)
			assert.Zero(t, d)
		}
		time.AfterFunc(time.Second, func() { g.Done(deals) })
		assert.Equal(t, time.Second, admitted(t, g, deals))
	})
}

// Whoever waits for others goes as soon as there is room, in order, and one who
// gives up does not stop those behind.
func TestTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := crowd(t)
		start := time.Now()
		var at [5]time.Duration
		var errs [5]error
		var cancels [5]context.CancelFunc
		var group sync.WaitGroup
		for i := range at {
			ctx, cancel := context.WithCancel(t.Context())
			cancels[i] = cancel
			group.Go(func() {
				_, _, errs[i] = g.Wait(ctx, deals)
				at[i] = time.Since(start)
			})
			synctest.Wait()
		}
		sleep(time.Second)
		cancels[0]()
		cancels[2]()
		for range 3 { // of the calls under way
			sleep(time.Second)
			g.Done(deals) // it cost nothing
		}
		group.Wait()
		assert.Equal(t, [5]time.Duration{
			time.Second, 2 * time.Second, time.Second, 3 * time.Second, 4 * time.Second,
		}, at)
		for i := range errs {
			assert.Equal(t, i == 0 || i == 2, errors.Is(errs[i], context.Canceled))
			cancels[i]()
		}
	})
}

// One answer may make room for many.
func TestRoomForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := crowd(t)
		var group sync.WaitGroup
		for range 5 {
			group.Go(func() {
				d, _, err := g.Wait(t.Context(), deals)
				assert.NoError(t, err)
				assert.Equal(t, 3*time.Second, d)
			})
		}
		synctest.Wait()
		sleep(3 * time.Second)
		g.Observe(deals, seconds(10), time.Now().Add(10*time.Minute)) // the reset moved on
		g.Done(deals)
		group.Wait()
	})
}

// The reset is told by another clock, over a network: it is never the same to the
// microsecond.
func TestResetIsTheSameWithinNoise(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := limit.NewGuard(limit.DefaultOperating).WithJitter(still)
		reset := time.Now().Add(time.Minute)
		g.Observe(deals, seconds(476), reset)
		g.Observe(deals, seconds(10), reset.Add(time.Second)) // of an answer that was overtaken
		assert.Positive(t, g.Delay(deals))
		g.Observe(deals, seconds(10), reset.Add(time.Minute)) // a part was forgotten
		assert.Zero(t, g.Delay(deals))
	})
}

func TestWhoComesLaterIsNotFaster(t *testing.T) {
	t.Parallel()
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			g := crowd(t)
			var group sync.WaitGroup
			group.Go(func() {
				d, _, err := g.Wait(t.Context(), deals)
				assert.NoError(t, err)
				assert.Zero(t, d)
			})
			synctest.Wait()
			time.AfterFunc(time.Second, func() { g.Done(deals) })
			g.Done(deals)
			assert.Equal(t, time.Second, admitted(t, g, deals))
			group.Wait()
		})
	}
}

// A turn that comes when its waiter just gives up is not lost.
func TestTurnOfWhoGivesUpIsNotLost(t *testing.T) {
	t.Parallel()
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			g := crowd(t)
			ctx, cancel := context.WithCancel(t.Context())
			var group sync.WaitGroup
			group.Go(func() {
				if _, _, err := g.Wait(ctx, deals); err == nil {
					g.Done(deals)
				}
			})
			synctest.Wait()
			group.Go(func() { _, _, _ = g.Wait(t.Context(), deals) })
			synctest.Wait()
			start := time.Now()
			cancel()
			g.Done(deals)
			group.Wait()
			assert.Zero(t, time.Since(start))
		})
	}
}

func TestCallThatNeverEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := crowd(t)
		assert.Equal(t, 11*time.Minute, admitted(t, g, deals), "until what it used is forgotten")
	})
}

// A call of two methods does not keep the room of the one while it waits for the
// other.
func TestBatchHoldsNothingWhileItWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := crowd(t)
		var group sync.WaitGroup
		group.Go(func() { assert.Equal(t, time.Second, admitted(t, g, contacts, deals)) })
		synctest.Wait()
		for range 100 {
			assert.Zero(t, admitted(t, g, contacts))
		}
		sleep(time.Second)
		g.Done(deals)
		group.Wait()
	})
}

// Nor does it keep those behind it from their turn, when it has one and must wait
// for another method.
func TestBatchPassesItsTurnOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := crowd(t)
		var group sync.WaitGroup
		group.Go(func() { assert.Equal(t, 102*time.Second, admitted(t, g, deals, contacts)) })
		synctest.Wait()
		group.Go(func() { assert.Equal(t, time.Second, admitted(t, g, deals)) })
		sleep(time.Second)
		g.Observe(contacts, seconds(480), time.Now().Add(100*time.Second))
		g.Done(deals)
		group.Wait()
	})
}
