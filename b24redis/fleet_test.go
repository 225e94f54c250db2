package b24redis_test

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// This file is the same in the modules b24redis and b24sql.

const (
	memberEnv = "B24_MEMBER" // what a member is to do
	method    = "server.time"
)

// job is what a member does: a test of this program, started again.
type job struct {
	Test    string  `json:"test"`
	Webhook string  `json:"webhook"`
	Store   string  `json:"store"` // what the test opens; empty: the member has a budget of its own
	Member  int     `json:"member"`
	Workers int     `json:"workers"` // that call, each one call after the other
	Rate    float64 `json:"rate"`
	Burst   int     `json:"burst"`
}

// called is what a member reports after each call.
type called struct {
	Member   int       `json:"member"`
	At       time.Time `json:"at"`
	Seconds  float64   `json:"seconds"`
	Err      string    `json:"err"`
	Waiting  int       `json:"waiting"` // as Budget says
	Members  int       `json:"members"`
	Degraded bool      `json:"degraded"`
}

// works is true in a member. It returns when the standard input ends.
func works(t *testing.T, open func(store string) b24.Store) bool {
	t.Helper()
	text := os.Getenv(memberEnv)
	if text == "" {
		return false
	}
	var j job
	require.NoError(t, json.Unmarshal([]byte(text), &j))
	opts := []b24.Option{b24.WithRateLimit(j.Rate, j.Burst)}
	if j.Store != "" {
		opts = append(opts, b24.WithStore(open(j.Store)))
	}
	h, err := b24.FromWebhookURL(j.Webhook, opts...)
	require.NoError(t, err)
	var (
		group sync.WaitGroup
		stop  atomic.Bool
		mu    sync.Mutex
	)
	out := json.NewEncoder(os.Stdout)
	for range j.Workers {
		group.Go(func() {
			for !stop.Load() {
				begun := time.Now()
				_, err := h.CallMethod(t.Context(), method, b24.Params{"member": j.Member})
				b := h.Budget()
				c := called{j.Member, time.Now(), time.Since(begun).Seconds(), "", b.Waiting, b.Members, b.Degraded}
				if err != nil {
					c.Err = err.Error()
				}
				mu.Lock()
				_ = out.Encode(c)
				mu.Unlock()
			}
		})
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	stop.Store(true)
	group.Wait()
	return true
}

// fleet is a portal and the processes that call it.
type fleet struct {
	testing.TB

	portal  *b24test.Portal
	job     job
	begun   time.Time
	members []*exec.Cmd
	ends    []io.Closer
	group   sync.WaitGroup

	mu    sync.Mutex
	calls []called
}

// newFleet starts a portal and a member for each number of workers.
func newFleet(tb testing.TB, j job, workers ...int) *fleet {
	tb.Helper()
	p, err := b24test.Start(b24test.WithQueryLimit(j.Rate, j.Burst))
	require.NoError(tb, err)
	tb.Cleanup(p.Close)
	j.Test, _, _ = strings.Cut(tb.Name(), "/")
	j.Webhook = p.WebhookURL()
	f := &fleet{TB: tb, portal: p, job: j, begun: time.Now()}
	tb.Cleanup(f.group.Wait)
	for _, n := range workers {
		f.join(n)
	}
	return f
}

// join starts a member.
func (f *fleet) join(workers int) {
	f.Helper()
	j := f.job
	j.Member, j.Workers = len(f.members), workers
	text, err := json.Marshal(j)
	require.NoError(f, err)
	cmd := exec.CommandContext(f.Context(), os.Args[0], "-test.run=^"+j.Test+"$")
	cmd.Env = append(os.Environ(), memberEnv+"="+string(text))
	in, err := cmd.StdinPipe()
	require.NoError(f, err)
	out, err := cmd.StdoutPipe()
	require.NoError(f, err)
	require.NoError(f, cmd.Start())
	f.members, f.ends = append(f.members, cmd), append(f.ends, in)
	f.group.Go(func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var c called
			if json.Unmarshal(lines.Bytes(), &c) != nil {
				if lines.Text() != "PASS" {
					f.Log("a member says: ", lines.Text())
				}
				continue
			}
			f.mu.Lock()
			f.calls = append(f.calls, c)
			f.mu.Unlock()
		}
		_ = cmd.Wait()
	})
}

// signal sends a signal to a member.
func (f *fleet) signal(member int, s syscall.Signal) {
	f.Helper()
	require.NoError(f, f.members[member].Process.Signal(s))
}

// end lets the members finish their calls, and checks that all calls ended, and well.
func (f *fleet) end(most time.Duration) {
	f.Helper()
	for _, in := range f.ends {
		_ = in.Close()
	}
	over := make(chan struct{})
	go func() { f.group.Wait(); close(over) }()
	select {
	case <-over:
	case <-time.After(most):
		f.Error("a call waits for ever")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.calls {
		assert.Empty(f, c.Err)
	}
}

// until waits until a call that has just ended says something, for each of some members.
func (f *fleet) until(what string, most time.Duration, says func(c called) bool, members ...int) {
	f.Helper()
	begun := time.Now()
	require.Eventually(f, func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, m := range members {
			if !slices.ContainsFunc(f.calls, func(c called) bool { return c.Member == m && c.At.After(begun) && says(c) }) {
				return false
			}
		}
		return true
	}, most, 10*time.Millisecond, what)
	f.Logf("%s: after %.1f s", what, time.Since(begun).Seconds())
}

// tally is what happened in some time.
type tally struct {
	begun   time.Time
	took    time.Duration
	total   int
	served  []int // by member
	refused int
	alone   int       // calls that ended in a member that had no store
	longest []float64 // seconds of a call, by member
}

// since counts what happened since a time.
func (f *fleet) since(what string, begun time.Time) tally {
	f.Helper()
	n := tally{begun: begun, took: time.Since(begun), served: make([]int, len(f.members)), longest: make([]float64, len(f.members))}
	for _, r := range f.portal.Requests() {
		switch {
		case r.Time.Before(begun):
		case r.Refused != "":
			n.refused++
		default:
			n.served[f.sender(r)]++
			n.total++
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.calls {
		if c.At.Before(begun) {
			continue
		}
		n.longest[c.Member] = max(n.longest[c.Member], c.Seconds)
		if c.Degraded {
			n.alone++
		}
	}
	f.Logf("%s: %d requests in %.1f s, %.1f/s, by member %v, %d refused, longest %.2f s, %d calls without the store",
		what, n.total, n.took.Seconds(), float64(n.total)/n.took.Seconds(), n.served, n.refused, slices.Max(n.longest), n.alone)
	return n
}

// serves waits until the portal has served n more requests, and checks that it did so at its rate.
func (f *fleet) serves(what string, n int) tally {
	f.Helper()
	begun, before := time.Now(), f.portal.Executed(method)
	require.Eventually(f, func() bool { return f.portal.Executed(method)-before >= n }, time.Minute, 10*time.Millisecond, what)
	got := f.since(what, begun)
	f.full(what, got)
	return got
}

// passes waits for some time.
func (f *fleet) passes(what string, d time.Duration) tally {
	f.Helper()
	begun := time.Now()
	<-time.After(d)
	return f.since(what, begun)
}

// full checks that members use what the portal gives, and no more. If the machine is so slow that a
// store takes 250 ms, calls without the store may be refused, and hold up the others.
func (f *fleet) full(what string, n tally) {
	f.Helper()
	assert.LessOrEqual(f, n.refused, n.alone, what)
	if n.alone == 0 {
		assert.Greater(f, float64(n.total)/n.took.Seconds(), 0.88*f.job.Rate, what)
	}
}

// even checks that some members had the same share.
func (f *fleet) even(what string, n tally, members ...int) {
	f.Helper()
	least, most := n.total, 0
	for _, m := range members {
		least, most = min(least, n.served[m]), max(most, n.served[m])
	}
	assert.LessOrEqual(f, most, 2*least, what)
}

// sender returns the member that sent a request.
func (f *fleet) sender(r b24test.Request) int {
	f.Helper()
	member, err := strconv.Atoi(string(r.Params["member"].(json.Number)))
	require.NoError(f, err)
	return member
}

// measure logs what five processes do in 40 s with the limit of most plans of the cloud.
func measure(t *testing.T, store string) {
	t.Helper()
	const d, part = 40 * time.Second, 5 * time.Second
	f := newFleet(t, job{Store: store, Rate: 2, Burst: 50}, 1, 8, 8, 8, 8)
	<-time.After(d)
	parts := make([][]int, d/part)
	for i := range parts {
		parts[i] = make([]int, len(f.members))
	}
	requests := f.portal.Requests()
	n := f.since(t.Name(), requests[0].Time)
	for _, r := range requests {
		if i := int(r.Time.Sub(n.begun) / part); r.Refused == "" && i < len(parts) {
			parts[i][f.sender(r)]++
		}
	}
	f.end(2 * time.Minute)
	n.longest = f.since("to the end", n.begun).longest
	t.Logf("%s: %d requests, %d refused, by member %v, longest %.2f s, in every 5 s %v", t.Name(), n.total, n.refused, n.served, n.longest, parts)
}

// byHand skips a test that only measures, unless the environment variable B24_FLEET is set.
func byHand(t *testing.T) {
	t.Helper()
	if os.Getenv("B24_FLEET") == "" {
		t.Skip("B24_FLEET is not set")
	}
}
