package b24redis_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24redis"
	"github.com/b24go/b24/b24test"
)

const (
	memberEnv = "B24REDIS_MEMBER" // what a member is to do: this test, started again
	method    = "server.time"
)

// job is what a member does.
type job struct {
	Webhook string
	Store   string // address of the server; empty: the member has a budget of its own
	Member  int
	Workers int // that call one after the other
	Rate    float64
	Burst   int
}

// called is what a member reports after each call.
type called struct {
	Member   int
	Took     time.Duration
	Err      string
	Degraded bool // as Budget says
	Members  int
	At       time.Time
}

// work is the life of a member. It ends when its standard input does.
func work(t *testing.T, text string) {
	t.Helper()
	var j job
	require.NoError(t, json.Unmarshal([]byte(text), &j))
	opts := []b24.Option{b24.WithRateLimit(j.Rate, j.Burst)}
	if j.Store != "" {
		store, err := b24redis.New(t.Context(), client(t, j.Store))
		require.NoError(t, err)
		opts = append(opts, b24.WithStore(store))
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
				_, err := h.CallMethod(context.WithoutCancel(t.Context()), method, b24.Params{"member": j.Member})
				budget := h.Budget()
				c := called{Member: j.Member, Took: time.Since(begun), Degraded: budget.Degraded, Members: budget.Members, At: time.Now()}
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
}

// fleet is a portal and the processes that call it.
type fleet struct {
	testing.TB

	portal *b24test.Portal
	job    job

	members []*exec.Cmd
	ends    []io.Closer
	group   sync.WaitGroup
	mu      sync.Mutex
	calls   []called
}

// newFleet starts a portal.
func newFleet(tb testing.TB, j job) *fleet {
	tb.Helper()
	p, err := b24test.Start(b24test.WithQueryLimit(j.Rate, j.Burst))
	require.NoError(tb, err)
	tb.Cleanup(p.Close)
	j.Webhook = p.WebhookURL()
	return &fleet{TB: tb, portal: p, job: j}
}

// join starts a member.
func (f *fleet) join(workers int) {
	f.Helper()
	j := f.job
	j.Member, j.Workers = len(f.members), workers
	text, err := json.Marshal(j)
	require.NoError(f, err)
	cmd := exec.CommandContext(f.Context(), os.Args[0], "-test.run=^TestProcesses$")
	cmd.Env = append(os.Environ(), memberEnv+"="+string(text))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(f, err)
	out, err := cmd.StdoutPipe()
	require.NoError(f, err)
	require.NoError(f, cmd.Start())
	f.members, f.ends = append(f.members, cmd), append(f.ends, in)
	f.group.Go(func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var c called
			if json.Unmarshal(lines.Bytes(), &c) == nil { // otherwise it is a line of package testing
				f.mu.Lock()
				f.calls = append(f.calls, c)
				f.mu.Unlock()
			}
		}
		_ = cmd.Wait()
	})
}

// signal sends a signal to a member.
func (f *fleet) signal(member int, s syscall.Signal) {
	f.Helper()
	require.NoError(f, f.members[member].Process.Signal(s))
}

// end lets the members finish their calls.
func (f *fleet) end() {
	f.Helper()
	for _, in := range f.ends {
		_ = in.Close()
	}
	over := make(chan struct{})
	go func() { f.group.Wait(); close(over) }()
	select {
	case <-over:
	case <-time.After(20 * time.Second):
		f.Fatal("a call waits for ever")
	}
}

// tally is what the portal saw for some time.
type tally struct {
	begun   time.Time
	took    time.Duration
	served  []int // by member
	refused int
}

// since counts what the portal saw since a time.
func (f *fleet) since(begun time.Time) tally {
	f.Helper()
	n := tally{begun: begun, took: time.Since(begun), served: make([]int, len(f.members))}
	for _, r := range f.portal.Requests() {
		if r.Time.Before(begun) {
			continue
		}
		if r.Refused != "" {
			n.refused++
			continue
		}
		member, err := strconv.Atoi(string(r.Params["member"].(json.Number)))
		require.NoError(f, err)
		n.served[member]++
	}
	return n
}

// serves waits until the portal has served n more requests.
func (f *fleet) serves(what string, n int) tally {
	f.Helper()
	begun, before := time.Now(), f.portal.Executed(method)
	most := 4*time.Duration(float64(n)/f.job.Rate*float64(time.Second)) + 15*time.Second
	require.Eventually(f, func() bool { return f.portal.Executed(method)-before >= n }, most, 10*time.Millisecond, what)
	return f.log(what, f.since(begun))
}

// passes waits for some time.
func (f *fleet) passes(what string, d time.Duration) tally {
	f.Helper()
	begun := time.Now()
	<-time.After(d)
	return f.log(what, f.since(begun))
}

func (f *fleet) log(what string, n tally) tally {
	f.Helper()
	total := 0
	for _, served := range n.served {
		total += served
	}
	f.Logf("%s: %d requests in %.1f s (%.1f/s), by member %v, %d refused, longest wait %.2f s",
		what, total, n.took.Seconds(), float64(total)/n.took.Seconds(), n.served, n.refused, f.longest(n.begun).Seconds())
	return n
}

// longest returns the longest call that ended since a time.
func (f *fleet) longest(since time.Time) (d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.calls {
		if !c.At.Before(since) {
			d = max(d, c.Took)
		}
	}
	return d
}

// last waits until the last calls of members say something, at most for a time.
func (f *fleet) last(what string, most time.Duration, says func(c called) bool, members ...int) {
	f.Helper()
	begun := time.Now()
	require.Eventually(f, func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, m := range members {
			i := len(f.calls) - 1
			for i >= 0 && f.calls[i].Member != m {
				i--
			}
			if i < 0 || !says(f.calls[i]) || f.calls[i].At.Before(begun) {
				return false
			}
		}
		return true
	}, most, 10*time.Millisecond, what)
	f.Logf("%s: after %.1f s", what, time.Since(begun).Seconds())
}

// even checks that members had the same share, and the portal no reason to refuse.
func even(t *testing.T, n tally, ratio float64) {
	t.Helper()
	assert.LessOrEqual(t, float64(slices.Max(n.served)), ratio*float64(slices.Min(n.served)), n.served)
	assert.Zero(t, n.refused)
}

func TestProcesses(t *testing.T) {
	t.Parallel()
	if text := os.Getenv(memberEnv); text != "" {
		work(t, text)
		return
	}
	s := start(t)
	f := newFleet(t, job{Store: s.addr, Rate: 20, Burst: 20})
	for _, workers := range []int{1, 8, 8, 2, 4} {
		f.join(workers)
	}
	f.last("all have joined", time.Minute, func(c called) bool { return c.Members == 5 && !c.Degraded }, 0, 1, 2, 3, 4)
	f.serves("steady", 100)

	f.signal(1, syscall.SIGSTOP)
	f.passes("one stopped", 3*time.Second)
	f.signal(1, syscall.SIGCONT)
	f.serves("it continues", 60)

	require.NoError(t, client(t, s.addr).FlushAll(t.Context()).Err())
	f.serves("flushed", 60)

	s.kill()
	f.last("degraded", 5*time.Second, func(c called) bool { return c.Degraded }, 0, 1, 2, 3, 4)
	f.passes("store down", 3*time.Second)
	s.run()
	f.last("shared again", 10*time.Second, func(c called) bool { return !c.Degraded }, 0, 1, 2, 3, 4)
	f.serves("store up", 60)

	f.signal(2, syscall.SIGKILL)
	f.serves("one dead", 60)
	f.end()
	f.log("all", f.since(time.Time{}))
}


