package limit

import "time"

// clockNoise is how far apart two reports of the same reset may be, because they come over a
// network from another clock.
const clockNoise = 2 * time.Second

// usage is what is known of the operating time of one method.
type usage struct {
	used    time.Duration // as last reported
	resetAt time.Time     // when the portal forgets a part of it; zero if unknown
	seen    time.Time     // time of the last report
	until   time.Time     // end of a block by the portal
	blocks  int           // consecutive blocks without a known reset

	pending int           // calls in flight
	counted time.Duration // used when the last call ended
	cost    time.Duration // mean cost of a call
	waiting queue         // for calls in flight to end
}

// report records what an answer reports, unless it is less than what is known: answers overtake
// each other, and a batch names a method several times. A reset that has passed or moved starts a
// new count; until then the count only grows.
func (u *usage) report(used time.Duration, resetAt, now time.Time) {
	passed := !u.resetAt.After(now) // or was never known
	same := resetAt.IsZero() || resetAt.Sub(u.resetAt).Abs() < clockNoise
	switch {
	case passed:
	case same && used < u.used:
		return
	case !same && resetAt.Before(u.resetAt):
		return
	}
	u.used, u.seen, u.blocks = used, now, 0
	if passed || !same {
		u.reset(resetAt, now)
	}
}

// reset records when the portal forgets a part, if it reported that. No wrong clock can move that
// beyond the window.
func (u *usage) reset(at, now time.Time) {
	if at.IsZero() {
		return
	}
	u.resetAt = at
	if last := now.Add(window); at.After(last) {
		u.resetAt = last
	}
}

// block records that the portal refused a call.
func (u *usage) block(limit time.Duration, resetAt, now time.Time) {
	if resetAt.After(now) {
		u.reset(resetAt, now)
	}
	u.used, u.seen = max(u.used, limit), now
	switch {
	case u.resetAt.After(now):
		u.until = u.resetAt.Add(afterReset)
	case !u.until.After(now): // otherwise it was in flight at the previous block
		u.until = now.Add(min(blockLeast<<min(u.blocks, 3), blockMost))
		u.blocks++
	}
}

// end records the end of a call and its cost. Of calls that end together, the first accounts for
// the cost of all, the others for little; that is added to the next one, because a mean that is too
// high only reduces the calls at once.
func (u *usage) end() {
	const share = 4 // weight of one call in the mean
	if u.pending > 0 {
		u.pending--
	}
	grown := u.used - u.counted
	switch {
	case grown < 0 || u.counted == 0: // a part was forgotten, or belongs to earlier calls
	case grown <= u.cost/share:
		return
	case u.cost == 0:
		u.cost = grown
	default:
		u.cost += (grown - u.cost) / share
	}
	u.counted = u.used
}

// expected is the time used once the calls in flight are over.
func (u *usage) expected() time.Duration { return u.used + time.Duration(u.pending)*u.cost }

func (u *usage) old(now time.Time) bool { return now.Sub(u.seen) > forgetTime }
