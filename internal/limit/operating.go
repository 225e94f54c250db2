package limit

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Operating time is counted per method in a sliding window (docs/protocol.md 7.3).
const (
	// DefaultOperating is the operating time of a method per window.
	DefaultOperating = 480 * time.Second

	window     = 10 * time.Minute
	forgetTime = window + 10*time.Second
	sweepEvery = time.Minute

	reserve    = 5 * time.Second // so close to the limit no call is begun
	slowPart   = 100             // divisor of the time to the reset, for a wait that slows a method down
	slowMost   = 7 * time.Second
	stalePause = 5 * time.Second // after a reset, before a call finds out what is left
	afterReset = time.Second
	blockLeast = 10 * time.Second // if the portal gave no reset
	blockMost  = time.Minute      // the same after several consecutive blocks

	turnMost = time.Minute // the longest wait for other calls, in case one never ends
)

// Guard keeps methods within their operating time. It slows a method down near the limit, and holds
// it back if the portal would block it; other methods continue. It is safe for concurrent use.
//
// A call in flight counts with the mean cost of a call, so that many callers do not spend the same
// rest. After a reset, one call finds out what the portal has forgotten; the others wait for its
// report.
type Guard struct {
	jitter func() float64 // from 0 to 1, called under the lock
	limit  time.Duration

	mu      sync.Mutex
	methods map[string]*usage
	swept   time.Time
	outlets []*hotExchange // where other processes learn of methods near the limit
}

// NewGuard returns a guard for methods that may use limit within 10 minutes. 0 switches it off.
func NewGuard(limit time.Duration) *Guard {
	return &Guard{jitter: rand.Float64, limit: limit, methods: make(map[string]*usage)}
}

// Observe records the operating time that an answer reports for a method, from a single call, a
// batch or a row of a batch: of several reports in one answer, the largest counts. resetAt is when
// the portal forgets a part of it; the zero time means it was not reported. Without any report,
// nothing happens.
func (g *Guard) Observe(key string, used time.Duration, resetAt time.Time) {
	if g.limit <= 0 || used <= 0 && resetAt.IsZero() {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	u := g.usage(key, now)
	u.report(used, resetAt, now)
	if u.used > g.heavy() {
		g.pass(key, u, now)
	}
}

// Blocked records that the portal answered OPERATION_TIME_LIMIT. Calls of the method wait until one
// second after resetAt, or after the last observed reset. If neither is in the future, they wait 10
// s, twice as long after each further consecutive block, one minute at most.
func (g *Guard) Blocked(key string, resetAt time.Time) {
	if g.limit <= 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	u := g.usage(key, now)
	u.block(g.limit, resetAt, now)
	g.pass(key, u, now)
}

// pass passes on what is known of a method near the limit, if it is known until when.
func (g *Guard) pass(key string, u *usage, now time.Time) {
	if !u.resetAt.After(now) && !u.until.After(now) {
		return
	}
	for _, h := range g.outlets {
		h.report(g, key, hotReport{used: u.used, reset: u.resetAt, until: u.until})
	}
}

// hear records what another process knows of a method.
func (g *Guard) hear(key string, r hotReport) {
	if g.limit <= 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	u := g.usage(key, now)
	if r.reset.After(now) && (r.used > u.used || r.reset.After(u.resetAt.Add(clockNoise))) {
		u.report(r.used, r.reset, now)
	}
	if until := earlier(r.until, now.Add(window)); until.After(u.until) && until.After(now) {
		u.until, u.used, u.seen = until, max(u.used, g.limit), now
	}
}

func (g *Guard) addOutlet(h *hotExchange) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.outlets = append(g.outlets, h)
}

func (g *Guard) removeOutlet(h *hotExchange) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.outlets = slices.DeleteFunc(g.outlets, func(o *hotExchange) bool { return o == h })
}

// Wait is [Guard.WaitUntil] for a client that is never closed.
func (g *Guard) Wait(ctx context.Context, keys ...string) (time.Duration, Reason, error) {
	return g.WaitUntil(ctx, Watch{}, keys...)
}

// WaitUntil waits until a call of the methods may be sent, and returns how long it waited and why.
// Afterwards, and only if it returned no error, [Guard.Done] must be called. The error matches that
// of ctx, or is [ErrDone] if the client was closed. A wait for a reset that would outlast the
// deadline is not begun, and the error is a [*DeadlineError]; a wait that only slows down is
// skipped in that case.
func (g *Guard) WaitUntil(ctx context.Context, w Watch, keys ...string) (time.Duration, Reason, error) {
	if ctx.Err() != nil {
		return 0, "", over(ctx, Operating)
	}
	if g.limit <= 0 {
		return 0, "", nil
	}
	var c call
	d, err := g.enter(ctx, keys, &c)
	if err != nil || d == 0 {
		return 0, "", err
	}
	start := time.Now()
	w.begins(func() { g.leave(keys, &c, start) })
	for err == nil && d > 0 {
		if err = c.pause(ctx, w.Done, d); err == nil {
			d, err = g.enter(ctx, keys, &c)
		}
	}
	return g.leave(keys, &c, start), Operating, err
}

// Done ends a call of the methods for which [Guard.Wait] returned no error. It is called after
// [Guard.Observe] or [Guard.Blocked], or without them if the portal reported nothing.
func (g *Guard) Done(keys ...string) {
	if g.limit <= 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, key := range keys {
		if u := g.methods[key]; u != nil && !slices.Contains(keys[:i], key) {
			u.end()
			g.wakeNext(u)
		}
	}
}

// call is the state of one call of Wait. It does not hold the methods, which would escape to the
// heap with it.
type call struct {
	waited bool
	turn   *waiter // its place in a queue, or nil
	in     *usage  // the method of that queue
}

func (c *call) pause(ctx context.Context, done <-chan struct{}, d time.Duration) error {
	var turn <-chan error // never ready
	if c.turn != nil {
		turn = c.turn.ready
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case err := <-turn:
		return err
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return over(ctx, Operating)
	case <-done:
		return ErrDone
	}
}

func (c *call) giveUpTurn() {
	if c.turn != nil {
		c.in.waiting.remove(c.turn)
		c.turn = nil
	}
}

// enter counts the call as in flight and returns 0, or returns how long to wait before the next
// try, or a deadline error.
func (g *Guard) enter(ctx context.Context, keys []string, c *call) (time.Duration, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c.giveUpTurn()
	d, err := g.timed(ctx, keys, c, time.Now())
	if err == nil && d == 0 {
		d = g.queue(keys, c)
	}
	if err != nil || d > 0 {
		c.waited = true
		g.wake(keys) // with the turn that this call had
		return d, err
	}
	for i, key := range keys {
		if !slices.Contains(keys[:i], key) {
			g.methods[key].pending++
		}
	}
	return 0, nil
}

// queue queues the call at a method without room, and returns how long it waits there at most; 0 if
// every method has room.
func (g *Guard) queue(keys []string, c *call) time.Duration {
	for _, key := range keys {
		if u := g.methods[key]; g.crowded(u) || !c.waited && u.waiting.head != nil {
			c.in, c.turn = u, &waiter{ready: make(chan error, 1)}
			u.waiting.push(c.turn)
			return turnMost
		}
	}
	return 0
}

// timed returns the longest time to wait among the methods of a call, either for a reset or to slow
// down; the latter happens once at most.
func (g *Guard) timed(ctx context.Context, keys []string, c *call, now time.Time) (time.Duration, error) {
	var closed, slowed time.Duration
	var which string
	for _, key := range keys {
		d, slows := g.delay(g.usage(key, now), now)
		switch {
		case slows && !c.waited:
			slowed = max(slowed, d)
		case !slows && d > closed:
			closed, which = d, key
		}
	}
	if max(closed, slowed) == 0 {
		return 0, nil
	}
	deadline, bounded := ctx.Deadline()
	left := deadline.Sub(now)
	d := spread(max(closed, slowed), g.jitter)
	switch {
	case !bounded || d < left:
		return d, nil
	case closed > 0:
		return 0, &DeadlineError{Reason: Operating, Key: which, Wait: d, Left: left}
	default:
		return 0, nil
	}
}

// delay returns how long a method has to wait. slows means that the portal would accept a call
// earlier.
func (g *Guard) delay(u *usage, now time.Time) (d time.Duration, slows bool) {
	blocked, left := u.until.Sub(now), u.resetAt.Sub(now)
	full := u.used >= g.full()
	switch {
	case blocked > 0:
		return blocked, false
	case full && left > 0:
		return left + afterReset, false
	case full:
		return stalePause, true
	case u.used <= g.heavy():
		return 0, true
	case left > 0:
		return min(left/slowPart, slowMost), true
	default:
		return slowMost, true
	}
}

// crowded reports whether the calls in flight may use up what is left, or leave too little for one
// more.
func (g *Guard) crowded(u *usage) bool {
	return u.pending > 0 && (u.expected() >= g.full() || u.expected()+u.cost > g.limit)
}

func (g *Guard) wake(keys []string) {
	for _, key := range keys {
		if u := g.methods[key]; u != nil {
			g.wakeNext(u)
		}
	}
}

// wakeNext lets the first caller in the queue of a method try again, if there is room. It keeps its
// place until then, so that no newcomer overtakes it.
func (g *Guard) wakeNext(u *usage) {
	if u.waiting.head == nil || g.crowded(u) {
		return
	}
	select {
	case u.waiting.head.ready <- nil:
	default: // already woken
	}
}

// leave ends a wait and returns its duration. It wakes the next caller, because there may be room
// for more than one.
func (g *Guard) leave(keys []string, c *call, start time.Time) time.Duration {
	d := time.Since(start)
	g.mu.Lock()
	defer g.mu.Unlock()
	c.giveUpTurn()
	g.wake(keys)
	return d
}

// full is the operating time at which no further call is begun.
func (g *Guard) full() time.Duration {
	const part = 10 // divisor of a limit too small for the reserve
	return g.limit - min(reserve, g.limit/part)
}

// heavy is the operating time at which a method is slowed down.
func (g *Guard) heavy() time.Duration { return g.limit / 5 * 4 }

// usage returns the record of a method, a new one if the old one is outdated.
func (g *Guard) usage(key string, now time.Time) *usage {
	u := g.methods[key]
	if u == nil || u.old(now) {
		g.sweep(now)
		u = &usage{seen: now}
		g.methods[key] = u
	}
	return u
}

// sweep forgets outdated records, at most once per sweepEvery.
func (g *Guard) sweep(now time.Time) {
	if now.Sub(g.swept) < sweepEvery {
		return
	}
	g.swept = now
	for key, u := range g.methods {
		if u.old(now) {
			delete(g.methods, key)
		}
	}
}
