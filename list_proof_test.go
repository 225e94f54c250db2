//go:build !race && !386

package b24_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// A million rows within the limits of a portal that works 20 or 101 ms for a page,
// in virtual time: 400 requests of 50 pages at best. The bound is what the portal's
// limits alone would allow. A page of up to 100 ms costs no operating time of its
// own (protocol.md 7.3), so the limit binds where batches are charged, or above it.
func TestAMillionRows(t *testing.T) {
	t.Parallel()
	const (
		rows     = 1_000_000
		requests = rows/2500 + 4
		standard = 175 * time.Second  // 50 at once, 350 at 2 a second
		inARow   = 400 * time.Second  // a second each
		operated = 2500 * time.Second // 2,020 s of operating time: four windows of 480 s, and 100 s
	)
	charged, slow := b24test.WithBatchCharged(), b24test.WithOperatingCost(b24test.CostModel{PerCall: 101 * time.Millisecond})
	enterprise := b24test.WithQueryLimit(5, 250)
	for name, c := range map[string]struct {
		bound    time.Duration
		factor   float64
		requests int
		plan     b24.Plan
		options  []b24test.Option
		workers  int
	}{
		"chained":                       {inARow, 1.05, requests, b24.PlanStandard, nil, 1},
		"8 ranges":                      {standard, 1.1, requests, b24.PlanStandard, []b24test.Option{charged}, 8},
		"16 ranges, Enterprise":         {30 * time.Second, 1.1, requests, b24.PlanEnterprise, []b24test.Option{charged, enterprise}, 16},
		"chained, operating limit":      {operated, 1 / 0.95, requests, b24.PlanStandard, []b24test.Option{slow}, 1},
		"8 ranges, operating limit":     {operated, 1 / 0.95, 450, b24.PlanStandard, []b24test.Option{slow}, 8},
		"8 ranges, batches are charged": {operated, 1 / 0.95, 450, b24.PlanStandard, []b24test.Option{slow, charged}, 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := b24test.NewPortal(t, append([]b24test.Option{
					b24test.WithQueryLimit(2, 50), b24test.WithLatency(0), b24test.WithOperatingLimit(480 * time.Second),
					b24test.WithOperatingCost(b24test.CostModel{PerCall: 20 * time.Millisecond}),
				}, c.options...)...)
				p.SeedN("crm.deal", rows, func(int) b24.Params { return b24.Params{"STAGE_ID": "NEW"} }, b24test.Generated())
				h := newHook(t, p, b24.WithPlan(c.plan))
				var report b24.ListReport
				seen := make([]bool, rows+1)
				started := time.Now()
				for r, err := range b24.List[row](t.Context(), h, "crm.deal.list", nil, b24.WithConcurrency(c.workers), b24.WithReport(&report)) {
					require.NoError(t, err)
					id, err := r.ID.Int64()
					require.NoError(t, err)
					require.False(t, seen[id], id)
					seen[id] = true
				}
				took := time.Since(started)
				t.Logf("| %7d | %-29s | %6d | %8.1f s | %.2f |", rows, name, report.Requests, took.Seconds(), took.Seconds()/c.bound.Seconds())
				assert.Equal(t, rows, report.Rows)
				assert.True(t, report.Complete)
				assert.LessOrEqual(t, report.Requests, c.requests)
				assert.LessOrEqual(t, took.Seconds(), c.factor*c.bound.Seconds())
				assert.Zero(t, p.Refusals())
			})
		})
	}
}
