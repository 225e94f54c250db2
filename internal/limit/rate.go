package limit

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	refusedHold = time.Second     // added to 1/rate: the pause after a refusal without a retry time
	maxHold     = 5 * time.Minute // the longest pause after one refusal, whatever it requests
	slowest     = 1.0 / 3600      // calls per second
)

// Bucket is the request budget of one portal. It is safe for concurrent use.
//
// Callers wait in one queue, and a token is taken only when the first of them may go. So nobody
// holds a reservation at an old rate, a caller that gives up costs the others nothing, and a
// refusal delays everybody by moving the only timer. The timer runs only while somebody waits.
//
// The budget is learned as described at learner; it never exceeds the plan.
type Bucket struct {
	jitter func() float64 // from 0 to 1, called under the lock

	mu      sync.Mutex
	learn   learner
	lim     *rate.Limiter
	resume  time.Time // lim counts from this time on
	until   time.Time // the end of the pause after a refusal; nothing is granted before it
	waiting queue
	timer   *time.Timer
	fired   int
}

// New returns the budget of a portal that allows burst requests at once and perSecond in the long
// run. math.Inf(1) (also rate.Inf) means no limit until the portal refuses. Numbers that allow
// nothing are replaced by those of the standard plan: 2 per second, 50 at once. The slowest rate is
// one request per hour.
func New(perSecond float64, burst int) *Bucket {
	b := &Bucket{jitter: rand.Float64, learn: newLearner(newPlan(perSecond, burst))}
	b.lim = rate.NewLimiter(limitOf(b.learn.now.rate), b.learn.now.burst)
	return b
}

func newPlan(perSecond float64, burst int) budget {
	p := budget{rate: max(perSecond, slowest), burst: burst}
	if !(perSecond > 0) { // also true for NaN
		p.rate = StandardRate
	}
	if perSecond >= float64(rate.Inf) {
		p.rate = math.Inf(1)
	}
	if burst < 1 {
		p.burst = StandardBurst
	}
	return p
}

func limitOf(perSecond float64) rate.Limit {
	if math.IsInf(perSecond, 1) {
		return rate.Inf
	}
	return rate.Limit(perSecond)
}

// Wait returns when one request may be sent, in the order of the calls. If ctx ends, it returns an
// error that matches the error of ctx; if the deadline of ctx cannot be met, it returns a
// [*DeadlineError] at once.
func (b *Bucket) Wait(ctx context.Context) error {
	_, _, err := b.Take(ctx)
	return err
}

// Take is [Bucket.Wait] that also returns how long it took and why.
func (b *Bucket) Take(ctx context.Context) (time.Duration, Reason, error) {
	return b.TakeUntil(ctx, Watch{})
}

// TakeUntil is [Bucket.Take] that also ends with [ErrDone] when the client is closed.
func (b *Bucket) TakeUntil(ctx context.Context, watch Watch) (time.Duration, Reason, error) {
	if ctx.Err() != nil {
		return 0, "", over(ctx, Rate)
	}
	b.mu.Lock()
	now := time.Now()
	if b.waiting.head == nil && b.take(now, false) {
		b.mu.Unlock()
		return 0, "", nil
	}
	w, err := b.enqueue(ctx, now)
	b.mu.Unlock()
	if err != nil {
		return 0, "", err
	}
	watch.begins(func() { _ = b.leave(w, func() error { return nil }) })
	select {
	case err = <-w.ready:
	case <-ctx.Done():
		err = b.leave(w, func() error { return over(ctx, w.reason) })
	case <-watch.Done:
		err = b.leave(w, func() error { return ErrDone })
	}
	return time.Since(now), w.reason, err // reason: not written any more once w has left the queue
}

// Refused is called when the portal answered QUERY_LIMIT_EXCEEDED. It empties the bucket, lowers
// the rate and the burst, once for all requests in flight, and holds all requests back for
// retryAfter, 5 minutes at most. If the portal gave no time, the pause is one second plus the time
// of one request by the plan (docs/protocol.md 7.1), plus up to a tenth.
func (b *Bucket) Refused(retryAfter time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.learn.refuse(now, b.spent(now))
	hold := retryAfter
	if hold <= 0 {
		hold = spread(period(b.learn.plan.rate)+refusedHold, b.jitter)
	}
	b.until = later(b.until, now.Add(min(hold, maxHold)))
	// The first token is available at b.until: what the portal drains until then must not be spent
	// at once.
	b.resume = later(now, b.until.Add(-period(b.learn.now.rate)))
	b.lim = rate.NewLimiter(limitOf(b.learn.now.rate), 0) // holds no token
	b.lim.SetBurstAt(b.resume, b.learn.now.burst)
	b.dismiss(now)
	b.pump(now)
}

// Accepted is called when the portal accepted a request. Successes restore the rate and the burst,
// step by step, to what the portal really gives of the plan.
func (b *Bucket) Accepted() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.learn.accept() {
		return
	}
	now := time.Now()
	at := later(now, b.resume)
	b.lim.SetLimitAt(at, limitOf(b.learn.now.rate))
	b.lim.SetBurstAt(at, b.learn.now.burst)
	b.pump(now)
}

// Configure sets another plan. What is in use of the old one stays in use, and a budget lowered by
// refusals stays lowered.
func (b *Bucket) Configure(perSecond float64, burst int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := newPlan(perSecond, burst)
	if p == b.learn.plan {
		return
	}
	now := time.Now()
	b.learn.configure(p)
	b.lim = carry(b.lim, later(now, b.resume), b.learn.now)
	b.pump(now)
}

// State is a snapshot of a [Bucket].
type State struct {
	// PerSecond and Burst are the learned budget.
	PerSecond float64
	Burst     int
	// Waiting is the number of callers in the queue.
	Waiting int
	// HeldUntil is the end of the pause after a refusal; the zero time if there is none.
	HeldUntil time.Time
	// Fired is how often the timer fired.
	Fired int
}

// State returns the current state.
func (b *Bucket) State() State {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := State{PerSecond: b.learn.now.rate, Burst: b.learn.now.burst, Waiting: b.waiting.n, Fired: b.fired}
	if b.until.After(time.Now()) {
		s.HeldUntil = b.until
	}
	return s
}

// take takes a token, if there is one, for a caller who waited or has just arrived.
func (b *Bucket) take(now time.Time, waited bool) bool {
	if now.Before(b.until) || !b.lim.AllowN(now, 1) {
		return false
	}
	b.learn.request(now, waited)
	return true
}

// put gives a token back. rate.Limiter can do this only at the time of the reservation, but taking
// minus one token adds one, up to the burst.
func put(lim *rate.Limiter, now time.Time) { lim.AllowN(now, -1) }

// eta returns when the n-th caller from now will get a token.
func (b *Bucket) eta(now time.Time, n int) time.Time {
	at := later(now, b.resume)
	missing := max(0, float64(n)-b.lim.TokensAt(at))
	return later(b.until, at.Add(time.Duration(math.Ceil(missing/float64(b.lim.Limit())*float64(time.Second)))))
}

// enqueue queues a caller unless its deadline cannot be met.
func (b *Bucket) enqueue(ctx context.Context, now time.Time) (*waiter, error) {
	w := &waiter{ready: make(chan error, 1), reason: Rate}
	if now.Before(b.until) {
		w.reason = Refused
	}
	w.deadline, _ = ctx.Deadline()
	n := b.waiting.n + 1
	if err := b.tooLate(w, now, n); err != nil {
		return nil, err
	}
	b.waiting.push(w)
	if n == 1 {
		b.arm(now)
	}
	return w, nil
}

// tooLate returns an error if w, the n-th in the queue, cannot meet its deadline.
func (b *Bucket) tooLate(w *waiter, now time.Time, n int) error {
	if w.deadline.IsZero() {
		return nil
	}
	if at := b.eta(now, n); !at.Before(w.deadline) {
		return &DeadlineError{Reason: w.reason, Wait: at.Sub(now), Left: w.deadline.Sub(now)}
	}
	return nil
}

// leave gives up a place, or the token that arrived at the same time.
func (b *Bucket) leave(w *waiter, why func() error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	switch {
	case w.queued:
		b.waiting.remove(w)
	default:
		if err := <-w.ready; err != nil {
			return err
		}
		if !now.Before(b.until) { // otherwise a refusal has taken all tokens
			put(b.lim, now)
		}
	}
	b.pump(now)
	return why()
}

// dismiss fails the callers that can no longer meet their deadline.
func (b *Bucket) dismiss(now time.Time) {
	n := 1
	for w := b.waiting.head; w != nil; {
		next := w.next
		w.reason = Refused
		if err := b.tooLate(w, now, n); err != nil {
			b.waiting.remove(w)
			w.ready <- err
		} else {
			n++
		}
		w = next
	}
}

// pump releases the callers that may go and sets the timer for the next.
func (b *Bucket) pump(now time.Time) {
	for w := b.waiting.head; w != nil && b.take(now, true); w = b.waiting.head {
		b.waiting.remove(w)
		w.ready <- nil
	}
	b.arm(now)
}

func (b *Bucket) arm(now time.Time) {
	switch {
	case b.waiting.head == nil:
		if b.timer != nil {
			b.timer.Stop()
		}
	case b.timer == nil:
		b.timer = time.AfterFunc(b.eta(now, 1).Sub(now), b.fire)
	default:
		b.timer.Reset(b.eta(now, 1).Sub(now))
	}
}

func (b *Bucket) fire() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fired++
	b.pump(time.Now())
}

// spent returns how much of the burst is in use.
func (b *Bucket) spent(now time.Time) int {
	if b.lim.Limit() == rate.Inf || now.Before(b.resume) {
		return b.lim.Burst()
	}
	return int(math.Ceil(float64(b.lim.Burst()) - b.lim.TokensAt(now)))
}

// carry returns a limiter of another size with as much in use as in old.
func carry(old *rate.Limiter, at time.Time, size budget) *rate.Limiter {
	lim := rate.NewLimiter(limitOf(size.rate), size.burst)
	if old.Limit() == rate.Inf || lim.Limit() == rate.Inf {
		return lim
	}
	spent := int(math.Ceil(float64(old.Burst()) - old.TokensAt(at)))
	lim.AllowN(at, min(max(spent, 0), size.burst))
	return lim
}

// period is the time of one request at a rate.
func period(perSecond float64) time.Duration {
	return time.Duration(float64(time.Second) / perSecond)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
