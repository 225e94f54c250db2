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

// 300,000 rows, or a million in full, within the limits of a portal that works 20 or
// 101 ms for a page, in virtual time: 400 requests of 50 pages a million at best. The bound
// is what the portal's limits alone would allow.
//
// Under the operating limit pages take 101 ms, not 100: calls of 0.1 s or less are not
// recorded (docs/protocol.md 7.3), so pages of 100 ms would cost nothing and the limit would
// never bind.
//
// The bound of the operating limit counts by windows: those that are used up, four of them
// for a million rows, and then the rest of the work in a row. Ranges do that rest at once, and so may end below it.
func TestAMillionRows(t *testing.T) {
	t.Parallel()
	rows := size(300_000, 1_000_000, 1_000_000)
	start := 2 * time.Second // what the first requests take: little beside the rest of a million
	if rows == 1_000_000 {
		start = 0
	}
	full := rows / 2500
	inARow := time.Duration(full) * time.Second // a second each
	limited := func(workers, burst int, rate float64) time.Duration {
		return start + time.Duration(max(float64(full)/float64(workers), float64(full-burst)/rate)*float64(time.Second))
	}
	const page, window, term = 101 * time.Millisecond, 480 * time.Second, 600 * time.Second
	work := time.Duration(rows/50) * page
	operated := work % window
	for range int(work / window) {
		operated += term
	}
	charged, slow := b24test.WithBatchCharged(), b24test.WithOperatingCost(b24test.CostModel{PerCall: page})
	enterprise := b24test.WithQueryLimit(5, 250)
	for name, c := range map[string]struct {
		bound    time.Duration
		factor   float64
		requests int
		plan     b24.Plan
		options  []b24test.Option
		workers  int
	}{
		"chained":                       {inARow, 1.05, full + 4, b24.PlanStandard, nil, 1},
		"8 ranges":                      {limited(8, 50, 2), 1.1, full + 8, b24.PlanStandard, []b24test.Option{charged}, 8},
		"16 ranges, Enterprise":         {limited(16, 250, 5), 1.1, full + 16, b24.PlanEnterprise, []b24test.Option{charged, enterprise}, 16},
		"chained, operating limit":      {operated, 1 / 0.95, full + 4, b24.PlanStandard, []b24test.Option{slow}, 1},
		"8 ranges, operating limit":     {operated, 1 / 0.95, full + 50, b24.PlanStandard, []b24test.Option{slow}, 8},
		"8 ranges, batches are charged": {operated, 1 / 0.95, full + 50, b24.PlanStandard, []b24test.Option{slow, charged}, 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := b24test.NewPortal(t, append([]b24test.Option{
					b24test.WithQueryLimit(2, 50), b24test.WithLatency(0), b24test.WithOperatingLimit(window),
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
				logMeasured(t, "AMillionRows/"+name, map[string]float64{
					"requests": float64(report.Requests), "portal-s": took.Seconds(), "bound-s": c.bound.Seconds(),
				})
				assert.Equal(t, rows, report.Rows)
				assert.True(t, report.Complete)
				assert.LessOrEqual(t, report.Requests, c.requests)
				assert.LessOrEqual(t, took.Seconds(), c.factor*c.bound.Seconds())
				assert.Zero(t, p.Refusals())
			})
		})
	}
}

// Whatever the way of reading, the rows that were read do not stay: readLongList fails
// above 64 MiB of heap, here for rows of 200 MB in all. BenchmarkListRows reads more.
func TestMemoryOfLists(t *testing.T) { //nolint:paralleltest // the heap of the whole process is measured
	const n = 200_000
	for name, opts := range waysToRead() { //nolint:paralleltest // as above
		t.Run(name, func(t *testing.T) {
			most := readLongList(t, longListHook(t, n), n, opts)
			t.Logf("%d rows of 1 KB, heap at most %.1f MiB", n, float64(most)/(1<<20))
		})
	}
}

// 100,000 rows on a portal that takes 2 requests a second and 50 at once, and
// works 20 ms for a page, in virtual time: what each way of reading costs.
func TestRequestsOfALongList(t *testing.T) {
	t.Parallel()
	const rows = 100_000
	for name, way := range map[string]struct {
		most int // requests
		took time.Duration
		opts []b24.ListOption
	}{
		"chained": {44, 45 * time.Second, nil},
		"ranges":  {60, 15 * time.Second, []b24.ListOption{b24.WithConcurrency(8)}},
		"keyset":  {2001, 977 * time.Second, []b24.ListOption{b24.WithPaging(b24.PagingKeyset)}},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := b24test.NewPortal(t, b24test.WithQueryLimit(2, 50), b24test.WithLatency(20*time.Millisecond))
			p.SeedN("crm.deal", rows, func(int) b24.Params { return b24.Params{"STAGE_ID": "NEW"} })
			h := newHook(t, p, b24.WithPlan(b24.PlanStandard))
			var report b24.ListReport
			started := time.Now()
			n := 0
			for _, err := range b24.List[row](t.Context(), h, "crm.deal.list", nil, append(way.opts, b24.WithReport(&report))...) {
				require.NoError(t, err, name)
				n++
			}
			t.Logf("%s: %d requests, %v", name, report.Requests, time.Since(started))
			assert.Equal(t, rows, n, name)
			assert.True(t, report.Complete, name)
			assert.Zero(t, p.Refusals(), name)
			assert.LessOrEqual(t, report.Requests, way.most, name)
			assert.LessOrEqual(t, time.Since(started), way.took, name)
		})
	}
}
