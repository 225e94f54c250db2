package limit_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24"         //nolint:depguard // its Limiter is what is checked
	"github.com/b24go/b24/b24test" //nolint:depguard // that is where users find the check
	"github.com/b24go/b24/internal/limit"
)

// report collects what a check finds.
type report struct {
	testing.TB

	mu    sync.Mutex
	found []string
}

func (r *report) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.found = append(r.found, fmt.Sprintf(format, args...))
}

func standard() b24.Limiter { return limit.New(limit.StandardRate, limit.StandardBurst) }

func TestBucketConforms(t *testing.T) {
	t.Parallel()
	for name, create := range map[string]func() b24.Limiter{
		"standard":   standard,
		"enterprise": func() b24.Limiter { return limit.New(limit.EnterpriseRate, limit.EnterpriseBurst) },
		"smallest":   func() b24.Limiter { return limit.New(2, 8) },
		"shared": func() b24.Limiter {
			s := limit.Acquire(t.Name(), 2, 50)
			defer s.Release()
			return s
		},
		"in a store": func() b24.Limiter {
			s := limit.AcquireIn(b24test.NewStore(), t.Name(), 2, 50)
			t.Cleanup(s.Release)
			return s
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { b24test.CheckLimiter(t, create) })
		})
	}
}

func TestBucketConformsInRealTime(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes seconds")
	}
	b24test.CheckLimiter(t, standard)
}

// broken is a limiter with one thing wrong.
type broken struct {
	b24.Limiter

	wait     func(ctx context.Context, l b24.Limiter) error
	refused  func(l b24.Limiter, retryAfter time.Duration)
	accepted func(l b24.Limiter)
}

func (b broken) Wait(ctx context.Context) error {
	if b.wait == nil {
		return b.Limiter.Wait(ctx)
	}
	return b.wait(ctx, b.Limiter)
}

func (b broken) Refused(retryAfter time.Duration) {
	if b.refused == nil {
		b.Limiter.Refused(retryAfter)
		return
	}
	b.refused(b.Limiter, retryAfter)
}

func (b broken) Accepted() {
	if b.accepted == nil {
		b.Limiter.Accepted()
		return
	}
	b.accepted(b.Limiter)
}

// keepsPlaces is a limiter whose callers lose the tokens of those who gave up.
func keepsPlaces() broken {
	var lost atomic.Int64
	return broken{wait: func(ctx context.Context, l b24.Limiter) error {
		for range lost.Swap(0) {
			if err := l.Wait(ctx); err != nil {
				return err
			}
		}
		err := l.Wait(ctx)
		if errors.Is(err, context.Canceled) {
			lost.Add(1)
		}
		return err
	}}
}

func TestCheckLimiterFindsWhatIsBroken(t *testing.T) {
	t.Parallel()
	type limiter = b24.Limiter
	for name, c := range map[string]struct {
		broken broken
		want   string
	}{
		"slow": {broken{wait: func(ctx context.Context, l limiter) error {
			time.Sleep(time.Second / 10)
			return l.Wait(ctx)
		}}, "8 requests of a fresh budget took 800ms"},
		"a report takes a token": {broken{accepted: func(l limiter) {
			for range 50 {
				_ = l.Wait(context.Background()) //nolint:usetesting // the bubble has another
			}
		}}, "8 requests of a fresh budget took 4s"},
		"deaf to its context": {broken{wait: func(ctx context.Context, l limiter) error {
			return l.Wait(context.WithoutCancel(ctx))
		}}, "Wait with a cancelled context returned <nil>"},
		"deaf while it waits": {broken{wait: func(ctx context.Context, l limiter) error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return l.Wait(context.WithoutCancel(ctx))
		}}, "Wait cancelled in a pause returned <nil>"},
		"an error of its own": {broken{wait: func(ctx context.Context, l limiter) error {
			if err := l.Wait(ctx); err != nil {
				return fmt.Errorf("limiter: %v", err) //nolint:errorlint // that is what is wrong with it
			}
			return nil
		}}, "Wait after the deadline returned limiter:"},
		"no pause": {broken{refused: func(limiter, time.Duration) {}}, "after a refusal that asked for 1s"},
		"a pause of its own": {broken{refused: func(l limiter, retryAfter time.Duration) {
			l.Refused(retryAfter / 2)
		}}, "a request went out 625ms after a refusal that asked for 1s"},
		"late": {broken{wait: func(ctx context.Context, l limiter) error {
			err := l.Wait(ctx)
			if err != nil {
				time.Sleep(time.Second)
			}
			return err
		}}, "Wait returned 750ms after its deadline"},
		"who gives up keeps the place": {keepsPlaces(), "that others gave up waiting for"},
		"someone never gets a turn": {broken{refused: func(l limiter, retryAfter time.Duration) {
			l.Refused(retryAfter * 1000)
		}}, "Wait for a refused budget: refused limit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := &report{TB: t}
				b24test.CheckLimiter(r, func() limiter {
					c.broken.Limiter = standard()
					return c.broken
				})
				found := fmt.Sprint(r.found)
				assert.Contains(t, found, c.want)
			})
		})
	}
}
