package b24

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"time"

	"github.com/b24go/b24/internal/limit"
)

// Budget describes the request budget of a portal, as far as this process knows it. See
// [Hook.Budget].
type Budget struct {
	// PerSecond and Burst are how many requests the portal accepts, as learned: in the long run,
	// and at once. PerSecond is math.Inf(1) if there is no limit. While Degraded is true, they are
	// the share of this process.
	PerSecond float64
	Burst     int
	// Waiting is the number of requests of this process that wait for the budget.
	Waiting int
	// HeldUntil is the end of the pause after a refusal; the zero time if there is none.
	HeldUntil time.Time
	// Members is the number of processes that share the budget, as the store of [WithStore] last
	// said; 1 without a store. A process that sends nothing for a minute does not count.
	Members int
	// Degraded is true while the store of [WithStore] is down.
	Degraded bool
}

func (l *limits) budget() Budget {
	shared := l.shared.Load()
	if shared == nil {
		return Budget{}
	}
	s := shared.State()
	return Budget{
		PerSecond: s.PerSecond, Burst: s.Burst, Waiting: s.Waiting, HeldUntil: s.HeldUntil, Members: s.Members, Degraded: s.Degraded,
	}
}

// WithStore shares the portal's request budget, the priorities of its calls, and the operating
// times of methods near their limit with all processes that use the same store. The processes must
// reach the portal from the same address, because a portal counts by address; give others another
// store, or another prefix. The lowest plan that a process asks for applies to all. Clients of a
// portal without the store have a budget of their own, so give it to all of them.
//
// Each request asks the store once, several that wait ask together. If the store fails or takes
// longer than 250 ms, the process continues with its part of the budget, and tries the store again
// after 1 s, 2 s, and so on up to 30 s. An outage writes one warning to the log and calls Store of
// [Trace]; no call fails because of it. Values in the store contain no secret.
//
// Clients share a place in the store if they pass the same Store, so s must be comparable, like a
// pointer. nil is an error, and so is WithStore together with [WithLimiter].
func WithStore(s Store) Option {
	return func(cfg *config) error {
		switch {
		case s == nil:
			return errors.New("store: it is nil")
		case !reflect.ValueOf(s).Comparable():
			return errors.New("store: it cannot be compared with ==; pass a pointer")
		}
		cfg.store = s
		return nil
	}
}

// watchStore reports the outages of the store that a wait or a refusal finds.
func (c *client) watchStore(ctx context.Context, w *limit.Watch) {
	if c.limits.stored {
		w.Outage = func(o limit.Outage) { c.outage(ctx, o) }
	}
}

// outage reports the beginning or the end of an outage of the store.
func (c *client) outage(ctx context.Context, o limit.Outage) {
	event := TraceStore{Portal: c.shownOrigin(), Err: c.secrets.Error(o.Err), Members: o.Members, Lasted: o.Lasted}
	if event.Err != nil {
		c.log.log(ctx, slog.LevelWarn, "b24: the store failed, requests continue with a part of the budget",
			slog.String("portal", event.Portal), slog.Int("members", event.Members), slog.String("error", event.Err.Error()))
	} else {
		c.log.log(ctx, slog.LevelInfo, "b24: the store answers again",
			slog.String("portal", event.Portal), slog.Int("members", event.Members), slog.Duration("lasted", event.Lasted))
	}
	c.trace.store(ctx, event)
}
