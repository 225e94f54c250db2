package limit_test

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24/internal/limit"
)

const ms = time.Millisecond

// still is the jitter that adds nothing.
func still() float64 { return 0 }

func newBucket(perSecond float64, burst int) *limit.Bucket {
	return limit.New(perSecond, burst).WithJitter(still)
}

// sleep passes time in a bubble.
func sleep(d time.Duration) { time.Sleep(d) }

// drain takes n tokens that must be there.
func drain(t *testing.T, b *limit.Bucket, n int) {
	t.Helper()
	start := time.Now()
	for range n {
		assert.NoError(t, b.Wait(t.Context()))
	}
	assert.Zero(t, time.Since(start), "the burst goes out at once")
}

// leaky is the portal's side (docs/protocol.md 7.1).
type leaky struct {
	drain, size float64

	mu       sync.Mutex
	level    float64
	last     time.Time
	accepted int
	refused  int
	volleys  int // refusals of requests that were under way together are one
	lastNo   time.Time
}

// take takes a request, or refuses it.
func (p *leaky) take() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	const slack = 1e-6 // sums are rounded
	now := time.Now()
	p.level = max(0, p.level-now.Sub(p.last).Seconds()*p.drain)
	p.last = now
	if p.level+1 <= p.size+slack {
		p.level++
		p.accepted++
		return true
	}
	p.refused++
	if now.Sub(p.lastNo) > time.Second {
		p.volleys++
	}
	p.lastNo = now
	return false
}

// forget starts the counts again; the level stays.
func (p *leaky) forget() { p.accepted, p.refused, p.volleys = 0, 0, 0 }

// load is a number of callers who repeat what was refused.
type load struct {
	callers int
	latency time.Duration
	jitter  time.Duration // added to half of the latency
}

// calls makes so many calls and returns how long it took until the portal had
// taken them all.
func (l load) calls(ctx context.Context, p *leaky, n int, buckets ...*limit.Bucket) time.Duration {
	var left atomic.Int64
	left.Store(int64(n))
	return l.while(ctx, p, func() bool { return left.Add(-1) >= 0 }, buckets...)
}

// lasting calls for so long.
func (l load) lasting(ctx context.Context, p *leaky, d time.Duration, buckets ...*limit.Bucket) {
	end := time.Now().Add(d)
	l.while(ctx, p, func() bool { return time.Now().Before(end) }, buckets...)
}

func (l load) while(ctx context.Context, p *leaky, more func() bool, buckets ...*limit.Bucket) time.Duration {
	start := time.Now()
	var group sync.WaitGroup
	for i := range l.callers {
		b := buckets[i%len(buckets)]
		group.Go(func() {
			for more() {
				for !l.call(ctx, p, b) {
				}
			}
		})
	}
	group.Wait()
	return time.Since(start)
}

func (l load) call(ctx context.Context, p *leaky, b *limit.Bucket) bool {
	if b.Wait(ctx) != nil {
		return true
	}
	sleep(l.oneWay())
	ok := p.take()
	sleep(l.oneWay())
	if ok {
		b.Accepted()
	} else {
		b.RefusedUntil(ctx, limit.Watch{}, 0)
	}
	return ok
}

func (l load) oneWay() time.Duration {
	if l.jitter == 0 {
		return l.latency / 2
	}
	return l.latency/2 + rand.N(l.jitter)
}

// bound is the shortest time in which a portal takes so many calls.
func (p *leaky) bound(calls int) time.Duration {
	return time.Duration(math.Max(0, float64(calls)-p.size) / p.drain * float64(time.Second))
}
