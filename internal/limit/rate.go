package limit

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"time"
)

// Bucket is the request budget of one portal. It is safe for concurrent use.
//
// Callers wait in one queue, and a token is taken only when the first of them may go. So nobody
// holds a reservation at an old rate, a caller that gives up costs the others nothing, and a
// refusal delays everybody by moving the only timer. The timer runs only while somebody waits.
//
// Background callers wait in a queue of their own. They get a token only while some are left to the
// others; if none of them got one for 30 s, the first of them gets the next.
//
// The budget is learned as described at learner; it never exceeds the plan.
//
// If the budget is in a store, tokens come from there: the first caller in the queue asks for all,
// and then waits until it is the turn of this process. budget is then a copy of what the store
// said, and the share of this process while the store is down.
type Bucket struct {
	jitter func() float64 // from 0 to 1, called under the lock

	mu      sync.Mutex
	budget  budget
	waiting lines
	timer   *time.Timer
	fired   int
	fleet   *fleet // nil: the budget is of this process alone
}

// New returns the budget of a portal that allows burst requests at once and perSecond in the long
// run. math.Inf(1) means no limit until the portal refuses. Numbers that allow nothing are replaced
// by those of the standard plan: 2 per second, 50 at once. The slowest rate is one request per
// hour.
func New(perSecond float64, burst int) *Bucket {
	return &Bucket{jitter: rand.Float64, budget: newBudget(newPlan(perSecond, burst))}
}

func newPlan(perSecond float64, burst int) size {
	p := size{rate: max(perSecond, slowest), burst: burst}
	if !(perSecond > 0) { // also true for NaN
		p.rate = StandardRate
	}
	if perSecond >= math.MaxFloat64 {
		p.rate = math.Inf(1)
	}
	if burst < 1 {
		p.burst = StandardBurst
	}
	return p
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
	return b.TakeUntil(ctx, Interactive, Watch{})
}

// TakeUntil is [Bucket.Take] for a lane. It also ends with [ErrDone] when the client is closed.
func (b *Bucket) TakeUntil(ctx context.Context, lane Lane, watch Watch) (time.Duration, Reason, error) {
	if ctx.Err() != nil {
		return 0, "", over(ctx, Rate)
	}
	b.mu.Lock()
	now := time.Now()
	if b.atOnce(now, lane) {
		b.mu.Unlock()
		return 0, "", nil
	}
	w, err := b.enqueue(ctx, lane, now)
	b.mu.Unlock()
	if err != nil {
		return 0, "", err
	}
	if b.fleet != nil {
		return b.takeShared(ctx, watch, w, now)
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
	b.RefusedUntil(context.Background(), Watch{}, retryAfter)
}

// refuse records a refusal in the budget of this process.
func (b *Bucket) refuse(retryAfter time.Duration) {
	now := time.Now()
	b.budget.refuse(now, retryAfter, b.jitter())
	b.dismiss(now, Refused)
	b.pump(now)
}

// Accepted is called when the portal accepted a request. Successes restore the rate and the burst,
// step by step, to what the portal really gives of the plan.
func (b *Bucket) Accepted() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.up() {
		b.fleet.accepted++
		return
	}
	if b.budget.accept(time.Now) {
		b.pump(time.Now())
	}
}

// Configure sets another plan. What is in use of the old one stays in use, and a budget lowered by
// refusals stays lowered.
func (b *Bucket) Configure(perSecond float64, burst int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.budget.configure(now, newPlan(perSecond, burst))
	b.pump(now)
}

// State is a snapshot of a [Bucket].
type State struct {
	// PerSecond and Burst are the learned budget.
	PerSecond float64
	Burst     int
	// Waiting is the number of callers in the queues.
	Waiting int
	// HeldUntil is the end of the pause after a refusal; the zero time if there is none.
	HeldUntil time.Time
	// Members is the number of processes that share the budget, 1 without a store.
	Members int
	// Degraded is true while the store is down and the process has only a share.
	Degraded bool
	// Fired is how often the timer fired.
	Fired int
}

// State returns the current state.
func (b *Bucket) State() State {
	b.mu.Lock()
	defer b.mu.Unlock()
	size := b.budget.Learn.Now
	s := State{PerSecond: size.rate, Burst: size.burst, Waiting: b.waiting.n(), Members: 1, Fired: b.fired}
	if b.fleet != nil {
		s.Members, s.Degraded = b.fleet.members, b.fleet.down
	}
	if b.budget.Hold.After(time.Now()) {
		s.HeldUntil = b.budget.Hold.Time
	}
	return s
}

// atOnce takes a token for a caller who has just arrived, if nobody is before it.
func (b *Bucket) atOnce(now time.Time, lane Lane) bool {
	switch {
	case b.fleet != nil && !b.alone(now), b.waiting[Interactive].head != nil:
		return false
	case lane == Interactive:
		return b.take(now, 0, false)
	default:
		return b.waiting[Background].head == nil && b.take(now, b.budget.reserve(), false)
	}
}

// take takes a token of the budget of this process.
func (b *Bucket) take(now time.Time, leave int, waited bool) bool {
	taken := b.budget.take(now, leave, waited)
	if taken && b.fleet != nil && b.fleet.down {
		b.fleet.debit++
	}
	return taken
}

// enqueue queues a caller unless its deadline cannot be met.
func (b *Bucket) enqueue(ctx context.Context, lane Lane, now time.Time) (*waiter, error) {
	w := &waiter{ready: make(chan error, 1), reason: Rate, lane: lane}
	if now.Before(b.budget.Hold.Time) {
		w.reason = Refused
	}
	w.deadline, _ = ctx.Deadline()
	n := b.waiting[lane].n + 1
	if b.fleet != nil {
		w.lead = make(chan struct{}, 1)
	}
	if !b.up() || b.fleet.leader != nil { // otherwise the store is asked first
		if err := b.tooLate(w, now, n); err != nil {
			return nil, err
		}
	}
	b.waiting[lane].push(w)
	if n == 1 {
		if lane == Background {
			b.budget.Since = instant{now}
		}
		b.arm(now)
	}
	if b.fleet != nil {
		b.joined(w, now)
	}
	return w, nil
}

// tooLate returns an error if w, the n-th in its queue, cannot meet its deadline.
func (b *Bucket) tooLate(w *waiter, now time.Time, n int) error {
	if w.deadline.IsZero() {
		return nil
	}
	if at := b.turn(now, w.lane, n); !at.Before(w.deadline) {
		return &DeadlineError{Reason: w.reason, Wait: at.Sub(now), Left: w.deadline.Sub(now)}
	}
	return nil
}

// turn returns when the n-th in a queue will get a token.
func (b *Bucket) turn(now time.Time, lane Lane, n int) time.Time {
	if lane == Interactive {
		return b.budget.eta(now, n)
	}
	since := now // nobody waits yet
	if !b.budget.Since.IsZero() {
		since = b.budget.Since.Time
	}
	promoted := later(since.Add(time.Duration(n)*starvation), b.budget.eta(now, 1))
	return earlier(promoted, b.budget.eta(now, b.waiting[Interactive].n+n+b.budget.reserve()))
}

// leave gives up a place, or the token that arrived at the same time.
func (b *Bucket) leave(w *waiter, why func() error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	switch {
	case w.queued:
		b.remove(w)
	default:
		if err := <-w.ready; err != nil {
			return err
		}
		b.put(now, w.lane)
	}
	b.pump(now)
	return why()
}

// put gives a token back.
func (b *Bucket) put(now time.Time, lane Lane) {
	if b.up() {
		b.release(lane)
		return
	}
	b.budget.put(now, 1)
	if b.fleet != nil && b.fleet.debit > 0 {
		b.fleet.debit--
	}
}

// remove takes a caller out of its queue.
func (b *Bucket) remove(w *waiter) {
	b.waiting[w.lane].remove(w)
	if b.waiting[Background].head == nil {
		b.budget.Since = instant{}
	}
}

// dismiss fails the callers that can no longer meet their deadline. reason is why they wait now, if
// that has changed.
func (b *Bucket) dismiss(now time.Time, reason Reason) {
	for lane := range b.waiting {
		n := 1
		for w := b.waiting[lane].head; w != nil; {
			next := w.next
			if reason != "" {
				w.reason = reason
			}
			if err := b.tooLate(w, now, n); err != nil {
				b.remove(w)
				w.ready <- err
			} else {
				n++
			}
			w = next
		}
	}
}

// pump releases the callers that may go and sets the timer for the next.
func (b *Bucket) pump(now time.Time) {
	if b.up() {
		b.appoint(now)
		return
	}
	for w := b.next(now); w != nil; w = b.next(now) {
		if w.lane == Background {
			b.budget.Since = instant{now}
		}
		b.remove(w)
		w.ready <- nil
	}
	b.arm(now)
}

// next takes a token for the caller whose turn it is.
func (b *Bucket) next(now time.Time) *waiter {
	w, leave := b.waiting.first(), 0
	switch {
	case w == nil:
		return nil
	case b.budget.starved(now):
		w = b.waiting[Background].head
	case w.lane == Background:
		leave = b.budget.reserve()
	}
	if !b.take(now, leave, true) {
		return nil
	}
	return w
}

func (b *Bucket) arm(now time.Time) {
	w := b.waiting.first()
	if w == nil || b.up() {
		if b.timer != nil {
			b.timer.Stop()
		}
		return
	}
	at := b.turn(now, w.lane, 1)
	if b.fleet != nil && b.fleet.leader == nil {
		at = earlier(at, b.fleet.retryAt)
	}
	d := at.Sub(now)
	if b.timer == nil {
		b.timer = time.AfterFunc(d, b.fire)
	} else {
		b.timer.Reset(d)
	}
}

func (b *Bucket) fire() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fired++
	now := time.Now()
	b.pump(now)
	b.appoint(now)
}
