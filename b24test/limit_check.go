package b24test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/b24go/b24"
)

const (
	// checkHold is the pause that the checks of a limiter request; in real time a run takes several
	// of them.
	checkHold = time.Second
	// checkSoon is the time allowed for something immediate, over a network.
	checkSoon    = checkHold / 4
	checkCallers = 8
	checkReports = 200
)

// CheckLimiter checks that a limiter does what a client relies on, see [b24.Limiter]: that a burst
// is sent at once, that nothing is sent during a pause that the portal requested, that a wait ends
// with its context and no later than its deadline, and that a caller who gives up costs the others
// nothing.
//
// create returns a new limiter each time, with a budget of at least 8 requests at once and 2 a
// second. A run takes some seconds; in a testing/synctest bubble these are seconds of its fake
// time.
func CheckLimiter(tb testing.TB, create func() b24.Limiter) {
	tb.Helper()
	for _, check := range []func(testing.TB, b24.Limiter){
		checkBurst, checkCancelled, checkExpired, checkRest, checkRestEndsWithContext, checkTooLate, checkCancelledReturnsPlace, checkConcurrent,
	} {
		check(tb, create())
	}
}

// checkBurst checks that a new budget lets a burst pass at once, and that reports without requests
// do no harm.
func checkBurst(tb testing.TB, l b24.Limiter) {
	tb.Helper()
	l.Accepted()
	start := time.Now()
	for range checkCallers {
		waitFor(tb, l, "a fresh budget")
	}
	if d := time.Since(start); d > checkSoon {
		tb.Errorf("%d requests of a fresh budget took %v", checkCallers, d)
	}
}

func checkCancelled(tb testing.TB, l b24.Limiter) {
	tb.Helper()
	ctx, cancel := context.WithCancel(tb.Context())
	cancel()
	if err := l.Wait(ctx); !errors.Is(err, context.Canceled) {
		tb.Errorf("Wait with a cancelled context returned %v, want context.Canceled", err)
	}
}

func checkExpired(tb testing.TB, l b24.Limiter) {
	tb.Helper()
	ctx, cancel := context.WithDeadline(tb.Context(), time.Now().Add(-time.Second))
	defer cancel()
	if err := l.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
		tb.Errorf("Wait after the deadline returned %v, want context.DeadlineExceeded", err)
	}
}

// checkRest checks that after a refusal nothing is sent for the time the portal named.
func checkRest(tb testing.TB, l b24.Limiter) {
	tb.Helper()
	waitFor(tb, l, "a fresh budget")
	start := time.Now()
	l.Refused(checkHold)
	waitFor(tb, l, "a refused budget")
	if d := time.Since(start); d < checkHold {
		tb.Errorf("a request went out %v after a refusal that asked for %v", d, checkHold)
	}
}

// checkRestEndsWithContext checks that a wait ends with its context.
func checkRestEndsWithContext(tb testing.TB, l b24.Limiter) {
	tb.Helper()
	l.Refused(checkHold)
	ctx, cancel := context.WithCancel(tb.Context())
	timer := time.AfterFunc(checkSoon, cancel)
	defer timer.Stop()
	start := time.Now()
	if err := l.Wait(ctx); !errors.Is(err, context.Canceled) {
		tb.Errorf("Wait cancelled in a pause returned %v, want context.Canceled", err)
	}
	if d := time.Since(start); d > 2*checkSoon {
		tb.Errorf("Wait returned %v after its context was cancelled", d-checkSoon)
	}
}

// checkTooLate checks that a wait beyond the deadline fails, no later than the deadline.
func checkTooLate(tb testing.TB, l b24.Limiter) {
	tb.Helper()
	l.Refused(checkHold)
	ctx, cancel := context.WithTimeout(tb.Context(), checkSoon)
	defer cancel()
	start := time.Now()
	if err := l.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
		tb.Errorf("Wait with a deadline in the pause returned %v, want context.DeadlineExceeded", err)
	}
	if d := time.Since(start); d > 2*checkSoon {
		tb.Errorf("Wait returned %v after its deadline", d-checkSoon)
	}
}

// checkCancelledReturnsPlace checks that callers who gave up have used nothing.
func checkCancelledReturnsPlace(tb testing.TB, l b24.Limiter) {
	tb.Helper()
	l.Refused(checkHold)
	ctx, cancel := context.WithCancel(tb.Context())
	var group sync.WaitGroup
	for range checkCallers * checkCallers {
		group.Go(func() { _ = l.Wait(ctx) })
	}
	timer := time.AfterFunc(checkSoon, cancel)
	defer timer.Stop()
	group.Wait()
	start := time.Now()
	waitFor(tb, l, "a budget that others gave up waiting for")
	if d := time.Since(start); d > 3*checkHold {
		tb.Errorf("after %d callers gave up, the next waited %v", checkCallers*checkCallers, d)
	}
}

// checkConcurrent calls all methods concurrently, for the race detector, and checks that every
// caller gets a turn.
func checkConcurrent(tb testing.TB, l b24.Limiter) {
	tb.Helper()
	var group sync.WaitGroup
	for range checkCallers {
		group.Go(func() {
			waitFor(tb, l, "a budget in use by others")
			for range checkReports {
				l.Accepted()
			}
		})
	}
	group.Go(func() { l.Refused(checkHold / checkCallers) })
	group.Wait()
}

// waitFor waits for a request, for a limited time.
func waitFor(tb testing.TB, l b24.Limiter, what string) {
	tb.Helper()
	const patience = 30 * time.Second
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	defer cancel()
	if err := l.Wait(ctx); err != nil {
		tb.Errorf("Wait for %s: %v", what, err)
	}
}
