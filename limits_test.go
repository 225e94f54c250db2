package b24_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// A portal that refuses gets every call all the same, each once.
func TestCallsBeyondTheQueryLimitAllArrive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := b24test.NewPortal(t, b24test.WithQueryLimit(2, 50))
		h := newHook(t, p)
		answers(p, writes, 1)
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				_, err := h.CallMethod(t.Context(), writes, nil)
				assert.NoError(t, err)
			})
		}
		wg.Wait()
		assert.Equal(t, 100, p.Executed(writes))
		assert.EqualValues(t, p.Refusals(), h.Stats().Refusals)
	})
}

func TestMethodBeyondItsOperatingLimitIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := b24test.NewPortal(t, b24test.WithOperatingLimit(time.Minute),
			b24test.WithOperatingCost(b24test.CostModel{PerCall: 31 * time.Second}))
		h := newHook(t, p, b24.WithRetry(b24.RetryPolicy{MaxRefusals: 100}))
		answers(p, writes, 1)
		answers(p, "profile", 1)
		for range 3 {
			_, err := h.CallMethod(t.Context(), writes, nil)
			require.NoError(t, err)
		}
		assert.Equal(t, 3, p.Executed(writes))
		assert.Positive(t, h.Stats().Waited)

		started := time.Now()
		_, err := h.CallMethod(t.Context(), "profile", nil)
		require.NoError(t, err)
		assert.Zero(t, time.Since(started)) // another method is not held up
	})
}
