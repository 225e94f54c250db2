package limit

import (
	"maps"
	"math"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	wantMost    = 16               // tokens for one question, at most
	againMost   = 5 * time.Second  // so often a member in line asks at least
	againLeast  = time.Millisecond // and so often at most
	placeGrace  = 5 * time.Second  // how late a member may come for its turn
	memberKeep  = time.Minute      // a member that does not ask for so long is no longer one
	membersMost = 200              // bounds the value
	burstMost   = 1 << 30          // an int of any machine holds it
)

// fleetState is the budget of a portal that several processes share: what they keep in a store. It
// has no lock and no clock; all its times are those of the store's clock. The meaning of a member
// never changes, and what a later version adds is kept.
type fleetState struct {
	Clock   instant            `json:"clock"` // time of the last change
	Budget  budget             `json:"budget"`
	Places  uint64             `json:"places"` // places in line given so far
	Members map[string]*member `json:"members"`
	Hot     hotMethods         `json:"hot,omitempty"`

	Rest jsontext.Value `json:",embed"`
}

// member is one process. It has one place in line for each lane, whatever the number of its
// callers.
type member struct {
	Seen  instant `json:"seen"`
	Plan  *size   `json:"plan,omitempty"` // nil: no preference
	Ask   uint64  `json:"ask"`            // number of its last question
	Got   int     `json:"got,omitzero"`   // what that was answered with
	Until instant `json:"until,omitzero"` // the places are given up then

	Interactive uint64 `json:"interactive,omitzero"` // place in line; 0: none
	Background  uint64 `json:"background,omitzero"`  // the same

	Rest jsontext.Value `json:",embed"`
}

// question is what a member says and wants.
type question struct {
	member   string
	number   uint64 // of this question, from 1
	heard    uint64 // number of the last question whose answer arrived
	plan     size   // zero: no preference
	waiting  [lanes]int
	accepted int // successes since the last question
	back     int // tokens that were not used
	debit    int // requests that were sent without asking

	refused    bool // a request was refused
	retryAfter time.Duration
	jitter     float64

	hot   hotReports
	seed  budget    // where the budget begins if there is none in the store
	local time.Time // the time of this process, which hot and seed are in
}

// granted is the answer.
type granted struct {
	tokens [lanes]int
	again  time.Duration // time until the next question, if somebody still waits
	held   time.Duration // time until the pause after a refusal ends
	state  *fleetState
	now    time.Time // of the store
}

// parseFleet reads what is stored. Something else than a state is replaced.
func parseFleet(old []byte) *fleetState {
	s := &fleetState{}
	if len(old) == 0 || json.Unmarshal(old, s) != nil || s.Budget.Learn.Plan == (size{}) {
		return nil
	}
	if s.Members == nil {
		s.Members = make(map[string]*member)
	}
	maps.DeleteFunc(s.Members, func(_ string, m *member) bool { return m == nil })
	for _, methods := range s.Hot {
		maps.DeleteFunc(methods, func(_ string, m *hotMethod) bool { return m == nil })
	}
	s.Budget.Tokens = max(s.Budget.Tokens, 0) // rounding may leave a little less
	return s
}

func newFleetState(now time.Time, b budget) *fleetState {
	return &fleetState{Clock: instant{now}, Budget: b, Members: make(map[string]*member)}
}

func (s *fleetState) encode() ([]byte, error) { return json.Marshal(s, json.Deterministic(true)) }

// ask answers a question at a time of the store's clock.
func (s *fleetState) ask(now time.Time, q *question) granted {
	s.rewind(now)
	m := s.enter(now, q)
	for range min(q.accepted, 2*maxPatience) {
		s.Budget.accept(func() time.Time { return now })
	}
	s.Budget.debit(now, q.debit*len(s.Members)) // the others had the outage, too, and may come later
	lost := 0
	if m.Ask > q.heard {
		lost = m.Got // nobody received it
	}
	s.Budget.put(now, q.back+lost)
	if q.refused {
		s.Budget.refuse(now, q.retryAfter, q.jitter)
	}
	s.Hot.add(now, q.local, q.hot)
	g := granted{state: s, now: now, held: max(0, s.Budget.Hold.Sub(now))}
	g.tokens = s.serve(now, m, q.waiting)
	m.Ask, m.Got = q.number, g.tokens[Interactive]+g.tokens[Background]
	g.again = s.again(now, m)
	m.Until = instant{now.Add(g.again + placeGrace)}
	return g
}

// rewind moves all times if the store's clock jumped back, so that nothing lasts longer.
func (s *fleetState) rewind(now time.Time) {
	if back := now.Sub(s.Clock.Time); back < 0 {
		for _, t := range []*instant{&s.Budget.At, &s.Budget.Hold, &s.Budget.Since, &s.Budget.Learn.SteppedAt} {
			t.shift(back)
		}
		for _, m := range s.Members {
			m.Seen.shift(back)
			m.Until.shift(back)
		}
		s.Hot.shift(back)
	}
	s.Clock = instant{now}
	if last := now.Add(maxHold); s.Budget.Hold.After(last) {
		s.Budget.Hold = instant{last}
	}
	if last := later(now, s.Budget.Hold.Time); s.Budget.At.After(last) {
		s.Budget.At = instant{last}
	}
}

// enter finds the member that asks, forgets those that are gone, and sets the lowest plan of all.
func (s *fleetState) enter(now time.Time, q *question) *member {
	m := s.Members[q.member]
	if m == nil {
		m = &member{Ask: q.heard}
		s.makeRoom()
		s.Members[q.member] = m
	}
	m.Seen, m.Plan = instant{now}, nil
	if q.plan != (size{}) {
		m.Plan = &q.plan
	}
	var plans []size
	for id, other := range s.Members {
		if now.Sub(other.Seen.Time) > memberKeep {
			delete(s.Members, id)
			continue
		}
		if !now.Before(other.Until.Time) && other != m {
			other.Interactive, other.Background = 0, 0
		}
		if other.Plan != nil {
			plans = append(plans, *other.Plan)
		}
	}
	s.Budget.configure(now, fleetPlan(lowest(plans)))
	return m
}

// makeRoom forgets the member that was silent for longest, if there are too many.
func (s *fleetState) makeRoom() {
	if len(s.Members) < membersMost {
		return
	}
	oldest := ""
	for id, m := range s.Members {
		if oldest == "" || m.Seen.Before(s.Members[oldest].Seen.Time) {
			oldest = id
		}
	}
	delete(s.Members, oldest)
}

// fleetPlan returns what processes may use of a plan: one less at once, because requests that were
// granted evenly may arrive closer together.
func fleetPlan(plan size) size {
	plan.burst = max(1, min(plan.burst, burstMost)-1)
	return plan
}

// lowest returns the lowest of the plans, the standard one if there is none.
func lowest(plans []size) size {
	if len(plans) == 0 {
		return size{rate: StandardRate, burst: StandardBurst}
	}
	low := plans[0]
	for _, p := range plans[1:] {
		low = low.atMost(p)
	}
	return low
}

// serve grants tokens to a member: interactive callers first, unless the background lane as a whole
// got nothing for long and the member is the first in it. Who still wants something has a place in
// line afterwards, at the end if it got some.
func (s *fleetState) serve(now time.Time, m *member, waiting [lanes]int) (got [lanes]int) {
	order := []Lane{Interactive, Background}
	promoted := s.promoted(now) == m && waiting[Background] > 0
	if promoted {
		order = []Lane{Background, Interactive}
	}
	for _, lane := range order {
		want := min(waiting[lane], wantMost-got[Interactive]-got[Background])
		blocked := lane == Background && !promoted && waiting[Interactive] > got[Interactive]
		if promoted && lane == Background {
			want = min(want, 1)
		}
		if want > 0 && !blocked {
			got[lane] = s.take(now, m, lane, want)
		}
		s.queue(m, lane, waiting[lane]-got[lane], got[lane] > 0)
	}
	s.waits(now, got[Background])
	return got
}

// take takes as many tokens as the member may have: its share, if others are in line.
func (s *fleetState) take(now time.Time, m *member, lane Lane, want int) (got int) {
	ahead, others := s.line(now, m, lane)
	leave := s.leave(now, m, lane, ahead)
	if others > 0 && !s.Budget.Learn.Now.unlimited() {
		free := int(s.Budget.tokens(now)) - leave + ahead
		want = min(want, max(1, free/(others+1)))
	}
	for got < want && s.Budget.take(now, leave, m.place(lane) != 0) {
		got++
	}
	return got
}

// leave returns how many tokens a member leaves to those before it. It is less than the burst:
// members that died in line must not stop the others.
func (s *fleetState) leave(now time.Time, m *member, lane Lane, ahead int) int {
	if lane == Background && s.promoted(now) != m {
		ahead += s.Budget.reserve()
	}
	return min(ahead, s.Budget.Learn.Now.burst-1)
}

// queue gives a member its place in line.
func (s *fleetState) queue(m *member, lane Lane, waiting int, served bool) {
	place := &m.Interactive
	if lane == Background {
		place = &m.Background
	}
	switch {
	case waiting <= 0:
		*place = 0
	case *place == 0 || served:
		s.Places++
		*place = s.Places
	}
}

// waits records since when the background lane as a whole waits.
func (s *fleetState) waits(now time.Time, got int) {
	if s.first(Background) == nil {
		s.Budget.Since = instant{}
	} else if got > 0 || s.Budget.Since.IsZero() {
		s.Budget.Since = instant{now}
	}
}

// again returns when a member in line should ask again.
func (s *fleetState) again(now time.Time, m *member) time.Duration {
	next := againMost
	for lane := range lanes {
		if m.place(lane) == 0 {
			continue
		}
		ahead, _ := s.line(now, m, lane)
		at := s.Budget.eta(now, 1+s.leave(now, m, lane, ahead))
		if lane == Background && s.first(Background) == m {
			at = earlier(at, later(s.Budget.Since.Add(starvation), s.Budget.eta(now, 1)))
		}
		next = min(next, max(againLeast, at.Sub(now)))
	}
	return next
}

func (m *member) place(lane Lane) uint64 {
	if lane == Background {
		return m.Background
	}
	return m.Interactive
}

// first returns the member that is first in a lane, nil if nobody is.
func (s *fleetState) first(lane Lane) (first *member) {
	for _, m := range s.Members {
		if at := m.place(lane); at != 0 && (first == nil || at < first.place(lane)) {
			first = m
		}
	}
	return first
}

// promoted returns the member whose background callers come before all others, if there is one.
func (s *fleetState) promoted(now time.Time) *member {
	if !s.Budget.starved(now) {
		return nil
	}
	return s.first(Background)
}

// line returns how many places in line of other members come before that of a member, who has the
// last one if it has none yet, and how many others are in its lane.
func (s *fleetState) line(now time.Time, m *member, lane Lane) (ahead, others int) {
	promoted := s.promoted(now)
	if lane == Background && promoted == m {
		return 0, 0
	}
	mine := m.place(lane)
	if mine == 0 {
		mine = math.MaxUint64
	}
	for _, other := range s.Members {
		if other == m {
			continue
		}
		for their := range lanes {
			place := other.place(their)
			first := their == Background && other == promoted
			if place != 0 && (first || their < lane || their == lane && place < mine) {
				ahead++
			}
		}
		if other.place(lane) != 0 {
			others++
		}
	}
	return ahead, others
}
