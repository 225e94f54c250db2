package b24

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/url"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/b24go/b24/internal/envelope"
	"github.com/b24go/b24/internal/limit"
)

// Limiter is the request budget of one portal. The default is shared by all clients of a portal in
// this process, and with [WithStore] by all processes. Your own Limiter is set with [WithLimiter];
// CheckLimiter of package b24test checks that it does what a client relies on. It must be safe for
// concurrent use.
type Limiter interface {
	// Wait returns when one request may be sent. It fails only if ctx ends first, or certainly
	// would; the error then matches ctx's.
	Wait(ctx context.Context) error
	// Refused is called when the portal answered QUERY_LIMIT_EXCEEDED. No request should be sent
	// for retryAfter; 0 means that the portal named no time.
	Refused(retryAfter time.Duration)
	// Accepted is called when the portal accepted a request.
	Accepted()
}

// Plan is the request limit of a portal's plan.
type Plan int

const (
	// PlanStandard is for all cloud portals except those on the Enterprise plan: 2 requests per
	// second, 50 at once.
	PlanStandard Plan = iota + 1
	// PlanEnterprise is 5 requests per second, 250 at once.
	PlanEnterprise
	// PlanUnlimited is for self-hosted portals, which have no request limit. Refusals are still
	// respected.
	PlanUnlimited
)

// requestRate is a leaky bucket. If perSecond is 0, the rate set by other clients applies.
type requestRate struct {
	perSecond float64
	burst     int
}

func (p Plan) rate() (requestRate, bool) {
	switch p {
	case PlanStandard:
		return requestRate{limit.StandardRate, limit.StandardBurst}, true
	case PlanEnterprise:
		return requestRate{limit.EnterpriseRate, limit.EnterpriseBurst}, true
	case PlanUnlimited:
		return requestRate{math.Inf(1), math.MaxInt}, true
	default:
		return requestRate{}, false
	}
}

// limits is what each request of a client waits for: first the operating time of its method, then
// the request rate of the portal (docs/protocol.md 7). The rate comes last because its tokens are
// scarce and must not be held during another wait.
type limits struct {
	own    Limiter                      // the caller's; nil: shared
	shared atomic.Pointer[limit.Shared] // nil: own is set
	moving sync.Mutex                   // guards changes of shared
	guard  *limit.SharedGuard

	guarded bool // the guard of operating times is on
	stored  bool // the budget is in a store
}

// start acquires the limits of the portal at host for a credential. Clients in this process share
// the request budget of the portal, and the operating times of the credential there; with a store,
// all processes that use it do.
func (l *limits) start(host, credential string, cfg config) {
	l.own, l.guard, l.guarded = cfg.limiter, limit.AcquireGuard(host, credential, cfg.operating), cfg.operating > 0
	if l.own != nil {
		return
	}
	if cfg.rate == (requestRate{}) && loopback((&url.URL{Host: host}).Hostname()) {
		cfg.rate, _ = PlanUnlimited.rate()
	}
	if l.stored = cfg.store != nil; l.stored {
		shared := limit.AcquireIn(cfg.store, host, cfg.rate.perSecond, cfg.rate.burst)
		shared.Share(l.guard)
		l.shared.Store(shared)
		return
	}
	l.shared.Store(limit.Acquire(host, cfg.rate.perSecond, cfg.rate.burst))
}

// move continues with the budget of a renamed portal.
func (l *limits) move(host string) {
	l.moving.Lock()
	defer l.moving.Unlock()
	if shared := l.shared.Load(); shared != nil {
		l.shared.Store(shared.Moved(host))
	}
}

func (l *limits) release() {
	l.moving.Lock()
	defer l.moving.Unlock()
	if shared := l.shared.Load(); shared != nil {
		shared.Release()
	}
	l.guard.Release()
}

// admit waits until q may be sent. If it returns nil, settle must follow. Otherwise, or if the
// caller's Limiter or Trace panics, the methods of q no longer count as running.
func (c *client) admit(ctx context.Context, q *query) error {
	d, why, err := c.limits.guard.WaitUntil(ctx, c.watch(ctx, q, WaitOperating), q.operating()...)
	if err != nil {
		return c.waited(ctx, q, wait{WaitOperating, d, why != ""}, err)
	}
	admitted := false
	defer func() {
		if !admitted {
			c.limits.guard.Done(q.operating()...)
		}
	}()
	err = c.waited(ctx, q, wait{WaitOperating, d, why != ""}, nil)
	if err == nil {
		err = c.admitRequest(ctx, q)
	}
	admitted = err == nil
	return err
}

// admitRequest waits for the request rate of the portal.
func (c *client) admitRequest(ctx context.Context, q *query) error {
	if c.limits.own != nil {
		c.trace.waitStart(ctx, c.traced(q), WaitRate)
		d, err := c.waitOwn(ctx)
		return c.waited(ctx, q, wait{WaitRate, d, true}, err)
	}
	d, why, err := c.waitShared(ctx, q)
	return c.waited(ctx, q, wait{WaitRate, d, why != ""}, err)
}

// waitShared waits for the budget that clients share. A store does not know about Close.
func (c *client) waitShared(ctx context.Context, q *query) (time.Duration, limit.Reason, error) {
	lane := limit.Interactive
	if q.background {
		lane = limit.Background
	}
	watch := c.watch(ctx, q, WaitRate)
	if !c.limits.stored {
		return c.limits.shared.Load().TakeUntil(ctx, lane, watch)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer c.atEnd(func() { cancel(limit.ErrDone) })()
	d, why, err := c.limits.shared.Load().TakeUntil(ctx, lane, watch)
	if err != nil && errors.Is(context.Cause(ctx), limit.ErrDone) {
		err = limit.ErrDone
	}
	return d, why, err
}

// waitOwn waits for the caller's Limiter, which does not know about Close.
func (c *client) waitOwn(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer c.atEnd(func() { cancel(limit.ErrDone) })()
	started := time.Now()
	err := c.limits.own.Wait(ctx)
	if err != nil && errors.Is(context.Cause(ctx), limit.ErrDone) {
		err = limit.ErrDone
	}
	return time.Since(started), err
}

// settle reports the end of an attempt to the limits.
func (c *client) settle(ctx context.Context, q *query, r *answer, err error) {
	defer c.limits.guard.Done(q.operating()...)
	if err == nil {
		c.limits.accepted()
		c.observe(q.operating()[0], r.env.Time)
		return
	}
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return // says nothing about the portal
	}
	switch e.Code.known().limit {
	case rateLimit:
		c.refused(ctx, e.retryAfter)
	case timeLimit:
		c.limits.accepted()
		c.limits.guard.Blocked(q.operating()[0], resetAfter(e.retryAfter))
	default:
		c.limits.accepted()
	}
}

// resetAfter returns when a method may be called again, if the portal named a time.
func resetAfter(retryAfter time.Duration) time.Time {
	if retryAfter <= 0 {
		return time.Time{}
	}
	return time.Now().Add(retryAfter)
}

// observe records the operating time that an answer reports for a method, under the name that its
// time counts by.
func (c *client) observe(budget string, timing []byte) {
	if !c.limits.guarded {
		return
	}
	if used, left, ok := envelope.Operating(timing, time.Now()); ok {
		c.limits.guard.Observe(budget, used, resetAfter(left))
	}
}

// beside returns the rest of the wait before a repeat if a limit is waited for anyway: the guard
// knows better when a method is free again.
func (l *limits) beside(wait time.Duration, err error) time.Duration {
	if l.guarded && limitOf(err) == timeLimit {
		return 0
	}
	return wait
}

// refused reports a refusal because of the request rate.
func (c *client) refused(ctx context.Context, retryAfter time.Duration) {
	if c.limits.own != nil {
		c.limits.own.Refused(retryAfter)
		return
	}
	var w limit.Watch
	c.watchStore(ctx, &w)
	c.limits.shared.Load().RefusedUntil(ctx, w, retryAfter)
}

func (l *limits) accepted() {
	if l.own != nil {
		l.own.Accepted()
		return
	}
	l.shared.Load().Accepted()
}

// watch returns the callbacks of a limit for a wait of q.
func (c *client) watch(ctx context.Context, q *query, reason WaitReason) limit.Watch {
	w := limit.Watch{Done: c.done}
	if c.trace.WaitStart != nil {
		w.Begins = func() { c.trace.waitStart(ctx, c.traced(q), reason) }
	}
	if reason == WaitRate {
		c.watchStore(ctx, &w)
	}
	return w
}

// wait describes a wait of a call, begun or not.
type wait struct {
	reason WaitReason
	d      time.Duration
	began  bool
}

// waited records a wait of q that ended with err, if it began.
func (c *client) waited(ctx context.Context, q *query, w wait, err error) error {
	q.waited += w.d
	if w.began {
		c.trace.waitDone(ctx, c.traced(q), w.reason, w.d)
	}
	if errors.Is(err, limit.ErrDone) {
		return ErrClosed
	}
	return err
}

// Priority is who comes first when calls wait for the portal's request rate. See [WithPriority].
type Priority int

const (
	// PriorityInteractive is for calls that somebody waits for. It is the default.
	PriorityInteractive Priority = iota
	// PriorityBackground is for exports, imports and other calls that nobody waits for.
	PriorityBackground
)

// String returns "interactive" or "background".
func (p Priority) String() string {
	switch p {
	case PriorityInteractive:
		return "interactive"
	case PriorityBackground:
		return "background"
	default:
		return "unknown"
	}
}

// badPriority is a Priority that there is not.
const badPriority = 0xff

// WithPriority sets who comes first when calls wait for the portal's request rate. A background
// call is sent only while the portal would accept more than 10 further requests at once, or a fifth
// of the burst if that is less; so an interactive call rarely waits. If no background call was sent
// for 30 s, one is sent as if it was interactive. With [WithStore] this holds across processes.
//
// A batch, a stream or a list uses the priority for all its requests. Another value, and a client
// with its own [Limiter], which knows no priorities, are errors that match [ErrInvalidParams].
func WithPriority(p Priority) CallOption {
	return callOption(func(o *callOptions) {
		o.priority = badPriority
		if p == PriorityInteractive || p == PriorityBackground {
			o.priority = uint8(p) + 1
		}
	})
}

// background reports whether calls leave some of the budget to others.
func (o *callOptions) background() bool { return o.priority == uint8(PriorityBackground)+1 }

// checkPriority refuses a priority that has no meaning.
func (c *client) checkPriority(method string, o *callOptions) error {
	const param = "priority"
	switch {
	case o.priority == 0:
		return nil
	case o.priority == badPriority:
		return &ParamsError{Method: method, Param: param, Problem: "it is not PriorityInteractive or PriorityBackground"}
	case c.limits.own != nil:
		return &ParamsError{Method: method, Param: param, Problem: "WithPriority has no meaning in a client with WithLimiter, whose Limiter knows no priorities"}
	default:
		return nil
	}
}

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
