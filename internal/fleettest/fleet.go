// Package fleettest starts a test's program several times, as the processes that share a portal. It is for
// tests of the stores in modules of their own.
package fleettest

import (
	"bufio"
	"encoding/json"
	"fmt"
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

const (
	memberEnv = "B24_MEMBER" // what a member is to do
	method    = "server.time"
)

// Job is what a member does: a test of this program, started again.
type Job struct {
	Test    string  `json:"test"`
	Webhook string  `json:"webhook"`
	Store   string  `json:"store"` // what the test opens; empty: the member has a budget of its own
	Member  int     `json:"member"`
	Workers int     `json:"workers"` // that call, each one call after the other
	Rate    float64 `json:"rate"`
	Burst   int     `json:"burst"`
}

// Called is what a member reports after each call.
type Called struct {
	Member   int       `json:"member"`
	At       time.Time `json:"at"`
	Seconds  float64   `json:"seconds"`
	Err      string    `json:"err"`
	Waiting  int       `json:"waiting"` // as Budget says
	Members  int       `json:"members"`
	Degraded bool      `json:"degraded"`
}

// Works is true in a member. It returns when the standard input ends.
func Works(t *testing.T, open func(store string) b24.Store) bool {
	t.Helper()
	text := os.Getenv(memberEnv)
	if text == "" {
		return false
	}
	var j Job
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
				c := Called{j.Member, time.Now(), time.Since(begun).Seconds(), "", b.Waiting, b.Members, b.Degraded}
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

// Fleet is a portal and the processes that call it.
type Fleet struct {
	testing.TB

	portal  *b24test.Portal
	job     Job
	Begun   time.Time
	members []*exec.Cmd
	ends    []io.Closer
	group   sync.WaitGroup

	mu    sync.Mutex
	calls []Called
}

// New starts a portal and a member for each number of workers.
func New(tb testing.TB, j Job, workers ...int) *Fleet {
	tb.Helper()
	p, err := b24test.Start(b24test.WithQueryLimit(j.Rate, j.Burst))
	require.NoError(tb, err)
	tb.Cleanup(p.Close)
	j.Test, _, _ = strings.Cut(tb.Name(), "/")
	j.Webhook = p.WebhookURL()
	f := &Fleet{TB: tb, portal: p, job: j, Begun: time.Now()}
	tb.Cleanup(f.group.Wait)
	for _, n := range workers {
		f.join(n)
	}
	return f
}

// join starts a member.
func (f *Fleet) join(workers int) {
	f.Helper()
	j := f.job
	j.Member, j.Workers = len(f.members), workers
	text, err := json.Marshal(j)
	require.NoError(f, err)
	cmd := exec.CommandContext(f.Context(), os.Args[0], "-test.run=^"+j.Test+"$") //nolint:gosec // this program itself
	cmd.Env = append(os.Environ(), memberEnv+"="+string(text))
	in, err := cmd.StdinPipe()
	require.NoError(f, err)
	out, err := cmd.StdoutPipe()
	require.NoError(f, err)
	require.NoError(f, cmd.Start())
	f.members, f.ends = append(f.members, cmd), append(f.ends, in)
	f.group.Go(func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var c Called
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

// Signal sends a signal to a member.
func (f *Fleet) Signal(member int, s syscall.Signal) {
	f.Helper()
	require.NoError(f, f.members[member].Process.Signal(s))
}

// End lets the members finish their calls, and checks that all calls ended, and well.
func (f *Fleet) End(most time.Duration) {
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

// Until waits until a call that has just ended says something, for each of some members.
func (f *Fleet) Until(what string, most time.Duration, says func(c Called) bool, members ...int) {
	f.Helper()
	begun := time.Now()
	require.Eventually(f, func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, m := range members {
			if !slices.ContainsFunc(f.calls, func(c Called) bool { return c.Member == m && c.At.After(begun) && says(c) }) {
				return false
			}
		}
		return true
	}, most, 10*time.Millisecond, what)
	f.Logf("%s: after %.1f s", what, time.Since(begun).Seconds())
}

// Tally is what happened in some time.
type Tally struct {
	begun   time.Time
	took    time.Duration
	Total   int
	Served  []int // by member
	Refused int
	alone   int       // calls that ended in a member that had no store
	Longest []float64 // seconds of a call, by member
}

// Since counts what happened since a time.
func (f *Fleet) Since(what string, begun time.Time) Tally {
	f.Helper()
	n := Tally{begun: begun, took: time.Since(begun), Served: make([]int, len(f.members)), Longest: make([]float64, len(f.members))}
	for _, r := range f.portal.Requests() {
		switch {
		case r.Time.Before(begun):
		case r.Refused != "":
			n.Refused++
		default:
			n.Served[f.sender(r)]++
			n.Total++
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.calls {
		if c.At.Before(begun) {
			continue
		}
		n.Longest[c.Member] = max(n.Longest[c.Member], c.Seconds)
		if c.Degraded {
			n.alone++
		}
	}
	f.Logf("%s: %d requests in %.1f s, %.1f/s, by member %v, %d refused, longest %.2f s, %d calls without the store",
		what, n.Total, n.took.Seconds(), float64(n.Total)/n.took.Seconds(), n.Served, n.Refused, slices.Max(n.Longest), n.alone)
	return n
}

// Serves waits until the portal has served n more requests, and checks that it did so at its rate.
func (f *Fleet) Serves(what string, n int) Tally {
	f.Helper()
	begun, before := time.Now(), f.portal.Executed(method)
	require.Eventually(f, func() bool { return f.portal.Executed(method)-before >= n }, time.Minute, 10*time.Millisecond, what)
	got := f.Since(what, begun)
	f.Full(what, got)
	return got
}

// Passes waits for some time.
func (f *Fleet) Passes(what string, d time.Duration) Tally {
	f.Helper()
	begun := time.Now()
	<-time.After(d)
	return f.Since(what, begun)
}

// Full checks that members use what the portal gives, and no more. If the machine is so slow that a
// store takes 250 ms, calls without the store may be refused, and hold up the others.
func (f *Fleet) Full(what string, n Tally) {
	f.Helper()
	assert.LessOrEqual(f, n.Refused, n.alone, what)
	if n.alone == 0 {
		assert.Greater(f, float64(n.Total)/n.took.Seconds(), 0.88*f.job.Rate, what)
	}
}

// Even checks that some members had the same share.
func (f *Fleet) Even(what string, n Tally, members ...int) {
	f.Helper()
	least, most := n.Total, 0
	for _, m := range members {
		least, most = min(least, n.Served[m]), max(most, n.Served[m])
	}
	assert.LessOrEqual(f, most, 2*least, what)
}

// sender returns the member that sent a request.
func (f *Fleet) sender(r b24test.Request) int {
	f.Helper()
	member, err := strconv.Atoi(fmt.Sprint(r.Params["member"]))
	require.NoError(f, err)
	return member
}

// Measure logs what five processes do in 40 s with the limit of most plans of the cloud.
func Measure(t *testing.T, store string) {
	t.Helper()
	const d, part = 40 * time.Second, 5 * time.Second
	f := New(t, Job{Store: store, Rate: 2, Burst: 50}, 1, 8, 8, 8, 8)
	<-time.After(d)
	parts := make([][]int, d/part)
	for i := range parts {
		parts[i] = make([]int, len(f.members))
	}
	requests := f.portal.Requests()
	n := f.Since(t.Name(), requests[0].Time)
	for _, r := range requests {
		if i := int(r.Time.Sub(n.begun) / part); r.Refused == "" && i < len(parts) {
			parts[i][f.sender(r)]++
		}
	}
	f.End(2 * time.Minute)
	n.Longest = f.Since("to the end", n.begun).Longest
	t.Logf("%s: %d requests, %d refused, by member %v, longest %.2f s, in every 5 s %v", t.Name(), n.Total, n.Refused, n.Served, n.Longest, parts)
}

// ByHand skips a test that only measures, unless the environment variable B24_FLEET is set.
func ByHand(t *testing.T) {
	t.Helper()
	if os.Getenv("B24_FLEET") == "" {
		t.Skip("B24_FLEET is not set")
	}
}
