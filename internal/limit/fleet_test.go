package limit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"
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
		p.mu.Lock()
		defer p.mu.Unlock()
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
			if len(callers) == 20 && trip == 0 {
				continue // it takes long
			}
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

// A later version may add members to the value, at every depth, and this one keeps them.
func TestUnknownMembersOfTheStateAreKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := b24test.NewStore()
		a, b := newProcess(t, store, 1), newProcess(t, store, 1)
		guard := limit.AcquireGuard(t.Name(), "one", limit.DefaultOperating)
		defer guard.Release()
		a.Share(guard)
		guard.Observe(deals, 400*time.Second, time.Now().Add(time.Minute))
		require.NoError(t, errors.Join(a.Wait(t.Context()), b.Wait(t.Context())))
		a.Refused(0)

		added, key := addMembers(t, store)
		require.Equal(t, 6, added, "the state, its budget, what is learned, two members, a method")
		require.NoError(t, a.Wait(t.Context()))

		assert.Equal(t, added, bytes.Count(store.Values()[key], []byte(`"later":`)), "%s", store.Values()[key])
		t.Logf("%s", store.Values()[key])
	})
}

// addMembers adds a member to every object that is stored, and returns their number.
func addMembers(t *testing.T, store *b24test.Store) (n int, key string) {
	t.Helper()
	var grow func(v any)
	grow = func(v any) {
		object, ok := v.(map[string]any)
		if !ok {
			return
		}
		for _, inner := range object {
			grow(inner)
		}
		if _, fixed := object["clock"]; !fixed && len(object) > 0 {
			for _, inner := range object {
				if _, nested := inner.(map[string]any); nested {
					if _, b := object["tokens"]; !b {
						return // a map by id or name
					}
				}
			}
		}
		object["later"] = map[string]any{"than": "this"}
		n++
	}
	for key = range store.Values() {
		require.NoError(t, store.Update(t.Context(), key, func(_ time.Time, old []byte) ([]byte, time.Duration, error) {
			var v any
			d := json.NewDecoder(bytes.NewReader(old))
			d.UseNumber()
			if err := d.Decode(&v); err != nil {
				return nil, 0, err
			}
			grow(v)
			value, err := json.Marshal(v)
			return value, time.Hour, err
		}))
	}
	return n, key
}

// The lowest plan of all members counts, until its member is gone.
func TestLowestPlanOfTheMembersCounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := b24test.NewStore()
		member := func(rate float64, burst int) *limit.Shared {
			s := limit.AcquireIn(&server{Store: store}, t.Name(), rate, burst)
			t.Cleanup(s.Release)
			return s
		}
		noWish, enterprise, slow := member(0, 0), member(5, 250), member(1, 30)
		for _, step := range []struct {
			of    *limit.Shared
			rate  float64
			burst int
		}{{noWish, 2, 49}, {enterprise, 5, 249}, {slow, 1, 29}, {noWish, 1, 29}} {
			require.NoError(t, step.of.Wait(t.Context()))
			assert.InDelta(t, step.rate, step.of.State().PerSecond, 1e-9)
			assert.Equal(t, step.burst, step.of.State().Burst)
		}
		assert.Equal(t, 3, noWish.State().Members)
		sleep(2 * time.Minute)
		require.NoError(t, errors.Join(enterprise.Wait(t.Context()), noWish.Wait(t.Context())))
		assert.InDelta(t, 5, noWish.State().PerSecond, 1e-9)
		assert.Equal(t, 2, noWish.State().Members)
	})
}

// A portal without a limit is asked about once a second.
func TestUnlimitedCostsNoTrips(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &server{Store: b24test.NewStore()}
		s := limit.AcquireIn(server, t.Name(), math.Inf(1), math.MaxInt)
		defer s.Release()
		for range 1000 {
			require.NoError(t, s.Wait(t.Context()))
			sleep(10 * ms)
		}
		assert.InDelta(t, 10, server.asks, 1)
		s.Refused(0)
		d, reason, err := s.Take(t.Context())
		require.NoError(t, err)
		assert.Equal(t, limit.Refused, reason)
		assert.InDelta(t, 1.05, d.Seconds(), 0.06)
	})
}

// Waiting callers obey their contexts, also while the store hangs, and nobody takes their tokens along.
func TestSharedWaitObeysItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := b24test.NewStore()
		p := newProcess(t, store, 0)
		thaw := store.Freeze()
		ctx, cancel := context.WithTimeout(t.Context(), 100*ms)
		defer cancel()
		start := time.Now()
		require.ErrorIs(t, p.Wait(ctx), context.DeadlineExceeded)
		assert.Equal(t, 100*ms, time.Since(start))
		assert.False(t, p.State().Degraded, "its deadline says nothing about the store")
		thaw()
		drain(t, p.Bucket, 49)

		short, end := context.WithTimeout(t.Context(), 300*ms)
		defer end()
		start = time.Now()
		var e *limit.DeadlineError
		require.ErrorAs(t, p.Wait(short), &e)
		assert.Zero(t, time.Since(start))

		var group sync.WaitGroup
		gone, leave := context.WithCancel(t.Context())
		for i := range 4 {
			group.Go(func() {
				if i == 0 {
					assert.ErrorIs(t, p.Wait(gone), context.Canceled)
					return
				}
				assert.NoError(t, p.Wait(t.Context())) //nolint:contextcheck // gone is another one
			})
			synctest.Wait()
		}
		sleep(100 * ms)
		leave() // it was the one who asks
		group.Wait()
		assert.LessOrEqual(t, time.Since(start), 1600*ms)
		assert.Zero(t, p.State().Waiting)
	})
}

// A renamed portal is the same portal.
func TestNewHostContinuesTheBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := b24test.NewStore()
		p := newProcess(t, store, 0)
		drain(t, p.Bucket, 49)
		moved := p.Moved("new." + t.Name())
		defer moved.Release()
		assert.Same(t, moved, moved.Moved("NEW."+t.Name()+":443"))
		d, _, err := moved.Take(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 500*ms, d)
		assert.Len(t, store.Values(), 2)

		local := limit.Acquire(t.Name(), 2, 10)
		drain(t, local.Bucket, 10)
		next := local.Moved("new." + t.Name())
		defer next.Release()
		d, _, err = next.Take(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 500*ms, d)
		local.Release() // does nothing
	})
}

// Methods near their limit are known to all processes, with no trip of their own.
func TestOperatingTimeIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := b24test.NewStore()
		a, b := newProcess(t, store, 0), newProcess(t, store, 0)
		guards := []*limit.Guard{limit.NewGuard(limit.DefaultOperating), limit.NewGuard(limit.DefaultOperating), limit.NewGuard(limit.DefaultOperating)}
		for i, p := range []*process{a, b, b} {
			p.Share(limit.HoldOf(guards[i], []string{"one", "one", "two"}[i]))
		}
		both := func() {
			require.NoError(t, errors.Join(a.Wait(t.Context()), b.Wait(t.Context())))
		}
		reset := time.Now().Add(5 * time.Minute)
		guards[0].Observe(deals, 300*time.Second, reset) // not near
		both()
		assert.NotContains(t, fmt.Sprintf("%s", store.Values()), "hot")

		store.Skew(-time.Hour)
		guards[0].Observe(deals, 478*time.Second, reset)
		asks := a.server.asks + b.server.asks
		both()
		assert.Equal(t, asks+2, a.server.asks+b.server.asks)
		assert.Equal(t, 5*time.Minute+time.Second, guards[1].Delay(deals).Round(time.Second))
		assert.Zero(t, guards[2].Delay(deals), "another credential")
		assert.Zero(t, guards[1].Delay(contacts))

		guards[1].Blocked(contacts, time.Now().Add(time.Minute))
		require.NoError(t, errors.Join(b.Wait(t.Context()), a.Wait(t.Context())))
		assert.Equal(t, time.Minute+time.Second, guards[0].Delay(contacts).Round(time.Second))
		for _, v := range store.Values() {
			assert.NotContains(t, string(v), "one")
		}
		sleep(11 * time.Minute)
		both()
		assert.NotContains(t, fmt.Sprintf("%s", store.Values()), "hot")
		assert.Zero(t, guards[1].Delay(deals))
	})
}

// Many goroutines of three processes, who give up, are closed, find the store down, and share
// operating times: nobody hangs.
func TestFleetInRealTime(t *testing.T) {
	t.Parallel()
	const each = 40
	store := b24test.NewStore()
	start := time.Now()
	var granted atomic.Int64
	var group sync.WaitGroup
	servers := []*server{{Store: store}, {Store: store}, {Store: store}}
	for i := range 90 {
		s := limit.AcquireIn(servers[i%3], t.Name(), 2000, 50)
		guard := limit.AcquireGuard(t.Name(), "one", time.Minute)
		s.Share(guard)
		done := make(chan struct{})
		group.Go(func() {
			defer s.Release()
			defer guard.Release()
			for j := range each {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(1+(i+j)%7*20)*ms)
				if _, _, err := s.TakeUntil(ctx, limit.Lane(j%2), limit.Watch{Done: done}); err == nil {
					granted.Add(1)
					s.Accepted()
					guard.Observe(deals, 55*time.Second, time.Now().Add(time.Minute))
				}
				cancel()
				if i == 0 && j%10 == 5 {
					store.Fail(errDown)
					time.AfterFunc(20*ms, func() { store.Fail(nil) })
				}
				_ = s.State()
				if j == each-2 {
					close(done)
				}
			}
		})
	}
	group.Wait()
	t.Logf("%d granted in %v", granted.Load(), time.Since(start))
	assert.Positive(t, granted.Load())
}
