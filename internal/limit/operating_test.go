package limit_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/limit"
)

const (
	deals    = "crm.deal.list"
	contacts = "crm.contact.list"
)

func newGuard() *limit.Guard {
	return limit.NewGuard(limit.DefaultOperating).WithJitter(still)
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

// admitted makes a call that the guard lets go and returns how long it waited.
func admitted(t *testing.T, g *limit.Guard, keys ...string) time.Duration {
	t.Helper()
	start := time.Now()
	d, reason, err := g.Wait(t.Context(), keys...)
	g.Done(keys...)
	require.NoError(t, err)
	assert.Equal(t, time.Since(start), d)
	assert.Equal(t, d > 0, reason == limit.Operating)
	return d
}

func TestGuardDelay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		used  float64       // seconds
		reset time.Duration // from now; 0: not said
		after time.Duration // between the report and the call
		want  time.Duration
	}{
		"nothing used":               {0, 10 * time.Minute, 0, 0},
		"little used":                {100, 5 * time.Minute, 0, 0},
		"four fifths":                {384, 5 * time.Minute, 0, 0},
		"more than four fifths":      {385, 5 * time.Minute, 0, 3 * time.Second},
		"slowed down at most":        {474.9, 12 * time.Minute, 0, 6 * time.Second}, // a window is 10 minutes
		"slowed, reset passed":       {400, time.Minute, 2 * time.Minute, 7 * time.Second},
		"slowed, reset never said":   {400, 0, 0, 7 * time.Second},
		"full":                       {475, 20 * time.Second, 0, 21 * time.Second},
		"more than full":             {600, 20 * time.Second, 5 * time.Second, 16 * time.Second},
		"full, reset nearly there":   {475, time.Second, 0, 2 * time.Second},
		"full, reset passed":         {475, time.Minute, time.Minute, 5 * time.Second},
		"full, reset never said":     {475, 0, 0, 5 * time.Second},
		"reset later than any":       {475, time.Hour, 0, 10*time.Minute + time.Second},
		"not yet forgotten":          {475, time.Minute, 610 * time.Second, 5 * time.Second},
		"forgotten":                  {475, time.Minute, 610*time.Second + 1, 0},
		"forgotten, reset not there": {475, 10 * time.Minute, 611 * time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := newGuard()
				var resetAt time.Time
				if c.reset != 0 {
					resetAt = time.Now().Add(c.reset)
				}
				g.Observe(deals, seconds(c.used), resetAt)
				sleep(c.after)

				assert.Equal(t, c.want, g.Delay(deals))
				assert.Zero(t, g.Delay(contacts))
				assert.Equal(t, c.want, admitted(t, g, deals))
				assert.Zero(t, admitted(t, g, contacts), "another method goes on")
			})
		})
	}
}

func TestBatchWaitsForTheSlowestMethod(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		keys []string
		want time.Duration
	}{ // list, named and v3 batches name their methods alike
		"none of them":        {[]string{"a", "b"}, 0},
		"one full":            {[]string{"a", "full", "b"}, 31 * time.Second},
		"two full":            {[]string{"full", "fuller"}, 61 * time.Second},
		"two slowed":          {[]string{"heavier", "heavy"}, 7 * time.Second},
		"one slowed":          {[]string{"a", "heavy"}, 3 * time.Second},
		"slowed and full":     {[]string{"full", "heavy"}, 31 * time.Second},
		"the same many times": {[]string{"full", "full", "full"}, 31 * time.Second},
		"batch itself":        {[]string{"batch", "a"}, 41 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := newGuard()
				now := time.Now()
				g.Observe("heavy", seconds(400), now.Add(5*time.Minute))
				g.Observe("heavier", seconds(400), time.Time{})
				g.Observe("full", seconds(480), now.Add(30*time.Second))
				g.Observe("fuller", seconds(480), now.Add(60*time.Second))
				g.Observe("batch", seconds(480), now.Add(40*time.Second))
				assert.Equal(t, c.want, g.Delay(c.keys...))
				assert.Equal(t, c.want, admitted(t, g, c.keys...))
			})
		})
	}
}

// What an answer says of a method several times, and answers that come in another
// order than they were made, are one budget.
func TestReportsOfOneMethod(t *testing.T) {
	t.Parallel()
	type report struct {
		used  float64
		reset time.Duration // from the start; 0: not said
	}
	for name, c := range map[string]struct {
		reports []report
		want    time.Duration
	}{
		"grows":                          {[]report{{100, time.Minute}, {480, time.Minute}}, 61 * time.Second},
		"a row says less":                {[]report{{480, time.Minute}, {0, time.Minute}}, 61 * time.Second},
		"an older answer says less":      {[]report{{480, time.Minute}, {300, time.Minute}}, 61 * time.Second},
		"an older answer, older reset":   {[]report{{100, 2 * time.Minute}, {480, time.Minute}}, 0},
		"a later reset begins anew":      {[]report{{480, time.Minute}, {100, 2 * time.Minute}}, 0},
		"less, reset not said":           {[]report{{480, time.Minute}, {100, 0}}, 61 * time.Second},
		"less, reset never said":         {[]report{{480, 0}, {100, 0}}, 0},
		"nothing said after something":   {[]report{{480, time.Minute}, {0, 0}}, 61 * time.Second},
		"more, reset not said this time": {[]report{{470, time.Minute}, {480, 0}}, 61 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := newGuard()
				start := time.Now()
				for _, r := range c.reports {
					var resetAt time.Time
					if r.reset != 0 {
						resetAt = start.Add(r.reset)
					}
					g.Observe(deals, seconds(r.used), resetAt)
				}
				assert.Equal(t, c.want, g.Delay(deals))
			})
		})
	}
}

func TestBlockedMethodWaits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		observed, named time.Duration // resets from now; 0: none
		want            time.Duration
	}{
		"reset named":                {0, 20 * time.Second, 21 * time.Second},
		"reset known":                {20 * time.Second, 0, 21 * time.Second},
		"both":                       {20 * time.Second, 30 * time.Second, 31 * time.Second},
		"unknown":                    {0, 0, 10 * time.Second},
		"reset passed":               {-time.Second, 0, 10 * time.Second},
		"named in the past":          {0, -time.Second, 10 * time.Second},
		"named far ahead":            {0, time.Hour, 10*time.Minute + time.Second},
		"named in the past, known":   {20 * time.Second, -time.Second, 21 * time.Second},
		"named sooner than observed": {20 * time.Second, 10 * time.Second, 11 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := newGuard()
				now := time.Now()
				if c.observed != 0 {
					g.Observe(deals, seconds(100), now.Add(c.observed))
				}
				var named time.Time
				if c.named != 0 {
					named = now.Add(c.named)
				}
				g.Blocked(deals, named)
				assert.Equal(t, c.want, admitted(t, g, deals))
				assert.Zero(t, admitted(t, g, contacts))
			})
		})
	}
}

func TestBlocksInARowWaitLonger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGuard()
		for _, want := range []float64{10, 20, 40, 60, 60} {
			for range 5 {
				g.Blocked(deals, time.Time{}) // of calls under way together
				sleep(100 * ms)
			}
			assert.Equal(t, seconds(want)-500*ms, admitted(t, g, deals))
		}
		for range 60 { // and never less again
			g.Blocked(deals, time.Time{})
			assert.Equal(t, time.Minute, admitted(t, g, deals))
		}
		g.Observe(deals, seconds(10), time.Time{})
		g.Blocked(deals, time.Time{})
		assert.Equal(t, 10*time.Second, admitted(t, g, deals), "a success in between")
	})
}

func TestGuardThatIsOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := limit.NewGuard(0)
		g.Observe(deals, seconds(1000), time.Now().Add(time.Minute))
		g.Blocked(deals, time.Now().Add(time.Minute))
		assert.Zero(t, g.Delay(deals))
		assert.Zero(t, admitted(t, g, deals))
		assert.Zero(t, g.Methods())
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, _, err := g.Wait(ctx, deals)
		assert.ErrorIs(t, err, context.Canceled)
	})
}

func TestGuardOfASmallLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := limit.NewGuard(10 * time.Second).WithJitter(still)
		g.Observe(deals, seconds(8), time.Now().Add(100*time.Second))
		assert.Zero(t, g.Delay(deals))
		g.Observe(deals, seconds(8.9), time.Now().Add(100*time.Second))
		assert.Equal(t, time.Second, g.Delay(deals))
		g.Observe(deals, seconds(9), time.Now().Add(100*time.Second))
		assert.Equal(t, 101*time.Second, g.Delay(deals))
	})
}

func TestGuardWaitIsJittered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := limit.NewGuard(limit.DefaultOperating).WithJitter(func() float64 { return 0.5 })
		g.Observe(deals, seconds(480), time.Now().Add(99*time.Second))
		assert.Equal(t, 100*time.Second, g.Delay(deals))
		assert.Equal(t, 100*time.Second+500*ms, admitted(t, g, deals))
	})
}

func TestGuardWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGuard()
		g.Observe(deals, seconds(480), time.Now().Add(time.Minute))
		cause := errors.New("the client is closed")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(10*time.Second, func() { cancel(cause) })

		d, reason, err := g.Wait(ctx, deals)

		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, cause)
		assert.Equal(t, "operating limit: context canceled: the client is closed", err.Error())
		assert.Equal(t, 10*time.Second, d)
		assert.Equal(t, limit.Operating, reason)
		assert.Equal(t, 1, g.Methods())
	})
}

func TestGuardDeadline(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		used  float64
		reset time.Duration
		fails bool
	}{
		"nothing used":         {10, time.Minute, false},
		"slowed down":          {400, 9 * time.Minute, false}, // the portal takes it
		"slowed, reset passed": {400, -time.Second, false},
		"full, reset passed":   {480, -time.Second, false},
		"full":                 {480, time.Minute, true},
		"full, for moments":    {480, time.Millisecond, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := newGuard()
				g.Observe(deals, seconds(c.used), time.Now().Add(c.reset))
				ctx, cancel := context.WithTimeout(t.Context(), 300*ms)
				defer cancel()
				start := time.Now()

				_, _, err := g.Wait(ctx, contacts, deals)

				assert.Zero(t, time.Since(start))
				assert.Equal(t, c.fails, errors.Is(err, context.DeadlineExceeded))
				var e *limit.DeadlineError
				if assert.Equal(t, c.fails, errors.As(err, &e)) && c.fails {
					assert.Equal(t, limit.DeadlineError{
						Reason: limit.Operating, Key: deals, Wait: c.reset + time.Second, Left: 300 * ms,
					}, *e)
				}
			})
		})
	}
}

func TestGuardDeadlineOfTheSlowestMethod(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGuard()
		g.Observe(deals, seconds(480), time.Now().Add(time.Minute))
		g.Observe(contacts, seconds(480), time.Now().Add(time.Second))
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		start := time.Now()

		_, _, err := g.Wait(ctx, deals, contacts)

		var e *limit.DeadlineError
		require.ErrorAs(t, err, &e)
		assert.Equal(t, deals, e.Key)
		assert.Zero(t, time.Since(start))
	})
}

func TestGuardForgetsOldMethods(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGuard()
		for i := range 100_000 {
			key := strconv.Itoa(i)
			g.Observe(key, seconds(1), time.Now().Add(time.Minute))
			admitted(t, g, key)
			sleep(time.Second)
		}
		assert.LessOrEqual(t, g.Methods(), 680, "of 610 seconds, and a minute")
	})
}
