package limit_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/b24test" //nolint:depguard // its store is what fails here
	"github.com/b24go/b24/internal/limit"
)

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

// A store that forgets costs no refusal: who finds it empty does not take what came for the others.
// An outage in which it lost everything may cost one: who returns first does not know how long the
// others will go on with their shares.
func TestStoreForgetsOften(t *testing.T) {
	t.Parallel()
	const times = 7
	for down, most := range map[time.Duration]int{0: 0, 500 * ms: times, 3 * time.Second: times} {
		t.Run(down.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store, portal, all, _ := five(t)
				portal.forget()
				done := make(chan struct{})
				go func() {
					defer close(done)
					for range times {
						sleep(37*time.Second + 100*ms)
						if down > 0 {
							store.Fail(errDown)
							sleep(down)
							store.Fail(nil)
						}
						store.Forget()
					}
				}()
				lasting(t, 5*time.Minute, portal, all...)
				<-done
				t.Logf("%d accepted, %d refused", portal.accepted, portal.refused)
				assert.LessOrEqual(t, portal.refused, most)
				assert.InDelta(t, 600, portal.accepted, 30)
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

// Tokens whose grant nobody heard of come back with the next question.
func TestTokensOfALostAnswerComeBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := b24test.NewStore()
		p := newProcess(t, store, 0)
		require.NoError(t, p.Wait(t.Context()))
		store.LoseAnswers(errDown)
		var group sync.WaitGroup
		for range 16 {
			group.Go(func() { assert.NoError(t, p.Wait(t.Context())) })
		}
		sleep(1500 * ms) // the next question is after 1 s, with all that wait
		assert.True(t, p.State().Degraded)
		store.LoseAnswers(nil)
		group.Wait()
		assert.False(t, p.State().Degraded)
		drain(t, p.Bucket, 28) // of 49, 17 were sent
	})
}

// A clock that jumps back makes no pause longer.
func TestClockJumpsBackInAPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := b24test.NewStore()
		a, b := newProcess(t, store, 0), newProcess(t, store, 0)
		require.NoError(t, errors.Join(a.Wait(t.Context()), b.Wait(t.Context())))
		a.Refused(3 * time.Second)
		store.Skew(-time.Hour)
		d, reason, err := b.Take(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 3*time.Second, d)
		assert.Equal(t, limit.Refused, reason)
	})
}

// What one process is refused, all others wait for, and it waits itself if the store is down.
func TestRefusalIsAPauseForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := b24test.NewStore()
		a, b := newProcess(t, store, 0), newProcess(t, store, 0)
		require.NoError(t, errors.Join(a.Wait(t.Context()), b.Wait(t.Context())))
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		a.RefusedUntil(gone, limit.Watch{}, 3*time.Second) // also if its call was cancelled
		assert.Equal(t, time.Now().Add(3*time.Second), a.State().HeldUntil)
		d, _, err := b.Take(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 3*time.Second, d)

		store.Fail(errDown)
		a.Refused(10 * time.Second)
		d, reason, err := a.Take(t.Context())
		require.NoError(t, err)
		assert.InDelta(t, 10, d.Seconds(), 1e-6)
		assert.Equal(t, limit.Refused, reason)
	})
}

// Tokens for callers that left meanwhile go back with the next question.
func TestTokensThatNobodyNeedsGoBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newProcess(t, b24test.NewStore(), 0)
		p.server.trip = 50 * ms
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		for i := range 10 { // the first asks for itself, the second for the others
			group.Go(func() {
				if i < 2 {
					assert.NoError(t, p.Wait(t.Context())) //nolint:contextcheck // ctx is for those who leave
					return
				}
				assert.ErrorIs(t, p.Wait(ctx), context.Canceled)
			})
			synctest.Wait()
		}
		sleep(75 * ms)
		cancel()
		group.Wait()
		p.server.trip = 0
		require.NoError(t, p.Wait(t.Context())) // brings them back
		drain(t, p.Bucket, 46)
	})
}
