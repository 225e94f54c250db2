package limit_test

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/limit"
)

// What was taken before a refusal, and told after it, says nothing of the rate
// between it and the next.
func TestLateSuccessesAreNotMeasured(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(2, 50)
		drain(t, b, 50)
		b.Refused(0)
		for range 40 {
			b.Accepted()
		}
		assert.InDelta(t, 1.936, b.State().PerSecond, 1e-9)
		require.NoError(t, b.Wait(t.Context()))
		b.Refused(0)
		assert.InDelta(t, 1.936*0.8, b.State().PerSecond, 1e-9)
	})
}

// One burst of refusals is one step, whatever comes in between.
func TestManyRefusalsAreOneStep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
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
	synctest.Test(t, func(t *testing.T) {
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
	synctest.Test(t, func(t *testing.T) {
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
	synctest.Test(t, func(t *testing.T) {
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

// What a portal takes after a long pause is less than it would have taken.
func TestNothingIsMeasuredOverALongPause(t *testing.T) {
	t.Parallel()
	for pause, want := range map[time.Duration]float64{9 * time.Second: 0.98 * 40 / (9 + 19/1.6 + 20/1.76), time.Minute: 0.8 * 1.936} {
		t.Run(pause.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBucket(2, 50)
				b.Refused(pause)
				for range 40 {
					assert.NoError(t, b.Wait(t.Context()))
					b.Accepted()
				}
				b.Refused(0)
				assert.InDelta(t, want, b.State().PerSecond, 1e-6)
			})
		})
	}
}

func TestRefusalNeverRaisesTheRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(2, 1)
		b.Refused(0)
		for range 50 {
			assert.NoError(t, b.Wait(t.Context()))
			b.Accepted()
		}
		b.Configure(1, 1)
		b.Refused(0) // measured, more than that
		assert.InDelta(t, 0.98, b.State().PerSecond, 1e-9)
	})
}

func TestWhoWaitsGainsFromSuccesses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(2, 50)
		b.Refused(0)
		require.NoError(t, b.Wait(t.Context()))
		go func() {
			for range 20 {
				b.Accepted()
			}
		}()
		d, _, err := b.Take(t.Context())
		require.NoError(t, err)
		assert.InDelta(t, 1/1.76, d.Seconds(), 1e-6)
	})
}

// Answers that come late raise the budget, but the pause after a refusal saves nothing up.
func TestSuccessesInAPauseDoNotShortenIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(2, 50)
		drain(t, b, 50)
		b.Refused(20 * time.Second)
		for range 20 {
			b.Accepted()
		}
		sleep(20*time.Second - 50*ms)
		d, _, err := b.Take(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 50*ms, d)
		d, _, err = b.Take(t.Context())
		require.NoError(t, err)
		assert.InDelta(t, 2/1.76-1/1.6, d.Seconds(), 1e-6) // the faster rate counts from when the slower one would have
	})
}

func TestNewPlanInAPauseSavesNothingUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(2, 50)
		b.Refused(20 * time.Second)
		b.Configure(1, 10)
		assert.NoError(t, b.Wait(t.Context()))
		d, _, err := b.Take(t.Context())
		require.NoError(t, err)
		assert.Equal(t, time.Second, d)
	})
}

func TestWhoWaitsGainsFromANewPlan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(0.01, 1)
		drain(t, b, 1)
		time.AfterFunc(time.Second, func() { b.Configure(2, 1) })
		d, _, err := b.Take(t.Context())
		require.NoError(t, err)
		assert.LessOrEqual(t, d, 1500*ms)
	})
}

func TestPlanBelowTheFloorsIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(0.1, 2)
		b.Refused(0)
		assert.InDelta(t, 0.1, b.State().PerSecond, 1e-9)
		assert.Equal(t, 2, b.State().Burst)
	})
}

func TestSuccessesDoNotLeadBelowTheFloor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(2, 50)
		b.Refused(0)
		for range 20 {
			require.NoError(t, b.Wait(t.Context()))
			b.Accepted()
		}
		sleep(5 * time.Minute)
		b.Refused(0) // measured, much less than that
		for range 20 {
			b.Accepted()
		}
		assert.InDelta(t, 0.5, b.State().PerSecond, 1e-9)
	})
}

func TestTheSamePlanAgainChangesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(2, 50)
		load{callers: 1}.lasting(t.Context(), &leaky{drain: 1, size: 50}, 5*time.Minute, b)
		learned := b.State().PerSecond
		assert.InDelta(t, 1, learned, 0.1)
		b.Configure(2, 50)
		for range 100 {
			b.Accepted()
		}
		assert.InDelta(t, 1, b.State().PerSecond, 0.1)
	})
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
		assert.Equal(t, 40, b.State().Burst, "four fifths")
		for range 20 * 60 {
			b.Accepted()
		}
		assert.True(t, math.IsInf(b.State().PerSecond, 1))
		drain(t, b, 5000)
	})
}

func TestEnterpriseTakesAllOfItsBurst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
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

// A burst without an end does not grow beyond what an int holds.
func TestBurstWithoutEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(math.Inf(1), math.MaxInt)
		b.Refused(0)
		for range 3000 {
			require.NoError(t, b.Wait(t.Context()))
			b.Accepted()
			require.Positive(t, b.State().Burst)
		}
	})
}
