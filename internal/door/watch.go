package door

import (
	"context"
	"fmt"
	"time"
)

// Stalled is why a transfer ended of which no byte came or went for too long.
type Stalled struct{ After time.Duration }

// Error implements error.
func (s *Stalled) Error() string { return fmt.Sprintf("no byte was transferred for %v", s.After) }

// Timeout implements net.Error.
func (s *Stalled) Timeout() bool { return true }

// Temporary implements net.Error.
func (s *Stalled) Temporary() bool { return true }

// Is reports whether target is [context.DeadlineExceeded].
func (s *Stalled) Is(target error) bool { return target == context.DeadlineExceeded }

// Watch ends a request that stalls. It counts only the time of the network: a consumer, or a
// producer, may take as long as it likes.
type Watch struct {
	after time.Duration
	timer *time.Timer
	stop  context.CancelCauseFunc
}

// NewWatch returns a child of ctx that a stall ends, and its watch, which rests. 0 means that any
// time is allowed. [Watch.End] must follow.
func NewWatch(ctx context.Context, after time.Duration) (context.Context, *Watch) {
	ctx, stop := context.WithCancelCause(ctx)
	w := &Watch{after: after, stop: stop}
	if after > 0 {
		w.timer = time.AfterFunc(after, func() { stop(&Stalled{after}) })
		w.timer.Stop()
	}
	return ctx, w
}

// Begin starts the time of the network, or starts it anew.
func (w *Watch) Begin() {
	if w.timer != nil {
		w.timer.Reset(w.after)
	}
}

// Rest stops the time.
func (w *Watch) Rest() {
	if w.timer != nil {
		w.timer.Stop()
	}
}

// End ends the context.
func (w *Watch) End() {
	w.Rest()
	w.stop(nil)
}
