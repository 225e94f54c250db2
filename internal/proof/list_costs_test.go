//go:build !race && !386

package proof_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// listWays are ways to read a list of n deals: ours, and what other libraries do,
// written anew on top of single calls and batches. Each returns the rows it got.
func listWays() map[string]func(ctx context.Context, h *b24.Hook) (int, error) {
	own := func(opts ...b24.ListOption) func(context.Context, *b24.Hook) (int, error) {
		return func(ctx context.Context, h *b24.Hook) (n int, err error) {
			for _, err := range b24.List[row](ctx, h, "crm.deal.list", nil, opts...) {
				if err != nil {
					return n, err
				}
				n++
			}
			return n, nil
		}
	}
	return map[string]func(context.Context, *b24.Hook) (int, error){
		"offset, page by page": pageByPage,
		"offset, batches":      offsetBatches,
		"by id, page by page":  own(b24.WithPaging(b24.PagingKeyset)),
		"by id, chained":       own(),
		"by id, chains of 50":  chainsOf50,
		"by id, 8 ranges":      own(b24.WithConcurrency(8)),
	}
}

// pageByPage asks for the next page until there is none, as the loops over start of
// b24jssdk and b24gosdk do.
func pageByPage(ctx context.Context, h *b24.Hook) (n int, err error) {
	page, err := h.CallMethod(ctx, "crm.deal.list", b24.Params{"order": b24.Params{"ID": "ASC"}})
	for ; err == nil; page, err = page.FetchNext(ctx) {
		var rows []row
		if err := page.Decode(&rows); err != nil {
			return n, err
		}
		n += len(rows)
		if !page.IsMore() {
			return n, nil
		}
	}
	return n, err
}

// offsetBatches learns the total from the first page and asks for the others in
// batches, several at a time, as fast_bitrix24 does.
func offsetBatches(ctx context.Context, h *b24.Hook) (n int, err error) {
	page := func(start int) b24.Params {
		return b24.Params{"order": b24.Params{"ID": "ASC"}, "start": start}
	}
	first, err := h.CallMethod(ctx, "crm.deal.list", page(0))
	if err != nil {
		return 0, err
	}
	total, _ := first.Total()
	n = min(b24.PageSize, total)
	commands := func(yield func(b24.Command) bool) {
		for start := b24.PageSize; start < total; start += b24.PageSize {
			if !yield(b24.Command{Method: "crm.deal.list", Params: page(start)}) {
				return
			}
		}
	}
	for r, err := range b24.StreamBatch(ctx, h, commands, b24.WithConcurrency(8)) {
		if err != nil {
			return n, err
		}
		var rows []row
		if err := r.Decode(&rows); err != nil {
			return n, err
		}
		n += len(rows)
	}
	return n, nil
}

// chainsOf50 reads batches of 50 pages, each going on behind the one before, whatever
// is left to read, as b24pysdk does.
func chainsOf50(ctx context.Context, h *b24.Hook) (n int, err error) {
	var last any = 0
	for {
		var batch b24.Batch
		var pages []*b24.Pending[[]row]
		for range 50 {
			page := b24.Queue[[]row](&batch, "crm.deal.list", b24.Params{
				"order": b24.Params{"ID": "ASC"}, "filter": b24.Params{">ID": last}, "start": b24.NoCount,
			})
			pages, last = append(pages, page), page.Ref(b24.PageSize-1, "ID")
		}
		// The pages behind the last one refer to nothing: their errors are the end.
		if _, err := h.CallBatch(ctx, &batch); err != nil && !errors.Is(err, b24.ErrReference) {
			return n, err
		}
		for _, page := range pages {
			rows, err := page.Get()
			if err != nil {
				return n, err
			}
			n += len(rows)
			if len(rows) < b24.PageSize {
				return n, nil
			}
			last = rows[b24.PageSize-1].ID
		}
	}
}

// logMeasured logs in the format of benchmarks what internal/cmd/benchmarks reads.
func logMeasured(t *testing.T, name string, values map[string]float64) {
	t.Helper()
	line := []string{"Benchmark" + strings.ReplaceAll(name, " ", "_"), "1"}
	for _, unit := range slices.Sorted(maps.Keys(values)) {
		line = append(line, strconv.FormatFloat(values[unit], 'g', -1, 64), unit)
	}
	t.Log(strings.Join(line, " "))
}

// What each way costs on a portal that takes 2 requests a second and 50 at once and
// works 20 ms for a page, 20 ms to count, and 1 µs for a row that start skips. The
// environment variable B24_ROWS adds numbers of rows, "100000,1000000".
func TestListCosts(t *testing.T) {
	t.Parallel()
	model := b24test.CostModel{PerCall: 20 * time.Millisecond, PerCount: 20 * time.Millisecond, PerSkippedRow: time.Microsecond}
	sizes := []int{1000, 20_000}
	for more := range strings.FieldsSeq(strings.ReplaceAll(os.Getenv("B24_ROWS"), ",", " ")) {
		size, err := strconv.Atoi(more)
		require.NoError(t, err)
		sizes = append(sizes, size)
	}
	for _, rows := range sizes {
		requests := map[string]int{}
		for name, read := range listWays() {
			synctest.Test(t, func(t *testing.T) {
				p := b24test.NewPortal(t, b24test.WithQueryLimit(2, 50), b24test.WithLatency(0), b24test.WithOperatingCost(model))
				p.SeedN("crm.deal", rows, func(int) b24.Params { return b24.Params{"STAGE_ID": "NEW"} }, b24test.Generated())
				started := time.Now()
				n, err := read(t.Context(), newHook(t, p, b24.WithPlan(b24.PlanStandard)))
				took := time.Since(started)
				require.NoError(t, err, name)
				assert.Equal(t, rows, n, name)
				assert.Zero(t, p.Refusals(), name)
				requests[name] = len(p.HTTPRequests())
				logMeasured(t, fmt.Sprintf("ListCosts/%d/%s", rows, name), map[string]float64{
					"requests": float64(requests[name]), "portal-s": took.Seconds(), "operating-s": operating(p, model, rows).Seconds(),
				})
			})
		}
		assert.LessOrEqual(t, requests["by id, chained"], (rows+2499)/2500+4)
		assert.LessOrEqual(t, requests["by id, 8 ranges"], (rows+2499)/2500+12)
	}
}

// operating is the operating time of what the portal ran.
func operating(p *b24test.Portal, m b24test.CostModel, rows int) (sum time.Duration) {
	for _, r := range p.Requests() {
		if r.Method == "batch" {
			continue
		}
		sum += m.PerCall
		if start, _ := r.Start(); start >= 0 {
			sum += m.PerCount + time.Duration(min(start, rows))*m.PerSkippedRow
		}
	}
	return sum
}
