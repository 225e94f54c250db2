package b24

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// Stats counts what a client did. It is a copy.
type Stats struct {
	// Calls counts finished calls: Succeeded + Failed. Calls refused for their parameters do not
	// count.
	Calls, Succeeded, Failed int64
	// Attempts counts requests, including repeats and those that sent nothing.
	Attempts int64
	// Waited is the time that calls waited: for the operating time of their methods, for the
	// request rate (including the Wait of your own [Limiter]), and between attempts. Parallel calls
	// count separately, so it can exceed the elapsed time. It excludes the attempts themselves and
	// calls in flight, except the waits between the requests of a batch.
	Waited time.Duration
	// Refusals is the number of answers in which the portal refused a call, or commands of a batch,
	// because of its limits.
	Refusals int64
	// Methods holds the counts of each method.
	Methods map[string]MethodStats
	// LastErrors holds the latest failures, up to 100, the newest last.
	LastErrors []CallFailure
}

// MethodStats counts the calls of one method.
type MethodStats struct {
	// Calls is the number of calls, and Failed is the number of failed calls among them.
	Calls, Failed int64
	// Attempts counts requests, repeats included.
	Attempts int64
	// Duration is the total time of all calls, including attempts and waits.
	Duration time.Duration
}

// CallFailure is one failed call.
type CallFailure struct {
	// Time is when the call failed.
	Time time.Time
	// Method is the called method, and RequestID is the id of the call.
	Method, RequestID string
	// Err is the error that the caller got.
	Err error
}

const maxLastErrors = 100

// counter collects Stats.
type counter struct {
	mu   sync.Mutex
	data Stats
}

func (c *counter) snapshot() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.data
	s.Methods = maps.Clone(s.Methods)
	if s.Methods == nil {
		s.Methods = map[string]MethodStats{}
	}
	s.LastErrors = slices.Clone(s.LastErrors)
	return s
}

func (c *counter) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.data = Stats{}
}

// count adds one finished call.
func (c *counter) count(q *query, err error, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.data.Methods == nil {
		c.data.Methods = make(map[string]MethodStats)
	}
	m := c.data.Methods[q.method]
	c.data.Calls++
	c.data.Attempts += int64(q.attempts)
	c.data.Refusals += int64(q.refusals)
	c.data.Waited += q.waited
	m.Calls++
	m.Attempts += int64(q.attempts)
	m.Duration += took
	if err == nil {
		c.data.Succeeded++
	} else {
		c.data.Failed++
		m.Failed++
		c.failed(CallFailure{Time: time.Now(), Method: q.method, RequestID: q.requestID, Err: err})
	}
	c.data.Methods[q.method] = m
}

// refused adds an answer in which commands of a batch were refused, and the wait after it.
func (c *counter) refused(waited time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.data.Refusals++
	c.data.Waited += waited
}

func (c *counter) failed(f CallFailure) {
	if n := len(c.data.LastErrors); n == maxLastErrors {
		copy(c.data.LastErrors, c.data.LastErrors[1:])
		c.data.LastErrors[n-1] = f
		return
	}
	c.data.LastErrors = append(c.data.LastErrors, f)
}
