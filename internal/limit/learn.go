package limit

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"
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

// learner finds out how much of a plan the portal really gives. It has no lock and no clock, and
// is a part of a value in a store: the meaning of a member never changes.
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
	Plan size `json:"plan"` // the most that is ever granted
	Top  size `json:"top"`  // the limit of steps up
	Now  size `json:"now"`  // what is granted

	SteppedAt instant `json:"stepped,omitzero"` // the last step down; zero if there was none
	Sent      bool    `json:"sent,omitzero"`    // a request was sent since
	Idle      bool    `json:"idle,omitzero"`    // since then the portal could have accepted more
	Run       int     `json:"run,omitzero"`     // successes since
	Patience  int     `json:"patience"`         // successes until the top is raised

	Taken      int `json:"taken,omitzero"` // of the burst before that step, less what was refused
	LeastBurst int `json:"least,omitzero"`

	Rest jsontext.Value `json:",embed"` // what a later version adds
}

func newLearner(plan size) learner {
	return learner{Plan: plan, Top: plan, Now: plan, Patience: patience}
}

// configure sets another plan. A lowered budget stays lowered; the limit to which it may rise
// changes.
func (l *learner) configure(plan size) {
	if l.Now == l.Plan {
		l.Now = plan
	}
	l.Plan, l.Top = plan, plan
	l.Now = l.Now.atMost(plan)
}

// request records that a request is sent, and whether it had to wait.
func (l *learner) request(at time.Time, waited bool) {
	if !l.Sent {
		l.Sent, l.Run, l.Idle = true, 0, at.Sub(l.SteppedAt.Time) > emptied
	}
	l.Idle = l.Idle || !waited
}

// refuse records a refusal; spent is how much of the burst was in use. Requests that were in flight
// at the last step reveal nothing new about the rate.
func (l *learner) refuse(at time.Time, spent int) {
	if l.SteppedAt.IsZero() || l.Sent {
		l.LeastBurst = max(l.Now.burst/2, min(floorBurst, l.Plan.burst))
		l.Taken = spent
		l.step(at)
	}
	l.Taken--
	l.Top.burst = min(l.Top.burst, max(l.Taken, l.LeastBurst))
	l.Now.burst = min(l.Now.burst, l.Top.burst)
	l.Run = 0
}

func (l *learner) step(at time.Time) {
	floor := size{rate: floorRate, burst: floorBurst}.atMost(l.Plan)
	down := l.Now.rate * lower
	switch measured := l.measured(at); {
	case l.Now.rate >= freeRate:
		down = EnterpriseRate
	case measured > 0:
		down = measured
		l.Top.rate = max(down, floor.rate)
		if l.Run >= l.Patience { // raising the top failed
			l.Patience = min(2*l.Patience, maxPatience)
		}
	}
	l.Now.rate = max(down, floor.rate)
	l.Now.burst = max(int(float64(l.Now.burst)*lower), floor.burst)
	l.SteppedAt, l.Sent = instant{at}, false
}

// measured returns the rate of the portal; 0 if unknown.
func (l *learner) measured(at time.Time) float64 {
	if l.Idle || l.SteppedAt.IsZero() || l.Run < samples {
		return 0
	}
	return margin * min(l.Now.rate, float64(l.Run)/at.Sub(l.SteppedAt.Time).Seconds())
}

// accept records a success and reports whether the budget grew.
func (l *learner) accept() bool {
	if l.SteppedAt.IsZero() {
		return false
	}
	l.Run++
	if l.Run >= l.Patience && l.Run%liftRun == 0 {
		l.lift()
	}
	if l.Run%stepRun != 0 {
		return false
	}
	was := l.Now
	l.Now = l.Now.raised(l.Top)
	return l.Now != was
}

func (l *learner) lift() {
	l.Top = l.Top.raised(l.Plan)
	if l.Run >= 2*maxPatience {
		l.Patience = patience
	}
}
