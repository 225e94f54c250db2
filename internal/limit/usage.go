package limit

import "time"

// clockNoise: two resets so near are one, told over a network by a clock that is
// not ours.
const clockNoise = 2 * time.Second

// usage is what is known of the operating time of one method.
type usage struct {
	used    time.Duration // as last reported
	resetAt time.Time     // when the portal forgets a part of it; zero: unknown
	seen    time.Time     // the last report
	until   time.Time     // blocked by the portal
	blocks  int           // in a row, without a reset to wait for

	pending int           // calls under way
	counted time.Duration // used, when the last of them ended
	cost    time.Duration // mean of a call
	waiting queue         // for calls under way to end
}

// report notes what an answer says, unless it says less than is known: answers
// overtake each other, and a batch names a method several times. A reset that
// passed or moved on begins a new count; until then the count only grows.
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

// reset notes when the portal forgets a part, if it said so. No clock that goes
// wrong can make that later than the window.
func (u *usage) reset(at, now time.Time) {
	if at.IsZero() {
		return
	}
	u.resetAt = at
	if last := now.Add(window); at.After(last) {
		u.resetAt = last
	}
}

// block notes that the portal refused a call.
func (u *usage) block(limit time.Duration, resetAt, now time.Time) {
	if resetAt.After(now) {
		u.reset(resetAt, now)
	}
	u.used, u.seen = max(u.used, limit), now
	switch {
	case u.resetAt.After(now):
		u.until = u.resetAt.Add(afterReset)
	case !u.until.After(now): // otherwise it was under way at the block before
		u.until = now.Add(min(blockLeast<<min(u.blocks, 3), blockMost))
		u.blocks++
	}
}

// end notes that a call is over, and what it cost. Of calls that end together the
// first tells what all of them cost, and the others little: that is added to the
// next one, for a mean that is too high only lets fewer calls go at once.
func (u *usage) end() {
	const share = 4 // of a call in the mean
	if u.pending > 0 {
		u.pending--
	}
	grown := u.used - u.counted
	switch {
	case grown < 0 || u.counted == 0: // a part was forgotten, or is of earlier calls
	case grown <= u.cost/share:
		return
	case u.cost == 0:
		u.cost = grown
	default:
		u.cost += (grown - u.cost) / share
	}
	u.counted = u.used
}

// expected is what is used once the calls under way are over.
func (u *usage) expected() time.Duration { return u.used + time.Duration(u.pending)*u.cost }

func (u *usage) old(now time.Time) bool { return now.Sub(u.seen) > forgetTime }
