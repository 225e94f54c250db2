package limit

import (
	"math"
	"time"
)

// How a budget is learned. The JS library steps down after five errors within a minute; here, one
// volley of refusals is a step.
const (
	floorRate  = 0.5 // calls per second
	floorBurst = 5

	lower = 0.8 // factor of a step down
	raise = 1.1 // factor of a step up

	stepRun = 20  // successes for a step up
	liftRun = 100 // the same for the top, after patience

	samples = 20               // successes needed for a measurement
	margin  = 0.98             // factor applied to the measured rate
	emptied = 10 * time.Second // a pause in which the portal's bucket may have emptied

	patience    = 250  // successes at a measured top before more is tried
	maxPatience = 2000 // the same after many failed attempts

	freeRate = 1000 // rates from here on count as no limit
)

// budget is a number of calls per second and a number of calls at once.
type budget struct {
	rate  float64
	burst int
}

func (b budget) atMost(top budget) budget {
	return budget{rate: min(b.rate, top.rate), burst: min(b.burst, top.burst)}
}

// raised returns the budget one step up, at most top.
func (b budget) raised(top budget) budget {
	up := budget{rate: b.rate * raise, burst: top.burst}
	if step := max(1, b.burst/10); b.burst < top.burst-step { // a tenth; a sum could overflow an int
		up.burst = b.burst + step
	}
	if up.rate >= freeRate && math.IsInf(top.rate, 1) {
		up.rate = top.rate
	}
	return up.atMost(top)
}

// learner finds out how much of a plan the portal really gives. It has no lock and no clock.
//
// A refusal is a step down, and successes are steps back up to the top. The top is the plan, or
// less once the portal's rate or burst has been measured.
//
// A refusal means that the portal's bucket is full. Between two refusals the portal accepted as
// much as it drained, so accepted requests divided by time is its rate, provided that somebody was
// always waiting and the pause was short.
//
// What was taken of the burst, less what was refused of it, is the portal's burst. But others may
// have filled the portal's bucket, so one step at most halves the burst.
//
// Many consecutive successes raise the top; if that fails, the next attempt needs twice as many.
type learner struct {
	plan budget // the most that is ever granted
	top  budget // the limit of steps up
	now  budget // what is granted

	steppedAt time.Time // the last step down; zero if there was none
	sent      bool      // a request was sent since
	idle      bool      // since then the portal could have accepted more
	run       int       // successes since
	patience  int       // successes until the top is raised

	taken      int // of the burst before that step, less what was refused
	leastBurst int
}

func newLearner(plan budget) learner {
	return learner{plan: plan, top: plan, now: plan, patience: patience}
}

// configure sets another plan. A lowered budget stays lowered; the limit to which it may rise
// changes.
func (l *learner) configure(plan budget) {
	if l.now == l.plan {
		l.now = plan
	}
	l.plan, l.top = plan, plan
	l.now = l.now.atMost(plan)
}

// request records that a request is sent, and whether it had to wait.
func (l *learner) request(at time.Time, waited bool) {
	if !l.sent {
		l.sent, l.run, l.idle = true, 0, at.Sub(l.steppedAt) > emptied
	}
	l.idle = l.idle || !waited
}

// refuse records a refusal; spent is how much of the burst was in use. Requests that were in flight
// at the last step reveal nothing new about the rate.
func (l *learner) refuse(at time.Time, spent int) {
	if l.steppedAt.IsZero() || l.sent {
		l.leastBurst = max(l.now.burst/2, min(floorBurst, l.plan.burst))
		l.taken = spent
		l.step(at)
	}
	l.taken--
	l.top.burst = min(l.top.burst, max(l.taken, l.leastBurst))
	l.now.burst = min(l.now.burst, l.top.burst)
	l.run = 0
}

func (l *learner) step(at time.Time) {
	floor := budget{rate: floorRate, burst: floorBurst}.atMost(l.plan)
	down := l.now.rate * lower
	switch measured := l.measured(at); {
	case l.now.rate >= freeRate:
		down = EnterpriseRate
	case measured > 0:
		down = measured
		l.top.rate = max(down, floor.rate)
		if l.run >= l.patience { // raising the top failed
			l.patience = min(2*l.patience, maxPatience)
		}
	}
	l.now.rate = max(down, floor.rate)
	l.now.burst = max(int(float64(l.now.burst)*lower), floor.burst)
	l.steppedAt, l.sent = at, false
}

// measured returns the rate of the portal; 0 if unknown.
func (l *learner) measured(at time.Time) float64 {
	if l.idle || l.steppedAt.IsZero() || l.run < samples {
		return 0
	}
	return margin * min(l.now.rate, float64(l.run)/at.Sub(l.steppedAt).Seconds())
}

// accept records a success and reports whether the budget grew.
func (l *learner) accept() bool {
	if l.steppedAt.IsZero() {
		return false
	}
	l.run++
	if l.run >= l.patience && l.run%liftRun == 0 {
		l.lift()
	}
	if l.run%stepRun != 0 {
		return false
	}
	was := l.now
	l.now = l.now.raised(l.top)
	return l.now != was
}

func (l *learner) lift() {
	l.top = l.top.raised(l.plan)
	if l.run >= 2*maxPatience {
		l.patience = patience
	}
}
