// Package limittest checks implementations of a portal's request budget. It
// does not import testing, so that a package of users' test helpers can offer
// it.
package limittest

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Limiter is what is checked: b24.Limiter.
type Limiter interface {
	Wait(ctx context.Context) error
	Refused(retryAfter time.Duration)
	Accepted()
}

// TB is the part of testing.TB that a check needs.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
}

// Hold is the pause the checks ask for; in real time a run takes some of them.
const Hold = time.Second

const (
	callers = 8
	reports = 200
	soon    = Hold / 4 // for what must happen at once, over a network
)

// Run checks what a client relies on, with a fresh limiter from create for each
// check; its budget must have at least 8 requests at once and 2 per second. It
// works in the bubble of testing/synctest and in real time.
func Run(tb TB, create func() Limiter) {
	tb.Helper()
	for _, check := range []func(TB, Limiter){
		burst, cancelled, expired, hold, holdEndsWithContext, tooLate, cancelledReturnsPlace, concurrent,
	} {
		check(tb, create())
	}
}

// burst: a fresh budget lets a burst go at once, and reports without requests
// do no harm.
func burst(tb TB, l Limiter) {
	tb.Helper()
	l.Accepted()
	start := time.Now()
	for range callers {
		wait(tb, l, "a fresh budget")
	}
	if d := time.Since(start); d > soon {
		tb.Errorf("%d requests of a fresh budget took %v", callers, d)
	}
}

func cancelled(tb TB, l Limiter) {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := l.Wait(ctx); !errors.Is(err, context.Canceled) {
		tb.Errorf("Wait with a cancelled context returned %v, want context.Canceled", err)
	}
}

func expired(tb TB, l Limiter) {
	tb.Helper()
	ctx, cancel := context.WithDeadline(context.Background(), time.Now().Add(-time.Second))
	defer cancel()
	if err := l.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
		tb.Errorf("Wait after the deadline returned %v, want context.DeadlineExceeded", err)
	}
}

// hold: after a refusal nothing goes out for the time the portal named.
func hold(tb TB, l Limiter) {
	tb.Helper()
	wait(tb, l, "a fresh budget")
	start := time.Now()
	l.Refused(Hold)
	wait(tb, l, "a refused budget")
	if d := time.Since(start); d < Hold {
		tb.Errorf("a request went out %v after a refusal that asked for %v", d, Hold)
	}
}

// holdEndsWithContext: a wait ends with its context.
func holdEndsWithContext(tb TB, l Limiter) {
	tb.Helper()
	l.Refused(Hold)
	ctx, cancel := context.WithCancel(context.Background())
	timer := time.AfterFunc(soon, cancel)
	defer timer.Stop()
	start := time.Now()
	if err := l.Wait(ctx); !errors.Is(err, context.Canceled) {
		tb.Errorf("Wait cancelled in a pause returned %v, want context.Canceled", err)
	}
	if d := time.Since(start); d > 2*soon {
		tb.Errorf("Wait returned %v after its context was cancelled", d-soon)
	}
}

// tooLate: a deadline that comes first is the error, no later than it comes.
func tooLate(tb TB, l Limiter) {
	tb.Helper()
	l.Refused(Hold)
	ctx, cancel := context.WithTimeout(context.Background(), soon)
	defer cancel()
	start := time.Now()
	if err := l.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
		tb.Errorf("Wait with a deadline in the pause returned %v, want context.DeadlineExceeded", err)
	}
	if d := time.Since(start); d > 2*soon {
		tb.Errorf("Wait returned %v after its deadline", d-soon)
	}
}

// cancelledReturnsPlace: those who gave up have used nothing.
func cancelledReturnsPlace(tb TB, l Limiter) {
	tb.Helper()
	l.Refused(Hold)
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	for range callers * callers {
		group.Go(func() { _ = l.Wait(ctx) })
	}
	timer := time.AfterFunc(soon, cancel)
	defer timer.Stop()
	group.Wait()
	start := time.Now()
	wait(tb, l, "a budget that others gave up waiting for")
	if d := time.Since(start); d > 3*Hold {
		tb.Errorf("after %d callers gave up, the next waited %v", callers*callers, d)
	}
}

// concurrent: all methods at the same time, for the race detector, and everyone
// gets a turn.
func concurrent(tb TB, l Limiter) {
	tb.Helper()
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			wait(tb, l, "a budget in use by others")
			for range reports {
				l.Accepted()
			}
		})
	}
	group.Go(func() { l.Refused(Hold / callers) })
	group.Wait()
}

func wait(tb TB, l Limiter, what string) {
	tb.Helper()
	const patience = 30 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := l.Wait(ctx); err != nil {
		tb.Errorf("Wait for %s: %v", what, err)
	}
}
