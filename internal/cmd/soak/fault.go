package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/b24go/b24"         //nolint:depguard // it soaks the public API
	"github.com/b24go/b24/b24test" //nolint:depguard // and needs a portal for it
)

// attemptTimeout bounds each attempt of every client.
const attemptTimeout = time.Second

// mishap is a kind of fault and its weight among others.
type mishap struct {
	name   string
	weight int
	fault  func(rnd *rand.Rand) b24test.Fault
}

// faults draws the faults of a site's requests. The n-th request gets the same fault in each run
// with the same seed.
type faults struct {
	mu       sync.Mutex
	rnd      *rand.Rand
	requests []mishap
	commands []mishap
	counts   map[string]int
}

// setting is what the faults of a site may do.
type setting struct {
	guarded bool   // clients respect limits for a long time, so refusals are rare
	moves   bool   // the portal is renamed
	address string // of the webhook: a proxy's page may show it
}

func newFaults(seed uint64, s setting) *faults {
	f := &faults{rnd: source(seed), counts: map[string]int{}}
	f.requests = append(lostAnswers(), odd(s)...)
	f.commands = commandFaults()
	if s.guarded {
		f.requests = append(f.requests, mishap{"operating limit for a second", 1, always(b24test.OperationTimeLimit().RetryAfter(time.Second))})
	} else {
		f.requests = append(f.requests, refusals()...)
		f.commands = append(f.commands,
			mishap{"command: query limit", 10, always(b24test.QueryLimitExceeded())},
			mishap{"command: operating limit", 10, always(b24test.OperationTimeLimit())})
	}
	if s.moves {
		f.requests = append(f.requests, mishap{"renamed", 60, renamed}, mishap{"renamed, address in Location", 20, renamedWith(s.address)})
	}
	return f
}

func source(seed uint64, more ...uint64) *rand.Rand {
	for _, m := range more {
		seed = seed*1_000_003 + m + 1
	}
	return rand.New(rand.NewPCG(seed, 24)) //nolint:gosec // seeded, so that a soak can be repeated
}

// request draws the fault of a request; false if there is none.
func (f *faults) request() (b24test.Fault, bool) {
	const percent = 12
	return f.draw(f.requests, percent)
}

// command draws the fault of one command of a batch; false if there is none.
func (f *faults) command() (b24test.Fault, bool) {
	const percent = 15
	return f.draw(f.commands, percent)
}

func (f *faults) draw(list []mishap, percent int) (b24test.Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.rnd.IntN(100) >= percent { //nolint:mnd // percent
		return b24test.Fault{}, false
	}
	chosen := list[0]
	n := f.rnd.IntN(weightOf(list))
	for _, m := range list {
		if n -= m.weight; n < 0 {
			chosen = m
			break
		}
	}
	f.counts[chosen.name]++
	return chosen.fault(f.rnd), true
}

// choose returns a number below n.
func (f *faults) choose(n int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.rnd.IntN(n)
}

func weightOf(list []mishap) int {
	sum := 0
	for _, m := range list {
		sum += m.weight
	}
	return sum
}

func always(f b24test.Fault) func(*rand.Rand) b24test.Fault {
	return func(*rand.Rand) b24test.Fault { return f }
}

// lostAnswers returns faults that leave the caller without an answer, whether or not the method
// ran.
func lostAnswers() []mishap {
	const late = attemptTimeout + attemptTimeout/2
	return []mishap{
		{"reset before", 80, always(b24test.ResetBefore())},
		{"reset after", 80, always(b24test.ResetAfter())},
		{"body cut at once", 20, always(b24test.CutBody(0))},
		{"body cut", 60, func(rnd *rand.Rand) b24test.Fault { return b24test.CutBody(1 + rnd.IntN(200)) }},
		{"502 page", 60, always(b24test.HTML(http.StatusBadGateway))},
		{"504 page, ran", 60, always(b24test.HTML(http.StatusGatewayTimeout).Executed())},
		{"408 page", 10, always(b24test.HTML(http.StatusRequestTimeout))},
		{"200 page, ran", 30, always(b24test.HTML(http.StatusOK).Executed())},
		{"bare 500", 20, always(b24test.Empty(http.StatusInternalServerError))},
		{"bare 500, ran", 30, always(b24test.Empty(http.StatusInternalServerError).Executed())},
		{"bare 503", 20, always(b24test.Empty(http.StatusServiceUnavailable))},
		{"bare 200, ran", 20, always(b24test.Empty(http.StatusOK).Executed())},
		{"garbage", 20, always(b24test.Garbage())},
		{"garbage, ran", 20, always(b24test.Garbage().Executed())},
		{"portal's 500", 40, always(b24test.InternalServerError())},
		{"portal's 500, ran", 40, always(b24test.InternalServerError().Executed())},
		{"timeout before", 1, always(b24test.Delay(late))},
		{"timeout after", 1, always(b24test.DelayAnswer(late))},
	}
}

// odd returns faults that end a call, or have no effect.
func odd(s setting) []mishap {
	return []mishap{
		{"delay", 120, func(rnd *rand.Rand) b24test.Fault { return b24test.Delay(span(rnd, 15*time.Millisecond)) }},
		{"delayed answer", 120, func(rnd *rand.Rand) b24test.Fault { return b24test.DelayAnswer(span(rnd, 15*time.Millisecond)) }},
		{"firewall's 403", 8, always(b24test.HTML(http.StatusForbidden))},
		{"proxy's 413", 4, always(b24test.HTML(http.StatusRequestEntityTooLarge))},
		{"overload", 8, always(b24test.OverloadLimit())},
		{"denied", 8, always(b24test.Refuse(&b24.Error{Code: "ACCESS_DENIED", Description: "Access denied!"}))},
		{"own code", 8, always(b24test.Refuse(&b24.Error{Code: "MY_CODE", Description: "no"}))},
		{"own code of v3", 8, always(b24test.RefuseV3(&b24.Error{Code: "BITRIX_REST_V3_EXCEPTION_LOGICEXCEPTION", Description: "no"}))},
		{"own code in 500", 8, always(b24test.Refuse(&b24.Error{Code: "MY_CODE", Status: http.StatusInternalServerError}))},
		{"redirect nowhere", 8, always(b24test.Redirect(http.StatusFound, "/login"))},
		{"redirect into the open", 8, always(b24test.Redirect(http.StatusFound, "http://open.example/"))},
		{"page with the address", 10, always(b24test.Answer(b24test.Raw{Status: http.StatusBadGateway, Body: "<html>no gateway at " + s.address + "</html>"}))},
		{"error with the address", 10, always(b24test.Refuse(&b24.Error{Code: "MY_CODE", Description: "bad call of " + s.address + "profile"}))},
	}
}

// refusals returns the faults that refuse a request for the portal's limits.
func refusals() []mishap {
	busy := func(status int, code string) b24test.Fault {
		return b24test.Status(status, fmt.Sprintf(`{"error":%q,"error_description":"d"}`, code))
	}
	return []mishap{
		{"query limit, 503", 80, always(b24test.QueryLimitExceeded())},
		{"query limit, 429", 30, always(busy(http.StatusTooManyRequests, "query_limit_exceeded"))},
		{"query limit, 200", 20, always(busy(http.StatusOK, "QUERY_LIMIT_EXCEEDED"))},
		{"query limit for a second", 1, always(b24test.QueryLimitExceeded().RetryAfter(time.Second))},
		{"operating limit, 429", 40, always(b24test.OperationTimeLimit())},
		{"operating limit, 200", 20, always(busy(http.StatusOK, "OPERATION_TIME_LIMIT"))},
		{"operating limit of v3", 20, always(b24test.RefuseV3(&b24.Error{Code: "BITRIX_REST_V3_EXCEPTION_RATELIMITEXCEPTION"}))},
		{"no database", 20, always(busy(http.StatusUnauthorized, "CONNECTION_ERROR"))},
	}
}

// commandFaults returns the faults of single commands of a batch.
func commandFaults() []mishap {
	return []mishap{
		{"command: omitted", 10, always(b24test.Omit())},
		{"command: omitted, ran", 10, always(b24test.Omit().Executed())},
		{"command: own code", 6, always(b24test.Refuse(&b24.Error{Code: "MY_CODE", Description: "no"}))},
		{"command: reset before", 10, always(b24test.ResetBefore())},
		{"command: reset after", 10, always(b24test.ResetAfter())},
		{"command: 502 page", 10, always(b24test.HTML(http.StatusBadGateway))},
		{"command: 502 page, ran", 10, always(b24test.HTML(http.StatusBadGateway).Executed())},
		{"command: body cut", 10, always(b24test.CutBody(40))},
		{"command: delay", 10, always(b24test.Delay(2 * time.Millisecond))},
	}
}

func renamed(rnd *rand.Rand) b24test.Fault { return renamedWith("/")(rnd) }

// renamedWith returns a redirect to a new host, with address in the query of its Location.
func renamedWith(address string) func(*rand.Rand) b24test.Fault {
	return func(rnd *rand.Rand) b24test.Fault {
		statuses := []int{
			http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect,
		}
		host := fmt.Sprintf("https://p%d.renamed.example/", rnd.IntN(9))
		return b24test.Redirect(statuses[rnd.IntN(len(statuses))], host+"?from="+address)
	}
}

// span returns a random part of d, which must be positive.
func span(rnd *rand.Rand, d time.Duration) time.Duration { return time.Duration(rnd.Int64N(int64(d))) }
