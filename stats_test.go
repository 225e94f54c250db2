package b24_test

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

func TestStats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		answers(p, "profile", true)
		answers(p, "slow", true)
		p.Fault("slow", b24test.Delay(2*time.Second), b24test.Delay(3*time.Second))
		p.Fault("busy", b24test.OperationTimeLimit())
		for _, method := range []string{"profile", "profile", "slow", "slow", "unknown", "busy"} {
			_, _ = h.CallMethod(t.Context(), method, nil, b24.WithoutRetry())
		}

		s := h.Stats()

		assert.EqualValues(t, 6, s.Calls) // acceptance 147
		assert.EqualValues(t, 4, s.Succeeded)
		assert.EqualValues(t, 2, s.Failed)
		assert.EqualValues(t, 1, s.Refusals)                                                                  // acceptance 152
		assert.Equal(t, b24.MethodStats{Calls: 2, Attempts: 2, Duration: 5 * time.Second}, s.Methods["slow"]) // acceptance 148
		assert.Equal(t, b24.MethodStats{Calls: 1, Attempts: 1, Failed: 1}, s.Methods["unknown"])              // acceptance 148
		require.Len(t, s.LastErrors, 2)
		assert.Equal(t, "unknown", s.LastErrors[0].Method)
		assert.Equal(t, p.Requests()[4].RequestID, s.LastErrors[0].RequestID)
		require.ErrorIs(t, s.LastErrors[0].Err, b24.ErrMethodNotFound)
		require.ErrorIs(t, s.LastErrors[1].Err, b24.ErrOperationTimeLimit)

		h.ResetStats()
		assert.Equal(t, b24.Stats{Methods: map[string]b24.MethodStats{}}, h.Stats()) // acceptance 147
	})
}

func TestStatsKeepTheLatestErrors(t *testing.T) {
	t.Parallel()
	_, h := newPortal(t)
	for i := range 130 {
		_, err := h.CallMethod(t.Context(), "unknown", nil, b24.WithRequestID("r"+strconv.Itoa(i)))
		require.Error(t, err)
	}

	s := h.Stats()

	require.Len(t, s.LastErrors, 100) // acceptance 149
	assert.Equal(t, "r30", s.LastErrors[0].RequestID)
	assert.Equal(t, "r129", s.LastErrors[99].RequestID)
}

func TestStatsAreACopy(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	answers(p, "profile", true)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 25 {
				_, _ = h.CallMethod(t.Context(), "profile", nil)
				_, _ = h.CallMethod(t.Context(), "unknown", nil)
				s := h.Stats() // acceptance 151
				s.Methods["profile"] = b24.MethodStats{}
				clear(s.LastErrors)
			}
		})
	}
	wg.Wait()
	assert.EqualValues(t, 100, h.Stats().Methods["profile"].Calls)
	assert.Error(t, h.Stats().LastErrors[0].Err)
}

// Waited adds up what each call waited, also calls that wait side by side; the time of their
// attempts is not in it, and the duration of a method is both.
func TestWaitedAddsUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var traced time.Duration
		p, h := newPortal(t, b24.WithOperatingLimit(0), b24.WithLimiter(&buggyHooks{}), b24.WithTrace(&b24.Trace{
			WaitDone: func(_ context.Context, _ b24.TraceCall, _ b24.WaitReason, d time.Duration) {
				mu.Lock()
				defer mu.Unlock()
				traced += d
			},
		}))
		answers(p, reads, 1)
		p.Fault(reads, slices.Repeat([]b24test.Fault{b24test.Delay(5 * time.Second)}, 4)...)
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() { _, _ = h.CallMethod(t.Context(), reads, nil) })
		}
		group.Wait()
		s := h.Stats()
		assert.Equal(t, 4*time.Second, s.Waited) // one for each call, in the same second
		assert.Equal(t, 4*6*time.Second, s.Methods[reads].Duration)
		assert.Equal(t, traced, s.Waited)

		h.ResetStats()
		traced = 0
		p.Fault("batch", b24test.Status(200, `{"result":{"result":[],"result_error":[{"error":"QUERY_LIMIT_EXCEEDED"}]}}`))
		_, err := h.CallBatch(t.Context(), b24.Commands{{Method: reads}})
		require.NoError(t, err)
		assert.Equal(t, traced, h.Stats().Waited) // the pause within a batch too
		assert.Greater(t, traced, 3*time.Second)
	})
}
