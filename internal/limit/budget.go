package limit

import (
	"math"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	refusedHold = time.Second     // added to 1/rate: the pause after a refusal without a retry time
	maxHold     = 5 * time.Minute // the longest pause after one refusal, whatever it requests
	slowest     = 1.0 / 3600      // calls per second

	reserveMost = 10               // tokens that background calls leave to the others, at most
	reservePart = 5                // divisor of the burst, for the same
	starvation  = 30 * time.Second // after so long without a token, one background call is served first
)

// budget is how many requests a portal accepts, as far as that is known: tokens that come with
// time, pauses after refusals, and what was learned. It has no lock and no clock. It is used by the
// bucket of one process, and as a part of the value that several processes share in a store: the
// meaning of a member never changes.
type budget struct {
	Tokens float64 `json:"tokens"`         // requests that may be sent at once
	At     instant `json:"at"`             // Tokens grows from this time on
	Hold   instant `json:"hold,omitzero"`  // the end of the pause after a refusal; nothing is granted before it
	Since  instant `json:"since,omitzero"` // background callers wait, and none got a token since; zero: none waits

	Learn learner `json:"learn"`

	Rest jsontext.Value `json:",embed"` // what a later version adds
}

func newBudget(plan size) budget {
	return budget{Tokens: float64(plan.burst), Learn: newLearner(plan)}
}

// inTime returns a budget in another time, without who waits and what a later version added.
func inTime(b budget, from, to time.Time) budget {
	for _, t := range []*instant{&b.At, &b.Hold, &b.Learn.SteppedAt} {
		t.shift(to.Sub(from))
	}
	b.Since, b.Rest, b.Learn.Rest = instant{}, nil, nil
	return b
}

// tokens returns how many there are at a time.
func (b *budget) tokens(at time.Time) float64 {
	if b.Learn.Now.unlimited() {
		return b.Tokens
	}
	grown := max(0, at.Sub(b.At.Time).Seconds()) * b.Learn.Now.rate
	return min(float64(b.Learn.Now.burst), b.Tokens+grown)
}

// take takes a token, if there is one besides those that are left to others. waited says whether
// the request had to wait.
func (b *budget) take(now time.Time, leave int, waited bool) bool {
	if now.Before(b.Hold.Time) {
		return false
	}
	if !b.Learn.Now.unlimited() {
		have := b.tokens(now)
		// Less than a nanosecond's worth is missing because of rounding.
		if missing := float64(1+leave) - have; missing/b.Learn.Now.rate*float64(time.Second) >= 1 {
			return false
		}
		b.Tokens, b.At = have-1, instant{now}
	}
	b.Learn.request(now, waited)
	return true
}

// put gives tokens back.
func (b *budget) put(now time.Time, n int) {
	if now.Before(b.Hold.Time) || b.Learn.Now.unlimited() {
		return // the refusal took all tokens
	}
	b.Tokens, b.At = min(float64(b.Learn.Now.burst), b.tokens(now)+float64(n)), instant{now}
}

// debit takes tokens for requests that were sent without asking. The portal's bucket cannot be more
// than full, so no debt remains.
func (b *budget) debit(now time.Time, n int) {
	if n <= 0 || b.Learn.Now.unlimited() || now.Before(b.At.Time) {
		return
	}
	have := b.tokens(now)
	b.Tokens, b.At = max(min(have, 0), have-float64(n)), instant{now}
}

// eta returns when there will be n tokens.
func (b *budget) eta(now time.Time, n int) time.Time {
	at := later(now, b.At.Time)
	missing := max(0, float64(n)-b.tokens(at))
	return later(b.Hold.Time, at.Add(time.Duration(math.Ceil(missing/b.Learn.Now.rate*float64(time.Second)))))
}

// refuse records a refusal, and what the portal asked for. jitter is from 0 to 1.
func (b *budget) refuse(now time.Time, retryAfter time.Duration, jitter float64) {
	b.Learn.refuse(now, b.spent(now))
	hold := retryAfter
	if hold <= 0 {
		hold = spread(period(b.Learn.Plan.rate)+refusedHold, func() float64 { return jitter })
	}
	b.Hold = instant{later(b.Hold.Time, now.Add(min(hold, maxHold)))}
	// The first token is there at the end of the pause: what the portal drains until then must not
	// be spent at once.
	b.At = instant{later(now, b.Hold.Add(-period(b.Learn.Now.rate)))}
	b.Tokens = 0
}

// accept records a success and reports whether the budget grew. clock returns the time, which is
// needed only then.
func (b *budget) accept(clock func() time.Time) bool {
	was := b.Learn.Now
	if !b.Learn.accept() {
		return false
	}
	grown, at := b.Learn.Now, later(clock(), b.At.Time)
	b.Learn.Now = was
	b.Tokens, b.At = b.tokens(at), instant{at}
	b.Learn.Now = grown
	return true
}

// configure sets another plan; as much of it is in use as before.
func (b *budget) configure(now time.Time, plan size) {
	if plan == b.Learn.Plan {
		return
	}
	at, free := later(now, b.At.Time), b.Learn.Now.unlimited()
	used := math.Ceil(float64(b.Learn.Now.burst) - b.tokens(at))
	b.Learn.configure(plan)
	size := b.Learn.Now
	if free || size.unlimited() {
		used = 0
	}
	b.Tokens, b.At = float64(size.burst)-min(max(used, 0), float64(size.burst)), instant{at}
}

// spent returns how much of the burst is in use.
func (b *budget) spent(now time.Time) int {
	if b.Learn.Now.unlimited() || now.Before(b.At.Time) {
		return b.Learn.Now.burst
	}
	return int(math.Ceil(float64(b.Learn.Now.burst) - b.tokens(now)))
}

// reserve is the number of tokens that background calls leave to the others.
func (b *budget) reserve() int { return min(reserveMost, b.Learn.Now.burst/reservePart) }

// starved reports whether a background call is to be served first.
func (b *budget) starved(now time.Time) bool {
	return !b.Since.IsZero() && now.Sub(b.Since.Time) >= starvation
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

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
