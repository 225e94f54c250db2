package b24_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// store is what all processes see. Each method is one atomic step: a script of
// Redis, a transaction of a database. Here it is memory.
type store struct {
	mu          sync.Mutex
	empty, rest time.Time // when the portal's bucket has run dry; until when it wants rest
}

// take books one request and returns 0, or returns how long to wait before asking again.
func (s *store) take(now time.Time) time.Duration {
	const each, burst = time.Second / 2, 50 // the standard plan: 2 a second, 50 at once
	s.mu.Lock()
	defer s.mu.Unlock()
	next := now
	if s.empty.After(now) {
		next = s.empty
	}
	next = next.Add(each)
	wait := max(next.Sub(now)-burst*each, s.rest.Sub(now))
	if wait > 0 {
		return wait
	}
	s.empty = next
	return 0
}

// pause lets no request out until then.
func (s *store) pause(until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if until.After(s.rest) {
		s.rest = until
	}
}

// budget is a request budget that several processes share.
type budget struct{ store *store }

func (b budget) Wait(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		wait := b.store.take(time.Now())
		if wait <= 0 {
			return nil
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
			return context.DeadlineExceeded // at once: the wait would outlive it
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

func (b budget) Refused(retryAfter time.Duration) {
	b.store.pause(time.Now().Add(max(retryAfter, time.Second)))
}

func (b budget) Accepted() {}

// The budget does what a client relies on.
func TestBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b24test.CheckLimiter(t, func() b24.Limiter { return budget{&store{}} })
	})
}

// Clients of several processes share one budget through what they all can reach.
func ExampleWithLimiter() {
	shared := &store{}
	portal, one := inMemory(b24.WithLimiter(budget{shared}))
	defer portal.Close()
	two, err := b24.FromWebhookURL(portal.WebhookURL(), b24.WithHTTPClient(portal.HTTPClient()), b24.WithLimiter(budget{shared}))
	if err != nil {
		fmt.Println(err)
		return
	}
	portal.Handle("server.time", func(b24test.Request) (any, error) { return "now", nil })

	var calls sync.WaitGroup
	for i := range 50 {
		client := []*b24.Hook{one, two}[i%2]
		calls.Go(func() { _, _ = client.CallMethod(context.Background(), "server.time", nil) })
	}
	calls.Wait()

	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	_, err = two.CallMethod(ctx, "server.time", nil)
	fmt.Println(b24.OutcomeOf(err), portal.Calls("server.time"))
	// Output:
	// not sent 50
}
