package b24_test

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

type row struct {
	ID    b24.ID `json:"ID"`
	Title string `json:"TITLE"`
}

func TestListByPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.SeedN("crm.deal", 120, func(i int) b24.Params { return b24.Params{"TITLE": i} })
		var report b24.ListReport

		rows, err := b24.Collect(b24.List[row](t.Context(), h, "crm.deal.list", nil,
			b24.WithPaging(b24.PagingKeyset), b24.WithReport(&report)))

		require.NoError(t, err)
		require.Len(t, rows, 120)
		assert.Equal(t, 3, p.Calls("crm.deal.list"))
		assert.True(t, report.Complete)
		assert.Equal(t, b24.PagingKeyset, report.Paging)
		assert.Equal(t, 120, report.Rows)
		assert.Equal(t, 3, report.Pages)
		assert.Equal(t, "1", report.FirstID)
		assert.Equal(t, "120", report.LastID)
	})
}

func TestListProgress(t *testing.T) {
	t.Parallel()
	for n, want := range map[int][]int{120: {0, 67, 100}, 30: {0, 100}, 0: {0, 100}} {
		p, h := newPortal(t)
		p.SeedN("crm.deal", n, func(i int) b24.Params { return b24.Params{"TITLE": i} })
		var told []int
		r, err := h.CallListMethod(t.Context(), "crm.deal.list", nil, b24.WithPaging(b24.PagingKeyset),
			b24.WithProgress(func(p b24.Progress) { told = append(told, int(p.Percent()+0.5)) }))
		require.NoError(t, err)
		assert.Len(t, r.Data(), n)
		assert.True(t, r.IsSuccess())
		assert.Equal(t, want, told, n)
	}
}

func TestListFailsInTheMiddle(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.SeedN("crm.deal", 120, func(i int) b24.Params { return b24.Params{"TITLE": i} })
	denied := b24test.Status(403, `{"error":"ACCESS_DENIED","error_description":"d"}`)
	p.Fault("crm.deal.list", b24test.Pass(), denied)

	r, err := h.CallListMethod(t.Context(), "crm.deal.list", nil, b24.WithPaging(b24.PagingKeyset))

	require.ErrorIs(t, err, b24.ErrAccessDenied)
	var le *b24.ListError
	require.ErrorAs(t, err, &le)
	assert.Equal(t, 50, le.Rows)
	assert.Len(t, r.Data(), 50)
	assert.Equal(t, err, r.Err())

	rest, err := h.CallListMethod(t.Context(), "crm.deal.list", nil, b24.WithPaging(b24.PagingKeyset), b24.WithResume(le.Cursor))
	require.NoError(t, err)
	assert.Len(t, rest.Data(), 70)
}

// chainFails reads 120 rows where faults happen to a method.
func chainFails(t *testing.T, method string, faults ...b24test.Fault) (rows int, report b24.ListReport, err error) {
	t.Helper()
	p, h := newPortal(t)
	p.SeedN("crm.deal", 120, func(i int) b24.Params { return b24.Params{"TITLE": i} })
	p.Fault(method, faults...)
	r, err := h.CallListMethod(t.Context(), "crm.deal.list", nil, b24.WithReport(&report))
	assert.Len(t, p.HTTPRequests(), report.Requests)
	return len(r.Data()), report, err
}

// A command of a chain that fails is asked for again alone; a chain that fails as a whole ends the list.
func TestListChainFails(t *testing.T) {
	t.Parallel()
	denied := b24test.Status(403, `{"error":"ACCESS_DENIED","error_description":"d"}`)

	rows, report, err := chainFails(t, "crm.deal.list", b24test.Pass(), denied)
	require.NoError(t, err)
	assert.Equal(t, 120, rows)
	assert.True(t, report.Complete)

	rows, report, err = chainFails(t, "batch", b24test.Pass(), denied)
	require.ErrorIs(t, err, b24.ErrAccessDenied)
	assert.Equal(t, 50, rows)
	assert.Equal(t, 2, report.Requests)
}

func TestListThatCannotBegin(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	for name, test := range map[string]struct {
		method string
		params any
		opts   []b24.ListOption
		want   error
	}{
		"method": {"crm deal", nil, nil, b24.ErrInvalidParams},
		"params": {"crm.deal.list", 7, nil, b24.ErrInvalidParams},
		"start":  {"crm.deal.list", b24.Params{"start": 50}, nil, b24.ErrInvalidParams},
		"id":     {"crm.deal.list", nil, []b24.ListOption{b24.WithRequestID("")}, b24.ErrInvalidParams},
		"cursor": {"crm.deal.list", nil, []b24.ListOption{b24.WithResume("nonsense")}, b24.ErrCursor},
		"order":  {"crm.deal.list", b24.Params{"order": b24.Params{"TITLE": "ASC"}}, []b24.ListOption{b24.WithPaging(b24.PagingKeyset)}, b24.ErrInvalidParams},
	} {
		_, err := h.CallListMethod(t.Context(), test.method, test.params, test.opts...)
		require.ErrorIs(t, err, test.want, name)
		assert.Empty(t, p.Requests(), name)
	}
}

func TestListEndsWithItsContextAndItsConsumer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.SeedN("crm.deal", 500, func(i int) b24.Params { return b24.Params{"TITLE": i} })
		var cursor b24.Cursor
		n := 0
		for _, err := range b24.List[row](t.Context(), h, "crm.deal.list", nil, b24.WithPaging(b24.PagingKeyset),
			b24.WithCheckpoint(func(c b24.Cursor) { cursor = c })) {
			require.NoError(t, err)
			if n++; n == 70 {
				break
			}
		}
		assert.Equal(t, 2, p.Calls("crm.deal.list"))
		rest, err := b24.Collect(b24.List[row](t.Context(), h, "crm.deal.list", nil, b24.WithResume(cursor)))
		require.NoError(t, err)
		assert.Len(t, rest, 450) // the page that was left in the middle comes again

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = h.CallListMethod(ctx, "crm.deal.list", nil)
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestLongListIsReadInChains(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.SeedN("crm.deal", 10_000, func(int) b24.Params { return b24.Params{"STAGE_ID": "NEW"} })
	var report b24.ListReport
	rows, err := b24.Collect(b24.List[row](t.Context(), h, "crm.deal.list", b24.Params{"select": []string{"ID"}}, b24.WithReport(&report)))
	require.NoError(t, err)
	require.Len(t, rows, 10_000)
	assert.Equal(t, b24.PagingChained, report.Paging)
	assert.Len(t, p.HTTPRequests(), report.Requests)
	assert.LessOrEqual(t, report.Requests, 8) // 1, 4 and 16 pages, then 50 each
	for i, r := range rows {
		require.Equal(t, b24.ID(strconv.Itoa(i+1)), r.ID)
	}
}

func TestRangesOfIDsAtOnce(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.SeedN("crm.deal", 10_000, func(i int) b24.Params { return b24.Params{"ID": 3*i + i%5 + 1} })
	var report b24.ListReport
	seen := map[b24.ID]int{}
	for r, err := range b24.List[row](t.Context(), h, "crm.deal.list", nil, b24.WithConcurrency(4), b24.WithReport(&report)) {
		require.NoError(t, err)
		seen[r.ID]++
	}
	assert.Equal(t, b24.PagingRanges, report.Paging)
	assert.True(t, report.Complete)
	want := map[b24.ID]int{}
	for _, r := range p.Rows("crm.deal") {
		want[b24.ID(r["ID"].(string))] = 1
	}
	assert.Equal(t, want, seen)
}

func TestListFindsItsRows(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.SeedN("crm.item:2", 70, func(int) b24.Params { return b24.Params{"TITLE": "x"} })
	for _, key := range []string{"", "items"} {
		r, err := h.CallListMethod(t.Context(), "crm.item.list", b24.Params{"entityTypeId": b24.EntityDeal}, b24.WithResultKey(key))
		require.NoError(t, err)
		assert.Len(t, r.Data(), 70)
	}
	_, err := h.CallListMethod(t.Context(), "crm.item.list", b24.Params{"entityTypeId": b24.EntityDeal}, b24.WithResultKey("deals"))
	require.ErrorIs(t, err, b24.ErrListRows)
	pages := 0
	for rows, err := range h.FetchListMethod(t.Context(), "crm.item.list", b24.Params{"entityTypeId": b24.EntityDeal}) {
		require.NoError(t, err)
		assert.NotEmpty(t, rows)
		pages++
	}
	assert.Equal(t, 2, pages)
}

// Whoever leaves the loop is rid of the list: nothing more is asked, what was under way
// ends with the loop, and no goroutine outlives it, or the bubble would not end.
func TestListThatIsLeftAsksNothingMore(t *testing.T) {
	t.Parallel()
	for name, opts := range waysToRead() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := b24test.NewPortal(t, b24test.WithMemory(), b24test.WithLatency(100*time.Millisecond),
					b24test.WithOperatingCost(b24test.CostModel{PerCall: 20 * time.Millisecond}))
				h := newHook(t, p)
				p.SeedN("crm.deal", 400_000, func(int) b24.Params { return b24.Params{"STAGE_ID": "NEW"} }, b24test.Generated())
				for _, rows := range []int{1, 70, 12_000} {
					n, asked := 0, 0
					for _, err := range b24.List[row](t.Context(), h, "crm.deal.list", nil, opts...) {
						require.NoError(t, err)
						if n++; n == rows {
							asked = len(p.HTTPRequests())
							break
						}
					}
					time.Sleep(time.Hour)
					assert.Equal(t, rows, n)
					assert.LessOrEqual(t, len(p.HTTPRequests()), asked+8) // on their way when the loop was left
				}
			})
		})
	}
}
