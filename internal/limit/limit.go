// Package limit keeps a client within a portal's limits: [Bucket] is the request budget of one
// portal, [Acquire] shares it among the clients of a process, [Guard] watches the operating time of
// methods.
//
// The package starts no goroutines and takes all times from package time, so a testing/synctest
// bubble controls them.
package limit

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// The plans according to the documentation (docs/protocol.md 7.1), in calls per second and calls at
// once.
const (
	StandardRate    = 2.0
	StandardBurst   = 50
	EnterpriseRate  = 5.0
	EnterpriseBurst = 250
)

// Reason is why a call waited. The zero value means that it did not wait.
type Reason string

const (
	// Rate means that the budget of the portal was used up.
	Rate Reason = "rate"
	// Refused means that the portal had refused a request, and all requests pause.
	Refused Reason = "refused"
	// Operating means that the operating time of a method is used up or nearly so.
	Operating Reason = "operating"
)

// DeadlineError reports that a wait was not begun, or given up, because it would outlast the
// deadline of the context. It matches [context.DeadlineExceeded].
type DeadlineError struct {
	// Reason is the reason for the wait.
	Reason Reason
	// Key is the method waited for; empty unless Reason is [Operating].
	Key string
	// Wait is how long the wait would have been, Left the time until the deadline.
	Wait, Left time.Duration
}

// Error implements error.
func (e *DeadlineError) Error() string {
	what := string(e.Reason) + " limit"
	if e.Key != "" {
		what += " of " + e.Key
	}
	return fmt.Sprintf("%s: the wait would be %v, the deadline is in %v",
		what, e.Wait.Round(time.Millisecond), e.Left.Round(time.Millisecond))
}

// Unwrap returns context.DeadlineExceeded.
func (e *DeadlineError) Unwrap() error { return context.DeadlineExceeded }

// Timeout reports true, as net.Error requires.
func (e *DeadlineError) Timeout() bool { return true }

// ErrDone is the error of a wait whose client was closed.
var ErrDone = errors.New("the client was closed")

// Watch lets a client follow and end a wait.
type Watch struct {
	// Done ends the wait with ErrDone when it is closed.
	Done <-chan struct{}
	// Begins is called, without a lock held, when the wait begins; it may be nil.
	Begins func()
	// Outage is called, without a lock held, when the store of a [Bucket] fails, and when it answers
	// again: once for each outage, by whoever notices it. It may be nil.
	Outage func(Outage)
}

// Outage is the beginning or the end of a time without the store.
type Outage struct {
	// Err is the failure; nil at the end.
	Err error
	// Members is the number of processes that share the budget, as far as is known.
	Members int
	// Lasted is how long the outage was; 0 at the beginning.
	Lasted time.Duration
}

func (w Watch) outage(o *Outage) {
	if o != nil && w.Outage != nil {
		w.Outage(*o)
	}
}

// begins calls Begins. If that panics, undo takes back the place in the queue.
func (w Watch) begins(undo func()) {
	if w.Begins == nil {
		return
	}
	told := false
	defer func() {
		if !told {
			undo()
		}
	}()
	w.Begins()
	told = true
}

// spread lengthens d by up to a tenth, at most one second: processes that were given the same time
// do not all return at once, and none returns early.
func spread(d time.Duration, jitter func() float64) time.Duration {
	const part = 10
	return d + time.Duration(float64(min(d/part, time.Second))*jitter())
}

// over returns the error of a wait that ctx ended: it matches both the error of ctx and its cause.
func over(ctx context.Context, reason Reason) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(cause, err) {
		return fmt.Errorf("%s limit: %w", reason, cause)
	}
	return fmt.Errorf("%s limit: %w: %w", reason, err, cause)
}
