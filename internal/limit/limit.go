// Package limit keeps a client within what a portal allows: Bucket is the
// request budget of one portal, Acquire shares it among the clients of a
// process, Guard watches the operating time of methods.
//
// Nothing here runs a goroutine of its own, and all times come from the package
// time, so that a testing/synctest bubble controls them.
package limit

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// What the documentation says of the plans (docs/protocol.md 7.1), in calls per
// second and calls at once.
const (
	StandardRate    = 2.0
	StandardBurst   = 50
	EnterpriseRate  = 5.0
	EnterpriseBurst = 250
)

// Reason says why a call waited. The zero value: it did not.
type Reason string

const (
	// Rate is for: the budget of the portal was used up.
	Rate Reason = "rate"
	// Refused is for: the portal had refused a request, and all of them pause.
	Refused Reason = "refused"
	// Operating is for: the operating time of a method is used up or nearly so.
	Operating Reason = "operating"
)

// DeadlineError says that a wait was not begun, or given up, because it would
// outlive the deadline of the context. It matches context.DeadlineExceeded.
type DeadlineError struct {
	// Reason is what would have been waited for.
	Reason Reason
	// Key is the method waited for; empty unless Reason is Operating.
	Key string
	// Wait is how long the wait would have been, Left the time to the deadline.
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

// Timeout reports true: net.Error asks for it.
func (e *DeadlineError) Timeout() bool { return true }

// ErrDone is the error of a wait whose client was closed.
var ErrDone = errors.New("the client was closed")

// Watch is what a client wants of a wait of its own.
type Watch struct {
	// Done ends the wait with ErrDone when it is closed.
	Done <-chan struct{}
	// Begins is called when the wait begins, without a lock; nil: nobody asks.
	Begins func()
}

// begins tells that a wait begins. Where that panics, undo takes the place in line back.
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

// spread makes d longer by up to a tenth, one second at most: processes that
// were told the same time do not all come back at it, and none comes earlier.
func spread(d time.Duration, jitter func() float64) time.Duration {
	const part = 10
	return d + time.Duration(float64(min(d/part, time.Second))*jitter())
}

// over is the error of a wait that ctx ended: it matches both the error of ctx
// and its cause.
func over(ctx context.Context, reason Reason) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(cause, err) {
		return fmt.Errorf("%s limit: %w", reason, cause)
	}
	return fmt.Errorf("%s limit: %w: %w", reason, err, cause)
}
