package b24_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

func TestMemoryStore(t *testing.T) {
	t.Parallel()
	store := b24.MemoryStore()
	b24test.CheckStore(t, func() b24.Store { return store })
}

// put stores a value for some time.
func put(t *testing.T, store b24.Store, key string, keep time.Duration) error {
	t.Helper()
	return store.Update(t.Context(), key, func(time.Time, []byte) ([]byte, time.Duration, error) { return []byte(key), keep, nil })
}

// keysOf returns the keys of a store.
func keysOf(t *testing.T, store b24.Store, prefix string) (keys []string) {
	t.Helper()
	for key, err := range store.(b24.StoreLister).Keys(t.Context(), prefix) { //nolint:forcetypeassert // MemoryStore lists
		require.NoError(t, err)
		keys = append(keys, key)
	}
	return keys
}

func TestMemoryStoreForgets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := b24.MemoryStore()
		require.NoError(t, put(t, store, "minute", time.Minute))
		require.NoError(t, put(t, store, "hour", time.Hour))
		time.Sleep(time.Minute - time.Nanosecond)
		assert.Equal(t, []string{"hour", "minute"}, keysOf(t, store, ""))
		time.Sleep(time.Nanosecond)
		assert.Equal(t, []string{"hour"}, keysOf(t, store, ""))
		value, _, err := store.Get(t.Context(), "minute")
		require.NoError(t, err)
		assert.Nil(t, value)
		require.NoError(t, put(t, store, "minute", time.Minute)) // an expired value is no conflict
		assert.Equal(t, []string{"minute"}, keysOf(t, store, "min"))
	})
}

func TestMemoryStoreRefuses(t *testing.T) {
	t.Parallel()
	store := b24.MemoryStore()
	for _, key := range []string{"", "with blank", "täst", "line\n", strings.Repeat("k", 201)} {
		require.ErrorContains(t, put(t, store, key, time.Hour), "key", key)
		_, _, err := store.Get(t.Context(), key)
		require.ErrorContains(t, err, "key", key)
	}
	err := store.Update(t.Context(), "k", func(time.Time, []byte) ([]byte, time.Duration, error) {
		return make([]byte, 64<<10+1), time.Hour, nil
	})
	require.ErrorContains(t, err, "up to 65536 bytes")
	require.ErrorContains(t, put(t, store, "k", -time.Second), "kept for -1s")
	err = put(t, store, "k", 0)
	require.ErrorIs(t, err, b24.ErrVolatile)
	assert.Equal(t, b24.OutcomeNotSent, b24.OutcomeOf(err))
	assert.Empty(t, keysOf(t, store, ""))
}

func TestMemoryStoreListEnds(t *testing.T) {
	t.Parallel()
	store := b24.MemoryStore()
	for _, key := range []string{"a", "b", "c"} {
		require.NoError(t, put(t, store, key, time.Hour))
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var seen []string
	for key, err := range store.(b24.StoreLister).Keys(ctx, "") { //nolint:forcetypeassert // MemoryStore lists
		if err != nil {
			require.ErrorIs(t, err, context.Canceled)
			break
		}
		seen = append(seen, key)
		cancel()
	}
	assert.Equal(t, []string{"a"}, seen)
}

// The change of one key may use another one, and a slow change holds nobody up.
func TestMemoryStoreHoldsNoLockInAChange(t *testing.T) {
	t.Parallel()
	store := b24.MemoryStore()
	var calls int
	err := store.Update(t.Context(), "k", func(_ time.Time, old []byte) ([]byte, time.Duration, error) {
		if calls++; calls == 1 {
			require.NoError(t, put(t, store, "k", time.Hour))
			require.NoError(t, put(t, store, "other", time.Hour))
		}
		return slices.Concat(old, []byte("+")), time.Hour, nil
	})
	require.NoError(t, err)
	value, _, err := store.Get(t.Context(), "k")
	require.NoError(t, err)
	assert.Equal(t, "k+", string(value))
	assert.Equal(t, 2, calls)

	stop := errors.New("stop")
	require.ErrorIs(t, store.Update(t.Context(), "k", func(time.Time, []byte) ([]byte, time.Duration, error) { return nil, 0, stop }), stop)
}

// link is one process's connection to a store: clients with the same one are one process.
type link struct{ *b24test.Store }

// newFleet starts a portal with the standard limit, and n clients of different processes.
func newFleet(t *testing.T, n int, opts ...b24.Option) (*b24test.Portal, *b24test.Store, []*b24.Hook) {
	t.Helper()
	p, store := limitedPortal(t, 2, 50), b24test.NewStore()
	hooks := make([]*b24.Hook, n)
	for i := range hooks {
		hooks[i] = newHook(t, p, append([]b24.Option{b24.WithPlan(b24.PlanStandard), b24.WithStore(&link{store})}, opts...)...)
	}
	return p, store, hooks
}

func TestProcessesWithOneStoreShareALimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, store, hooks := newFleet(t, 5)

		took := callAll(t, calls, workers, hooks...)

		assert.Equal(t, calls, p.Executed(writes))
		assert.Zero(t, p.Refusals())
		assert.LessOrEqual(t, took, bound(2, 49)*102/100)
		assert.Equal(t, b24.Budget{PerSecond: 2, Burst: 49, Members: 5}, hooks[0].Budget())
		assert.Equal(t, hooks[0].Budget(), hooks[0].V3().Budget())
		for key, v := range store.Values() {
			assert.Equal(t, "budget:"+strings.TrimPrefix(hooks[0].TargetOrigin(), "http://"), key)
			assert.NotContains(t, string(v), p.Secret())
		}
	})
}

func TestClientsWithOneStoreAreOneProcess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, _, _ := newFleet(t, 0)
		store := b24test.NewStore()
		one := newHook(t, p, b24.WithPlan(b24.PlanStandard), b24.WithStore(store))
		two := newHook(t, p, b24.WithPlan(b24.PlanEnterprise), b24.WithStore(store))
		for _, h := range []*b24.Hook{one, two} {
			_, err := h.CallMethod(t.Context(), writes, nil)
			require.NoError(t, err)
		}
		assert.Equal(t, b24.Budget{PerSecond: 2, Burst: 49, Members: 1}, two.Budget())
	})
}

func TestBudgetOfAPortal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := limitedPortal(t, 2, 50)
		h := newHook(t, p, b24.WithPlan(b24.PlanStandard))
		assert.Equal(t, b24.Budget{PerSecond: 2, Burst: 50, Members: 1}, h.Budget())
		p.Fault(writes, b24test.QueryLimitExceeded())
		go func() { _, _ = h.CallMethod(t.Context(), writes, nil) }()
		time.Sleep(500 * time.Millisecond)
		go func() { _, _ = h.CallMethod(t.Context(), writes, nil) }()
		synctest.Wait()
		got := h.Budget()
		assert.Equal(t, 1, got.Waiting)
		assert.InDelta(t, 1.6, got.PerSecond, 1e-9)
		assert.True(t, got.HeldUntil.After(time.Now()))
		time.Sleep(time.Minute)

		own := newHook(t, p, b24.WithLimiter(&openLimiter{}))
		assert.Zero(t, own.Budget())
	})
}

// openLimiter lets everything through.
type openLimiter struct{}

func (*openLimiter) Wait(context.Context) error { return nil }
func (*openLimiter) Refused(time.Duration)      {}
func (*openLimiter) Accepted()                  {}

// An outage is told once, and changes nothing for the callers.
func TestOutageOfTheStoreIsToldOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sink logSink
		var mu sync.Mutex
		var events []b24.TraceStore
		trace := &b24.Trace{Store: func(_ context.Context, e b24.TraceStore) {
			mu.Lock()
			defer mu.Unlock()
			events = append(events, e)
		}}
		p, store, hooks := newFleet(t, 1, b24.WithLogger(sink.logger(slog.LevelInfo)), b24.WithTrace(b24.JoinTraces(trace)))
		h := hooks[0]
		_, err := h.CallMethod(t.Context(), writes, nil)
		require.NoError(t, err)

		store.Fail(errors.New("no answer of redis for " + p.Secret()))
		callAll(t, 60, 8, h)
		assert.True(t, h.Budget().Degraded)
		store.Fail(nil)
		time.Sleep(time.Minute)
		callAll(t, 60, 8, h)

		assert.False(t, h.Budget().Degraded)
		assert.Zero(t, p.Refusals())
		require.Len(t, events, 2)
		require.ErrorContains(t, events[0].Err, "no answer of redis for ***")
		assert.Equal(t, b24.TraceStore{Portal: h.TargetOrigin(), Err: events[0].Err, Members: 1}, events[0])
		assert.NoError(t, events[1].Err)
		assert.Greater(t, events[1].Lasted, time.Minute)
		assert.Equal(t, 1, strings.Count(sink.String(), "the store failed"))
		assert.Equal(t, 1, strings.Count(sink.String(), "the store answers again"))
		assert.NotContains(t, sink.String(), p.Secret())
	})
}

// A call that waits for a store that hangs ends at once, by its context and by Close.
func TestWaitForTheStoreEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, store, hooks := newFleet(t, 1)
		thaw := store.Freeze()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		started := time.Now()
		_, err := hooks[0].CallMethod(ctx, writes, nil)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 100*time.Millisecond, time.Since(started))
		assert.Equal(t, b24.OutcomeNotSent, b24.OutcomeOf(err))

		_, err = hooks[0].CallMethod(t.Context(), writes, nil)
		require.NoError(t, err)
		assert.Equal(t, 400*time.Millisecond, time.Since(started), "the store has 250 ms, the portal takes 50")
		thaw()
	})
	synctest.Test(t, func(t *testing.T) {
		_, store, hooks := newFleet(t, 1)
		defer store.Freeze()()
		started := time.Now()
		time.AfterFunc(100*time.Millisecond, func() { _ = hooks[0].Close() })
		_, err := hooks[0].CallMethod(t.Context(), writes, nil)
		require.ErrorIs(t, err, b24.ErrClosed)
		assert.Equal(t, 100*time.Millisecond, time.Since(started))
	})
}

func TestRenamedPortalMovesItsBudget(t *testing.T) {
	t.Parallel()
	p, store := b24test.NewPortal(t, b24test.WithMemory()), b24test.NewStore()
	h := newHook(t, p, b24.WithPlan(b24.PlanStandard), b24.WithStore(store))
	answers(p, writes, 1)
	p.Fault(writes, b24test.Redirect(http.StatusFound, "https://fleet.bitrix24.com:443/"))
	for range 2 {
		_, err := h.CallMethod(t.Context(), writes, nil)
		require.NoError(t, err)
	}
	var keys []string
	for key, err := range store.Keys(t.Context(), "budget:") {
		require.NoError(t, err)
		keys = append(keys, key)
	}
	assert.Contains(t, keys, "budget:fleet.bitrix24.com")
	assert.Len(t, keys, 2)
}

func TestBadFleetOptions(t *testing.T) {
	t.Parallel()
	for want, opts := range map[string][]b24.Option{
		"store: it is nil":                              {b24.WithStore(nil)},
		"store: WithLimiter takes the place":            {b24.WithLimiter(&openLimiter{}), b24.WithStore(b24.MemoryStore())},
		"store: WithLimiter takes the place of":         {b24.WithStore(b24.MemoryStore()), b24.WithLimiter(&openLimiter{})},
		"store: it cannot be compared with ==; pass a ": {b24.WithStore(uncomparable{Store: b24.MemoryStore()})},
	} {
		_, err := b24.FromWebhookURL("https://options.fleet.example/rest/1/"+marker, opts...)
		assert.ErrorContains(t, err, want)
	}
	h, err := b24.FromWebhookURL("https://options.fleet.example/rest/1/"+marker,
		b24.WithLimiter(&openLimiter{}), b24.WithPlan(b24.PlanStandard), b24.WithStore(b24.MemoryStore()))
	require.NoError(t, err, "the last of WithLimiter and WithPlan counts")
	require.NoError(t, h.Close())
}

type uncomparable struct {
	b24.Store

	_ []int
}
