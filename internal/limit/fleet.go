package limit

import (
	"context"
	random "crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"time"
)

const (
	storeTime  = 250 * time.Millisecond // a store that takes longer is down
	keepBudget = time.Hour
	retryFirst = time.Second // an outage is tried again after this time, then after twice as much
	retryMost  = 30 * time.Second
	freeTime   = time.Second // an unlimited portal is asked about that often
	keyPrefix  = "budget:"
	keyMost    = 200 // length of a key

	memberLength = 12
)

// Store is what several processes share; see Store of the root package.
type Store interface {
	Get(ctx context.Context, key string) (value []byte, now time.Time, err error)
	Update(ctx context.Context, key string, change func(now time.Time, old []byte) (value []byte, keep time.Duration, err error)) error
}

// fleet is one process's share of a budget in a store. Its owner is a [Bucket], whose lock guards
// it, except for what says otherwise.
type fleet struct {
	store  Store
	key    string
	member string
	turn   chan struct{} // held while the store is asked: one question at a time
	number uint64        // of the last question; guarded by turn
	heard  uint64        // the last question whose answer arrived; guarded by turn
	hot    hotExchange   // has a lock of its own

	last     budget // as it was before an outage, in the time of this process
	plan     size   // what the clients of this process asked for; zero: nothing
	leader   *waiter
	askAt    time.Time // no question before it
	accepted int       // successes that the store does not know of
	back     int       // tokens that nobody used
	members  int
	free     time.Time // until then the portal is known to have no limit

	down    bool
	since   time.Time     // the outage began
	retryAt time.Time     // the store is tried again
	pause   time.Duration // before the next try
	debit   int           // requests that were sent meanwhile
}

// newShared returns the budget of a portal in a store. plan is what the clients of this process
// asked for; zero: nothing.
func newShared(store Store, host string, plan size) *Bucket {
	plans := []size{plan}
	if plan == (size{}) {
		plans = nil
	}
	return &Bucket{jitter: rand.Float64, budget: newBudget(fleetPlan(lowest(plans))), fleet: &fleet{
		store: store, key: storeKey(host), member: random.Text()[:memberLength], turn: make(chan struct{}, 1), plan: plan, members: 1,
	}}
}

// prefer sets what the clients of this process ask for. The store is told with the next question.
func (b *Bucket) prefer(plan size) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fleet.plan, b.fleet.free = plan, time.Time{}
}

// storeKey returns the key of a portal's budget.
func storeKey(host string) string {
	key := keyPrefix + host
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' || len(key) > keyMost {
			sum := sha256.Sum256([]byte(host))
			return keyPrefix + hex.EncodeToString(sum[:])
		}
	}
	return key
}

// ask asks the store, one question of this process at a time.
func (f *fleet) ask(ctx context.Context, q *question) (g granted, err error) {
	select {
	case f.turn <- struct{}{}:
	case <-ctx.Done():
		return g, ctx.Err()
	}
	defer func() { <-f.turn }()
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	f.number++
	q.number, q.heard = f.number, f.heard
	err = f.store.Update(ctx, f.key, func(now time.Time, old []byte) ([]byte, time.Duration, error) {
		s := parseFleet(old)
		if s == nil {
			s = newFleetState(now, inTime(q.seed, q.local, now))
		}
		g = s.ask(now, q)
		value, err := s.encode()
		return value, keepBudget, err
	})
	if err == nil {
		f.heard = q.number
	}
	return g, err
}

// alone reports whether a token may be taken without asking the store.
func (b *Bucket) alone(now time.Time) bool {
	f := b.fleet
	return f.down && (f.leader != nil || now.Before(f.retryAt)) || now.Before(f.free)
}

// takeShared waits for a token of a shared budget. If w asks the store and gets one at once, that is
// no wait.
func (b *Bucket) takeShared(ctx context.Context, watch Watch, w *waiter, start time.Time) (time.Duration, Reason, error) {
	defer b.retire(w)
	var due <-chan time.Time // w asks the store then, if it does so for all
	select {
	case <-w.lead:
		due = b.lead(ctx, watch, w)
		select {
		case err := <-w.ready:
			return 0, "", err
		default:
		}
	default:
	}
	watch.begins(func() { _ = b.leave(w, func() error { return nil }) })
	for {
		var err error
		select {
		case <-w.lead:
			due = b.lead(ctx, watch, w)
			continue
		case <-due:
			due = b.lead(ctx, watch, w)
			continue
		case err = <-w.ready:
		case <-ctx.Done():
			err = b.leave(w, func() error { return over(ctx, w.reason) })
		case <-watch.Done:
			err = b.leave(w, func() error { return ErrDone })
		}
		return time.Since(start), w.reason, err
	}
}

// up reports whether the budget is that of the store.
func (b *Bucket) up() bool { return b.fleet != nil && !b.fleet.down }

// appoint lets a caller in the queue ask the store, if nobody does and it is time.
func (b *Bucket) appoint(now time.Time) {
	f := b.fleet
	if f == nil || f.leader != nil || f.down && now.Before(f.retryAt) {
		return
	}
	if f.leader = b.waiting.first(); f.leader != nil {
		f.leader.wake()
	}
}

// wake makes a leader look at the time of the next question.
func (w *waiter) wake() {
	select {
	case w.lead <- struct{}{}:
	default: // it will look
	}
}

// joined is called when a caller has joined a queue of a shared budget.
func (b *Bucket) joined(w *waiter, now time.Time) {
	f := b.fleet
	switch {
	case f.leader == nil:
		f.askAt = now
	case b.waiting[w.lane].n == 1: // the store does not know that this lane waits
		f.askAt = now
		f.leader.wake()
	}
	b.appoint(now)
}

// retire is called when a caller leaves, also by a panic of the caller's code: another one asks.
func (b *Bucket) retire(w *waiter) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if w.queued {
		b.remove(w)
	}
	if b.fleet.leader == w {
		b.fleet.leader = nil
		b.appoint(time.Now())
	}
}

// lead asks the store if w leads the queue and it is time. It returns when to do so again; nil if w
// does not lead.
func (b *Bucket) lead(ctx context.Context, watch Watch, w *waiter) <-chan time.Time {
	b.mu.Lock()
	now := time.Now()
	if b.fleet.leader != w || !w.queued || ctx.Err() != nil {
		b.mu.Unlock()
		return nil
	}
	if d := b.fleet.askAt.Sub(now); d > 0 && !b.fleet.down {
		b.mu.Unlock()
		return time.After(d)
	}
	q := b.question()
	b.mu.Unlock()

	g, err := b.fleet.ask(ctx, q)

	b.mu.Lock()
	outage := b.heard(ctx, q, g, err)
	next := b.fleet.askAt
	if b.fleet.down {
		if b.fleet.leader == w {
			b.fleet.leader = nil
		}
		b.pump(time.Now())
	}
	leads := b.fleet.leader == w && w.queued && ctx.Err() == nil
	b.mu.Unlock()
	b.fleet.hot.heard(g)
	watch.outage(outage)
	if !leads {
		return nil
	}
	return time.After(time.Until(next))
}

// question is what the store is asked next.
func (b *Bucket) question() *question {
	f := b.fleet
	q := &question{
		member: f.member, plan: f.plan, accepted: f.accepted, back: f.back, debit: f.debit, jitter: b.jitter(),
		waiting: [lanes]int{b.waiting[Interactive].n, b.waiting[Background].n}, hot: f.hot.news(), local: time.Now(),
	}
	if q.seed = b.budget; f.down {
		q.seed = f.last
	}
	if f.members > 1 && q.local.Sub(q.seed.At.Time) < keepBudget { // the others took what came since
		q.seed.Tokens, q.seed.At = 0, instant{later(q.local, q.seed.At.Time)}
	}
	f.accepted, f.back, f.debit = 0, 0, 0
	return q
}

// heard takes what the store answered, and gives the tokens to those who wait.
func (b *Bucket) heard(ctx context.Context, q *question, g granted, err error) *Outage {
	f, now := b.fleet, time.Now()
	if err != nil {
		f.accepted += q.accepted
		f.back += q.back
		f.debit += q.debit
		f.hot.retry(q.hot)
		if ctx.Err() != nil && !q.refused {
			return nil // says nothing about the store
		}
		return b.failed(now, err)
	}
	var outage *Outage
	if f.down {
		outage = &Outage{Members: len(g.state.Members), Lasted: now.Sub(f.since)}
		f.down = false
		b.rest()
	}
	b.learned(now, g)
	f.askAt = now.Add(g.again)
	for lane := range lanes {
		for range g.tokens[lane] {
			b.release(lane)
		}
		if b.waiting[lane].n > 0 && q.waiting[lane] <= g.tokens[lane] { // the store does not know of them
			f.askAt = now
		}
	}
	if g.held > 0 {
		b.dismiss(now, Refused)
	} else {
		b.dismiss(now, "")
	}
	b.appoint(now)
	return outage
}

// learned keeps a copy of the shared budget, in the time of this process: for deadlines, for
// reports, and for an outage.
func (b *Bucket) learned(now time.Time, g granted) {
	since := b.budget.Since
	b.budget = inTime(g.state.Budget, g.now, now)
	b.budget.Since = since
	b.fleet.members = len(g.state.Members)
	if b.budget.Learn.Now.unlimited() && g.held == 0 {
		b.fleet.free = now.Add(freeTime)
	} else {
		b.fleet.free = time.Time{}
	}
}

// release gives a token from the store to the first in a lane, or to another one if that is empty.
func (b *Bucket) release(lane Lane) {
	w := b.waiting[lane].head
	if w == nil {
		w = b.waiting.first()
	}
	if w == nil {
		b.fleet.back++
		return
	}
	b.remove(w)
	w.ready <- nil
}

// failed goes on without the store, with a share of the budget.
func (b *Bucket) failed(now time.Time, err error) *Outage {
	f := b.fleet
	if f.down {
		if !now.Before(f.retryAt) {
			f.pause = min(2*f.pause, retryMost)
			f.retryAt = now.Add(f.pause)
		}
		return nil
	}
	f.down, f.since, f.pause, f.free = true, now, retryFirst, time.Time{}
	f.retryAt = now.Add(f.pause)
	f.last = b.budget
	plan, hold := b.budget.Learn.Now, b.budget.Hold
	have := b.budget.tokens(later(now, b.budget.At.Time)) / float64(f.members)
	if plan.rate /= float64(f.members); !plan.unlimited() {
		plan.burst = 1
	}
	since := b.budget.Since
	b.budget = newBudget(plan)
	b.budget.Tokens, b.budget.At, b.budget.Hold, b.budget.Since = min(have, float64(plan.burst)), instant{now}, hold, since
	b.pump(now)
	return &Outage{Err: err, Members: f.members}
}

// rest stops the timer of an outage.
func (b *Bucket) rest() {
	if b.timer != nil {
		b.timer.Stop()
	}
}

// RefusedUntil is [Bucket.Refused] for a budget in a store, which is told at once: the others must
// stop, too. It takes 250 ms at most.
func (b *Bucket) RefusedUntil(ctx context.Context, watch Watch, retryAfter time.Duration) {
	b.mu.Lock()
	if !b.up() {
		b.refuse(retryAfter)
		b.mu.Unlock()
		return
	}
	q := b.question()
	q.refused, q.retryAfter = true, retryAfter
	b.fleet.free = time.Time{}
	b.mu.Unlock()

	g, err := b.fleet.ask(context.WithoutCancel(ctx), q) // the others must know, whatever ended this call

	b.mu.Lock()
	outage := b.heard(ctx, q, g, err)
	if err != nil {
		b.refuse(retryAfter)
	}
	b.mu.Unlock()
	b.fleet.hot.heard(g)
	watch.outage(outage)
}
