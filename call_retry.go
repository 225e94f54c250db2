package b24

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/b24go/b24/internal/transport"
)

// RetryPolicy sets how often, and after which waits, a call is repeated. A zero or negative field
// means its default.
//
// The policy does not change what is repeated:
//
//   - any call that the portal refused before it ran;
//   - any call of which nothing was sent;
//   - a call whose answer was lost, if the method reads, the call has [WithIdempotent], or an
//     Idempotency-Key (REST 3.0) protects it.
//
// The key protects a call if the connection broke, a gateway timed out, or the answer was
// truncated. A page or nothing instead of the answer may come from a PHP process that died: the
// portal then does not know the key, and a write would run again.
type RetryPolicy struct {
	// MaxAttempts limits the attempts of a call that got no answer, including the first. The
	// default is 3.
	MaxAttempts int
	// BaseDelay limits the wait before the first repeat of a call that got no answer. The limit
	// doubles for each further repeat, and the wait is a random part of it. The default is 1 s.
	BaseDelay time.Duration
	// MaxDelay caps each wait that the client chooses: waits after lost answers, and waits after
	// limit refusals, which start at 1 s (10 s for operating time) and also grow. The default is 30
	// s.
	//
	// It does not cap other waits: Retry-After, up to 10 minutes; LongestCall; the turn of a
	// request within the request rate (see [Limiter]); and the reset of a method's operating time,
	// up to 10 minutes (see [WithOperatingLimit]).
	MaxDelay time.Duration
	// MaxRefusals limits how often a call may be refused because of the portal's limits before it
	// fails. Refusals do not count towards MaxAttempts. The default is 20.
	MaxRefusals int
	// LongestCall is how long the portal may work on a call. A write of REST 3.0 that ended with a
	// broken connection or a timeout is repeated no earlier than LongestCall after it began,
	// because two attempts at the same time may both be executed. A write of which nothing was sent
	// does not wait. The default is 60 s, the limit of cloud portals.
	LongestCall time.Duration
}

func defaultRetry() RetryPolicy {
	return RetryPolicy{MaxAttempts: 3, BaseDelay: time.Second, MaxDelay: 30 * time.Second, MaxRefusals: 20, LongestCall: 60 * time.Second}
}

// or returns p, with the fields of d in place of those that are not positive.
func (p RetryPolicy) or(d RetryPolicy) RetryPolicy {
	if p.MaxAttempts > 0 {
		d.MaxAttempts = p.MaxAttempts
	}
	if p.BaseDelay > 0 {
		d.BaseDelay = p.BaseDelay
	}
	if p.MaxDelay > 0 {
		d.MaxDelay = p.MaxDelay
	}
	if p.MaxRefusals > 0 {
		d.MaxRefusals = p.MaxRefusals
	}
	if p.LongestCall > 0 {
		d.LongestCall = p.LongestCall
	}
	return d
}

// verdict says whether a failed attempt may be repeated.
type verdict int

const (
	verdictFinal   verdict = iota // a repeat would fail the same way
	verdictRefused                // the portal did not run it; try later
	verdictNotSent                // nothing reached the portal
	verdictUnknown                // the portal may have run it
)

// verdictOf implements docs/protocol.md 8: the code decides, then the status, then how far the
// request came.
func verdictOf(err error) verdict {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.verdict()
	}
	if e, ok := errors.AsType[*TransportError](err); ok {
		return e.verdict()
	}
	return verdictFinal
}

func (e *Error) verdict() verdict {
	switch e.Code.known().action(e.Status) {
	case doWait:
		return verdictRefused
	case doRepeat:
		return verdictUnknown
	default:
		if e.Status == http.StatusRequestTimeout {
			return verdictUnknown
		}
		return verdictFinal
	}
}

func (e *TransportError) verdict() verdict {
	switch {
	case errors.Is(e.Err, ErrResponseTooLarge), e.step == stepAnswer && e.answered():
		return verdictFinal
	case e.known == OutcomeNotSent:
		return verdictNotSent
	case e.known == OutcomeRefused:
		return verdictFinal
	default:
		return verdictUnknown
	}
}

// answered distinguishes a page that stays the same (a firewall's 403, a proxy's 413) from one that
// may be gone a moment later. 408 and 429 are timeouts.
func (e *TransportError) answered() bool {
	return e.Status >= http.StatusBadRequest && e.Status < http.StatusInternalServerError &&
		e.Status != http.StatusRequestTimeout && e.Status != http.StatusTooManyRequests
}

// tries is the state of one call between its attempts.
type tries struct {
	attempts int           // requests sent
	lost     int32         // attempts without an answer
	refusals int32         // attempts refused because of the portal's limits
	moved    *target       // new address or new key; nil: unchanged
	followed bool          // the address was changed once
	renewed  bool          // the key was changed once
	waited   time.Duration // total wait between attempts
	began    time.Time     // start of the last attempt
	open     *time.Time    // start of the last attempt that the portal may still work on; nil: none
}

// next reports whether q may be sent again after err, and after which wait.
func (q *query) next(p RetryPolicy, err error) (time.Duration, bool) {
	v := q.verdict(err)
	switch v {
	case verdictRefused:
		q.refusals++
		return max(refusalDelay(err, int(q.refusals), p), retryAfterOf(err), q.overlap(p)), int(q.refusals) <= p.MaxRefusals && !q.once
	case verdictNotSent, verdictUnknown:
		q.lost++
		harmless := v == verdictNotSent || q.repeatable || q.protects(err)
		return max(backoff(int(q.lost), p), retryAfterOf(err), q.overlap(p)), int(q.lost) < p.MaxAttempts && harmless && !q.once
	default:
		return 0, false
	}
}

// verdict returns the verdict of err, and records whether the attempt may have been executed.
func (q *query) verdict(err error) verdict {
	v := verdictOf(err)
	if e, ok := errors.AsType[*Error](err); ok && q.hides && !e.beforeBatch() {
		q.maybe = true
		if v == verdictRefused { // one command was refused, others may have run
			v = verdictFinal
		}
	}
	if e, ok := errors.AsType[*TransportError](err); ok && v == verdictUnknown && e.mayStillRun() {
		began := q.began
		q.open = &began
	}
	q.maybe = q.maybe || v == verdictUnknown
	return v
}

// protects reports whether the Idempotency-Key prevents a second execution. The portal stores the
// answer of a successful call once the call is over (docs/protocol.md 9.8). A call that failed
// half-way would run again, and so would one whose PHP process died, which leaves a page or nothing
// in place of the answer.
func (q *query) protects(err error) bool {
	e, ok := errors.AsType[*TransportError](err)
	return ok && q.key != "" && (e.mayStillRun() || e.began)
}

// mayStillRun reports whether the portal may continue to work after a failure: the connection
// broke, or a gateway timed out.
func (e *TransportError) mayStillRun() bool {
	const ownCodes = 520 // Cloudflare's own codes; higher ones are timeouts and failed connections
	return e.Status == 0 || e.Status == http.StatusRequestTimeout || e.Status == http.StatusGatewayTimeout || e.Status > ownCodes
}

// overlap returns how long a write with an Idempotency-Key must wait until an attempt with an
// unknown outcome is certainly over: two attempts at the same time may both be executed
// (docs/protocol.md 9.8).
func (q *query) overlap(p RetryPolicy) time.Duration {
	if q.repeatable || q.key == "" || q.open == nil {
		return 0
	}
	return p.LongestCall - time.Since(*q.open)
}

// final returns err with what is known about all attempts: a refusal of the last one says nothing
// about an earlier one whose answer was lost.
func (q *query) final(err error) error {
	if !q.maybe {
		return err
	}
	return unsure(err)
}

// backoff is full jitter: a random part of a limit that doubles.
func backoff(n int, p RetryPolicy) time.Duration {
	bound := p.MaxDelay
	if shift := n - 1; shift < 32 && p.BaseDelay < p.MaxDelay>>shift {
		bound = p.BaseDelay << shift
	}
	return rand.N(bound) + 1 //nolint:gosec // not a secret: it only spreads the callers in time
}

// refusalDelay returns the time that a portal needs before it accepts requests again
// (docs/protocol.md 7.4). Jitter is added because all callers were refused at the same time.
func refusalDelay(err error, n int, p RetryPolicy) time.Duration {
	least := time.Second
	if limitOf(err) == timeLimit {
		least = 10 * time.Second
	}
	for range min(n-1, 10) {
		least += least / 2
	}
	const jitter = 3 // fraction of MaxDelay, which leaves room for jitter in long waits
	least = min(least, p.MaxDelay-p.MaxDelay/jitter)
	return min(least+rand.N(least/2+1), p.MaxDelay) //nolint:gosec // see backoff
}

// retryAfterOf returns the wait that an answer asked for; 0: none.
func retryAfterOf(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.retryAfter
	}
	if e, ok := errors.AsType[*TransportError](err); ok {
		return e.retryAfter
	}
	return 0
}

// retryAfter parses the Retry-After header in both forms of RFC 9110, 10.2.3.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	seconds, err := strconv.ParseUint(text, 10, 31)
	switch {
	case err == nil:
		return min(time.Duration(seconds)*time.Second, longestRetryAfter)
	case errors.Is(err, strconv.ErrRange):
		return longestRetryAfter
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(0, at.Sub(now)), longestRetryAfter)
	}
	return 0
}

// longestRetryAfter is the longest window of a limit (docs/protocol.md 7.3). It caps Retry-After,
// which could otherwise block a call forever.
const longestRetryAfter = 10 * time.Minute

// pause waits for d after err. A wait that would exceed the deadline of ctx is not started.
func (c *client) pause(ctx context.Context, q *query, d time.Duration, err error) error {
	if d <= 0 {
		return nil
	}
	c.logWait(ctx, q, d, err)
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return &waitError{wait: d}
	}
	c.trace.waitStart(ctx, c.traced(q), WaitRetry)
	started := time.Now()
	err = c.sleep(ctx, d)
	return c.waited(ctx, q, wait{WaitRetry, time.Since(started), true}, err)
}

func (c *client) sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return transport.Over(ctx)
	case <-c.done:
		return ErrClosed
	}
}
