package b24_test

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// Every kind of request takes the priority along: after 40 of 50 tokens, it waits.
func TestEveryRequestHasItsPriority(t *testing.T) {
	t.Parallel()
	background := b24.WithPriority(b24.PriorityBackground)
	for name, call := range map[string]func(ctx context.Context, h *b24.Hook, o b24.CallOption) error{
		"call": func(ctx context.Context, h *b24.Hook, o b24.CallOption) error {
			_, err := h.CallMethod(ctx, writes, nil, o)
			return err
		},
		"call of REST 3.0": func(ctx context.Context, h *b24.Hook, o b24.CallOption) error {
			_, err := h.V3().CallMethod(ctx, writes, nil, o)
			return err
		},
		"batch": func(ctx context.Context, h *b24.Hook, o b24.CallOption) error {
			_, err := h.CallBatch(ctx, b24.Commands{{Method: writes}}, o)
			return err
		},
		"chunks": func(ctx context.Context, h *b24.Hook, o b24.CallOption) error {
			_, err := h.CallBatchByChunk(ctx, b24.Commands{{Method: writes}}, o)
			return err
		},
		"single calls": func(ctx context.Context, h *b24.Hook, o b24.CallOption) error {
			_, err := h.CallBatchByChunk(ctx, b24.Commands{{Method: writes}}, o, b24.WithSingleCalls())
			return err
		},
		"stream": func(ctx context.Context, h *b24.Hook, o b24.CallOption) error {
			for _, r := range b24.StreamBatch(ctx, h, func(yield func(b24.Command) bool) { yield(b24.Command{Method: writes}) }, o) {
				if r != nil {
					return r
				}
			}
			return nil
		},
		"each": func(ctx context.Context, h *b24.Hook, o b24.CallOption) error {
			keys := iter.Seq[int](func(yield func(int) bool) { yield(1) })
			for _, r := range b24.Each[any](ctx, h, keys, func(int) b24.Command { return b24.Command{Method: writes} }, o) {
				return r.Err
			}
			return nil
		},
		"list": func(ctx context.Context, h *b24.Hook, o b24.CallOption) error {
			_, err := h.CallListMethod(ctx, "crm.deal.list", nil, o)
			return err
		},
		"list page by page": func(ctx context.Context, h *b24.Hook, o b24.CallOption) error {
			_, err := h.CallListMethod(ctx, "crm.deal.list", nil, o, b24.WithPaging(b24.PagingOffset))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := b24test.NewPortal(t, b24test.WithMemory())
				answers(p, writes, map[string]any{"a": 1})
				h := newHook(t, p, b24.WithPlan(b24.PlanStandard))
				p.V3().Handle(writes, func(b24test.Request) (any, error) { return map[string]any{"a": 1}, nil })
				callAll(t, 40, 1, h)
				started := time.Now()
				require.NoError(t, call(t.Context(), h, b24.WithPriority(b24.PriorityInteractive)))
				assert.Zero(t, time.Since(started))
				time.Sleep(500 * time.Millisecond)

				require.NoError(t, call(t.Context(), h, background))

				assert.Equal(t, time.Second, time.Since(started))
			})
		})
	}
}

// The pages after a page, and the further chunks of a list, wait like the first.
func TestLaterRequestsHaveThePriority(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := b24test.NewPortal(t, b24test.WithMemory())
		p.SeedN("crm.deal", 120, func(i int) b24.Params { return b24.Params{"TITLE": i} })
		answers(p, writes, 1)
		h := newHook(t, p, b24.WithPlan(b24.PlanStandard))
		callAll(t, 39, 1, h)
		started := time.Now()
		r, err := h.CallMethod(t.Context(), "crm.deal.list", nil, b24.WithPriority(b24.PriorityBackground))
		require.NoError(t, err)
		assert.Zero(t, time.Since(started))
		_, err = r.FetchNext(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 500*time.Millisecond, time.Since(started))
	})
}

func TestBadPriorities(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	own := newHook(t, p, b24.WithLimiter(&openLimiter{}))
	for _, c := range []struct {
		h    *b24.Hook
		p    b24.Priority
		want string
	}{{h, 2, "priority: it is not PriorityInteractive"}, {h, -1, "priority"}, {own, b24.PriorityBackground, "WithPriority has no meaning in a client with WithLimiter"}, {own, 0, "WithLimiter"}} {
		o := b24.WithPriority(c.p)
		_, err := c.h.CallMethod(t.Context(), writes, nil, o)
		_, batch := c.h.CallBatch(t.Context(), b24.Commands{{Method: writes}}, o)
		_, list := c.h.CallListMethod(t.Context(), "crm.deal.list", nil, o)
		for _, err := range []error{err, batch, list} {
			require.ErrorIs(t, err, b24.ErrInvalidParams)
			require.ErrorContains(t, err, c.want)
		}
	}
	assert.Empty(t, p.Requests())
	assert.Equal(t, "interactive background unknown", fmt.Sprint(b24.PriorityInteractive, " ", b24.PriorityBackground, " ", b24.Priority(7)))
}

// An interactive call beside an export with eight workers waits for no token.
func TestInteractiveCallBesideAnExport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, _, hooks := newFleet(t, 2)
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		for i := range 16 {
			group.Go(func() {
				for ctx.Err() == nil {
					_, _ = hooks[i%2].CallMethod(ctx, writes, nil, b24.WithPriority(b24.PriorityBackground))
				}
			})
		}
		time.Sleep(time.Minute)
		for range 20 {
			started := time.Now()
			_, err := hooks[0].CallMethod(t.Context(), writes, nil)
			require.NoError(t, err)
			assert.Equal(t, 50*time.Millisecond, time.Since(started), "the network's")
			time.Sleep(2 * time.Second)
		}
		cancel()
		group.Wait()
	})
}
