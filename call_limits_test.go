package b24_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// callAll calls method n times from workers goroutines, the hooks in turn, and
// returns how long it took.
func callAll(t *testing.T, n, workers int, hooks ...*b24.Hook) time.Duration {
	t.Helper()
	started := time.Now()
	turns := make(chan int, n)
	for i := range n {
		turns <- i
	}
	close(turns)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range turns {
				_, err := hooks[i%len(hooks)].CallMethod(t.Context(), writes, nil)
				assert.NoError(t, err)
			}
		})
	}
	wg.Wait()
	return time.Since(started)
}

// limitedPortal takes perSecond requests, burst at once, after a network of 50 ms.
func limitedPortal(t *testing.T, perSecond float64, burst int) *b24test.Portal {
	t.Helper()
	p := b24test.NewPortal(t, b24test.WithQueryLimit(perSecond, burst), b24test.WithLatency(50*time.Millisecond))
	answers(p, writes, 1)
	return p
}

const (
	calls   = 1000
	workers = 64
)

// bound is the least time in which a portal takes so many requests.
func bound(perSecond float64, burst int) time.Duration {
	return time.Duration(float64(calls-burst) / perSecond * float64(time.Second))
}

func TestThousandCallsTakeWhatThePortalGives(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := limitedPortal(t, 2, 50)
		h := newHook(t, p, b24.WithPlan(b24.PlanStandard))

		took := callAll(t, calls, workers, h)

		assert.Equal(t, calls, p.Executed(writes))
		assert.Zero(t, p.Refusals())
		assert.LessOrEqual(t, took, bound(2, 50)*102/100)
		s := h.Stats()
		assert.EqualValues(t, calls, s.Attempts)
		assert.Positive(t, s.Waited)
	})
}

func TestHooksOfOnePortalShareItsLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := limitedPortal(t, 2, 50)
		one := newHook(t, p, b24.WithPlan(b24.PlanStandard))
		two := newHook(t, p, b24.WithPlan(b24.PlanEnterprise)) // the lowest counts

		took := callAll(t, calls, workers, one, two)

		assert.Equal(t, calls, p.Executed(writes))
		assert.Zero(t, p.Refusals())
		assert.LessOrEqual(t, took, bound(2, 50)*102/100)
	})
}

// A portal may be called by its name in Cyrillic or in Punycode.
func TestNamesOfOnePortalShareItsLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		for _, name := range []string{"https://портал.limits.рф", "https://XN--80AWHDGM.limits.xn--p1ai:443"} {
			h, err := b24.FromWebhookURL(name+"/rest/1/"+marker, b24.WithPlan(b24.PlanStandard), b24.WithHTTPClient(&http.Client{
				Transport: roundTripper(func(*http.Request) (*http.Response, error) { return answered(200, nil, `{"result":1}`), nil }),
			}))
			require.NoError(t, err)
			defer h.Close()
			for range 50 {
				_, err := h.CallMethod(t.Context(), writes, nil)
				require.NoError(t, err)
			}
		}
		assert.Equal(t, 25*time.Second, time.Since(started)) // for the second 50
	})
}

func TestLimitIsForgottenWithTheLastHook(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := limitedPortal(t, 2, 50)
		assert.Less(t, callAll(t, 50, workers, newHook(t, p, b24.WithPlan(b24.PlanStandard))), time.Second)
		again := newHook(t, p, b24.WithPlan(b24.PlanStandard))
		assert.GreaterOrEqual(t, callAll(t, 4, 1, again), time.Second) // the first one is not closed yet
	})
	synctest.Test(t, func(t *testing.T) {
		p := b24test.NewPortal(t)
		answers(p, writes, 1)
		for range 3 {
			h := newHook(t, p, b24.WithPlan(b24.PlanStandard))
			assert.Zero(t, callAll(t, 50, workers, h))
			require.NoError(t, h.Close())
		}
	})
}

func TestSlowerPortalIsLearned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := limitedPortal(t, 1, 50)
		h := newHook(t, p, b24.WithPlan(b24.PlanStandard))
		callAll(t, calls, workers, h)
		assert.LessOrEqual(t, p.Refusals(), 10)

		took := callAll(t, calls, workers, h)

		assert.LessOrEqual(t, p.Refusals(), 14) // it has settled
		assert.LessOrEqual(t, took, calls*time.Second*100/90)
		assert.Equal(t, 2*calls, p.Executed(writes))
	})
}

func TestPlanTooLowCostsSpeedOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := limitedPortal(t, 5, 250)
		took := callAll(t, calls, workers, newHook(t, p, b24.WithPlan(b24.PlanStandard)))
		assert.Zero(t, p.Refusals())
		assert.LessOrEqual(t, took, bound(2, 50)*102/100)
	})
}

func TestEnterpriseAndUnlimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := limitedPortal(t, 5, 250)
		took := callAll(t, calls, workers, newHook(t, p, b24.WithPlan(b24.PlanEnterprise)))
		assert.Zero(t, p.Refusals())
		assert.LessOrEqual(t, took, bound(5, 250)*110/100) // the burst beyond 50 is tried step by step
	})
	for _, opt := range []b24.Option{
		b24.WithPlan(b24.PlanUnlimited), b24.WithRateLimit(math.Inf(1), 1), func() b24.Option { return nil }(), // loopback has no limit
	} {
		synctest.Test(t, func(t *testing.T) {
			p, h := newPortal(t, opt)
			answers(p, writes, 1)
			assert.Zero(t, callAll(t, calls, workers, h))
		})
	}
}

func TestPortalBelowItsPlanSettles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := limitedPortal(t, 2, 50)
		h := newHook(t, p, b24.WithPlan(b24.PlanEnterprise))
		callAll(t, calls, workers, h)
		assert.LessOrEqual(t, p.Refusals(), 25) // of 64 calls at once
		assert.Equal(t, calls, p.Executed(writes))
	})
}

func TestLimitOptionsThatAreWrong(t *testing.T) {
	t.Parallel()
	for _, opt := range []b24.Option{
		b24.WithPlan(0), b24.WithPlan(99), b24.WithRateLimit(0, 1), b24.WithRateLimit(-1, 1), b24.WithRateLimit(math.NaN(), 1),
		b24.WithRateLimit(1, 0), b24.WithLimiter(nil), b24.WithOperatingLimit(-time.Second),
	} {
		_, err := b24.FromWebhookURL("https://acme.bitrix24.com/rest/1/"+marker, opt)
		require.Error(t, err)
		assert.Contains(t, err.Error(), "b24: option: ")
	}
}

// A method whose calls cost 30 s each gets what the limit allows of it, and no
// other method waits for it.
func TestHeavyMethodRunsAtItsOperatingLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const cost, limit, hour = 30 * time.Second, 480 * time.Second, time.Hour
		p := b24test.NewPortal(t, b24test.WithOperatingLimit(limit), b24test.WithOperatingCost(b24test.CostModel{PerCall: cost}, writes))
		answers(p, writes, 1)
		answers(p, "profile", 1)
		h := newHook(t, p)
		ctx, cancel := context.WithTimeout(t.Context(), hour)
		defer cancel()
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for {
					if _, err := h.CallMethod(ctx, writes, nil); err != nil {
						assert.ErrorIs(t, err, context.DeadlineExceeded) // the hour is over
						return
					}
				}
			})
		}
		wg.Go(func() {
			for ctx.Err() == nil {
				started := time.Now()
				_, err := h.CallMethod(ctx, "profile", nil)
				assert.NoError(t, err)
				assert.Zero(t, time.Since(started))
				time.Sleep(59 * time.Second)
			}
		})
		time.Sleep(10 * time.Minute)
		firstWindow := h.Stats().Refusals
		wg.Wait()

		allowed := int(limit/cost) * int(hour/(10*time.Minute))
		assert.GreaterOrEqual(t, p.Executed(writes), allowed*95/100)
		assert.Equal(t, firstWindow, h.Stats().Refusals) // none after the first window
	})
}

func TestBlockedMethodIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.Handle(writes, func(b24test.Request) (any, error) {
			return b24test.Result{Value: 1, Operating: new(476.0), OperatingResetAt: time.Now().Add(20 * time.Second)}, nil
		})
		_, err := h.CallMethod(t.Context(), writes, nil)
		require.NoError(t, err)
		started := time.Now()
		_, err = h.CallMethod(t.Context(), writes, nil)
		require.NoError(t, err)
		assert.GreaterOrEqual(t, time.Since(started), 20*time.Second)
		assert.LessOrEqual(t, time.Since(started), 23*time.Second) // a second after the reset, and jitter
	})
}

func TestOperatingGuardCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t, b24.WithOperatingLimit(0))
		p.Handle(writes, func(b24test.Request) (any, error) {
			return b24test.Result{Value: 1, Operating: new(479.0), OperatingResetAt: time.Now().Add(time.Minute)}, nil
		})
		assert.Zero(t, callAll(t, 10, 1, h))
	})
}

func TestBlockedMethodIsWaitedForWithoutTheGuard(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t, b24.WithOperatingLimit(0))
		answers(p, writes, 1)
		p.Fault(writes, b24test.OperationTimeLimit())
		took := callAll(t, 1, 1, h)
		assert.Greater(t, took, 10*time.Second) // with jitter: others were blocked too
		assert.LessOrEqual(t, took, 15*time.Second)
	})
}

// Whatever a limiter waits for, a handler with a deadline gets its error in time
// and knows that nothing was sent.
func TestDeadlineHoldsInEveryStateOfTheLimits(t *testing.T) {
	t.Parallel()
	for name, state := range map[string]func(t *testing.T, p *b24test.Portal, h *b24.Hook){
		"budget used up": func(t *testing.T, _ *b24test.Portal, h *b24.Hook) {
			t.Helper()
			callAll(t, 50, workers, h)
		},
		"others wait": func(t *testing.T, _ *b24test.Portal, h *b24.Hook) {
			t.Helper()
			callAll(t, 50, workers, h)
			for range 100 {
				go func() { _, _ = h.CallMethod(t.Context(), writes, nil) }()
			}
			synctest.Wait()
		},
		"refused": func(t *testing.T, p *b24test.Portal, h *b24.Hook) {
			t.Helper()
			p.Fault(writes, b24test.QueryLimitExceeded())
			_, err := h.CallMethod(t.Context(), writes, nil, b24.WithoutRetry())
			assert.ErrorIs(t, err, b24.ErrQueryLimitExceeded)
		},
		"refused for a minute": func(t *testing.T, p *b24test.Portal, h *b24.Hook) {
			t.Helper()
			p.Fault(writes, b24test.QueryLimitExceeded().RetryAfter(time.Minute))
			_, err := h.CallMethod(t.Context(), writes, nil, b24.WithoutRetry())
			assert.ErrorIs(t, err, b24.ErrQueryLimitExceeded)
		},
		"blocked": func(t *testing.T, p *b24test.Portal, h *b24.Hook) {
			t.Helper()
			p.Fault(writes, b24test.OperationTimeLimit())
			_, err := h.CallMethod(t.Context(), writes, nil, b24.WithoutRetry())
			assert.ErrorIs(t, err, b24.ErrOperationTimeLimit)
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := b24test.NewPortal(t)
			answers(p, writes, 1)
			h := newHook(t, p, b24.WithPlan(b24.PlanStandard))
			state(t, p, h)
			before := p.Calls(writes)
			const deadline = 300 * time.Millisecond
			ctx, cancel := context.WithTimeout(t.Context(), deadline)
			defer cancel()
			started := time.Now()

			_, err := h.CallMethod(ctx, writes, nil)

			require.ErrorIs(t, err, context.DeadlineExceeded, name)
			assert.LessOrEqual(t, time.Since(started), deadline, name)
			assert.Equal(t, b24.OutcomeNotSent, b24.OutcomeOf(err), name)
			assert.Contains(t, err.Error(), "nothing was sent", name)
			assert.Equal(t, before, p.Calls(writes), name)
			assert.NotContains(t, err.Error(), p.Secret(), name)
			require.NoError(t, h.Close(), name) // ends those who wait
		})
	}
}

func TestCloseEndsThoseWhoWaitForALimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, _ := newPortal(t)
		answers(p, writes, 1)
		h := newHook(t, p, b24.WithPlan(b24.PlanStandard))
		callAll(t, 50, workers, h)
		p.Fault(reads, b24test.OperationTimeLimit())
		_, err := h.CallMethod(t.Context(), reads, nil, b24.WithoutRetry())
		require.Error(t, err)
		failures := make(chan error, 2*workers)
		for range workers {
			go func() { _, err := h.CallMethod(t.Context(), writes, nil); failures <- err }()
			go func() { _, err := h.CallMethod(t.Context(), reads, nil); failures <- err }()
		}
		synctest.Wait()
		started := time.Now()

		require.NoError(t, h.Close())

		for range 2 * workers {
			require.ErrorIs(t, <-failures, b24.ErrClosed)
		}
		assert.Zero(t, time.Since(started))
	})
}

// slot is a limiter of the caller's.
type slot struct {
	mu                     sync.Mutex
	waits, refused, accept int
	named                  time.Duration
	waited                 <-chan struct{} // the end of the context of the last wait
	err                    error
}

func (s *slot) Wait(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waits++
	s.waited = ctx.Done()
	return s.err
}

func (s *slot) Refused(after time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused++
	s.named = after
}

func (s *slot) Accepted() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accept++
}

func TestLimiterOfTheCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var own slot
		p, h := newPortal(t, b24.WithPlan(b24.PlanStandard), b24.WithLimiter(&own))
		p.Fault(reads, b24test.QueryLimitExceeded().RetryAfter(time.Minute), b24test.ResetBefore(),
			b24test.Status(http.StatusNotFound, `{"error":"NOT_FOUND"}`))

		_, err := h.CallMethod(t.Context(), reads, nil)
		require.ErrorIs(t, err, b24.ErrNotFound)

		assert.Equal(t, 3, own.waits) // each attempt takes a token
		assert.Equal(t, 1, own.refused)
		assert.Equal(t, time.Minute, own.named)
		assert.Equal(t, 1, own.accept) // of the lost answer nothing is known
		<-own.waited                   // nothing goes on that a wait began

		own.err = errors.New("no connection to the store")
		_, err = h.CallMethod(t.Context(), reads, nil)
		require.ErrorIs(t, err, own.err)
		assert.Equal(t, b24.OutcomeNotSent, b24.OutcomeOf(err))
	})
}

// costly makes a method answer that each of its calls took 100 s of the operating time,
// the first after d, the second after twice as long, and so on.
func costly(p *b24test.Portal, method string, d time.Duration) {
	var begun, used atomic.Int64
	reset := time.Now().Add(10 * time.Minute)
	p.Handle(method, func(b24test.Request) (any, error) {
		time.Sleep(d * time.Duration(begun.Add(1)))
		return b24test.Result{Value: 1, Operating: new(float64(used.Add(100))), OperatingResetAt: reset}, nil
	})
}

// A call that got no token of the limiter is not under way: it uses up no operating
// time.
func TestCallWithoutATokenLeavesNothingUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var own slot
		p, h := newPortal(t, b24.WithLimiter(&own))
		costly(p, writes, 0)
		callAll(t, 2, 1, h)
		own.err = errors.New("no connection to the store")
		for range 2 { // with these under way there would be no room for a third
			_, err := h.CallMethod(t.Context(), writes, nil)
			require.ErrorIs(t, err, own.err)
		}
		own.err = nil
		assert.Zero(t, callAll(t, 1, 1, h))
	})
}

func TestCallsAtOnceDoNotSpendTheSameOperatingTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		costly(p, writes, time.Second)
		callAll(t, 2, 1, h)
		assert.GreaterOrEqual(t, callAll(t, 3, 3, h), (4+5)*time.Second) // two, and one when both are over
	})
}

func TestBlockedMethodTakesNoToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var own slot
		p, h := newPortal(t, b24.WithLimiter(&own))
		p.Fault(writes, b24test.OperationTimeLimit())
		_, err := h.CallMethod(t.Context(), writes, nil, b24.WithoutRetry())
		require.ErrorIs(t, err, b24.ErrOperationTimeLimit)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = h.CallMethod(ctx, writes, nil)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 1, own.waits)
	})
}

func TestBlockedMethodIsNoRefusalOfTheRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var own slot
		p, h := newPortal(t, b24.WithLimiter(&own))
		p.Fault(writes, b24test.OperationTimeLimit())
		_, err := h.CallMethod(t.Context(), writes, nil, b24.WithoutRetry())
		require.ErrorIs(t, err, b24.ErrOperationTimeLimit)
		assert.Equal(t, 1, own.accept)
		assert.Zero(t, own.refused)
	})
}

// What Retry-After says of a blocked method holds for all its callers.
func TestBlockedMethodWaitsAsLongAsThePortalSays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		answers(p, writes, 1)
		p.Fault(writes, b24test.OperationTimeLimit().RetryAfter(90*time.Second))
		_, err := h.CallMethod(t.Context(), writes, nil, b24.WithoutRetry())
		require.ErrorIs(t, err, b24.ErrOperationTimeLimit)
		took := callAll(t, 1, 1, h)
		assert.GreaterOrEqual(t, took, 91*time.Second)
		assert.LessOrEqual(t, took, 92*time.Second) // a second after it, and jitter
	})
}

// The guard knows when a blocked method is free again: the wait before a repeat does not
// come on top.
func TestBlockedMethodWaitsForItsResetOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.Handle(writes, func(b24test.Request) (any, error) {
			return b24test.Result{Value: 1, Operating: new(100.0), OperatingResetAt: time.Now().Add(5 * time.Second)}, nil
		})
		callAll(t, 1, 1, h)
		p.Fault(writes, b24test.OperationTimeLimit())
		took := callAll(t, 1, 1, h)
		assert.GreaterOrEqual(t, took, 6*time.Second)
		assert.LessOrEqual(t, took, 7*time.Second) // a second after it, and jitter
	})
}

// endless is a limiter of the caller's that has no token.
type endless struct{ slot }

func (*endless) Wait(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestCloseEndsTheWaitForTheCallersLimiter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t, b24.WithLimiter(new(endless)))
		time.AfterFunc(time.Second, func() { assert.NoError(t, h.Close()) })
		started := time.Now()

		_, err := h.CallMethod(t.Context(), writes, nil)

		require.ErrorIs(t, err, b24.ErrClosed)
		assert.Equal(t, b24.OutcomeNotSent, b24.OutcomeOf(err))
		assert.Equal(t, time.Second, time.Since(started))
		assert.Zero(t, p.Calls(writes))
	})
}

// The reset is told by the portal's clock, which need not be ours.
func TestResetIsReadByThePortalsClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		body(p, writes, http.StatusOK, `{"result":1,"time":{"start":1000,"finish":1000.5,"operating":476,"operating_reset_at":1030}}`)
		_, err := h.CallMethod(t.Context(), writes, nil)
		require.NoError(t, err)
		started := time.Now()
		_, err = h.CallMethod(t.Context(), writes, nil)
		require.NoError(t, err)
		assert.GreaterOrEqual(t, time.Since(started), 29*time.Second)
		assert.LessOrEqual(t, time.Since(started), 34*time.Second)
	})
}

// An answer that names no reset tells all the same what was used.
func TestOperatingTimeWithoutAReset(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		body(p, writes, http.StatusOK, `{"result":1,"time":{"finish":1000,"operating":100,"operating_reset_at":1030}}`)
		callAll(t, 1, 1, h)
		body(p, writes, http.StatusOK, `{"result":1,"time":{"finish":1000,"operating":476}}`)
		callAll(t, 1, 1, h)
		assert.GreaterOrEqual(t, callAll(t, 1, 1, h), 31*time.Second)
	})
}

// What one client learned of the operating time of a method, another one of the same webhook knows; one of another
// webhook does not, for the portal counts each by itself.
func TestClientsOfOneWebhookShareOperatingTimes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := func(secret string) *b24.Hook {
			h, err := b24.FromWebhookURL("https://operating-times.bitrix24.com/rest/1/"+secret, b24.WithHTTPClient(&http.Client{
				Transport: roundTripper(func(*http.Request) (*http.Response, error) {
					return answered(200, nil, `{"result":1,"time":{"finish":1000,"operating":479,"operating_reset_at":1060}}`), nil
				}),
			}))
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, h.Close()) })
			return h
		}
		one, same, other := client(marker), client(marker), client("another"+marker)
		_, err := one.CallMethod(t.Context(), reads, nil)
		require.NoError(t, err)
		for h, least := range map[*b24.Hook]time.Duration{other: 0, same: time.Minute} {
			began := time.Now()
			_, err = h.CallMethod(t.Context(), reads, nil)
			require.NoError(t, err)
			if took := time.Since(began); least == 0 {
				assert.Zero(t, took)
			} else {
				assert.GreaterOrEqual(t, took, least)
			}
		}
	})
}

// Every kind of request takes the priority along: after 40 of 50 tokens, it waits.
func TestEveryRequestHasItsPriority(t *testing.T) {
	t.Parallel()
	background := b24.WithPriority(b24.PriorityBackground)
	for name, call := range map[string]func(ctx context.Context, h *b24.Hook, o b24.CallOption) error{
		"call": func(ctx context.Context, h *b24.Hook, o b24.CallOption) error {
			_, err := h.CallMethod(ctx, writes, nil, o)
			return err
		},
		"call of REST 3.0": func(ctx context.Context, h *b24.Hook, o b24.CallOption) error {
			_, err := h.V3().CallMethod(ctx, writes, nil, o)
			return err
		},
		"batch": func(ctx context.Context, h *b24.Hook, o b24.CallOption) error {
			_, err := h.CallBatch(ctx, b24.Commands{{Method: writes}}, o)
			return err
		},
		"chunks": func(ctx context.Context, h *b24.Hook, o b24.CallOption) error {
			_, err := h.CallBatchByChunk(ctx, b24.Commands{{Method: writes}}, o)
			return err
		},
		"single calls": func(ctx context.Context, h *b24.Hook, o b24.CallOption) error {
			_, err := h.CallBatchByChunk(ctx, b24.Commands{{Method: writes}}, o, b24.WithSingleCalls())
			return err
		},
		"stream": func(ctx context.Context, h *b24.Hook, o b24.CallOption) error {
			for _, r := range b24.StreamBatch(ctx, h, func(yield func(b24.Command) bool) { yield(b24.Command{Method: writes}) }, o) {
				if r != nil {
					return r
				}
			}
			return nil
		},
		"each": func(ctx context.Context, h *b24.Hook, o b24.CallOption) error {
			keys := iter.Seq[int](func(yield func(int) bool) { yield(1) })
			for _, r := range b24.Each[any](ctx, h, keys, func(int) b24.Command { return b24.Command{Method: writes} }, o) {
				return r.Err
			}
			return nil
		},
		"list": func(ctx context.Context, h *b24.Hook, o b24.CallOption) error {
			_, err := h.CallListMethod(ctx, "crm.deal.list", nil, o)
			return err
		},
		"list page by page": func(ctx context.Context, h *b24.Hook, o b24.CallOption) error {
			_, err := h.CallListMethod(ctx, "crm.deal.list", nil, o, b24.WithPaging(b24.PagingOffset))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := b24test.NewPortal(t, b24test.WithMemory())
				answers(p, writes, map[string]any{"a": 1})
				h := newHook(t, p, b24.WithPlan(b24.PlanStandard))
				p.V3().Handle(writes, func(b24test.Request) (any, error) { return map[string]any{"a": 1}, nil })
				callAll(t, 40, 1, h)
				started := time.Now()
				require.NoError(t, call(t.Context(), h, b24.WithPriority(b24.PriorityInteractive)))
				assert.Zero(t, time.Since(started))
				time.Sleep(500 * time.Millisecond)

				require.NoError(t, call(t.Context(), h, background))

				assert.Equal(t, time.Second, time.Since(started))
			})
		})
	}
}

// The pages after a page, and the further chunks of a list, wait like the first.
func TestLaterRequestsHaveThePriority(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := b24test.NewPortal(t, b24test.WithMemory())
		p.SeedN("crm.deal", 120, func(i int) b24.Params { return b24.Params{"TITLE": i} })
		answers(p, writes, 1)
		h := newHook(t, p, b24.WithPlan(b24.PlanStandard))
		callAll(t, 39, 1, h)
		started := time.Now()
		r, err := h.CallMethod(t.Context(), "crm.deal.list", nil, b24.WithPriority(b24.PriorityBackground))
		require.NoError(t, err)
		assert.Zero(t, time.Since(started))
		_, err = r.FetchNext(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 500*time.Millisecond, time.Since(started))
	})
}

func TestBadPriorities(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	own := newHook(t, p, b24.WithLimiter(&openLimiter{}))
	for _, c := range []struct {
		h    *b24.Hook
		p    b24.Priority
		want string
	}{{h, 2, "priority: it is not PriorityInteractive"}, {h, -1, "priority"}, {own, b24.PriorityBackground, "WithPriority has no meaning in a client with WithLimiter"}, {own, 0, "WithLimiter"}} {
		o := b24.WithPriority(c.p)
		_, err := c.h.CallMethod(t.Context(), writes, nil, o)
		_, batch := c.h.CallBatch(t.Context(), b24.Commands{{Method: writes}}, o)
		_, list := c.h.CallListMethod(t.Context(), "crm.deal.list", nil, o)
		for _, err := range []error{err, batch, list} {
			require.ErrorIs(t, err, b24.ErrInvalidParams)
			require.ErrorContains(t, err, c.want)
		}
	}
	assert.Empty(t, p.Requests())
	assert.Equal(t, "interactive background unknown", fmt.Sprint(b24.PriorityInteractive, " ", b24.PriorityBackground, " ", b24.Priority(7)))
}

// An interactive call beside an export with eight workers waits for no token.
func TestInteractiveCallBesideAnExport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, _, hooks := newFleet(t, 2)
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		for i := range 16 {
			group.Go(func() {
				for ctx.Err() == nil {
					_, _ = hooks[i%2].CallMethod(ctx, writes, nil, b24.WithPriority(b24.PriorityBackground))
				}
			})
		}
		time.Sleep(time.Minute)
		for range 20 {
			started := time.Now()
			_, err := hooks[0].CallMethod(t.Context(), writes, nil)
			require.NoError(t, err)
			assert.Equal(t, 50*time.Millisecond, time.Since(started), "the network's")
			time.Sleep(2 * time.Second)
		}
		cancel()
		group.Wait()
	})
}
