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
