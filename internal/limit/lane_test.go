package limit_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/b24test" //nolint:depguard // its store is shared here
	"github.com/b24go/b24/internal/limit"
)

// person calls now and then, and waits for the answer.
func (p *process) person(ctx context.Context, portal *leaky, every time.Duration, group *sync.WaitGroup) {
	group.Go(func() {
		for ctx.Err() == nil {
			sleep(every)
			p.call(ctx, portal, limit.Interactive)
		}
	})
}

// longest returns the wait that 99 of 100 calls did not exceed.
func longest(waits []time.Duration) time.Duration {
	slices.Sort(waits)
	return waits[len(waits)*99/100]
}

// An interactive call beside an export waits for one token at most, and the export gets what is
// left. It is so in one process, in one of five, and in another one than the export.
func TestInteractiveCallsComeFirst(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{8, 64, 128} {
		for _, processes := range []int{0, 1, 5} {
			t.Run(fmt.Sprint(workers, " workers in ", processes), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					const d = 20 * time.Minute
					portal, store := &leaky{drain: 2, size: 50}, b24test.NewStore()
					var exports []*process
					for range processes {
						p := newProcess(t, store, workers/processes)
						p.server.trip = 2 * ms
						exports = append(exports, p)
					}
					web := &process{Shared: limit.Acquire(t.Name(), 2, 50), latency: 100 * ms}
					if processes == 0 {
						exports = []*process{{Shared: web.Shared, callers: workers, latency: 100 * ms}}
						defer web.Release()
					} else {
						web.Release()
						web = newProcess(t, store, 0)
					}
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					time.AfterFunc(d, cancel)
					var group sync.WaitGroup
					for _, p := range exports {
						p.lane = limit.Background
						p.run(ctx, portal, &group)
					}
					sleep(time.Minute)
					for i := range 3 {
						web.person(ctx, portal, time.Duration(3+i)*time.Second, &group)
					}
					group.Wait()

					exported := 0
					for _, p := range exports {
						exported += len(p.at)
						assert.Empty(t, p.errs)
					}
					rest := 2*d.Seconds() - float64(len(web.at))
					t.Logf("%d interactive calls, longest wait %v (99 %%: %v); background %.0f %% of the rest", len(web.at), slices.Max(web.waits), longest(web.waits), 100*float64(exported)/rest)
					assert.Zero(t, portal.refused)
					assert.Greater(t, len(web.at), 500)
					assert.LessOrEqual(t, longest(web.waits), 500*ms)
					assert.GreaterOrEqual(t, float64(exported), 0.8*rest)
				})
			})
		}
	}
}

// If interactive calls take all, background calls get one in 30 s.
func TestBackgroundIsNotStarved(t *testing.T) {
	t.Parallel()
	for _, processes := range []int{0, 1, 4} { // 0: no store
		t.Run(strconv.Itoa(processes), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal, store := &leaky{drain: 2, size: 50}, b24test.NewStore()
				var all []*process
				for i := range max(processes, 1) {
					p := newProcess(t, store, 16)
					if processes == 0 {
						p.Shared = limit.Acquire(t.Name(), 2, 50)
						defer p.Release()
					}
					p.latency, p.server.trip = 100*ms, 5*ms
					if i == 3 {
						p.lane, p.server.trip = limit.Background, 60*ms // it is always later than the others
					}
					all = append(all, p)
				}
				export := all[len(all)-1]
				if processes < 2 {
					export = &process{Shared: all[0].Shared, callers: 16, lane: limit.Background, latency: 100 * ms}
					all = append(all, export)
				}
				lasting(t, time.Minute, portal, all...) // the burst
				export.at = nil
				lasting(t, 10*time.Minute, portal, all...)
				t.Logf("%d of %d", len(export.at), portal.accepted)
				gaps := []time.Duration{}
				for i, at := range export.at[1:] {
					gaps = append(gaps, at.Sub(export.at[i]))
				}
				assert.Zero(t, portal.refused)
				assert.InDelta(t, 20, len(export.at), 2)
				assert.LessOrEqual(t, slices.Max(gaps), 36*time.Second)
				for _, p := range all[:len(all)-1] {
					assert.LessOrEqual(t, longest(p.waits), 26*time.Second, "16 callers in each of 3 processes")
				}
			})
		})
	}
}

func TestBackgroundLeavesTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		take := func(b *limit.Bucket, lane limit.Lane) time.Duration {
			d, _, err := b.TakeUntil(t.Context(), lane, limit.Watch{})
			require.NoError(t, err)
			return d
		}
		b := newBucket(2, 50)
		for range 40 {
			assert.Zero(t, take(b, limit.Background))
		}
		assert.Equal(t, 500*ms, take(b, limit.Background))
		for range 10 {
			assert.Zero(t, take(b, limit.Interactive))
		}
		assert.Equal(t, 500*ms, take(b, limit.Interactive))
		assert.Equal(t, 5500*ms, take(b, limit.Background), "11 are there again")

		small := newBucket(2, 4)
		for range 4 {
			assert.Zero(t, take(small, limit.Background), "nothing is left of so few")
		}
	})
}

// A deadline of a background call is compared with the time at which it would get a token.
func TestBackgroundDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(2, 50)
		drain(t, b, 50)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, _, err := b.TakeUntil(ctx, limit.Background, limit.Watch{})
		var e *limit.DeadlineError
		require.ErrorAs(t, err, &e)
		assert.Equal(t, 5500*ms, e.Wait)
	})
}
