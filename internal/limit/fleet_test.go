package limit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/b24test" //nolint:depguard // its store is what fails here
	"github.com/b24go/b24/internal/limit"
)

// server is one store seen by one process: each process has a connection of its own.
type server struct {
	*b24test.Store

	trip time.Duration
	mu   sync.Mutex
	asks int
}

func (s *server) Update(ctx context.Context, key string, change func(time.Time, []byte) ([]byte, time.Duration, error)) error {
	s.mu.Lock()
	s.asks++
	s.mu.Unlock()
	if s.trip > 0 {
		sleep(s.trip)
	}
	return s.Store.Update(ctx, key, change)
}

// process is one of several that share a portal.
type process struct {
	*limit.Shared

	server  *server
	callers int
	lane    limit.Lane
	latency time.Duration
	watch   limit.Watch

	mu    sync.Mutex
	at    []time.Time     // of the requests that the portal took
	waits []time.Duration // of those that waited and of those that did not
	errs  []error
}

func newProcess(t *testing.T, store *b24test.Store, callers int) *process {
	t.Helper()
	s := &server{Store: store}
	p := &process{Shared: limit.AcquireIn(s, t.Name(), 2, 50), server: s, callers: callers, latency: 100 * ms}
	t.Cleanup(p.Release)
	return p
}

// run calls until the context ends.
func (p *process) run(ctx context.Context, portal *leaky, group *sync.WaitGroup) {
	for range p.callers {
		group.Go(func() {
			for ctx.Err() == nil {
				p.call(ctx, portal, p.lane)
			}
		})
	}
}

func (p *process) call(ctx context.Context, portal *leaky, lane limit.Lane) {
	d, _, err := p.TakeUntil(ctx, lane, p.watch)
	if err != nil {
		if ctx.Err() == nil {
			p.errs = append(p.errs, err)
		}
		return
	}
	sleep(p.latency / 2)
	ok := portal.take()
	p.mu.Lock()
	if ok {
		p.at = append(p.at, time.Now())
	}
	p.waits = append(p.waits, d)
	p.mu.Unlock()
	sleep(p.latency / 2)
	if ok {
		p.Accepted()
	} else {
		p.RefusedUntil(ctx, p.watch, 0)
	}
}

// between is the number of requests that the portal took in a part of the time.
func (p *process) between(from, to time.Time) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, at := range p.at {
		if !at.Before(from) && at.Before(to) {
			n++
		}
	}
	return n
}

// lasting lets the processes call for so long.
func lasting(t *testing.T, d time.Duration, portal *leaky, all ...*process) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context()) // with a deadline, callers would fail early
	defer cancel()
	time.AfterFunc(d, cancel)
	var group sync.WaitGroup
	for _, p := range all {
		p.run(ctx, portal, &group)
	}
	group.Wait()
}

// No process gets more than its share, whatever the number of its callers, and together they use
// what the portal gives without a refusal.
func TestProcessesShareAPortal(t *testing.T) {
	t.Parallel()
	for name, callers := range map[string][]int{
		"one": {8}, "two": {1, 64}, "five": {1, 8, 8, 8, 8}, "twenty": slices.Repeat([]int{1, 4, 16, 64}, 5), "single callers": {1, 1, 1},
	} {
		for _, trip := range []time.Duration{0, 5 * ms} {
			t.Run(fmt.Sprint(name, trip), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					store, portal := b24test.NewStore(), &leaky{drain: 2, size: 50}
					var all []*process
					for _, n := range callers {
						p := newProcess(t, store, n)
						p.server.trip = trip
						all = append(all, p)
					}
					start := time.Now()
					lasting(t, 10*time.Minute, portal, all...)

					assert.Zero(t, portal.refused)
					assert.GreaterOrEqual(t, float64(portal.accepted), 0.98*(10*60*2+49))
					var counts []int
					asks := 0
					for _, p := range all {
						assert.Empty(t, p.errs)
						counts = append(counts, p.between(start.Add(time.Minute), start.Add(time.Hour)))
						asks += p.server.asks
					}
					t.Logf("%d of %d, shares %v, %.2f questions a request", portal.accepted, 10*60*2+49, counts, float64(asks)/float64(portal.accepted))
					if name != "single callers" && name != "one" {
						assert.LessOrEqual(t, float64(slices.Max(counts)), 1.3*float64(slices.Min(counts)), counts)
					}
				})
			})
		}
	}
}

var errDown = errors.New("connection refused")

// outages counts what a process reports.
type outages struct {
	mu  sync.Mutex
	all []limit.Outage
}

func (o *outages) add(one limit.Outage) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = append(o.all, one)
}

// five are five processes that have called for a minute, and their portal.
func five(t *testing.T) (*b24test.Store, *leaky, []*process, *outages) {
	t.Helper()
	store, portal, seen := b24test.NewStore(), &leaky{drain: 2, size: 50}, &outages{}
	var all []*process
	for _, n := range []int{1, 8, 8, 8, 8} {
		p := newProcess(t, store, n)
		p.watch.Outage = seen.add
		all = append(all, p)
	}
	lasting(t, time.Minute, portal, all...)
	require.Zero(t, portal.refused)
	return store, portal, all, seen
}

// While the store is down, each process goes on with its share; nobody stops, nobody storms, and
// what was sent meanwhile counts afterwards.
func TestOutageOfTheStore(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(s *b24test.Store) (end func()){
		"refuses": func(s *b24test.Store) func() { s.Fail(errDown); return func() { s.Fail(nil) } },
		"frozen":  func(s *b24test.Store) func() { return s.Freeze() },
		"answers are lost": func(s *b24test.Store) func() {
			s.LoseAnswers(errDown)
			return func() { s.LoseAnswers(nil) }
		},
	} {
		for _, d := range []time.Duration{12 * time.Second, 5 * time.Minute} {
			t.Run(name+" "+d.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					store, portal, all, seen := five(t)
					var asks int
					for _, p := range all {
						asks -= p.server.asks
					}
					portal.forget()
					start, end := time.Now(), begin(store)
					time.AfterFunc(d, end)
					lasting(t, d, portal, all...)
					during := portal.accepted
					for _, p := range all {
						asks += p.server.asks
						assert.True(t, p.State().Degraded)
						assert.Equal(t, 5, p.State().Members)
					}
					lasting(t, time.Minute, portal, all...)

					t.Logf("%d during, %d in the minute after, %d refused, %d questions", during, portal.accepted-during, portal.refused, asks)
					assert.InDelta(t, 2*d.Seconds(), during, 0.15*2*d.Seconds()+5)
					assert.InDelta(t, 120, portal.accepted-during, 20)
					assert.LessOrEqual(t, portal.refused, 3)
					assert.LessOrEqual(t, asks, 5*(6+int(d/(30*time.Second))))
					var begun, ended int
					for _, o := range seen.all {
						if o.Err != nil {
							begun++
							assert.Equal(t, 5, o.Members)
						} else {
							ended++
							assert.Positive(t, o.Lasted)
						}
					}
					assert.Equal(t, []int{5, 5}, []int{begun, ended}, "one each per process")
					for _, p := range all {
						assert.False(t, p.State().Degraded)
						assert.Empty(t, p.errs)
						assert.NotZero(t, p.between(start, start.Add(d)), "nobody stops")
					}
				})
			})
		}
	}
}

// A store that lost its memory, or whose clock jumps, costs a few refusals at most.
func TestStoreForgetsAndJumps(t *testing.T) {
	t.Parallel()
	for name, hit := range map[string]func(s *b24test.Store){
		"forgets":        func(s *b24test.Store) { s.Forget() },
		"an hour back":   func(s *b24test.Store) { s.Skew(-time.Hour) },
		"an hour ahead":  func(s *b24test.Store) { s.Skew(time.Hour) },
		"a second back":  func(s *b24test.Store) { s.Skew(-time.Second) },
		"a second ahead": func(s *b24test.Store) { s.Skew(time.Second) },
		"garbage": func(s *b24test.Store) {
			for key := range s.Values() {
				_ = s.Update(context.Background(), key, func(time.Time, []byte) ([]byte, time.Duration, error) { //nolint:usetesting // the bubble has another
					return []byte(`{"budget":[]}`), time.Hour, nil
				})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store, portal, all, _ := five(t)
				portal.forget()
				hit(store)
				lasting(t, 5*time.Minute, portal, all...)
				t.Logf("%d accepted, %d refused", portal.accepted, portal.refused)
				assert.LessOrEqual(t, portal.volleys, 2)
				assert.InDelta(t, 600, portal.accepted, 60)
			})
		})
	}
}

// A process that dies in line costs the others one token for 10 s at most.
func TestMemberDiesInLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, portal, all, _ := five(t)
		portal.forget()
		all[1].server.Fail(nil)
		lasting(t, 100*ms, portal, all...) // all are in line, and then the last one is no more
		lasting(t, 2*time.Minute, portal, all[:4]...)
		t.Logf("%d accepted, %d refused", portal.accepted, portal.refused)
		assert.Zero(t, portal.refused)
		assert.GreaterOrEqual(t, portal.accepted, 238)
		assert.Equal(t, 4, all[0].State().Members)
	})
}

// A refusal of one is a pause for all, and the fleet learns a slow portal as one process does.
func TestFleetLearns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, portal := b24test.NewStore(), &leaky{drain: 1, size: 50}
		var all []*process
		for range 5 {
			all = append(all, newProcess(t, store, 4))
		}
		lasting(t, 10*time.Minute, portal, all...)
		first := portal.volleys
		portal.forget()
		lasting(t, time.Hour, portal, all...)
		t.Logf("volleys %d, then %d in an hour; %d accepted, rate %.2f", first, portal.volleys, portal.accepted, all[0].State().PerSecond)
		assert.LessOrEqual(t, first, 10)
		assert.LessOrEqual(t, portal.volleys, 5)
		assert.GreaterOrEqual(t, portal.accepted, 3240)
	})
}
